// SPDX-License-Identifier: MIT
/*
 * A wake-up that comes anywhere between set_current_state() and the sleep in
 * schedule() ends that sleep, and a task that is awake costs no wake (C23 ff.
 * rest on it; orderings WAKE/1-2 and SLEEP/1-2 of sched.c).
 */
#include "../kselftest_harness.h"

#include <string.h>

#include <linux/jiffies.h>

#include "task_test.h"

static struct task_struct *sleeper;
static int condition, rounds_done, stop;

/* The kernel's pattern, with nothing to help it but the two barriers. */
static int sleep_for_each_round(void *data)
{
	int left = *(int *)data;

	while (left--) {
		for (;;) {
			set_current_state(TASK_UNINTERRUPTIBLE);
			if (__atomic_load_n(&condition, __ATOMIC_RELAXED))
				break;
			schedule();
		}
		__set_current_state(TASK_RUNNING);
		__atomic_store_n(&condition, 0, __ATOMIC_RELAXED);
		flag_add(&rounds_done, 1);
	}
	return 0;
}

TEST_TIMEOUT(a_storm_of_rounds, 60)
{
	int rounds = ROUNDS(60000);

	sleeper = run_kthread(sleep_for_each_round, &rounds, "sleeper");
	ASSERT_NOT_NULL(sleeper);
	for (int i = 0; i < rounds; i++) {
		long until = now_ms() + 5000;

		__atomic_store_n(&condition, 1, __ATOMIC_RELAXED);
		wake_up_process(sleeper);
		for (unsigned int look = 0; flag_get(&rounds_done) <= i; look++)
			if (look > 200)
				ASSERT_LT(now_ms(), until) {
					TH_LOG("lost in round %d", i);
				}
	}
	reap(sleeper);
}

/* Hold the sleeper at a marked point, wake it there, let it go on. */
static const char *hold_at;
static int held, go;

static void hold(const char *name)
{
	if (current != sleeper || !hold_at || strcmp(name, hold_at))
		return;
	flag_set(&held, 1);
	while (!flag_get(&go))
		nap_us(100);
}

static int sleep_once(void *data)
{
	(void)data;
	set_current_state(TASK_UNINTERRUPTIBLE);
	if (!flag_get(&condition))
		schedule();
	__set_current_state(TASK_RUNNING);
	flag_set(&rounds_done, 1);
	return 0;
}

TEST(a_wake_right_before_the_sleep)
{
	sleeper = kthread_create(sleep_once, NULL, "sleeper");
	ASSERT_FALSE(IS_ERR(sleeper));
	get_task_struct(sleeper);
	ASSERT_TRUE(FALLS_ASLEEP(sleeper));
	hold_at = "sleep:announced";
	__atomic_store_n(&uwq_test_point_hook, hold, __ATOMIC_RELEASE);
	wake_up_process(sleeper);
	ASSERT_TRUE(COMES_TRUE(flag_get(&held)));
	flag_set(&condition, 1);
	EXPECT_EQ(1, wake_up_process(sleeper));
	EXPECT_EQ(0, wake_up_process(sleeper));
	flag_set(&go, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&rounds_done)));
	reap(sleeper);
}

/* Many wakers, one sleeper in changing states, timeouts in between. */
static int nap_in_all_states(void *data)
{
	static const unsigned int states[] = {
		TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, TASK_KILLABLE, TASK_IDLE
	};
	unsigned int i = 0;

	(void)data;
	while (!flag_get(&stop)) {
		set_current_state(states[i++ % 4]);
		schedule_timeout(1);
		flag_add(&rounds_done, 1);
	}
	return 0;
}

static void *wake_all_the_time(void *arg)
{
	(void)arg;
	while (!flag_get(&stop))
		wake_up_state(sleeper, TASK_NORMAL);
	return NULL;
}

TEST(wakes_and_timeouts_mix)
{
	pthread_t wakers[2];

	sleeper = run_kthread(nap_in_all_states, NULL, "sleeper");
	ASSERT_NOT_NULL(sleeper);
	for (int i = 0; i < 2; i++)
		wakers[i] = start_thread(wake_all_the_time, NULL);
	nap_us(300000);
	/* the wakers may leave it little of the CPUs, but let it go on */
	EXPECT_TRUE(COMES_TRUE(flag_get(&rounds_done) > 100));
	flag_set(&stop, 1);
	for (int i = 0; i < 2; i++)
		pthread_join(wakers[i], NULL);
	reap(sleeper);
}

TEST(states_decide_who_is_woken)
{
	sleeper = kthread_create(sleep_once, NULL, "sleeper");
	ASSERT_FALSE(IS_ERR(sleeper));
	get_task_struct(sleeper);
	ASSERT_TRUE(FALLS_ASLEEP(sleeper));
	EXPECT_EQ('D', task_state_to_char(sleeper));
	EXPECT_EQ(0, wake_up_state(sleeper, TASK_INTERRUPTIBLE));
	EXPECT_EQ(0, wake_up_state(sleeper, TASK_PARKED));
	flag_set(&condition, 1);
	EXPECT_EQ(1, wake_up_state(sleeper, TASK_UNINTERRUPTIBLE));
	reap(sleeper);
}

TEST(timeouts_say_what_is_left)
{
	unsigned long start;
	long left;

	__set_current_state(TASK_UNINTERRUPTIBLE);
	start = jiffies;
	EXPECT_EQ(0, schedule_timeout(20));
	EXPECT_GE((long)(jiffies - start), 20);
	EXPECT_EQ(TASK_RUNNING, (int)get_current_state());
	/* running: it gives way and comes back with nearly everything left */
	left = schedule_timeout(100000);
	EXPECT_GT(left, 50000);
	EXPECT_LE(left, 100000);
	__set_current_state(TASK_INTERRUPTIBLE);
	EXPECT_EQ(0, schedule_timeout(-5));
	EXPECT_EQ(TASK_RUNNING, (int)get_current_state());
	EXPECT_EQ(0, schedule_timeout_uninterruptible(0));
}

TEST_HARNESS_MAIN
