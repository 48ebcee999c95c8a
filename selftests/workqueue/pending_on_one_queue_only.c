// SPDX-License-Identifier: MIT
/*
 * Proves C5: an item that is pending on one queue is refused by every other queue and
 * stays where it is. The first queue is blocked; if the item had moved, it would run.
 */
#include "wq_test.h"

static void check(struct __test_metadata *_metadata, unsigned int flags_a, unsigned int flags_b)
{
	struct workqueue_struct *a = alloc_workqueue("a", flags_a, 1);
	struct workqueue_struct *b = alloc_workqueue("b", flags_b, 1);
	struct blocker blocker;
	struct counter item, behind;

	ASSERT_NOT_NULL(a);
	ASSERT_NOT_NULL(b);
	counter_init(&item);
	counter_init(&behind);
	blocker_start_on(&blocker, 0, a);
	ASSERT_TRUE(queue_work_on(0, a, &item.work));
	EXPECT_FALSE(queue_work_on(0, b, &item.work));
	EXPECT_FALSE(queue_work(b, &item.work));
	/* what b accepts after that has run; so would the item */
	ASSERT_TRUE(queue_work_on(0, b, &behind.work));
	flush_work(&behind.work);
	flush_workqueue(b);
	EXPECT_EQ(1, GET(behind.runs));
	EXPECT_EQ(0, GET(item.runs));
	EXPECT_TRUE(work_pending(&item.work));
	/* b knows nothing of it */
	destroy_workqueue(b);
	EXPECT_TRUE(work_pending(&item.work));
	blocker_release(&blocker);
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
	destroy_workqueue(a);
}

TEST(queues_of_one_pool)
{
	check(_metadata, WQ_PERCPU, WQ_PERCPU);
}

TEST(queues_of_different_pools)
{
	check(_metadata, WQ_PERCPU, WQ_PERCPU | WQ_HIGHPRI);
	check(_metadata, WQ_PERCPU, WQ_UNBOUND);
	check(_metadata, WQ_UNBOUND, WQ_PERCPU);
}

TEST_HARNESS_MAIN
