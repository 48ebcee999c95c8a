// SPDX-License-Identifier: MIT
/*
 * hrtimer: never early to the nanosecond, in the order of their times, restarted
 * as the callback wants, cancelled exactly, in hard interrupt context;
 * schedule_hrtimeout() sleeps for the time or until woken.
 */
#include "../kselftest_harness.h"

#include <linux/errno.h>
#include <linux/hardirq.h>
#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <uwq/warn.h>

#include "time_test.h"

static int fired;

static enum hrtimer_restart count_it(struct hrtimer *timer)
{
	(void)timer;
	add(&fired, 1);
	return HRTIMER_NORESTART;
}

FIXTURE(hr) {
	struct hrtimer t;
};

FIXTURE_SETUP(hr)
{
	uwq_fake_clock_enable();
	hrtimer_setup(&self->t, count_it, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
}

FIXTURE_TEARDOWN(hr)
{
	hrtimer_cancel(&self->t);
	uwq_fake_clock_disable();
}

TEST_F(hr, exact_to_the_nanosecond)
{
	static const u64 delays[] = { 1, 999, 123456789, 86400ull * 1000000000u };

	for (size_t i = 0; i < 4; i++) {
		store(&fired, 0);
		hrtimer_start(&self->t, ns_to_ktime(delays[i]), HRTIMER_MODE_REL);
		EXPECT_TRUE(hrtimer_active(&self->t));
		EXPECT_TRUE(hrtimer_is_queued(&self->t));
		EXPECT_EQ((ktime_t)delays[i], hrtimer_get_remaining(&self->t));
		uwq_fake_clock_advance(delays[i] - 1);
		ASSERT_EQ(0, load(&fired));
		uwq_fake_clock_advance(1);
		ASSERT_EQ(1, load(&fired));
		EXPECT_FALSE(hrtimer_active(&self->t));
	}
}

TEST_F(hr, absolute_times_and_moving)
{
	ktime_t at = ktime_add_ms(ktime_get(), 5);

	hrtimer_start(&self->t, ktime_add_ms(at, 100), HRTIMER_MODE_ABS);
	hrtimer_start(&self->t, at, HRTIMER_MODE_ABS);
	EXPECT_EQ(at, hrtimer_get_expires(&self->t));
	uwq_fake_clock_advance(5 * MS);
	EXPECT_EQ(1, load(&fired));
	hrtimer_restart(&self->t);	/* for a time of the past: at once */
	uwq_fake_clock_advance(0);
	EXPECT_EQ(2, load(&fired));
}

TEST_F(hr, the_far_future_does_not_come)
{
	hrtimer_start(&self->t, KTIME_MAX, HRTIMER_MODE_REL);
	uwq_fake_clock_advance(100ull * 365 * 86400 * 1000000000u);
	EXPECT_EQ(0, load(&fired));
	EXPECT_EQ(1, hrtimer_cancel(&self->t));
	EXPECT_EQ(0, hrtimer_cancel(&self->t));
	EXPECT_EQ(0, hrtimer_try_to_cancel(&self->t));
}

TEST_F(hr, other_clocks)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_TAI };

	if (KS_DELAYS)
		SKIP(return, "no two clocks are read at the same time");
	for (int i = 0; i < 3; i++) {
		store(&fired, 0);
		hrtimer_setup(&self->t, count_it, clocks[i], HRTIMER_MODE_ABS);
		hrtimer_start(&self->t, hrtimer_cb_get_time(&self->t) + (ktime_t)MS,
			      HRTIMER_MODE_ABS);
		uwq_fake_clock_advance(MS / 2);
		EXPECT_EQ(0, load(&fired));
		uwq_fake_clock_advance(MS);
		EXPECT_EQ(1, load(&fired));
	}
}

static enum hrtimer_restart every_ms(struct hrtimer *timer)
{
	add(&fired, (int)hrtimer_forward_now(timer, ms_to_ktime(1)));
	return HRTIMER_RESTART;
}

TEST_F(hr, a_period_counts_what_it_missed)
{
	hrtimer_setup(&self->t, every_ms, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&self->t, ms_to_ktime(1), HRTIMER_MODE_REL);
	for (int i = 1; i <= 20; i++) {
		uwq_fake_clock_advance(MS);
		ASSERT_EQ(i, load(&fired));
	}
	uwq_fake_clock_advance(1000 * MS);
	EXPECT_EQ(1020, load(&fired));
	EXPECT_EQ(1, hrtimer_cancel(&self->t));
	uwq_fake_clock_advance(10 * MS);
	EXPECT_EQ(1020, load(&fired));
}

static struct {
	int hardirq, softirq, irqs_off;
} seen;

static enum hrtimer_restart look_around(struct hrtimer *timer)
{
	(void)timer;
	seen.hardirq = !!in_hardirq();
	seen.softirq = !!in_serving_softirq();
	seen.irqs_off = irqs_disabled();
	return HRTIMER_NORESTART;
}

