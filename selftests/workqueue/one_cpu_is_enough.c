// SPDX-License-Identifier: MIT
/*
 * Proves C8, C104, C114, C127 and U20 on a machine with a single CPU: every scope has one pod,
 * every system queue runs its items there, an item may wait for a later one, blocked ones hold
 * nobody up, an ordered queue keeps its order, and there is no other CPU to queue on.
 */
#include "pod_test.h"

static const enum wq_affn_scope scopes[] = {
	WQ_AFFN_CPU, WQ_AFFN_SMT, WQ_AFFN_CACHE, WQ_AFFN_CACHE_SHARD, WQ_AFFN_NUMA,
	WQ_AFFN_SYSTEM,
};

TEST(every_scope_has_one_pod)
{
	struct workqueue_struct *wq = alloc_workqueue("unbound", WQ_UNBOUND, 0);
	size_t i;

	ASSERT_NOT_NULL(wq);
	EXPECT_EQ(1u, nr_cpu_ids);
	put_cpus(0, 1, 0, 1, 1);
	use_places();
	for (i = 0; i < ARRAY_SIZE(scopes); i++) {
		EXPECT_EQ(1, nr_pods(scopes[i]));
		EXPECT_EQ(1u, pod_size(scopes[i], 0));
		EXPECT_EQ(0, set_scope(wq, scopes[i], i % 2));
		EXPECT_TRUE(pwq_of(wq, 0)->pool->cpu < 0);
	}
	destroy_workqueue(wq);
}

TEST(every_system_queue_works)
{
	struct workqueue_struct *const queues[] = {
		system_wq, system_percpu_wq, system_highpri_wq, system_long_wq, system_unbound_wq,
		system_dfl_wq, system_freezable_wq, system_power_efficient_wq,
		system_freezable_power_efficient_wq, system_bh_wq, system_bh_highpri_wq,
		system_dfl_long_wq,
	};
	struct counter counter;
	size_t i;

	counter_init(&counter);
	for (i = 0; i < ARRAY_SIZE(queues); i++) {
		EXPECT_TRUE(queue_work(queues[i], &counter.work));
		flush_work(&counter.work);
		EXPECT_TRUE(queue_work_on(0, queues[i], &counter.work));
		flush_work(&counter.work);
	}
	EXPECT_EQ(2 * (int)ARRAY_SIZE(queues), GET(counter.runs));
	EXPECT_EQ(0, GET(counter.overlaps));
}

/* Each waits for the next one, which is queued last. */
static struct blocker chain[32];

static void wait_for_next(struct work_struct *work)
{
	struct blocker *blocker = container_of(work, struct blocker, work);

	if (blocker != &chain[ARRAY_SIZE(chain) - 1])
		wait_for_completion(&blocker[1].release);
	complete(&blocker->release);
	ADD(blocker->runs, 1);
}

static void run_chain(struct __test_metadata *_metadata, unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("chain", flags, 0);
	size_t i;

	ASSERT_NOT_NULL(wq);
	for (i = 0; i < ARRAY_SIZE(chain); i++) {
		blocker_init(&chain[i]);
		INIT_WORK(&chain[i].work, wait_for_next);
	}
	for (i = 0; i < ARRAY_SIZE(chain); i++)
		EXPECT_TRUE(queue_work(wq, &chain[i].work));
	flush_workqueue(wq);
	for (i = 0; i < ARRAY_SIZE(chain); i++)
		EXPECT_EQ(1, GET(chain[i].runs));
	destroy_workqueue(wq);
}

TEST(items_may_wait_for_later_ones)
{
	run_chain(_metadata, WQ_PERCPU);
	run_chain(_metadata, WQ_UNBOUND);
	run_chain(_metadata, WQ_PERCPU | WQ_HIGHPRI | WQ_CPU_INTENSIVE);
	run_chain(_metadata, WQ_PERCPU | WQ_MEM_RECLAIM);
}

struct numbered {
	struct work_struct work;
	int nr;
};

static int next_nr, out_of_order;	/* atomic */

static void check_order(struct work_struct *work)
{
	struct numbered *item = container_of(work, struct numbered, work);

	/* others could begin meanwhile */
	if (item->nr % 100 == 50)
		schedule_timeout_uninterruptible(1);
	if (item->nr != ADD(next_nr, 1) - 1)
		ADD(out_of_order, 1);
}

TEST(ordered_queue_keeps_order)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered", 0);
	static struct numbered items[1000];
	struct blocker head;
	int i;

	ASSERT_NOT_NULL(wq);
	/* none begins before the last change, whatever sleeps */
	blocker_start(&head, wq);
	for (i = 0; i < 1000; i++) {
		items[i].nr = i;
		INIT_WORK(&items[i].work, check_order);
		EXPECT_TRUE(queue_work(wq, &items[i].work));
		/* from then on it shares its slot with what replaces it */
		if (i >= 500 && i % 100 == 0)
			EXPECT_EQ(0, set_cpus(wq, cpumask_of(0)));
	}
	EXPECT_EQ(0, GET(next_nr));
	blocker_release(&head);
	drain_workqueue(wq);
	EXPECT_EQ(1000, GET(next_nr));
	EXPECT_EQ(0, GET(out_of_order));
	destroy_workqueue(wq);
}

TEST(there_is_no_other_cpu)
{
	struct counter counter;

	counter_init(&counter);
	log_count("CPU 1 does not exist");
	EXPECT_TRUE(queue_work_on(1, system_percpu_wq, &counter.work));
	flush_work(&counter.work);
	EXPECT_EQ(1, GET(counter.runs));
	EXPECT_EQ(1, GET(log_hits));
}

TEST_HARNESS_MAIN_CPUS(1)
