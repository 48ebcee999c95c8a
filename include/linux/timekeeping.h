/* SPDX-License-Identifier: MIT */
/*
 * timekeeping.h - reading the clocks
 *
 * Differs from Linux: the _coarse forms are exact, the _fast ones are not safe in
 * a signal handler's strictest sense but take no lock either; ktime_get_seconds()
 * and friends are read from the system and so include time before our start.
 */
#ifndef UWQ_LINUX_TIMEKEEPING_H
#define UWQ_LINUX_TIMEKEEPING_H

#include <linux/types.h>
#include <linux/ktime.h>
#include <uwq/api.h>

enum tk_offsets {
	TK_OFFS_REAL,
	TK_OFFS_BOOT,
	TK_OFFS_TAI,
	TK_OFFS_MAX,
};

UWQ_API_BEGIN

ktime_t ktime_get(void);
ktime_t ktime_get_raw(void);
ktime_t ktime_get_with_offset(enum tk_offsets offs);
ktime_t ktime_mono_to_any(ktime_t tmono, enum tk_offsets offs);

UWQ_API_END

static inline ktime_t ktime_get_real(void)
{
	return ktime_get_with_offset(TK_OFFS_REAL);
}

/* Counts on while the machine is suspended; ktime_get() does not. */
static inline ktime_t ktime_get_boottime(void)
{
	return ktime_get_with_offset(TK_OFFS_BOOT);
}

static inline ktime_t ktime_get_clocktai(void)
{
	return ktime_get_with_offset(TK_OFFS_TAI);
}

static inline ktime_t ktime_mono_to_real(ktime_t mono)
{
	return ktime_mono_to_any(mono, TK_OFFS_REAL);
}

static inline u64 ktime_get_ns(void)
{
	return (u64)ktime_get();
}

static inline u64 ktime_get_real_ns(void)
{
	return (u64)ktime_get_real();
}

static inline u64 ktime_get_boottime_ns(void)
{
	return (u64)ktime_get_boottime();
}

static inline u64 ktime_get_clocktai_ns(void)
{
	return (u64)ktime_get_clocktai();
}

static inline u64 ktime_get_raw_ns(void)
{
	return (u64)ktime_get_raw();
}

/* Exact clocks are good enough for those who ask for coarse ones. */
#define ktime_get_coarse()		ktime_get()
#define ktime_get_coarse_ns()		ktime_get_ns()
#define ktime_get_coarse_real()		ktime_get_real()
#define ktime_get_coarse_real_ns()	ktime_get_real_ns()
#define ktime_get_coarse_boottime()	ktime_get_boottime()
#define ktime_get_coarse_boottime_ns()	ktime_get_boottime_ns()
#define ktime_get_coarse_clocktai()	ktime_get_clocktai()
#define ktime_get_coarse_clocktai_ns()	ktime_get_clocktai_ns()
#define ktime_get_mono_fast_ns()	ktime_get_ns()
#define ktime_get_raw_fast_ns()		ktime_get_raw_ns()
#define ktime_get_boot_fast_ns()	ktime_get_boottime_ns()
#define ktime_get_tai_fast_ns()		ktime_get_clocktai_ns()
#define ktime_get_real_fast_ns()	ktime_get_real_ns()

static inline time64_t ktime_get_seconds(void)
{
	return ktime_get() / NSEC_PER_SEC;
}

static inline time64_t ktime_get_real_seconds(void)
{
	return ktime_get_real() / NSEC_PER_SEC;
}

static inline time64_t ktime_get_boottime_seconds(void)
{
	return ktime_get_boottime() / NSEC_PER_SEC;
}

static inline time64_t ktime_get_clocktai_seconds(void)
{
	return ktime_get_clocktai() / NSEC_PER_SEC;
}

static inline void ktime_get_ts64(struct timespec64 *ts)
{
	*ts = ktime_to_timespec64(ktime_get());
}

static inline void ktime_get_real_ts64(struct timespec64 *ts)
{
	*ts = ktime_to_timespec64(ktime_get_real());
}

static inline void ktime_get_boottime_ts64(struct timespec64 *ts)
{
	*ts = ktime_to_timespec64(ktime_get_boottime());
}

static inline void ktime_get_clocktai_ts64(struct timespec64 *ts)
{
	*ts = ktime_to_timespec64(ktime_get_clocktai());
}

static inline void ktime_get_raw_ts64(struct timespec64 *ts)
{
	*ts = ktime_to_timespec64(ktime_get_raw());
}

static inline void ktime_get_coarse_ts64(struct timespec64 *ts)
{
	ktime_get_ts64(ts);
}

static inline void ktime_get_coarse_real_ts64(struct timespec64 *ts)
{
	ktime_get_real_ts64(ts);
}

static inline void getnstimeofday64(struct timespec64 *ts)
{
	ktime_get_real_ts64(ts);
}

#endif
