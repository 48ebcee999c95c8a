// SPDX-License-Identifier: MIT
/*
 * timeconv.c - from one unit of time to another
 *
 * Plain arithmetic, any context. Conversions to jiffies round up where they are
 * meant for waiting (msecs, usecs, timespec64) and down where they are meant for
 * measuring (nsecs), as in the kernel; what is too far away becomes
 * MAX_JIFFY_OFFSET.
 */
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/time64.h>

#include "kernel-compat/time_internal.h"

/* Ticks of the clock that times(2) and /proc speak of */
#define USER_TICKS_PER_SEC	100u
#define JIFFIES_PER_USER_TICK	(HZ / USER_TICKS_PER_SEC)

_Static_assert(HZ == 1000, "conversions below take one jiffy for one millisecond");

unsigned long __msecs_to_jiffies(const unsigned int m)
{
	return msecs_to_jiffies(m);
}
EXPORT_SYMBOL(__msecs_to_jiffies);

unsigned long __usecs_to_jiffies(const unsigned int u)
{
	return usecs_to_jiffies(u);
}
EXPORT_SYMBOL(__usecs_to_jiffies);

/* The results are 32 bits wide and wrap after 49 days, or 71 minutes. */
unsigned int jiffies_to_msecs(const unsigned long j)
{
	return (unsigned int)j;
}
EXPORT_SYMBOL(jiffies_to_msecs);

unsigned int jiffies_to_usecs(const unsigned long j)
{
	return (unsigned int)(j * TICK_USEC);
}
EXPORT_SYMBOL(jiffies_to_usecs);

u64 jiffies64_to_nsecs(u64 j)
{
	return j * TICK_NSEC;
}
EXPORT_SYMBOL(jiffies64_to_nsecs);

u64 jiffies64_to_msecs(const u64 j)
{
	return j;
}
EXPORT_SYMBOL(jiffies64_to_msecs);

u64 nsecs_to_jiffies64(u64 n)
{
	return n / TICK_NSEC;
}
EXPORT_SYMBOL(nsecs_to_jiffies64);

unsigned long nsecs_to_jiffies(u64 n)
{
	return (unsigned long)nsecs_to_jiffies64(n);
}
EXPORT_SYMBOL_GPL(nsecs_to_jiffies);

unsigned long timespec64_to_jiffies(const struct timespec64 *value)
{
	u64 sec = (u64)value->tv_sec;
	u64 part = ((u64)value->tv_nsec + TICK_NSEC - 1) / TICK_NSEC;

	if (sec >= (u64)MAX_JIFFY_OFFSET / HZ)
		return MAX_JIFFY_OFFSET;
	return sec * HZ + part;
}
EXPORT_SYMBOL(timespec64_to_jiffies);

void jiffies_to_timespec64(const unsigned long j, struct timespec64 *value)
{
	value->tv_sec = (time64_t)(j / HZ);
	value->tv_nsec = (long)(j % HZ) * TICK_NSEC;
}
EXPORT_SYMBOL(jiffies_to_timespec64);

clock_t jiffies_to_clock_t(unsigned long x)
{
	return (clock_t)(x / JIFFIES_PER_USER_TICK);
}
EXPORT_SYMBOL(jiffies_to_clock_t);

unsigned long clock_t_to_jiffies(unsigned long x)
{
	return x >= ULONG_MAX / JIFFIES_PER_USER_TICK ? ULONG_MAX : x * JIFFIES_PER_USER_TICK;
}
EXPORT_SYMBOL(clock_t_to_jiffies);

u64 jiffies_64_to_clock_t(u64 x)
{
	return x / JIFFIES_PER_USER_TICK;
}
EXPORT_SYMBOL(jiffies_64_to_clock_t);

u64 nsec_to_clock_t(u64 x)
{
	return x / (NSEC_PER_SEC / USER_TICKS_PER_SEC);
}

/**
 * set_normalized_timespec64 - make a timespec64 whose nanoseconds are in range
 * @ts: where to store it
 * @sec: seconds
 * @nsec: nanoseconds, any number, also negative
 */
void set_normalized_timespec64(struct timespec64 *ts, time64_t sec, s64 nsec)
{
	s64 carry = nsec / NSEC_PER_SEC;

	nsec %= NSEC_PER_SEC;
	if (nsec < 0) {
		nsec += NSEC_PER_SEC;
		carry--;
	}
	ts->tv_sec = sec + carry;
	ts->tv_nsec = (long)nsec;
}
EXPORT_SYMBOL(set_normalized_timespec64);

struct timespec64 ns_to_timespec64(s64 nsec)
{
	struct timespec64 ts;

