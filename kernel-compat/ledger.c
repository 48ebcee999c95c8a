// SPDX-License-Identifier: MIT
/*
 * ledger.c - which blocks are live, how large, and who asked for them
 *
 * Always on, so it has to be cheap: a hash table in NR_SHARDS parts, each with
 * a lock of its own that is held for a few instructions. A part is an array with
 * linear probing. Removing shifts the followers back, so no graves are left, and
 * an array that was once large enough always is: only ledger_enter() can fail.
 *
 * Memory comes from libc directly: the book does not keep books on itself. The
 * addresses in it are stored inverted: LeakSanitizer takes every block that some
 * memory points to for reachable, and would never report one that was lost.
 *
 * Locks: one part's at a time, innermost of all. Nothing is called under it but
 * calloc() and free() when a part grows.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/export.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <uwq/ledger.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/ledger.h"

#define SHARD_BITS	8
#define NR_SHARDS	(1u << SHARD_BITS)
#define FIRST_SIZE	16u
#define PERIOD_MAX	((1u << 24) - 1)

struct shard {
	struct futex_lock lock;
	size_t		  used;		/* L: entries */
	size_t		  size;		/* L: places, a power of two, or 0 */
	struct ledger_entry *place;	/* L: addresses hidden; at least one is empty */
} __attribute__((__aligned__(64)));

static struct shard shards[NR_SHARDS];
static unsigned int period = 1;		/* atomic */

/* Its own inverse. NULL stays out of it: an empty place. */
static const void *hide(const void *addr)
{
	return (const void *)~(uintptr_t)addr;
}

/* The high bits choose the part, those below the place. */
static uint64_t hash_addr(const void *addr)
{
	return ((uintptr_t)addr >> 4) * 0x9e3779b97f4a7c15ull;
}

static struct shard *shard_of(uint64_t hash)
{
	return &shards[hash >> (64 - SHARD_BITS)];
}

static size_t home_of(const struct shard *shard, uint64_t hash)
{
	return (hash >> 16) & (shard->size - 1);
}

/* L: the place of @addr, or the empty one where it would go. */
static struct ledger_entry *probe(const struct shard *shard, const void *addr, uint64_t hash)
{
	size_t i = home_of(shard, hash);

	while (shard->place[i].addr && shard->place[i].addr != hide(addr))
		i = (i + 1) & (shard->size - 1);
	return &shard->place[i];
}

/* L: keep a quarter of the places empty. */
static bool make_room(struct shard *shard)
{
	struct shard larger = { .size = shard->size ? shard->size * 2 : FIRST_SIZE };

	if (shard->used + 1 <= shard->size / 4 * 3)
		return true;
	larger.place = calloc(larger.size, sizeof(*larger.place));
	if (!larger.place)
		return false;
	for (size_t i = 0; i < shard->size; i++) {
		const void *addr = hide(shard->place[i].addr);

		if (shard->place[i].addr)
			*probe(&larger, addr, hash_addr(addr)) = shard->place[i];
	}
	free(shard->place);
	shard->place = larger.place;
	shard->size = larger.size;
	return true;
}

/* L */
static void put(struct shard *shard, const struct ledger_entry *entry, uint64_t hash)
{
	struct ledger_entry *place = probe(shard, entry->addr, hash);

	if (!place->addr)
		shard->used++;
	*place = *entry;
	place->addr = hide(entry->addr);
}

bool ledger_enter(const void *addr, size_t size, const void *caller, const void *kind)
{
	uint64_t hash = hash_addr(addr);
	struct shard *shard = shard_of(hash);
	struct ledger_entry entry = {
		.addr = addr, .caller = caller, .kind = kind, .size = size,
		.period = __atomic_load_n(&period, __ATOMIC_RELAXED) & PERIOD_MAX,
	};
	bool ok;

	futex_lock(&shard->lock);
	ok = make_room(shard);
	if (ok)
		put(shard, &entry, hash);
	futex_unlock(&shard->lock);
	return ok;
}

/* The array never shrinks, so the place that was given up is still there. */
void ledger_restore(const struct ledger_entry *entry)
{
	uint64_t hash = hash_addr(entry->addr);
	struct shard *shard = shard_of(hash);

	futex_lock(&shard->lock);
	put(shard, entry, hash);
	futex_unlock(&shard->lock);
}

/* L: close the gap at @hole: move back what was pushed past it. */
static void close_gap(struct shard *shard, size_t hole)
{
	size_t mask = shard->size - 1;

	for (size_t i = (hole + 1) & mask; shard->place[i].addr; i = (i + 1) & mask) {
		size_t home = home_of(shard, hash_addr(hide(shard->place[i].addr)));

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		shard->place[hole] = shard->place[i];
		hole = i;
	}
	shard->place[hole].addr = NULL;
}

bool ledger_remove(const void *addr, struct ledger_entry *entry)
{
	uint64_t hash = hash_addr(addr);
	struct shard *shard = shard_of(hash);
	struct ledger_entry *place;
	bool found = false;

	futex_lock(&shard->lock);
	if (shard->used) {
		place = probe(shard, addr, hash);
		found = place->addr != NULL;
		*entry = *place;
		entry->addr = addr;
		if (found) {
			close_gap(shard, (size_t)(place - shard->place));
			shard->used--;
		}
	}
	futex_unlock(&shard->lock);
	return found;
}

