/* SPDX-License-Identifier: MIT */
/*
 * batch.h - the inline half of batch.c: the worker's way from one item to the next
 */
#ifndef UWQ_WORKQUEUE_BATCH_H
#define UWQ_WORKQUEUE_BATCH_H

#include "workqueue/workqueue_internal.h"

bool batch_may_take(const struct worker *worker, const struct pool_workqueue *pwq);
unsigned int batch_take(struct worker *worker);
struct completion *batch_settle(struct worker_pool *pool);
void batch_stop(struct worker_pool *pool);

/*
 * @worker has begun an item. Are the runs of its pool so short that it shall take several at
 * once, and are there any? Not if another worker could begin those behind the batch before
 * it: the items of a pwq are begun in their order (C7). So it is the only one that counts as
 * running, and stays that until somebody takes the lock with pool_lock(). Pool lock held.
 */
static __always_inline bool batch_pays(const struct worker *worker)
{
	const struct worker_pool *pool = worker->pool;

	return pool->batch_size > 1 &&
	       pool->nr_running == 1 && pool_useful_workers(pool) == 1 &&
	       (inbox_window_nonempty(&pool->inbox) || !list_empty(&pool->worklist) ||
		!list_empty(&worker->current_pwq->inactive_works));
}

/*
 * No lock held. May the owner of a batch of @nr items begin the next one? Gives its index, or
 * false: they are all begun, or somebody has taken the others back.
 *
 * BATCH/1: the run before was ended, then the claim is made (release). BATCH/2: batch_stop()
 * exchanges the number of claims (acquire), then anybody who holds the lock may count out
 * the runs before the last one that was claimed.
 * Test: items_taken_at_once_can_be_taken_back.c
 */
static __always_inline bool batch_claim(struct batch *batch, unsigned int nr,
					unsigned int *index)
{
	*index = __atomic_fetch_add(&batch->claims, 1, __ATOMIC_ACQ_REL);
	return likely(*index < nr);
}

/*
 * The item with that index is what the owner runs. BATCH/3: all that is said of the run is
 * stored, then this (release). BATCH/4: batch_stop() waits for it (acquire).
 */
static __always_inline void batch_announce(struct batch *batch, unsigned int index)
{
	__atomic_store_n(&batch->begun, index + 1, __ATOMIC_RELEASE);
}

#endif
