// SPDX-License-Identifier: MIT
/*
 * Proves C118, C119 and C147: while nice value, CPUs, scope, strictness, the mask of unbound
 * queues, limits and the topology itself change all the time, and allocations fail now and
 * then, every item that was queued runs exactly once, never twice at once, and no change
 * waits for a running item. A queue that cannot be given pods is served by the pwq for all
 * its CPUs, with a line in the log.
 */
#include "pod_test.h"

#include "workqueue/params.h"

#define CPUS	8
#define ITEMS	64

static struct workqueue_struct *wq;
static struct counter items[ITEMS];
static int stop, trues;	/* atomic */

FIXTURE(changes)
{
	int unused;
};

FIXTURE_SETUP(changes)
{
	put_cpus(0, CPUS, 0, 2, 1);
	use_places();
	/* some of the failures that are injected meet the making of a worker */
	WRITE_ONCE(wq_params.create_retry_ms, 1);
	wq = alloc_workqueue("storm", WQ_UNBOUND, 3);
	ASSERT_NOT_NULL(wq);
	for (int i = 0; i < ITEMS; i++)
		counter_init(&items[i]);
	SET(stop, 0);
	SET(trues, 0);
}

FIXTURE_TEARDOWN(changes)
{
	destroy_workqueue(wq);
}

static void *produce(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;

	while (!GET(stop)) {
		struct counter *item = &items[rand_r(&seed) % ITEMS];
		int cpu = rand_r(&seed) % (CPUS + 1);

		if (queue_work_on(cpu == CPUS ? WORK_CPU_UNBOUND : cpu, wq, &item->work))
			ADD(trues, 1);
		if (rand_r(&seed) % 16 == 0 && cancel_work(&item->work))
			ADD(trues, -1);
		if (rand_r(&seed) % 64 == 0)
			flush_work(&item->work);
	}
	return NULL;
}

static int change_something(unsigned int *seed)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int err = -ENOMEM;

	if (!attrs)
		return err;
	attrs->nice = rand_r(seed) % 3;
	attrs->affn_scope = rand_r(seed) % WQ_AFFN_NR_TYPES;
	attrs->affn_strict = rand_r(seed) % 2;
	bitmap_zero(cpumask_bits(attrs->cpumask), CPUS);
	cpumask_set_cpu(rand_r(seed) % CPUS, attrs->cpumask);
	if (rand_r(seed) % 2)
		cpumask_copy(attrs->cpumask, cpu_possible_mask);
	err = apply_workqueue_attrs(wq, attrs);
	free_workqueue_attrs(attrs);
	return err;
}

static int runs_so_far(void)
{
	int runs = 0;

	for (int i = 0; i < ITEMS; i++)
		runs += GET(items[i].runs);
	return runs;
}

/* For a while, and until there were items to lose. */
static void *change(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	long until = now_ms() + 1000;

	for (int round = 0; (round < ROUNDS(3000) && now_ms() < until) ||
			       runs_so_far() <= 100; round++) {
		struct cpumask cpus;

		switch (rand_r(&seed) % 8) {
		case 0:
			cpumask_copy(&cpus, rand_r(&seed) % 2 ? cpu_possible_mask :
							cpumask_of(rand_r(&seed) % CPUS));
			workqueue_set_unbound_cpumask(&cpus);
			break;
		case 1:
			workqueue_set_max_active(wq, rand_r(&seed) % 5 + 1);
			break;
		case 2:
			workqueue_set_min_active(wq, rand_r(&seed) % 3);
			break;
		case 3:
			workqueue_init_topology();
			break;
		default:
			uwq_test_fail_alloc(rand_r(&seed) % 30 + 1, 1);
			change_something(&seed);
			uwq_test_fail_alloc(0, 0);
		}
	}
	return NULL;
}

static void no_log(int level, const char *text, size_t len, void *arg)
{
	(void)level;
	(void)text;
	(void)len;
	(void)arg;
}

TEST_F(changes, every_item_runs_exactly_once)
{
	pthread_t producers[3], changer;
	int i, runs = 0;

	uwq_set_log_sink(no_log, NULL);
	for (i = 0; i < 3; i++)
		producers[i] = start_thread(produce, (void *)(uintptr_t)(i + 1));
	changer = start_thread(change, (void *)7ul);
	pthread_join(changer, NULL);
	SET(stop, 1);
	for (i = 0; i < 3; i++)
		pthread_join(producers[i], NULL);
	EXPECT_EQ(0, workqueue_set_unbound_cpumask(cpu_possible_mask));
	drain_workqueue(wq);
	for (i = 0; i < ITEMS; i++) {
		runs += GET(items[i].runs);
		EXPECT_EQ(0, GET(items[i].overlaps));
		EXPECT_FALSE(work_pending(&items[i].work));
	}
	EXPECT_LT(100, runs);
	EXPECT_EQ(GET(trues), runs);
	for (i = 0; i <= MAX_NUMNODES; i++)
		if (wq->node_nr_active[i])
			EXPECT_EQ(0, GET(wq->node_nr_active[i]->nr));
}

TEST_F(changes, none_waits_for_a_running_item)
{
	struct blocker running, held_back;

	workqueue_set_max_active(wq, 1);
	blocker_start_on(&running, 0, wq);
	blocker_init(&held_back);
	queue_work_on(0, wq, &held_back.work);
	EXPECT_EQ(0, set_scope(wq, WQ_AFFN_CPU, true));
	EXPECT_EQ(0, set_cpus(wq, cpumask_of(3)));
	EXPECT_EQ(0, workqueue_set_unbound_cpumask(cpumask_of(5)));
	EXPECT_EQ(0, workqueue_set_unbound_cpumask(cpu_possible_mask));
	/* what was queued before stays where it is and has its turn */
	EXPECT_EQ(0, GET(running.runs));
	blocker_release(&held_back);
	blocker_release(&running);
	flush_work(&held_back.work);
	EXPECT_EQ(1, GET(held_back.runs));
}

/* C147: the k-th allocation fails while all queues get new pods. */
TEST_F(changes, without_memory_one_pwq_serves_all_cpus)
{
	struct counter item;
	long k;

	ASSERT_EQ(0, set_scope(wq, WQ_AFFN_CACHE, false));
	ASSERT_TRUE(pwq_of(wq, 0) != pwq_of(wq, 7));
	log_count("storm, using one for all its CPUs");
	for (k = 1; !GET(log_hits); k++) {
		ASSERT_GE(200, k);
		uwq_test_fail_alloc(k, -1);
		mutex_lock(&wq_pool_mutex);
		wq_update_pods(3);
		mutex_unlock(&wq_pool_mutex);
		uwq_test_fail_alloc(0, 0);
	}
	EXPECT_TRUE(pwq_of(wq, 0) == wq->dfl_pwq);
	EXPECT_TRUE(pwq_of(wq, 7) == wq->dfl_pwq);
	counter_init(&item);
	EXPECT_TRUE(queue_work_on(7, wq, &item.work));
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
	mutex_lock(&wq_pool_mutex);
	wq_update_pods(3);
	mutex_unlock(&wq_pool_mutex);
	EXPECT_TRUE(pwq_of(wq, 0) != pwq_of(wq, 7));
}

TEST_HARNESS_MAIN_CPUS(CPUS)
