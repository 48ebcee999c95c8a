// SPDX-License-Identifier: MIT
/*
 * Catches B69: what is counted about an item is counted before a fast worker can be done
 * with it. Half a million items with an empty function pass through while a watcher reads all
 * counters of the queue's pools under their locks: none is ever negative or above its
 * limit, sums agree, and all are zero when the queue is idle.
 */
#include "wq_test.h"

static struct workqueue_struct *wq;
static int stop;		/* atomic */
static int wrong, looks;	/* atomic; wrong = line of the first mistake */

#define CHECK(cond)						\
	do {							\
		if (!(cond))					\
			SET(wrong, __LINE__);			\
	} while (0)

static void check_pwq(struct pool_workqueue *pwq, bool idle)
{
	struct worker_pool *pool = pwq->pool;
	int slots = pwq->node_active ? pwq->node_active->max : pwq->max_active;
	unsigned long sum = 0;
	int color;

	pool_lock(pool);
	for (color = 0; color < WORK_NR_COLORS; color++) {
		CHECK(pwq->nr_in_flight[color] >= 0);
		sum += pwq->nr_in_flight[color];
	}
	CHECK(sum == pwq->nr_total);
	CHECK(pwq->nr_active >= 0 && pwq->nr_active <= slots);
	CHECK((unsigned long)pwq->nr_active <= pwq->nr_total);
	CHECK(pwq->nr_active == slots || list_empty(&pwq->inactive_works));
	CHECK(pool->nr_running >= 0 && pool->nr_idle >= 0 && pool->nr_waking >= 0);
	CHECK(pool->nr_running + pool->nr_idle <= pool->nr_workers);
	CHECK(pool->nr_waking <= pool->nr_running);
	/* it stays BUSY for a worker's first look, see rest.c */
	CHECK(pool->kick == pool_kick_state(pool) ||
	      (pool->spinner && pool->kick == KICK_BUSY));
	if (idle)
		CHECK(!sum && !pwq->nr_active && list_empty(&pwq->inactive_works));
	pool_unlock(pool);
	ADD(looks, 1);
}

static void check_all(bool idle)
{
	struct pool_workqueue *pwq;

	mutex_lock(&wq->mutex);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node)
		check_pwq(pwq, idle);
	mutex_unlock(&wq->mutex);
}

static void *watch(void *arg)
{
	while (!GET(stop)) {
		check_all(false);
		sched_yield();
	}
	return arg;
}

static void empty(struct work_struct *work)
{
	(void)work;
}

#define NR_ITEMS	500
#define NR_PRODUCERS	2

static void *produce(void *arg)
{
	struct work_struct items[NR_ITEMS];
	int i, nr = ROUNDS(250000), accepted = 0;

	for (i = 0; i < NR_ITEMS; i++)
		INIT_WORK(&items[i], empty);
	while (accepted < nr) {
		for (i = 0; i < NR_ITEMS; i++) {
			accepted += queue_work(wq, &items[i]);
			if (arg && i % 3 == 0)
				cancel_work(&items[i]);
		}
	}
	for (i = 0; i < NR_ITEMS; i++)
		cancel_work_sync(&items[i]);
	return NULL;
}

static void check(struct __test_metadata *_metadata, unsigned int flags, int max_active,
		  void *cancel)
{
	pthread_t watcher;

	wq = alloc_workqueue("counted", flags, max_active);
	ASSERT_NOT_NULL(wq);
	watcher = start_thread(watch, NULL);
	run_threads(NR_PRODUCERS, produce, cancel);
	SET(stop, 1);
	pthread_join(watcher, NULL);
	check_all(true);
	EXPECT_EQ(0, GET(wrong)) {
		TH_LOG("the condition in line %d was false", GET(wrong));
	}
	EXPECT_LT(0, GET(looks));
	destroy_workqueue(wq);
}

TEST(percpu)
{
	check(_metadata, WQ_PERCPU, 0, NULL);
}

TEST(percpu_with_cancels)
{
	check(_metadata, WQ_PERCPU, 3, &wq);
}

TEST(unbound)
{
	check(_metadata, WQ_UNBOUND, 0, NULL);
}

TEST(unbound_with_cancels)
{
	check(_metadata, WQ_UNBOUND, 3, &wq);
}

TEST(cpu_intensive)
{
	check(_metadata, WQ_PERCPU | WQ_CPU_INTENSIVE, 2, NULL);
}

TEST_HARNESS_MAIN
