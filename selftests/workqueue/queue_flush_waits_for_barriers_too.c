// SPDX-License-Identifier: MIT
/*
 * Proves C37 for a barrier on an item that still waits: it counts under the colour of that
 * item, not under the present one. A flush_workqueue() that began before the barrier came
 * is therefore not over while the barrier has not been executed.
 */
#include "wq_test.h"

static struct workqueue_struct *wq;
static int flushed;	/* atomic */

static void *flush_item(void *work)
{
	flush_work(work);
	return NULL;
}

static void *flush_queue(void *arg)
{
	__flush_workqueue(wq);
	SET(flushed, 1);
	return arg;
}

/* What runs after it in this worker is the barrier: hold that. */
static void hold_what_follows(struct work_struct *work)
{
	(void)work;
	hold_next("worker_call");
}

static bool flush_is_open(void)
{
	bool open;

	mutex_lock(&wq->mutex);
	open = wq->flush_color != wq->work_color;
	mutex_unlock(&wq->mutex);
	return open;
}

static void check(struct __test_metadata *_metadata, unsigned int flags)
{
	pthread_t item_flusher, queue_flusher;
	struct work_struct item;
	struct blocker head;

	wq = alloc_workqueue("colours", flags, 1);
	ASSERT_NOT_NULL(wq);
	SET(flushed, 0);
	INIT_WORK(&item, hold_what_follows);
	blocker_start_on(&head, 0, wq);
	ASSERT_TRUE(queue_work_on(0, wq, &item));
	queue_flusher = start_thread(flush_queue, NULL);
	ASSERT_TRUE(COMES_TRUE(flush_is_open()));
	item_flusher = start_thread(flush_item, &item);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(wq) == 3));
	blocker_release(&head);
	hold_wait();
	/* the item is done; its barrier is what the queue still waits for */
	EXPECT_EQ(1ul, items_in_flight(wq));
	EXPECT_EQ(1, atomic_read(&wq->nr_pwqs_to_flush));
	EXPECT_EQ(0, GET(flushed));
	hold_release();
	pthread_join(item_flusher, NULL);
	pthread_join(queue_flusher, NULL);
	EXPECT_EQ(0ul, items_in_flight(wq));
	destroy_workqueue(wq);
}

TEST(bound)
{
	check(_metadata, WQ_PERCPU);
}

TEST(unbound)
{
	check(_metadata, WQ_UNBOUND);
}

TEST_HARNESS_MAIN
