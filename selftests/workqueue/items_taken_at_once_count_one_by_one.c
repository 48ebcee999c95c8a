// SPDX-License-Identifier: MIT
/*
 * Proves that an item that was taken with others is one like any other: it runs once at a
 * time (C17) and all its runs are known (C19, C62), it needs a slot (C89), it is listed,
 * described, traced (C142) and counted, and a child of fork() has none of it.
 */
#include "fork_test.h"
#include "batch_test.h"

#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <trace/events/workqueue.h>
#include <uwq/stats.h>
#include <uwq/workqueue.h>

/* ---- items that run already ---- */

struct slow {
	struct work_struct work;
	struct completion may_end;
	int nr_inside, overlaps, runs;	/* atomic */
};

static void slow_func(struct work_struct *work)
{
	struct slow *slow = container_of(work, struct slow, work);

	if (ADD(slow->nr_inside, 1) > 1)
		ADD(slow->overlaps, 1);
	if (ADD(slow->runs, 1) == 1)
		wait_for_completion(&slow->may_end);
	ADD(slow->nr_inside, -1);
}

static void slow_start(struct slow *slow, struct workqueue_struct *wq)
{
	INIT_WORK(&slow->work, slow_func);
	init_completion(&slow->may_end);
	slow->nr_inside = slow->overlaps = slow->runs = 0;
	queue(wq, &slow->work);
	while (!GET(slow->runs))
		nap_us(100);
}

TEST_F_FOR(queue, running_one_is_not_begun_again, SEVERAL_SLOTS)
{
	struct noted behind;
	struct slow slow;

	for (int round = 0; round < ENOUGH; round++) {
		noted_init(&behind, noted_func);
		slow_start(&slow, self->wq);
		begin_held(self->wq, &leader);
		queue(self->wq, &first.work);
		queue(self->wq, &slow.work);
		queue(self->wq, &behind.work);
		hold_release();
		EXPECT_TRUE(COMES_TRUE(GET(behind.place)));
		EXPECT_EQ(1, GET(slow.runs));
		complete(&slow.may_end);
		flush_workqueue(self->wq);
		EXPECT_EQ(0, GET(slow.overlaps));
		ASSERT_EQ(2, GET(slow.runs));
	}
}

static bool cancel_is_over;	/* atomic */

static void *cancel_thread(void *work)
{
	cancel_work_sync(work);
	SET(cancel_is_over, true);
	return NULL;
}

/* It runs in two pools (C19), and both runs are waited for (C62). */
TEST_F(queue, run_in_another_pool_is_not_forgotten)
{
	struct workqueue_struct *high = alloc_workqueue("high", WQ_PERCPU | WQ_HIGHPRI, 0);
	struct slow slow;

	ASSERT_NOT_NULL(high);
	for (int round = 0; round < ENOUGH; round++) {
		pthread_t thread;

		SET(cancel_is_over, false);
		slow_start(&slow, high);
		begin_held(self->wq, &leader);
		queue(self->wq, &first.work);
		queue(self->wq, &slow.work);
		hold_release();
		flush_workqueue(self->wq);
		EXPECT_EQ(2, GET(slow.runs));
		thread = start_thread(cancel_thread, &slow.work);
		nap_us(1000);
		EXPECT_FALSE(GET(cancel_is_over));
		complete(&slow.may_end);
		pthread_join(thread, NULL);
	}
	destroy_workqueue(high);
}

/* ---- slots ---- */

static int nr_inside, most_inside;	/* atomic */

static void block_inside(struct work_struct *work)
{
	int nr = ADD(nr_inside, 1);

	(void)work;
	if (nr > GET(most_inside))
		SET(most_inside, nr);
	schedule_timeout_uninterruptible(1);
	ADD(nr_inside, -1);
}

TEST_F_FOR(queue, no_more_at_once_than_the_limit_says, SEVERAL_SLOTS)
{
	struct work_struct items[8];

	workqueue_set_max_active(self->wq, 2);
	for (int round = 0; round < ENOUGH; round++) {
		begin_held(self->wq, &leader);
		for (int i = 0; i < 8; i++) {
			INIT_WORK(&items[i], block_inside);
			queue(self->wq, &items[i]);
		}
		hold_release();
		flush_workqueue(self->wq);
		ASSERT_GE(2, GET(most_inside));
	}
}

