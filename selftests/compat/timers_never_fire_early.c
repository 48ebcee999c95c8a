// SPDX-License-Identifier: MIT
/*
 * C74, U14, B39: a timer for n ticks is called after n full ticks, not before, and
 * not much after; however long the time is and wherever in a tick it was armed.
 */
#include "../kselftest_harness.h"

#include <limits.h>
#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/timer.h>

#include "kernel-compat/time_internal.h"
#include "time_test.h"

static int fired;

static void count_it(struct timer_list *timer)
{
	(void)timer;
	add(&fired, 1);
}

FIXTURE(clock) {
	struct timer_list timer;
};

FIXTURE_SETUP(clock)
{
	uwq_fake_clock_enable();
	timer_setup(&self->timer, count_it, 0);
}

FIXTURE_TEARDOWN(clock)
{
	timer_delete_sync(&self->timer);
	uwq_fake_clock_disable();
}

static const uint64_t phases[] = { 0, 1, 999, 1000, 15625, 333333, 999000, 999999 };

TEST_F(clock, n_ticks_are_n_full_ticks)
{
	static const unsigned long delays[] = {
		1, 2, 3, 4, 5, 63, 64, 65, 262, 263, HZ, 4095, 4096, 4097, 300 * HZ,
		1ul << 31, 1ul << 37,
	};

	for (size_t d = 0; d < sizeof(delays) / sizeof(delays[0]); d++) {
		for (size_t p = 0; p < sizeof(phases) / sizeof(phases[0]); p++) {
			uint64_t full = delays[d] * MS;
			unsigned long asked;

			store(&fired, 0);
			uwq_fake_clock_advance(phases[p]);
			asked = jiffies + delays[d];
			mod_timer(&self->timer, asked);
			uwq_fake_clock_advance(full - 1);
			ASSERT_EQ(0, load(&fired)) {
				TH_LOG("%lu ticks, phase %lu: early", delays[d],
				       (unsigned long)phases[p]);
			}
			uwq_fake_clock_advance(GRAIN);
			ASSERT_EQ(1, load(&fired)) {
				TH_LOG("%lu ticks, phase %lu: late", delays[d],
				       (unsigned long)phases[p]);
			}
			ASSERT_TRUE(time_after_eq(jiffies, asked));
		}
	}
}