TEST_F(hr, callbacks_are_in_interrupt_context)
{
	hrtimer_setup(&self->t, look_around, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&self->t, 1, HRTIMER_MODE_REL);
	uwq_fake_clock_advance(1);
	EXPECT_EQ(1, seen.hardirq);
	EXPECT_EQ(1, seen.irqs_off);
	hrtimer_setup(&self->t, look_around, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	hrtimer_start(&self->t, 1, HRTIMER_MODE_REL_SOFT);
	uwq_fake_clock_advance(1);
	EXPECT_EQ(0, seen.hardirq);
	EXPECT_EQ(1, seen.softirq);
	EXPECT_EQ(0, seen.irqs_off);
}

/* ---- the heap, against a model ---- */

#define NR	500

static struct modelled {
	struct hrtimer timer;
	ktime_t due;
	int turn;
} all[NR];

static ktime_t last_due;
static int wrong, last_turn;

static enum hrtimer_restart check_it(struct hrtimer *timer)
{
	struct modelled *m = container_of(timer, struct modelled, timer);

	if (!m->due || ktime_get() < m->due || m->due < last_due ||
	    (m->due == last_due && m->turn < last_turn))
		add(&wrong, 1);
	last_due = m->due;
	last_turn = m->turn;
	m->due = 0;
	return HRTIMER_NORESTART;
}

TEST_F(hr, a_random_mix_agrees_with_a_model)
{
	uint64_t rnd = 2463534242u;
	int late = 0, turn = 0;

	for (int i = 0; i < NR; i++)
		hrtimer_setup(&all[i].timer, check_it, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	for (int round = 0; round < 20000; round++) {
		struct modelled *m = &all[next_random(&rnd) % NR];
		/* Few different times, so that many are equal */
		u64 delay = 1 + next_random(&rnd) % 200;

		if (round % 16 == 0) {
			last_due = 0;
			uwq_fake_clock_advance(next_random(&rnd) % 40);
			for (int i = 0; i < NR; i++)
				late += all[i].due && all[i].due <= ktime_get();
		} else if (next_random(&rnd) % 4 == 0) {
			ASSERT_EQ(m->due != 0, hrtimer_cancel(&m->timer));
			m->due = 0;
		} else {
			m->due = ktime_get() + (ktime_t)delay;
			m->turn = ++turn;
			hrtimer_start(&m->timer, ns_to_ktime(delay), HRTIMER_MODE_REL);
		}
	}
	EXPECT_EQ(0, load(&wrong));
	EXPECT_EQ(0, late);
	for (int i = 0; i < NR; i++)
		hrtimer_cancel(&all[i].timer);
}

/* ---- the real clock ---- */

static int entered, may_leave;

static enum hrtimer_restart stay_until_told(struct hrtimer *timer)
{
	(void)timer;
	add(&entered, 1);
	while (!load(&may_leave))
		nap_us(100);
	nap_us(1000);
	add(&fired, 1);
	return HRTIMER_RESTART;
}

static void *let_go(void *arg)
{
	(void)arg;
	nap_us(30000);
	store(&may_leave, 1);
	return NULL;
}

TEST(cancel_waits_for_the_callback)
{
	struct hrtimer t;
	pthread_t thread;

	hrtimer_setup(&t, stay_until_told, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&t, 1000, HRTIMER_MODE_REL);
	ASSERT_TRUE(reaches(&entered, 1));
	EXPECT_EQ(-1, hrtimer_try_to_cancel(&t));
	EXPECT_TRUE(hrtimer_active(&t));
	pthread_create(&thread, NULL, let_go, NULL);
	EXPECT_EQ(1, hrtimer_cancel(&t));
	EXPECT_EQ(1, load(&fired));
	EXPECT_FALSE(hrtimer_active(&t));
	pthread_join(thread, NULL);
}

static enum hrtimer_restart cancel_me(struct hrtimer *timer)
{
	hrtimer_cancel(timer);
	add(&fired, 1);
	return HRTIMER_NORESTART;
}

TEST(cancelling_oneself_is_reported_and_does_not_hang)
{
	unsigned long warned = uwq_warn_count();
	struct hrtimer t;

	hrtimer_setup(&t, cancel_me, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&t, 1000, HRTIMER_MODE_REL);
	EXPECT_TRUE(reaches(&fired, 1));
	EXPECT_EQ(warned + 1, uwq_warn_count());
}

TEST(schedule_hrtimeout_sleeps_for_the_time)
{
	for (u64 ns = 1000; ns < 20 * MS; ns *= 3) {
		ktime_t wait = ns_to_ktime(ns);
		uint64_t before = real_ns();

		set_current_state(TASK_UNINTERRUPTIBLE);
		EXPECT_EQ(0, schedule_hrtimeout(&wait, HRTIMER_MODE_REL));
		EXPECT_GE(real_ns(), before + ns);
		EXPECT_EQ(TASK_RUNNING, get_current_state());
	}
}

static void *wake_it(void *task)
{
	nap_us(20000);
	wake_up_process(task);
	return NULL;
}

TEST(schedule_hrtimeout_is_ended_by_a_wake_up)
{
	ktime_t wait = ns_to_ktime(60ull * 1000000000u);
	pthread_t thread;

	pthread_create(&thread, NULL, wake_it, current);
	set_current_state(TASK_INTERRUPTIBLE);
	EXPECT_EQ(-EINTR, schedule_hrtimeout(&wait, HRTIMER_MODE_REL));
	pthread_join(thread, NULL);
}

TEST_HARNESS_MAIN
