/* SPDX-License-Identifier: MIT */
/*
 * asm/timex.h - a counter that runs as fast as the processor offers one
 *
 * Differs from Linux: where the processor has no such counter that programs may
 * read, it counts nanoseconds.
 */
#ifndef UWQ_ASM_TIMEX_H
#define UWQ_ASM_TIMEX_H

#include <linux/timekeeping.h>

typedef unsigned long long cycles_t;

static inline cycles_t get_cycles(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	return ktime_get_ns();
#endif
}

#endif