	set_normalized_timespec64(&ts, 0, nsec);
	return ts;
}
EXPORT_SYMBOL(ns_to_timespec64);

/* Both must be normalized and not negative; a sum that overflows is TIME64_MAX seconds. */
struct timespec64 timespec64_add_safe(const struct timespec64 lhs, const struct timespec64 rhs)
{
	struct timespec64 sum;

	set_normalized_timespec64(&sum, (time64_t)((u64)lhs.tv_sec + (u64)rhs.tv_sec),
				  lhs.tv_nsec + rhs.tv_nsec);
	if (sum.tv_sec < lhs.tv_sec || sum.tv_sec < rhs.tv_sec) {
		sum.tv_sec = TIME64_MAX;
		sum.tv_nsec = 0;
	}
	return sum;
}

/* Saturates at KTIME_MAX; neither operand may be negative. */
ktime_t ktime_add_safe(const ktime_t lhs, const ktime_t rhs)
{
	ktime_t sum = ktime_add_unsafe(lhs, rhs);

	return sum < 0 || sum < lhs || sum < rhs ? KTIME_MAX : sum;
}
EXPORT_SYMBOL_GPL(ktime_add_safe);

/**
 * mktime64 - seconds since 1970 of a date in the Gregorian calendar, UTC
 * @year: 1970 and later
 * @mon: 1 to 12
 * @day: 1 to 31
 * @hour: 0 to 24
 * @min: 0 to 59
 * @sec: 0 to 60
 *
 * A year is counted from March, so that the leap day is its last: the days of
 * the months before one then follow a line of slope 153 / 5.
 */
time64_t mktime64(const unsigned int year, const unsigned int mon, const unsigned int day,
		  const unsigned int hour, const unsigned int min, const unsigned int sec)
{
	u64 y = mon > 2 ? year : year - 1;
	u64 months = mon > 2 ? mon - 3 : mon + 9;
	u64 days = y * 365 + y / 4 - y / 100 + y / 400 + (months * 153 + 2) / 5 + day - 1;
	/* 1 March of year 0 to 1 January 1970 */
	s64 since_1970 = (s64)days - 719468;

	return ((since_1970 * 24 + hour) * 60 + min) * 60 + sec;
}
EXPORT_SYMBOL(mktime64);

/*
 * Whole seconds, so that timers whose exact moment does not matter fall due
 * together and wake the timer thread once. A quarter of a second is the point
 * at which the plain form prefers the later one. Never in the past.
 */
static unsigned long whole_second(unsigned long j, bool up)
{
	unsigned long over = j % HZ;
	unsigned long rounded = over < HZ / 4 && !up ? j - over : j - over + (over ? HZ : 0);

	return time_is_after_jiffies(rounded) ? rounded : j;
}

/* Relative forms: what is added to jiffies gives a whole second. */
static unsigned long whole_second_relative(unsigned long j, bool up)
{
	unsigned long now = jiffies;

	return whole_second(j + now, up) - now;
}

unsigned long round_jiffies(unsigned long j)
{
	return whole_second(j, false);
}
EXPORT_SYMBOL_GPL(round_jiffies);

unsigned long round_jiffies_relative(unsigned long j)
{
	return whole_second_relative(j, false);
}
EXPORT_SYMBOL_GPL(round_jiffies_relative);

unsigned long round_jiffies_up(unsigned long j)
{
	return whole_second(j, true);
}
EXPORT_SYMBOL_GPL(round_jiffies_up);

unsigned long round_jiffies_up_relative(unsigned long j)
{
	return whole_second_relative(j, true);
}
EXPORT_SYMBOL_GPL(round_jiffies_up_relative);

/*
 * The forms with a CPU exist in Linux to spread the CPUs' timers over a few
 * ticks. One thread serves all of ours, so one moment is the best.
 */
unsigned long __round_jiffies(unsigned long j, int cpu)
{
	(void)cpu;
	return whole_second(j, false);
}
EXPORT_SYMBOL_GPL(__round_jiffies);

unsigned long __round_jiffies_relative(unsigned long j, int cpu)
{
	(void)cpu;
	return whole_second_relative(j, false);
}
EXPORT_SYMBOL_GPL(__round_jiffies_relative);

unsigned long __round_jiffies_up(unsigned long j, int cpu)
{
	(void)cpu;
	return whole_second(j, true);
}
EXPORT_SYMBOL_GPL(__round_jiffies_up);

unsigned long __round_jiffies_up_relative(unsigned long j, int cpu)
{
	(void)cpu;
	return whole_second_relative(j, true);
}
EXPORT_SYMBOL_GPL(__round_jiffies_up_relative);
