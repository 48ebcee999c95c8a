// SPDX-License-Identifier: MIT
/*
 * Proves C8, C11 and C116 on the machine's own CPUs: an item of an unbound queue is served by
 * the pod of the CPU that queued it, or was named. A strict pool's workers never leave their
 * pod; others start in it, are brought back when they wake up elsewhere (which is counted)
 * and may then use every CPU of the queue. If unbound work may not use the CPU of the
 * producer, or on demand, items take the CPUs in turn.
 */
#include "pod_test.h"

#include <linux/sched.h>

FIXTURE(queue)
{
	struct workqueue_struct *wq;
};

/* Each CPU has a cache of its own. */
FIXTURE_SETUP(queue)
{
	if (num_online_cpus() < 2)
		SKIP(return, "there is one CPU only");
	put_cpus(0, nr_cpu_ids, 0, 1, 1);
	use_places();
	self->wq = alloc_workqueue("start", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(self->wq);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

struct item {
	struct work_struct work;
	cpu_set_t allowed;
	int cpu;
	struct worker_pool *pool;
};

static void look(struct work_struct *work)
{
	struct item *item = container_of(work, struct item, work);

	sched_getaffinity(0, sizeof(item->allowed), &item->allowed);
	item->cpu = sched_getcpu();
	item->pool = this_worker->pool;
}

static void run_on(struct workqueue_struct *wq, int cpu, struct item *item)
{
	INIT_WORK(&item->work, look);
	queue_work_on(cpu, wq, &item->work);
	flush_work(&item->work);
}

static int first, last;

static void find_ends(void)
{
	first = (int)cpumask_first(cpu_online_mask);
	last = (int)cpumask_last(cpu_online_mask);
}

TEST_F(queue, strict_workers_never_leave_the_pod)
{
	struct item item;

	find_ends();
	ASSERT_EQ(0, set_scope(self->wq, WQ_AFFN_CACHE, true));
	for (int i = 0; i < 50; i++) {
		int cpu = i % 2 ? first : last;

		run_on(self->wq, cpu, &item);
		EXPECT_TRUE(item.pool == pwq_of(self->wq, cpu)->pool);
		EXPECT_EQ(1, CPU_COUNT(&item.allowed));
		EXPECT_TRUE(CPU_ISSET(cpu, &item.allowed));
		EXPECT_EQ(cpu, item.cpu);
	}
	EXPECT_EQ(0u, pwq_of(self->wq, first)->nr_repatriated);
}

TEST_F(queue, others_start_there_and_may_leave)
{
	struct item item;

	find_ends();
	ASSERT_EQ(0, set_scope(self->wq, WQ_AFFN_CACHE, false));
	run_on(self->wq, last, &item);
	EXPECT_TRUE(item.pool == pwq_of(self->wq, last)->pool);
	EXPECT_EQ((int)num_online_cpus(), CPU_COUNT(&item.allowed));
	/* another CPU has another pool */
	run_on(self->wq, first, &item);
	EXPECT_TRUE(item.pool == pwq_of(self->wq, first)->pool);
	EXPECT_TRUE(pwq_of(self->wq, first)->pool != pwq_of(self->wq, last)->pool);
}

/* Move an idle worker off its pod: it comes back for the next item. */
static void push_away(struct worker_pool *pool, int cpu)
{
	struct worker *worker;
	cpu_set_t set;
	pid_t tid = 0;

	for (long until = now_ms() + 10000; !tid && now_ms() < until; nap_us(1000)) {
		pool_lock(pool);
		list_for_each_entry(worker, &pool->idle_list, node)
			tid = task_pid_nr(worker->task);
		pool_unlock(pool);
	}
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(tid, sizeof(set), &set);
}

TEST_F(queue, a_worker_outside_comes_back)
{
	struct pool_workqueue *pwq;
	struct item item;

	find_ends();
	ASSERT_EQ(0, set_scope(self->wq, WQ_AFFN_CACHE, false));
	pwq = pwq_of(self->wq, last);
	run_on(self->wq, last, &item);
	push_away(pwq->pool, first);
	run_on(self->wq, last, &item);
	EXPECT_EQ(1u, pwq->nr_repatriated);
	EXPECT_EQ((int)num_online_cpus(), CPU_COUNT(&item.allowed));
}

/* Pods and CPUs of the last @nr items, queued by a thread on CPU @first. */
static int pods_used(struct workqueue_struct *wq, int nr, struct worker_pool **pools)
{
	struct item item;
	int i, n, used = 0;

	for (i = 0; i < nr; i++) {
		run_on(wq, WORK_CPU_UNBOUND, &item);
		for (n = 0; n < used && pools[n] != item.pool; n++)
			;
		if (n == used)
			pools[used++] = item.pool;
	}
	return used;
}

TEST_F(queue, items_take_the_cpus_in_turn_on_demand)
{
	struct worker_pool *pools[64];
	struct cpumask others;

	find_ends();
	ASSERT_EQ(0, set_scope(self->wq, WQ_AFFN_CACHE, true));
	if (!pin_to_real_cpu(first))
		SKIP(return, "the system does not let threads be pinned");
	EXPECT_EQ(1, pods_used(self->wq, 20, pools));
	EXPECT_TRUE(pools[0] == pwq_of(self->wq, first)->pool);
	/* not allowed where the producer is */
	cpumask_andnot(&others, cpu_possible_mask, cpumask_of(first));
	ASSERT_EQ(0, workqueue_set_unbound_cpumask(&others));
	EXPECT_EQ((int)num_online_cpus() - 1, pods_used(self->wq, 40, pools));
	EXPECT_TRUE(pools[0] != pwq_of(self->wq, first)->pool ||
		    pwq_of(self->wq, first) == self->wq->dfl_pwq);
	ASSERT_EQ(0, workqueue_set_unbound_cpumask(cpu_possible_mask));
}

TEST_HARNESS_MAIN
