// SPDX-License-Identifier: MIT
/*
 * Proves that an item which its own run queues, again and again, is kept by its worker for the next
 * run (requeue.c): it goes neither through the inbox nor over a list, is counted like any other,
 * comes before what was queued later (C7), and lets everything else run.
 */
#include "fork_test.h"
#include "requeue_test.h"

/* ---- its way ---- */

TEST_F(queue, it_goes_neither_through_the_inbox_nor_over_a_list)
{
	unsigned long started = self->pwq->nr_started, admitted = self->pwq->nr_admitted;
	unsigned long tail = GET(self->pool->inbox.hint);

	again_init(&again, self->wq, 1000);
	queue(self->wq, &again.work);
	/* each flush of the queue would take it back once */
	ASSERT_TRUE(COMES_TRUE(GET(again.runs) == 1001));
	flush_workqueue(self->wq);
	EXPECT_GT(500ul, GET(self->pool->inbox.hint) - tail);
	EXPECT_EQ(0ul, items_in_flight(self->wq));
	/* nobody shall see it in the counts; a flush has barriers, which are started as well */
	EXPECT_EQ(1001ul, self->pwq->nr_admitted - admitted);
	EXPECT_LE(1001ul, self->pwq->nr_started - started);
}

TEST_F(queue, it_must_have_queued_itself_for_some_time)
{
	uwq_test_force_batches(false);
	SET(opened_at, 0);
	SET(uwq_test_point_hook, note_opened);
	again_init(&again, self->wq, 60);
	queue(self->wq, &again.work);
	ASSERT_TRUE(COMES_TRUE(GET(again.runs) == 61));
	flush_work(&again.work);
	EXPECT_EQ(0, GET(opened_at));
	again_init(&again, self->wq, 1000);
	queue(self->wq, &again.work);
	ASSERT_TRUE(COMES_TRUE(GET(again.runs) == 1001));
	EXPECT_LE(63, GET(opened_at));
	SET(uwq_test_point_hook, NULL);
}

static unsigned long longest_late;	/* atomic: runs by which a measure was late, at most */

static void note_late(struct work_struct *work)
{
	unsigned long run = this_worker->nr_runs, due = this_worker->measured_run;

	if (run > due && run - due > GET(longest_late))
		SET(longest_late, run - due);
	again_func(work);
}

/* What comes behind it at last shall not rely on a measure of long ago. */
TEST_F(queue, it_is_measured_at_last)
{
	SET(longest_late, 0);
	again_init(&again, self->wq, 4 * REQUEUE_UNMEASURED);
	again.work.func = note_late;
	queue(self->wq, &again.work);
	ASSERT_TRUE(COMES_TRUE(GET(again.runs) == 4 * REQUEUE_UNMEASURED + 1));
	flush_work(&again.work);
	EXPECT_LT(PACE_EVERY, (int)GET(longest_late));
	EXPECT_GE(REQUEUE_UNMEASURED + 1, (int)GET(longest_late));
}

static struct workqueue_struct *forked_wq;

/* Nobody else runs in a child, so what no thread changes later can be changed. */
static void queue_without_membarrier(void)
{
	submitters_fence = true;
	SET(opened_at, 0);
	SET(uwq_test_point_hook, note_opened);
	again_init(&again, forked_wq, 200);
	queue(forked_wq, &again.work);
	CHECK(COMES_TRUE(GET(again.runs) == 201));
	CHECK(!GET(opened_at));
}

TEST_F(queue, without_membarrier_nothing_is_kept)
{
	forked_wq = self->wq;
	EXPECT_EQ(0, IN_CHILD(queue_without_membarrier));
}

/* ---- order, and others ---- */

static struct counter later;
static int later_at;	/* atomic: the place of its last run */

static void later_func(struct work_struct *work)
{
	SET(later_at, ADD(order, 1));
	counter_func(work);
}

static void later_init(void)
{
	counter_init(&later);
	later.work.func = later_func;
}

/* What is queued while one is kept comes after it, also if it gets to a list first (C7). */
TEST_F_FOR(queue, kept_one_comes_before_what_is_queued_later, ONE_SLOT || ONE_WORKER)
{
	later_init();
	for (int way = 0; way < 3; way++) {
		begin_kept(self->wq);
		queue(self->wq, &later.work);
		if (way == 1) {
			EXPECT_EQ(3ul, items_in_flight(self->wq));
		} else if (way == 2) {
			pool_lock_quick(self->pool);
			pool_drain_inbox(self->pool);
			pool_unlock_and_wake(self->pool);
		}
		let_go();
		flush_workqueue(self->wq);
		EXPECT_EQ(2, GET(again.runs));
		EXPECT_EQ(way + 1, GET(later.runs));
		EXPECT_LT(GET(again.place), GET(later_at));
	}
}

/* An item that queues itself for ever keeps nobody out, of its queue or of another one. */
TEST_F(queue, everything_else_runs)
{
	later_init();
	start_looks();
	for (int i = 0; i < ROUNDS(200); i++) {
		again_init(&again, self->wq, -1);
		queue(self->wq, &again.work);
		ASSERT_TRUE(COMES_TRUE(GET(again.runs) >= i % 16));
		queue(i % 2 ? self->wq : self->other, &later.work);
		ASSERT_TRUE(COMES_TRUE(GET(later.runs) == i + 1));
		cancel_work_sync(&again.work);
	}
	stop_looks();
}

/* Two workers run one each; the pool lets only one of them keep its item. */
TEST_F_FOR(queue, two_that_queue_themselves_are_both_found, TWO_WORKERS)
{
	unsigned long admitted = self->pwq->nr_admitted;
	static struct again second;
	unsigned long runs = 0;

	start_looks();
	for (int i = 0; i < ROUNDS(500); i++) {
		again_init(&again, self->wq, -1);
		again_init(&second, self->wq, -1);
		queue(self->wq, &again.work);
		queue(self->wq, &second.work);
		ASSERT_TRUE(COMES_TRUE(GET(again.runs) > i % 64 && GET(second.runs) > i % 64));
		/* each came as often as it ran, and once more if it was taken back */
		runs += cancel_work_sync(&again.work) + cancel_work_sync(&second.work);
		runs += GET(again.runs) + GET(second.runs);
		EXPECT_FALSE(work_busy(&again.work) | work_busy(&second.work));
	}
	/* the barriers of the two waits end after these */
	EXPECT_TRUE(COMES_TRUE(!items_in_flight(self->wq)));
	EXPECT_EQ(runs, self->pwq->nr_admitted - admitted);
	stop_looks();
}

static struct completion may_end;

static void block(void)
{
	gate_open(&again.kept);
	wait_for_completion(&may_end);
}

/* Nobody else can begin it, but the other items of the pool get another worker (C98). */
TEST_F_FOR(queue, others_run_while_its_function_sleeps, SEVERAL_SLOTS)
{
	later_init();
	init_completion(&may_end);
	begin(self->wq, block);
	gate_wait(&again.kept);
	queue(self->wq, &later.work);
	EXPECT_TRUE(COMES_TRUE(GET(later.runs) == 1));
	EXPECT_EQ(1, GET(again.runs));
	complete(&may_end);
	flush_workqueue(self->wq);
	EXPECT_EQ(2, GET(again.runs));
}

static void end_thread(void)
{
	pthread_exit(NULL);
}

TEST_F(queue, another_worker_runs_it_if_the_thread_ends)
{
	log_count("ended the thread");
	begin(self->wq, end_thread);
	EXPECT_TRUE(COMES_TRUE(kept_run_came()));
	uwq_set_log_sink(NULL, NULL);
}

TEST_HARNESS_MAIN
