// SPDX-License-Identifier: MIT
/*
 * Proves uwq_set_min_workers(): the workers come without any item, those beyond the number
 * leave and those within it stay, the numbers of queues that share a pool add up, follow a
 * queue to another pool, and end with it. One that its function ended is replaced.
 */
#include "cm_test.h"

#include <uwq/workqueue.h>

#include "workqueue/params.h"

FIXTURE(min) {
	struct workqueue_struct *wq;
	struct worker_pool *pool;
};

FIXTURE_SETUP(min)
{
	WRITE_ONCE(wq_params.idle_timeout_ms, 50);
	self->wq = alloc_workqueue("min", WQ_UNBOUND, 64);
	ASSERT_NOT_NULL(self->wq);
	self->pool = self->wq->dfl_pwq->pool;
}

FIXTURE_TEARDOWN(min)
{
	destroy_workqueue(self->wq);
}

TEST_F(min, they_come_by_themselves_and_stay)
{
	static struct blocker crowd[30];

	uwq_set_min_workers(self->wq, 12);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) == 12));
	for (int i = 0; i < 30; i++)
		blocker_start(&crowd[i], self->wq);
	EXPECT_LE(30, UNDER_POOL_LOCK(self->pool, self->pool->nr_workers));
	for (int i = 0; i < 30; i++)
		blocker_release(&crowd[i]);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) == 12));
	/* several idle timeouts later */
	nap_us(300000);
	EXPECT_EQ(12, UNDER_POOL_LOCK(self->pool, self->pool->nr_workers));
	uwq_set_min_workers(self->wq, 0);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) == 2));
}

TEST_F(min, queues_of_one_pool_add_up)
{
	struct workqueue_struct *other = alloc_workqueue("other", WQ_UNBOUND, 64);

	ASSERT_TRUE(other->dfl_pwq->pool == self->pool);
	uwq_set_min_workers(self->wq, 4);
	uwq_set_min_workers(other, 5);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) == 9));
	nap_us(200000);
	EXPECT_EQ(9, UNDER_POOL_LOCK(self->pool, self->pool->nr_workers));
	destroy_workqueue(other);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) == 4));
}

TEST_F(min, they_follow_the_queue_to_another_pool)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	struct worker_pool *nice_pool;

	uwq_set_min_workers(self->wq, 6);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) == 6));
	attrs->nice = 5;
	ASSERT_EQ(0, apply_workqueue_attrs(self->wq, attrs));
	free_workqueue_attrs(attrs);
	nice_pool = self->wq->dfl_pwq->pool;
	ASSERT_TRUE(nice_pool != self->pool);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(nice_pool, nice_pool->nr_workers) == 6));
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) <= 2));
}

static void end_thread(struct work_struct *work)
{
	(void)work;
	pthread_exit(NULL);
}

TEST_F(min, lost_ones_are_replaced)
{
	struct work_struct work;
	struct counter next;

	log_count("ended the thread");
	uwq_set_min_workers(self->wq, 4);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) == 4));
	INIT_WORK(&work, end_thread);
	queue_work(self->wq, &work);
	flush_work(&work);
	counter_init(&next);
	queue_work(self->wq, &next.work);
	flush_work(&next.work);
	EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(self->pool, self->pool->nr_workers) == 4));
	EXPECT_EQ(1, GET(log_hits));
}

TEST(no_number_for_queues_of_cpus)
{
	struct workqueue_struct *wq = alloc_workqueue("percpu", WQ_PERCPU, 0);

	log_count("WARNING");
	uwq_set_min_workers(wq, 3);
	EXPECT_LE(1, GET(log_hits));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
