/* SPDX-License-Identifier: MIT */
/*
 * ledger.h - the book of live blocks, as slab.c and its relatives keep it
 *
 * Separate from the blocks, so that a block is nothing but what libc gave, a
 * stray write cannot destroy the book, and freeing something twice is seen.
 */
#ifndef UWQ_KERNEL_COMPAT_LEDGER_H
#define UWQ_KERNEL_COMPAT_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

/* What kind of block; an object of a cache has the address of its cache. */
#define LEDGER_KMALLOC	((const void *)1)
#define LEDGER_VMALLOC	((const void *)2)
#define LEDGER_PAGES	((const void *)3)

struct ledger_entry {
	const void	  *addr;	/* NULL = empty place */
	const void	  *caller;
	const void	  *kind;
	unsigned long long size : 40;	/* up to a terabyte */
	unsigned long long period : 24;
};

/* False: no memory for the book. A stale entry of the same address is replaced. */
bool ledger_enter(const void *addr, size_t size, const void *caller, const void *kind);

/* Take the entry of @addr out, into @entry. False: there is none. */
bool ledger_remove(const void *addr, struct ledger_entry *entry);

/* Put back what ledger_remove() took out a moment ago; cannot fail. */
void ledger_restore(const struct ledger_entry *entry);

/* Copy the entry of @addr. False: not a live block. */
bool ledger_find(const void *addr, struct ledger_entry *entry);

/* Live blocks of a kind. */
size_t ledger_count_kind(const void *kind);

#endif
