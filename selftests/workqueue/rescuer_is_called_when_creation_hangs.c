// SPDX-License-Identifier: MIT
/*
 * Proves C110 and U6: a rescuer is called once a creation has taken 10 ms, whether it fails
 * or just does not come to an end, and for pools that have asked meanwhile; then every
 * 100 ms; only for queues that have items waiting in that pool; and a call that has not
 * been answered is not repeated. Nobody is called when workers are there.
 */
#include "rescue_test.h"

static struct workqueue_struct *alloc_reclaim(unsigned int flags)
{
	log_count("");
	return alloc_workqueue("called", flags | WQ_MEM_RECLAIM, 0);
}

/* The manager is held inside the creation: it can do nothing else. */
static void hold_creation_on(int cpu, struct work_struct *work, struct workqueue_struct *wq)
{
	hold_next("creating_worker");
	queue_work_on(cpu, wq, work);
	hold_wait();
}

static void one_that_hangs(struct __test_metadata *_metadata, unsigned int flags)
{
	struct workqueue_struct *wq = alloc_reclaim(flags);
	struct witness item;
	long queued;

	ASSERT_NOT_NULL(wq);
	witness_init(&item);
	queued = now_ms();
	hold_creation_on(0, &item.work, wq);
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.by_rescuer));
	EXPECT_LE(10, item.ms - queued + 1);
	EXPECT_EQ(1ul, rescue_stats(wq).mayday);
	hold_release();
	destroy_workqueue(wq);
}

TEST(hangs_bound)
{
	one_that_hangs(_metadata, WQ_PERCPU);
}

TEST(hangs_unbound)
{
	one_that_hangs(_metadata, WQ_UNBOUND);
}

/* The manager is held up by CPU 0, and never comes to the pool of CPU 1. */
TEST(pools_that_ask_meanwhile)
{
	struct workqueue_struct *wq = alloc_reclaim(WQ_PERCPU);
	struct witness first, second;

	ASSERT_NOT_NULL(wq);
	witness_init(&first);
	witness_init(&second);
	hold_creation_on(0, &first.work, wq);
	flush_work(&first.work);
	/* nothing waits any more, and the sampler sleeps */
	ASSERT_TRUE(COMES_TRUE(!GET(monitor_on)));
	nap_us(50000);
	queue_work_on(1, wq, &second.work);
	flush_work(&second.work);
	EXPECT_EQ(1, GET(first.by_rescuer));
	EXPECT_EQ(1, GET(second.by_rescuer));
	hold_release();
	destroy_workqueue(wq);
}

/* A worker made in reserve, while the first one computes, is waited for as well. */
TEST(hangs_although_nobody_asked)
{
	struct workqueue_struct *wq = alloc_reclaim(WQ_PERCPU);
	struct witness first, second;
	struct blocker blocker;

	ASSERT_NOT_NULL(wq);
	witness_init(&first);
	witness_init(&second);
	hold_creation_on(0, &first.work, system_percpu_wq);
	/* for those who come now, somebody is on the way */
	blocker_init(&blocker);
	queue_work_on(0, wq, &blocker.work);
	wait_for_completion(&blocker.started);
	queue_work_on(0, wq, &second.work);
	hold_release();
	flush_work(&second.work);
	EXPECT_EQ(0, GET(second.by_rescuer));
	EXPECT_EQ(0, GET(first.by_rescuer));
	EXPECT_EQ(1ul, rescue_stats(wq).rescued);
	blocker_release(&blocker);
	destroy_workqueue(wq);
}

TEST(every_100_ms_but_not_twice)
{
	struct workqueue_struct *wq = alloc_reclaim(WQ_PERCPU);
	struct workqueue_struct *idle = alloc_workqueue("idle", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	struct workqueue_struct *plain = alloc_workqueue("plain", WQ_PERCPU, 0);
	struct witness item, plain_item;
	struct blocker blocker;
	long queued;

	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(idle);
	ASSERT_NOT_NULL(plain);
	no_threads();
	blocker_init(&blocker);
	witness_init(&item);
	witness_init(&plain_item);
	queued = now_ms();
	queue_work_on(0, plain, &plain_item.work);
	queue_work_on(0, wq, &blocker.work);
	queue_work_on(0, wq, &item.work);
	wait_for_completion(&blocker.started);
	ASSERT_TRUE(COMES_TRUE(rescue_stats(wq).mayday == 2));
	EXPECT_LE(10 + 100, now_ms() - queued + 1);
	nap_us(300000);
	EXPECT_EQ(2ul, rescue_stats(wq).mayday);
	EXPECT_EQ(0ul, rescue_stats(idle).mayday);
	EXPECT_EQ(0ul, rescue_stats(plain).mayday);
	EXPECT_EQ(0, GET(plain_item.runs));
	EXPECT_EQ(0, GET(item.runs));
	blocker_release(&blocker);
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.by_rescuer));
	threads_again();
	destroy_workqueue(plain);
	destroy_workqueue(idle);
	destroy_workqueue(wq);
	EXPECT_EQ(1, GET(plain_item.runs));
}

TEST(nobody_with_workers_at_hand)
{
	struct workqueue_struct *wq = alloc_reclaim(WQ_PERCPU);
	struct witness item;
	long until;

	if (KS_DELAYS)
		SKIP(return, "who is at hand may be late");
	ASSERT_NOT_NULL(wq);
	witness_init(&item);
	queue_work_on(0, wq, &item.work);
	flush_work(&item.work);
	for (until = now_ms() + 200; now_ms() < until || GET(item.runs) <= 10; ) {
		queue_work_on(0, wq, &item.work);
		flush_work(&item.work);
	}
	EXPECT_LT(10, GET(item.runs));
	EXPECT_GE(1, GET(item.by_rescuer));
	EXPECT_GE(1ul, rescue_stats(wq).mayday);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(2)
