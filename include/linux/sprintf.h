/* SPDX-License-Identifier: MIT */
/*
 * sprintf.h - formatting and scanning with the kernel's %p extensions
 *
 * libc has functions of the same names that know nothing of %pS and its
 * relatives. In C files that include this header the names mean ours;
 * everywhere else libc's stay as they are. C++ uses the uwq_ names.
 *
 * The scanners are function-like macros because libc's headers rename theirs
 * behind the scenes. With _FORTIFY_SOURCE, libc's <stdio.h> defines the names
 * instead of declaring them; it has to come first then, so it is included.
 *
 * Differs from Linux: %p prints the address itself (a process hides nothing
 * from itself by hashing), floating point conversions work as in libc.
 */
#ifndef UWQ_LINUX_SPRINTF_H
#define UWQ_LINUX_SPRINTF_H

#if defined(_FORTIFY_SOURCE) && _FORTIFY_SOURCE > 0
#include <stdio.h>
#endif
#include <stdarg.h>
#include <linux/types.h>
#include <linux/compiler_attributes.h>
#include <uwq/api.h>

UWQ_API_BEGIN
int uwq_sprintf(char *buf, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));
int uwq_vsprintf(char *buf, const char *fmt, va_list args)
	__attribute__((__format__(__printf__, 2, 0)));
int uwq_snprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));
int uwq_vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
	__attribute__((__format__(__printf__, 3, 0)));
int scnprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
	__attribute__((__format__(__printf__, 3, 0)));
int uwq_sscanf(const char *buf, const char *fmt, ...)
	__attribute__((__format__(__scanf__, 2, 3)));
int uwq_vsscanf(const char *buf, const char *fmt, va_list args)
	__attribute__((__format__(__scanf__, 2, 0)));

/* The caller frees with kfree(); NULL when out of memory. */
char *kasprintf(gfp_t gfp, const char *fmt, ...)
	__attribute__((__malloc__, __format__(__printf__, 2, 3)));
char *kvasprintf(gfp_t gfp, const char *fmt, va_list args)
	__attribute__((__malloc__, __format__(__printf__, 2, 0)));
UWQ_API_END

#if !defined(__cplusplus) && !defined(UWQ_KEEP_LIBC_PRINTF)
#undef sprintf
#undef vsprintf
#undef snprintf
#undef vsnprintf
#undef sscanf
#undef vsscanf
#define sprintf		uwq_sprintf
#define vsprintf	uwq_vsprintf
#define snprintf	uwq_snprintf
#define vsnprintf	uwq_vsnprintf
#define sscanf(...)	uwq_sscanf(__VA_ARGS__)
#define vsscanf(...)	uwq_vsscanf(__VA_ARGS__)
#endif

#endif
