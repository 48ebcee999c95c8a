/* SPDX-License-Identifier: MIT */
/*
 * linux/random.h - random numbers fit for cryptography
 *
 * From the system's generator (getrandom), a few hundred bytes at a time for
 * each thread, each byte handed out once. For numbers that repeat from a seed
 * see prandom.h.
 */
#ifndef UWQ_LINUX_RANDOM_H
#define UWQ_LINUX_RANDOM_H

#include_next <linux/random.h>
#include <linux/types.h>
#include <linux/prandom.h>
#include <linux/version.h>
#include <uwq/api.h>

UWQ_API_BEGIN
void get_random_bytes(void *buf, size_t len);
u8 get_random_u8(void);
u16 get_random_u16(void);
u32 get_random_u32(void);
u64 get_random_u64(void);
/* 0 <= result < @ceil, all equally likely; any number when @ceil is 0 */
u32 get_random_u32_below(u32 ceil);
UWQ_API_END

/* @floor < result */
static inline u32 get_random_u32_above(u32 floor)
{
	return floor + 1 + get_random_u32_below((u32)~0U - floor);
}

/* @floor <= result <= @ceil */
static inline u32 get_random_u32_inclusive(u32 floor, u32 ceil)
{
	return floor + get_random_u32_below(ceil - floor + 1);
}

static inline unsigned long get_random_long(void)
{
	return get_random_u64();
}

/* The system's generator is ready before any process runs, or makes us wait. */
static inline int get_random_bytes_wait(void *buf, size_t len)
{
	get_random_bytes(buf, len);
	return 0;
}

static inline int wait_for_random_bytes(void)
{
	return 0;
}

static inline bool rng_is_initialized(void)
{
	return true;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
static inline u32 prandom_u32_max(u32 ceil)
{
	return get_random_u32_below(ceil);
}

static inline u32 prandom_u32(void)
{
	return get_random_u32();
}

static inline unsigned int get_random_int(void)
{
	return get_random_u32();
}
#endif

#endif
