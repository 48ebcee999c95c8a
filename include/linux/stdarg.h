/* SPDX-License-Identifier: MIT */
/* linux/stdarg.h - va_list and its macros, which are the compiler's */
#ifndef UWQ_LINUX_STDARG_H
#define UWQ_LINUX_STDARG_H

#include <stdarg.h>

#endif
