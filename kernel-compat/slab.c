// SPDX-License-Identifier: MIT
/*
 * slab.c - kmalloc(), vmalloc() and pages: libc's malloc() with a ledger
 *
 * Each block is one block of libc's, freed at once, so that AddressSanitizer
 * and valgrind know as much about it as about any other. The ledger knows its
 * size, its kind and its caller; that makes ksize() exact and turns a second
 * kfree(), or one of an address that was never allocated, into a WARN that names it.
 *
 * Caches of objects are in kmem_cache.c, strings in slab_strings.c.
 *
 * Context: everything here may be called in any context. libc's malloc() takes
 * locks of its own and calls nothing of ours.
 *
 * Differs from Linux: see linux/slab.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <uwq/blocking.h>

#include "kernel-compat/slab_internal.h"
#include "kernel-compat/test_points.h"

#define CALLER	__builtin_return_address(0)

static bool power_of_two(size_t n)
{
	return n && !(n & (n - 1));
}

/* What malloc() aligns to anyway is not asked for. */
static void *libc_alloc(size_t size, size_t align, bool zero)
{
	void *p = NULL;

	if (align <= ARCH_KMALLOC_MINALIGN)
		return zero ? calloc(1, size) : malloc(size);
	if (posix_memalign(&p, align, size))
		return NULL;
	return zero ? memset(p, 0, size) : p;
}

static void *try_block(const struct block *want)
{
	void *p;

	/* a caller that cannot fail is not asked to by tests either */
	if (!(want->gfp & __GFP_NOFAIL) && test_alloc_fails())
		return NULL;
	p = libc_alloc(want->size + want->extra, want->align, want->gfp & __GFP_ZERO);
	if (p && !ledger_enter(p, want->size, want->caller, want->kind)) {
		free(p);
		return NULL;
	}
	return p;
}

static void check_context(gfp_t gfp)
{
#ifdef UWQ_DEBUG
	WARN_ONCE(gfpflags_allow_blocking(gfp) && (in_atomic() || irqs_disabled()),
		  "allocation with flags %#x may sleep, in a context that must not\n", gfp);
#else
	(void)gfp;
#endif
}

/* Others may run meanwhile, unless the caller may not sleep anyway. */
static void wait_for_memory(gfp_t gfp)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	bool tell = gfpflags_allow_blocking(gfp) && !in_atomic();

	if (tell)
		uwq_blocking_begin();
	nanosleep(&pause, NULL);
	if (tell)
		uwq_blocking_end();
}

void *alloc_block(const struct block *want)
{
	int saved = errno;
	void *p;

	check_context(want->gfp);
	p = try_block(want);
	while (!p && (want->gfp & __GFP_NOFAIL)) {
		wait_for_memory(want->gfp);
		p = try_block(want);
	}
	if (!p && !(want->gfp & __GFP_NOWARN))
		pr_warn_ratelimited("out of memory: %zu bytes for %pB, flags %#x\n", want->size,
				    want->caller, want->gfp);
	errno = saved;
	return p;
}

void free_block(const void *p, const void *kind, const void *caller)
{
	struct ledger_entry entry;
	int saved = errno;

	if (!ledger_remove(p, &entry)) {
		WARN(1, "%pB frees %px, which is not allocated (any more)\n", caller, p);
		return;
	}
	if (kind && entry.kind != kind) {
		ledger_restore(&entry);
		WARN(1, "%pB frees %px, which %pB allocated as another kind\n", caller, p,
		     entry.caller);
		return;
	}
	free((void *)p);
	errno = saved;
}

static size_t kmalloc_align(size_t size)
{
	if (!power_of_two(size))
		return ARCH_KMALLOC_MINALIGN;
	return size < PAGE_SIZE ? size : PAGE_SIZE;
}

static void *kmalloc_from(size_t size, gfp_t gfp, const void *caller)
{
	struct block want = {
		.size = size, .align = kmalloc_align(size), .gfp = gfp,
		.caller = caller, .kind = LEDGER_KMALLOC,
	};

	if (!size)
		return ZERO_SIZE_PTR;
	if (size > KMALLOC_MAX_SIZE) {
		WARN_ONCE(!(gfp & __GFP_NOWARN), "kmalloc of %zu bytes, the limit is %lu\n",
			  size, KMALLOC_MAX_SIZE);
		return NULL;
	}
	return alloc_block(&want);
}

static void *kmalloc_array_from(size_t n, size_t size, gfp_t gfp, const void *caller)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmalloc_from(bytes, gfp, caller);
}

