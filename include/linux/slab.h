/* SPDX-License-Identifier: MIT */
/*
 * slab.h - kmalloc() and caches of objects of one size
 *
 * Every block is a block of libc's malloc(), given back with free() at once, so
 * that AddressSanitizer and friends see what user code does with it. Live
 * blocks are in the ledger (uwq/ledger.h). Failure is NULL, never an end of
 * the process, unless the flags say __GFP_NOFAIL, which retries for ever.
 *
 * Usable in any context, with any lock held. Sizes that are a power of two are
 * aligned to their size up to a page; others to ARCH_KMALLOC_MINALIGN.
 *
 * Differs from Linux: ksize() is the size asked for, there is no slack. A cache
 * keeps no free objects: its constructor runs at each allocation, which gives
 * the same state to the caller. Freeing what was never allocated, or twice, is
 * a WARN and nothing else.
 */
#ifndef UWQ_LINUX_SLAB_H
#define UWQ_LINUX_SLAB_H

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <linux/types.h>
#include <uwq/api.h>

#define ARCH_KMALLOC_MINALIGN	16
#define ARCH_SLAB_MINALIGN	16
#define KMALLOC_MIN_SIZE	16
#define KMALLOC_SHIFT_MAX	(MAX_PAGE_ORDER + PAGE_SHIFT)
#define KMALLOC_MAX_SIZE	(1UL << KMALLOC_SHIFT_MAX)
#define KMALLOC_MAX_CACHE_SIZE	(2 * PAGE_SIZE)
#define KMALLOC_MAX_ORDER	(KMALLOC_SHIFT_MAX - PAGE_SHIFT)

/* What kmalloc(0) gives: may be freed, must not be used. */
#define ZERO_SIZE_PTR		((void *)16)
#define ZERO_OR_NULL_PTR(x)	((unsigned long)(x) <= (unsigned long)ZERO_SIZE_PTR)

/* Acted upon: HWCACHE_ALIGN, PANIC, TYPESAFE_BY_RCU. The rest tune an allocator
 * that is not there, or ask for checks that the sanitizers make.
 */
#define SLAB_CONSISTENCY_CHECKS	((slab_flags_t)0x00000100u)
#define SLAB_RED_ZONE		((slab_flags_t)0x00000400u)
#define SLAB_POISON		((slab_flags_t)0x00000800u)
#define SLAB_HWCACHE_ALIGN	((slab_flags_t)0x00002000u)
#define SLAB_CACHE_DMA		((slab_flags_t)0x00004000u)
#define SLAB_STORE_USER		((slab_flags_t)0x00010000u)
#define SLAB_RECLAIM_ACCOUNT	((slab_flags_t)0x00020000u)
#define SLAB_PANIC		((slab_flags_t)0x00040000u)
#define SLAB_TYPESAFE_BY_RCU	((slab_flags_t)0x00080000u)
#define SLAB_MEM_SPREAD		((slab_flags_t)0x00100000u)
#define SLAB_TRACE		((slab_flags_t)0x00200000u)
#define SLAB_DEBUG_OBJECTS	((slab_flags_t)0x00400000u)
#define SLAB_NOLEAKTRACE	((slab_flags_t)0x00800000u)
#define SLAB_NO_MERGE		((slab_flags_t)0x01000000u)
#define SLAB_ACCOUNT		((slab_flags_t)0x04000000u)
#define SLAB_TEMPORARY		SLAB_RECLAIM_ACCOUNT
#define SLAB_DESTROY_BY_RCU	SLAB_TYPESAFE_BY_RCU

struct kmem_cache;

struct kmem_cache_args {
	unsigned int	align;
	unsigned int	useroffset;
	unsigned int	usersize;
	unsigned int	freeptr_offset;
	bool		use_freeptr_offset;
	void		(*ctor)(void *object);
};

UWQ_API_BEGIN
void *kmalloc(size_t size, gfp_t gfp) __attribute__((__malloc__, __alloc_size__(1)));
void *kzalloc(size_t size, gfp_t gfp) __attribute__((__malloc__, __alloc_size__(1)));
void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
	__attribute__((__malloc__, __alloc_size__(1, 2)));
void *kcalloc(size_t n, size_t size, gfp_t gfp)
	__attribute__((__malloc__, __alloc_size__(1, 2)));
/* A block owned by @caller in the ledger's eyes; for allocators of one's own. */
void *kmalloc_track_caller_ip(size_t size, gfp_t gfp, const void *caller)
	__attribute__((__malloc__, __alloc_size__(1)));

/* NULL leaves @p as it was. Size 0 frees. */
void *krealloc(const void *p, size_t new_size, gfp_t gfp)
	__attribute__((__warn_unused_result__, __alloc_size__(2)));
