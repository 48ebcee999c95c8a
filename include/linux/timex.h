/* SPDX-License-Identifier: MIT */
/*
 * timex.h - get_cycles()
 *
 * The system's own linux/timex.h is not handed on: what it declares is for
 * adjtimex(2), which libc's sys/timex.h has.
 */
#ifndef UWQ_LINUX_TIMEX_H
#define UWQ_LINUX_TIMEX_H

#include <asm/timex.h>

#endif
