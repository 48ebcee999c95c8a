/* SPDX-License-Identifier: MIT */
/*
 * vmalloc.h - large blocks, aligned to a page
 *
 * Differs from Linux: the memory is no different from kmalloc()'s, only
 * page-aligned and without an upper limit; vmap() and its relatives are absent.
 */
#ifndef UWQ_LINUX_VMALLOC_H
#define UWQ_LINUX_VMALLOC_H

#include <linux/gfp.h>
#include <linux/overflow.h>
#include <uwq/api.h>

UWQ_API_BEGIN
void *vmalloc(unsigned long size) __attribute__((__malloc__, __alloc_size__(1)));
void *vzalloc(unsigned long size) __attribute__((__malloc__, __alloc_size__(1)));
void *__vmalloc(unsigned long size, gfp_t gfp)
	__attribute__((__malloc__, __alloc_size__(1)));
void vfree(const void *addr);
bool is_vmalloc_addr(const void *addr);
UWQ_API_END

/* Memory has no node here. */
#define vmalloc_node(size, node)	((void)(node), vmalloc(size))
#define vzalloc_node(size, node)	((void)(node), vzalloc(size))
#define vmalloc_user(size)		vzalloc(size)
#define vmalloc_huge(size, gfp)		__vmalloc(size, gfp)
#define vmalloc_array(n, size)		vmalloc(array_size(n, size))
#define vcalloc(n, size)		vzalloc(array_size(n, size))
/* vfree() never sleeps here. */
#define vfree_atomic(addr)		vfree(addr)

#endif
