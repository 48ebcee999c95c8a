// SPDX-License-Identifier: MIT
/*
 * timer_delete_sync(): when it returns, the callback is not running and the timer
 * not armed, although the callback arms it again and again. It waits asleep.
 */
#include "../kselftest_harness.h"

#include <sys/resource.h>

#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/timer.h>

#include "time_test.h"

static int entered, left, may_leave;

static void stay_until_told(struct timer_list *timer)
{
	(void)timer;
	add(&entered, 1);
	while (!load(&may_leave))
		nap_us(100);
	nap_us(1000);
	add(&left, 1);
}

static struct timer_list timer;
static int deleting, deleted;

static void *delete_sync(void *arg)
{
	if (arg)
		preempt_disable();
	store(&deleting, 1);
	timer_delete_sync(&timer);
	add(&deleted, 1 + 10 * load(&left));
	if (arg)
		preempt_enable();
	return NULL;
}

static long thread_cpu_us(pthread_t thread)
{
	struct timespec ts;
	clockid_t clock;

	pthread_getcpuclockid(thread, &clock);
	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void one_wait(struct __test_metadata *_metadata, void *atomic)
{
	pthread_t thread;
	long used;

	timer_setup(&timer, stay_until_told, 0);
	mod_timer(&timer, jiffies + 1);
	ASSERT_TRUE(reaches(&entered, 1));
	EXPECT_EQ(-1, timer_delete_sync_try(&timer));
	EXPECT_EQ(0, timer_delete(&timer));
	pthread_create(&thread, NULL, delete_sync, atomic);
	ASSERT_TRUE(reaches(&deleting, 1));
	nap_us(50000);
	EXPECT_EQ(0, load(&deleted));
	used = thread_cpu_us(thread);
	EXPECT_LT(used, 20000);
	store(&may_leave, 1);
	pthread_join(thread, NULL);
	EXPECT_EQ(11, load(&deleted));
}

TEST(it_waits_asleep_for_a_running_callback)
{
	one_wait(_metadata, NULL);
}

TEST(it_may_be_called_with_preemption_disabled)
{
	one_wait(_metadata, &timer);
}

static int running;

static void rearm(struct timer_list *t)
{
	store(&running, 1);
	add(&entered, 1);
	mod_timer(t, jiffies + 1);
	nap_us(300);
	mod_timer(t, jiffies);
	store(&running, 0);
}

TEST(a_callback_that_rearms_itself_is_stopped)
{
	for (int i = 0; i < 30; i++) {
		int calls;

		timer_setup(&timer, rearm, 0);
		mod_timer(&timer, jiffies + 1);
		ASSERT_TRUE(reaches(&entered, load(&entered) + 2));
		nap_us(i * 100);
		ASSERT_EQ(1, timer_delete_sync(&timer));
		ASSERT_EQ(0, load(&running));
		ASSERT_EQ(0, timer_pending(&timer));
		calls = load(&entered);
		nap_us(3000);
		ASSERT_EQ(calls, load(&entered));
	}
}

TEST(shutdown_sync_stops_it_too)
{
	timer_setup(&timer, rearm, 0);
	mod_timer(&timer, jiffies + 1);
	ASSERT_TRUE(reaches(&entered, 2));
	timer_shutdown_sync(&timer);
	EXPECT_EQ(0, load(&running));
	EXPECT_EQ(0, timer_pending(&timer));
}

static void *delete_many(void *arg)
{
	for (int i = 0; i < 200; i++)
		timer_delete_sync(arg);
	return NULL;
}

TEST(any_number_may_wait)
{
	pthread_t threads[4];

	timer_setup(&timer, rearm, 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, delete_many, &timer);
	for (int i = 0; i < 100; i++) {
		mod_timer(&timer, jiffies);
		nap_us(200);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	timer_delete_sync(&timer);
	EXPECT_EQ(0, load(&running));
}

TEST_HARNESS_MAIN