/**
 * kmalloc - allocate
 * @size: bytes, up to KMALLOC_MAX_SIZE; 0 gives ZERO_SIZE_PTR
 * @gfp: GFP_KERNEL and so on, see linux/gfp_types.h
 *
 * Context: any (with flags that allow sleeping, where sleeping is allowed).
 * Return: the block, aligned to its size if that is a power of two up to a page,
 * to 16 bytes otherwise; NULL when out of memory. The caller frees with kfree().
 */
void *kmalloc(size_t size, gfp_t gfp)
{
	return kmalloc_from(size, gfp, CALLER);
}
EXPORT_SYMBOL(kmalloc);

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc_from(size, gfp | __GFP_ZERO, CALLER);
}
EXPORT_SYMBOL(kzalloc);

void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array_from(n, size, gfp, CALLER);
}
EXPORT_SYMBOL(kmalloc_array);

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array_from(n, size, gfp | __GFP_ZERO, CALLER);
}
EXPORT_SYMBOL(kcalloc);

void *kmalloc_track_caller_ip(size_t size, gfp_t gfp, const void *caller)
{
	return kmalloc_from(size, gfp, caller);
}
EXPORT_SYMBOL(kmalloc_track_caller_ip);

/**
 * kfree - give back a block
 * @p: from kmalloc(), a cache, or NULL
 *
 * Context: any. Anything else is a WARN and nothing is freed.
 */
void kfree(const void *p)
{
	if (!ZERO_OR_NULL_PTR(p))
		free_block(p, NULL, CALLER);
}
EXPORT_SYMBOL(kfree);

void kfree_bulk(size_t nr, void **objects)
{
	for (size_t i = 0; i < nr; i++)
		if (!ZERO_OR_NULL_PTR(objects[i]))
			free_block(objects[i], NULL, CALLER);
}
EXPORT_SYMBOL(kfree_bulk);

size_t ksize(const void *p)
{
	struct ledger_entry entry;

	if (ZERO_OR_NULL_PTR(p))
		return 0;
	if (WARN(!ledger_find(p, &entry), "ksize of %px, which is not allocated\n", p))
		return 0;
	return entry.size;
}
EXPORT_SYMBOL(ksize);

/* Through a volatile pointer, so that a store before free() is not dropped. */
static void wipe(void *p, size_t len)
{
	volatile char *byte = p;

	while (len--)
		*byte++ = 0;
}

void kfree_sensitive(const void *p)
{
	if (ZERO_OR_NULL_PTR(p))
		return;
	wipe((void *)p, ksize(p));
	free_block(p, NULL, CALLER);
}
EXPORT_SYMBOL(kfree_sensitive);

/*
 * Smaller stays where it is and keeps its size; so that growing again within it
 * finds zeros if the caller always asks for them, the tail is cleared now.
 */
static void *realloc_from(const void *p, size_t new_size, gfp_t gfp, bool large,
			  const void *caller)
{
	size_t old_size = ksize(p);
	void *larger;

	if (!new_size) {
		if (!ZERO_OR_NULL_PTR(p))
			free_block(p, NULL, caller);
		return ZERO_SIZE_PTR;
	}
	if (new_size <= old_size) {
		if (gfp & __GFP_ZERO)
			memset((char *)p + new_size, 0, old_size - new_size);
		return (void *)p;
	}
	larger = large ? kvmalloc_from(new_size, gfp, caller) : kmalloc_from(new_size, gfp, caller);
	if (larger && old_size) {
		memcpy(larger, p, old_size);
		free_block(p, NULL, caller);
	}
	return larger;
}

/**
 * krealloc - change the size of a block
 * @p: block, or NULL
 * @new_size: bytes; 0 frees
 * @gfp: flags; with __GFP_ZERO at every step the added part is zero
 *
 * Return: the block, perhaps elsewhere; NULL: out of memory, @p is as it was.
 */
void *krealloc(const void *p, size_t new_size, gfp_t gfp)
{
	return realloc_from(p, new_size, gfp, false, CALLER);
}
EXPORT_SYMBOL(krealloc);

void *krealloc_array(void *p, size_t new_n, size_t new_size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(new_n, new_size, &bytes))
		return NULL;
	return realloc_from(p, bytes, gfp, false, CALLER);
}
EXPORT_SYMBOL(krealloc_array);

/* ---- vmalloc and kvmalloc ---- */

static void *vmalloc_from(size_t size, gfp_t gfp, const void *caller)
{
	struct block want = {
		.size = size, .align = PAGE_SIZE, .gfp = gfp,
		.caller = caller, .kind = LEDGER_VMALLOC,
	};

	return size && size <= LONG_MAX ? alloc_block(&want) : NULL;
}

