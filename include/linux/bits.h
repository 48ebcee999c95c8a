/* SPDX-License-Identifier: MIT */
/*
 * bits.h - single bits and runs of bits as constants
 */
#ifndef UWQ_LINUX_BITS_H
#define UWQ_LINUX_BITS_H

#include <linux/const.h>
#include <asm/bitsperlong.h>

#define BITS_PER_BYTE		8

#define BIT(nr)			(1UL << (nr))
#define BIT_ULL(nr)		(1ULL << (nr))
/* Place of bit @nr in an array of words. */
#define BIT_MASK(nr)		(1UL << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr)		((nr) / BITS_PER_LONG)
#define BIT_ULL_MASK(nr)	(1ULL << ((nr) % BITS_PER_LONG_LONG))
#define BIT_ULL_WORD(nr)	((nr) / BITS_PER_LONG_LONG)

/* Bits @l to @h, both included; h >= l. */
#define GENMASK(h, l)		\
	((~0UL << (l)) & (~0UL >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l)	\
	((~0ULL << (l)) & (~0ULL >> (BITS_PER_LONG_LONG - 1 - (h))))

#endif
