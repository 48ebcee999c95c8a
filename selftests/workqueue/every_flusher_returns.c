// SPDX-License-Identifier: MIT
/*
 * Proves C36: any number of threads may flush one item at the same time, whether it is
 * queued, running or both; all return, none before the run ended.
 */
#include "wq_test.h"

#define NR_FLUSHERS	64

static struct blocker blocker;
static int too_early, said_false;	/* atomic */

static void *flush(void *arg)
{
	(void)arg;
	if (!flush_work(&blocker.work))
		ADD(said_false, 1);
	if (!GET(blocker.runs))
		ADD(too_early, 1);
	return NULL;
}

static void flush_all(struct __test_metadata *_metadata, struct workqueue_struct *wq,
		      unsigned long expected, struct blocker *head)
{
	pthread_t threads[NR_FLUSHERS];
	int i;

	for (i = 0; i < NR_FLUSHERS; i++)
		threads[i] = start_thread(flush, NULL);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(wq) == expected));
	EXPECT_EQ(0, GET(too_early));
	if (head)
		blocker_release(head);
	blocker_release(&blocker);
	for (i = 0; i < NR_FLUSHERS; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, GET(too_early));
	EXPECT_EQ(0, GET(said_false));
	flush_workqueue(wq);
	EXPECT_EQ(0, items_in_flight(wq));
}

static void check(struct __test_metadata *_metadata, unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("flushed", flags, 1);
	struct blocker head;

	ASSERT_NOT_NULL(wq);
	blocker_start_on(&blocker, 0, wq);
	flush_all(_metadata, wq, NR_FLUSHERS + 1, NULL);

	blocker_start_on(&head, 0, wq);
	blocker_init(&blocker);
	ASSERT_TRUE(queue_work_on(0, wq, &blocker.work));
	flush_all(_metadata, wq, NR_FLUSHERS + 2, &head);
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

/* With no gate at all. */
static struct counter item;
static int missed;	/* atomic */

static void *queue_and_flush(void *arg)
{
	for (int i = 0; i < ROUNDS(2000); i++) {
		int before = GET(item.runs);
		bool queued = queue_work(arg, &item.work);

		flush_work(&item.work);
		if (queued && GET(item.runs) == before)
			ADD(missed, 1);
	}
	return NULL;
}

TEST(everybody_queues_and_flushes_one_item)
{
	struct workqueue_struct *wq = alloc_workqueue("flushed", WQ_UNBOUND, 0);

	ASSERT_NOT_NULL(wq);
	counter_init(&item);
	run_threads(16, queue_and_flush, wq);
	EXPECT_EQ(0, GET(missed));
	EXPECT_LT(0, GET(item.runs));
	flush_workqueue(wq);
	EXPECT_EQ(0, items_in_flight(wq));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
