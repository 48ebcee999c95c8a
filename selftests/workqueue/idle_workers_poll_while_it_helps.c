// SPDX-License-Identifier: MIT
/*
 * An idle unbound worker polls for uwq.spin_us before it sleeps (study 5.8). Items that
 * come long after it fell asleep make that less and less; items that come at once make it
 * the whole time again, so that two threads that answer each other do not stay slow for
 * good because each of them was asleep once.
 */
#include "wq_test.h"

#define SPIN_US	12

struct habit {
	bool whole;	/* it polls for the whole time */
	bool given_up;	/* it only tries now and then */
};

static struct habit habit_of(struct worker_pool *pool)
{
	struct habit habit;

	pool_lock(pool);
	habit.whole = !pool->habit.misses && !pool->habit.skipped;
	habit.given_up = pool->habit.skipped;
	pool_unlock(pool);
	return habit;
}

static void trip(struct workqueue_struct *wq, struct counter *item)
{
	queue_work(wq, &item->work);
	flush_work(&item->work);
}

TEST(a_pool_learns_and_recovers)
{
	struct workqueue_struct *wq = alloc_workqueue("poll", WQ_UNBOUND, 1);
	struct worker_pool *pool;
	struct habit habit;
	struct counter item;
	long until;
	int i;

	ASSERT_NOT_NULL(wq);
	pool = wq->dfl_pwq->pool;
	WRITE_ONCE(uwq_spin_us, SPIN_US);
	counter_init(&item);
	until = now_ms() + 10000;
	for (i = 0; !(habit = habit_of(pool)).given_up && now_ms() < until; i++) {
		trip(wq, &item);
		nap_us(2000);
	}
	TH_LOG("%d rare items", i);
	EXPECT_TRUE(habit.given_up);
	until = now_ms() + 10000;
	/* one look decides: it is unlearnt again as soon as nothing comes */
	for (i = 0; !(habit = habit_of(pool)).whole && now_ms() < until; i++)
		trip(wq, &item);
	TH_LOG("%d items one after the other", i);
	EXPECT_TRUE(habit.whole);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(2)
