/* SPDX-License-Identifier: MIT */
/*
 * gfp.h - whole pages by address
 *
 * Differs from Linux: there is no struct page, so alloc_page(), page_address()
 * and virt_to_page() are absent. Blocks are aligned to their own size.
 */
#ifndef UWQ_LINUX_GFP_H
#define UWQ_LINUX_GFP_H

#include <linux/gfp_types.h>
#include <asm/page.h>
#include <uwq/api.h>

#define MAX_PAGE_ORDER	10
#define MAX_ORDER	MAX_PAGE_ORDER

UWQ_API_BEGIN
/* 2^order pages; 0 when out of memory or @order is above MAX_PAGE_ORDER. */
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
unsigned long get_zeroed_page(gfp_t gfp);
void free_pages(unsigned long addr, unsigned int order);
/* @size rounded up to pages. */
void *alloc_pages_exact(size_t size, gfp_t gfp);
void free_pages_exact(void *virt, size_t size);
UWQ_API_END

#define __get_free_page(gfp)		__get_free_pages((gfp), 0)
#define __get_dma_pages(gfp, order)	__get_free_pages((gfp) | GFP_DMA, (order))
#define free_page(addr)			free_pages((addr), 0)

/* May an allocation with these flags sleep? */
static inline bool gfpflags_allow_blocking(const gfp_t gfp_flags)
{
	return (gfp_flags & __GFP_DIRECT_RECLAIM) != 0;
}

#endif
