// SPDX-License-Identifier: MIT
/*
 * Proves C37: what flush_work() puts into a queue takes no active slot, so flushing
 * never slows a queue down or lets it exceed its limit; it is in flight for
 * flush_workqueue() under its target's colour, and counts as something executed.
 */
#include "wq_test.h"

#define NR_FLUSHERS	10

static void *flush(void *work)
{
	flush_work(work);
	return NULL;
}

static void *flush_queue(void *wq)
{
	__flush_workqueue(wq);
	return NULL;
}

static struct pool_workqueue *pwq_on_cpu0(struct workqueue_struct *wq)
{
	return wq->cpu_pwq ? wq->cpu_pwq[0] : wq->dfl_pwq;
}

static int active(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq = pwq_on_cpu0(wq);
	int nr;

	pool_lock(pwq->pool);
	nr = pwq->nr_active;
	pool_unlock(pwq->pool);
	return nr;
}

static unsigned long started(struct workqueue_struct *wq)
{
	return GET(pwq_on_cpu0(wq)->pool->nr_started);
}

static void check(struct __test_metadata *_metadata, unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("slots", flags, 2);
	pthread_t flushers[NR_FLUSHERS], queue_flusher;
	struct blocker running, waiting;
	struct counter beside;
	unsigned long before;
	int i;

	ASSERT_NOT_NULL(wq);
	before = started(wq);
	blocker_start_on(&running, 0, wq);
	for (i = 0; i < NR_FLUSHERS; i++)
		flushers[i] = start_thread(flush, &running.work);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(wq) == NR_FLUSHERS + 1));
	EXPECT_EQ(1, active(wq));

	/* the second slot is still free, and there is no third */
	counter_init(&beside);
	for (i = 0; i < 20; i++) {
		ASSERT_TRUE(queue_work_on(0, wq, &beside.work));
		flush_work(&beside.work);
		EXPECT_EQ(i + 1, GET(beside.runs));
	}
	blocker_start_on(&waiting, 0, wq);
	ASSERT_TRUE(queue_work_on(0, wq, &beside.work));
	/* the barrier of the last flush may still be on its way out */
	ASSERT_TRUE(COMES_TRUE(items_in_flight(wq) == NR_FLUSHERS + 3));
	EXPECT_EQ(2, active(wq));
	EXPECT_EQ(20, GET(beside.runs));

	/* their end gives nobody a slot */
	queue_flusher = start_thread(flush_queue, wq);
	blocker_release(&running);
	for (i = 0; i < NR_FLUSHERS; i++)
		pthread_join(flushers[i], NULL);
	flush_work(&beside.work);
	EXPECT_EQ(21, GET(beside.runs));
	ASSERT_TRUE(COMES_TRUE(active(wq) == 1));
	blocker_release(&waiting);
	pthread_join(queue_flusher, NULL);
	flush_workqueue(wq);
	EXPECT_EQ(0, active(wq));
	/* 2 blockers, 21 runs, the flushers' barriers; those of flushes that waited */
	EXPECT_LE(23u + NR_FLUSHERS, started(wq) - before);
	EXPECT_GE(23u + NR_FLUSHERS + 21, started(wq) - before);
	destroy_workqueue(wq);
}

TEST(percpu)
{
	check(_metadata, WQ_PERCPU);
}

TEST(unbound)
{
	check(_metadata, WQ_UNBOUND);
}

/* A barrier is in flight: the queue is not flushed before it was executed. */
TEST(queue_flush_waits_for_barriers)
{
	struct workqueue_struct *wq = alloc_workqueue("slots", WQ_PERCPU, 1);
	pthread_t flusher, queue_flusher;
	struct blocker running;
	int i;

	ASSERT_NOT_NULL(wq);
	for (i = 0; i < 50; i++) {
		blocker_start_on(&running, 0, wq);
		flusher = start_thread(flush, &running.work);
		queue_flusher = start_thread(flush_queue, wq);
		ASSERT_TRUE(COMES_TRUE(items_in_flight(wq) == 2));
		blocker_release(&running);
		pthread_join(queue_flusher, NULL);
		EXPECT_EQ(0, items_in_flight(wq));
		pthread_join(flusher, NULL);
	}
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
