// SPDX-License-Identifier: MIT
/*
 * batch.c - several short items for one hold of the pool lock
 *
 * The lock, and the lines of the pool, which submitters want as well, take longer than a short
 * function. So while the runs of a pool are short (pace.c measures them), a worker that
 * takes an item takes those behind it as well: the batch of the pool, of one pwq. It begins
 * them one after the other without the lock, and settles all of them when it comes back to
 * it. It does so only where one worker is enough for the pool: another one would begin
 * items that came later than those of the batch (C7). So a pool has one batch at most, and
 * its owner is the only worker that counts as running when it takes it. If that changes, the
 * batch was taken back before; only one that was counted out may end its run meanwhile, and
 * begins nothing then but what must follow that run.
 *
 * Nobody shall be able to tell. An item of the batch that is not begun waits, like one on a
 * list: it can be cancelled, flushed, shown, and taken by another worker. So whoever takes
 * the lock with pool_lock() takes the batch back: what is not begun goes to the head of the
 * lists, what is over is counted out, and the owner finds the batch closed and comes to the
 * lock when its present run ends. With pool_lock_quick() the batch stays; it is for those who
 * neither look for items nor at counts of them.
 *
 * Who begins an item is decided by batch->claims. The owner adds one for each item; the other
 * side, with the lock, exchanges it for BATCH_CLOSED and gets the number of items that were
 * claimed. What was claimed last may not be announced yet; the other side waits for that.
 * The count is the worker's own and stays closed until it has its next batch: its run may go
 * on for long, and be counted out, while other workers have batches.
 *
 * Slots: each item of a batch holds one, or an item that came later could get it, and begin
 * first when the batch is taken back. Only with max_active 1, where one slot is all there
 * is, they are heirs: they hold none, and each runs in the slot of the one before, which is
 * over by then.
 *
 * An item may turn out to be long. If it blocks, its worker is not running any more and takes
 * the batch back before another one is called. Otherwise the monitor does, which is on while
 * there is a batch. Then the pool has no further ones until another run was measured.
 * Test: items_taken_at_once_can_be_taken_back.c, long_run_after_short_ones_holds_nobody_up.c
 */
#include <linux/list.h>
#include <linux/minmax.h>

#include "kernel-compat/test_points.h"
#include "workqueue/backoff.h"
#include "workqueue/batch.h"
#include "workqueue/pwq.h"
#include "workqueue/requeue.h"
#include "workqueue/running.h"
#include "workqueue/trace.h"
#include "workqueue/workqueue_internal.h"

/* ---- taking ---- */

/*
 * May @worker begin @work later without asking anybody? Not if it may still run elsewhere.
 * While it is in the batch nobody else can begin it.
 */
static bool may_join(const struct worker *worker, struct work_struct *work, unsigned long data)
{
	unsigned int last = work_data_last(data);

	if (data & WORK_STRUCT_LINKED || work_data_pwq(data) != worker->current_pwq)
		return false;
	return !may_run_in_another(last, worker) ||
	       (last_worker_is_in(last, worker->pool) &&
		!running_in_pool(work, last, worker->pool));
}

static void join(struct batch *batch, struct work_struct *work, unsigned long data)
{
	batch->items[batch->nr].work = work;
	batch->items[batch->nr].data = data;
	batch->nr++;
}

/*
 * Items from the head of @list, which is the worklist or that of those that wait for a slot.
 * They are cut off together, because each change of a link is one to a foreign line.
 */
static void take_from_list(struct worker *worker, struct list_head *list, unsigned int most)
{
	struct batch *batch = &worker->batch;
	unsigned long inactive = batch->heirs ? WORK_STRUCT_INACTIVE : 0;
	struct list_head *pos = list->next;

	while (batch->nr < most && pos != list) {
		struct work_struct *work = list_entry(pos, struct work_struct, entry);
		unsigned long data = work_data(work);

		/* a barrier on the worklist holds no slot */
		if ((data & WORK_STRUCT_INACTIVE) != inactive || !may_join(worker, work, data))
			break;
		pos = pos->next;
		INIT_LIST_HEAD(&work->entry);
		join(batch, work, data);
	}
	WRITE_ONCE(list->next, pos);
	pos->prev = list;
}

static void take_from_inbox(struct worker *worker, unsigned int most)
{
	struct batch *batch = &worker->batch;
	struct inbox *inbox = &worker->pool->inbox;
	struct pool_workqueue *pwq = worker->current_pwq;

	while (batch->nr < most && inbox_window_nonempty(inbox)) {
		struct work_struct *work = inbox_first(inbox);
		unsigned long data = work_data(work);

		if (!may_join(worker, work, data) || (!batch->heirs && !pwq_take_slot(pwq)))
			break;
		inbox_pop(inbox);
		data |= (unsigned long)pwq_count_in(pwq) << WORK_STRUCT_COLOR_SHIFT;
		join(batch, work, data);
	}
}

/* Are the items of @pwq nobody's business but that of this worker? */
bool batch_may_take(const struct worker *worker, const struct pool_workqueue *pwq)
{
	return worker->current_active && list_empty(&worker->scheduled) && !pwq->node_active &&
	       !pwq->counted_out && !wq_tracing(WQ_EVENT_ACTIVATE);
}

