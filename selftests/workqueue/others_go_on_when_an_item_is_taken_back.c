// SPDX-License-Identifier: MIT
/*
 * Proves C63, C85: a cancellation of an item that waits on a list is not missed by those who
 * wait for the item. Who flushes its queue and waits for nothing else returns, and the next
 * part of an ordered queue starts when it was the last item of the part before.
 */
#include "wq_test.h"

#include <linux/freezer.h>

static struct workqueue_struct *wq;
static struct counter item, next;

static void set_up(struct __test_metadata *_metadata, struct workqueue_struct *made)
{
	wq = made;
	ASSERT_NOT_NULL(wq);
	counter_init(&item);
	counter_init(&next);
}

static void change_nice(struct __test_metadata *_metadata, int nice)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	ASSERT_NOT_NULL(attrs);
	attrs->nice = nice;
	EXPECT_EQ(0, apply_workqueue_attrs(wq, attrs));
	free_workqueue_attrs(attrs);
}

static struct pool_workqueue *pwq_of(const struct counter *counter)
{
	return work_data_pwq(work_data(&counter->work));
}

static bool is_flushed(struct pool_workqueue *pwq)
{
	bool flushed;

	pool_lock(pwq->pool);
	flushed = pwq->flush_color >= 0;
	pool_unlock(pwq->pool);
	return flushed;
}

static void *flush_all(void *done)
{
	flush_workqueue(wq);
	SET(*(int *)done, 1);
	return NULL;
}

TEST(flusher_of_the_queue)
{
	pthread_t flusher;
	int done = 0;

	set_up(_metadata, alloc_workqueue("frozen", WQ_UNBOUND | WQ_FREEZABLE, 0));
	freeze_workqueues_begin();
	ASSERT_TRUE(queue_work(wq, &item.work));
	flusher = start_thread(flush_all, &done);
	ASSERT_TRUE(COMES_TRUE(is_flushed(pwq_of(&item))));
	EXPECT_EQ(0, GET(done));
	EXPECT_TRUE(cancel_work_sync(&item.work));
	pthread_join(flusher, NULL);
	thaw_workqueues();
	destroy_workqueue(wq);
	EXPECT_EQ(0, GET(item.runs));
}

TEST(next_part_of_an_ordered_queue)
{
	set_up(_metadata, alloc_ordered_workqueue("frozen", WQ_FREEZABLE));
	freeze_workqueues_begin();
	ASSERT_TRUE(queue_work(wq, &item.work));
	EXPECT_TRUE(workqueue_congested(WORK_CPU_UNBOUND, wq));
	change_nice(_metadata, 5);
	ASSERT_TRUE(queue_work(wq, &next.work));
	ASSERT_NE(pwq_of(&item), pwq_of(&next));
	EXPECT_TRUE(cancel_work_sync(&item.work));
	thaw_workqueues();
	EXPECT_TRUE(COMES_TRUE(GET(next.runs) == 1));
	destroy_workqueue(wq);
	EXPECT_EQ(0, GET(item.runs));
}

TEST_HARNESS_MAIN
