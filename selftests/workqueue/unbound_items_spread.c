// SPDX-License-Identifier: MIT
/*
 * Proves C11 as far as it has a meaning here (there are no pods to rotate over): items of
 * an unbound queue are not tied to the CPU of the thread that queued them. As many
 * run at the same time as there are CPUs, though all come from one pinned thread, and
 * their workers may use every CPU of the queue's attributes, not just the producer's.
 */
#include "wq_test.h"

struct item {
	struct work_struct work;
	cpu_set_t allowed;
	int cpu;	/* atomic */
};

static int inside, wanted;	/* atomic */
static struct gate together;

/* Ends only when all are in here at the same time. */
static void meet(struct work_struct *work)
{
	struct item *item = container_of(work, struct item, work);

	sched_getaffinity(0, sizeof(item->allowed), &item->allowed);
	SET(item->cpu, sched_getcpu());
	if (ADD(inside, 1) == GET(wanted))
		gate_open(&together);
	gate_wait(&together);
}

static void check(struct __test_metadata *_metadata, struct workqueue_struct *wq, int nr,
		  const cpu_set_t *expected)
{
	struct item items[16];
	int i;

	SET(inside, 0);
	SET(wanted, nr);
	gate_close(&together);
	for (i = 0; i < nr; i++) {
		INIT_WORK(&items[i].work, meet);
		ASSERT_TRUE(queue_work(wq, &items[i].work));
	}
	for (i = 0; i < nr; i++) {
		flush_work(&items[i].work);
		EXPECT_TRUE(CPU_EQUAL(expected, &items[i].allowed));
		EXPECT_TRUE(CPU_ISSET(GET(items[i].cpu), expected));
	}
	EXPECT_EQ(nr, GET(inside));
}

TEST(one_pinned_producer_many_cpus)
{
	struct workqueue_struct *wq = alloc_workqueue("spread", WQ_UNBOUND, 0);
	cpu_set_t all;

	ASSERT_NOT_NULL(wq);
	sched_getaffinity(0, sizeof(all), &all);
	if (!pin_to_real_cpu(sched_getcpu()))
		SKIP(return, "the system does not let threads be pinned");
	check(_metadata, wq, CPU_COUNT(&all) < 16 ? CPU_COUNT(&all) : 16, &all);
	destroy_workqueue(wq);
}

TEST(producer_outside_the_cpus_of_the_queue)
{
	struct workqueue_attrs *attrs;
	struct workqueue_struct *wq;
	cpu_set_t all, other;
	int cpu;

	sched_getaffinity(0, sizeof(all), &all);
	if (CPU_COUNT(&all) < 2 || !pin_to_real_cpu(sched_getcpu()))
		SKIP(return, "needs two CPUs and leave to pin threads");
	wq = alloc_workqueue("elsewhere", WQ_UNBOUND, 0);
	attrs = alloc_workqueue_attrs();
	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(attrs);
	cpumask_clear(attrs->cpumask);
	CPU_ZERO(&other);
	for (cpu = 0; cpu < (int)nr_cpu_ids; cpu++) {
		if (cpu == sched_getcpu() || !CPU_ISSET(cpu, &all))
			continue;
		cpumask_set_cpu(cpu, attrs->cpumask);
		CPU_SET(cpu, &other);
	}
	ASSERT_EQ(0, apply_workqueue_attrs(wq, attrs));
	check(_metadata, wq, CPU_COUNT(&other) < 16 ? CPU_COUNT(&other) : 16, &other);
	free_workqueue_attrs(attrs);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
