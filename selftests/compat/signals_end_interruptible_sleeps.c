// SPDX-License-Identifier: MIT
/*
 * A signal sent to a task ends its interruptible sleep wherever it comes,
 * including the moment before the sleep begins; a kthread takes only what it
 * allowed; nobody is killed.
 */
#include "../kselftest_harness.h"

#include <string.h>

#include <linux/completion.h>
#include <linux/semaphore.h>
#include <linux/wait.h>

#include "task_test.h"

static DECLARE_COMPLETION(never);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static DEFINE_SEMAPHORE(semaphore, 0);
static struct task_struct *sleeper;
static int results[8], rounds, stop, ready, held, go;
static const char *hold_at;

static void hold(const char *name)
{
	if (current != sleeper || strcmp(name, hold_at))
		return;
	flag_set(&held, 1);
	while (!flag_get(&go))
		nap_us(100);
}

static int wait_once(void *data)
{
	(void)data;
	allow_signal(SIGTERM);
	flag_set(&ready, 1);
	schedule_timeout_uninterruptible(MAX_SCHEDULE_TIMEOUT);
	results[0] = wait_for_completion_interruptible(&never);
	return 0;
}

static void *send_term(void *arg)
{
	(void)arg;
	results[1] = send_sig(SIGTERM, sleeper, 0);
	flag_set(&results[2], 1);
	return NULL;
}

/* The sleeper has looked for signals and is about to sleep on the completion's word. */
TEST(right_before_the_sleep)
{
	pthread_t sender;

	sleeper = run_kthread(wait_once, NULL, "sleeper");
	ASSERT_NOT_NULL(sleeper);
	ASSERT_TRUE(COMES_TRUE(flag_get(&ready)) && FALLS_ASLEEP(sleeper));
	hold_at = "sleep:hears";
	__atomic_store_n(&uwq_test_point_hook, hold, __ATOMIC_RELEASE);
	wake_up_process(sleeper);
	ASSERT_TRUE(COMES_TRUE(flag_get(&held)));
	sender = start_thread(send_term, NULL);
	nap_us(5000);
	flag_set(&go, 1);
	EXPECT_TRUE(COMES_TRUE(flag_get(&results[2])));
	pthread_join(sender, NULL);
	reap(sleeper);
	EXPECT_EQ(-ERESTARTSYS, results[0]);
	EXPECT_EQ(0, results[1]);
	EXPECT_EQ(0, never.waiters);
}

/* The wake-up of the signal before may come only now: a bare sleep may end early. */
static int sleep_until_signalled(void)
{
	do {
		schedule_timeout_interruptible(MAX_SCHEDULE_TIMEOUT);
	} while (!signal_pending(current));
	return -EINTR;
}

static int wait_in_turns(void *data)
{
	allow_signal(SIGUSR1);
	flag_set(&ready, 1);
	while (flag_get(&rounds) < *(int *)data) {
		int kind = flag_get(&rounds) % 4;
		int ret = kind == 0 ? wait_for_completion_interruptible(&never) :
			  kind == 1 ? wait_event_interruptible(queue, false) :
			  kind == 2 ? down_interruptible(&semaphore) :
			  sleep_until_signalled();

		if (ret != -ERESTARTSYS && ret != -EINTR)
			results[0]++;
		if (kernel_dequeue_signal() != SIGUSR1)
			results[1]++;
		flag_add(&rounds, 1);
	}
	return 0;
}

TEST_TIMEOUT(a_storm_of_signals, 60)
{
	int nr = ROUNDS(6000);

	sleeper = run_kthread(wait_in_turns, &nr, "sleeper");
	ASSERT_NOT_NULL(sleeper);
	ASSERT_TRUE(COMES_TRUE(flag_get(&ready)));
	for (int i = 0; i < nr; i++) {
		long until = now_ms() + 5000;

		ASSERT_EQ(0, send_sig(SIGUSR1, sleeper, 1));
		while (flag_get(&rounds) <= i)
			ASSERT_LT(now_ms(), until) {
				TH_LOG("signal %d lost", i);
			}
	}
	reap(sleeper);
	EXPECT_EQ(0, results[0]);
	EXPECT_EQ(0, results[1]);
}

static int allow_some(void *data)
{
	(void)data;
	allow_signal(SIGUSR1);
	allow_kernel_signal(SIGUSR2);
	flag_set(&ready, 1);
	while (!flag_get(&stop))
		schedule_timeout_uninterruptible(1);
	results[0] = signal_pending(current);
	results[1] = kernel_dequeue_signal();
	results[2] = kernel_dequeue_signal();
	results[3] = kernel_dequeue_signal();
	results[4] = signal_pending(current);
	disallow_signal(SIGUSR1);
	results[5] = send_sig(SIGUSR1, current, 1);
	results[6] = signal_pending(current);
	return 0;
}

TEST(only_what_was_allowed)
{
	struct task_struct *task = run_kthread(allow_some, NULL, "picky");

	ASSERT_NOT_NULL(task);
	ASSERT_TRUE(COMES_TRUE(flag_get(&ready)));
	EXPECT_EQ(0, send_sig(SIGKILL, task, 1));
	EXPECT_EQ(0, send_sig(SIGUSR2, task, 0));
	EXPECT_FALSE(signal_pending(task));
	EXPECT_EQ(0, send_sig(SIGUSR2, task, 1));
	EXPECT_EQ(0, send_sig(SIGUSR1, task, 0));
	EXPECT_EQ(0, send_sig(SIGUSR1, task, 0));
	EXPECT_TRUE(signal_pending(task));
	EXPECT_FALSE(fatal_signal_pending(task));
	EXPECT_EQ(-EINVAL, send_sig(65, task, 0));
	EXPECT_EQ(-EINVAL, send_sig(-1, task, 0));
	EXPECT_EQ(0, send_sig(0, task, 0));
	flag_set(&stop, 1);
	uwq_task_wait_exit(task);
	EXPECT_EQ(-ESRCH, send_sig(SIGUSR1, task, 0));
	put_task_struct(task);
	EXPECT_EQ(1, results[0]);
	EXPECT_EQ(SIGUSR1, results[1]);
	EXPECT_EQ(SIGUSR2, results[2]);
	EXPECT_EQ(0, results[3]);
	EXPECT_EQ(0, results[4]);
	EXPECT_EQ(0, results[5]);
	EXPECT_EQ(0, results[6]);
}

TEST(foreign_threads_hear_us_only)
{
	EXPECT_FALSE(signal_pending(current));
	EXPECT_EQ(0, send_sig(SIGCHLD, current, 0));
	EXPECT_FALSE(signal_pending(current));
	EXPECT_EQ(0, send_sig(SIGTERM, current, 0));
	EXPECT_TRUE(signal_pending(current));
	EXPECT_EQ(-ERESTARTSYS, wait_for_completion_interruptible(&never));
	EXPECT_EQ(0, wait_for_completion_timeout(&never, 5));
	flush_signals(current);
	EXPECT_FALSE(signal_pending(current));
}

TEST_HARNESS_MAIN
