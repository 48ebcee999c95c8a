/* SPDX-License-Identifier: MIT */
/*
 * page.h - the size of a page
 *
 * Differs from Linux: fixed at 4 KiB for everybody, whatever the machine's MMU
 * uses, because kernel code computes with PAGE_SIZE at compile time.
 */
#ifndef UWQ_ASM_PAGE_H
#define UWQ_ASM_PAGE_H

#include <linux/types.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

#define PAGE_ALIGN(addr)	(((addr) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_ALIGN_DOWN(addr)	((addr) & PAGE_MASK)
#define PAGE_ALIGNED(addr)	(((unsigned long)(addr) & ~PAGE_MASK) == 0)
#define offset_in_page(p)	((unsigned long)(p) & ~PAGE_MASK)

/* Smallest order whose block holds @size bytes. */
static inline __attribute__((__const__)) int get_order(unsigned long size)
{
	unsigned long pages = (size - 1) >> PAGE_SHIFT;

	if (!size)
		return 64 - PAGE_SHIFT;
	return pages ? 64 - __builtin_clzl(pages) : 0;
}

#endif
