// SPDX-License-Identifier: MIT
/*
 * Proves C90, C91, C95, C96, B15, B16: what each memory node of an unbound queue may have
 * active is its share of max_active by online CPUs, rounded up, between min_active and
 * max_active; pools across nodes have an account with all of it. Without any online CPU
 * nodes get min_active, at least one, and nothing is divided by zero. min_active follows
 * max_active down, not up. On an invented machine with nodes of 2, 4 and 10 CPUs.
 */
#include "pod_test.h"

#define CPUS	16

FIXTURE(nodes)
{
	struct workqueue_struct *wq;
};

FIXTURE_SETUP(nodes)
{
	put_cpus(0, 2, 0, 16, 1);
	put_cpus(2, 6, 1, 16, 1);
	put_cpus(6, 16, 2, 16, 1);
	use_places();
	self->wq = alloc_workqueue("nodes", WQ_UNBOUND, 64);
	ASSERT_NOT_NULL(self->wq);
	ASSERT_EQ(0, set_scope(self->wq, WQ_AFFN_NUMA, false));
}

FIXTURE_TEARDOWN(nodes)
{
	destroy_workqueue(self->wq);
}

static int limit(struct workqueue_struct *wq, int node)
{
	struct wq_node_nr_active *account = wq->node_nr_active[node];

	return account ? GET(account->max) : -1;
}

TEST_F(nodes, each_has_its_share)
{
	static const struct { int max, min, want[3]; } cases[] = {
		{ 64, 0, { 8, 16, 40 } },
		{ 64, 8, { 8, 16, 40 } },
		{ 64, 20, { 20, 20, 40 } },
		{ 10, 0, { 2, 3, 7 } },
		{ 1, 0, { 1, 1, 1 } },
		{ 1, 1, { 1, 1, 1 } },
		{ 2048, 8, { 256, 512, 1280 } },
		{ 100, 100, { 100, 100, 100 } },
		{ 7, 3, { 3, 3, 5 } },
	};
	size_t n;
	int node;

	for (n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		workqueue_set_max_active(self->wq, cases[n].max);
		workqueue_set_min_active(self->wq, cases[n].min);
		for (node = 0; node < 3; node++)
			EXPECT_EQ(cases[n].want[node], limit(self->wq, node)) {
				TH_LOG("max %d min %d node %d", cases[n].max, cases[n].min, node);
			}
		EXPECT_EQ(cases[n].max, limit(self->wq, MAX_NUMNODES));
	}
}

TEST_F(nodes, only_the_cpus_of_the_queue_count)
{
	struct cpumask cpus;

	cpumask_clear(&cpus);
	cpumask_set_cpu(0, &cpus);
	cpumask_set_cpu(2, &cpus);
	cpumask_set_cpu(3, &cpus);
	cpumask_set_cpu(4, &cpus);
	workqueue_set_min_active(self->wq, 0);
	ASSERT_EQ(0, set_cpus(self->wq, &cpus));
	EXPECT_EQ(16, limit(self->wq, 0));
	EXPECT_EQ(48, limit(self->wq, 1));
	EXPECT_EQ(1, limit(self->wq, 2));
	EXPECT_EQ(64, limit(self->wq, MAX_NUMNODES));
}

/* None of its CPUs is online: by hand, because it is the arithmetic that counts here. */
TEST_F(nodes, without_online_cpus_there_is_a_minimum)
{
	int node;

	workqueue_set_min_active(self->wq, 5);
	ASSERT_EQ(0, set_cpus(self->wq, cpumask_of(3)));
	EXPECT_EQ(64, limit(self->wq, 1));
	cpumask_clear_cpu(3, &__cpu_online_mask);
	mutex_lock(&self->wq->mutex);
	wq_adjust_max_active(self->wq);
	mutex_unlock(&self->wq->mutex);
	for (node = 0; node < 3; node++)
		EXPECT_EQ(5, limit(self->wq, node));
	EXPECT_EQ(64, limit(self->wq, MAX_NUMNODES));
	cpumask_set_cpu(3, &__cpu_online_mask);
}

TEST_F(nodes, the_minimum_follows_down_and_not_up)
{
	EXPECT_EQ(8, UNDER_MUTEX(self->wq, self->wq->min_active));
	workqueue_set_max_active(self->wq, 4);
	EXPECT_EQ(4, UNDER_MUTEX(self->wq, self->wq->min_active));
	workqueue_set_max_active(self->wq, 64);
	EXPECT_EQ(4, UNDER_MUTEX(self->wq, self->wq->min_active));
	workqueue_set_min_active(self->wq, 1000);
	EXPECT_EQ(64, UNDER_MUTEX(self->wq, self->wq->min_active));
	workqueue_set_min_active(self->wq, -3);
	EXPECT_EQ(0, UNDER_MUTEX(self->wq, self->wq->min_active));
}

static int refused(struct workqueue_struct *wq)
{
	unsigned int before = uwq_warn_count();

	workqueue_set_min_active(wq, 3);
	destroy_workqueue(wq);
	return (int)(uwq_warn_count() - before);
}

TEST(only_unbound_unordered_queues_have_a_minimum)
{
	log_count("workqueue_set_min_active");
	EXPECT_EQ(1, refused(alloc_workqueue("percpu", WQ_PERCPU, 0)));
	EXPECT_EQ(1, refused(alloc_ordered_workqueue("ordered", 0)));
	EXPECT_EQ(1, refused(alloc_workqueue("bh", WQ_BH | WQ_PERCPU, 0)));
	EXPECT_EQ(0, refused(alloc_workqueue("unbound", WQ_UNBOUND, 0)));
}

