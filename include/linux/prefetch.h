/* SPDX-License-Identifier: MIT */
/*
 * prefetch.h - memory that will be wanted soon
 *
 * Hints: any address will do, also NULL and one that is not mapped. x86-64 processors that
 * cannot fetch a line to write take the instruction for none.
 */
#ifndef UWQ_LINUX_PREFETCH_H
#define UWQ_LINUX_PREFETCH_H

#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/types.h>

#define PREFETCH_STRIDE	(4 * L1_CACHE_BYTES)

/* To read. */
static __always_inline void prefetch(const void *x)
{
	__builtin_prefetch(x, 0);
}

/* To write: nobody else keeps a copy of the line. */
static __always_inline void prefetchw(const void *x)
{
#if defined(__x86_64__)
	__asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)x));
#else
	__builtin_prefetch(x, 1);
#endif
}

/* To read, the lines of @len bytes from @addr on, as far as a stride meets them. */
static inline void prefetch_range(void *addr, size_t len)
{
	const char *pos = (const char *)addr, *end = pos + len;

	for (; pos < end; pos += PREFETCH_STRIDE)
		prefetch(pos);
}

#endif
