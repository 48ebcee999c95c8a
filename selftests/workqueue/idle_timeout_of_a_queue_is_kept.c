// SPDX-License-Identifier: MIT
/*
 * Proves uwq_set_idle_timeout(): surplus workers of the queue leave after its time, not the
 * engine's; queues that share a pool have the shortest of their times; it follows a queue to
 * another pool, and ends with it; queues of CPUs have none.
 */
#include "cm_test.h"

#include <uwq/workqueue.h>

FIXTURE(idle) {
	struct workqueue_struct *wq;
	struct worker_pool *pool;
};

FIXTURE_SETUP(idle)
{
	self->wq = alloc_workqueue("idle", WQ_UNBOUND, 64);
	ASSERT_NOT_NULL(self->wq);
	self->pool = self->wq->dfl_pwq->pool;
}

FIXTURE_TEARDOWN(idle)
{
	destroy_workqueue(self->wq);
}

/* Twenty workers, and then nothing to do for them. */
static void crowd(struct workqueue_struct *wq)
{
	static struct blocker blocker[20];

	for (int i = 0; i < 20; i++)
		blocker_start(&blocker[i], wq);
	for (int i = 0; i < 20; i++)
		blocker_release(&blocker[i]);
	flush_workqueue(wq);
}

TEST_F(idle, surplus_workers_leave_after_it)
{
	crowd(self->wq);
	nap_us(300000);
	EXPECT_LE(20, UNDER_POOL_LOCK(self->pool, self->pool->nr_workers));
	uwq_set_idle_timeout(self->wq, 50);
	crowd(self->wq);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) <= 2));
}

TEST_F(idle, the_shortest_of_a_pool_counts)
{
	struct workqueue_struct *other = alloc_workqueue("other", WQ_UNBOUND, 64);

	ASSERT_TRUE(other->dfl_pwq->pool == self->pool);
	uwq_set_idle_timeout(self->wq, 100000);
	uwq_set_idle_timeout(other, 50);
	EXPECT_EQ(50, self->pool->idle_timeout_ms);
	crowd(self->wq);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) <= 2));
	destroy_workqueue(other);
	EXPECT_EQ(100000, self->pool->idle_timeout_ms);
	uwq_set_idle_timeout(self->wq, 0);
	EXPECT_EQ(0, self->pool->idle_timeout_ms);
}

TEST_F(idle, it_follows_the_queue)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	uwq_set_idle_timeout(self->wq, 50);
	attrs->nice = 5;
	ASSERT_EQ(0, apply_workqueue_attrs(self->wq, attrs));
	free_workqueue_attrs(attrs);
	ASSERT_TRUE(self->wq->dfl_pwq->pool != self->pool);
	EXPECT_EQ(0, self->pool->idle_timeout_ms);
	EXPECT_EQ(50, self->wq->dfl_pwq->pool->idle_timeout_ms);
	crowd(self->wq);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->wq->dfl_pwq->pool,
					       self->wq->dfl_pwq->pool->nr_workers) <= 2));
}

TEST(no_time_for_queues_of_cpus)
{
	struct workqueue_struct *wq = alloc_workqueue("percpu", WQ_PERCPU, 0);

	log_count("WARNING");
	uwq_set_idle_timeout(wq, 50);
	EXPECT_LE(1, GET(log_hits));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
