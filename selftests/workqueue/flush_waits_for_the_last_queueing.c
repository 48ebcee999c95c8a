// SPDX-License-Identifier: MIT
/*
 * Proves C31, C32 and C33 (stronger than the kernel), and catches B57, B60 and B63:
 * flush_work() of a pending item waits until that instance has run, and for the run that
 * is going on before it; of a running item for that run and not for a later
 * requeue, so that it ends for an item that queues itself for ever; never for other
 * items of the queue. Runs that go on in another pool are waited for as well.
 */
#include "wq_test.h"

struct twice {
	struct work_struct work;
	struct completion started[2], release[2];
	int begun, ended;	/* atomic */
};

static void run_twice(struct work_struct *work)
{
	struct twice *twice = container_of(work, struct twice, work);
	int run = ADD(twice->begun, 1) - 1;

	complete(&twice->started[run]);
	wait_for_completion(&twice->release[run]);
	ADD(twice->ended, 1);
}

static void twice_init(struct twice *twice)
{
	INIT_WORK(&twice->work, run_twice);
	for (int i = 0; i < 2; i++) {
		init_completion(&twice->started[i]);
		init_completion(&twice->release[i]);
	}
	SET(twice->begun, 0);
	SET(twice->ended, 0);
}

/* What a thread that flushes the item saw: how many runs had ended, and the answer. */
struct flush {
	struct twice *twice;
	pthread_t thread;
	int ended;
	bool waited;
	int done;	/* atomic */
};

static void *flush_twice(void *arg)
{
	struct flush *flush = arg;

	flush->waited = flush_work(&flush->twice->work);
	flush->ended = GET(flush->twice->ended);
	SET(flush->done, 1);
	return NULL;
}

static void flush_start(struct flush *flush, struct twice *twice)
{
	flush->twice = twice;
	SET(flush->done, 0);
	flush->thread = start_thread(flush_twice, flush);
}

FIXTURE(queue) {
	struct workqueue_struct *wq;
	struct twice twice;
	struct flush flush;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };

FIXTURE_SETUP(queue)
{
	self->wq = alloc_workqueue("flushed", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
	twice_init(&self->twice);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

TEST_F(queue, pending_instance_has_run)
{
	struct workqueue_struct *narrow = alloc_workqueue("narrow", variant->flags, 1);
	struct blocker blocker;

	ASSERT_NOT_NULL(narrow);
	blocker_start_on(&blocker, 0, narrow);
	ASSERT_TRUE(queue_work_on(0, narrow, &self->twice.work));
	flush_start(&self->flush, &self->twice);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(narrow) == 3));
	blocker_release(&blocker);
	wait_for_completion(&self->twice.started[0]);
	EXPECT_EQ(0, GET(self->flush.done));
	complete(&self->twice.release[0]);
	pthread_join(self->flush.thread, NULL);
	EXPECT_TRUE(self->flush.waited);
	EXPECT_EQ(1, self->flush.ended);
	destroy_workqueue(narrow);
}

TEST_F(queue, running_and_queued_again_means_both)
{
	struct twice *twice = &self->twice;

	ASSERT_TRUE(queue_work_on(0, self->wq, &twice->work));
	wait_for_completion(&twice->started[0]);
	ASSERT_TRUE(queue_work_on(0, self->wq, &twice->work));
	flush_start(&self->flush, twice);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(self->wq) == 3));
	complete(&twice->release[0]);
	wait_for_completion(&twice->started[1]);
	EXPECT_EQ(0, GET(self->flush.done));
	complete(&twice->release[1]);
	pthread_join(self->flush.thread, NULL);
	EXPECT_TRUE(self->flush.waited);
	EXPECT_EQ(2, self->flush.ended);
}

TEST_F(queue, running_only_means_that_run)
{
	struct twice *twice = &self->twice;

	ASSERT_TRUE(queue_work_on(0, self->wq, &twice->work));
	wait_for_completion(&twice->started[0]);
	flush_start(&self->flush, twice);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(self->wq) == 2));
	/* too late for this flush */
	ASSERT_TRUE(queue_work_on(0, self->wq, &twice->work));
	EXPECT_EQ(0, GET(self->flush.done));
	complete(&twice->release[0]);
	pthread_join(self->flush.thread, NULL);
	EXPECT_TRUE(self->flush.waited);
	EXPECT_EQ(1, self->flush.ended);
	wait_for_completion(&twice->started[1]);
	complete(&twice->release[1]);
	flush_work(&twice->work);
}

