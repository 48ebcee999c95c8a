/* SPDX-License-Identifier: MIT */
/*
 * cache.h - cache lines, and data that is read much and written seldom
 *
 * Differs from Linux: __read_mostly and __ro_after_init gather nothing in a
 * section of their own and protect nothing; they stay a word for the reader.
 */
#ifndef UWQ_LINUX_CACHE_H
#define UWQ_LINUX_CACHE_H

#include <linux/compiler.h>

#define L1_CACHE_SHIFT		6
#define L1_CACHE_BYTES		(1 << L1_CACHE_SHIFT)
#define SMP_CACHE_BYTES		L1_CACHE_BYTES
#define L1_CACHE_ALIGN(x)	(((x) + L1_CACHE_BYTES - 1) & ~(__typeof__(x))(L1_CACHE_BYTES - 1))

#define ____cacheline_aligned			__aligned(SMP_CACHE_BYTES)
#define ____cacheline_aligned_in_smp		____cacheline_aligned
#define __cacheline_aligned			____cacheline_aligned
#define __cacheline_aligned_in_smp		____cacheline_aligned
#define ____cacheline_internodealigned_in_smp	____cacheline_aligned

#define __read_mostly
#define __ro_after_init

#endif
