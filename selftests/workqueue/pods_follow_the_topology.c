// SPDX-License-Identifier: MIT
/*
 * Proves C114 and U20: the pods of every scope on invented machines. A cache of n cores has
 * round(n / 8) parts, at least one; cores are spread evenly, the first parts are one core
 * larger; the threads of a core and the CPUs of two caches are never mixed. What a container
 * hides degrades to one pod for the node. All on 256 CPUs.
 */
#include "pod_test.h"

#define CPUS	256

/* What is not used by a case: caches of one core on a package of their own. */
static void park_from(int first)
{
	put_cpus(first, CPUS, 0, 1, 1);
	for (int cpu = first; cpu < CPUS; cpu++)
		places[cpu].package = 9;
}

/* The sizes in CPUs of the parts of the cache of CPU 0, ended by 0. */
static void shards_of_first_cache(int cpus, unsigned int *sizes)
{
	int cpu, nr = 0, last = -1;

	for (cpu = 0; cpu < cpus; cpu++) {
		int pod = pod_of(WQ_AFFN_CACHE_SHARD, cpu);

		if (pod != last)
			sizes[nr++] = 0;
		last = pod;
		sizes[nr - 1]++;
	}
	sizes[nr] = 0;
}

TEST(a_cache_is_divided_by_its_cores)
{
	static const struct {
		int cores, threads;
		unsigned int sizes[8];	/* in cores */
	} cases[] = {
		{ 1, 1, { 1 } },
		{ 1, 2, { 1 } },
		{ 7, 1, { 7 } },
		{ 8, 2, { 8 } },
		{ 11, 1, { 11 } },
		{ 11, 2, { 11 } },
		{ 12, 1, { 6, 6 } },
		{ 12, 2, { 6, 6 } },
		{ 13, 1, { 7, 6 } },
		{ 19, 1, { 10, 9 } },
		{ 20, 2, { 7, 7, 6 } },
		{ 27, 1, { 9, 9, 9 } },
		{ 28, 1, { 7, 7, 7, 7 } },
		{ 64, 2, { 8, 8, 8, 8, 8, 8, 8, 8 } },
	};
	size_t n, i;

	for (n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		int cpus = cases[n].cores * cases[n].threads;
		unsigned int sizes[64];

		put_cpus(0, cpus, 0, cases[n].cores, cases[n].threads);
		park_from(cpus);
		use_places();
		shards_of_first_cache(cpus, sizes);
		for (i = 0; i < 8 && cases[n].sizes[i]; i++)
			EXPECT_EQ(cases[n].sizes[i] * cases[n].threads, sizes[i]) {
				TH_LOG("%d cores, part %zu", cases[n].cores, i);
			}
		EXPECT_EQ(0u, sizes[i]);
	}
}

/* Threads of one core may have distant numbers: they stay together all the same. */
TEST(threads_of_a_core_are_never_separated)
{
	int cpu;

	put_cpus(0, 24, 0, 24, 1);
	for (cpu = 0; cpu < 24; cpu++)
		places[cpu].core = cpu % 12;
	park_from(24);
	use_places();
	for (cpu = 0; cpu < 12; cpu++)
		EXPECT_EQ(pod_of(WQ_AFFN_CACHE_SHARD, cpu),
			  pod_of(WQ_AFFN_CACHE_SHARD, cpu + 12));
	EXPECT_NE(pod_of(WQ_AFFN_CACHE_SHARD, 0), pod_of(WQ_AFFN_CACHE_SHARD, 11));
	EXPECT_EQ(pod_of(WQ_AFFN_SMT, 3), pod_of(WQ_AFFN_SMT, 15));
	EXPECT_NE(pod_of(WQ_AFFN_SMT, 3), pod_of(WQ_AFFN_SMT, 4));
}

