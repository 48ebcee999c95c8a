// SPDX-License-Identifier: MIT
/*
 * Proves: a submission wakes at most one thread, whether functions may block anywhere or
 * compute, and none if no thread could take the work because max functions block (the
 * original signalled its condition each time). While a function computes at the limit, a
 * thread may be woken to find that out, but one for each submission at most. Counted where a
 * woken worker goes on.
 */
#include "threadlet_test.h"

#include <uwq/blocking.h>

#include "kernel-compat/wait_spin.h"

static int woken;		/* atomic */

static void count_woken(const char *name)
{
	if (!strcmp(name, "worker_woken"))
		ADD(woken, 1);
}

/* How many sleep once all others are in functions that do not end, @nr_busy of them; else -1. */
static int nr_idle_but(const ThreadletQueue *queue, int nr_busy)
{
	struct worker_pool *pool = queue->wq->dfl_pwq->pool;
	int nr;

	pool_lock(pool);
	nr = pool->nr_idle == pool->nr_workers - nr_busy ? pool->nr_idle : -1;
	pool_unlock(pool);
	return nr;
}

/* All sleep: eight of them, or more where a slow machine has made a spare one; else -1. */
static int nr_idle(const ThreadletQueue *queue)
{
	return nr_idle_but(queue, 0);
}

FIXTURE(queue) {
	ThreadletQueue q;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(queue, blocks) { .flags = 0 };
FIXTURE_VARIANT_ADD(queue, computes) { .flags = THREADLET_QUEUE_COMPUTES };

FIXTURE_SETUP(queue)
{
	/* nobody polls: each work that finds all asleep needs a wake-up */
	WRITE_ONCE(uwq_spin_us, 0);
	ASSERT_EQ(0, threadlet_queue_init_flags(&self->q, 8, 8, variant->flags));
	ASSERT_TRUE(COMES_TRUE(nr_idle(&self->q) >= 8));
	SET(uwq_test_point_hook, count_woken);
}

FIXTURE_TEARDOWN(queue)
{
	EXPECT_EQ(0, threadlet_queue_destroy(&self->q));
}

TEST_F(queue, one_submission_wakes_one)
{
	struct tally tally = { .work.func = tally_func };

	for (int i = 1; i <= ROUNDS(2000); i++) {
		ASSERT_EQ(0, submit_work_to_queue(&self->q, &tally.work));
		threadlet_wait(&tally.work);
		ASSERT_TRUE(COMES_TRUE(nr_idle(&self->q) >= 8));
		ASSERT_EQ(i, GET(woken));
	}
}

static struct tally many[1000];

TEST_F(queue, a_burst_wakes_no_more_often_than_it_submits)
{
	for (int i = 0; i < 1000; i++) {
		many[i].work.func = tally_func;
		ASSERT_EQ(0, submit_work_to_queue(&self->q, &many[i].work));
	}
	for (int i = 0; i < 1000; i++)
		threadlet_wait(&many[i].work);
	ASSERT_TRUE(COMES_TRUE(nr_idle(&self->q) >= 8));
	EXPECT_GE(1000, GET(woken));
}

/* Says that it blocks, which functions of a queue that computes have to. */
static void waiting_func(ThreadletWork *work)
{
	uwq_blocking_begin();
	stopper_func(work);
	uwq_blocking_end();
}

/* max functions run: what is submitted now waits, and wakes nobody. */
TEST_F(queue, nobody_is_woken_when_all_are_busy)
{
	struct stopper crowd[8];
	int before;

	for (int i = 0; i < 8; i++) {
		memset(&crowd[i], 0, sizeof(crowd[i]));
		crowd[i].work.func = waiting_func;
		ASSERT_EQ(0, submit_work_to_queue(&self->q, &crowd[i].work));
		gate_wait(&crowd[i].started);
	}
	/* a spare one may have been made, and sleeps then */
	ASSERT_TRUE(COMES_TRUE(nr_idle_but(&self->q, 8) >= 0));
	before = GET(woken);
	for (int i = 0; i < 1000; i++) {
		many[i].work.func = tally_func;
		ASSERT_EQ(0, submit_work_to_queue(&self->q, &many[i].work));
		if (i % 50 == 0)
			nap_us(1000);
	}
	nap_us(50000);
	EXPECT_EQ(before, GET(woken));
	for (int i = 0; i < 8; i++)
		stopper_end(&crowd[i]);
	for (int i = 0; i < 1000; i++) {
		threadlet_wait(&many[i].work);
		EXPECT_EQ(1, GET(many[i].runs));
	}
}

static int computing, enough;		/* atomic */

static void computing_func(ThreadletWork *work)
{
	(void)work;
	SET(computing, 1);
	while (!GET(enough))
		;
}

/* The limit is reached, not that of the CPUs: who is woken puts the work aside, and sleeps. */
TEST(one_that_computes_at_the_limit)
{
	ThreadletWork crowd = { .func = computing_func };
	int nr = ROUNDS(1000), before;
	ThreadletQueue queue, spares;

	WRITE_ONCE(uwq_spin_us, 0);
	/* queues share idle threads: there are more than one to wake */
	ASSERT_EQ(0, threadlet_queue_init(&spares, 8, 8));
	ASSERT_EQ(0, threadlet_queue_init_flags(&queue, 1, 1, THREADLET_QUEUE_COMPUTES));
	ASSERT_TRUE(COMES_TRUE(nr_idle(&queue) >= 8));
	SET(uwq_test_point_hook, count_woken);
	ASSERT_EQ(0, submit_work_to_queue(&queue, &crowd));
	ASSERT_TRUE(COMES_TRUE(GET(computing)));
	ASSERT_TRUE(COMES_TRUE(nr_idle_but(&queue, 1) >= 0));
	before = GET(woken);
	for (int i = 0; i < nr; i++) {
		many[i].work.func = tally_func;
		ASSERT_EQ(0, submit_work_to_queue(&queue, &many[i].work));
		ASSERT_TRUE(COMES_TRUE(nr_idle_but(&queue, 1) >= 0));
		ASSERT_GE(i + 1, GET(woken) - before);
	}
	SET(enough, 1);
	for (int i = 0; i < nr; i++) {
		threadlet_wait(&many[i].work);
		EXPECT_EQ(1, GET(many[i].runs));
	}
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
	EXPECT_EQ(0, threadlet_queue_destroy(&spares));
}

TEST_HARNESS_MAIN
