// SPDX-License-Identifier: MIT
/*
 * Proves: an item that max_active holds back wakes no worker, although the pool would have
 * more of them run, and although one that runs may be counted as running (C88: it waits). It
 * starts when the slot is given back. Items of another queue of the pool are not held back.
 * Counted where a woken worker goes on.
 */
#include "wq_test.h"

#define HELD	1500	/* more than the inbox has room for */

static struct gate inside, go;
static int woken;	/* atomic */

static void count_woken(const char *name)
{
	if (!strcmp(name, "worker_woken"))
		ADD(woken, 1);
}

/* Its thread sleeps in a way that the pool does not see at once. */
static void stand_func(struct work_struct *work)
{
	(void)work;
	gate_open(&inside);
	gate_wait(&go);
}

static int nr_idle(struct worker_pool *pool)
{
	int nr;

	pool_lock(pool);
	nr = pool->nr_idle;
	pool_unlock(pool);
	return nr;
}

/* Two workers are there, and sleep. */
static void rest_two(struct __test_metadata *_metadata, struct workqueue_struct *wq)
{
	struct worker_pool *pool = wq->dfl_pwq->pool;
	struct blocker blockers[2];

	for (int i = 0; i < 2; i++)
		blocker_start(&blockers[i], wq);
	for (int i = 0; i < 2; i++)
		blocker_release(&blockers[i]);
	flush_workqueue(wq);
	ASSERT_TRUE(COMES_TRUE(nr_idle(pool) >= 2 && GET(pool->kick) == KICK_WANTED));
}

TEST(held_back_items_wake_nobody)
{
	static struct counter held[HELD];
	struct workqueue_struct *wq, *other;
	struct work_struct stand;
	struct counter free_one;
	int before;

	/* who polls is not woken */
	WRITE_ONCE(uwq_spin_us, 0);
	wq = alloc_workqueue("one", WQ_UNBOUND, 1);
	other = alloc_workqueue("other", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(other);
	ASSERT_TRUE(wq->dfl_pwq->pool == other->dfl_pwq->pool);
	rest_two(_metadata, other);

	SET(uwq_test_point_hook, count_woken);
	INIT_WORK(&stand, stand_func);
	queue_work(wq, &stand);
	gate_wait(&inside);
	before = GET(woken);
	for (int i = 0; i < HELD; i++) {
		counter_init(&held[i]);
		queue_work(wq, &held[i].work);
	}
	EXPECT_TRUE(workqueue_congested(WORK_CPU_UNBOUND, wq));
	/* the call that needs a worker gets one; whoever was called before is there as well */
	counter_init(&free_one);
	queue_work(other, &free_one.work);
	flush_work(&free_one.work);
	EXPECT_EQ(1, GET(free_one.runs));
	EXPECT_EQ(before + 1, GET(woken));

	gate_open(&go);
	flush_workqueue(wq);
	for (int i = 0; i < HELD; i++)
		EXPECT_EQ(1, GET(held[i].runs));
	destroy_workqueue(other);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
