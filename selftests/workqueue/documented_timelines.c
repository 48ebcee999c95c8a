// SPDX-License-Identifier: MIT
/*
 * Proves C98, C99 and C101: the example of the kernel's workqueue document. w0 computes,
 * sleeps, computes; w1 and w2 compute and sleep; all on one CPU. With max_active >= 3 each
 * starts when the one before it sleeps; with 2 the third waits for the first to end; as
 * CPU_INTENSIVE items w1 and w2 start together. The sleep is one of the library, a raw
 * nanosleep() that the sampler finds, or the same inside a bracket.
 *
 * The order of events is checked, not their times. Each sleeps until that has happened
 * which the document says happens meanwhile, so that a busy machine keeps the order too.
 */
#include "cm_test.h"

#include <linux/delay.h>
#include <uwq/blocking.h>

#define BURN_US		5000
#define SLEEP_MS	10

enum event {
	W0_STARTS, W0_SLEEPS, W0_WAKES, W0_ENDS,
	W1_STARTS, W1_SLEEPS, W1_ENDS,
	W2_STARTS, W2_SLEEPS, W2_ENDS,
	NR_EVENTS
};

static int when[NR_EVENTS], clock_now;	/* atomic: each event takes the next number */

static void happens(enum event event)
{
	SET(when[event], ADD(clock_now, 1));
}

static void (*one_sleep)(void);

static void sleep_in_library(void)
{
	msleep(SLEEP_MS);
}

static void sleep_raw(void)
{
	nap_us(SLEEP_MS * 1000);
}

static void sleep_in_bracket(void)
{
	uwq_blocking_scope();
	nap_us(SLEEP_MS * 1000);
}

/* What each of the three sleeps for: two events, the second may be the same. */
static enum event awaited[3][2];

static bool slept_enough(int who)
{
	return GET(when[awaited[who][0]]) && GET(when[awaited[who][1]]);
}

static void do_sleep(int who)
{
	long until = now_ms() + 10000;

	do
		one_sleep();
	while (!slept_enough(who) && now_ms() < until);
}

static void w0_func(struct work_struct *work)
{
	(void)work;
	happens(W0_STARTS);
	burn_us(BURN_US);
	happens(W0_SLEEPS);
	do_sleep(0);
	happens(W0_WAKES);
	burn_us(BURN_US);
	happens(W0_ENDS);
}

static void w1_func(struct work_struct *work)
{
	(void)work;
	happens(W1_STARTS);
	burn_us(BURN_US);
	happens(W1_SLEEPS);
	do_sleep(1);
	happens(W1_ENDS);
}

static void w2_func(struct work_struct *work)
{
	(void)work;
	happens(W2_STARTS);
	burn_us(BURN_US);
	happens(W2_SLEEPS);
	do_sleep(2);
	happens(W2_ENDS);
}

FIXTURE(timeline) {
	struct workqueue_struct *q0, *q1;
	struct work_struct w0, w1, w2;
};

FIXTURE_VARIANT(timeline) {
	void (*sleep)(void);
};

FIXTURE_VARIANT_ADD(timeline, library) { .sleep = sleep_in_library };
FIXTURE_VARIANT_ADD(timeline, raw) { .sleep = sleep_raw };
FIXTURE_VARIANT_ADD(timeline, bracket) { .sleep = sleep_in_bracket };

FIXTURE_SETUP(timeline)
{
	struct counter first;

	/* what computes for 5 ms is no hog; on this machine that may take longer */
	without_hogs();
	one_sleep = variant->sleep;
	/* in all three: w0 ends before w1, and w1 before w2 */
	awaited[0][0] = W1_SLEEPS;
	awaited[0][1] = W2_SLEEPS;
	awaited[1][0] = awaited[1][1] = W0_ENDS;
	awaited[2][0] = awaited[2][1] = W1_ENDS;
	self->q0 = NULL;
	self->q1 = NULL;
	INIT_WORK(&self->w0, w0_func);
	INIT_WORK(&self->w1, w1_func);
	INIT_WORK(&self->w2, w2_func);
	memset(when, 0, sizeof(when));
	clock_now = 0;
	/* threads are there before the play begins */
	counter_init(&first);
	queue_work_on(0, system_percpu_wq, &first.work);
	flush_work(&first.work);
}

FIXTURE_TEARDOWN(timeline)
{
	destroy_workqueue(self->q0);
	if (self->q1)
		destroy_workqueue(self->q1);
}

static void play(struct workqueue_struct *q0, struct workqueue_struct *q1,
		 struct work_struct *w0, struct work_struct *w1, struct work_struct *w2)
{
	queue_work_on(0, q0, w0);
	queue_work_on(0, q1, w1);
	queue_work_on(0, q1, w2);
	flush_work(w0);
	flush_work(w1);
	flush_work(w2);
}

#define EXPECT_ORDER(a, b)	EXPECT_LT(GET(when[a]), GET(when[b]))

static void expect_all(struct __test_metadata *_metadata)
{
	EXPECT_EQ(NR_EVENTS, GET(clock_now));
	EXPECT_EQ(1, GET(when[W0_STARTS]));
	EXPECT_EQ(2, GET(when[W0_SLEEPS]));
	EXPECT_ORDER(W0_SLEEPS, W1_STARTS);
	EXPECT_ORDER(W1_STARTS, W1_SLEEPS);
	EXPECT_ORDER(W2_STARTS, W2_SLEEPS);
	EXPECT_ORDER(W0_WAKES, W0_ENDS);
}

TEST_F(timeline, three_may_be_active)
{
	self->q0 = alloc_workqueue("q0", WQ_PERCPU, 3);
	play(self->q0, self->q0, &self->w0, &self->w1, &self->w2);
	expect_all(_metadata);
	/* each has its turn when the one before it sleeps */
	EXPECT_ORDER(W1_SLEEPS, W2_STARTS);
	EXPECT_ORDER(W2_SLEEPS, W0_WAKES);
	EXPECT_ORDER(W0_WAKES, W1_ENDS);
	EXPECT_ORDER(W1_ENDS, W2_ENDS);
}

TEST_F(timeline, two_may_be_active)
{
	/* w2 does not start before one of the others has ended */
	awaited[0][1] = W1_SLEEPS;
	self->q0 = alloc_workqueue("q0", WQ_PERCPU, 2);
	play(self->q0, self->q0, &self->w0, &self->w1, &self->w2);
	expect_all(_metadata);
	EXPECT_ORDER(W1_SLEEPS, W0_WAKES);
	EXPECT_ORDER(W0_ENDS, W2_STARTS);
	EXPECT_ORDER(W1_ENDS, W2_ENDS);
	EXPECT_ORDER(W0_ENDS, W2_ENDS);
}

TEST_F(timeline, two_are_cpu_intensive)
{
	self->q0 = alloc_workqueue("q0", WQ_PERCPU, 3);
	self->q1 = alloc_workqueue("q1", WQ_PERCPU | WQ_CPU_INTENSIVE, 3);
	play(self->q0, self->q1, &self->w0, &self->w1, &self->w2);
	expect_all(_metadata);
	/* they start managed, but do not wait for each other's sleep */
	EXPECT_ORDER(W0_SLEEPS, W2_STARTS);
	EXPECT_ORDER(W1_SLEEPS, W0_WAKES);
	EXPECT_ORDER(W2_SLEEPS, W0_WAKES);
	EXPECT_ORDER(W0_WAKES, W1_ENDS);
	EXPECT_ORDER(W0_WAKES, W2_ENDS);
}

TEST_HARNESS_MAIN
