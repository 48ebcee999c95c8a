// SPDX-License-Identifier: MIT
/*
 * batch.c - several short items for one hold of the pool lock
 *
 * The lock, and the lines of the pool, which submitters and other workers want as well, take
 * longer than a short function. So while the runs of a pool are short (pace.c measures them), a
 * worker that takes an item takes those behind it as well: its batch, of one pwq. It begins
 * them one after the other without the lock, and settles all of them when it comes back to
 * it. pool->batchers are the workers that have a batch.
 *
 * Nobody shall be able to tell. An item of a batch that is not begun waits, like one on a
 * list: it can be cancelled, flushed, shown, and taken by another worker. So whoever takes
 * the lock with pool_lock() takes all batches back: what is not begun goes to the head of the
 * lists, what is over is counted out, and the owners find their batches closed and come to the
 * lock when their present runs end. With pool_lock_quick() the batches stay; it is for those who
 * neither look for items nor at counts of them.
 *
 * Several workers. All take in the order in which items were queued (C7), and where only one item
 * of a pwq may run at a time, or one worker is enough for the pool, they begin in that order, too.
 * Otherwise the next batch may be begun by another worker at the same time, so that an item may
 * be preceded by some that came after it. How many is bounded: if an owner loses its CPU, the
 * others take its batch back after about two times BATCH_LOOK runs of theirs. And nobody is idle
 * because of it: a worker takes no more than its share of what waits, there are batches only
 * as long as as many workers run as shall, and one that finds nothing else takes the batches
 * back before it rests.
 *
 * Who begins an item is decided by batch->claims. The owner adds one for each item; the other
 * side, with the lock, exchanges it for BATCH_CLOSED and gets the number of items that were
 * claimed. What was claimed last may not be announced yet; the other side waits for that.
 * The count is the worker's own and stays closed until it has its next batch: its run may go
 * on for long, and be counted out, while other workers have batches.
 *
 * Slots: each item of a batch holds one, or an item that came later could get it, and begin
 * first when the batch is taken back. Only with max_active 1, where one slot is all there
 * is, or, with several workers, so few that their batches could not all hold slots, they are
 * heirs: they hold none, and each runs in the slot of the one before, which is over by then.
 * When they are taken back they are the first to wait for a slot.
 *
 * An item may turn out to be long. If it blocks, its worker is not running any more and takes
 * the batches back before another one is called. Otherwise the monitor does, which is on while
 * there is a batch. Then the pool has no further ones until another run was measured.
 * Test: items_taken_at_once_can_be_taken_back.c, long_run_after_short_ones_holds_nobody_up.c,
 * several_workers_take_items_at_once.c
 */
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/prefetch.h>

#include "kernel-compat/test_points.h"
#include "workqueue/backoff.h"
#include "workqueue/batch.h"
#include "workqueue/pwq.h"
#include "workqueue/requeue.h"
#include "workqueue/running.h"
#include "workqueue/trace.h"
#include "workqueue/workqueue_internal.h"

#define BATCH_LOOK	64	/* runs of the pool from one look for old batches to the next */

/* ---- who has one ---- */

/* @worker becomes one of the batchers of its pool. False: there are too many. Pool lock held. */
bool batch_enter(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	struct batch *batch = &worker->batch;
	u32 free = ~pool->batchers & (BATCHERS_KEEP - 1);

	assert_pool_locked(pool);
	if (unlikely(!free))
		return false;
	batch->bit = free & -free;
	batch->number = pool->nr_started;
	batch->nr = 0;
	pool->batchers |= batch->bit;
	/* mostly it is the same one again, and the line that others read stays where it is */
	if (unlikely(batch_owner(pool, batch->bit) != worker))
		pool->batch_owners[__builtin_ctz(batch->bit)] = worker;
	return true;
}

static void leave(struct worker *owner)
{
	struct worker_pool *pool = owner->pool;

	assert_pool_locked(pool);
	pool->batchers &= ~owner->batch.bit;
	owner->batch.bit = 0;
}

/* Of the owners in @batchers, the one who was the last to take its batch. */
static struct worker *latest_owner(const struct worker_pool *pool, u32 batchers)
{
	struct worker *latest = batch_owner(pool, batchers);

	while (batchers &= batchers - 1) {
		struct worker *owner = batch_owner(pool, batchers);

		if ((long)(owner->batch.number - latest->batch.number) > 0)
			latest = owner;
	}
	return latest;
}

/* Does a batch of @pool have @work, or had it? Then its links say nothing. Pool lock held. */
bool batches_have(const struct worker_pool *pool, const struct work_struct *work)
{
	u32 left = pool->batchers & ~BATCHERS_KEEP;

	assert_pool_locked(pool);
	for (; left; left &= left - 1) {
		const struct batch *batch = &batch_owner(pool, left)->batch;

		for (unsigned int i = 0; i < batch->nr; i++)
			if (batch->items[i].work == work)
				return true;
	}
	return false;
}

/* ---- giving back ---- */

/*
 * What got a slot of @pwq since batches of heirs were taken, and still waits, is younger than they:
 * it gives its slot back, and is the first to wait for one.
 */