/*
 * @worker, the only one that is useful, has just begun an item: take more, for after that one.
 * Pool lock held. Returns how many there are.
 */
unsigned int batch_take(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	struct pool_workqueue *pwq = worker->current_pwq;
	unsigned int most = min(pool->batch_size - 1, (unsigned int)BATCH_MAX);
	struct batch *batch = &worker->batch;

	assert_pool_locked(pool);
	if (unlikely(!batch_may_take(worker, pwq)))
		return 0;
	batch->nr = 0;
	/* nothing overtakes the worklist; with one slot none of this pwq is there */
	batch->heirs = pwq->max_active == 1 && pwq->nr_active == 1 && list_empty(&pool->worklist);
	take_from_list(worker, batch->heirs ? &pwq->inactive_works : &pool->worklist, most);
	if (list_empty(&pool->worklist) && list_empty(&pwq->inactive_works))
		take_from_inbox(worker, most);
	if (!batch->nr)
		return 0;
	batch->color = worker->current_color;
	pool->batcher = worker;
	__atomic_store_n(&batch->begun, 0, __ATOMIC_RELAXED);
	/* read by the next holder of the lock, or by this thread */
	__atomic_store_n(&batch->claims, 0, __ATOMIC_RELAXED);
	TEST_POINT("batch_taken");
	return batch->nr;
}

/* ---- giving back ---- */

/*
 * What was not begun, from @first on, goes to the head of a list, in its order: what is there
 * of the same pwq has come later.
 */
static void give_back(struct worker *owner, unsigned int first)
{
	struct batch *batch = &owner->batch;
	struct list_head *list = batch->heirs ? &owner->current_pwq->inactive_works :
						&owner->pool->worklist;

	while (batch->nr > first) {
		struct batched *last = &batch->items[--batch->nr];

		work_set_data(last->work, batch->heirs ? last->data | WORK_STRUCT_INACTIVE :
							 last->data);
		list_add(&last->work->entry, list);
	}
}

/*
 * If @pool has a batch, no further item of it begins, and what is not begun waits on a list.
 * What was begun is still to be settled. Pool lock held; it does not matter which others.
 *
 * The item that was claimed last is what the owner runs when this returns, so that who asks
 * next finds it there and not between two places. That takes the owner a few instructions
 * without any lock; they may be interrupted, as may any holder of this lock. BATCH/2 and
 * BATCH/4: see batch.h.
 */
void batch_stop(struct worker_pool *pool)
{
	struct backoff backoff = BACKOFF_INIT;
	struct worker *owner = pool->batcher;
	struct batch *batch;
	unsigned int claims;

	assert_pool_locked(pool);
	if (!owner)
		return;
	batch = &owner->batch;
	claims = __atomic_exchange_n(&batch->claims, BATCH_CLOSED, __ATOMIC_ACQ_REL);
	TEST_POINT("batch_closed");
	if (claims < batch->nr)
		give_back(owner, claims);
	while (__atomic_load_n(&batch->begun, __ATOMIC_ACQUIRE) < batch->nr)
		backoff_wait(&backoff);
	requeue_close(pool);
}

/* ---- settling ---- */

/*
 * No further item of the batch begins. Count out what is over: all that was begun, with the
 * run before the batch, but for the last one, which the owner ends as ever. Who gives a slot
 * back is followed by an item that has its own. Pool lock held; returns what the caller
 * completes when it has dropped it.
 */
struct completion *batch_settle(struct worker_pool *pool)
{
	struct pool_workqueue *pwq = pool->batcher->current_pwq;
	struct batch *batch = &pool->batcher->batch;
	struct completion *flushed = NULL;
	int color = batch->color;
	unsigned int i;

	assert_pool_locked(pool);
	pwq->nr_started += batch->nr;
	__atomic_store_n(&pool->nr_started, pool->nr_started + batch->nr, __ATOMIC_RELAXED);
	for (i = 0; i < batch->nr; i++) {
		/* one flush at a time: not more than one of them ends it */
		flushed = pwq_done(pwq, color, !batch->heirs) ?: flushed;
		color = work_data_color(batch->items[i].data);
	}
	requeue_settle(pool->batcher);
	pool->batcher = NULL;
	return flushed;
}

/*
 * Take the batch of @pool back. True: items were given back. Pool lock held; it may be dropped
 * for a moment, but there is no batch when this returns.
 */
bool pool_recall_batch(struct worker_pool *pool)
{
	bool given_back = false;

	assert_pool_locked(pool);
	while (pool->batcher) {
		struct batch *batch = &pool->batcher->batch;
		unsigned int nr = batch->nr;
		struct completion *flushed;

		batch_stop(pool);
		given_back |= batch->nr < nr;
		flushed = batch_settle(pool);
		if (unlikely(flushed)) {
			pool_unlock(pool);
			complete(flushed);
			pool_lock_quick(pool);
		}
	}
	return given_back;
}

/* For pool_lock(): the lock was just taken. */
void pool_recall_for_another(struct worker_pool *pool)
{
	/* somebody wants to see the items, or a run is long: one by one for a while */
	if (pool_recall_batch(pool) && !test_batches_always())
		pool->batch_size = 1;
}
