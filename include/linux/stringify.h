/* SPDX-License-Identifier: MIT */
/* stringify.h - the text of an argument after its macros are expanded */
#ifndef UWQ_LINUX_STRINGIFY_H
#define UWQ_LINUX_STRINGIFY_H

#define __stringify_1(...)	#__VA_ARGS__
#define __stringify(...)	__stringify_1(__VA_ARGS__)

#endif
