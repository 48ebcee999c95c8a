// SPDX-License-Identifier: MIT
/*
 * msleep(), usleep_range(), udelay() and their kin never return early, are not
 * ended by a wake-up, and follow the fake clock; a timeout of LONG_MAX ticks and
 * the like is not "now".
 */
#include "../kselftest_harness.h"

#include <limits.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched.h>

#include "kernel-compat/test_points.h"
#include "kernel-compat/time_internal.h"
#include "time_test.h"

#define EXPECT_LASTS(ns, statement)					\
do {									\
	uint64_t began = real_ns(), took;				\
									\
	statement;							\
	took = real_ns() - began;					\
	EXPECT_GE(took, (uint64_t)(ns));				\
	EXPECT_LT(took, (uint64_t)(ns) + 10000 * MS);			\
} while (0)

TEST(all_of_them)
{
	EXPECT_LASTS(1 * MS, msleep(1));
	EXPECT_LASTS(13 * MS, msleep(13));
	EXPECT_LASTS(0, msleep(0));
	EXPECT_LASTS(7 * MS, EXPECT_EQ(0, msleep_interruptible(7)));
	EXPECT_LASTS(50000, usleep_range(50, 100));
	EXPECT_LASTS(1500000, usleep_range_idle(1500, 3000));
	EXPECT_LASTS(5000, fsleep(5));
	EXPECT_LASTS(300000, fsleep(300));
	EXPECT_LASTS(25 * MS, fsleep(25000));
	EXPECT_LASTS(1000 * MS, ssleep(1));
	EXPECT_LASTS(700, ndelay(700));
	EXPECT_LASTS(70000, udelay(70));
	EXPECT_LASTS(3 * MS, mdelay(3));
}

static int sleeping, announced, awake;

static void count_sleeps(const char *name)
{
	if (!strcmp(name, "sleep:announced"))
		add(&announced, 1);
}

static void *sleep_an_hour(void *arg)
{
	struct task_struct **task = arg;

	__atomic_store_n(task, current, __ATOMIC_RELEASE);
	store(&sleeping, 1);
	msleep(3600 * 1000);
	store(&awake, 1);
	return NULL;
}

TEST(the_fake_clock_ends_sleeps_and_wake_ups_do_not)
{
	struct task_struct *task;
	pthread_t thread;

	uwq_fake_clock_enable();
	__atomic_store_n(&uwq_test_point_hook, count_sleeps, __ATOMIC_RELEASE);
	pthread_create(&thread, NULL, sleep_an_hour, &task);
	ASSERT_TRUE(reaches(&sleeping, 1));
	/* it has read the clock, and does so again when it was woken */
	ASSERT_TRUE(reaches(&announced, 1));
	wake_up_process(task);
	ASSERT_TRUE(reaches(&announced, 2));
	uwq_fake_clock_advance(1800ull * 1000 * MS);
	nap_us(20000);
	EXPECT_EQ(0, load(&awake));
	uwq_fake_clock_advance(1801ull * 1000 * MS);
	EXPECT_TRUE(reaches(&awake, 1));
	pthread_join(thread, NULL);
	__atomic_store_n(&uwq_test_point_hook, NULL, __ATOMIC_RELEASE);
	uwq_fake_clock_disable();
}

TEST(after_the_fake_clock_the_real_one_goes_on)
{
	unsigned long before = jiffies;

	uwq_fake_clock_enable();
	uwq_fake_clock_advance(100000 * MS);
	uwq_fake_clock_disable();
	EXPECT_GE(jiffies - before, 100000);
	EXPECT_LASTS(5 * MS, msleep(5));
	EXPECT_LASTS(5 * MS, usleep_range(5000, 6000));
}

TEST(deadlines_too_far_away_are_none)
{
	struct timespec deadline;

	EXPECT_FALSE(uwq_deadline_ticks(LONG_MAX, &deadline));
	EXPECT_FALSE(uwq_deadline_ticks(ULONG_MAX, &deadline));
	EXPECT_FALSE(uwq_deadline_ticks(LONG_MAX / 2, &deadline));
	EXPECT_TRUE(uwq_deadline_ticks(1ul << 40, &deadline));
	EXPECT_TRUE(uwq_deadline_ticks(0, &deadline));
}

TEST_HARNESS_MAIN
