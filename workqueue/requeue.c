// SPDX-License-Identifier: MIT
/*
 * requeue.c - an item that its own run queues stays with its worker
 *
 * State machines and pollers queue themselves from their function. Nobody else can begin such
 * an item before that run is over (C17), and then its worker is there. So when some runs in a
 * row have done so and nothing else waits in the pool, the worker keeps the item: no inbox,
 * no lock, one run after the other until something else comes.
 *
 * Nobody shall be able to tell. A kept item waits, like one in the inbox: it can be cancelled,
 * flushed, shown and counted. So whoever takes the lock with pool_lock() closes first: what is
 * kept goes to a list, and the worker comes to the lock when its present run ends. Nothing of
 * the pwq waits on a list then, so it is the first one there, as it was queued first (C7). That
 * stays so because who takes items from the inbox with pool_lock_quick(), another worker that
 * begins them or whoever moves them to the lists, closes before: an item that was queued later
 * would get the slot or the place of the one that is kept, and one that was queued before would
 * be seen nowhere while it is taken.
 *
 * The run goes on counting: a kept item has no slot and no colour. It is counted in when it
 * goes to a list. If it begins without that, it has the slot and the colour of the run before,
 * which is right as long as that colour is the one that new items get: it changes under
 * pool_lock() only.
 *
 * The steps of the owner, to keep and to begin, are a few instructions, of which one is locked,
 * the exchange of the item's own word that keeps it. REQUEUE/1, the owner: store busy, look at
 * open, and if it is, take the step. REQUEUE/2, who closes: clear open, then wait until busy is
 * clear. One of the two must see the other. The full barrier that this takes on both sides is a
 * membarrier on the second one, which is why an item must have queued itself for so long before
 * its worker keeps it. Without membarrier nothing is kept. REQUEUE/3, release when the step is
 * over, and REQUEUE/4, acquire by who closes: what was kept or begun in it.
 * Forbids: an item that is begun and on a list; one that is kept and found nowhere.
 * Test: kept_item_is_found_by_whoever_asks.c
 *
 * PENDING of a kept item is given back by a store, and the run goes on without a full barrier
 * (C14), which would be a second locked instruction. REQUEUE/5, the owner: store PENDING off, then
 * the function loads what it needs. REQUEUE/6, a queue call of another thread: store that, then
 * find PENDING set, by a fetch_or, which is a full barrier. The load may be early, and the
 * fetch_or come before the store. So an item that is kept has a mark in its word, and a call that
 * finds PENDING looks at the word once more:
 *  - PENDING is off: it tries again;
 *  - there is no mark: then the next run that begins does so behind a full barrier, which is
 *    behind the fetch_or. The mark is there from the exchange that keeps the item until PENDING
 *    is off or the item is on a list, and whoever makes it pending anew, the owner as well, does
 *    that with an exchange;
 *  - the mark: requeue_met() closes. Either the owner was in its step or beyond, and that is seen
 *    to its end, REQUEUE/4: PENDING is off, and the call tries again. Or the item is on a list,
 *    from which it begins like any other. So what decides is the word as it is then.
 * Forbids: a call that is refused AND a last run that does not see what was stored before it.
 * Test: kept_item_that_refuses_a_call_goes_to_a_list.c, lost_queue_call_is_seen_by_the_run.c
 *
 * Where others queue the item again and again it pays not to keep it, so after that its worker
 * waits longer.
 *
 * Runs of a kept item are measured (pace.c) less often than others: that takes the worker to the
 * lock, and nobody waits behind them.
 *
 * The owner is one of pool->batchers, with a batch of no items, see batch.c; as long as it keeps
 * items it is the only one.
 * Test: kept_item_and_batches_take_turns.c
 */
#include "kernel-compat/futex.h"
#include "kernel-compat/test_points.h"
#include "workqueue/backoff.h"
#include "workqueue/batch.h"
#include "workqueue/requeue.h"

#define REQUEUE_STREAK	64	/* runs in a row; a membarrier takes as long as some of them */
#define REQUEUE_MET	1024	/* so many more, once, if somebody else has queued it as well */