/* How many of @nr blocking items of @cpu run at the same time. */
static int at_once(struct workqueue_struct *wq, int cpu, struct blocker *items, int nr, int want)
{
	int i, running = 0;

	for (i = 0; i < nr; i++) {
		blocker_init(&items[i]);
		queue_work_on(cpu, wq, &items[i].work);
	}
	for (i = 0; i < want; i++)
		if (wait_for_completion_timeout(&items[i].started, 10 * HZ))
			running++;
	for (i = want; i < nr; i++)
		running += completion_done(&items[i].started);
	return running;
}

static void release_all(struct blocker *items, int nr)
{
	for (int i = 0; i < nr; i++)
		blocker_release(&items[i]);
}

TEST_F(nodes, items_keep_to_the_limit_of_their_node)
{
	static struct blocker first[32], second[32];

	workqueue_set_max_active(self->wq, 16);
	workqueue_set_min_active(self->wq, 0);
	EXPECT_EQ(2, at_once(self->wq, 1, first, 10, 2));
	/* the other node has slots of its own */
	EXPECT_EQ(10, at_once(self->wq, 9, second, 20, 10));
	EXPECT_EQ(2, GET(self->wq->node_nr_active[0]->nr));
	EXPECT_EQ(10, GET(self->wq->node_nr_active[2]->nr));
	release_all(first, 10);
	release_all(second, 20);
	flush_workqueue(self->wq);
	EXPECT_EQ(0, GET(self->wq->node_nr_active[0]->nr));
	EXPECT_EQ(0, GET(self->wq->node_nr_active[2]->nr));
}

static void *use_all_cpus(void *wq)
{
	set_cpus(wq, cpu_possible_mask);
	return NULL;
}

/* The queue gets the CPUs of another node, and an item goes there at once. */
TEST_F(nodes, a_new_one_never_has_more_than_its_share)
{
	struct workqueue_struct *wq = self->wq;
	struct pool_workqueue *pwq;
	struct blocker items[20];
	struct cpumask cpus;
	pthread_t thread;

	cpumask_andnot(&cpus, cpu_possible_mask, cpumask_of_node(0));
	ASSERT_EQ(0, workqueue_set_unbound_cpumask(&cpus));
	self->wq = alloc_workqueue("grows", WQ_UNBOUND, 64);
	ASSERT_NOT_NULL(self->wq);
	destroy_workqueue(wq);
	ASSERT_EQ(0, set_cpus(self->wq, &cpus));
	ASSERT_EQ(0, workqueue_set_unbound_cpumask(cpu_possible_mask));
	ASSERT_EQ(-1, limit(self->wq, 0));
	hold_next("attrs_stored");
	thread = start_thread(use_all_cpus, self->wq);
	hold_wait();
	pwq = pwq_of(self->wq, 0);
	ASSERT_TRUE(pwq->account == self->wq->node_nr_active[0]);
	for (int i = 0; i < 20; i++) {
		blocker_init(&items[i]);
		queue_work_on(0, self->wq, &items[i].work);
	}
	pool_lock(pwq->pool);
	pool_drain_inbox(pwq->pool);
	EXPECT_EQ(8, pwq->nr_active);
	pool_unlock_and_wake(pwq->pool);
	hold_release();
	pthread_join(thread, NULL);
	EXPECT_EQ(8, limit(self->wq, 0));
	EXPECT_EQ(8, GET(pwq->account->nr));
	release_all(items, 20);
	flush_workqueue(self->wq);
	EXPECT_EQ(0, GET(pwq->account->nr));
}

/* B16: a pool across nodes has all of max_active. */
TEST_F(nodes, a_pool_across_nodes_has_all)
{
	static struct blocker items[110];

	ASSERT_EQ(0, set_scope(self->wq, WQ_AFFN_SYSTEM, false));
	workqueue_set_max_active(self->wq, 100);
	EXPECT_EQ(NUMA_NO_NODE, pwq_of(self->wq, 0)->pool->node);
	EXPECT_EQ(100, at_once(self->wq, 0, items, 110, 100));
	release_all(items, 110);
	flush_workqueue(self->wq);
}

/* Items that were queued before the CPUs of their node went, with a minimum of zero. */
TEST_F(nodes, items_of_a_lost_node_still_run)
{
	static struct blocker items[4];

	workqueue_set_max_active(self->wq, 8);
	workqueue_set_min_active(self->wq, 0);
	EXPECT_EQ(1, at_once(self->wq, 0, items, 4, 1));
	ASSERT_EQ(0, set_cpus(self->wq, cpumask_of(8)));
	release_all(items, 4);
	/* not a flush: it would not come back */
	EXPECT_TRUE(COMES_TRUE(GET(items[3].runs)));
	workqueue_set_min_active(self->wq, 8);
}

/* A strict pool may have been made for a queue with more CPUs. */
TEST_F(nodes, a_shared_strict_pool_says_nothing_about_other_cpus)
{
	struct workqueue_struct *narrow = alloc_workqueue("narrow", WQ_UNBOUND, 64);

	ASSERT_NOT_NULL(narrow);
	ASSERT_EQ(0, set_scope(self->wq, WQ_AFFN_CPU, true));
	ASSERT_EQ(0, set_scope(narrow, WQ_AFFN_CPU, true));
	ASSERT_EQ(0, set_cpus(narrow, cpumask_of(3)));
	ASSERT_TRUE(narrow->dfl_pwq->pool == pwq_of(self->wq, 3)->pool);
	EXPECT_EQ(64, limit(narrow, 1));
	EXPECT_TRUE(cpumask_equal(cpumask_of(3), narrow->dfl_pwq->pool->cpumask));
	destroy_workqueue(narrow);
}

TEST_HARNESS_MAIN_CPUS(CPUS)
