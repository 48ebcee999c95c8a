// SPDX-License-Identifier: MIT
/*
 * Proves C30 and C34: flush_work() of an item that is idle, was never queued, has no pool
 * or only waits in a timer returns false at once. The timers' clock stands still, so
 * that waiting for it would never end; other items of the pool block.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

#include "kernel-compat/fake_clock.h"

FIXTURE(queue) {
	struct workqueue_struct *wq;
	struct blocker blocker;
	struct counter item;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };

FIXTURE_SETUP(queue)
{
	self->wq = alloc_workqueue("idle", variant->flags, 2);
	ASSERT_NOT_NULL(self->wq);
	counter_init(&self->item);
	blocker_start_on(&self->blocker, 0, self->wq);
}

FIXTURE_TEARDOWN(queue)
{
	blocker_release(&self->blocker);
	destroy_workqueue(self->wq);
}

TEST_F(queue, item_that_was_never_queued)
{
	EXPECT_FALSE(flush_work(&self->item.work));
	EXPECT_EQ(0, GET(self->item.runs));
}

TEST_F(queue, item_that_has_run)
{
	ASSERT_TRUE(queue_work_on(0, self->wq, &self->item.work));
	flush_work(&self->item.work);
	EXPECT_EQ(1, GET(self->item.runs));
	EXPECT_FALSE(flush_work(&self->item.work));
	EXPECT_FALSE(flush_work(&self->item.work));
}

TEST_F(queue, item_that_was_cancelled)
{
	struct blocker second;

	blocker_start_on(&second, 0, self->wq);
	ASSERT_TRUE(queue_work_on(0, self->wq, &self->item.work));
	ASSERT_TRUE(cancel_work(&self->item.work));
	EXPECT_FALSE(flush_work(&self->item.work));
	EXPECT_EQ(0, GET(self->item.runs));
	blocker_release(&second);
	flush_work(&second.work);
}

TEST_F(queue, item_that_is_disabled)
{
	disable_work(&self->item.work);
	EXPECT_FALSE(flush_work(&self->item.work));
	enable_work(&self->item.work);
}

static void count_dwork(struct work_struct *work)
{
	(void)work;
}

TEST_F(queue, item_whose_timer_is_armed)
{
	struct delayed_work dwork;

	INIT_DELAYED_WORK(&dwork, count_dwork);
	uwq_fake_clock_enable();
	ASSERT_TRUE(queue_delayed_work(self->wq, &dwork, 1));
	EXPECT_FALSE(flush_work(&dwork.work));
	EXPECT_TRUE(delayed_work_pending(&dwork));
	EXPECT_TRUE(cancel_delayed_work_sync(&dwork));
	uwq_fake_clock_disable();
}

/* C34: unless an older instance runs. */
struct armed {
	struct delayed_work dwork;
	struct gate entered, leave;
	int runs;	/* atomic: finished ones */
};

static void stay(struct work_struct *work)
{
	struct armed *armed = container_of(to_delayed_work(work), struct armed, dwork);

	gate_open(&armed->entered);
	gate_wait(&armed->leave);
	ADD(armed->runs, 1);
}

static void *flush_armed(void *arg)
{
	struct armed *armed = arg;

	flush_work(&armed->dwork.work);
	return (void *)(long)GET(armed->runs);
}

TEST_F(queue, older_run_of_an_armed_item_is_waited_for)
{
	struct armed armed = { .runs = 0 };
	pthread_t flusher;
	void *runs;

	INIT_DELAYED_WORK(&armed.dwork, stay);
	ASSERT_TRUE(queue_delayed_work(self->wq, &armed.dwork, 0));
	gate_wait(&armed.entered);
	ASSERT_TRUE(queue_delayed_work(self->wq, &armed.dwork, 1000 * HZ));
	flusher = start_thread(flush_armed, &armed);
	/* blocker, item and the flusher's barrier */
	ASSERT_TRUE(COMES_TRUE(items_in_flight(self->wq) == 3));
	gate_open(&armed.leave);
	pthread_join(flusher, &runs);
	EXPECT_EQ(1, (long)runs);
	EXPECT_TRUE(cancel_delayed_work_sync(&armed.dwork));
}

TEST_HARNESS_MAIN
