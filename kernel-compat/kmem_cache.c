// SPDX-License-Identifier: MIT
/*
 * kmem_cache.c - allocators for objects of one size
 *
 * A cache is a description: size, alignment, constructor. Its objects are
 * ordinary blocks, tagged in the ledger with the address of their cache. So
 * giving an object to the wrong cache is noticed, and destroying a cache with
 * objects in use can say how many.
 *
 * SLAB_TYPESAFE_BY_RCU: an object given back stays as it is until a grace period
 * has passed; the rcu_head for it lies behind the object, which keeps its state.
 *
 * Differs from Linux: a constructor runs at every allocation, because no free
 * object is kept. A caller sees the same: a constructed object, each time.
 */
#include <string.h>

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "kernel-compat/slab_internal.h"

#define CALLER		__builtin_return_address(0)
#define CACHE_LINE	64u

/* Lies behind an object that outlives its free by a grace period. */
struct deferred {
	struct rcu_head head;
	void *object;		/* NULL while the object is in use */
};

struct kmem_cache {
	unsigned int size, align;	/* I */
	slab_flags_t flags;		/* I */
	size_t	     tail;		/* I: offset of the struct deferred */
	void	     (*ctor)(void *object);	/* I */
	char	     name[];		/* I */
};

/* A small object gets as much of a line as it needs not to share it with a larger one. */
static unsigned int cache_align(unsigned int size, unsigned int align, slab_flags_t flags)
{
	unsigned int line = CACHE_LINE;

	if (flags & SLAB_HWCACHE_ALIGN) {
		while (size <= line / 2 && line > ARCH_SLAB_MINALIGN)
			line /= 2;
		if (align < line)
			align = line;
	}
	return align < ARCH_SLAB_MINALIGN ? ARCH_SLAB_MINALIGN : align;
}

static struct kmem_cache *new_cache(const char *name, unsigned int size, unsigned int align,
				    slab_flags_t flags, void (*ctor)(void *object),
				    const void *caller)
{
	struct kmem_cache *cache;
	size_t name_size;

	if (WARN(!name || !size || size > KMALLOC_MAX_SIZE || (align & (align - 1)),
		 "kmem_cache_create: name \"%s\", size %u, alignment %u\n", name, size, align))
		return NULL;
	name_size = strlen(name) + 1;
	cache = kmalloc_track_caller_ip(sizeof(*cache) + name_size, GFP_KERNEL, caller);
	if (!cache)
		return NULL;
	*cache = (struct kmem_cache){
		.size = size, .align = cache_align(size, align, flags),
		.flags = flags, .ctor = ctor,
		.tail = ((size_t)size + sizeof(void *) - 1) & ~(sizeof(void *) - 1),
	};
	memcpy(cache->name, name, name_size);
	return cache;
}

/**
 * __kmem_cache_create - describe a kind of object
 * @name: for messages; copied
 * @size: bytes of an object
 * @align: a power of two, 0 = the default of 16
 * @flags: SLAB_*
 * @ctor: brings an object into its first state; may be NULL
 *
 * Context: may sleep. Return: the cache for kmem_cache_destroy(); NULL: out of
 * memory or bad arguments (a panic instead under SLAB_PANIC, as it says).
 */
struct kmem_cache *__kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				       slab_flags_t flags, void (*ctor)(void *object))
{
	struct kmem_cache *cache = new_cache(name, size, align, flags, ctor, CALLER);

	if (!cache && (flags & SLAB_PANIC))
		panic("kmem_cache_create: cannot make cache %s\n", name);
	return cache;
}
EXPORT_SYMBOL(__kmem_cache_create);

struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned int size,
					    struct kmem_cache_args *args, slab_flags_t flags)
{
	struct kmem_cache *cache = new_cache(name, size, args ? args->align : 0, flags,
					     args ? args->ctor : NULL, CALLER);

	if (!cache && (flags & SLAB_PANIC))
		panic("kmem_cache_create: cannot make cache %s\n", name);
	return cache;
}
EXPORT_SYMBOL(__kmem_cache_create_args);

/* What may be copied to user space is everything: there is one address space. */
struct kmem_cache *kmem_cache_create_usercopy(const char *name, unsigned int size,
					      unsigned int align, slab_flags_t flags,
					      unsigned int useroffset, unsigned int usersize,
					      void (*ctor)(void *object))
{
	struct kmem_cache *cache = new_cache(name, size, align, flags, ctor, CALLER);

	(void)useroffset;
	(void)usersize;
	if (!cache && (flags & SLAB_PANIC))
		panic("kmem_cache_create: cannot make cache %s\n", name);
	return cache;
}
EXPORT_SYMBOL(kmem_cache_create_usercopy);

