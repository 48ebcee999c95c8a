/* SPDX-License-Identifier: MIT */
/*
 * time.h - names of the clocks, and timespec64
 *
 * The system's own linux/time.h is not handed on: it defines struct timeval and
 * struct timespec a second time wherever libc has defined them.
 *
 * Differs from Linux: struct tm and its conversions are absent, because libc has
 * another struct of that name.
 */
#ifndef UWQ_LINUX_TIME_H
#define UWQ_LINUX_TIME_H

#include <linux/types.h>
#include <linux/cache.h>
#include <linux/math64.h>
#include <linux/time64.h>

#ifndef CLOCK_REALTIME
#define CLOCK_REALTIME			0
#define CLOCK_MONOTONIC			1
#define CLOCK_PROCESS_CPUTIME_ID	2
#define CLOCK_THREAD_CPUTIME_ID		3
#define CLOCK_MONOTONIC_RAW		4
#define CLOCK_REALTIME_COARSE		5
#define CLOCK_MONOTONIC_COARSE		6
#define CLOCK_BOOTTIME			7
#define CLOCK_REALTIME_ALARM		8
#define CLOCK_BOOTTIME_ALARM		9
#define CLOCK_TAI			11
#endif

/* Is the 32-bit time @a before @b, where both wrap? */
#define time_before32(b, a)	time_after32(a, b)
#define time_after32(a, b)	((s32)((u32)(b) - (u32)(a)) < 0)
/* In the range from @l to @h, ends included */
#define time_between32(t, l, h)	((u32)(h) - (u32)(l) >= (u32)(t) - (u32)(l))

static inline bool itimerspec64_valid(const struct itimerspec64 *its)
{
	return timespec64_valid(&its->it_interval) && timespec64_valid(&its->it_value);
}

#endif
