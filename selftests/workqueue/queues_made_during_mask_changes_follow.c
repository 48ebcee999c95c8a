// SPDX-License-Identifier: MIT
/*
 * Proves B20, B22 and B23: a queue that is made while the mask of unbound queues changes has
 * the mask that is in force, not an older one; queues with many pwqs can be destroyed by
 * several threads at once, with items in all of them, and nothing is freed twice or kept.
 */
#include "pod_test.h"

#include <linux/slab.h>
#include <uwq/ledger.h>

#define CPUS	16

static int stop, checked;	/* atomic */

static void *change_masks(void *arg)
{
	unsigned int seed = 5;

	(void)arg;
	while (!GET(stop)) {
		struct cpumask cpus;

		cpumask_copy(&cpus, cpumask_of(rand_r(&seed) % CPUS));
		cpumask_set_cpu(rand_r(&seed) % CPUS, &cpus);
		workqueue_set_unbound_cpumask(&cpus);
	}
	return NULL;
}

static bool follows(struct workqueue_struct *wq)
{
	bool same;

	mutex_lock(&wq_pool_mutex);
	same = cpumask_equal(wq->dfl_pwq->pool->cpumask, &wq_unbound_cpumask);
	mutex_unlock(&wq_pool_mutex);
	return same;
}

static void *make_queues(void *arg)
{
	int *wrong = arg;
	long until = now_ms() + 500;

	for (int round = 0; round < ROUNDS(2000) && (now_ms() < until || GET(checked) <= 10); round++) {
		struct workqueue_struct *wq = alloc_workqueue("made", WQ_UNBOUND, 0);

		if (!follows(wq))
			ADD(*wrong, 1);
		ADD(checked, 1);
		destroy_workqueue(wq);
	}
	return NULL;
}

TEST(a_new_queue_has_the_mask_in_force)
{
	static int wrong;
	pthread_t changer;

	put_cpus(0, CPUS, 0, 4, 1);
	use_places();
	changer = start_thread(change_masks, NULL);
	run_threads(2, make_queues, &wrong);
	SET(stop, 1);
	pthread_join(changer, NULL);
	EXPECT_LT(10, GET(checked));
	EXPECT_EQ(0, GET(wrong));
}

/* A queue that has had many attributes, with an item for each CPU under each of them. */
static void *make_and_destroy(void *arg)
{
	int *runs_missing = arg;
	struct counter items[CPUS];

	for (int round = 0; round < ROUNDS(40) + 4; round++) {
		struct workqueue_struct *wq = alloc_workqueue("many", WQ_UNBOUND, 0);
		int scope, cpu;

		for (cpu = 0; cpu < CPUS; cpu++)
			counter_init(&items[cpu]);
		for (scope = WQ_AFFN_CPU; scope < WQ_AFFN_NR_TYPES; scope++) {
			set_scope(wq, scope, scope % 2);
			for (cpu = 0; cpu < CPUS; cpu++)
				queue_work_on(cpu, wq, &items[cpu].work);
		}
		destroy_workqueue(wq);
		for (cpu = 0; cpu < CPUS; cpu++)
			if (!GET(items[cpu].runs) || work_busy(&items[cpu].work))
				ADD(*runs_missing, 1);
		ADD(checked, 1);
	}
	return NULL;
}

TEST(queues_with_many_pwqs_are_destroyed_once)
{
	static int missing;
	struct uwq_ledger_sum sum;
	unsigned int mark;

	put_cpus(0, CPUS, 0, 4, 1);
	use_places();
	SET(checked, 0);
	make_and_destroy(&missing);
	/* pools, pwqs and accounts are kept and used again */
	mark = uwq_ledger_mark();
	make_and_destroy(&missing);
	sum = uwq_ledger_count(mark, NULL, NULL);
	EXPECT_GE(64u, sum.objects);
	run_threads(3, make_and_destroy, &missing);
	EXPECT_LT(5, GET(checked));
	EXPECT_EQ(0, GET(missing));
}

TEST_HARNESS_MAIN_CPUS(CPUS)
