// SPDX-License-Identifier: MIT
/*
 * percpu.c - memory with a copy for each CPU
 *
 * Memory comes in chunks. A chunk has a unit for each possible CPU, one behind
 * the other, all laid out alike; an object is at the same offset in every unit.
 *
 *	     unit of CPU 0	unit of CPU 1	    ...
 *	    |--[head]obj-------|---------obj-------|
 *
 * What users hold is a name: for dynamic objects the address in unit 0, for
 * variables their address in the section that holds the initial values. A list
 * of ranges of names tells where the copies are. It is read without a lock, so
 * entries are only ever added at its front; one that is over keeps its memory
 * and becomes empty.
 *
 * Untouched units cost address space, not memory.
 *
 * Locks: percpu_lock for all but uwq_per_cpu_ptr(), innermost.
 * Differs from Linux: no reserve for atomic context; allocating may enter the
 * system whatever the gfp flags say.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/percpu.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/test_points.h"

#define PAGE		4096ul
#define SMALLEST	16ul	/* sizes and offsets are multiples of it */

/* Free bytes in all units of a chunk, sorted by offset. */
struct extent {
	struct extent *next;
	size_t offset;
	size_t size;
};

struct chunk {
	struct chunk *next;	/* L */
	char *base;		/* I: unit 0 */
	size_t unit;		/* I: bytes */
	struct extent *free;	/* L */
};

/* In front of each dynamic object, in unit 0. */
struct head {
	size_t offset;		/* of what was cut out of the chunk */
	size_t size;
};

/* I but for end; A: the list is read without the lock. */
struct range {
	struct range *next;
	const char *begin;
	const char *end;	/* A: equal to begin when it is over */
	char *copies;		/* where the copy of *begin of CPU 0 is */
	size_t unit;
	size_t size;		/* bytes that the copies have room for */
	struct chunk *chunk;
};

static struct futex_lock percpu_lock = FUTEX_LOCK_INIT;
static struct chunk *chunks;	/* L */
static struct range *ranges;	/* A */
static bool exiting;		/* A: threads may still run, but no module is unloaded */

static void note_exit(void)
{
	__atomic_store_n(&exiting, true, __ATOMIC_RELAXED);
}

/* Lock held. Its fields but next are set. */
static void publish(struct range *range)
{
	range->next = ranges;
	/* Release: pairs with the acquire in find_range(). */
	__atomic_store_n(&ranges, range, __ATOMIC_RELEASE);
}

static struct range *find_range(const char *name)
{
	struct range *range = __atomic_load_n(&ranges, __ATOMIC_ACQUIRE);

	for (; range; range = range->next)
		if (name >= range->begin && name < __atomic_load_n(&range->end, __ATOMIC_ACQUIRE))
			return range;
	return NULL;
}

/**
 * uwq_per_cpu_ptr - the copy of a per-CPU object; behind per_cpu_ptr()
 * @name: a variable's address, what alloc_percpu() returned, or a place within
 * @cpu: a possible CPU
 *
 * Context: any. Return: the copy's address. If @name is not per-CPU memory, or
 * @cpu not possible, this is reported and @name returned.
 */
void *uwq_per_cpu_ptr(const volatile void *name, int cpu)
{
	const char *at = (const char *)name;
	const struct range *range = find_range(at);

	if (WARN_ONCE(!range, "per_cpu_ptr: %px is no per-CPU memory\n", at))
		return (void *)at;
	if (WARN_ONCE((unsigned int)cpu >= nr_cpu_ids, "per_cpu_ptr: no CPU %d, there are %u\n",
		      cpu, nr_cpu_ids))
		return (void *)at;
	return range->copies + (size_t)cpu * range->unit + (at - range->begin);
}

