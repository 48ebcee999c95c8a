// SPDX-License-Identifier: MIT
/*
 * Proves C115 and C117: queues share a pool if nice value, strictness and effective CPUs are
 * equal, and only then. Effective are the CPUs asked for that unbound queues may use, all of
 * those if none is left; a pod without an online CPU uses all CPUs of its queue. Pools that
 * no queue has let their threads go and are used again for other attributes.
 */
#include "pod_test.h"

#include <linux/slab.h>
#include <uwq/ledger.h>

#define CPUS	8

FIXTURE(two)
{
	struct workqueue_struct *a, *b;
	struct cpumask cpus;
};

/* Two caches of four CPUs. */
FIXTURE_SETUP(two)
{
	put_cpus(0, CPUS, 0, 4, 1);
	use_places();
	self->a = alloc_workqueue("a", WQ_UNBOUND, 0);
	self->b = alloc_workqueue("b", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(self->a);
	ASSERT_NOT_NULL(self->b);
	ASSERT_EQ(0, set_scope(self->a, WQ_AFFN_CACHE, false));
	ASSERT_EQ(0, set_scope(self->b, WQ_AFFN_CACHE, false));
}

FIXTURE_TEARDOWN(two)
{
	destroy_workqueue(self->a);
	destroy_workqueue(self->b);
	EXPECT_EQ(0, workqueue_set_unbound_cpumask(cpu_possible_mask));
}

static int set_nice(struct workqueue_struct *wq, int nice)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int err;

	copy_workqueue_attrs(attrs, wq->attrs);
	attrs->nice = nice;
	err = apply_workqueue_attrs(wq, attrs);
	free_workqueue_attrs(attrs);
	return err;
}

TEST_F(two, equal_ones_share)
{
	EXPECT_TRUE(pwq_of(self->a, 0)->pool == pwq_of(self->b, 3)->pool);
	EXPECT_TRUE(pwq_of(self->a, 4)->pool == pwq_of(self->b, 7)->pool);
	EXPECT_TRUE(pwq_of(self->a, 0)->pool != pwq_of(self->a, 4)->pool);
	EXPECT_TRUE(pwq_of(self->a, 0) != pwq_of(self->b, 0));
	/* another scope with the same CPUs in its pods */
	ASSERT_EQ(0, set_scope(self->b, WQ_AFFN_CACHE_SHARD, false));
	EXPECT_TRUE(pwq_of(self->a, 0)->pool == pwq_of(self->b, 0)->pool);
}

TEST_F(two, each_difference_separates)
{
	ASSERT_EQ(0, set_nice(self->b, 5));
	EXPECT_TRUE(pwq_of(self->a, 0)->pool != pwq_of(self->b, 0)->pool);
	ASSERT_EQ(0, set_nice(self->b, 0));
	EXPECT_TRUE(pwq_of(self->a, 0)->pool == pwq_of(self->b, 0)->pool);
	ASSERT_EQ(0, set_scope(self->b, WQ_AFFN_CACHE, true));
	EXPECT_TRUE(pwq_of(self->a, 0)->pool != pwq_of(self->b, 0)->pool);
	ASSERT_EQ(0, set_scope(self->b, WQ_AFFN_CACHE, false));
	/* the pod of CPU 0 is the same, but the workers may leave it for fewer CPUs */
	cpumask_copy(&self->cpus, cpu_possible_mask);
	cpumask_clear_cpu(7, &self->cpus);
	ASSERT_EQ(0, set_cpus(self->b, &self->cpus));
	EXPECT_TRUE(pwq_of(self->a, 0)->pool != pwq_of(self->b, 0)->pool);
	/* strict ones never leave it, so it does not matter */
	ASSERT_EQ(0, set_scope(self->a, WQ_AFFN_CACHE, true));
	ASSERT_EQ(0, set_scope(self->b, WQ_AFFN_CACHE, true));
	EXPECT_TRUE(pwq_of(self->a, 0)->pool == pwq_of(self->b, 0)->pool);
}

TEST_F(two, effective_cpus_are_asked_for_and_allowed)
{
	struct cpumask allowed;

	cpumask_clear(&allowed);
	cpumask_set_cpu(1, &allowed);
	cpumask_set_cpu(5, &allowed);
	ASSERT_EQ(0, workqueue_set_unbound_cpumask(&allowed));
	EXPECT_TRUE(cpumask_equal(&allowed, self->a->dfl_pwq->pool->cpumask));
	EXPECT_EQ(1u, cpumask_weight(pwq_of(self->a, 0)->pool->pod_cpumask));
	EXPECT_TRUE(cpumask_test_cpu(5, pwq_of(self->a, 6)->pool->pod_cpumask));
	/* requested is kept, and in force again when more is allowed */
	cpumask_copy(&self->cpus, cpumask_of(5));
	ASSERT_EQ(0, set_cpus(self->a, &self->cpus));
	EXPECT_TRUE(cpumask_equal(cpumask_of(5), self->a->dfl_pwq->pool->cpumask));
	/* disjoint: all that is allowed, and no error */
	ASSERT_EQ(0, set_cpus(self->a, cpumask_of(2)));
	EXPECT_TRUE(cpumask_equal(&allowed, self->a->dfl_pwq->pool->cpumask));
	ASSERT_EQ(0, workqueue_set_unbound_cpumask(cpu_possible_mask));
	EXPECT_TRUE(cpumask_equal(cpumask_of(2), self->a->dfl_pwq->pool->cpumask));
	/* none of them exists: refused, nothing changes */
	cpumask_clear(&allowed);
	EXPECT_EQ(-EINVAL, workqueue_set_unbound_cpumask(&allowed));
	EXPECT_TRUE(cpumask_equal(&wq_unbound_cpumask, cpu_possible_mask));
}