/*
 * @worker has just begun an item, its run before queued its own item, and nothing waits in the
 * pool. Pool lock held.
 */
void requeue_open(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	struct pool_workqueue *pwq = worker->current_pwq;
	struct requeue *requeue = &worker->requeue;

	assert_pool_locked(pool);
	if (requeue->streak < REQUEUE_STREAK + requeue->met && !test_batches_always())
		return;
	/* one for each pool: the worker of another item may have it */
	if (pool->batchers || submitters_fence || wq_exiting() || !batch_may_take(worker, pwq))
		return;
	/* what is kept runs in this slot and this colour; no slot at all: it is frozen */
	if (pwq->nr_active > pwq->max_active || pwq->work_color != worker->current_color)
		return;
	requeue->streak = 0;
	requeue->met = 0;
	batch_enter(worker);
	pool->batchers |= BATCHERS_KEEP;
	__atomic_store_n(&requeue->open, 1, __ATOMIC_RELEASE);
	TEST_POINT("requeue_opened");
}

/* The only batcher of @pool, which keeps items. Pool lock held. */
static struct worker *keeper(const struct worker_pool *pool)
{
	return batch_owner(pool, pool->batchers & ~BATCHERS_KEEP);
}

/*
 * The batcher of @pool, which keeps items, does no more from here on, and one that it keeps is on
 * a list. Pool lock held; it does not matter which others.
 */
void requeue_close(struct worker_pool *pool)
{
	struct worker *owner = keeper(pool);
	struct requeue *requeue = &owner->requeue;
	struct work_struct *work;

	assert_pool_locked(pool);
	pool->batchers &= ~BATCHERS_KEEP;
	/* REQUEUE/2 */
	__atomic_store_n(&requeue->open, 0, __ATOMIC_RELAXED);
	if (owner == this_worker) {
		requeue->streak = REQUEUE_STREAK;
	} else {
		struct backoff backoff = BACKOFF_INIT;

		membarrier_all();
		TEST_POINT("requeue_closed");
		/* REQUEUE/4 */
		while (__atomic_load_n(&requeue->busy, __ATOMIC_ACQUIRE))
			backoff_wait(&backoff);
	}
	work = requeue->work;
	requeue->work = NULL;
	if (work) {
		/* the mark goes: the run will have its barrier */
		work_set_data(work, work_data(work) & ~WORK_DATA_KEPT);
		pool_admit(pool, work);
	}
}

/*
 * REQUEUE/6: a queue call has found PENDING set in @work, and then @data there, with the mark. It
 * returns what work_stays_pending() does. If the item is another's by now, of another pool even,
 * it has been idle after the fetch_or.
 */
noinline bool requeue_met(struct work_struct *work, unsigned long data)
{
	struct worker_pool *pool;

	/* from the run that has queued it: the next one is later in this thread, or on a list */
	if (this_worker && work_data_last(data) == this_worker->id)
		return true;
	pool = pwq_pool(work_data_pwq(data));
	pool_lock_quick(pool);
	if (pool->batchers & BATCHERS_KEEP) {
		keeper(pool)->requeue.met = REQUEUE_MET;
		requeue_close(pool);
	}
	data = work_data(work);
	/* the lock does not go to a worker of another pool */
	UWQ_TSAN_RELEASE(&work->data);
	pool_unlock(pool);
	return data & WORK_STRUCT_PENDING;
}

/* Closed: what was begun since it was opened is counted now. Pool lock held. */
void requeue_settle(struct worker *owner)
{
	struct worker_pool *pool = owner->pool;
	struct pool_workqueue *pwq = owner->current_pwq;
	unsigned long nr = owner->requeue.nr_begun;

	assert_pool_locked(pool);
	pwq->nr_admitted += nr;
	pwq->nr_started += nr;
	__atomic_store_n(&pool->nr_started, pool->nr_started + nr, __ATOMIC_RELAXED);
	owner->requeue.nr_begun = 0;
}