/* 140 years from now: nothing of this may have happened. */
TEST_F(clock, the_far_future_does_not_come)
{
	static const unsigned long delays[] = {
		LONG_MAX / 2, LONG_MAX - 1, LONG_MAX, (unsigned long)LONG_MAX + 1, ULONG_MAX - 1,
		ULONG_MAX,
	};
	struct timer_list timers[sizeof(delays) / sizeof(delays[0])];
	size_t i;

	for (i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		timer_setup(&timers[i], count_it, 0);
		mod_timer(&timers[i], uwq_jiffies_after(delays[i]));
	}
	for (i = 0; i < 60; i++) {
		uwq_fake_clock_advance(1ull << i);
		ASSERT_EQ(0, load(&fired));
	}
	uwq_fake_clock_advance(140ull * 365 * 24 * 3600 * 1000000000u);
	EXPECT_EQ(0, load(&fired));
	for (i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
		EXPECT_EQ(1, timer_delete(&timers[i]));
}

/* ->expires was computed some time before the arming, perhaps by another thread. */
TEST_F(clock, the_ticks_count_from_the_reading_of_jiffies)
{
	static const uint64_t waits[] = { 300000, 700000, 1000000, 9900000, 10000000, 33300000 };

	for (size_t p = 0; p < sizeof(phases) / sizeof(phases[0]); p++) {
		for (size_t w = 0; w < sizeof(waits) / sizeof(waits[0]); w++) {
			unsigned long asked;

			store(&fired, 0);
			uwq_fake_clock_advance(phases[p]);
			asked = jiffies + 50;
			uwq_fake_clock_advance(waits[w]);
			mod_timer(&self->timer, asked);
			uwq_fake_clock_advance(50 * MS - waits[w] - 1);
			ASSERT_EQ(0, load(&fired));
			uwq_fake_clock_advance(MS + GRAIN);
			ASSERT_EQ(1, load(&fired));
		}
	}
}

TEST_F(clock, now_and_the_past_are_the_next_tick)
{
	static const long back[] = { 0, 1, 1000, LONG_MAX };

	for (size_t i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
		store(&fired, 0);
		mod_timer(&self->timer, jiffies - (unsigned long)back[i]);
		EXPECT_EQ(0, load(&fired));
		uwq_fake_clock_advance(MS);
		EXPECT_EQ(1, load(&fired));
	}
}

/* ---- against a simple model: many timers, armed, moved, cancelled at random ---- */

#define NR	600

struct modelled {
	struct timer_list timer;
	uint64_t due;		/* fake ns; 0: not armed */
};

static struct modelled all[NR];
static uint64_t last_due;
static int early, disorder;

static void check_it(struct timer_list *timer)
{
	struct modelled *m = timer_container_of(m, timer, timer);

	if (!m->due || ktime_get_ns() < m->due)
		add(&early, 1);
	/* Grains are rounded up: what is due within one may be called in any order. */
	if (m->due + 2 * GRAIN < last_due)
		add(&disorder, 1);
	last_due = m->due;
	m->due = 0;
}

/* When a timer for "now" is due */
static uint64_t next_tick(void)
{
	return uwq_tick_base_ns() + ((ktime_get_ns() - uwq_tick_base_ns()) / MS + 1) * MS;
}

static uint64_t any_delay(uint64_t *rnd)
{
	return next_random(rnd) % (1ull << (1 + next_random(rnd) % 36));
}

TEST_F(clock, a_random_mix_agrees_with_a_model)
{
	uint64_t rnd = 88172645463325252ull;
	int late = 0;

	for (int i = 0; i < NR; i++)
		timer_setup(&all[i].timer, check_it, 0);
	for (int round = 0; round < 4000; round++) {
		struct modelled *m = &all[next_random(&rnd) % NR];
		uint64_t ticks = any_delay(&rnd);

		switch (next_random(&rnd) % 8) {
		case 0:
			ASSERT_EQ(m->due != 0, timer_delete(&m->timer));
			m->due = 0;
			break;
		case 1:
			last_due = 0;
			uwq_fake_clock_advance(any_delay(&rnd) * 1000);
			for (int i = 0; i < NR; i++)
				late += all[i].due && all[i].due + GRAIN <= ktime_get_ns();
			break;
		default:
			ASSERT_EQ(m->due != 0, mod_timer(&m->timer, jiffies + ticks));
			m->due = ticks ? ktime_get_ns() + ticks * MS : next_tick();
		}
	}
	EXPECT_EQ(0, load(&early));
	EXPECT_EQ(0, late);
	EXPECT_EQ(0, load(&disorder));
	for (int i = 0; i < NR; i++)
		timer_delete_sync(&all[i].timer);
}

/* Of one moment: in the order of arming, near and far, whoever else was cancelled. */
static int order[64], nr_called;
static struct timer_list same[64];

static void note_order(struct timer_list *timer)
{
	order[nr_called++] = (int)(timer - same);
}

TEST_F(clock, the_same_moment_keeps_the_order_of_arming)
{
	static const unsigned long delays[] = { 1, 70, 5000, 1ul << 25 };

	for (size_t d = 0; d < sizeof(delays) / sizeof(delays[0]); d++) {
		int expect = 0;

		nr_called = 0;
		for (int i = 0; i < 64; i++) {
			timer_setup(&same[i], note_order, 0);
			mod_timer(&same[i], jiffies + delays[d]);
		}
		for (int i = 0; i < 64; i += 3)
			EXPECT_EQ(1, timer_delete(&same[i]));
		uwq_fake_clock_advance(delays[d] * MS + GRAIN);
		for (int i = 0; i < nr_called; i++, expect++) {
			expect += expect % 3 == 0;
			ASSERT_EQ(expect, order[i]);
		}
		ASSERT_EQ(42, nr_called);
	}
}

/* The real clock: never early, and not by a tick late when the machine is idle. */
static uint64_t called_at;

static void note_time(struct timer_list *timer)
{
	(void)timer;
	called_at = real_ns();
	add(&fired, 1);
}

TEST(on_the_real_clock_too)
{
	struct timer_list timer;

	timer_setup(&timer, note_time, 0);
	for (int i = 0; i < 60; i++) {
		unsigned long ticks = (unsigned long)i % 7 + 1;
		uint64_t before = real_ns();
		unsigned long expires = jiffies + ticks;

		/* Up to 2 ms between reading jiffies and arming: that is still n ticks */
		nap_us(i * 37);
		mod_timer(&timer, expires);
		ASSERT_TRUE(reaches(&fired, i + 1));
		ASSERT_GE(called_at, before + ticks * MS);
	}
}

TEST_HARNESS_MAIN
