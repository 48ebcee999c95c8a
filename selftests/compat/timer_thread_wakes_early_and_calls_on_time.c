// SPDX-License-Identifier: MIT
/*
 * C74, U14: the timer threads ask to be woken a little before something is due. What
 * they do with that time: they call nothing early, they listen to whoever arms for
 * sooner, and they learn to come less early. Leads far beyond the real ones make it
 * visible.
 */
#include "../kselftest_harness.h"

#include <linux/container_of.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/timer.h>

#include "kernel-compat/clock_thread.h"
#include "kernel-compat/test_points.h"
#include "time_test.h"

/* More than the lead ever is by itself */
#define LEAD_BOUND	100000u

struct timed {
	struct hrtimer hr;
	struct timer_list timer;
	uint64_t due, called_at;
	uint32_t lead;		/* what the thread had learned when it called */
	int done;
};

static void note(struct timed *t, const struct clock_thread *ct)
{
	t->called_at = real_ns();
	t->lead = ct->lead;
	store(&t->done, 1);
}

static void timer_func(struct timer_list *timer)
{
	note(container_of(timer, struct timed, timer), &uwq_timer_thread);
}

static enum hrtimer_restart hrtimer_func(struct hrtimer *hr)
{
	note(container_of(hr, struct timed, hr), &uwq_hrtimer_thread);
	return HRTIMER_NORESTART;
}

static void set_lead(struct clock_thread *ct, uint32_t ns)
{
	futex_lock(&ct->lock);
	ct->lead = ns;
	futex_unlock(&ct->lock);
}

static void start(struct timed *t, uint64_t ns)
{
	hrtimer_setup(&t->hr, hrtimer_func, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	t->due = real_ns() + ns;
	hrtimer_start(&t->hr, (ktime_t)ns, HRTIMER_MODE_REL);
}

static int early;

static void count_early(const char *name)
{
	if (!strcmp(name, "clock_thread_early"))
		add(&early, 1);
}

/* A machine that is busy may wake a thread later than it was asked to: often enough it does not. */
#define TRIES	50

TEST(an_early_wake_up_calls_nothing)
{
	struct timed t = { .done = 0 };

	__atomic_store_n(&uwq_test_point_hook, count_early, __ATOMIC_RELEASE);
	for (int i = 0; i < TRIES && !load(&early); i++) {
		store(&t.done, 0);
		set_lead(&uwq_hrtimer_thread, 50 * MS);
		start(&t, 200 * MS);
		ASSERT_TRUE(reaches(&t.done, 1));
		EXPECT_GE(t.called_at, t.due);
	}
	EXPECT_LE(1, load(&early));

	store(&early, 0);
	timer_setup(&t.timer, timer_func, 0);
	for (int i = 0; i < TRIES && !load(&early); i++) {
		uint64_t due;

		store(&t.done, 0);
		set_lead(&uwq_timer_thread, 50 * MS);
		due = real_ns() + 200 * MS;
		mod_timer(&t.timer, jiffies + 200);
		ASSERT_TRUE(reaches(&t.done, 1));
		EXPECT_GE(t.called_at, due);
	}
	EXPECT_LE(1, load(&early));
	__atomic_store_n(&uwq_test_point_hook, NULL, __ATOMIC_RELEASE);
}

static struct timed sooner;

/* In the thread, awake long before the timer that it came for is due */
static void arm_sooner(const char *name)
{
	if (strcmp(name, "clock_thread_early") || add(&early, 1) != 1)
		return;
	start(&sooner, MS);
}

TEST(what_is_due_sooner_is_not_kept_waiting)
{
	struct timed t = { .done = 0 };

	store(&early, 0);
	__atomic_store_n(&uwq_test_point_hook, arm_sooner, __ATOMIC_RELEASE);
	/* again if the thread came to its sleep too late for a lead */
	for (int i = 0; i < 6 && !load(&early); i++) {
		store(&t.done, 0);
		set_lead(&uwq_hrtimer_thread, 3000 * MS);
		start(&t, 3200 * MS);
		ASSERT_TRUE(reaches(&t.done, 1));
	}
	__atomic_store_n(&uwq_test_point_hook, NULL, __ATOMIC_RELEASE);
	ASSERT_EQ(1, load(&sooner.done));
	EXPECT_GE(sooner.called_at, sooner.due);
	EXPECT_LT(sooner.called_at, t.due);
	EXPECT_GE(t.called_at, t.due);
}

/* One early wake-up is enough; and late ones do not raise it without end. */
TEST(the_lead_stays_small)
{
	struct timed t = { .done = 0 };

	set_lead(&uwq_hrtimer_thread, 3000 * MS);
	for (int i = 0; i < 300; i++) {
		store(&t.done, 0);
		start(&t, i ? 200000 : 3010 * MS);
		ASSERT_TRUE(reaches(&t.done, 1));
		ASSERT_LE(t.lead, LEAD_BOUND);
		ASSERT_GE(t.called_at, t.due);
	}
}

TEST_HARNESS_MAIN
