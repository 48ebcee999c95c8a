// SPDX-License-Identifier: MIT
/*
 * Proves C41, C42, B11 (with random cancels): more flushes at once than there are
 * colours; each caller finds its own earlier items done, and nobody is forgotten.
 * Flushing an idle queue never sleeps.
 */
#include "wq_test.h"

#include <sys/resource.h>

#define NR_FLUSHERS	100

static struct workqueue_struct *wq;
static int early;	/* atomic: items not done when their flusher returned */
static int returned;	/* atomic */

static void *queue_and_flush(void *arg)
{
	struct counter counters[4], victim;

	(void)arg;
	counter_init(&victim);
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 4; i++) {
			counter_init(&counters[i]);
			queue_work(wq, &counters[i].work);
		}
		/* cancelling active and inactive items must not disturb the counts */
		queue_work(wq, &victim.work);
		if (round % 2)
			cancel_work(&victim.work);
		flush_workqueue(wq);
		for (int i = 0; i < 4; i++)
			if (GET(counters[i].runs) != 1)
				ADD(early, 1);
		if (work_pending(&victim.work))
			ADD(early, 1);
	}
	cancel_work_sync(&victim.work);
	ADD(returned, 1);
	return NULL;
}

static void many_flushers(struct __test_metadata *_metadata, unsigned int flags, int max_active)
{
	wq = alloc_workqueue("generations", flags, max_active);
	ASSERT_NOT_NULL(wq);
	SET(early, 0);
	SET(returned, 0);
	run_threads(NR_FLUSHERS, queue_and_flush, NULL);
	EXPECT_EQ(NR_FLUSHERS, GET(returned));
	EXPECT_EQ(0, GET(early));
	EXPECT_EQ(0, items_in_flight(wq));
	destroy_workqueue(wq);
}

TEST(a_hundred_flushers_percpu)
{
	many_flushers(_metadata, WQ_PERCPU, 0);
}

TEST(a_hundred_flushers_with_two_slots)
{
	many_flushers(_metadata, WQ_UNBOUND, 2);
}

static void *flush_once(void *arg)
{
	(void)arg;
	flush_workqueue(wq);
	ADD(returned, 1);
	return NULL;
}

/* 40 flushes wait for one item: 15 colours, the others share what becomes free. */
TEST(more_flushes_than_colors_wait_for_one_item)
{
	struct blocker blocker;
	pthread_t threads[40];

	wq = alloc_workqueue("generations", WQ_UNBOUND, 0);
	SET(returned, 0);
	blocker_start(&blocker, wq);
	for (int i = 0; i < 40; i++)
		threads[i] = start_thread(flush_once, NULL);
	/* every colour is taken and some callers got none */
	ASSERT_TRUE(COMES_TRUE(UNDER_MUTEX(wq, next_color(wq->work_color) ==
						       wq->flush_color)));
	EXPECT_EQ(0, GET(returned));
	blocker_release(&blocker);
	for (int i = 0; i < 40; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(40, GET(returned));
	destroy_workqueue(wq);
}

TEST(flushing_an_idle_queue_does_not_sleep)
{
	struct rusage before, after;
	struct counter counter;

	if (KS_DELAYS)
		SKIP(return, "delays are sleeps");
	wq = alloc_workqueue("idle", WQ_PERCPU, 0);
	counter_init(&counter);
	queue_work(wq, &counter.work);
	flush_workqueue(wq);
	getrusage(RUSAGE_THREAD, &before);
	for (int i = 0; i < ROUNDS(1000000); i++)
		flush_workqueue(wq);
	getrusage(RUSAGE_THREAD, &after);
	/* not each time, that is: now and then it may have met another thread in a lock */
	EXPECT_GT(100, after.ru_nvcsw - before.ru_nvcsw);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
