// SPDX-License-Identifier: MIT
/*
 * Proves that an item which its worker keeps for its next run (requeue.c) is anybody's who asks:
 * it is pending, and cancelled, flushed, disabled and freed like any other, also while the
 * worker takes a step with it, and is idle in a child of fork().
 */
#include "fork_test.h"
#include "requeue_test.h"

/* ---- whoever asks ---- */

TEST_F(queue, kept_one_is_pending_and_counted)
{
	begin_kept(self->wq);
	EXPECT_TRUE(work_pending(&again.work));
	EXPECT_EQ((unsigned int)(WORK_BUSY_PENDING | WORK_BUSY_RUNNING), work_busy(&again.work));
	EXPECT_EQ(2ul, items_in_flight(self->wq));
	EXPECT_FALSE(queue_work(self->other, &again.work));
	let_go();
	flush_workqueue(self->wq);
	EXPECT_EQ(2, GET(again.runs));
}

TEST_F(queue, kept_one_can_be_cancelled)
{
	begin_kept(self->wq);
	EXPECT_TRUE(cancel_work(&again.work));
	EXPECT_FALSE(cancel_work(&again.work));
	EXPECT_EQ((unsigned int)WORK_BUSY_RUNNING, work_busy(&again.work));
	let_go();
	flush_workqueue(self->wq);
	EXPECT_EQ(1, GET(again.runs));
}

static bool cancel_is_over;	/* atomic */

static void *cancel_sync_thread(void *arg)
{
	(void)arg;
	RIGHT(cancel_work_sync(&again.work));
	SET(cancel_is_over, true);
	return NULL;
}

TEST_F(queue, run_before_a_cancelled_one_is_waited_for)
{
	pthread_t thread;

	SET(cancel_is_over, false);
	begin_kept(self->wq);
	thread = start_thread(cancel_sync_thread, NULL);
	/* taken back: it waits for the run with the item disabled */
	EXPECT_TRUE(COMES_TRUE(!(work_data(&again.work) & WORK_STRUCT_PWQ)));
	EXPECT_FALSE(GET(cancel_is_over));
	let_go();
	pthread_join(thread, NULL);
	EXPECT_EQ(1, GET(again.runs));
	EXPECT_FALSE(work_busy(&again.work));
}

TEST_F(queue, kept_one_can_be_disabled)
{
	begin_kept(self->wq);
	EXPECT_TRUE(disable_work(&again.work));
	EXPECT_FALSE(queue_work(self->wq, &again.work));
	let_go();
	flush_workqueue(self->wq);
	EXPECT_EQ(1, GET(again.runs));
	EXPECT_TRUE(enable_work(&again.work));
	EXPECT_TRUE(queue_work(self->wq, &again.work));
	flush_work(&again.work);
	EXPECT_EQ(2, GET(again.runs));
}

static int runs_after_flush;	/* atomic: -1 = the flush is not over */

static void *flush_item_thread(void *arg)
{
	(void)arg;
	RIGHT(flush_work(&again.work));
	SET(runs_after_flush, GET(again.runs));
	return NULL;
}

TEST_F(queue, flush_of_a_kept_one_waits_for_its_run)
{
	pthread_t thread;

	SET(runs_after_flush, -1);
	begin_kept(self->wq);
	thread = start_thread(flush_item_thread, NULL);
	/* the run, the item, and the barrier behind it */
	EXPECT_TRUE(COMES_TRUE(items_in_flight(self->wq) == 3));
	EXPECT_EQ(-1, GET(runs_after_flush));
	let_go();
	pthread_join(thread, NULL);
	EXPECT_EQ(2, GET(runs_after_flush));
}

TEST_F(queue, flush_of_the_queue_waits_for_a_kept_one)
{
	pthread_t thread;

	begin_kept(self->wq);
	thread = start_queue_flush(self->wq);
	EXPECT_EQ(0, GET(nr_flushed));
	let_go();
	pthread_join(thread, NULL);
	EXPECT_EQ(2, GET(again.runs));
}