/* Lock held. A chunk whose units have at least @size bytes; NULL: no memory. */
static struct chunk *new_chunk(size_t size)
{
	size_t unit = size > PCPU_MIN_UNIT_SIZE ? (size + PAGE - 1) & ~(PAGE - 1)
						: PCPU_MIN_UNIT_SIZE;
	struct chunk *chunk = malloc(sizeof(*chunk));
	struct extent *extent = malloc(sizeof(*extent));
	struct range *range = malloc(sizeof(*range));
	void *base = mmap(NULL, unit * nr_cpu_ids, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (!chunk || !extent || !range || base == MAP_FAILED) {
		free(chunk);
		free(extent);
		free(range);
		if (base != MAP_FAILED)
			munmap(base, unit * nr_cpu_ids);
		return NULL;
	}
	*extent = (struct extent) { .size = unit };
	*chunk = (struct chunk) { .next = chunks, .base = base, .unit = unit, .free = extent };
	*range = (struct range) { .begin = base, .end = chunk->base + unit, .copies = base,
				  .unit = unit, .size = unit, .chunk = chunk };
	chunks = chunk;
	publish(range);
	return chunk;
}

/* Where in @extent does an object go whose head is in front of an aligned place? */
static size_t place_in(const struct extent *extent, size_t align)
{
	return (extent->offset + sizeof(struct head) + align - 1) & ~(align - 1);
}

/*
 * Lock held. Cut the object, its head and what is lost by alignment off the
 * front of an extent. Returns its place in unit 0, NULL if it does not fit.
 */
static char *cut(struct chunk *chunk, size_t size, size_t align)
{
	struct extent **link, *extent;

	for (link = &chunk->free; (extent = *link); link = &extent->next) {
		size_t place = place_in(extent, align);
		size_t used = place + size - extent->offset;
		struct head *head;

		if (used > extent->size)
			continue;
		head = (struct head *)(chunk->base + place) - 1;
		*head = (struct head) { extent->offset, used };
		extent->offset += used;
		extent->size -= used;
		if (!extent->size) {
			*link = extent->next;
			free(extent);
		}
		return chunk->base + place;
	}
	return NULL;
}

/* Lock held. */
static struct chunk *cut_anywhere(size_t size, size_t align, char **place)
{
	struct chunk *chunk;

	for (chunk = chunks; chunk; chunk = chunk->next) {
		*place = cut(chunk, size, align);
		if (*place)
			return chunk;
	}
	chunk = new_chunk(size + align + sizeof(struct head));
	*place = chunk ? cut(chunk, size, align) : NULL;
	return *place ? chunk : NULL;
}

/* Lock held. The opposite of cut(); @extent is memory for it. */
static void give_back(struct chunk *chunk, struct head head, struct extent *extent)
{
	struct extent **link = &chunk->free, *before = NULL;

	for (; *link && (*link)->offset < head.offset; link = &(*link)->next)
		before = *link;
	*extent = (struct extent) { *link, head.offset, head.size };
	*link = extent;
	if (extent->next && extent->offset + extent->size == extent->next->offset) {
		struct extent *next = extent->next;

		extent->size += next->size;
		extent->next = next->next;
		free(next);
	}
	if (before && before->offset + before->size == extent->offset) {
		before->size += extent->size;
		before->next = extent->next;
		free(extent);
	}
}

static void fill(const struct chunk *chunk, char *place, const void *from, size_t size)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		char *copy = place + (size_t)cpu * chunk->unit;

		if (from)
			memcpy(copy, from, size);
		else
			memset(copy, 0, size);
	}
}

/**
 * __alloc_percpu - memory with a copy for each possible CPU, all zero
 * @size: bytes of one copy
 * @align: a power of two up to 4096
 *
 * Context: any in which memory may be allocated. The caller frees it with
 * free_percpu().
 * Return: the name of the copies, NULL without memory or for bad arguments.
 */
void *__alloc_percpu(size_t size, size_t align)
{
	struct chunk *chunk;
	char *place;

	if (align < SMALLEST)
		align = SMALLEST;
	if (WARN_ONCE(!size || size > PCPU_MIN_UNIT_SIZE || align > PAGE || !is_power_of_2(align),
		      "alloc_percpu: bad size %zu or alignment %zu\n", size, align))
		return NULL;
	if (test_alloc_fails())
		return NULL;
	size = (size + SMALLEST - 1) & ~(SMALLEST - 1);
	futex_lock(&percpu_lock);
	chunk = cut_anywhere(size, align, &place);
	futex_unlock(&percpu_lock);
	if (!chunk)
		return NULL;
	fill(chunk, place, NULL, size);
	return place;
}
EXPORT_SYMBOL_GPL(__alloc_percpu);

