/* SPDX-License-Identifier: MIT */
/*
 * sched/clock.h - the scheduler's clock: cheap nanoseconds that never go back
 *
 * Differs from Linux: it is CLOCK_MONOTONIC on every CPU, so times of different
 * CPUs can be compared, and always stable.
 */
#ifndef UWQ_LINUX_SCHED_CLOCK_H
#define UWQ_LINUX_SCHED_CLOCK_H

#include <linux/types.h>
#include <linux/timekeeping.h>

static inline u64 sched_clock(void)
{
	return ktime_get_ns();
}

static inline u64 local_clock(void)
{
	return ktime_get_ns();
}

static inline u64 local_clock_noinstr(void)
{
	return ktime_get_ns();
}

static inline u64 cpu_clock(int cpu)
{
	(void)cpu;
	return ktime_get_ns();
}

static inline u64 running_clock(void)
{
	return ktime_get_ns();
}

static inline int sched_clock_stable(void)
{
	return 1;
}

#endif
