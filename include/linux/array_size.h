/* SPDX-License-Identifier: MIT */
/* array_size.h - the number of elements of an array; no build for a pointer */
#ifndef UWQ_LINUX_ARRAY_SIZE_H
#define UWQ_LINUX_ARRAY_SIZE_H

#include <linux/compiler.h>

#ifdef __cplusplus
#define ARRAY_SIZE(arr)	(sizeof(arr) / sizeof((arr)[0]))
#else
#define ARRAY_SIZE(arr)	(sizeof(arr) / sizeof((arr)[0]) + __must_be_array(arr))
#endif

#endif
