/* SPDX-License-Identifier: MIT */
/*
 * trace_clock.h - time stamps for events
 *
 * Differs from Linux: all of them are CLOCK_MONOTONIC, so times of different CPUs
 * can be compared.
 */
#ifndef UWQ_LINUX_TRACE_CLOCK_H
#define UWQ_LINUX_TRACE_CLOCK_H

#include <linux/sched/clock.h>

static inline u64 trace_clock_local(void)
{
	return local_clock();
}

static inline u64 trace_clock(void)
{
	return local_clock();
}

static inline u64 trace_clock_global(void)
{
	return local_clock();
}

#endif
