// SPDX-License-Identifier: MIT
/*
 * Proves U18 for threads: from freeze_kernel_threads() to thaw_kernel_threads() kthreads
 * that have called set_freezable() stand still in try_to_freeze() and in freezable
 * waits, and freezable queues start nothing. Other kthreads go on. kthread_stop() gets
 * past the freezer where the kthread asks kthread_freezable_should_stop(). What does not
 * come to rest is named, and everything goes on.
 */
#include "wq_test.h"

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/freezer.h>
#include <linux/kthread.h>

#include "kernel-compat/freezer.h"

struct body {
	struct task_struct *task;
	wait_queue_head_t wq;
	long steps;		/* atomic */
	int event, froze, in_wait;	/* atomic */
};

static void body_start(struct body *body, int (*fn)(void *arg))
{
	memset(body, 0, sizeof(*body));
	init_waitqueue_head(&body->wq);
	body->task = kthread_run(fn, body, "freezable");
	if (IS_ERR(body->task))
		abort();
	COMES_TRUE(GET(body->steps) > 3 || GET(body->in_wait));
}

static int walks(void *arg)
{
	struct body *body = arg;

	set_freezable();
	while (!kthread_should_stop()) {
		if (try_to_freeze())
			ADD(body->froze, 1);
		ADD(body->steps, 1);
		usleep_range(100, 200);
	}
	return 0;
}

static int never_asks(void *arg)
{
	struct body *body = arg;

	while (!kthread_should_stop()) {
		try_to_freeze();	/* not freezable: nothing */
		ADD(body->steps, 1);
		usleep_range(100, 200);
	}
	return 0;
}

static int stuck(void *arg)
{
	struct body *body = arg;

	set_freezable();
	while (!kthread_should_stop()) {
		ADD(body->steps, 1);
		usleep_range(100, 200);
	}
	return 0;
}

static int waits(void *arg)
{
	struct body *body = arg;

	set_freezable();
	while (!kthread_should_stop()) {
		SET(body->in_wait, 1);
		wait_event_freezable(body->wq, GET(body->event) || kthread_should_stop());
		ADD(body->steps, 1);
		SET(body->event, 0);
	}
	return 0;
}

static int stops(void *arg)
{
	struct body *body = arg;
	bool was_frozen;

	set_freezable();
	while (!kthread_freezable_should_stop(&was_frozen)) {
		ADD(body->steps, 1);
		usleep_range(100, 200);
	}
	SET(body->froze, was_frozen);
	return 0;
}

TEST(they_stand_and_go_on)
{
	struct body walker, other;
	long before;

	body_start(&walker, walks);
	body_start(&other, never_asks);
	for (int round = 1; round <= 5; round++) {
		ASSERT_EQ(0, freeze_kernel_threads());
		EXPECT_TRUE(freezing(walker.task));
		EXPECT_TRUE(frozen(walker.task));
		EXPECT_FALSE(freezing(other.task));
		EXPECT_FALSE(freezing(current));
		before = GET(walker.steps);
		SET(other.steps, 0);
		EXPECT_TRUE(COMES_TRUE(GET(other.steps) > 10));
		EXPECT_EQ(before, GET(walker.steps));
		thaw_kernel_threads();
		EXPECT_FALSE(freezing(walker.task));
		EXPECT_TRUE(COMES_TRUE(GET(walker.steps) > before));
		EXPECT_EQ(round, GET(walker.froze));
	}
	kthread_stop(walker.task);
	kthread_stop(other.task);
}

TEST(freezable_wait_is_not_left)
{
	struct body waiter;

	body_start(&waiter, waits);
	ASSERT_EQ(0, freeze_kernel_threads());
	EXPECT_TRUE(frozen(waiter.task));
	SET(waiter.event, 1);
	wake_up(&waiter.wq);
	nap_us(5000);
	EXPECT_EQ(0, GET(waiter.steps));
	thaw_kernel_threads();
	EXPECT_TRUE(COMES_TRUE(GET(waiter.steps) == 1));
	kthread_stop(waiter.task);
}

TEST(kthread_stop_gets_past_it)
{
	struct body body;
	long before;

	body_start(&body, stops);
	ASSERT_EQ(0, freeze_kernel_threads());
	before = GET(body.steps);
	EXPECT_EQ(0, kthread_stop(body.task));
	EXPECT_EQ(before, GET(body.steps));
	EXPECT_EQ(1, GET(body.froze));
	thaw_kernel_threads();
}

static int born(void *arg)
{
	struct body *body = arg;

	SET(body->in_wait, 1);
	SET(body->froze, set_freezable());
	ADD(body->steps, 1);
	while (!kthread_should_stop())
		usleep_range(100, 200);
	return 0;
}

TEST(one_that_comes_later_stands_at_once)
{
	struct body body;

	ASSERT_EQ(0, freeze_kernel_threads());
	body_start(&body, born);
	nap_us(3000);
	EXPECT_EQ(0, GET(body.steps));
	thaw_kernel_threads();
	EXPECT_TRUE(COMES_TRUE(GET(body.steps) == 1));
	EXPECT_EQ(1, GET(body.froze));
	kthread_stop(body.task);
}

TEST(queues_are_frozen_with_them)
{
	struct counter counter;

	/* its worker is there */
	counter_init(&counter);
	queue_work_on(0, system_freezable_wq, &counter.work);
	flush_work(&counter.work);
	ASSERT_EQ(0, freeze_kernel_threads());
	queue_work_on(0, system_freezable_wq, &counter.work);
	nap_us(10000);
	EXPECT_EQ(1, GET(counter.runs));
	thaw_kernel_threads();
	flush_work(&counter.work);
	EXPECT_EQ(2, GET(counter.runs));
}

TEST(what_does_not_rest_is_named)
{
	struct body body, walker;
	struct blocker blocker;
	long before;

	WRITE_ONCE(uwq_freeze_timeout_ms, 30);
	body_start(&body, stuck);
	body_start(&walker, walks);
	log_count("does not stop");
	EXPECT_EQ(-EBUSY, freeze_kernel_threads());
	EXPECT_EQ(1, GET(log_hits));
	before = GET(walker.steps);
	EXPECT_TRUE(COMES_TRUE(GET(walker.steps) > before));
	kthread_stop(body.task);

	blocker_start(&blocker, system_freezable_wq);
	log_count("freezable workqueues that are still busy");
	EXPECT_EQ(-EBUSY, freeze_kernel_threads());
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_FALSE(freezing(walker.task));
	uwq_set_log_sink(NULL, NULL);
	blocker_release(&blocker);
	flush_work(&blocker.work);
	WRITE_ONCE(uwq_freeze_timeout_ms, 20000);
	EXPECT_EQ(0, freeze_kernel_threads());
	thaw_kernel_threads();
	kthread_stop(walker.task);
}

TEST(again_and_again)
{
	struct body bodies[3];
	long before;

	body_start(&bodies[0], walks);
	body_start(&bodies[1], waits);
	body_start(&bodies[2], walks);
	for (int round = 0; round < ROUNDS(100); round++) {
		SET(bodies[1].event, 1);
		wake_up(&bodies[1].wq);
		ASSERT_EQ(0, freeze_kernel_threads());
		before = GET(bodies[0].steps) + GET(bodies[1].steps) + GET(bodies[2].steps);
		sched_yield();
		EXPECT_EQ(before, GET(bodies[0].steps) + GET(bodies[1].steps) +
			  GET(bodies[2].steps));
		thaw_kernel_threads();
	}
	for (int i = 0; i < 3; i++)
		kthread_stop(bodies[i].task);
}

TEST_HARNESS_MAIN
