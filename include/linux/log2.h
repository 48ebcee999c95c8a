/* SPDX-License-Identifier: MIT */
/*
 * log2.h - powers of two
 *
 * The macros are constant expressions when the argument is one, and look at it
 * more than once: pass no side effects.
 */
#ifndef UWQ_LINUX_LOG2_H
#define UWQ_LINUX_LOG2_H

#include <linux/types.h>
#include <linux/bitops.h>

/* Rounded down; undefined for 0. */
#define ilog2(n)							\
	((int)(sizeof(n) <= 4 ? 31 - __builtin_clz((u32)(n)) :		\
				63 - __builtin_clzll((u64)(n))))
#define const_ilog2(n)	ilog2(n)

static inline __attribute_const__ bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

static inline unsigned long __roundup_pow_of_two(unsigned long n)
{
	return 1UL << fls_long(n - 1);
}

static inline unsigned long __rounddown_pow_of_two(unsigned long n)
{
	return 1UL << (fls_long(n) - 1);
}

/* Undefined for 0. */
#define roundup_pow_of_two(n)						\
	((unsigned long)(n) <= 1 ? 1UL :				\
	 1UL << (64 - __builtin_clzll((u64)(n) - 1 ? (u64)(n) - 1 : 1)))
#define rounddown_pow_of_two(n)		(1UL << ilog2((u64)(n)))

/* The exponent, rounded up; 0 for 0 and 1. */
#define order_base_2(n)							\
	((int)((u64)(n) <= 1 ? 0 : 64 - __builtin_clzll((u64)(n) - 1 ? (u64)(n) - 1 : 1)))

/* How many bits it takes to write @n; 1 for 0. */
#define bits_per(n)							\
	((int)((u64)(n) <= 1 ? 1 : 64 - __builtin_clzll((u64)(n) ? (u64)(n) : 1)))

#endif