/* Two are in slots when the limit becomes one: who follows has to wait for both. */
TEST_F_FOR(queue, lowered_limit_is_kept, SEVERAL_SLOTS)
{
	struct noted next;
	struct blocker blocker;

	for (int round = 0; round < ENOUGH; round++) {
		noted_init(&next, noted_func);
		noted_init(&first, noted_func);
		workqueue_set_max_active(self->wq, 3);
		blocker_start_on(&blocker, 0, self->wq);
		begin_held(self->wq, &leader);
		queue(self->wq, &first.work);
		items_in_flight(self->wq);
		workqueue_set_max_active(self->wq, 1);
		queue(self->wq, &next.work);
		items_in_flight(self->wq);
		hold_release();
		EXPECT_TRUE(COMES_TRUE(GET(first.place) && pool_rests(self->pool)));
		ASSERT_EQ(0, GET(next.place));
		blocker_release(&blocker);
		flush_workqueue(self->wq);
		ASSERT_NE(0, GET(next.place));
	}
}

/* ---- between two items ---- */

/* Let the worker claim @second after the first one, and stop there. */
static void claim_second(struct workqueue_struct *wq, struct work_struct *second)
{
	gate_close(&claimed);
	gate_close(&may_begin);
	begin_held(wq, &leader);
	queue(wq, &first.work);
	queue(wq, second);
	SET(hold_claimed, true);
	hold_release();
	while (!GET(claimed.open) && work_pending(second))
		nap_us(100);
	SET(hold_claimed, false);
}

static int nr_listed;		/* atomic */
static bool list_is_over;	/* atomic */

static void count_listed(const struct uwq_work_info *info, void *work)
{
	if (info->work == work)
		ADD(nr_listed, 1);
}

static void *list_thread(void *work)
{
	uwq_work_for_each(count_listed, work);
	SET(list_is_over, true);
	return NULL;
}

static void stay_until_listed(struct work_struct *work)
{
	long until = now_ms() + 10000 * KS_SLOW;

	(void)work;
	while (!GET(list_is_over) && now_ms() < until)
		nap_us(100);
}

/* It is neither waiting nor running yet; who asks waits for the moment that this takes. */
TEST_F(queue, one_that_is_about_to_run_is_listed)
{
	struct work_struct second;
	int met = 0;

	INIT_WORK(&second, stay_until_listed);
	for (int round = 0; met < ENOUGH && round < 100 * ENOUGH; round++) {
		pthread_t thread;

		SET(list_is_over, false);
		SET(nr_listed, 0);
		claim_second(self->wq, &second);
		if (GET(claimed.open)) {
			met++;
			thread = start_thread(list_thread, &second);
			nap_us(1000);
			EXPECT_FALSE(GET(list_is_over));
			gate_open(&may_begin);
			pthread_join(thread, NULL);
			ASSERT_EQ(1, GET(nr_listed));
		}
		SET(list_is_over, true);
		flush_workqueue(self->wq);
	}
	EXPECT_EQ(ENOUGH, met);
}

/* ---- counting and describing ---- */

static struct worker *described;	/* atomic */
static u64 described_at;		/* by the same worker */
static int nr_checked;			/* atomic */

static void describe_oneself(struct work_struct *work)
{
	(void)work;
	SET(described, this_worker);
	nap_us(2000);
	run_clock_set(ktime_get_ns());
	described_at = run_clock_read();
	/* set_worker_desc() would take the others back */
	__atomic_store_n(&this_worker->desc_run, worker_run(this_worker), __ATOMIC_RELAXED);
}

static void check_description(struct work_struct *work)
{
	(void)work;
	if (GET(described) != this_worker || !owns_batch(this_worker))
		return;
	ADD(nr_checked, 1);
	RIGHT(this_worker->run_since >= described_at);
	RIGHT(this_worker->desc_run != worker_run(this_worker));
	RIGHT(wq_worker_last_func(current) == describe_oneself);
}

