// SPDX-License-Identifier: MIT
/*
 * U6: no thread for timers can be started: arming works all the same, it is
 * logged once, the next arming tries again, and nothing armed is ever lost.
 * Starting is safe from any number of threads at once.
 */
#include "../kselftest_harness.h"

#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/timer.h>

#include "kernel-compat/test_points.h"
#include "time_test.h"

static int fired;

static void count_it(struct timer_list *timer)
{
	(void)timer;
	add(&fired, 1);
}

TEST(a_later_arming_brings_the_thread_and_all_timers)
{
	struct timer_list timers[5], last;

	uwq_test_fail_thread(1, -1);
	for (int i = 0; i < 5; i++) {
		timer_setup(&timers[i], count_it, 0);
		EXPECT_EQ(0, mod_timer(&timers[i], jiffies + 1));
	}
	EXPECT_EQ(5, uwq_test_thread_calls());
	nap_us(20000);
	EXPECT_EQ(0, load(&fired));
	EXPECT_EQ(1, timer_delete(&timers[0]));
	EXPECT_EQ(0, timer_delete_sync(&timers[0]));
	uwq_test_fail_thread(0, 0);
	timer_setup(&last, count_it, 0);
	mod_timer(&last, jiffies + 1);
	EXPECT_TRUE(reaches(&fired, 5));
	nap_us(5000);
	EXPECT_EQ(5, load(&fired));
}

static int go, nr_ready;

static void *arm_on_go(void *arg)
{
	add(&nr_ready, 1);
	while (!load(&go))
		;
	mod_timer(arg, jiffies + 1);
	return NULL;
}

TEST(first_arming_by_many_threads_starts_one)
{
	struct timer_list timers[8];
	pthread_t threads[8];

	uwq_test_fail_thread(0, 0);
	for (int i = 0; i < 8; i++) {
		timer_setup(&timers[i], count_it, 0);
		pthread_create(&threads[i], NULL, arm_on_go, &timers[i]);
	}
	ASSERT_TRUE(reaches(&nr_ready, 8));
	store(&go, 1);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	EXPECT_TRUE(reaches(&fired, 8));
	EXPECT_EQ(1, uwq_test_thread_calls());
}

static struct timer_list second;

/* In the thread whose attempt failed, before it has said so. */
static void arm_another(const char *name)
{
	if (strcmp(name, "clock_thread_failed"))
		return;
	__atomic_store_n(&uwq_test_point_hook, NULL, __ATOMIC_RELEASE);
	mod_timer(&second, jiffies + 1);
}

/* Whoever arms while another's attempt is failing relies on that attempt. */
TEST(an_arming_during_a_failing_attempt_is_not_lost)
{
	struct timer_list first;

	timer_setup(&first, count_it, 0);
	timer_setup(&second, count_it, 0);
	uwq_test_fail_thread(1, 1);
	uwq_test_point_hook = arm_another;
	mod_timer(&first, jiffies + 1);
	EXPECT_TRUE(reaches(&fired, 2));
	EXPECT_EQ(2, uwq_test_thread_calls());
}

static enum hrtimer_restart count_hr(struct hrtimer *timer)
{
	(void)timer;
	add(&fired, 1);
	return HRTIMER_NORESTART;
}

TEST(hrtimers_likewise)
{
	struct hrtimer first, second;

	hrtimer_setup(&first, count_hr, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_setup(&second, count_hr, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	uwq_test_fail_thread(1, 1);
	hrtimer_start(&first, 1000, HRTIMER_MODE_REL);
	nap_us(5000);
	EXPECT_EQ(0, load(&fired));
	hrtimer_start(&second, 1000, HRTIMER_MODE_REL);
	EXPECT_TRUE(reaches(&fired, 2));
}

TEST_HARNESS_MAIN