void *kvmalloc_from(size_t size, gfp_t gfp, const void *caller)
{
	if (size <= KMALLOC_MAX_SIZE)
		return kmalloc_from(size, gfp, caller);
	return vmalloc_from(size, gfp, caller);
}

void *vmalloc(unsigned long size)
{
	return vmalloc_from(size, GFP_KERNEL, CALLER);
}
EXPORT_SYMBOL(vmalloc);

void *vzalloc(unsigned long size)
{
	return vmalloc_from(size, GFP_KERNEL | __GFP_ZERO, CALLER);
}
EXPORT_SYMBOL(vzalloc);

void *__vmalloc(unsigned long size, gfp_t gfp)
{
	return vmalloc_from(size, gfp, CALLER);
}
EXPORT_SYMBOL(__vmalloc);

void vfree(const void *addr)
{
	if (addr)
		free_block(addr, LEDGER_VMALLOC, CALLER);
}
EXPORT_SYMBOL(vfree);

bool is_vmalloc_addr(const void *addr)
{
	struct ledger_entry entry;

	return ledger_find(addr, &entry) && entry.kind == LEDGER_VMALLOC;
}
EXPORT_SYMBOL(is_vmalloc_addr);

void *kvmalloc(size_t size, gfp_t gfp)
{
	return kvmalloc_from(size, gfp, CALLER);
}
EXPORT_SYMBOL(kvmalloc);

void *kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc_from(size, gfp | __GFP_ZERO, CALLER);
}
EXPORT_SYMBOL(kvzalloc);

void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kvmalloc_from(bytes, gfp, CALLER);
}
EXPORT_SYMBOL(kvmalloc_array);

void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kvmalloc_from(bytes, gfp | __GFP_ZERO, CALLER);
}
EXPORT_SYMBOL(kvcalloc);

void *kvrealloc(const void *p, size_t new_size, gfp_t gfp)
{
	return realloc_from(p, new_size, gfp, true, CALLER);
}
EXPORT_SYMBOL(kvrealloc);

void kvfree(const void *p)
{
	if (!ZERO_OR_NULL_PTR(p))
		free_block(p, NULL, CALLER);
}
EXPORT_SYMBOL(kvfree);

void kvfree_sensitive(const void *p, size_t len)
{
	if (ZERO_OR_NULL_PTR(p))
		return;
	wipe((void *)p, len);
	free_block(p, NULL, CALLER);
}
EXPORT_SYMBOL(kvfree_sensitive);

/* ---- pages ---- */

static void *pages_from(size_t size, gfp_t gfp, const void *caller)
{
	struct block want = {
		.size = size, .align = size & (size - 1) ? PAGE_SIZE : size, .gfp = gfp,
		.caller = caller, .kind = LEDGER_PAGES,
	};

	return alloc_block(&want);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	if (WARN_ONCE(order > MAX_PAGE_ORDER && !(gfp & __GFP_NOWARN),
		      "2^%u pages asked for, the limit is 2^%u\n", order, MAX_PAGE_ORDER) ||
	    order > MAX_PAGE_ORDER)
		return 0;
	return (unsigned long)pages_from(PAGE_SIZE << order, gfp, CALLER);
}
EXPORT_SYMBOL(__get_free_pages);

unsigned long get_zeroed_page(gfp_t gfp)
{
	return (unsigned long)pages_from(PAGE_SIZE, gfp | __GFP_ZERO, CALLER);
}
EXPORT_SYMBOL(get_zeroed_page);

void free_pages(unsigned long addr, unsigned int order)
{
	(void)order;	/* the ledger knows */
	if (addr)
		free_block((const void *)addr, LEDGER_PAGES, CALLER);
}
EXPORT_SYMBOL(free_pages);

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	if (!size || size > PAGE_SIZE << MAX_PAGE_ORDER)
		return NULL;
	return pages_from(PAGE_ALIGN(size), gfp, CALLER);
}
EXPORT_SYMBOL(alloc_pages_exact);

void free_pages_exact(void *virt, size_t size)
{
	(void)size;
	if (virt)
		free_block(virt, LEDGER_PAGES, CALLER);
}
EXPORT_SYMBOL(free_pages_exact);

unsigned long totalram_pages(void)
{
	long pages = sysconf(_SC_PHYS_PAGES);
	long size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (unsigned long)pages * ((unsigned long)size / PAGE_SIZE) : 0;
}
EXPORT_SYMBOL(totalram_pages);
