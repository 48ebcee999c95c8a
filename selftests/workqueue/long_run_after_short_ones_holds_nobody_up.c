// SPDX-License-Identifier: MIT
/*
 * Proves a part of U1: an unbound pool whose functions take nanoseconds is served by one
 * worker, but an item that waits behind a long run gets another as soon as that blocks,
 * and soon if it computes; and so do items that wait behind many runs, each of which is
 * over soon, but not after nanoseconds. The monitor's other reasons are switched off.
 */
#include "wq_test.h"

#include "workqueue/params.h"

#define PATIENCE_MS	10000
#define NEVER_MS	1000000

static int others;	/* atomic: runs of other_func() */

static void other_func(struct work_struct *work)
{
	(void)work;
	ADD(others, 1);
}

static int saw_other;	/* atomic */
static int before;	/* atomic: others when the two were queued; either may begin first */

/* Computes until other_func() has run. */
static void compute_func(struct work_struct *work)
{
	long until = now_ms() + PATIENCE_MS;

	(void)work;
	while (GET(others) == GET(before) && now_ms() < until)
		;
	SET(saw_other, GET(others) != GET(before));
}

/* The same, asleep. */
static void block_func(struct work_struct *work)
{
	(void)work;
	for (int i = 0; GET(others) == GET(before) && i < PATIENCE_MS; i++)
		schedule_timeout_uninterruptible(1);
	SET(saw_other, GET(others) != GET(before));
}

FIXTURE(queue) {
	struct workqueue_struct *wq;
	struct worker_pool *pool;
};

FIXTURE_SETUP(queue)
{
	WRITE_ONCE(wq_params.stall_ms, NEVER_MS);
	WRITE_ONCE(wq_params.liveness_ms, NEVER_MS);
	self->wq = alloc_workqueue("short", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(self->wq);
	self->pool = self->wq->dfl_pwq->pool;
	ASSERT_EQ(self->pool->max_running, 2);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

static bool runs_short(struct worker_pool *pool)
{
	bool is_short;

	pool_lock(pool);
	is_short = pool->runs_short;
	pool_unlock(pool);
	return is_short;
}

static void run_many(struct workqueue_struct *wq)
{
	struct work_struct works[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(works); i++) {
		INIT_WORK(&works[i], other_func);
		queue_work(wq, &works[i]);
	}
	for (i = 0; i < ARRAY_SIZE(works); i++)
		flush_work(&works[i]);
}

TEST_F(queue, short_runs_are_noticed)
{
	long until = now_ms() + PATIENCE_MS;

#ifdef UWQ_SANITIZE
	SKIP(return, "no run is short with a sanitizer");
#endif
	if (KS_DELAYS)
		SKIP(return, "no run is short with delays");
	while (!runs_short(self->pool) && now_ms() < until)
		run_many(self->wq);
	EXPECT_TRUE(runs_short(self->pool));
}

/* @func does not end before an item that was queued after it has run. */
static void expect_other_runs(struct __test_metadata *_metadata, struct workqueue_struct *wq,
			      struct worker_pool *pool, work_func_t func)
{
	struct work_struct first, other;
	int i;

	INIT_WORK(&first, func);
	INIT_WORK(&other, other_func);
	for (i = 0; i < 5; i++) {
		pretend_short_runs(pool);
		SET(saw_other, 0);
		SET(before, GET(others));
		ASSERT_TRUE(queue_work(wq, &first));
		ASSERT_TRUE(queue_work(wq, &other));
		flush_work(&first);
		flush_work(&other);
		ASSERT_EQ(1, GET(saw_other));
	}
}

TEST_F(queue, while_it_computes)
{
	run_many(self->wq);
	expect_other_runs(_metadata, self->wq, self->pool, compute_func);
}

TEST_F(queue, while_it_is_blocked)
{
	run_many(self->wq);
	expect_other_runs(_metadata, self->wq, self->pool, block_func);
}

/* ---- runs that are neither ---- */

#define NR_MEDIUM	4
#define NOT_COUNTED	64	/* runs until all is as the test wants it */

static struct medium {
	struct workqueue_struct *wq;
	struct work_struct works[NR_MEDIUM];
	int nr_runs, at_once, saw_two;	/* atomic */
	long until;
} medium;

/* For a tenth of a millisecond, again and again. None of them is measured. */
static void medium_func(struct work_struct *work)
{
	s64 end = ktime_get_ns() + 100 * NSEC_PER_USEC;
	int nr = __atomic_add_fetch(&medium.nr_runs, 1, __ATOMIC_ACQ_REL);

	this_worker->measured_run = ULONG_MAX;
	if (nr == NOT_COUNTED)
		pretend_short_runs(this_worker->pool);
	if (__atomic_add_fetch(&medium.at_once, 1, __ATOMIC_ACQ_REL) > 1 && nr > NOT_COUNTED)
		SET(medium.saw_two, 1);
	while ((s64)ktime_get_ns() < end)
		;
	__atomic_sub_fetch(&medium.at_once, 1, __ATOMIC_ACQ_REL);
	if (!GET(medium.saw_two) && now_ms() < medium.until)
		queue_work(medium.wq, work);
}

TEST_F(queue, while_none_is_long)
{
	int i;

	medium.wq = self->wq;
	medium.until = now_ms() + PATIENCE_MS;
	for (i = 0; i < NR_MEDIUM; i++) {
		INIT_WORK(&medium.works[i], medium_func);
		ASSERT_TRUE(queue_work(self->wq, &medium.works[i]));
	}
	while (!GET(medium.saw_two) && now_ms() < medium.until)
		schedule_timeout_uninterruptible(1);
	EXPECT_TRUE(GET(medium.saw_two));
	for (i = 0; i < NR_MEDIUM; i++)
		cancel_work_sync(&medium.works[i]);
}

TEST_HARNESS_MAIN_CPUS(2)
