/* SPDX-License-Identifier: MIT */
/*
 * api.h - what makes a declaration part of the library's interface
 *
 * The library is compiled with hidden visibility. A public header puts its
 * prototypes and variables between UWQ_API_BEGIN and UWQ_API_END: they become
 * visible to programs and modules, and keep C linkage when C++ includes them.
 */
#ifndef UWQ_API_H
#define UWQ_API_H

#ifdef __cplusplus
#define UWQ_API_BEGIN	_Pragma("GCC visibility push(default)") extern "C" {
#define UWQ_API_END	} _Pragma("GCC visibility pop")
#else
#define UWQ_API_BEGIN	_Pragma("GCC visibility push(default)")
#define UWQ_API_END	_Pragma("GCC visibility pop")
#endif

#endif