bool ledger_find(const void *addr, struct ledger_entry *entry)
{
	uint64_t hash = hash_addr(addr);
	struct shard *shard = shard_of(hash);
	bool found = false;

	futex_lock(&shard->lock);
	if (shard->used) {
		*entry = *probe(shard, addr, hash);
		found = entry->addr != NULL;
		entry->addr = addr;
	}
	futex_unlock(&shard->lock);
	return found;
}

/* Call @fn for each entry with the lock of its part held. */
static void each_entry(void (*fn)(const struct ledger_entry *entry, void *arg), void *arg)
{
	for (unsigned int s = 0; s < NR_SHARDS; s++) {
		struct shard *shard = &shards[s];

		futex_lock(&shard->lock);
		for (size_t i = 0; i < shard->size; i++)
			if (shard->place[i].addr)
				fn(&shard->place[i], arg);
		futex_unlock(&shard->lock);
	}
}

struct kind_count {
	const void *kind;
	size_t	    count;
};

static void count_one_kind(const struct ledger_entry *entry, void *arg)
{
	struct kind_count *count = arg;

	count->count += entry->kind == count->kind;
}

size_t ledger_count_kind(const void *kind)
{
	struct kind_count count = { .kind = kind };

	each_entry(count_one_kind, &count);
	return count.count;
}

/**
 * uwq_ledger_mark - begin a new period
 *
 * There can be 16 million marks in a process.
 *
 * Context: Any thread.
 * Return: the new period.
 */
unsigned int uwq_ledger_mark(void)
{
	return __atomic_add_fetch(&period, 1, __ATOMIC_RELAXED);
}
EXPORT_SYMBOL(uwq_ledger_mark);

/* ---- counting and reporting ---- */

/* Different callers that a report names; the rest is one line. */
#define REPORT_MAX	64

struct tally {
	unsigned int	      since;
	const char	     *from, *to;
	struct uwq_ledger_sum sum;
	size_t		      nr;
	struct {
		const void	     *caller;
		struct uwq_ledger_sum sum;
	} place[REPORT_MAX];
};

static void add_to_sum(struct uwq_ledger_sum *sum, const struct ledger_entry *entry)
{
	sum->objects++;
	sum->bytes += entry->size;
}

static void tally_entry(const struct ledger_entry *entry, void *arg)
{
	struct tally *tally = arg;
	const char *caller = entry->caller;
	size_t i = 0;

	if (entry->period < tally->since ||
	    (tally->to && (caller < tally->from || caller >= tally->to)))
		return;
	add_to_sum(&tally->sum, entry);
	while (i < tally->nr && tally->place[i].caller != caller)
		i++;
	if (i == tally->nr) {
		if (i == REPORT_MAX)
			return;
		tally->place[i].caller = caller;
		tally->nr++;
	}
	add_to_sum(&tally->place[i].sum, entry);
}

/**
 * uwq_ledger_count - what is live
 * @since: first period that counts, 0 = all
 * @from: lowest address of code whose blocks count
 * @to: behind the highest; both NULL: all code
 *
 * Context: any. Other threads may allocate meanwhile. Return: the sum.
 */
struct uwq_ledger_sum uwq_ledger_count(unsigned int since, const void *from, const void *to)
{
	struct tally tally = { .since = since, .from = from, .to = to };

	each_entry(tally_entry, &tally);
	return tally.sum;
}
EXPORT_SYMBOL(uwq_ledger_count);

/**
 * uwq_ledger_report - log what is live
 * @since: first period that counts, 0 = all
 * @from: lowest address of code whose blocks count
 * @to: behind the highest; both NULL: all code
 *
 * Context: sleeps in rcu_barrier(). The code must still be loaded, or its
 * functions cannot be named. Return: the sum; nothing is logged when it is 0.
 */
struct uwq_ledger_sum uwq_ledger_report(unsigned int since, const void *from, const void *to)
{
	struct tally tally = { .since = since, .from = from, .to = to };
	struct uwq_ledger_sum rest;

	rcu_barrier();
	each_entry(tally_entry, &tally);
	if (!tally.sum.objects)
		return tally.sum;
	rest = tally.sum;
	pr_warn("memory not freed: %zu object%s, %zu bytes\n", tally.sum.objects,
		tally.sum.objects == 1 ? "" : "s", tally.sum.bytes);
	for (size_t i = 0; i < tally.nr; i++) {
		pr_warn("  %zu (%zu bytes) from %pB\n", tally.place[i].sum.objects,
			tally.place[i].sum.bytes, tally.place[i].caller);
		rest.objects -= tally.place[i].sum.objects;
		rest.bytes -= tally.place[i].sum.bytes;
	}
	if (rest.objects)
		pr_warn("  %zu (%zu bytes) from other places\n", rest.objects, rest.bytes);
	return tally.sum;
}
EXPORT_SYMBOL(uwq_ledger_report);

void ledger_fork(enum fork_step step)
{
	for (unsigned int i = 0; i < NR_SHARDS; i++)
		fork_step_lock(&shards[i].lock, step);
}
