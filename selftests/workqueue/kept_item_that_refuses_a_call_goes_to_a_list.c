// SPDX-License-Identifier: MIT
/*
 * Proves C14 for an item that its worker keeps for its next run (requeue.c), which begins without
 * a barrier of its own: a queue call that it refuses takes it to a list first, unless it comes
 * from that run itself; one that meets the begin of that run is accepted behind it. And if
 * that happens it is not kept for some time.
 */
#include "requeue_test.h"

static bool refused_plain(void)
{
	return !queue_work(again.wq, &again.work);
}

static bool refused_delayed(void)
{
	return !queue_delayed_work(again.wq, &again.dwork, 0);
}

static bool refused_rcu(void)
{
	return !queue_rcu_work(again.wq, &again.rwork);
}

static bool (*const refused[])(void) = { refused_plain, refused_delayed, refused_rcu };

static bool is_marked(void)
{
	return work_data_is_kept(work_data(&again.work));
}

static bool is_open(struct worker_pool *pool)
{
	bool open;

	pool_lock_quick(pool);
	open = pool->batchers & BATCHERS_KEEP;
	pool_unlock(pool);
	return open;
}

/* Neither the manager nor another worker is about to come to the pool, and to take it back. */
static bool is_left_alone(struct worker_pool *pool)
{
	bool alone;

	pool_lock_quick(pool);
	alone = pool->nr_running == 1 && !pool->nr_waking && !pool->spinner && !pool->creating &&
		pool->create == CREATE_NONE && is_marked();
	pool_unlock(pool);
	return alone;
}

static bool stays_kept(struct worker_pool *pool)
{
	while (is_marked()) {
		if (is_left_alone(pool))
			return true;
		nap_us(100);
	}
	let_go();
	flush_workqueue(again.wq);
	return false;
}

/* As begin_kept(), and nobody but the test changes that. */
static void begin_left_alone(struct worker_pool *pool, struct workqueue_struct *wq)
{
	do {
		begin_kept(wq);
	} while (!stays_kept(pool));
}

/* C14: its run from the list has the barrier that one which is kept goes without. */
TEST_F(queue, refused_call_takes_a_kept_one_to_a_list)
{
	for (unsigned int way = 0; way < ARRAY_SIZE(refused); way++) {
		begin_left_alone(self->pool, self->wq);
		EXPECT_TRUE(refused[way]());
		EXPECT_FALSE(is_marked());
		EXPECT_FALSE(is_open(self->pool));
		EXPECT_TRUE(work_pending(&again.work));
		/* now there is nothing more to be done */
		EXPECT_TRUE(refused[way]());
		let_go();
		flush_workqueue(self->wq);
		EXPECT_EQ(2, GET(again.runs));
		EXPECT_FALSE(work_pending(&again.work));
	}
}

static bool still_kept;	/* atomic */

static void queue_twice(void)
{
	RIGHT(refused_plain());
	SET(still_kept, is_marked());
}

/* In its own thread all that was stored before the next run is seen by it. */
TEST_F(queue, second_call_of_the_run_itself_changes_nothing)
{
	SET(still_kept, false);
	/* somebody else may come to the pool */
	for (int i = 0; i < 100 && !GET(still_kept); i++) {
		begin(self->wq, queue_twice);
		ASSERT_TRUE(COMES_TRUE(kept_run_came()));
		flush_workqueue(self->wq);
	}
	EXPECT_TRUE(GET(still_kept));
}

static bool call_is_over;	/* atomic */

static void *queue_thread(void *arg)
{
	void *accepted = refused_plain() ? NULL : arg;

	SET(call_is_over, true);
	return accepted;
}

/* It was found kept, but that run has begun before its call can be refused: it is one more. */
TEST_F(queue, call_that_meets_the_begin_is_accepted_after_it)
{
	void *accepted;
	pthread_t thread;
	struct requeue *requeue;

	SET(call_is_over, false);
	begin_left_alone(self->pool, self->wq);
	hold_next("worker_begin");
	let_go();
	hold_wait();
	requeue = its_requeue(self->pool);
	thread = start_thread(queue_thread, self);
	while (GET(requeue->open) && !GET(call_is_over))
		nap_us(100);
	nap_us(1000);
	EXPECT_FALSE(GET(call_is_over));
	hold_release();
	pthread_join(thread, &accepted);
	EXPECT_NOT_NULL(accepted);
	flush_workqueue(self->wq);
	EXPECT_EQ(3, GET(again.runs));
}

/* A rival that queues it again and again pays for it now and then only. */
TEST_F(queue, one_that_others_queue_as_well_is_kept_later)
{
	uwq_test_force_batches(false);
	do {
		again_init(&again, self->wq, -1);
		SET(again.hold, true);
		queue(self->wq, &again.work);
		gate_wait(&again.kept);
	} while (!stays_kept(self->pool));
	EXPECT_TRUE(refused_plain());
	SET(opened_at, 0);
	SET(uwq_test_point_hook, note_opened);
	SET(again.left, -1);
	let_go();
	EXPECT_TRUE(COMES_TRUE(GET(opened_at)));
	SET(again.left, 0);
	flush_work(&again.work);
	EXPECT_LE(1000, GET(opened_at));
	SET(uwq_test_point_hook, NULL);
}

TEST_HARNESS_MAIN
