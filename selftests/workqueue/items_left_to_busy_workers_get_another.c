// SPDX-License-Identifier: MIT
/*
 * Proves C102 and B32 where a worker comes and finds that more run than shall, because
 * blocked ones have gone on: it leaves what waits to them. If they compute for ever, the
 * monitor must see it, although no submitter was told to switch it on.
 */
#include "wq_test.h"

#include "kernel-compat/wait_spin.h"
#include "workqueue/params.h"

/* Sleeps until it is released, then computes until another item has run. */
struct hog {
	struct work_struct work;
	struct completion started, release;
	int *other_runs;
	int saw_other;		/* atomic */
};

static void hog_func(struct work_struct *work)
{
	struct hog *hog = container_of(work, struct hog, work);
	long until = now_ms() + 10000;

	complete(&hog->started);
	wait_for_completion(&hog->release);
	while (!GET(*hog->other_runs) && now_ms() < until)
		;
	SET(hog->saw_other, GET(*hog->other_runs));
}

static void hog_start(struct hog *hog, int cpu, struct workqueue_struct *wq, struct counter *other)
{
	INIT_WORK(&hog->work, hog_func);
	init_completion(&hog->started);
	init_completion(&hog->release);
	hog->other_runs = &other->runs;
	SET(hog->saw_other, 0);
	queue_work_on(cpu, wq, &hog->work);
	wait_for_completion(&hog->started);
}

/* The successor could be made only after the one that slept had gone on. */
TEST(successor_comes_late)
{
	struct workqueue_struct *wq = alloc_workqueue("late", WQ_PERCPU, 0);
	struct counter later;
	struct hog hog;

	ASSERT_NOT_NULL(wq);
	log_count("cannot create");
	WRITE_ONCE(wq_params.create_retry_ms, 50);
	counter_init(&later);
	hog_start(&hog, 0, wq, &later);
	uwq_test_fail_thread(1, 1);
	queue_work_on(0, wq, &later.work);
	ASSERT_TRUE(COMES_TRUE(uwq_test_thread_calls() >= 1));
	/* empties the inbox into the worklist */
	workqueue_congested(0, wq);
	complete(&hog.release);
	flush_workqueue(wq);
	EXPECT_EQ(GET(hog.saw_other), 1);
	uwq_test_fail_thread(0, 0);
	destroy_workqueue(wq);
}

#define NR_HOGS		3

struct pool_state {
	bool spins_long;
	int nr_running;
	bool spins;
};

static struct pool_state look_at(struct worker_pool *pool)
{
	struct pool_state state;

	pool_lock(pool);
	state.spins_long = !pool->habit.misses && !pool->habit.skipped && !pool->habit.skip;
	state.nr_running = pool->nr_running;
	state.spins = pool->spinner;
	pool_unlock(pool);
	return state;
}

/*
 * After one more run, does a worker poll, and for long? A spin that finds something makes the
 * next one long; there is none while one that is about to block still counts.
 */
static bool spins_after(struct workqueue_struct *wq, struct counter *brief)
{
	struct pool_state state;

	queue_work(wq, &brief->work);
	flush_work(&brief->work);
	nap_us(1000);
	state = look_at(wq->dfl_pwq->pool);
	return state.spins && state.spins_long;
}

/* The worker that finds too many running is the one that polls the inbox. */
TEST(spinner_steps_back)
{
	struct workqueue_struct *wq = alloc_workqueue("spin", WQ_UNBOUND, 0);
	unsigned int spin_us = uwq_spin_us;
	struct counter brief, later;
	struct hog hogs[NR_HOGS];
	struct worker_pool *pool;
	int i;

	ASSERT_NOT_NULL(wq);
	pool = wq->dfl_pwq->pool;
	ASSERT_EQ(pool->max_running, 2);
	/* long enough that it is still polling when all the rest has happened */
	WRITE_ONCE(uwq_spin_us, 20000000);
	counter_init(&brief);
	counter_init(&later);
	for (i = 0; i < NR_HOGS; i++)
		hog_start(&hogs[i], WORK_CPU_UNBOUND, wq, &later);
	ASSERT_TRUE(COMES_TRUE(spins_after(wq, &brief)));
	for (i = 0; i < NR_HOGS; i++)
		complete(&hogs[i].release);
	ASSERT_TRUE(COMES_TRUE(look_at(pool).nr_running == NR_HOGS + 1));
	ASSERT_TRUE(COMES_TRUE(!GET(monitor_on)));
	ASSERT_TRUE(look_at(pool).spins);
	queue_work(wq, &later.work);
	flush_workqueue(wq);
	for (i = 0; i < NR_HOGS; i++)
		EXPECT_EQ(GET(hogs[i].saw_other), 1);
	WRITE_ONCE(uwq_spin_us, spin_us);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(2)
