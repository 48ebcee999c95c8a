// SPDX-License-Identifier: MIT
/*
 * Proves that the workers of a pool have either batches (batch.c) or, one of them, an item that it
 * keeps (requeue.c): nothing is kept beside a batch; none is taken beside a kept item, also by
 * a worker that does not look at what waits in the pool; and when one does, the item goes to a
 * list, and its worker stays with nothing beside the batch of the other one until its run ends.
 */
#include "batch_workers.h"
#include "requeue_test.h"

static int nr_batchers(struct worker_pool *pool)
{
	int nr;

	pool_lock_quick(pool);
	nr = __builtin_popcount(pool->batchers);
	pool_unlock(pool);
	return nr;
}

/* The pool rests, and nothing of the round before is left. */
static void begin_round(FIXTURE_DATA(queue) *self)
{
	flush_workqueue(self->wq);
	flush_workqueue(self->other);
	prepare();
	want_running(self->pool, 2);
}

/* ---- beside a batch ---- */

/* It stays in its last run, so that its worker does not look for anything else. */
static void again_and_stay(struct work_struct *work)
{
	bool last = !GET(again.left);

	again_func(work);
	if (last) {
		gate_open(&again.kept);
		gate_wait(&again.go);
	}
}

/* The other worker runs an item of another queue, so often that it would be kept. */
TEST_F_FOR(queue, nothing_is_kept_beside_a_batch, TWO_WORKERS)
{
	int met = 0;

	for (int round = 0; met < ENOUGH && round < 10 * ENOUGH; round++) {
		begin_round(self);
		have_batch(_metadata, self, NR_QUICK, NR_QUICK);
		SET(opened_at, 0);
		SET(uwq_test_point_hook, note_opened);
		again_init(&again, self->other, 100);
		again.work.func = again_and_stay;
		queue(self->other, &again.work);
		let_end(&ahead);
		gate_wait(&again.kept);
		/* nobody has taken it back: it was there all the time */
		if (size_of_batch(&with_batch)) {
			EXPECT_EQ(0, GET(opened_at));
			met++;
		}
		let_go();
		let_end(&with_batch);
		SET(uwq_test_point_hook, NULL);
	}
	EXPECT_EQ(ENOUGH, met);
}

/* ---- beside a kept item ---- */

static struct stayer follower;	/* its second run follows the first on the same worker */
static bool was_kept, had_batch;	/* atomic: in that run */

static void follow_func(struct work_struct *work)
{
	struct worker_pool *pool = this_worker->pool;

	if (GET(follower.runs)) {
		pool_lock_quick(pool);
		SET(was_kept, !!(pool->batchers & BATCHERS_KEEP));
		SET(had_batch, owns_batch(this_worker));
		pool_unlock(pool);
	}
	stay_func(work);
}

static bool waits_for_its_worker(const struct stayer *stayer)
{
	struct worker *worker = GET(stayer->worker);
	bool waits;

	pool_lock_quick(worker->pool);
	waits = !list_empty(&worker->scheduled);
	pool_unlock(worker->pool);
	return waits;
}

/*
 * A worker stays in the first run of the follower, which is queued again. As that runs, another
 * one leaves it to the first.
 */
static void begin_follower(struct __test_metadata *_metadata, struct workqueue_struct *wq)
{
	stayer_init(&follower);
	follower.work.func = follow_func;
	stayer_queue(&follower, wq);
	queue(wq, &follower.work);
	ASSERT_TRUE(COMES_TRUE(waits_for_its_worker(&follower)));
}

/*
 * It comes to an item that is on no list of the pool, and in whose slot those that wait could run.
 * They got none, and so they were not in the way when the other worker began to keep its item.
 */
TEST_F_FOR(queue, no_batch_is_taken_beside_a_kept_item, TWO_WORKERS)
{
	int met = 0;

	for (int round = 0; met < ENOUGH && round < 10 * ENOUGH; round++) {
		begin_round(self);
		workqueue_set_max_active(self->wq, 2);
		begin_follower(_metadata, self->wq);
		workqueue_set_max_active(self->wq, 1);
		queue_quick(self->wq, 0, NR_QUICK);
		/* to the list */
		EXPECT_EQ(2ul + NR_QUICK, items_in_flight(self->wq));
		begin_kept(self->other);
		let_end(&follower);
		ASSERT_TRUE(COMES_TRUE(GET(follower.runs) == 2));
		ASSERT_FALSE(GET(was_kept) && GET(had_batch));
		met += GET(was_kept);
		let_go();
	}
	EXPECT_EQ(ENOUGH, met);
}

/* ---- beside one that was kept ---- */

/* Its worker has it behind its run, and is a batcher still, with no items. */
TEST_F_FOR(queue, batch_is_taken_when_the_item_is_on_a_list, TWO_WORKERS)
{
	int met = 0;

	for (int round = 0; met < ENOUGH && round < 10 * ENOUGH; round++) {
		begin_round(self);
		stayer_queue(&ahead, self->wq);
		begin_kept(self->other);
		queue(self->wq, &with_batch.work);
		queue_quick(self->wq, 0, NR_QUICK);
		let_end(&ahead);
		while (!GET(with_batch.begun))
			nap_us(50);
		met += size_of_batch(&with_batch) == NR_QUICK && nr_batchers(self->pool) == 2;
		EXPECT_EQ(1, GET(again.runs));
		let_go();
		/* that worker finds nothing else, so it takes the batch of the other one back */
		ASSERT_TRUE(COMES_TRUE(GET(nr_begun) == NR_QUICK));
		EXPECT_TRUE(COMES_TRUE(GET(again.runs) == 2));
		EXPECT_FALSE(GET(with_batch.may_end));
		let_end(&with_batch);
	}
	EXPECT_EQ(ENOUGH, met);
}

TEST_HARNESS_MAIN
