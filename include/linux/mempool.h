/* SPDX-License-Identifier: MIT */
/*
 * mempool.h - elements kept back, so that allocating one always gets on
 *
 * A pool holds min_nr elements in reserve. Who may sleep always gets one, sooner
 * or later: at the latest when somebody gives one back.
 */
#ifndef UWQ_LINUX_MEMPOOL_H
#define UWQ_LINUX_MEMPOOL_H

#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <uwq/api.h>

typedef void *(mempool_alloc_t)(gfp_t gfp_mask, void *pool_data);
typedef void (mempool_free_t)(void *element, void *pool_data);

typedef struct mempool_s {
	spinlock_t	  lock;
	int		  min_nr;	/* size of the reserve */
	int		  curr_nr;	/* L: elements in it */
	void		  **elements;	/* L */
	void		  *pool_data;
	mempool_alloc_t	  *alloc;
	mempool_free_t	  *free;
	wait_queue_head_t wait;		/* for the next element that comes back */
} mempool_t;

UWQ_API_BEGIN
mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc_fn, mempool_free_t *free_fn,
			  void *pool_data);
/* All elements have been given back. */
void mempool_destroy(mempool_t *pool);
/* For a pool inside something else; 0 or -ENOMEM. */
int mempool_init(mempool_t *pool, int min_nr, mempool_alloc_t *alloc_fn,
		 mempool_free_t *free_fn, void *pool_data);
void mempool_exit(mempool_t *pool);

void *mempool_alloc(mempool_t *pool, gfp_t gfp_mask);
/* An element of the reserve or NULL; never calls the allocator, never sleeps. */
void *mempool_alloc_preallocated(mempool_t *pool);
void mempool_free(void *element, mempool_t *pool);

/* pool_data is a struct kmem_cache, or a size. */
void *mempool_alloc_slab(gfp_t gfp_mask, void *pool_data);
void mempool_free_slab(void *element, void *pool_data);
void *mempool_kmalloc(gfp_t gfp_mask, void *pool_data);
void mempool_kfree(void *element, void *pool_data);
UWQ_API_END

static inline bool mempool_initialized(mempool_t *pool)
{
	return pool->elements != NULL;
}

#define mempool_create_slab_pool(min_nr, cache)				\
	mempool_create((min_nr), mempool_alloc_slab, mempool_free_slab, (void *)(cache))
#define mempool_create_kmalloc_pool(min_nr, size)			\
	mempool_create((min_nr), mempool_kmalloc, mempool_kfree, (void *)(unsigned long)(size))
#define mempool_init_slab_pool(pool, min_nr, cache)			\
	mempool_init((pool), (min_nr), mempool_alloc_slab, mempool_free_slab, (void *)(cache))
#define mempool_init_kmalloc_pool(pool, min_nr, size)			\
	mempool_init((pool), (min_nr), mempool_kmalloc, mempool_kfree,	\
		     (void *)(unsigned long)(size))

#endif
