/* SPDX-License-Identifier: MIT */
/*
 * time64.h - seconds and nanoseconds with 64 bits of seconds
 */
#ifndef UWQ_LINUX_TIME64_H
#define UWQ_LINUX_TIME64_H

#include <linux/types.h>
#include <linux/limits.h>
#include <uwq/api.h>

#define MSEC_PER_SEC	1000L
#define USEC_PER_MSEC	1000L
#define NSEC_PER_USEC	1000L
#define NSEC_PER_MSEC	1000000L
#define USEC_PER_SEC	1000000L
#define NSEC_PER_SEC	1000000000L
#define PSEC_PER_NSEC	1000L
#define PSEC_PER_SEC	1000000000000LL
#define FSEC_PER_SEC	1000000000000000LL

struct timespec64 {
	time64_t	tv_sec;
	long		tv_nsec;	/* 0 to 999999999 when normalized */
};

struct itimerspec64 {
	struct timespec64 it_interval;
	struct timespec64 it_value;
};

#define TIME64_MAX		((s64)~((u64)1 << 63))
#define TIME64_MIN		(-TIME64_MAX - 1)
#define KTIME_MAX		((s64)~((u64)1 << 63))
#define KTIME_MIN		(-KTIME_MAX - 1)
#define KTIME_SEC_MAX		(KTIME_MAX / NSEC_PER_SEC)
#define KTIME_SEC_MIN		(KTIME_MIN / NSEC_PER_SEC)
/* The farthest settable clock: leaves 30 years for the machine to run. */
#define TIME_UPTIME_SEC_MAX	(30LL * 365 * 24 * 3600)
#define TIME_SETTOD_SEC_MAX	(KTIME_SEC_MAX - TIME_UPTIME_SEC_MAX)

UWQ_API_BEGIN

void set_normalized_timespec64(struct timespec64 *ts, time64_t sec, s64 nsec);
struct timespec64 ns_to_timespec64(s64 nsec);
struct timespec64 timespec64_add_safe(const struct timespec64 lhs, const struct timespec64 rhs);
time64_t mktime64(const unsigned int year, const unsigned int mon, const unsigned int day,
		  const unsigned int hour, const unsigned int min, const unsigned int sec);

UWQ_API_END

static inline int timespec64_equal(const struct timespec64 *a, const struct timespec64 *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static inline bool timespec64_is_epoch(const struct timespec64 *ts)
{
	return ts->tv_sec == 0 && ts->tv_nsec == 0;
}

/* Less than, equal to, greater than 0 as @lhs is earlier, the same, later. */
static inline int timespec64_compare(const struct timespec64 *lhs, const struct timespec64 *rhs)
{
	if (lhs->tv_sec != rhs->tv_sec)
		return lhs->tv_sec < rhs->tv_sec ? -1 : 1;
	return (lhs->tv_nsec > rhs->tv_nsec) - (lhs->tv_nsec < rhs->tv_nsec);
}

static inline struct timespec64 timespec64_add(struct timespec64 lhs, struct timespec64 rhs)
{
	struct timespec64 sum;

	set_normalized_timespec64(&sum, lhs.tv_sec + rhs.tv_sec, lhs.tv_nsec + rhs.tv_nsec);
	return sum;
}

static inline struct timespec64 timespec64_sub(struct timespec64 lhs, struct timespec64 rhs)
{
	struct timespec64 difference;

	set_normalized_timespec64(&difference, lhs.tv_sec - rhs.tv_sec,
				  lhs.tv_nsec - rhs.tv_nsec);
	return difference;
}

static inline bool timespec64_valid(const struct timespec64 *ts)
{
	return ts->tv_sec >= 0 && ts->tv_nsec >= 0 && ts->tv_nsec < NSEC_PER_SEC;
}

static inline bool timespec64_valid_strict(const struct timespec64 *ts)
{
	return timespec64_valid(ts) && ts->tv_sec < KTIME_SEC_MAX;
}

static inline bool timespec64_valid_settod(const struct timespec64 *ts)
{
	return timespec64_valid(ts) && ts->tv_sec < TIME_SETTOD_SEC_MAX;
}

/* Saturates at KTIME_MIN and KTIME_MAX. */
static inline s64 timespec64_to_ns(const struct timespec64 *ts)
{
	if (ts->tv_sec >= KTIME_SEC_MAX)
		return KTIME_MAX;
	if (ts->tv_sec <= KTIME_SEC_MIN)
		return KTIME_MIN;
	return (s64)ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
}

static inline void timespec64_add_ns(struct timespec64 *ts, u64 ns)
{
	ns += (u64)ts->tv_nsec;
	ts->tv_sec += (time64_t)(ns / NSEC_PER_SEC);
	ts->tv_nsec = (long)(ns % NSEC_PER_SEC);
}

#endif
