/* SPDX-License-Identifier: MIT */
/*
 * slab_internal.h - one block, between slab.c and the allocators built on it
 */
#ifndef UWQ_KERNEL_COMPAT_SLAB_INTERNAL_H
#define UWQ_KERNEL_COMPAT_SLAB_INTERNAL_H

#include <linux/slab.h>

#include "kernel-compat/ledger.h"

struct block {
	size_t	    size;	/* what the caller asked for */
	size_t	    extra;	/* behind it, for the allocator itself */
	size_t	    align;	/* a power of two */
	gfp_t	    gfp;
	const void *caller;
	const void *kind;	/* LEDGER_*, or the cache */
};

/* NULL when out of memory; complains as the flags allow. Keeps errno. */
void *alloc_block(const struct block *want);

/* @kind NULL: any kind. Misuse is a WARN that names @caller. Keeps errno. */
void free_block(const void *p, const void *kind, const void *caller);

void *kvmalloc_from(size_t size, gfp_t gfp, const void *caller);

#endif