static void withdraw_waiting(struct pool_workqueue *pwq)
{
	struct list_head *pos = pwq->pool->worklist.next;
	LIST_HEAD(waiting);

	while (pos != &pwq->pool->worklist) {
		struct work_struct *work = list_entry(pos, struct work_struct, entry);
		unsigned long data = work_data(work);

		pos = pos->prev;
		/* a barrier, which has no slot, goes with its item */
		if (work_data_pwq(data) == pwq && !(data & WORK_STRUCT_INACTIVE)) {
			move_linked(work, &waiting);
			work_set_data(work, data | WORK_STRUCT_INACTIVE);
			pwq->nr_active--;
		} else {
			pos = &work->entry;
		}
		pos = pos->next;
	}
	list_splice(&waiting, &pwq->inactive_works);
}

/*
 * What was not begun, from @first on, goes to the head of a list, in its order: what is there
 * of the same pwq has come later.
 */
static void give_back(struct worker *owner, unsigned int first)
{
	struct batch *batch = &owner->batch;
	struct pool_workqueue *pwq = owner->current_pwq;
	struct list_head *list = batch->heirs ? &pwq->inactive_works : &owner->pool->worklist;

	if (batch->heirs)
		withdraw_waiting(pwq);
	while (batch->nr > first) {
		struct batched *last = &batch->items[--batch->nr];

		work_set_data(last->work, batch->heirs ? last->data | WORK_STRUCT_INACTIVE :
							 last->data);
		list_add(&last->work->entry, list);
	}
	/* others may have ended runs meanwhile, while nobody waited for their slots */
	if (batch->heirs)
		pwq_activate_waiting(pwq);
}

/*
 * No further item of the batch of @owner begins, and what is not begun waits on a list. What was
 * begun is still to be settled. Pool lock held; it does not matter which others.
 *
 * The item that was claimed last is what the owner runs when this returns, so that who asks
 * next finds it there and not between two places. That takes the owner a few instructions
 * without any lock; they may be interrupted, as may any holder of this lock. BATCH/2 and
 * BATCH/4: see batch.h.
 */
static void stop(struct worker *owner)
{
	struct batch *batch = &owner->batch;
	struct backoff backoff = BACKOFF_INIT;
	unsigned int claims;

	claims = __atomic_exchange_n(&batch->claims, BATCH_CLOSED, __ATOMIC_ACQ_REL);
	TEST_POINT("batch_closed");
	if (claims < batch->nr)
		give_back(owner, claims);
	while (__atomic_load_n(&batch->begun, __ATOMIC_ACQUIRE) < batch->nr)
		backoff_wait(&backoff);
	if (owner->pool->batchers & BATCHERS_KEEP)
		requeue_close(owner->pool);
}

/* Stop all batches of @pool. They stay to be settled. Pool lock held, never dropped. */
void batches_stop(struct worker_pool *pool)
{
	u32 left = pool->batchers & ~BATCHERS_KEEP;

	assert_pool_locked(pool);
	while (left) {
		struct worker *owner = latest_owner(pool, left);

		stop(owner);
		left &= ~owner->batch.bit;
	}
}

/*
 * Something is to follow the present run of @owner. True: the batch that would have come before it
 * is stopped, with all others, and what @owner runs may be another item by now. Pool lock held,
 * never dropped.
 */
bool batch_end(struct worker *owner)
{
	assert_pool_locked(owner->pool);
	if (!owner->batch.bit ||
	    __atomic_load_n(&owner->batch.claims, __ATOMIC_RELAXED) >= BATCH_CLOSED)
		return false;
	batches_stop(owner->pool);
	return true;
}

/* ---- settling ---- */

/*
 * No further item of the batch of @owner begins. Count out what is over: all that was begun, with
 * the run before the batch, but for the last one, which the owner ends as ever. Who gives a slot
 * back is followed by an item that has its own. Pool lock held; returns what the caller
 * completes when it has dropped it.
 */
struct completion *batch_settle(struct worker *owner)
{
	struct worker_pool *pool = owner->pool;
	struct pool_workqueue *pwq = owner->current_pwq;
	struct batch *batch = &owner->batch;
	struct completion *flushed = NULL;
	int color = batch->color;
	unsigned int i;

	assert_pool_locked(pool);
	/* the one that gets the slot of the last of them */
	if (batch->heirs)
		prefetchw(pwq->inactive_works.next);
	pwq->nr_started += batch->nr;
	__atomic_store_n(&pool->nr_started, pool->nr_started + batch->nr, __ATOMIC_RELAXED);
	/* who waits gets them together; items_activated_at_once_keep_their_order.c */
	if (!batch->heirs)
		pwq_give_slots(pwq, (int)batch->nr);
	for (i = 0; i < batch->nr; i++) {
		/* one flush at a time: not more than one of them ends it */
		flushed = pwq_done(pwq, color, false) ?: flushed;
		color = work_data_color(batch->items[i].data);
	}
	requeue_settle(owner);
	leave(owner);
	return flushed;
}