TEST_F(two, housekeeping_keeps_to_what_was_requested)
{
	struct cpumask hk;

	cpumask_andnot(&self->cpus, cpu_possible_mask, cpumask_of(0));
	ASSERT_EQ(0, workqueue_set_unbound_cpumask(&self->cpus));
	cpumask_andnot(&hk, cpu_possible_mask, cpumask_of(3));
	ASSERT_EQ(0, workqueue_unbound_housekeeping_update(&hk));
	EXPECT_EQ(6u, cpumask_weight(&wq_unbound_cpumask));
	EXPECT_TRUE(cpumask_equal(&self->cpus, &wq_requested_unbound_cpumask));
	EXPECT_TRUE(cpumask_equal(cpumask_of(3), &wq_isolated_cpumask));
	EXPECT_TRUE(cpumask_equal(&wq_unbound_cpumask, self->a->dfl_pwq->pool->cpumask));
	/* nothing left: what was requested */
	ASSERT_EQ(0, workqueue_unbound_housekeeping_update(cpumask_of(0)));
	EXPECT_TRUE(cpumask_equal(&self->cpus, &wq_unbound_cpumask));
	ASSERT_EQ(0, workqueue_unbound_housekeeping_update(cpu_possible_mask));
}

/* All or nothing for all queues: the k-th allocation fails. */
TEST_F(two, a_failed_change_of_the_mask_changes_nothing)
{
	struct worker_pool *pool = pwq_of(self->a, 0)->pool;
	int failures = 0;
	long k;
	int err;

	for (k = 1; ; k++) {
		uwq_test_fail_alloc(k, 1);
		err = workqueue_set_unbound_cpumask(cpumask_of(6));
		uwq_test_fail_alloc(0, 0);
		if (!err)
			break;
		failures++;
		ASSERT_EQ(-ENOMEM, err);
		EXPECT_TRUE(cpumask_equal(cpu_possible_mask, &wq_unbound_cpumask));
		EXPECT_TRUE(cpumask_equal(cpu_possible_mask, &wq_requested_unbound_cpumask));
		EXPECT_TRUE(pwq_of(self->a, 0)->pool == pool);
		ASSERT_GE(500, k);
	}
	EXPECT_LT(4, failures);
	EXPECT_TRUE(cpumask_equal(cpumask_of(6), &wq_unbound_cpumask));
}

static int pools_at_first;

static int threads_of(struct worker_pool *pool)
{
	int nr;

	pool_lock(pool);
	nr = pool->nr_workers;
	pool_unlock(pool);
	return nr;
}

TEST(unused_pools_let_their_threads_go_and_are_used_again)
{
	struct workqueue_struct *wq;
	struct worker_pool *first = NULL;
	int i;

	for (i = 0; i < 40; i++) {
		struct worker_pool *pool;
		struct counter item;

		wq = alloc_workqueue("nice", WQ_UNBOUND, 0);
		ASSERT_NOT_NULL(wq);
		ASSERT_EQ(0, set_nice(wq, i % 19 + 1));
		pool = wq->dfl_pwq->pool;
		counter_init(&item);
		ASSERT_TRUE(queue_work(wq, &item.work));
		flush_work(&item.work);
		EXPECT_LE(1, threads_of(pool));
		destroy_workqueue(wq);
		EXPECT_EQ(0, pool->refcnt);
		EXPECT_TRUE(COMES_TRUE(!threads_of(pool)));
		if (!i) {
			first = pool;
			pools_at_first = nr_worker_pools();
		}
		EXPECT_TRUE(pool == first);
	}
	EXPECT_EQ(pools_at_first, nr_worker_pools());
}

/* The manager has taken the request from its list and has not made the worker yet. */
TEST(a_pool_that_gets_a_worker_is_not_given_away)
{
	struct workqueue_struct *wq = alloc_workqueue("goes", WQ_UNBOUND, 0);
	struct worker_pool *pool;
	struct counter item;

	ASSERT_NOT_NULL(wq);
	ASSERT_EQ(0, set_nice(wq, 17));
	pool = wq->dfl_pwq->pool;
	counter_init(&item);
	hold_next("request_taken");
	ASSERT_TRUE(queue_work(wq, &item.work));
	hold_wait();
	EXPECT_TRUE(cancel_work_sync(&item.work));
	destroy_workqueue(wq);
	EXPECT_EQ(0, pool->refcnt);

	wq = alloc_workqueue("comes", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(0, set_nice(wq, 16));
	EXPECT_EQ(17, pool->nice);
	hold_release();
	EXPECT_TRUE(COMES_TRUE(!threads_of(pool)));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(CPUS)
