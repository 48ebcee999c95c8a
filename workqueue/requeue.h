/* SPDX-License-Identifier: MIT */
/*
 * requeue.h - the inline half of requeue.c: the way of an item that queues itself
 */
#ifndef UWQ_WORKQUEUE_REQUEUE_H
#define UWQ_WORKQUEUE_REQUEUE_H

#include "kernel-compat/test_points.h"
#include "workqueue/trace.h"
#include "workqueue/workqueue_internal.h"

#define REQUEUE_UNMEASURED	(16 * PACE_EVERY) /* runs by which a measure may be late */

void requeue_open(struct worker *worker);
void requeue_close(struct worker_pool *pool);
void requeue_settle(struct worker *owner);

/*
 * The owner begins a step in which nobody may close. False: it was closed, and there is no
 * step. REQUEUE/1: store busy, then look at open. See requeue.c.
 */
static __always_inline bool requeue_enter(struct requeue *requeue)
{
	__atomic_store_n(&requeue->busy, 1, __ATOMIC_RELAXED);
	/* requeue_close() has a membarrier for both sides */
	barrier();
	if (likely(__atomic_load_n(&requeue->open, __ATOMIC_ACQUIRE)))
		return true;
	__atomic_store_n(&requeue->busy, 0, __ATOMIC_RELEASE);
	return false;
}

static __always_inline void requeue_leave(struct requeue *requeue)
{
	/* REQUEUE/3: what the step has done; pairs with REQUEUE/4 */
	__atomic_store_n(&requeue->busy, 0, __ATOMIC_RELEASE);
}

/*
 * Is there anything but the run of @worker? Then its item goes behind that, through the inbox.
 * Looked at without the lock: whoever puts an item of the same pwq somewhere else than into the
 * inbox closes first, and anything else is seen the next time.
 */
static __always_inline bool something_else_waits(const struct worker *worker)
{
	const struct worker_pool *pool = worker->pool;

	return inbox_maybe_nonempty(&pool->inbox) || !list_empty(&pool->worklist) ||
	       __atomic_load_n(&worker->current_pwq->nr_total, __ATOMIC_RELAXED) != 1 ||
	       wq_tracing_any(1u << WQ_EVENT_QUEUE | 1u << WQ_EVENT_ACTIVATE);
}

/* For the worker itself; others close. */
static __always_inline bool requeue_is_open(const struct worker *worker)
{
	return __atomic_load_n(&worker->requeue.open, __ATOMIC_RELAXED);
}

/* The present run of @worker queues its own item, and that is not kept. */
static __always_inline void requeue_note(struct worker *worker)
{
	struct requeue *requeue = &worker->requeue;

	requeue->streak = requeue->last_run + 1 == worker->nr_runs ? requeue->streak + 1 : 1;
	requeue->last_run = worker->nr_runs;
}

/*
 * @work, which @worker runs, shall be queued on @pwq by this thread. True: it was idle, is
 * queued now, and stays with the worker. False: nothing was changed. The word is what the
 * present run has left there, or it is disabled, queued, or known to run elsewhere.
 */
static __always_inline bool requeue_keep(struct worker *worker, struct pool_workqueue *pwq,
					 struct work_struct *work)
{
	struct requeue *requeue = &worker->requeue;
	unsigned long idle = work_data_begun(worker);
	bool kept;

	if (unlikely(pwq != worker->current_pwq || worker->current_func != work->func ||
		     something_else_waits(worker)))
		return false;
	if (!requeue_enter(requeue))
		return false;
	/* fully ordered: one side of C14, as work_try_pending() */
	kept = atomic_long_cmpxchg(&work->data, (long)idle,
				   (long)work_data_onq(worker->id, pwq, WORK_DATA_KEPT)) ==
	       (long)idle;
	/* C12: the caller reports it; before PENDING was taken the links were somebody else's */
	if (kept && unlikely(!list_empty(&work->entry))) {
		work_release_pending(work, idle);
		kept = false;
	}
	if (likely(kept)) {
		TEST_POINT("requeue_pending");
		requeue->work = work;
		requeue->last_run = worker->nr_runs;
	}
	requeue_leave(requeue);
	return kept;
}

/*
 * The run of @worker is over. Has it kept an item, and may it begin that one at once? Then it
 * is in a step, and ends that when it has begun. No lock held.
 */
static __always_inline struct work_struct *requeue_claim(struct worker *worker)
{
	struct requeue *requeue = &worker->requeue;
	struct work_struct *work;

	/*
	 * Runs are measured for what waits behind them (pace.c), and nothing does. When that ends
	 * the measure is late, but not by much, and a run is measured at once.
	 */
	if (unlikely(worker->nr_runs >= worker->measured_run + REQUEUE_UNMEASURED) ||
	    !requeue_enter(requeue))
		return NULL;
	work = requeue->work;
	/* what has come meanwhile comes after it; but each activation is traced */
	if (unlikely(!work || wq_tracing(WQ_EVENT_ACTIVATE))) {
		requeue_leave(requeue);
		return NULL;
	}
	requeue->work = NULL;
	requeue->nr_begun++;
	return work;
}

/* Has the last run of @worker, which has just begun one, queued its own item? */
static __always_inline bool requeue_may_open(const struct worker *worker)
{
	return unlikely(worker->requeue.last_run + 1 == worker->nr_runs);
}

#endif