/* @gfp: sleeping or not makes no difference here, and the memory is always zeroed. */
void *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp)
{
	(void)gfp;
	return __alloc_percpu(size, align);
}
EXPORT_SYMBOL_GPL(__alloc_percpu_gfp);

/**
 * free_percpu - give back what alloc_percpu() returned
 * @ptr: that, or NULL
 *
 * Context: any in which memory may be freed.
 */
void free_percpu(void *ptr)
{
	struct range *range;
	struct extent *extent;

	if (!ptr)
		return;
	range = find_range(ptr);
	if (WARN_ONCE(!range || range->copies != range->begin,
		      "free_percpu: %px was not allocated by alloc_percpu\n", ptr))
		return;
	extent = malloc(sizeof(*extent));
	/* Without memory to note that it is free it stays in use. */
	if (!extent)
		return;
	futex_lock(&percpu_lock);
	give_back(range->chunk, ((struct head *)ptr)[-1], extent);
	futex_unlock(&percpu_lock);
}
EXPORT_SYMBOL_GPL(free_percpu);

/* Lock held. The range of a section that was there before and may be used again. */
static struct range *known_section(const char *begin, size_t size)
{
	struct range *range;

	for (range = ranges; range; range = range->next)
		if (range->begin == begin && range->copies != begin &&
		    range->size >= size && range->end == begin)
			return range;
	return NULL;
}

/* Lock held. */
static struct range *new_section(const char *begin, size_t size)
{
	struct range *range = malloc(sizeof(*range));
	struct chunk *chunk = NULL;
	char *place;

	if (range)
		chunk = cut_anywhere((size + SMALLEST - 1) & ~(SMALLEST - 1), PAGE, &place);
	if (!chunk) {
		free(range);
		return NULL;
	}
	*range = (struct range) { .begin = begin, .end = begin, .copies = place,
				  .unit = chunk->unit, .size = size, .chunk = chunk };
	publish(range);
	return range;
}

/**
 * uwq_percpu_load - make copies of a program's or module's per-CPU variables
 * @begin: of the section with their initial values
 * @end: behind it
 *
 * Called by constructors that percpu-defs.h makes, once for each object file of
 * the program; calls after the first do nothing.
 */
void uwq_percpu_load(const void *begin, const void *end)
{
	size_t size = (size_t)((const char *)end - (const char *)begin);
	struct range *range;

	static bool exit_is_watched;	/* L */
	bool watch_exit;

	if (find_range(begin))
		return;
	futex_lock(&percpu_lock);
	watch_exit = !exit_is_watched;
	exit_is_watched = true;
	range = known_section(begin, size);
	if (!range)
		range = new_section(begin, size);
	futex_unlock(&percpu_lock);
	if (WARN_ONCE(!range, "no memory for the per-CPU variables of a module\n"))
		return;
	fill(range->chunk, range->copies, begin, size);
	if (watch_exit)
		atexit(note_exit);
	/* Release: the copies are ready; pairs with the acquire in find_range(). */
	__atomic_store_n(&range->end, (const char *)end, __ATOMIC_RELEASE);
}

/**
 * uwq_percpu_unload - a module goes away
 * @begin: as for uwq_percpu_load()
 * @end: likewise
 *
 * Called by destructors; at the end of the process these do nothing.
 */
void uwq_percpu_unload(const void *begin, const void *end)
{
	struct range *range;

	(void)end;
	if (__atomic_load_n(&exiting, __ATOMIC_RELAXED))
		return;
	futex_lock(&percpu_lock);
	for (range = ranges; range; range = range->next)
		if (range->begin == begin && range->copies != begin)
			__atomic_store_n(&range->end, range->begin, __ATOMIC_RELEASE);
	futex_unlock(&percpu_lock);
}

void percpu_fork(enum fork_step step)
{
	fork_step_lock(&percpu_lock, step);
}
