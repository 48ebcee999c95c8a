/* SPDX-License-Identifier: MIT */
/*
 * mm.h - what ported code expects of the memory manager: page arithmetic, the
 * kvmalloc() family, and questions about pointers
 */
#ifndef UWQ_LINUX_MM_H
#define UWQ_LINUX_MM_H

#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/page.h>
#include <uwq/api.h>

UWQ_API_BEGIN
/* Physical memory of the machine in pages. */
unsigned long totalram_pages(void);
/* Says in the log what @object is: whose allocation, how large. */
void mem_dump_obj(void *object);
UWQ_API_END

#endif