/**
 * kmem_cache_destroy - give up a cache
 * @cache: cache, or NULL; all objects have been given back
 *
 * Context: sleeps (rcu_barrier() for a cache with SLAB_TYPESAFE_BY_RCU, and for
 * objects on their way through kfree_rcu()). Objects still in use are counted in
 * a WARN, stay valid, and so does the cache.
 */
void kmem_cache_destroy(struct kmem_cache *cache)
{
	size_t left;

	if (!cache)
		return;
	left = ledger_count_kind(cache);
	if (left || (cache->flags & SLAB_TYPESAFE_BY_RCU)) {
		rcu_barrier();
		left = ledger_count_kind(cache);
	}
	if (WARN(left, "kmem_cache_destroy %s: %zu object%s still in use, from %pB\n",
		 cache->name, left, left == 1 ? "" : "s", CALLER))
		return;
	free_block(cache, NULL, CALLER);
}
EXPORT_SYMBOL(kmem_cache_destroy);

static struct deferred *tail_of(const struct kmem_cache *cache, void *object)
{
	return (struct deferred *)((char *)object + cache->tail);
}

static void *cache_alloc_from(struct kmem_cache *cache, gfp_t gfp, const void *caller)
{
	struct block want = {
		.size = cache->size, .align = cache->align, .gfp = gfp,
		.caller = caller, .kind = cache,
	};
	void *object;

	if (cache->flags & SLAB_TYPESAFE_BY_RCU)
		want.extra = cache->tail - cache->size + sizeof(struct deferred);
	object = alloc_block(&want);
	if (object && want.extra)
		tail_of(cache, object)->object = NULL;
	if (object && cache->ctor)
		cache->ctor(object);
	return object;
}

/**
 * kmem_cache_alloc - an object
 * @cache: of this cache
 * @gfp: flags
 *
 * Context: any, as the flags say. Return: constructed object, or NULL.
 */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return cache_alloc_from(cache, gfp, CALLER);
}
EXPORT_SYMBOL(kmem_cache_alloc);

void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	return cache_alloc_from(cache, gfp | __GFP_ZERO, CALLER);
}
EXPORT_SYMBOL(kmem_cache_zalloc);

static void free_deferred(struct rcu_head *head)
{
	void *object = ((struct deferred *)head)->object;

	free_block(object, NULL, __builtin_return_address(0));
}

/* False: @object is no object of @cache in use; said so. */
static bool may_defer(struct kmem_cache *cache, void *object, const void *caller)
{
	struct ledger_entry entry;

	return !WARN(!ledger_find(object, &entry) || entry.kind != cache ||
		     tail_of(cache, object)->object,
		     "%pB frees %px, which is no object of cache %s in use\n", caller, object,
		     cache->name);
}

static void cache_free_from(struct kmem_cache *cache, void *object, const void *caller)
{
	if (!object)
		return;
	if (!(cache->flags & SLAB_TYPESAFE_BY_RCU)) {
		free_block(object, cache, caller);
	} else if (may_defer(cache, object, caller)) {
		tail_of(cache, object)->object = object;
		call_rcu(&tail_of(cache, object)->head, free_deferred);
	}
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	cache_free_from(cache, object, CALLER);
}
EXPORT_SYMBOL(kmem_cache_free);

void kmem_cache_free_bulk(struct kmem_cache *cache, size_t nr, void **objects)
{
	for (size_t i = 0; i < nr; i++)
		cache_free_from(cache, objects[i], CALLER);
}
EXPORT_SYMBOL(kmem_cache_free_bulk);

int kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t nr, void **objects)
{
	for (size_t i = 0; i < nr; i++) {
		objects[i] = cache_alloc_from(cache, gfp, CALLER);
		if (objects[i])
			continue;
		while (i--)
			cache_free_from(cache, objects[i], CALLER);
		return 0;
	}
	return (int)nr;
}
EXPORT_SYMBOL(kmem_cache_alloc_bulk);

unsigned int kmem_cache_size(struct kmem_cache *cache)
{
	return cache->size;
}
EXPORT_SYMBOL(kmem_cache_size);
