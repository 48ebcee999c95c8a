/* SPDX-License-Identifier: MIT */
/* asm/div64.h - do_div(): divides in place, has the remainder */
#ifndef UWQ_ASM_DIV64_H
#define UWQ_ASM_DIV64_H

#include <linux/types.h>

/* @n is a u64 variable, @base 32 bits wide. */
#define do_div(n, base) __extension__			\
({							\
	u32 uwq_base = (base);				\
	u32 uwq_rest = (u64)(n) % uwq_base;		\
	(n) = (u64)(n) / uwq_base;			\
	uwq_rest;					\
})

#endif
