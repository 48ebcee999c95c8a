// SPDX-License-Identifier: MIT
/*
 * slab_strings.c - copies of strings and bytes in kmalloc()ed memory, and what
 * can be said about a block
 *
 * In the ledger a copy belongs to whoever asked for it. Context: as kmalloc()
 * with the flags given.
 *
 * Differs from Linux: kstrdup_const() always copies. Linux can see that a string
 * is in the kernel's own read-only data; here it may be in a module that is gone
 * tomorrow.
 */
#include <string.h>

#include <linux/export.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "kernel-compat/slab_internal.h"

#define CALLER	__builtin_return_address(0)

static void *copy_from(const void *src, size_t len, size_t room, gfp_t gfp, const void *caller)
{
	char *copy = kmalloc_track_caller_ip(room, gfp, caller);

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, src, len);
	if (room > len)
		copy[len] = '\0';
	return copy;
}

/**
 * kstrdup - copy a string
 * @s: string, or NULL
 * @gfp: how to allocate
 *
 * Return: copy for kfree(); NULL for NULL or when out of memory.
 */
char *kstrdup(const char *s, gfp_t gfp)
{
	size_t len = s ? strlen(s) : 0;

	return s ? copy_from(s, len, len + 1, gfp, CALLER) : NULL;
}
EXPORT_SYMBOL(kstrdup);

char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	size_t len = s ? strnlen(s, max) : 0;

	return s ? copy_from(s, len, len + 1, gfp, CALLER) : NULL;
}
EXPORT_SYMBOL(kstrndup);

void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	return copy_from(src, len, len, gfp, CALLER);
}
EXPORT_SYMBOL(kmemdup);

void *kvmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *copy = kvmalloc_from(len, gfp, CALLER);

	return copy && len ? memcpy(copy, src, len) : copy;
}
EXPORT_SYMBOL(kvmemdup);

void *kmemdup_array(const void *src, size_t count, size_t element_size, gfp_t gfp)
{
	size_t len;

	if (__builtin_mul_overflow(count, element_size, &len))
		return NULL;
	return copy_from(src, len, len, gfp, CALLER);
}
EXPORT_SYMBOL(kmemdup_array);

char *kmemdup_nul(const char *s, size_t len, gfp_t gfp)
{
	return s ? copy_from(s, len, len + 1, gfp, CALLER) : NULL;
}
EXPORT_SYMBOL(kmemdup_nul);

const char *kstrdup_const(const char *s, gfp_t gfp)
{
	size_t len = s ? strlen(s) : 0;

	return s ? copy_from(s, len, len + 1, gfp, CALLER) : NULL;
}
EXPORT_SYMBOL(kstrdup_const);

void kfree_const(const void *x)
{
	if (!ZERO_OR_NULL_PTR(x))
		free_block(x, NULL, CALLER);
}
EXPORT_SYMBOL(kfree_const);

/**
 * kmem_dump_obj - say in the log whose block this is
 * @object: start of a block
 *
 * Context: any. Return: false if it is not the start of a live block.
 */
bool kmem_dump_obj(void *object)
{
	struct ledger_entry entry;

	if (!ledger_find(object, &entry))
		return false;
	pr_cont(" block of %llu bytes, allocated by %pB\n", (unsigned long long)entry.size,
		entry.caller);
	return true;
}
EXPORT_SYMBOL_GPL(kmem_dump_obj);

void mem_dump_obj(void *object)
{
	if (!kmem_dump_obj(object))
		pr_cont(" not the start of an allocated block\n");
}
EXPORT_SYMBOL_GPL(mem_dump_obj);
