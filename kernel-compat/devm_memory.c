// SPDX-License-Identifier: MIT
/*
 * devm_memory.c - memory that is freed when a device's life ends
 *
 * Each block is a record of devres.c, followed by the caller's bytes. In the
 * ledger it belongs to whoever asked for it.
 *
 * Differs from Linux: devm_kstrdup_const() always copies, as kstrdup_const().
 */
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "kernel-compat/devres_internal.h"

#define CALLER	__builtin_return_address(0)

/* The record is the memory: freeing the record is all. */
static void no_more_to_do(struct device *dev, void *res)
{
	(void)dev;
	(void)res;
}

static int is_block(struct device *dev, void *res, void *wanted)
{
	(void)dev;
	return res == wanted;
}

static void *new_block(struct device *dev, size_t size, gfp_t gfp, const void *caller)
{
	void *res;

	if (!size)
		return ZERO_SIZE_PTR;
	res = devres_new(no_more_to_do, size, gfp, "devm_kmalloc", caller);
	if (res)
		devres_add(dev, res);
	return res;
}

static void *copy(struct device *dev, const void *src, size_t len, gfp_t gfp, const void *caller)
{
	void *res = new_block(dev, len, gfp, caller);

	return res && len ? memcpy(res, src, len) : res;
}

/**
 * devm_kmalloc - memory for as long as the device lives
 * @dev: device
 * @size: bytes
 * @gfp: how to allocate
 *
 * Return: the memory; devm_kfree() is not necessary. NULL: there is none.
 */
void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp)
{
	return new_block(dev, size, gfp, CALLER);
}
EXPORT_SYMBOL_GPL(devm_kmalloc);

/**
 * devm_kfree - give memory back early
 * @dev: device
 * @p: from devm_kmalloc() and its relatives with this @dev, or NULL; otherwise a WARN
 */
void devm_kfree(struct device *dev, const void *p)
{
	if (ZERO_OR_NULL_PTR(p))
		return;
	WARN(devres_destroy(dev, no_more_to_do, is_block, (void *)p),
	     "devm_kfree: %p is no memory of %s\n", p, dev_name(dev));
}
EXPORT_SYMBOL_GPL(devm_kfree);

/* Put @fresh in the place of the block @old; false: @old is none of @dev's */
static bool take_place(struct device *dev, struct devres *fresh, void *old)
{
	struct devres *dr;
	unsigned long flags;

	spin_lock_irqsave(&dev->devres_lock, flags);
	dr = devres_find_locked(dev, no_more_to_do, is_block, old);
	if (dr)
		list_replace_init(&dr->node.entry, &fresh->node.entry);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
	return dr != NULL;
}

/**
 * devm_krealloc - make a block larger or smaller
 * @dev: device
 * @ptr: from devm_kmalloc() with this @dev; NULL: a new block
 * @size: bytes wanted; 0 frees
 * @gfp: how to allocate
 *
 * Return: the block, perhaps elsewhere, with the contents that fit; NULL: no
 * memory, or @ptr is none of @dev's (with a WARN). @ptr stays as it is then.
 */
void *devm_krealloc(struct device *dev, void *ptr, size_t size, gfp_t gfp)
{
	size_t old_size;
	void *res;

	if (!size) {
		devm_kfree(dev, ptr);
		return ZERO_SIZE_PTR;
	}
	if (ZERO_OR_NULL_PTR(ptr))
		return new_block(dev, size, gfp, CALLER);
	if (WARN(!devres_find(dev, no_more_to_do, is_block, ptr),
		 "devm_krealloc: %p is no memory of %s\n", ptr, dev_name(dev)))
		return NULL;
	old_size = devres_of(ptr)->node.size;
	if (size <= old_size)
		return ptr;
	res = devres_new(no_more_to_do, size, gfp, "devm_kmalloc", CALLER);
	if (!res)
		return NULL;
	memcpy(res, ptr, old_size);
	if (WARN(!take_place(dev, devres_of(res), ptr),
		 "devm_krealloc: %p was freed meanwhile\n", ptr)) {
		devres_free(res);
		return NULL;
	}
	devres_free(ptr);
	return res;
}
EXPORT_SYMBOL_GPL(devm_krealloc);

/**
 * devm_kstrdup - copy a string for as long as the device lives
 * @dev: device
 * @s: string, or NULL
 * @gfp: how to allocate
 *
 * Return: the copy; NULL for NULL, or no memory.
 */
char *devm_kstrdup(struct device *dev, const char *s, gfp_t gfp)
{
	return s ? copy(dev, s, strlen(s) + 1, gfp, CALLER) : NULL;
}
EXPORT_SYMBOL_GPL(devm_kstrdup);

/**
 * devm_kstrdup_const - as devm_kstrdup()
 * @dev: device
 * @s: string, or NULL
 * @gfp: how to allocate
 *
 * Return: the copy; NULL for NULL, or no memory.
 */
const char *devm_kstrdup_const(struct device *dev, const char *s, gfp_t gfp)
{
	return s ? copy(dev, s, strlen(s) + 1, gfp, CALLER) : NULL;
}
EXPORT_SYMBOL_GPL(devm_kstrdup_const);

/**
 * devm_kmemdup - copy bytes for as long as the device lives
 * @dev: device
 * @src: bytes
 * @len: how many
 * @gfp: how to allocate
 *
 * Return: the copy, or NULL: no memory.
 */
void *devm_kmemdup(struct device *dev, const void *src, size_t len, gfp_t gfp)
{
	return copy(dev, src, len, gfp, CALLER);
}
EXPORT_SYMBOL_GPL(devm_kmemdup);

static char *print(struct device *dev, gfp_t gfp, const char *fmt, va_list args,
		   const void *caller)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return NULL;
	text = new_block(dev, (size_t)len + 1, gfp, caller);
	if (text)
		vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

/**
 * devm_kvasprintf - a formatted string for as long as the device lives
 * @dev: device
 * @gfp: how to allocate
 * @fmt: format
 * @args: its arguments
 *
 * Return: the string, or NULL: no memory.
 */
char *devm_kvasprintf(struct device *dev, gfp_t gfp, const char *fmt, va_list args)
{
	return print(dev, gfp, fmt, args, CALLER);
}
EXPORT_SYMBOL_GPL(devm_kvasprintf);

/**
 * devm_kasprintf - a formatted string for as long as the device lives
 * @dev: device
 * @gfp: how to allocate
 * @fmt: format
 *
 * Return: the string, or NULL: no memory.
 */
char *devm_kasprintf(struct device *dev, gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = print(dev, gfp, fmt, args, CALLER);
	va_end(args);
	return text;
}
EXPORT_SYMBOL_GPL(devm_kasprintf);
