// SPDX-License-Identifier: MIT
/*
 * min_workers.c - a least number of workers for an unbound queue
 *
 * Workers belong to pools, which queues of equal attributes share, and a pool makes its
 * workers when they are needed and lets surplus ones go. A queue whose items must never
 * wait for a thread to be made says so here: its pool then keeps as many workers as all
 * its queues have asked for, and makes missing ones in advance. If a thread cannot be made,
 * the next worker that has nothing to do asks again; nothing waits for it.
 *
 * The number follows the queue when other attributes move it to another pool. A queue with
 * a pool for each pod has it in the one that covers all its CPUs, which is little use:
 * take WQ_AFFN_SYSTEM.
 *
 * Locks: wq_pool_mutex, wq->mutex, then one pool lock.
 * Differs from Linux: there is nothing like it; the kernel keeps two idle workers.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <uwq/workqueue.h>

#include "workqueue/workqueue_internal.h"

/* Are there too few? Then ask for one; it asks for the next when it has come. */
void pool_want_min_workers(struct worker_pool *pool)
{
	assert_pool_locked(pool);
	if (unlikely(pool->nr_workers < pool->min_workers))
		manager_request(pool, CREATE_RESERVE);
}

static void pool_add_min_workers(struct worker_pool *pool, int nr)
{
	pool_lock(pool);
	pool->min_workers += nr;
	pool_want_min_workers(pool);
	pool_unlock(pool);
}

/* The queue has left @from for @to; either may be NULL. wq->mutex held, or nobody has it. */
void wq_move_min_workers(struct workqueue_struct *wq, struct pool_workqueue *from,
			 struct pool_workqueue *to)
{
	if (likely(!wq->min_workers) || from == to)
		return;
	if (to)
		pool_add_min_workers(to->pool, wq->min_workers);
	if (from)
		pool_add_min_workers(from->pool, -wq->min_workers);
}

/**
 * uwq_set_min_workers - keep so many worker threads for a queue, busy or idle
 * @wq: unbound queue; others are refused with a warning
 * @nr: clamped to 0..2048; 0 = as many as the engine finds right
 *
 * They are made in the background, and never leave while the queue is there. Queues of
 * equal attributes share workers, and each of them adds its number.
 *
 * Context: May sleep.
 */
void uwq_set_min_workers(struct workqueue_struct *wq, int nr)
{
	if (WARN_ON((wq_flags(wq) & (WQ_BH | WQ_UNBOUND)) != WQ_UNBOUND))
		return;
	nr = clamp(nr, 0, (int)WQ_MAX_ACTIVE);
	manager_start();
	mutex_lock(&wq->mutex);
	pool_add_min_workers(wq->dfl_pwq->pool, nr - wq->min_workers);
	wq->min_workers = nr;
	mutex_unlock(&wq->mutex);
}
EXPORT_SYMBOL_GPL(uwq_set_min_workers);
