/* SPDX-License-Identifier: MIT */
/*
 * batch.h - the inline half of batch.c: the worker's way from one item to the next
 */
#ifndef UWQ_WORKQUEUE_BATCH_H
#define UWQ_WORKQUEUE_BATCH_H

#include "workqueue/workqueue_internal.h"

bool batch_may_take(const struct worker *worker, const struct pool_workqueue *pwq);
bool batch_enter(struct worker *worker);
unsigned int batch_take(struct worker *worker);
struct completion *batch_settle(struct worker *owner);
bool batches_have(const struct worker_pool *pool, const struct work_struct *work);
void batches_stop(struct worker_pool *pool);
bool batch_end(struct worker *owner);

/* Has a worker of @pool taken items along? Who keeps one has not, see requeue.c. Pool lock held. */
static inline bool pool_has_batches(const struct worker_pool *pool)
{
	return pool->batchers && !(pool->batchers & BATCHERS_KEEP);
}

/* Whose is the lowest bit in @bit, of pool->batchers? Pool lock held. */
static inline struct worker *batch_owner(const struct worker_pool *pool, u32 bit)
{
	return pool->batch_owners[__builtin_ctz(bit)];
}

/*
 * @worker has begun an item. Are the runs of its pool so short that it shall take several at
 * once, and are there any? Only where as many workers run as are useful, and so nobody has to be
 * called for what it takes; they stay that many until somebody takes the lock with pool_lock(),
 * or has taken the batches back. One that is one too many takes none. Pool lock held.
 */
static __always_inline bool batch_pays(const struct worker *worker)
{
	const struct worker_pool *pool = worker->pool;

	return pool->batch_size > 1 && pool->nr_running == pool_useful_workers(pool) &&
	       (inbox_window_nonempty(&pool->inbox) || !list_empty(&pool->worklist) ||
		!list_empty(&worker->current_pwq->inactive_works));
}

/*
 * No lock held. May the owner of a batch of @nr items begin the next one? Gives its index, or
 * false: they are all begun, or somebody has taken the others back.
 *
 * BATCH/1: the run before was ended, then the claim is made (release). BATCH/2: stop()
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
 * stored, then this (release). BATCH/4: stop() waits for it (acquire).
 */
static __always_inline void batch_announce(struct batch *batch, unsigned int index)
{
	__atomic_store_n(&batch->begun, index + 1, __ATOMIC_RELEASE);
}

#endif