/* ---- steps ---- */

static void *cancel_thread(void *arg)
{
	(void)arg;
	RIGHT(cancel_work(&again.work));
	SET(cancel_is_over, true);
	return NULL;
}

/*
 * The worker has made it pending and has not said yet that it keeps it: who takes it back
 * waits, or it would be kept after nobody looks for it any more.
 */
TEST_F(queue, who_closes_waits_for_the_end_of_a_step)
{
	pthread_t thread;
	struct requeue *requeue;
	int runs;

	SET(cancel_is_over, false);
	hold_next("requeue_pending");
	again_init(&again, self->wq, -1);
	queue(self->wq, &again.work);
	hold_wait();
	requeue = its_requeue(self->pool);
	runs = GET(again.runs);
	thread = start_thread(cancel_thread, NULL);
	while (GET(requeue->open))
		nap_us(100);
	nap_us(1000);
	EXPECT_FALSE(GET(cancel_is_over));
	hold_release();
	pthread_join(thread, NULL);
	flush_workqueue(self->wq);
	EXPECT_EQ(runs, GET(again.runs));
	SET(again.left, 0);
	EXPECT_TRUE(queue_work(self->wq, &again.work));
	flush_work(&again.work);
}

/* ---- fork ---- */

static struct workqueue_struct *forked_wq;

static void use_in_child(void)
{
	SET(again.left, 0);
	SET(again.hold, false);
	CHECK(!pwq_of(forked_wq)->nr_total && !pwq_of(forked_wq)->nr_active);
	CHECK_USABLE(forked_wq, &again.work, again.runs);
}

TEST_F(queue, kept_one_is_idle_in_a_child)
{
	forked_wq = self->wq;
	begin_kept(self->wq);
	EXPECT_ENDS_WELL(in_child(use_in_child));
	let_go();
	flush_workqueue(self->wq);
	EXPECT_EQ(2, GET(again.runs));
}

static int child_result;	/* atomic */

static void fork_here(void)
{
	SET(child_result, in_child(use_in_child));
}

TEST_F(queue, kept_one_is_idle_in_a_child_of_its_function)
{
	forked_wq = self->wq;
	begin(self->wq, fork_here);
	ASSERT_TRUE(COMES_TRUE(kept_run_came()));
	flush_workqueue(self->wq);
	EXPECT_ENDS_WELL(GET(child_result));
}

/* ---- races ---- */

#define NR_ITEMS	3

static void race_func(struct work_struct *work)
{
	struct counter *one = container_of(work, struct counter, work);

	counter_func(work);
	if (GET(one->runs) % 50)
		queue(again.wq, work);
}

/* C57, C62: after cancel_work_sync() the memory is the caller's. */
static void *requeue_and_free(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)&arg;
	long until = now_ms() + 20000 * KS_SLOW;
	(void)arg;

	for (int round = 0; go_on(round, ROUNDS(20000), until); round++) {
		struct counter *one = malloc(sizeof(*one));

		counter_init(one);
		one->work.func = race_func;
		RIGHT(queue_work_on(0, again.wq, &one->work));
		for (int turns = rand_r(&seed) % 200; turns; turns--)
			cpu_relax();
		switch (rand_r(&seed) % 4) {
		case 0:
			flush_work(&one->work);
			break;
		case 1:
			disable_work_sync(&one->work);
			RIGHT(!queue_work(again.wq, &one->work));
			break;
		case 2:
			cancel_work(&one->work);
			break;
		}
		cancel_work_sync(&one->work);
		RIGHT(!work_busy(&one->work) && !GET(one->inside) && !GET(one->overlaps));
		free(one);
	}
	return NULL;
}

TEST_F(queue, cancelled_ones_may_be_freed)
{
	start_looks();
	again_init(&again, self->wq, 0);
	run_threads(NR_ITEMS, requeue_and_free, NULL);
	stop_looks();
}

TEST_HARNESS_MAIN