/* Two nodes, 64 cores each in caches of 16, two threads a core. */
TEST(a_large_machine)
{
	int cpu;

	put_cpus(0, 128, 0, 16, 2);
	put_cpus(128, 256, 1, 16, 2);
	use_places();
	EXPECT_EQ(256, nr_pods(WQ_AFFN_CPU));
	EXPECT_EQ(128, nr_pods(WQ_AFFN_SMT));
	EXPECT_EQ(8, nr_pods(WQ_AFFN_CACHE));
	EXPECT_EQ(16, nr_pods(WQ_AFFN_CACHE_SHARD));
	EXPECT_EQ(2, nr_pods(WQ_AFFN_NUMA));
	EXPECT_EQ(1, nr_pods(WQ_AFFN_SYSTEM));
	EXPECT_EQ(16u, pod_size(WQ_AFFN_CACHE_SHARD, 5));
	EXPECT_EQ(128u, pod_size(WQ_AFFN_NUMA, 1));
	mutex_lock(&wq_pool_mutex);
	EXPECT_EQ(0, wq_pods_of(WQ_AFFN_CACHE)->pod_node[3]);
	EXPECT_EQ(1, wq_pods_of(WQ_AFFN_CACHE)->pod_node[4]);
	EXPECT_EQ(NUMA_NO_NODE, wq_pods_of(WQ_AFFN_SYSTEM)->pod_node[0]);
	mutex_unlock(&wq_pool_mutex);
	for (cpu = 0; cpu < CPUS; cpu++)
		EXPECT_EQ(cpu / 128, pod_of(WQ_AFFN_NUMA, cpu));
}

TEST(what_is_hidden_degrades)
{
	int cpu;

	for (cpu = 0; cpu < CPUS; cpu++)
		places[cpu] = (struct cpu_place){ -1, -1, -1, -1, -1, -1 };
	use_places();
	EXPECT_EQ(1, nr_pods(WQ_AFFN_NUMA));
	EXPECT_EQ(1, nr_pods(WQ_AFFN_CACHE));
	EXPECT_EQ(256, nr_pods(WQ_AFFN_SMT));
	/* nobody knows better than that all share one cache */
	EXPECT_EQ(32, nr_pods(WQ_AFFN_CACHE_SHARD));
}

/* C119: queues that exist when the topology becomes known, or changes, get their pods. */
TEST(queues_follow)
{
	struct workqueue_struct *wq = alloc_workqueue("early", WQ_UNBOUND, 0);
	struct counter item;

	ASSERT_NOT_NULL(wq);
	put_cpus(0, CPUS, 0, CPUS, 1);
	use_places();
	ASSERT_EQ(0, set_scope(wq, WQ_AFFN_CACHE, false));
	EXPECT_TRUE(pwq_of(wq, 0) == pwq_of(wq, 200));
	put_cpus(0, 128, 0, 128, 1);
	put_cpus(128, 256, 0, 128, 1);
	use_places();
	EXPECT_TRUE(pwq_of(wq, 0) == pwq_of(wq, 127));
	EXPECT_TRUE(pwq_of(wq, 0) != pwq_of(wq, 128));
	EXPECT_EQ(128u, cpumask_weight(pwq_of(wq, 128)->pool->pod_cpumask));
	counter_init(&item);
	EXPECT_TRUE(queue_work_on(200, wq, &item.work));
	EXPECT_TRUE(flush_work(&item.work) || GET(item.runs) == 1);
	EXPECT_EQ(1, GET(item.runs));
	destroy_workqueue(wq);
}

TEST(scopes_have_names)
{
	enum wq_affn_scope scope;

	for (scope = 0; scope < WQ_AFFN_NR_TYPES; scope++)
		EXPECT_EQ((int)scope, parse_affn_scope(affn_scope_name(scope)));
	EXPECT_EQ(WQ_AFFN_CACHE_SHARD, parse_affn_scope("cache_shard\n"));
	EXPECT_EQ(-EINVAL, parse_affn_scope("cach"));
	EXPECT_EQ(-EINVAL, parse_affn_scope(""));
}

TEST_HARNESS_MAIN_CPUS(CPUS)
