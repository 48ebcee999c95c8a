// SPDX-License-Identifier: MIT
/*
 * lock_order.c - deadlocks that have not happened yet
 *
 * UWQ_DEBUG builds only. Two facts about an item and a lock are remembered: that the
 * item's function took the lock, and that somebody waited for the item, by flush or
 * cancel_sync, with the lock held. Both together can deadlock, at whatever time each of
 * them was seen, and are reported once. The same for a queue: what runs on it took the
 * lock, and somebody flushed it with the lock held.
 *
 * The table has room for MAX_PAIRS; what comes later is not judged. Two readers do not
 * exclude each other and are no pair.
 *
 * Locks: pairs_lock, a leaf.
 *
 * Differs from Linux: single locks and items are told apart by their addresses, where
 * lockdep takes all of a class for one: fewer reports, and fewer false ones. A lock that
 * is initialised anew, and a queue that is freed, are forgotten; an item's address that
 * is used for another one with the same function is not noticed.
 */
#ifdef UWQ_DEBUG

#include <linux/bug.h>
#include <linux/debug_locks.h>
#include <linux/sched.h>

#include "kernel-compat/futex_lock.h"
#include "kernel-compat/lock_order.h"
#include "kernel-compat/lockdep_internal.h"

#define MAX_PAIRS	2048

enum {
	TAKEN		= 1 << 0,	/* by the run */
	TAKEN_ALONE	= 1 << 1,
	HELD		= 1 << 2,	/* by who waits for it */
	HELD_ALONE	= 1 << 3,
	TOLD		= 1 << 4,
};

struct pair {
	const void *object;	/* item or queue */
	const void *func;	/* of the item; NULL: a queue */
	const void *lock;	/* NULL: a free entry */
	unsigned int facts;
};

static struct futex_lock pairs_lock = FUTEX_LOCK_INIT;
static struct pair pairs[MAX_PAIRS];	/* pairs_lock */
static int nr_pairs;			/* pairs_lock: entries in use so far */

/* S: what this thread runs; and it is reporting, or it has the table locked */
static __thread struct {
	const void *work, *func, *queue;
	bool busy;
} run;

/* pairs_lock held. NULL: it is not there, and there is no room. */
static struct pair *find_pair(const void *object, const void *func, const void *lock)
{
	struct pair *unused = NULL;
	int i;

	for (i = 0; i < nr_pairs; i++) {
		struct pair *pair = &pairs[i];

		if (pair->lock == lock && pair->object == object && pair->func == func)
			return pair;
		if (!pair->lock)
			unused = pair;
	}
	if (!unused && nr_pairs < MAX_PAIRS)
		unused = &pairs[nr_pairs++];
	if (unused)
		*unused = (struct pair){ object, func, lock, 0 };
	return unused;
}

static bool can_deadlock(unsigned int facts)
{
	return (facts & TAKEN) && (facts & HELD) && (facts & (TAKEN_ALONE | HELD_ALONE));
}

static void report(const void *object, const void *func, const void *lock)
{
	/* not static: each pair shall be printed */
	struct uwq_warn_site site = { .file = __FILE__, .func = __func__, .line = __LINE__ };

	if (func)
		uwq_warn(&site, "possible deadlock: %ps (item %px) takes lock %px, which is held by others while they wait for it\n",
			 func, object, lock);
	else
		uwq_warn(&site, "possible deadlock: an item of workqueue %px takes lock %px, which is held by others while they flush the queue\n",
			 object, lock);
}

static void learn(const void *object, const void *func, const void *lock, unsigned int facts)
{
	struct pair *pair;
	bool tell = false;

	if (run.busy)
		return;
	run.busy = true;
	futex_lock(&pairs_lock);
	pair = find_pair(object, func, lock);
	if (pair) {
		pair->facts |= facts;
		tell = can_deadlock(pair->facts) && !(pair->facts & TOLD);
		if (tell)
			pair->facts |= TOLD;
	}
	futex_unlock(&pairs_lock);
	if (tell)
		report(object, func, lock);
	run.busy = false;
}

void lock_order_taken(const void *lock, bool alone)
{
	unsigned int facts = TAKEN | (alone ? TAKEN_ALONE : 0);

	if (!run.work)
		return;
	learn(run.work, run.func, lock, facts);
	learn(run.queue, NULL, lock, facts);
}

void lock_order_run_begins(const void *work, const void *func, const void *queue)
{
	run.work = work;
	run.func = func;
	run.queue = queue;
}

void lock_order_run_ends(void)
{
	run.work = NULL;
}

void lock_order_wait(const void *object, const void *func)
{
	const void *lock;
	bool alone;
	int i;

	for (i = 0; (lock = lockdep_held_lock(i, &alone)); i++)
		learn(object, func, lock, HELD | (alone ? HELD_ALONE : 0));
}

void lock_order_forget(const void *address)
{
	int i;

	futex_lock(&pairs_lock);
	for (i = 0; i < nr_pairs; i++)
		if (pairs[i].lock == address || pairs[i].object == address)
			pairs[i].lock = NULL;
	futex_unlock(&pairs_lock);
}

void lock_order_fork_child(void)
{
	futex_lock_init(&pairs_lock);
}

#else
typedef int lock_order_is_for_debug_builds;
#endif