TEST_F(queue, each_run_is_one_of_its_own)
{
	struct work_struct one, two;
	struct uwq_wq_stats before, after;
	unsigned long started;

	INIT_WORK(&one, describe_oneself);
	INIT_WORK(&two, check_description);
	for (int round = 0; GET(nr_checked) < ENOUGH && round < 100 * ENOUGH; round++) {
		flush_workqueue(self->wq);
		SET(first.place, 0);
		uwq_wq_stats(self->wq, &before);
		started = GET(self->pool->nr_started);
		begin_held(self->wq, &leader);
		queue(self->wq, &one);
		queue(self->wq, &two);
		queue(self->wq, &first.work);
		hold_release();
		/* a flush would take them back */
		ASSERT_TRUE(COMES_TRUE(GET(first.place)));
		EXPECT_TRUE(COMES_TRUE(pool_rests(self->pool)));
		uwq_wq_stats(self->wq, &after);
		ASSERT_EQ(after.started, after.completed);
		ASSERT_EQ(4ul, after.started - before.started);
		ASSERT_EQ(after.started - before.started, GET(self->pool->nr_started) - started);
	}
	EXPECT_EQ(ENOUGH, GET(nr_checked));
}

/* ---- tracing ---- */

static int nr_activated, nr_started, nr_ended;	/* atomic */

static void on_activate(void *data, struct work_struct *work)
{
	(void)data;
	(void)work;
	ADD(nr_activated, 1);
}

static void on_start(void *data, struct work_struct *work)
{
	(void)data;
	(void)work;
	ADD(nr_started, 1);
}

static void on_end(void *data, struct work_struct *work, work_func_t func)
{
	(void)data;
	(void)work;
	(void)func;
	ADD(nr_ended, 1);
}

TEST_F(queue, each_is_traced)
{
	ASSERT_EQ(0, register_trace_workqueue_activate_work(on_activate, NULL));
	ASSERT_EQ(0, register_trace_workqueue_execute_start(on_start, NULL));
	ASSERT_EQ(0, register_trace_workqueue_execute_end(on_end, NULL));
	begin_held(self->wq, &leader);
	for (int i = 0; i < 6; i++) {
		noted_init(&exact[i], brief_func);
		queue(self->wq, &exact[i].work);
	}
	hold_release();
	flush_workqueue(self->wq);
	EXPECT_EQ(7, GET(nr_started));
	EXPECT_EQ(7, GET(nr_ended));
	EXPECT_EQ(7, GET(nr_activated));
	EXPECT_EQ(0, unregister_trace_workqueue_activate_work(on_activate, NULL));
	EXPECT_EQ(0, unregister_trace_workqueue_execute_start(on_start, NULL));
	EXPECT_EQ(0, unregister_trace_workqueue_execute_end(on_end, NULL));
}

/* ---- fork ---- */

static struct workqueue_struct *forked_wq;	/* atomic */
static int child_result;			/* atomic */

static void use_in_child(void)
{
	CHECK(!pwq_of(forked_wq)->pool->batchers);
	CHECK(!pwq_of(forked_wq)->nr_total && !pwq_of(forked_wq)->nr_active);
	queue(forked_wq, &leader.work);
	flush_workqueue(forked_wq);
	CHECK(!pwq_of(forked_wq)->nr_active);
}

static void fork_in_function(struct work_struct *work)
{
	(void)work;
	SET(uwq_test_point_hook, NULL);
	SET(child_result, in_child(use_in_child));
}

/* Some items of the batch are over, one runs, and some have not begun. */
TEST_F(queue, child_counts_none_of_them)
{
	struct work_struct forking;

	forked_wq = self->wq;
	INIT_WORK(&forking, fork_in_function);
	begin_held(self->wq, &leader);
	queue(self->wq, &first.work);
	queue(self->wq, &forking);
	for (int i = 0; i < 4; i++) {
		noted_init(&exact[i], brief_func);
		queue(self->wq, &exact[i].work);
	}
	hold_release();
	flush_workqueue(self->wq);
	EXPECT_EQ(0, GET(child_result));
}

TEST_HARNESS_MAIN
