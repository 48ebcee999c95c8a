// SPDX-License-Identifier: MIT
/*
 * Proves C150 and the rest of the calls that run a function somewhere: on each
 * online CPU once (all finished at return), on one CPU with its value, here or in a
 * worker, near a node.
 */
#include "wq_test.h"

#include <linux/numa.h>
#include <linux/preempt.h>
#include <linux/timer.h>
#include <linux/topology.h>

#include "kernel-compat/sched_internal.h"

#define CPUS	4

static int runs[CPUS];		/* atomic */
static int wrong;		/* atomic */
static struct work_struct *items[CPUS];

static void on_each(struct work_struct *work)
{
	int cpu = raw_smp_processor_id();

	if (cpu >= CPUS || this_worker->pool->cpu != cpu) {
		ADD(wrong, 1);
		return;
	}
	SET(items[cpu], work);
	/* the slow ones must be waited for as well */
	nap_us(cpu * 1000);
	ADD(runs[cpu], 1);
}

TEST(each_cpu_once)
{
	int round, cpu, other;

	ASSERT_EQ(CPUS, num_online_cpus());
	for (round = 1; round <= 20; round++) {
		ASSERT_EQ(0, schedule_on_each_cpu(on_each));
		for (cpu = 0; cpu < CPUS; cpu++) {
			EXPECT_EQ(round, GET(runs[cpu]));
			for (other = 0; other < cpu; other++)
				EXPECT_TRUE(items[cpu] != items[other]);
		}
	}
	EXPECT_EQ(0, GET(wrong));
}

static void *call_each(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(50) + 1; i++)
		if (schedule_on_each_cpu(on_each))
			ADD(wrong, 1);
	return NULL;
}

TEST(each_cpu_from_many_threads)
{
	int cpu;

	run_threads(8, call_each, NULL);
	EXPECT_EQ(0, GET(wrong));
	for (cpu = 0; cpu < CPUS; cpu++)
		EXPECT_EQ(8 * (ROUNDS(50) + 1), GET(runs[cpu]));
}

static long where_am_i(void *arg)
{
	SET(*(long *)arg, this_worker ? this_worker->pool->cpu : -1);
	return raw_smp_processor_id() - 1000L;
}

TEST(one_cpu_and_its_value)
{
	for (int cpu = 0; cpu < CPUS; cpu++) {
		long seen = -2;

		EXPECT_EQ(cpu - 1000L, work_on_cpu(cpu, where_am_i, &seen));
		EXPECT_EQ(cpu, seen);
	}
}

/* ---- here, or in a worker ---- */

static struct execute_work ew;
static struct work_struct *got;		/* atomic */
static pthread_t executor;
static int executed, answer;		/* atomic */

static void execute(struct work_struct *work)
{
	executor = pthread_self();
	SET(got, work);
	ADD(executed, 1);
}

TEST(in_process_context_it_is_called)
{
	EXPECT_EQ(0, execute_in_process_context(execute, &ew));
	EXPECT_EQ(1, GET(executed));
	EXPECT_TRUE(pthread_equal(pthread_self(), executor));
	EXPECT_TRUE(GET(got) == &ew.work);
	EXPECT_FALSE(work_pending(&ew.work));
}

static void on_timer(struct timer_list *timer)
{
	(void)timer;
	SET(answer, execute_in_process_context(execute, &ew) + 10);
}

TEST(in_interrupt_it_is_queued)
{
	struct timer_list timer;

	/* whatever was in the storage */
	memset(&ew, 0xa5, sizeof(ew));
	timer_setup(&timer, on_timer, 0);
	mod_timer(&timer, jiffies + 1);
	ASSERT_TRUE(COMES_TRUE(GET(answer)));
	EXPECT_EQ(11, GET(answer));
	ASSERT_TRUE(COMES_TRUE(GET(executed)));
	flush_work(&ew.work);
	EXPECT_EQ(1, GET(executed));
	EXPECT_TRUE(GET(got) == &ew.work);
	timer_delete_sync(&timer);

	/* by the context word, in any thread */
	uwq_context_enter_hardirq();
	EXPECT_EQ(1, execute_in_process_context(execute, &ew));
	uwq_context_leave_hardirq();
	flush_work(&ew.work);
	EXPECT_EQ(2, GET(executed));
	EXPECT_FALSE(pthread_equal(pthread_self(), executor));
}

/* ---- nodes ---- */

TEST(near_a_node)
{
	struct workqueue_struct *wq = alloc_workqueue("node", WQ_UNBOUND, 0);
	int nodes[] = { 0, NUMA_NO_NODE, -5, MAX_NUMNODES - 1, MAX_NUMNODES, 100000 };
	struct counter item;
	size_t i;

	ASSERT_NOT_NULL(wq);
	log_count("queue_work_node");
	counter_init(&item);
	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		EXPECT_TRUE(queue_work_node(nodes[i], wq, &item.work));
		flush_work(&item.work);
		EXPECT_EQ((int)i + 1, GET(item.runs));
	}
	EXPECT_EQ(0, GET(log_hits));
	disable_work(&item.work);
	EXPECT_FALSE(queue_work_node(0, wq, &item.work));
	enable_work(&item.work);
	destroy_workqueue(wq);
}

TEST(a_bound_queue_has_no_nodes)
{
	struct workqueue_struct *wq = alloc_workqueue("node", WQ_PERCPU, 0);
	struct counter item;

	ASSERT_NOT_NULL(wq);
	log_count("which is not unbound");
	counter_init(&item);
	for (int i = 0; i < 3; i++) {
		EXPECT_TRUE(queue_work_node(0, wq, &item.work));
		flush_work(&item.work);
		EXPECT_EQ(i + 1, GET(item.runs));
	}
	EXPECT_EQ(1, GET(log_hits));
	destroy_workqueue(wq);
}

/* ---- short forms of queueing ---- */

TEST(enable_and_queue)
{
	struct workqueue_struct *wq = alloc_workqueue("enable", WQ_UNBOUND, 0);
	struct counter item;

	ASSERT_NOT_NULL(wq);
	counter_init(&item);
	disable_work(&item.work);
	disable_work(&item.work);
	EXPECT_FALSE(enable_and_queue_work(wq, &item.work));
	EXPECT_FALSE(work_pending(&item.work));
	EXPECT_TRUE(enable_and_queue_work(wq, &item.work));
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(CPUS)
