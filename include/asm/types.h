/* SPDX-License-Identifier: MIT */
/*
 * asm/types.h - u8 ... s64, the kernel's names for integers of a given width
 *
 * libc reaches this name too (through linux/types.h), so the system's header
 * of the same name comes first; it has the __u8 ... __s64 forms.
 */
#ifndef UWQ_ASM_TYPES_H
#define UWQ_ASM_TYPES_H

#include_next <asm/types.h>
#include <linux/kconfig.h>

typedef __s8	s8;
typedef __u8	u8;
typedef __s16	s16;
typedef __u16	u16;
typedef __s32	s32;
typedef __u32	u32;
/* long long on every machine, so that %lld and %llu always fit */
typedef __s64	s64;
typedef __u64	u64;

#define S8_C(x)		x
#define U8_C(x)		x##U
#define S16_C(x)	x
#define U16_C(x)	x##U
#define S32_C(x)	x
#define U32_C(x)	x##U
#define S64_C(x)	x##LL
#define U64_C(x)	x##ULL

#define BITS_PER_LONG		64
#define BITS_PER_LONG_LONG	64

#endif
