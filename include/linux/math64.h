/* SPDX-License-Identifier: MIT */
/*
 * math64.h - divisions and products of 64 bits
 *
 * A 32-bit kernel needs these names; on 64 bits they are the operators, and
 * 128-bit arithmetic where a product may be that wide.
 */
#ifndef UWQ_LINUX_MATH64_H
#define UWQ_LINUX_MATH64_H

#include <linux/types.h>
#include <linux/math.h>
#include <asm/div64.h>

#define div64_long(x, y)	div64_s64((x), (y))
#define div64_ul(x, y)		div64_u64((x), (y))

__extension__ typedef unsigned __int128 uwq_u128;

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

static inline s64 div64_s64(s64 dividend, s64 divisor)
{
	return dividend / divisor;
}

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline s64 div_s64_rem(s64 dividend, s32 divisor, s32 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

/* For quotients known to be small. */
static inline u32 iter_div_u64_rem(u64 dividend, u32 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}

static inline u64 mul_u32_u32(u32 a, u32 b)
{
	return (u64)a * b;
}

static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	return ((uwq_u128)a * mul) >> shift;
}

static inline u64 mul_u64_u64_shr(u64 a, u64 mul, unsigned int shift)
{
	return ((uwq_u128)a * mul) >> shift;
}

static inline u64 mul_u64_u32_div(u64 a, u32 mul, u32 divisor)
{
	return ((uwq_u128)a * mul) / divisor;
}

static inline u64 mul_u64_u64_div_u64(u64 a, u64 mul, u64 divisor)
{
	return ((uwq_u128)a * mul) / divisor;
}

static inline s64 mul_s64_u64_shr(s64 a, u64 mul, unsigned int shift)
{
	u64 product = mul_u64_u64_shr(a < 0 ? -(u64)a : (u64)a, mul, shift);

	return a < 0 ? -(s64)product : (s64)product;
}

#define DIV64_U64_ROUND_UP(ll, d) __extension__			\
({								\
	u64 uwq_d = (d);					\
	div64_u64((ll) + uwq_d - 1, uwq_d);			\
})
#define DIV64_U64_ROUND_CLOSEST(dividend, divisor) __extension__ \
({								\
	u64 uwq_d = (divisor);					\
	div64_u64((dividend) + uwq_d / 2, uwq_d);		\
})
#define DIV_U64_ROUND_UP(ll, d) __extension__			\
({								\
	u32 uwq_d = (d);					\
	div_u64((ll) + uwq_d - 1, uwq_d);			\
})
#define DIV_U64_ROUND_CLOSEST(dividend, divisor) __extension__	\
({								\
	u32 uwq_d = (divisor);					\
	div_u64((u64)(dividend) + uwq_d / 2, uwq_d);		\
})
#define DIV_S64_ROUND_CLOSEST(dividend, divisor) __extension__	\
({								\
	s64 uwq_n = (dividend);					\
	s32 uwq_d = (divisor);					\
	((uwq_n > 0) == (uwq_d > 0)) ?				\
		(uwq_n + uwq_d / 2) / uwq_d : (uwq_n - uwq_d / 2) / uwq_d; \
})

#endif
