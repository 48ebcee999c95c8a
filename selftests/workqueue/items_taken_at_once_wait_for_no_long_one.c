// SPDX-License-Identifier: MIT
/*
 * Proves that items which a worker has taken with others are not held up by the one before
 * them: while its function waits for them, sleeps unseen or computes, others run them. A worker
 * that comes back from such a function begins none of what was taken from it.
 */
#include "batch_round.h"

static int last_before;	/* atomic: runs of the last one when the round began */

static bool last_came(void)
{
	return GET(behind[NR_BEHIND - 1].runs) > GET(last_before);
}

static void flush_last(void)
{
	flush_work(&behind[NR_BEHIND - 1].work);
	RIGHT(last_came());
}

static void nap_for_last(void)
{
	RIGHT(COMES_TRUE(last_came()));
}

static void compute_for_last(void)
{
	long until = now_ms() + 10000 * KS_SLOW;

	while (!last_came() && now_ms() < until)
		cpu_relax();
	RIGHT(last_came());
}

/* The first one waits in its function for the last one of its batch. */
static void wait_for_batch(struct __test_metadata *_metadata, struct workqueue_struct *wq,
			   void (*fn)(void))
{
	int met = 0;

	action = fn;
	for (int round = 0; met < ENOUGH && round < MOST; round++) {
		flush_workqueue(wq);
		SET(last_before, GET(behind[NR_BEHIND - 1].runs));
		queue_all(wq);
		flush_workqueue(wq);
		met += GET(had_batch);
		ASSERT_EQ(0, GET(wrong_line));
	}
	EXPECT_EQ(ENOUGH, met);
}

TEST_F_FOR(queue, one_may_flush_another, SEVERAL_SLOTS)
{
	wait_for_batch(_metadata, self->wq, flush_last);
}

TEST_F_FOR(queue, one_may_sleep_unseen_until_another_has_run, SEVERAL_SLOTS)
{
	wait_for_batch(_metadata, self->wq, nap_for_last);
}

TEST_F_FOR(queue, one_may_compute_until_another_has_run, SEVERAL_SLOTS)
{
	wait_for_batch(_metadata, self->wq, compute_for_last);
}

/*
 * Nobody has called anyone for those behind the first one, because a worker was on its way.
 * It finds all of them together, and it is up to it to see that somebody looks after them.
 */
static void queue_all_to_one_on_its_way(struct worker_pool *pool, struct workqueue_struct *wq)
{
	pretend_short_runs(pool);
	hold_next("worker_woken");
	SET(uwq_test_point_hook, batch_hook);
	queue(wq, &first);
	hold_wait();
	for (int i = 0; i < NR_BEHIND; i++)
		queue(wq, &behind[i].work);
	/* to the lists, where the first one is: who has a list to work off looks into no inbox */
	items_in_flight(wq);
	hold_release();
}

TEST_F_FOR(queue, somebody_looks_after_those_that_wait, SEVERAL_SLOTS)
{
	int met = 0;

	action = nap_for_last;
	for (int round = 0; met < ENOUGH && round < MOST; round++) {
		ASSERT_TRUE(COMES_TRUE(pool_rests(self->pool) && !GET(monitor_on)));
		SET(last_before, GET(behind[NR_BEHIND - 1].runs));
		queue_all_to_one_on_its_way(self->pool, self->wq);
		/* a flush would take them back */
		ASSERT_TRUE(COMES_TRUE(last_came() || GET(wrong_line)));
		flush_workqueue(self->wq);
		met += GET(had_batch);
		ASSERT_EQ(0, GET(wrong_line));
	}
	EXPECT_EQ(ENOUGH, met);
}

/* ---- owners that come back late ---- */

static struct work_struct opener, pair[2];
static bool may_return;		/* atomic */

static void nap_until_told(void)
{
	while (!GET(may_return))
		nap_us(100);
}

static void pair_func(struct work_struct *work)
{
	(void)work;
}

/* Whoever it is takes the two at once, and is done with them. */
static void run_pair(struct workqueue_struct *wq)
{
	hold_next("worker_call");
	SET(uwq_test_point_hook, batch_hook);
	queue(wq, &opener);
	hold_wait();
	for (int i = 0; i < 2; i++)
		queue(wq, &pair[i]);
	hold_release();
	for (int i = 0; i < 2; i++)
		while (work_pending(&pair[i]))
			nap_us(100);
}

/*
 * The first one sleeps unseen while another worker runs what was in the batch, and has one of
 * its own. What the first one finds when it comes back is none of its business.
 */
TEST_F_FOR(queue, owner_that_comes_back_late_begins_nothing, SEVERAL_SLOTS)
{
	int met = 0;

	INIT_WORK(&opener, pair_func);
	for (int i = 0; i < 2; i++)
		INIT_WORK(&pair[i], pair_func);
	action = nap_until_told;
	for (int round = 0; met < ENOUGH && round < MOST; round++) {
		int before = sum_of_runs();

		SET(may_return, false);
		queue_all(self->wq);
		ASSERT_TRUE(COMES_TRUE(sum_of_runs() >= before + NR_BEHIND));
		run_pair(self->wq);
		SET(may_return, true);
		flush_workqueue(self->wq);
		met += GET(had_batch);
		ASSERT_EQ(before + NR_BEHIND, sum_of_runs());
	}
	EXPECT_EQ(ENOUGH, met);
}

TEST_HARNESS_MAIN