/*
 * Take the batches of @pool back. True: items were given back. Pool lock held; it may be dropped
 * for a moment, but there is none when this returns.
 */
bool pool_recall_batches(struct worker_pool *pool)
{
	bool given_back = false;
	u32 batchers;

	assert_pool_locked(pool);
	while ((batchers = pool->batchers & ~BATCHERS_KEEP)) {
		/* what was taken first is the first on its list in the end */
		struct worker *owner = latest_owner(pool, batchers);
		unsigned int nr = owner->batch.nr;
		struct completion *flushed;

		stop(owner);
		given_back |= owner->batch.nr < nr;
		flushed = batch_settle(owner);
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
	if (pool_recall_batches(pool) && !test_batches_always())
		pool->batch_size = 1;
}

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
 * They are cut off together, and nothing is stored to them: whoever drops the lock waits for each
 * foreign line that was stored to. The owner clears their links when it begins them (run_batch()),
 * and the first one that stays behind need not know who is before it, see pwq_mend_first().
 * Test: first_waiting_item_can_be_taken_out.c, items_taken_at_once_can_be_taken_back.c
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
		join(batch, work, data);
	}
	WRITE_ONCE(list->next, pos);
	if (!batch->heirs || pos == list)
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
		data |= (unsigned long)pwq_count_in(pwq, 1) << WORK_STRUCT_COLOR_SHIFT;
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
 * How many may @worker take, which is one of several? Its share of what is known to wait, if all
 * others have taken as many as they can.
 */
static unsigned int fair_share(const struct worker *worker, unsigned int most)
{
	const struct worker_pool *pool = worker->pool;
	unsigned long held = (unsigned long)pool->nr_running * (BATCH_MAX + 1);
	unsigned long waiting = worker->current_pwq->nr_total + pool->inbox.end - pool->inbox.next;
	int useful = pool_useful_workers(pool);

	/* nobody else may begin an item of this pwq */
	if (useful == 1 || worker->current_pwq->max_active == 1 || test_batches_always())
		return most;
	return waiting <= held ? 0 : min((unsigned long)most, (waiting - held) / useful);
}

/*
 * Where several workers have batches, one of them may have lost its CPU. If as many runs have begun
 * since it took its batch as all of them would have in the time of some, take all back: those that
 * are left would not fit in with those that are given back. Looked at seldom, because it takes the
 * lines of the others. Pool lock held, may be dropped for a moment.
 */
static bool take_back_old(struct worker_pool *pool)
{
	unsigned long old = BATCH_LOOK + 2ul * pool_useful_workers(pool) * (BATCH_MAX + 1);
	u32 left = pool->batchers;

	if (likely((u32)pool->nr_started - pool->batches_looked < BATCH_LOOK))
		return false;
	pool->batches_looked = (u32)pool->nr_started;
	for (; left; left &= left - 1) {
		if (pool->nr_started - batch_owner(pool, left)->batch.number <= old)
			continue;
		pool_recall_batches(pool);
		return true;
	}
	return false;
}

/*
 * Are batches of @pwq those of heirs? It depends on what changes under pool_lock() only, or after
 * pool_recall_batches(): all batches of a pwq that there are at the same time are of one kind.
 */
static bool takes_heirs(const struct pool_workqueue *pwq)
{
	int useful = pool_useful_workers(pwq->pool);

	return pwq->max_active <= (useful > 1 ? useful * (BATCH_MAX + 1) : 1);
}

/*
 * @worker has just begun an item, and batch_pays(): take more, for after that one. Pool lock held;
 * it may be dropped for a moment. Returns how many there are.
 */
unsigned int batch_take(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	struct pool_workqueue *pwq = worker->current_pwq;
	unsigned int most = min(pool->batch_size - 1, (unsigned int)BATCH_MAX);
	struct batch *batch = &worker->batch;

	assert_pool_locked(pool);
	if (unlikely(!batch_may_take(worker, pwq) || pool->batchers & BATCHERS_KEEP))
		return 0;
	/* after that nothing is as it was when it was asked for */
	if (pool->batchers && take_back_old(pool))
		return 0;
	/* nothing overtakes the worklist; what is there has a slot */
	batch->heirs = takes_heirs(pwq);
	if (batch->heirs && (!list_empty(&pool->worklist) || pwq->nr_active > pwq->max_active))
		return 0;
	most = fair_share(worker, most);
	if (!most || !batch_enter(worker))
		return 0;
	take_from_list(worker, batch->heirs ? &pwq->inactive_works : &pool->worklist, most);
	if (list_empty(&pool->worklist) && list_empty(&pwq->inactive_works))
		take_from_inbox(worker, most);
	if (!batch->nr) {
		leave(worker);
		return 0;
	}
	batch->color = worker->current_color;
	__atomic_store_n(&batch->begun, 0, __ATOMIC_RELAXED);
	/* read by the next holder of the lock, or by this thread */
	__atomic_store_n(&batch->claims, 0, __ATOMIC_RELAXED);
	TEST_POINT("batch_taken");
	return batch->nr;
}
