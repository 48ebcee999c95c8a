// SPDX-License-Identifier: MIT
/*
 * Proves C11 with pods: items of a producer whose CPU unbound work may not use go over the
 * pods of the allowed CPUs in turn; with workqueue.debug_force_rr_cpu all items do, and the
 * log says so once. workqueue.unbound_cpus= narrows the mask from the start.
 */
#include "pod_test.h"

#define CPUS	8

/* Run the program with these parameters. */
static void with_parameters(char **argv)
{
	if (getenv("UWQ_TEST_CPUS"))
		return;
	setenv("UWQ_CMDLINE", "uwq.nr_cpus=8 workqueue.unbound_cpus=1-6", 1);
	setenv("UWQ_TEST_CPUS", "1", 1);
	execv("/proc/self/exe", argv);
}

static int cpu_of[64], nr_runs;	/* atomic */

static void note_func(struct work_struct *work)
{
	(void)work;
	SET(cpu_of[ADD(nr_runs, 1) - 1], (int)cpumask_first(this_worker->pool->pod_cpumask));
}

/* Each of @nr items alone; how often each CPU's pod had one. */
static void run_items(struct workqueue_struct *wq, int nr, int *counts)
{
	DECLARE_WORK(item, note_func);
	int i;

	SET(nr_runs, 0);
	memset(counts, 0, CPUS * sizeof(*counts));
	for (i = 0; i < nr; i++) {
		queue_work(wq, &item);
		flush_work(&item);
	}
	for (i = 0; i < GET(nr_runs); i++)
		counts[GET(cpu_of[i])]++;
}

TEST(not_where_the_producer_is)
{
	struct workqueue_struct *wq = alloc_workqueue("turn", WQ_UNBOUND, 0);
	int counts[CPUS], cpu;

	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(6u, cpumask_weight(&wq_unbound_cpumask));
	EXPECT_FALSE(cpumask_test_cpu(0, &wq_unbound_cpumask));
	put_cpus(0, CPUS, 0, 1, 1);
	use_places();
	ASSERT_EQ(0, set_scope(wq, WQ_AFFN_CPU, false));
	ASSERT_EQ(0, set_cpus_allowed_ptr(current, cpumask_of(0)));
	run_items(wq, 60, counts);
	for (cpu = 0; cpu < CPUS; cpu++)
		EXPECT_EQ(cpu >= 1 && cpu <= 6 ? 10 : 0, counts[cpu]);
	/* an allowed CPU keeps its items */
	ASSERT_EQ(0, set_cpus_allowed_ptr(current, cpumask_of(4)));
	run_items(wq, 60, counts);
	EXPECT_EQ(60, counts[4]);
	destroy_workqueue(wq);
}

int main(int argc, char **argv)
{
	with_parameters(argv);
	return ks_main(argc, argv);
}
