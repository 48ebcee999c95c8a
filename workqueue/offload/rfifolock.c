// SPDX-License-Identifier: MIT
/*
 * rfifolock.c - a recursive lock that is given to its waiters in order of arrival
 *
 * The small lock inside guards a line of waiters, each on the stack of its thread with a
 * completion to sleep on. Whoever gives the lock back makes the first of the line the
 * owner and wakes that one only. So between two owners the lock is never free: no
 * newcomer can take it on the way, and no two threads wake for one place.
 *
 * Users: event loops (aio_context.c) and anybody else.
 * Locks: the small one is held during the contention callback, so that the holder cannot
 * give the lock back meanwhile.
 */
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/export.h>

#include <uwq/rfifolock.h>

struct rfifolock_waiter {
	struct completion granted;
	struct rfifolock_waiter *next;
	pthread_t thread;
};

/**
 * rfifolock_init - make a free lock
 * @lock: memory of the caller
 * @cb: called when somebody has to wait, see rfifolock.h; NULL: nothing is called
 * @opaque: for @cb
 *
 * Context: Any thread, before the others know the lock.
 */
void rfifolock_init(RFifoLock *lock, void (*cb)(void *opaque), void *opaque)
{
	*lock = (RFifoLock) { .cb = cb, .cb_opaque = opaque };
}
EXPORT_SYMBOL(rfifolock_init);

/**
 * rfifolock_destroy - the end of a lock
 * @lock: free, and wanted by nobody. One that is held is reported.
 *
 * Context: Any thread, after all others.
 */
void rfifolock_destroy(RFifoLock *lock)
{
	futex_lock(&lock->lock);
	WARN(lock->nesting, "rfifolock_destroy() of a lock that is held\n");
	futex_unlock(&lock->lock);
}
EXPORT_SYMBOL(rfifolock_destroy);

static bool owned_by_me(const RFifoLock *lock)
{
	return lock->nesting && pthread_equal(lock->owner, pthread_self());
}

/* Called with the small lock held, which is given back. */
static void wait_in_line(RFifoLock *lock)
{
	struct rfifolock_waiter me = { .thread = pthread_self() };

	init_completion(&me.granted);
	if (lock->first)
		lock->last->next = &me;
	else
		lock->first = &me;
	lock->last = &me;
	if (lock->cb)
		lock->cb(lock->cb_opaque);
	futex_unlock(&lock->lock);
	wait_for_completion(&me.granted);
}

/**
 * rfifolock_lock - take the lock, or take it once more
 * @lock: initialised. The owner gets it at once; others after all who came before them
 *
 * Context: May sleep.
 * Ordering: sees all stores that earlier owners made before they gave it back.
 */
void rfifolock_lock(RFifoLock *lock)
{
	futex_lock(&lock->lock);
	if (owned_by_me(lock)) {
		lock->nesting++;
		futex_unlock(&lock->lock);
		return;
	}
	/* Atomic for the owner, who may look how many wait without the small lock */
	__atomic_store_n(&lock->tail, lock->tail + 1, __ATOMIC_RELAXED);
	if (lock->nesting) {
		wait_in_line(lock);
		return;
	}
	lock->nesting = 1;
	lock->owner = pthread_self();
	futex_unlock(&lock->lock);
}
EXPORT_SYMBOL(rfifolock_lock);

/**
 * rfifolock_unlock - give the lock back, or one level of it
 * @lock: held by the caller; if it is not, that is reported and nothing happens
 *
 * Context: Any. The longest waiter owns the lock before this returns.
 */
void rfifolock_unlock(RFifoLock *lock)
{
	struct rfifolock_waiter *next = NULL;

	futex_lock(&lock->lock);
	if (WARN(!owned_by_me(lock), "rfifolock_unlock() by a thread that does not hold it\n"))
		goto out;
	if (--lock->nesting)
		goto out;
	lock->head++;
	next = lock->first;
	if (next) {
		lock->first = next->next;
		lock->nesting = 1;
		lock->owner = next->thread;
	}
out:
	futex_unlock(&lock->lock);
	/* *lock may be gone from here on; the waiter sleeps until this and not longer */
	if (next)
		complete(&next->granted);
}
EXPORT_SYMBOL(rfifolock_unlock);
