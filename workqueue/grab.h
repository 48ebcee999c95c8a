/* SPDX-License-Identifier: MIT */
/*
 * grab.h - the straight way of a cancellation: an item on a list of its pool
 *
 * Most cancellations find their item on a list, with nothing that hangs on it and nobody who
 * waits for what becomes free. Then a hold of the pool lock is all: the item is unlinked,
 * counted out and given back in it. At no time does this thread own the item without the
 * lock, which a fork takes, so no section of the fork gate is needed.
 *
 * What is asked here is answered by lines that the cancellation changes anyway, and nothing is
 * called unless there are batches, so that the way is short: it is inlined in each call of
 * cancel.c. What it does not serve goes through grab_locked() or grab_pending(), see grab.c. A
 * batch (batch.c) stays: none of its items is on a list, though their links may look so
 * (batches_have()), and what it has to count it counts by itself.
 */
#ifndef UWQ_WORKQUEUE_GRAB_H
#define UWQ_WORKQUEUE_GRAB_H

#include "workqueue/batch.h"
#include "workqueue/pwq.h"
#include "workqueue/running.h"
#include "workqueue/workqueue_internal.h"

bool grab_locked(struct work_struct *work, struct pool_workqueue *pwq,
		 struct worker_pool *pool, unsigned long pending, unsigned long *data);

/* The pool of a queued item, as it seems without the lock. */
static __always_inline struct worker_pool *pool_seen(unsigned long data)
{
	struct worker_pool *pool;

	TEST_POINT("grab_seen_queued");
	pool = pwq_pool(work_data_pwq(data));
	TEST_POINT("grab_seen_pool");
	return pool;
}

/*
 * The neighbours in the list will be stored to. Fetching their lines goes on while the lock
 * is being taken, which waits for nothing but its own line. What is read here may be old.
 */
static __always_inline void fetch_neighbours(const struct work_struct *work)
{
	UWQ_TSAN_IGNORE_BEGIN();
	prefetchw(work->entry.next);
	prefetchw(work->entry.prev);
	UWQ_TSAN_IGNORE_END();
}

/*
 * Is an item that was seen in @pwq still there, in @pool, whose lock is held? While it is, its
 * pwq cannot have changed pools; before, it may have, and changes again under another lock than
 * the one held here.
 */
static __always_inline bool is_queued_in(unsigned long data, struct pool_workqueue *pwq,
					 const struct worker_pool *pool)
{
	return work_data_queued(data) && work_data_pwq(data) == pwq && pwq_pool(pwq) == pool;
}

/* Off queue, as the holder of the lock of @pool leaves an item that had @data on queue. */
static __always_inline unsigned long data_off_queue(const struct worker_pool *pool,
						    unsigned long data)
{
	return (data & WORK_LAST_MASK) | pool->offq;
}

/* Does somebody wait for the slot that the item may hold, or for the end of its colour? */
static __always_inline bool somebody_waits(struct pool_workqueue *pwq, unsigned long data)
{
	if (!(data & WORK_STRUCT_INACTIVE) &&
	    (pwq->node_active || !list_empty(&pwq->inactive_works)))
		return true;
	return pwq->retired || pwq->flush_color == work_data_color(data);
}

/*
 * The lock of @pool is held, and a moment ago the item was queued there, with @data. Is it
 * still, and listed, and is there nothing to do but to unlink it?
 */
static __always_inline bool is_simply_listed(struct work_struct *work, unsigned long data,
					     struct worker_pool *pool)
{
	struct pool_workqueue *pwq = work_data_pwq(data);

	assert_pool_locked(pool);
	if (work_data(work) != data || pwq_pool(pwq) != pool)
		return false;
	if (unlikely(pool->batchers) && batches_have(pool, work))
		return false;
	return !list_empty(&work->entry) && !(data & WORK_STRUCT_LINKED) &&
	       !somebody_waits(pwq, data);
}

/*
 * Such an item is taken back, and the lock dropped. Nothing became startable, so nobody has
 * to be woken, and no account to be served.
 */
static __always_inline void take_back_and_unlock(struct work_struct *work, unsigned long data,
						 struct worker_pool *pool)
{
	struct pool_workqueue *pwq = work_data_pwq(data);

	if (data & WORK_STRUCT_INACTIVE)
		pwq_mend_first(pwq, work);
	else
		pwq->nr_active--;
	list_del_init(&work->entry);
	pwq_set_total(pwq, pwq->nr_total - 1);
	pwq->nr_in_flight[work_data_color(data)]--;
	work_release_pending_locked(work, data_off_queue(pool, data));
	TEST_POINT("take_back_locked");
	futex_unlock(&pool->lock);
	/* PENDING/1. Test: refused_call_is_seen_by_who_takes_the_item_back */
	smp_mb__after_atomic();
}

#endif
