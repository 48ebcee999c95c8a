/* SPDX-License-Identifier: MIT */
/*
 * panic.h - the end of the process, because somebody asked for it
 *
 * panic() is called by user code, by BUG() where a task cannot be ended alone,
 * and by WARN() under uwq.panic_on_warn=1; the library itself never gives up.
 */
#ifndef UWQ_LINUX_PANIC_H
#define UWQ_LINUX_PANIC_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
/* uwq.panic_on_warn, uwq.panic_on_oops; may be written at any time */
extern int panic_on_warn;
extern int panic_on_oops;

void panic(const char *fmt, ...)
	__attribute__((__cold__, __noreturn__, __format__(__printf__, 1, 2)));
UWQ_API_END

#endif
