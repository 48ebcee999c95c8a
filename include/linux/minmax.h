/* SPDX-License-Identifier: MIT */
/*
 * minmax.h - the smaller, the larger, and what lies between
 *
 * Each argument is looked at once. Comparing a signed with an unsigned value
 * that could turn a negative one into a large one does not build; min_t() and
 * max_t() say which type to compare in.
 *
 * Differs from Linux: absent in C++, where min, max, clamp and swap are names
 * of the standard library.
 */
#ifndef UWQ_LINUX_MINMAX_H
#define UWQ_LINUX_MINMAX_H

#include <linux/compiler.h>
#include <linux/build_bug.h>
#include <linux/types.h>

#ifndef __cplusplus

/* Pointers count as unsigned. */
#define uwq_plain(x)	__builtin_choose_expr(__builtin_classify_type(x) == 5, 0UL, (x))
#define uwq_is_signed(x) is_signed_type(__typeof__(uwq_plain(x)))
/*
 * In which ways a value may be compared: 1 as unsigned, 2 as signed. A small
 * unsigned type fits a signed int; a signed value known not to be negative may
 * count as unsigned.
 */
#define uwq_compare_as(x)							\
	(uwq_is_signed(x) ? 2 + statically_true(!((u64)(x) >> 63)) :	\
			    1 + 2 * (sizeof(x) < sizeof(int)))
#define uwq_assert_comparable(x, y, text)					\
	compiletime_assert(uwq_compare_as(x) & uwq_compare_as(y),		\
			   text ": signed and unsigned mixed, use the _t form")

#define uwq_pick(x, op, y) __extension__					\
({										\
	__auto_type uwq_x = (x);						\
	__auto_type uwq_y = (y);						\
	typedef __typeof__(1 ? uwq_x : uwq_y) uwq_xy;				\
	uwq_assert_comparable(uwq_x, uwq_y, #x " and " #y);			\
	(uwq_xy)uwq_x op (uwq_xy)uwq_y ? (uwq_xy)uwq_x : (uwq_xy)uwq_y;		\
})
#define uwq_pick_t(type, x, op, y) __extension__				\
({										\
	type uwq_tx = (x);							\
	type uwq_ty = (y);							\
	uwq_tx op uwq_ty ? uwq_tx : uwq_ty;					\
})

#define min(x, y)		uwq_pick(x, <, y)
#define max(x, y)		uwq_pick(x, >, y)
#define min_t(type, x, y)	uwq_pick_t(type, x, <, y)
#define max_t(type, x, y)	uwq_pick_t(type, x, >, y)
/* Sure of themselves: compared as the wider unsigned type. */
#define umin(x, y)		min_t(unsigned long long, x, y)
#define umax(x, y)		max_t(unsigned long long, x, y)
#define min3(x, y, z)		min(min(x, y), z)
#define max3(x, y, z)		max(max(x, y), z)

/* The smaller of the two that is not zero; zero when both are. */
#define min_not_zero(x, y) __extension__					\
({										\
	__auto_type uwq_nx = (x);						\
	__auto_type uwq_ny = (y);						\
	uwq_nx == 0 ? uwq_ny : uwq_ny == 0 ? uwq_nx : min(uwq_nx, uwq_ny);	\
})

#define clamp_t(type, val, lo, hi)	min_t(type, max_t(type, val, lo), hi)
#define clamp_val(val, lo, hi)		clamp_t(__typeof__(val), val, lo, hi)
#define clamp(val, lo, hi) __extension__					\
({										\
	__auto_type uwq_val = (val);						\
	__auto_type uwq_lo = (lo);						\
	__auto_type uwq_hi = (hi);						\
	typedef __typeof__(1 ? uwq_val : uwq_lo) uwq_vlh;			\
	uwq_assert_comparable(uwq_val, uwq_lo, "clamp: " #val " and " #lo);	\
	uwq_assert_comparable(uwq_val, uwq_hi, "clamp: " #val " and " #hi);	\
	(uwq_vlh)uwq_val <= (uwq_vlh)uwq_lo ? (uwq_vlh)uwq_lo :			\
	(uwq_vlh)uwq_val >= (uwq_vlh)uwq_hi ? (uwq_vlh)uwq_hi : (uwq_vlh)uwq_val; \
})

static __always_inline bool uwq_in_range(u64 val, u64 start, u64 len)
{
	return val - start < len;
}

/* @start <= @val < @start + @len, all unsigned */
#define in_range(val, start, len)	uwq_in_range((val), (start), (len))
#define in_range64(val, start, len)	uwq_in_range((val), (start), (len))

#define swap(a, b)								\
do {										\
	__typeof__(a) uwq_swap = (a);						\
	(a) = (b);								\
	(b) = uwq_swap;								\
} while (0)

/* For constants: array sizes, initialisers. libc's sys/param.h has them too. */
#undef MIN
#undef MAX
#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))
#define MIN_T(type, a, b)	MIN((type)(a), (type)(b))
#define MAX_T(type, a, b)	MAX((type)(a), (type)(b))

#endif /* !__cplusplus */
#endif
