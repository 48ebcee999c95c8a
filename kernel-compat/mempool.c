// SPDX-License-Identifier: MIT
/*
 * mempool.c - a reserve of elements, and waiting for it
 *
 * An allocation asks the pool's allocator first, in a way that fails soon; then
 * the reserve; then it waits until an element comes back, if it may sleep.
 * Elements that come back fill the reserve before they go to the allocator.
 *
 * Locks: pool->lock around the reserve; the allocator is called without it.
 *
 * Differs from Linux: mempool_resize() is absent.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/mempool.h>
#include <linux/sched.h>

/* Linux's own figure: the allocator may have memory again without anybody telling us. */
#define LOOK_AGAIN	(5 * HZ)

static void *take_reserve(mempool_t *pool)
{
	unsigned long flags;
	void *element = NULL;

	spin_lock_irqsave(&pool->lock, flags);
	if (pool->curr_nr) {
		element = pool->elements[pool->curr_nr - 1];
		__atomic_store_n(&pool->curr_nr, pool->curr_nr - 1, __ATOMIC_RELAXED);
	}
	spin_unlock_irqrestore(&pool->lock, flags);
	return element;
}

void mempool_exit(mempool_t *pool)
{
	while (pool->elements && pool->curr_nr)
		pool->free(pool->elements[--pool->curr_nr], pool->pool_data);
	kfree(pool->elements);
	pool->elements = NULL;
}
EXPORT_SYMBOL(mempool_exit);

int mempool_init(mempool_t *pool, int min_nr, mempool_alloc_t *alloc_fn,
		 mempool_free_t *free_fn, void *pool_data)
{
	spin_lock_init(&pool->lock);
	init_waitqueue_head(&pool->wait);
	pool->min_nr = min_nr;
	pool->curr_nr = 0;
	pool->pool_data = pool_data;
	pool->alloc = alloc_fn;
	pool->free = free_fn;
	/* a pool without reserve has one place all the same, never filled */
	pool->elements = kmalloc_array((size_t)min_nr + 1, sizeof(void *), GFP_KERNEL);
	if (!pool->elements)
		return -ENOMEM;
	while (pool->curr_nr < min_nr) {
		void *element = alloc_fn(GFP_KERNEL, pool_data);

		if (!element) {
			mempool_exit(pool);
			return -ENOMEM;
		}
		pool->elements[pool->curr_nr++] = element;
	}
	return 0;
}
EXPORT_SYMBOL(mempool_init);

/**
 * mempool_create - make a pool and fill its reserve
 * @min_nr: elements in reserve
 * @alloc_fn: allocates one
 * @free_fn: frees one
 * @pool_data: given to both
 *
 * Context: may sleep. Return: pool for mempool_destroy(); NULL when out of memory.
 */
mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc_fn, mempool_free_t *free_fn,
			  void *pool_data)
{
	mempool_t *pool = kmalloc(sizeof(*pool), GFP_KERNEL);

	if (pool && mempool_init(pool, min_nr, alloc_fn, free_fn, pool_data)) {
		kfree(pool);
		pool = NULL;
	}
	return pool;
}
EXPORT_SYMBOL(mempool_create);

void mempool_destroy(mempool_t *pool)
{
	if (!pool)
		return;
	mempool_exit(pool);
	kfree(pool);
}
EXPORT_SYMBOL(mempool_destroy);

static bool reserve_empty(mempool_t *pool)
{
	return !__atomic_load_n(&pool->curr_nr, __ATOMIC_RELAXED);
}

/* On the wait queue first, then a last look: who gives back after it wakes us. */
static void wait_for_element(mempool_t *pool)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&pool->wait, &wait, TASK_UNINTERRUPTIBLE);
	if (reserve_empty(pool))
		schedule_timeout(LOOK_AGAIN);
	finish_wait(&pool->wait, &wait);
}

/**
 * mempool_alloc - an element
 * @pool: of this pool
 * @gfp_mask: may it sleep?
 *
 * Context: as @gfp_mask says. Return: element; NULL only if it may not sleep.
 */
void *mempool_alloc(mempool_t *pool, gfp_t gfp_mask)
{
	gfp_t soon = (gfp_mask & ~(__GFP_DIRECT_RECLAIM | __GFP_IO | __GFP_NOFAIL)) |
		     __GFP_NORETRY | __GFP_NOMEMALLOC | __GFP_NOWARN;

	for (;;) {
		void *element = pool->alloc(soon, pool->pool_data);

		if (!element)
			element = take_reserve(pool);
		if (element || !gfpflags_allow_blocking(gfp_mask))
			return element;
		wait_for_element(pool);
	}
}
EXPORT_SYMBOL(mempool_alloc);

void *mempool_alloc_preallocated(mempool_t *pool)
{
	return take_reserve(pool);
}
EXPORT_SYMBOL(mempool_alloc_preallocated);

/**
 * mempool_free - give an element back
 * @element: element, or NULL
 * @pool: its pool
 *
 * Context: any.
 */
void mempool_free(void *element, mempool_t *pool)
{
	unsigned long flags;
	bool kept;

	if (!element)
		return;
	spin_lock_irqsave(&pool->lock, flags);
	kept = pool->curr_nr < pool->min_nr;
	if (kept) {
		pool->elements[pool->curr_nr] = element;
		__atomic_store_n(&pool->curr_nr, pool->curr_nr + 1, __ATOMIC_RELAXED);
		wake_up(&pool->wait);
	}
	spin_unlock_irqrestore(&pool->lock, flags);
	if (!kept)
		pool->free(element, pool->pool_data);
}
EXPORT_SYMBOL(mempool_free);

void *mempool_alloc_slab(gfp_t gfp_mask, void *pool_data)
{
	return kmem_cache_alloc(pool_data, gfp_mask);
}
EXPORT_SYMBOL(mempool_alloc_slab);

void mempool_free_slab(void *element, void *pool_data)
{
	kmem_cache_free(pool_data, element);
}
EXPORT_SYMBOL(mempool_free_slab);

void *mempool_kmalloc(gfp_t gfp_mask, void *pool_data)
{
	return kmalloc((size_t)pool_data, gfp_mask);
}
EXPORT_SYMBOL(mempool_kmalloc);

void mempool_kfree(void *element, void *pool_data)
{
	(void)pool_data;
	kfree(element);
}
EXPORT_SYMBOL(mempool_kfree);