void *krealloc_array(void *p, size_t new_n, size_t new_size, gfp_t gfp)
	__attribute__((__warn_unused_result__, __alloc_size__(2, 3)));

void kfree(const void *p);
/* Overwritten with zeros first. */
void kfree_sensitive(const void *p);
/* Bytes asked for; 0 for NULL and ZERO_SIZE_PTR. */
size_t ksize(const void *p);

/* kmalloc() up to KMALLOC_MAX_SIZE, vmalloc() above. */
void *kvmalloc(size_t size, gfp_t gfp) __attribute__((__malloc__, __alloc_size__(1)));
void *kvzalloc(size_t size, gfp_t gfp) __attribute__((__malloc__, __alloc_size__(1)));
void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
	__attribute__((__malloc__, __alloc_size__(1, 2)));
void *kvcalloc(size_t n, size_t size, gfp_t gfp)
	__attribute__((__malloc__, __alloc_size__(1, 2)));
void *kvrealloc(const void *p, size_t new_size, gfp_t gfp)
	__attribute__((__warn_unused_result__, __alloc_size__(2)));
void kvfree(const void *p);
void kvfree_sensitive(const void *p, size_t len);

/* One object cache. @name is kept as a copy. NULL when out of memory or misused. */
struct kmem_cache *__kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				       slab_flags_t flags, void (*ctor)(void *object));
struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned int size,
					    struct kmem_cache_args *args, slab_flags_t flags);
struct kmem_cache *kmem_cache_create_usercopy(const char *name, unsigned int size,
					      unsigned int align, slab_flags_t flags,
					      unsigned int useroffset, unsigned int usersize,
					      void (*ctor)(void *object));
/* Objects still out: WARN with their number, and the cache stays allocated. */
void kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp) __attribute__((__malloc__));
void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp) __attribute__((__malloc__));
void kmem_cache_free(struct kmem_cache *cache, void *object);
/* All @nr or none: the number allocated, 0 on failure. */
int kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t nr, void **objects);
void kmem_cache_free_bulk(struct kmem_cache *cache, size_t nr, void **objects);
void kfree_bulk(size_t nr, void **objects);
unsigned int kmem_cache_size(struct kmem_cache *cache);

/* Says in the log what @object is; false if it is not a live block. */
bool kmem_dump_obj(void *object);
UWQ_API_END

#define kmalloc_track_caller(size, gfp)	\
	kmalloc_track_caller_ip((size), (gfp), __builtin_return_address(0))

/* Memory has no node here. */
#define kmalloc_node(size, gfp, node)			((void)(node), kmalloc(size, gfp))
#define kzalloc_node(size, gfp, node)			((void)(node), kzalloc(size, gfp))
#define kmalloc_array_node(n, size, gfp, node)		((void)(node), kmalloc_array(n, size, gfp))
#define kcalloc_node(n, size, gfp, node)		((void)(node), kcalloc(n, size, gfp))
#define kvmalloc_node(size, gfp, node)			((void)(node), kvmalloc(size, gfp))
#define kvzalloc_node(size, gfp, node)			((void)(node), kvzalloc(size, gfp))
#define kmem_cache_alloc_node(cache, gfp, node)		((void)(node), kmem_cache_alloc(cache, gfp))
#define kmalloc_size_roundup(size)			(size)

/* A cache holds no free objects that could be given up. */
static inline int kmem_cache_shrink(struct kmem_cache *cache)
{
	(void)cache;
	return 0;
}

static inline bool slab_is_available(void)
{
	return true;
}

#define KMEM_CACHE(type, flags)	\
	__kmem_cache_create(#type, sizeof(struct type), __alignof__(struct type), (flags), NULL)
#define KMEM_CACHE_USERCOPY(type, flags, field)				\
	kmem_cache_create_usercopy(#type, sizeof(struct type),		\
				   __alignof__(struct type), (flags),	\
				   offsetof(struct type, field),	\
				   sizeof(((struct type *)0)->field), NULL)

#ifndef __cplusplus
static inline struct kmem_cache *uwq_kmem_cache_create_plain(const char *name, unsigned int size,
							     void *args, slab_flags_t flags)
{
	(void)args;
	return __kmem_cache_create_args(name, size, NULL, flags);
}

/*
 * Two forms: (name, size, align, flags, ctor), and since Linux 6.12
 * (name, size, args or NULL, flags).
 */
#define kmem_cache_create(name, size, third, ...)			\
	_Generic((third),						\
		 struct kmem_cache_args *: __kmem_cache_create_args,	\
		 void *: uwq_kmem_cache_create_plain,			\
		 default: __kmem_cache_create)(name, size, third, __VA_ARGS__)

DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kvfree(_T))
#endif

#endif
