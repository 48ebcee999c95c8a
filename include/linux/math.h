/* SPDX-License-Identifier: MIT */
/*
 * linux/math.h - rounding, divisions that round, roots
 *
 * Differs from Linux: abs() of any type is there for kernel code (__KERNEL__)
 * only. stdlib.h declares a function of that name, which the macro would break
 * in a program, and in the library itself.
 */
#ifndef UWQ_LINUX_MATH_H
#define UWQ_LINUX_MATH_H

#include <linux/types.h>
#include <linux/const.h>
#include <asm/div64.h>
#include <uwq/api.h>

/* To a multiple of @y, which is a power of two. */
#define round_up(x, y)		((((x) - 1) | ((__typeof__(x))(y) - 1)) + 1)
#define round_down(x, y)	((x) & ~((__typeof__(x))(y) - 1))

/* To a multiple of any @y; libc's sys/param.h has the first as well. */
#undef roundup
#define roundup(x, y) __extension__				\
({								\
	__typeof__(y) uwq_y = (y);				\
	(((x) + (uwq_y - 1)) / uwq_y) * uwq_y;			\
})
#define rounddown(x, y) __extension__				\
({								\
	__typeof__(x) uwq_x = (x);				\
	uwq_x - (uwq_x % (y));					\
})

#define DIV_ROUND_UP(n, d)		__KERNEL_DIV_ROUND_UP(n, d)
#define DIV_ROUND_UP_POW2(n, d)		((n) / (d) + !!((n) & ((d) - 1)))
#define DIV_ROUND_DOWN_ULL(ll, d)	((unsigned long long)(ll) / (u32)(d))
#define DIV_ROUND_UP_ULL(ll, d)		DIV_ROUND_DOWN_ULL((unsigned long long)(ll) + (d) - 1, (d))
#define DIV_ROUND_UP_SECTOR_T(ll, d)	DIV_ROUND_UP_ULL(ll, d)

/* To the nearest. The divisor is positive, unless both are signed variables. */
#define DIV_ROUND_CLOSEST(x, divisor) __extension__		\
({								\
	__typeof__(x) uwq_n = (x);				\
	__typeof__(divisor) uwq_d = (divisor);			\
	((__typeof__(x))-1) > 0 || ((__typeof__(divisor))-1) > 0 || \
	((uwq_n > 0) == (uwq_d > 0)) ?				\
		(uwq_n + uwq_d / 2) / uwq_d : (uwq_n - uwq_d / 2) / uwq_d; \
})
#define DIV_ROUND_CLOSEST_ULL(x, divisor) __extension__		\
({								\
	u32 uwq_d = (divisor);					\
	((unsigned long long)(x) + uwq_d / 2) / uwq_d;		\
})

/* x * n / d, each step within the type when the result is */
#define mult_frac(x, n, d) __extension__			\
({								\
	__typeof__(x) uwq_x = (x);				\
	__typeof__(n) uwq_n = (n);				\
	__typeof__(d) uwq_d = (d);				\
	uwq_x / uwq_d * uwq_n + uwq_x % uwq_d * uwq_n / uwq_d;	\
})

#define sector_div(n, base)	do_div(n, base)

#ifndef __cplusplus
/* The distance of two values, in their type; never overflows when unsigned. */
#define abs_diff(a, b) __extension__				\
({								\
	__auto_type uwq_a = (a);				\
	__auto_type uwq_b = (b);				\
	uwq_a > uwq_b ? uwq_a - uwq_b : uwq_b - uwq_a;		\
})

#if defined(__KERNEL__) && !defined(UWQ_BUILD)
/* A value of 8 to 64 bits; narrow ones come back as int. */
#define abs(x) __extension__					\
({								\
	__typeof__(1 ? (x) : (x)) uwq_abs = (x);		\
	uwq_abs < 0 ? -uwq_abs : uwq_abs;			\
})
#endif
#endif

/* @val, anywhere in 32 bits, brought to 0 <= result < @ep_ro */
static inline u32 reciprocal_scale(u32 val, u32 ep_ro)
{
	return ((u64)val * ep_ro) >> 32;
}

static inline u64 int_pow(u64 base, unsigned int exp)
{
	u64 result = 1;

	for (; exp; exp >>= 1, base *= base) {
		if (exp & 1)
			result *= base;
	}
	return result;
}

/* The largest r with r * r <= @x. */
static inline u32 int_sqrt64(u64 x)
{
	u64 root = 0, bit;

	for (bit = 1ULL << 31; bit; bit >>= 1) {
		if ((root | bit) * (root | bit) <= x)
			root |= bit;
	}
	return root;
}

static inline unsigned long int_sqrt(unsigned long x)
{
	return int_sqrt64(x);
}

#endif
