/* SPDX-License-Identifier: MIT */
/*
 * linux/limits.h - PATH_MAX and friends, and the bounds of the integer types
 *
 * libc's limits.h includes this name, so it is not included from here: what
 * it would define is taken from the compiler when nobody did so before.
 */
#ifndef UWQ_LINUX_LIMITS_H
#define UWQ_LINUX_LIMITS_H

#include_next <linux/limits.h>
#include <linux/types.h>

#ifndef SHRT_MAX
#define SHRT_MAX	__SHRT_MAX__
#define SHRT_MIN	(-SHRT_MAX - 1)
#endif
#ifndef USHRT_MAX
#define USHRT_MAX	(SHRT_MAX * 2 + 1)
#endif
#ifndef INT_MAX
#define INT_MAX		__INT_MAX__
#define INT_MIN		(-INT_MAX - 1)
#endif
#ifndef UINT_MAX
#define UINT_MAX	(INT_MAX * 2U + 1U)
#endif
#ifndef LONG_MAX
#define LONG_MAX	__LONG_MAX__
#define LONG_MIN	(-LONG_MAX - 1L)
#endif
#ifndef ULONG_MAX
#define ULONG_MAX	(LONG_MAX * 2UL + 1UL)
#endif
#ifndef LLONG_MAX
#define LLONG_MAX	__LONG_LONG_MAX__
#define LLONG_MIN	(-LLONG_MAX - 1LL)
#endif
#ifndef ULLONG_MAX
#define ULLONG_MAX	(LLONG_MAX * 2ULL + 1ULL)
#endif
#ifndef SSIZE_MAX
#define SSIZE_MAX	LONG_MAX
#endif

#define U8_MAX		((u8)~0U)
#define S8_MAX		((s8)(U8_MAX >> 1))
#define S8_MIN		((s8)(-S8_MAX - 1))
#define U16_MAX		((u16)~0U)
#define S16_MAX		((s16)(U16_MAX >> 1))
#define S16_MIN		((s16)(-S16_MAX - 1))
#define U32_MAX		((u32)~0U)
#define S32_MAX		((s32)(U32_MAX >> 1))
#define S32_MIN		((s32)(-S32_MAX - 1))
#define U64_MAX		((u64)~0ULL)
#define S64_MAX		((s64)(U64_MAX >> 1))
#define S64_MIN		((s64)(-S64_MAX - 1))

#define PHYS_ADDR_MAX		(~(phys_addr_t)0)
#define RESOURCE_SIZE_MAX	(~(resource_size_t)0)

#endif
