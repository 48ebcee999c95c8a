// SPDX-License-Identifier: MIT
/*
 * Proves C25 and C26: initialising an item again while it runs does no harm to the
 * library, but the item forgets where it runs: flush and cancel_sync return without
 * waiting. It also forgets how often it was disabled.
 */
#include "wq_test.h"

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
	self->wq = alloc_workqueue("reinit", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
	counter_init(&self->item);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

TEST_F(queue, running_item_is_forgotten)
{
	struct blocker *blocker = &self->blocker;

	blocker_start(blocker, self->wq);
	EXPECT_EQ(WORK_BUSY_RUNNING, work_busy(&blocker->work));
	INIT_WORK(&blocker->work, blocker_func);
	EXPECT_EQ(0u, work_busy(&blocker->work));
	EXPECT_FALSE(flush_work(&blocker->work));
	EXPECT_FALSE(cancel_work_sync(&blocker->work));
	EXPECT_EQ(0, GET(blocker->runs));
	/* the queue has not forgotten */
	blocker_release(blocker);
	flush_workqueue(self->wq);
	EXPECT_EQ(1, GET(blocker->runs));

	/* and the item is as good as new */
	complete(&blocker->release);
	EXPECT_TRUE(queue_work(self->wq, &blocker->work));
	flush_work(&blocker->work);
	EXPECT_EQ(2, GET(blocker->runs));
}

TEST_F(queue, disable_depth_is_forgotten)
{
	struct counter *item = &self->item;

	EXPECT_FALSE(disable_work_sync(&item->work));
	EXPECT_FALSE(disable_work_sync(&item->work));
	EXPECT_FALSE(queue_work(self->wq, &item->work));
	INIT_WORK(&item->work, counter_func);
	EXPECT_TRUE(queue_work(self->wq, &item->work));
	flush_work(&item->work);
	EXPECT_EQ(1, GET(item->runs));
}

TEST_HARNESS_MAIN
