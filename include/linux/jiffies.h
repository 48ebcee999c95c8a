/* SPDX-License-Identifier: MIT */
/*
 * jiffies.h - time in ticks of one millisecond, and comparing such times
 *
 * jiffies counts full ticks of CLOCK_MONOTONIC since the library started. It
 * begins five minutes before 32 bits overflow, as in Linux, so that code which
 * keeps it in a u32 by mistake is found out early.
 *
 * Differs from Linux: nothing counts in the background; reading `jiffies` reads
 * the clock (about 25 ns), so it never lags. It is a macro with the value of
 * this moment: an lvalue for READ_ONCE()'s sake, but storing to it does nothing.
 */
#ifndef UWQ_LINUX_JIFFIES_H
#define UWQ_LINUX_JIFFIES_H

#include <linux/types.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/time.h>
#include <asm/param.h>
#include <uwq/api.h>

UWQ_API_BEGIN

unsigned long uwq_jiffies(void);

unsigned long __msecs_to_jiffies(const unsigned int m);
unsigned long __usecs_to_jiffies(const unsigned int u);
unsigned int jiffies_to_msecs(const unsigned long j);
unsigned int jiffies_to_usecs(const unsigned long j);
u64 jiffies64_to_nsecs(u64 j);
u64 jiffies64_to_msecs(u64 j);
u64 nsecs_to_jiffies64(u64 n);
unsigned long nsecs_to_jiffies(u64 n);
unsigned long timespec64_to_jiffies(const struct timespec64 *value);
void jiffies_to_timespec64(const unsigned long j, struct timespec64 *value);
clock_t jiffies_to_clock_t(unsigned long x);
unsigned long clock_t_to_jiffies(unsigned long x);
u64 jiffies_64_to_clock_t(u64 x);
u64 nsec_to_clock_t(u64 x);

unsigned long round_jiffies(unsigned long j);
unsigned long round_jiffies_relative(unsigned long j);
unsigned long round_jiffies_up(unsigned long j);
unsigned long round_jiffies_up_relative(unsigned long j);
unsigned long __round_jiffies(unsigned long j, int cpu);
unsigned long __round_jiffies_relative(unsigned long j, int cpu);
unsigned long __round_jiffies_up(unsigned long j, int cpu);
unsigned long __round_jiffies_up_relative(unsigned long j, int cpu);

UWQ_API_END

#ifdef __cplusplus
#define jiffies		uwq_jiffies()
#else
#define jiffies		((unsigned long){ uwq_jiffies() })
#endif
#define jiffies_64	((u64)uwq_jiffies())

static inline u64 get_jiffies_64(void)
{
	return uwq_jiffies();
}

#define INITIAL_JIFFIES		((unsigned long)(unsigned int)(-300 * HZ))
#define TICK_NSEC		((NSEC_PER_SEC + HZ / 2) / HZ)
#define TICK_USEC		(USEC_PER_SEC / HZ)

/* The longest delay that conversions give: room on both sides of "now". */
#define MAX_JIFFY_OFFSET	((LONG_MAX >> 1) - 1)

/*
 * Order of two times. They wrap, so only times less than half the range apart
 * can be compared; both must be of the type that jiffies has.
 */
#ifdef __cplusplus
#define UWQ_SAME_TIME_TYPE(type, a, b)	true
#else
#include <linux/typecheck.h>
#define UWQ_SAME_TIME_TYPE(type, a, b)	(typecheck(type, a) && typecheck(type, b))
#endif

#define time_after(a, b)						\
	(UWQ_SAME_TIME_TYPE(unsigned long, a, b) && (long)((b) - (a)) < 0)
#define time_after_eq(a, b)						\
	(UWQ_SAME_TIME_TYPE(unsigned long, a, b) && (long)((a) - (b)) >= 0)
#define time_before(a, b)	time_after(b, a)
#define time_before_eq(a, b)	time_after_eq(b, a)

#define time_after64(a, b)						\
	(UWQ_SAME_TIME_TYPE(__u64, a, b) && (__s64)((b) - (a)) < 0)
#define time_after_eq64(a, b)						\
	(UWQ_SAME_TIME_TYPE(__u64, a, b) && (__s64)((a) - (b)) >= 0)
#define time_before64(a, b)	time_after64(b, a)
#define time_before_eq64(a, b)	time_after_eq64(b, a)

/* Closed ranges, but for _open, which leaves out the upper end. */
#define time_in_range(a, b, c)		(time_after_eq(a, b) && time_before_eq(a, c))
#define time_in_range_open(a, b, c)	(time_after_eq(a, b) && time_before(a, c))
#define time_in_range64(a, b, c)	(time_after_eq64(a, b) && time_before_eq64(a, c))

/* The same with jiffies on one side. */
#define time_is_before_jiffies(a)	time_after(jiffies, a)
#define time_is_after_jiffies(a)	time_before(jiffies, a)
#define time_is_before_eq_jiffies(a)	time_after_eq(jiffies, a)
#define time_is_after_eq_jiffies(a)	time_before_eq(jiffies, a)
#define time_is_before_jiffies64(a)	time_after64(get_jiffies_64(), a)
#define time_is_after_jiffies64(a)	time_before64(get_jiffies_64(), a)
#define time_is_before_eq_jiffies64(a)	time_after_eq64(get_jiffies_64(), a)
#define time_is_after_eq_jiffies64(a)	time_before_eq64(get_jiffies_64(), a)

/**
 * uwq_jiffies_after - the moment @delay ticks from now, for a timer's ->expires
 * @delay: ticks; LONG_MAX and more give the farthest time that still counts as
 *	   the future
 *
 * Context: any. Return: jiffies + @delay without ever landing in the past.
 */
static inline unsigned long uwq_jiffies_after(unsigned long delay)
{
	return uwq_jiffies() + (delay < (unsigned long)LONG_MAX ? delay : (unsigned long)LONG_MAX);
}

/* Milliseconds, rounded up; a negative int means "for ever". */
static inline unsigned long msecs_to_jiffies(const unsigned int m)
{
	return (int)m < 0 ? (unsigned long)MAX_JIFFY_OFFSET : m * (HZ / MSEC_PER_SEC);
}

/* Microseconds, rounded up. */
static inline unsigned long usecs_to_jiffies(const unsigned int u)
{
	return u / TICK_USEC + (u % TICK_USEC != 0);
}

#define secs_to_jiffies(secs)	((unsigned long)((secs) * HZ))

static inline u64 jiffies_to_nsecs(const unsigned long j)
{
	return (u64)j * TICK_NSEC;
}

static inline unsigned int jiffies_delta_to_msecs(long delta)
{
	return jiffies_to_msecs(delta > 0 ? (unsigned long)delta : 0);
}

static inline clock_t jiffies_delta_to_clock_t(long delta)
{
	return jiffies_to_clock_t(delta > 0 ? (unsigned long)delta : 0);
}

#endif
