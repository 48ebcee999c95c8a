// SPDX-License-Identifier: MIT
/*
 * Proves C12: an item whose list node is linked though it is not pending, because its
 * memory was damaged or it was initialised again while queued, is reported and not
 * queued, and the bit stays set; the list that it is on is left as it is. The same for one
 * that is all zero and was never initialised.
 */
#include "wq_test.h"

TEST(linked_item_is_reported_and_not_queued)
{
	struct workqueue_struct *wq = alloc_workqueue("linked", WQ_PERCPU, 0);
	struct counter item, behind;
	unsigned long warned;
	LIST_HEAD(foreign);

	ASSERT_NOT_NULL(wq);
	log_count("already linked");
	counter_init(&item);
	counter_init(&behind);
	list_add(&item.work.entry, &foreign);
	warned = uwq_warn_count();
	queue_work_on(0, wq, &item.work);
	EXPECT_EQ(warned + 1, uwq_warn_count());
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_TRUE(work_pending(&item.work));
	queue_work_on(0, wq, &behind.work);
	flush_work(&behind.work);
	EXPECT_EQ(0, GET(item.runs));
	EXPECT_TRUE(foreign.next == &item.work.entry && foreign.prev == &item.work.entry);
	EXPECT_FALSE(queue_work_on(0, wq, &item.work));

	/* initialised properly it works */
	counter_init(&item);
	EXPECT_TRUE(queue_work_on(0, wq, &item.work));
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
	destroy_workqueue(wq);
}

TEST(zeroed_item_is_reported_and_not_queued)
{
	struct workqueue_struct *wq = alloc_workqueue("zeroed", WQ_UNBOUND, 0);
	struct work_struct zero = { 0 };
	unsigned long warned = uwq_warn_count();

	ASSERT_NOT_NULL(wq);
	log_count("not initialised");
	queue_work(wq, &zero);
	EXPECT_EQ(warned + 1, uwq_warn_count());
	flush_workqueue(wq);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