/* C32, B63 */
struct endless {
	struct work_struct work;
	struct workqueue_struct *wq;
	int runs;	/* atomic */
};

static void queue_for_ever(struct work_struct *work)
{
	struct endless *endless = container_of(work, struct endless, work);

	ADD(endless->runs, 1);
	queue_work(endless->wq, work);
}

TEST_F(queue, flush_of_an_endless_item_ends)
{
	struct endless endless = { .wq = self->wq };
	int i;

	INIT_WORK(&endless.work, queue_for_ever);
	ASSERT_TRUE(queue_work(self->wq, &endless.work));
	for (i = 0; i < ROUNDS(2000); i++)
		flush_work(&endless.work);
	EXPECT_LT(0, GET(endless.runs));
	cancel_work_sync(&endless.work);
}

/* B57: the others of the queue, before, beside and behind it, never end. */
TEST_F(queue, strangers_are_not_waited_for)
{
	struct blocker before, behind;
	struct counter item;

	blocker_start_on(&before, 0, self->wq);
	counter_init(&item);
	blocker_init(&behind);
	ASSERT_TRUE(queue_work_on(0, self->wq, &item.work));
	ASSERT_TRUE(queue_work_on(0, self->wq, &behind.work));
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
	EXPECT_EQ(0, GET(before.runs));
	wait_for_completion(&behind.started);
	EXPECT_EQ(0, GET(behind.runs));
	EXPECT_FALSE(flush_work(&item.work));
	blocker_release(&before);
	blocker_release(&behind);
	flush_work(&before.work);
	flush_work(&behind.work);
}

/* C33: the kernel would look in the last pool only. */
TEST_F(queue, run_in_another_pool_is_waited_for)
{
	struct workqueue_struct *high = alloc_workqueue("high", WQ_PERCPU | WQ_HIGHPRI, 0);
	struct twice *twice = &self->twice;

	ASSERT_NOT_NULL(high);
	ASSERT_TRUE(queue_work_on(0, self->wq, &twice->work));
	wait_for_completion(&twice->started[0]);
	ASSERT_TRUE(queue_work_on(0, high, &twice->work));
	wait_for_completion(&twice->started[1]);
	/* both run; the later one ends first */
	flush_start(&self->flush, twice);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(self->wq) + items_in_flight(high) > 2));
	complete(&twice->release[1]);
	ASSERT_TRUE(COMES_TRUE(GET(twice->ended) == 1));
	ASSERT_TRUE(COMES_TRUE(items_in_flight(self->wq) == 2));
	EXPECT_EQ(0, GET(self->flush.done));
	complete(&twice->release[0]);
	pthread_join(self->flush.thread, NULL);
	EXPECT_EQ(2, self->flush.ended);
	destroy_workqueue(high);
}

/* B60: flush meets the end of the run, again and again; a lost meeting would hang. */
static struct counter fleeting;
static int stop;	/* atomic */

static void *flush_all_the_time(void *arg)
{
	while (!GET(stop))
		flush_work(&fleeting.work);
	return arg;
}

TEST_F(queue, flush_meets_the_end_of_the_run)
{
	pthread_t thread;
	long until = now_ms() + 1500;
	int i;

	counter_init(&fleeting);
	thread = start_thread(flush_all_the_time, NULL);
	for (i = 0; go_on(i, ROUNDS(100000), until); i++) {
		ASSERT_TRUE(queue_work_on(1, self->wq, &fleeting.work));
		flush_work(&fleeting.work);
		ASSERT_EQ(i + 1, GET(fleeting.runs));
	}
	TH_LOG("%d rounds", i);
	SET(stop, 1);
	pthread_join(thread, NULL);
}

TEST_HARNESS_MAIN_CPUS(2)
