// SPDX-License-Identifier: MIT
/*
 * Proves C59, C62 and C82 in the way that drivers use them: a delayed item that queues itself
 * again for ever is stopped for good by cancel_delayed_work_sync() from another item of the
 * same queue, with delays of 0, 1 and more ticks, on all kinds of queues. Afterwards it
 * does not run, is not pending, and can be started again.
 */
#include "wq_test.h"

static struct workqueue_struct *wq;
static struct delayed_work periodic;
static struct work_struct stopper;
static unsigned long delay;
static int runs, stopped_at, stops;	/* atomic */

static void periodic_func(struct work_struct *work)
{
	ADD(runs, 1);
	queue_delayed_work(wq, to_delayed_work(work), delay);
}

static void stop_func(struct work_struct *work)
{
	(void)work;
	cancel_delayed_work_sync(&periodic);
	SET(stopped_at, GET(runs));
	ADD(stops, 1);
}

FIXTURE(queue) { int unused; };
FIXTURE_VARIANT(queue) { unsigned int flags; int max_active; };
FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, one_slot) { .flags = WQ_PERCPU, .max_active = 1 };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, ordered) { .flags = WQ_UNBOUND | __WQ_ORDERED, .max_active = 1 };
FIXTURE_VARIANT_ADD(queue, reclaim) { .flags = WQ_UNBOUND | WQ_MEM_RECLAIM };

FIXTURE_SETUP(queue)
{
	wq = alloc_workqueue("periodic", variant->flags, variant->max_active);
	ASSERT_NOT_NULL(wq);
	INIT_DELAYED_WORK(&periodic, periodic_func);
	INIT_WORK(&stopper, stop_func);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(wq);
}

TEST_F(queue, for_good)
{
	long until = now_ms() + 1000;
	int round;

	for (round = 0; go_on(round, ROUNDS(3000), until); round++) {
		int before = GET(runs);

		delay = round % 3;
		ASSERT_TRUE(queue_delayed_work(wq, &periodic, delay));
		ASSERT_TRUE(COMES_TRUE(GET(runs) > before + round % 4));
		ASSERT_TRUE(queue_work(wq, &stopper));
		flush_work(&stopper);
		ASSERT_FALSE(delayed_work_pending(&periodic));
		ASSERT_EQ(0u, work_busy(&periodic.work));
		drain_workqueue(wq);
		ASSERT_EQ(GET(stopped_at), GET(runs));
	}
	EXPECT_LT(5, round);
	EXPECT_EQ(round, GET(stops));
}

TEST_HARNESS_MAIN
