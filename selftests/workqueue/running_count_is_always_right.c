// SPDX-License-Identifier: MIT
/*
 * Proves C97 and C99, catches B10: at any moment the running count of a pool is the
 * number of its workers that neither rest, block nor are counted out, and never negative,
 * while items block in all ways at random, in calls that the library sees and in others,
 * compute until they are counted out, leave brackets open, call the hooks themselves and
 * out of order, and while a CPU goes and comes. Also what the kernel's names of the hooks do
 * for tasks that are not workers.
 */
#include "cm_test.h"

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <uwq/blocking.h>

static DEFINE_MUTEX(mutex);
static int stop;	/* atomic */
static int runs;	/* atomic */

struct actor {
	struct work_struct work;
	struct workqueue_struct *wq;
	unsigned int seed;
};

static void act(unsigned int what)
{
	switch (what % 10) {
	case 0:
		usleep_range(50, 60);
		break;
	case 1:
		nap_us(50);
		break;
	case 2:
		mutex_lock(&mutex);
		sched_yield();
		mutex_unlock(&mutex);
		break;
	case 3:
		nap_us(3000);
		break;
	case 4:
		burn_us(1500);
		break;
	case 5:
		uwq_blocking_begin();
		nap_us(20);
		uwq_blocking_end();
		break;
	case 6:
		wq_worker_sleeping(current);
		wq_worker_sleeping(current);
		usleep_range(10, 20);
		wq_worker_running(current);
		wq_worker_running(current);
		break;
	case 7:
		wq_worker_running(current);
		wq_worker_tick(current);
		break;
	case 8:
		/* never ended: the end of the function does it */
		wq_worker_sleeping(current);
		break;
	}
}

static void actor_func(struct work_struct *work)
{
	struct actor *actor = container_of(work, struct actor, work);
	unsigned int what = (unsigned int)rand_r(&actor->seed);

	act(what);
	act(what / 10);
	ADD(runs, 1);
	if (!GET(stop))
		queue_work_on((int)(what / 100 % 2), actor->wq, work);
}

static void check_random(struct __test_metadata *_metadata, unsigned int flags, bool hotplug)
{
	struct workqueue_struct *wq = alloc_workqueue("random", flags, 0);
	struct worker_pool *pools[2];
	struct actor actors[24];
	long until = now_ms() + 600, looks = 0;

	ASSERT_NOT_NULL(wq);
	SET(wq_params.cpu_intensive_thresh_us, 1000);
	SET(wq_params.cpu_intensive_warning_thresh, 0);
	SET(wq_params.liveness_ms, 5);
	SET(stop, 0);
	SET(runs, 0);
	pools[0] = pool_on(wq, 0);
	pools[1] = pool_on(wq, 1);
	for (int i = 0; i < 24; i++) {
		INIT_WORK(&actors[i].work, actor_func);
		actors[i].wq = wq;
		actors[i].seed = (unsigned int)i;
		queue_work_on(i % 2, wq, &actors[i].work);
	}
	/* for a while, and until there was something to see */
	while (now_ms() < until || looks <= 100 || GET(runs) <= 100) {
		ASSERT_EQ(0, count_error(pools[looks % 2]));
		if (hotplug && looks % 200 == 0)
			EXPECT_EQ(0, looks % 400 ? add_cpu(1) : remove_cpu(1));
		looks++;
	}
	SET(stop, 1);
	if (hotplug && !cpu_online(1))
		EXPECT_EQ(0, add_cpu(1));
	flush_workqueue(wq);
	for (int i = 0; i < 2; i++) {
		EXPECT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(pools[i], pools[i]->nr_idle ==
						       pools[i]->nr_workers)));
		EXPECT_EQ(0, count_error(pools[i]));
		EXPECT_EQ(0, UNDER_POOL_LOCK(pools[i], pools[i]->nr_running));
	}
	TH_LOG("%d runs, %ld looks", GET(runs), looks);
	EXPECT_LT(100, GET(runs));
	EXPECT_LT(100, looks);
	destroy_workqueue(wq);
}

TEST(per_cpu)
{
	check_random(_metadata, WQ_PERCPU, false);
}

TEST(unbound)
{
	check_random(_metadata, WQ_UNBOUND, false);
}

TEST(cpu_intensive)
{
	check_random(_metadata, WQ_PERCPU | WQ_CPU_INTENSIVE, false);
}

TEST(while_a_cpu_goes_and_comes)
{
	check_random(_metadata, WQ_PERCPU, true);
}

/* ---- C99: who finishes goes on; nobody else is needed ---- */

static struct task_struct *first;	/* atomic */
static int others;			/* atomic: runs in other threads than the first */

static void short_func(struct work_struct *work)
{
	struct task_struct *nobody = NULL;

	(void)work;
	if (!__atomic_compare_exchange_n(&first, &nobody, current, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE) && nobody != current)
		ADD(others, 1);
}

TEST(one_worker_does_all_that_does_not_block)
{
	struct workqueue_struct *wq = alloc_workqueue("short", WQ_PERCPU, 0);
	static struct work_struct items[2000];

	without_hogs();
	/* one that loses its CPU gets help */
	stop_looks();
	for (int i = 0; i < 2000; i++) {
		INIT_WORK(&items[i], short_func);
		queue_work_on(0, wq, &items[i]);
	}
	flush_workqueue(wq);
	EXPECT_NOT_NULL(GET(first));
	EXPECT_EQ(0, GET(others));
	EXPECT_GE(2, UNDER_POOL_LOCK(pool_of(wq), pool_of(wq)->nr_workers));
	start_looks();
	destroy_workqueue(wq);
}

/* ---- the kernel's names ---- */

static work_func_t last_seen;
static struct task_struct *worker_task;

static void look_back(struct work_struct *work)
{
	(void)work;
	worker_task = current;
	last_seen = wq_worker_last_func(current);
}

TEST(last_func_is_the_one_before)
{
	struct workqueue_struct *wq = alloc_workqueue("last", WQ_PERCPU, 0);
	struct work_struct one, two;
	struct counter other;

	counter_init(&other);
	INIT_WORK(&one, look_back);
	INIT_WORK(&two, short_func);
	queue_work_on(0, wq, &one);
	/* a flush would be a run of its own */
	ASSERT_TRUE(COMES_TRUE(!work_busy(&one)));
	EXPECT_NULL((void *)last_seen);
	EXPECT_TRUE(wq_worker_last_func(worker_task) == look_back);
	queue_work_on(0, wq, &two);
	queue_work_on(0, wq, &one);
	flush_work(&one);
	EXPECT_TRUE(last_seen == short_func);
	EXPECT_NULL((void *)wq_worker_last_func(current));
	destroy_workqueue(wq);
}

TEST(other_tasks_are_ignored)
{
	wq_worker_sleeping(current);
	wq_worker_running(current);
	wq_worker_tick(current);
	EXPECT_NULL((void *)wq_worker_last_func(current));
}

/* A tick of the program's own finds a hog although nothing waits. */
static void tick_twice(struct work_struct *work)
{
	(void)work;
	wq_worker_tick(current);
	burn_us(3000);
	wq_worker_tick(current);
}

TEST(tick_finds_a_hog)
{
	struct workqueue_struct *wq = alloc_workqueue("tick", WQ_PERCPU, 0);
	struct work_struct work;

	SET(wq_params.cpu_intensive_thresh_us, 2000);
	INIT_WORK(&work, tick_twice);
	queue_work_on(0, wq, &work);
	flush_work(&work);
	EXPECT_EQ(1, UNDER_POOL_LOCK(pool_of(wq), wq->cpu_pwq[0]->cpu_intensive));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(2)
