/* SPDX-License-Identifier: MIT */
/*
 * ktime.h - nanoseconds in a signed 64-bit number, and sums with them
 *
 * ktime_t is a plain s64 here as in newer kernels; the helpers exist because
 * ported code uses them, and because some saturate.
 */
#ifndef UWQ_LINUX_KTIME_H
#define UWQ_LINUX_KTIME_H

#include <linux/types.h>
#include <linux/time.h>
#include <linux/jiffies.h>
#include <uwq/api.h>

UWQ_API_BEGIN
ktime_t ktime_add_safe(const ktime_t lhs, const ktime_t rhs);
UWQ_API_END

/* Saturates at KTIME_MAX. @nsecs may be more than a second. */
static inline ktime_t ktime_set(const s64 secs, const unsigned long nsecs)
{
	if (secs >= KTIME_SEC_MAX)
		return KTIME_MAX;
	return secs * NSEC_PER_SEC + (s64)nsecs;
}

#define ktime_sub(lhs, rhs)		((lhs) - (rhs))
#define ktime_add(lhs, rhs)		((lhs) + (rhs))
/* Wraps around instead of being undefined on overflow. */
#define ktime_add_unsafe(lhs, rhs)	((ktime_t)((u64)(lhs) + (u64)(rhs)))
#define ktime_add_ns(kt, nsval)		((kt) + (s64)(nsval))
#define ktime_sub_ns(kt, nsval)		((kt) - (s64)(nsval))

static inline ktime_t timespec64_to_ktime(struct timespec64 ts)
{
	return ktime_set(ts.tv_sec, (unsigned long)ts.tv_nsec);
}

#define ktime_to_timespec64(kt)		ns_to_timespec64((kt))

static inline s64 ktime_to_ns(const ktime_t kt)
{
	return kt;
}

static inline ktime_t ns_to_ktime(u64 ns)
{
	return (ktime_t)ns;
}

static inline ktime_t us_to_ktime(u64 us)
{
	return (ktime_t)(us * NSEC_PER_USEC);
}

static inline ktime_t ms_to_ktime(u64 ms)
{
	return (ktime_t)(ms * NSEC_PER_MSEC);
}

/* -1, 0, 1 as @a is before, the same as, after @b. */
static inline int ktime_compare(const ktime_t a, const ktime_t b)
{
	return (a > b) - (a < b);
}

static inline bool ktime_after(const ktime_t a, const ktime_t b)
{
	return a > b;
}

static inline bool ktime_before(const ktime_t a, const ktime_t b)
{
	return a < b;
}

/* Divisions round towards zero. */
static inline s64 ktime_divns(const ktime_t kt, s64 div)
{
	return kt / div;
}

static inline s64 ktime_to_us(const ktime_t kt)
{
	return kt / NSEC_PER_USEC;
}

static inline s64 ktime_to_ms(const ktime_t kt)
{
	return kt / NSEC_PER_MSEC;
}

static inline s64 ktime_us_delta(const ktime_t later, const ktime_t earlier)
{
	return ktime_to_us(later - earlier);
}

static inline s64 ktime_ms_delta(const ktime_t later, const ktime_t earlier)
{
	return ktime_to_ms(later - earlier);
}

static inline ktime_t ktime_add_us(const ktime_t kt, const u64 usec)
{
	return kt + us_to_ktime(usec);
}

static inline ktime_t ktime_add_ms(const ktime_t kt, const u64 msec)
{
	return kt + ms_to_ktime(msec);
}

static inline ktime_t ktime_sub_us(const ktime_t kt, const u64 usec)
{
	return kt - us_to_ktime(usec);
}

static inline ktime_t ktime_sub_ms(const ktime_t kt, const u64 msec)
{
	return kt - ms_to_ktime(msec);
}

/* False, and *@ts untouched, when @kt is 0. */
static inline bool ktime_to_timespec64_cond(const ktime_t kt, struct timespec64 *ts)
{
	if (!kt)
		return false;
	*ts = ktime_to_timespec64(kt);
	return true;
}

#include <linux/timekeeping.h>

#endif
