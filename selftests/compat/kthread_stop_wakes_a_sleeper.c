// SPDX-License-Identifier: MIT
/*
 * kthread_stop() ends a thread in whatever it sleeps that may be ended, waits
 * for it and has its result; a thread that was never woken does not run; a
 * thread that ended by itself can be stopped by who has a reference, and is
 * reported to who has not.
 */
#include "../kselftest_harness.h"

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/semaphore.h>
#include <linux/wait.h>
#include <uwq/tasks.h>
#include <uwq/warn.h>

#include "task_test.h"

static DECLARE_WAIT_QUEUE_HEAD(queue);
static DEFINE_SEMAPHORE(semaphore, 0);
static DECLARE_COMPLETION(never);
static DEFINE_MUTEX(mutex);
static int ran;

static int in_wait_event(void *data)
{
	(void)data;
	wait_event(queue, kthread_should_stop());
	return 11;
}

static int in_wait_event_interruptible(void *data)
{
	(void)data;
	if (wait_event_interruptible(queue, false) != -ERESTARTSYS)
		return -1;
	return kthread_should_stop() ? 12 : -2;
}

static int in_schedule(void *data)
{
	(void)data;
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 13;
}

static int in_msleep(void *data)
{
	(void)data;
	while (!kthread_should_stop())
		msleep(2);
	return 14;
}

static int in_msleep_interruptible(void *data)
{
	(void)data;
	while (!kthread_should_stop())
		msleep_interruptible(60000);
	return 15;
}

static int in_down_interruptible(void *data)
{
	(void)data;
	if (!down_interruptible(&semaphore))
		return -1;
	return kthread_should_stop() ? 16 : -2;
}

static int in_completion(void *data)
{
	(void)data;
	if (wait_for_completion_interruptible(&never) != -ERESTARTSYS)
		return -1;
	return kthread_should_stop() ? 17 : -2;
}

static int in_mutex(void *data)
{
	(void)data;
	if (mutex_lock_interruptible(&mutex) != -EINTR)
		return -1;
	return kthread_should_stop() ? 18 : -2;
}

static int in_wait_woken(void *data)
{
	DEFINE_WAIT_FUNC(entry, woken_wake_function);

	(void)data;
	add_wait_queue(&queue, &entry);
	while (!kthread_should_stop())
		wait_woken(&entry, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
	remove_wait_queue(&queue, &entry);
	return 19;
}

static int (*const sleepers[])(void *) = {
	in_wait_event, in_wait_event_interruptible, in_schedule, in_msleep,
	in_msleep_interruptible, in_down_interruptible, in_completion, in_mutex, in_wait_woken,
};

#define NR_SLEEPERS	((int)(sizeof(sleepers) / sizeof(sleepers[0])))

/* Until this it sleeps for its first wake-up, and a stop would keep it from running. */
static int started;

static int say_and_sleep(void *data)
{
	flag_set(&started, 1);
	return sleepers[(long)data](NULL);
}

static struct task_struct *start_sleeper(long i)
{
	struct task_struct *task;

	flag_set(&started, 0);
	task = kthread_run(say_and_sleep, (void *)i, "sleeper/%ld", i);
	if (IS_ERR(task) || !COMES_TRUE(flag_get(&started)))
		return NULL;
	return task;
}

TEST(asleep_in_all_ways)
{
	mutex_lock(&mutex);
	for (int i = 0; i < NR_SLEEPERS; i++) {
		struct task_struct *task = start_sleeper(i);

		ASSERT_NOT_NULL(task);
		ASSERT_TRUE(FALLS_ASLEEP(task));
		EXPECT_EQ(11 + i, kthread_stop(task));
	}
	mutex_unlock(&mutex);
}

/* Stopped at any moment of its young life. */
TEST_TIMEOUT(in_a_race, 60)
{
	mutex_lock(&mutex);
	for (int i = 0; i < ROUNDS(900); i++) {
		struct task_struct *task = kthread_run(sleepers[i % NR_SLEEPERS], NULL, "racer");
		int ret;

		ASSERT_FALSE(IS_ERR(task));
		for (int spin = 0; spin < i * 13 % 4000; spin++)
			__asm__ volatile("");
		ret = kthread_stop(task);
		EXPECT_TRUE(ret == 11 + i % NR_SLEEPERS || ret == -EINTR) {
			TH_LOG("sleeper %d: %d", i % NR_SLEEPERS, ret);
		}
	}
	mutex_unlock(&mutex);
}

static int note_run(void *data)
{
	(void)data;
	flag_set(&ran, 1);
	return 5;
}

TEST(never_woken_never_runs)
{
	struct task_struct *task = kthread_create(note_run, &ran, "unborn %s", "child");

	ASSERT_FALSE(IS_ERR(task));
	EXPECT_GT(task_pid_nr(task), 0);
	EXPECT_EQ((void *)note_run, kthread_func(task));
	EXPECT_EQ((void *)&ran, kthread_data(task));
	EXPECT_STREQ("unborn child", task->comm);
	EXPECT_EQ(-EINTR, kthread_stop(task));
	EXPECT_EQ(0, ran);
}

TEST(ended_by_itself)
{
	struct task_struct *task = run_kthread(note_run, NULL, "short");

	ASSERT_NOT_NULL(task);
	uwq_task_wait_exit(task);
	EXPECT_EQ(5, kthread_stop_put(task));
	EXPECT_EQ(1, ran);
}

TEST(ended_and_gone_is_reported)
{
	struct task_struct *task = kthread_create(note_run, NULL, "gone");
	unsigned long before = uwq_warn_count();

	ASSERT_FALSE(IS_ERR(task));
	wake_up_process(task);
	ASSERT_TRUE(COMES_TRUE(__atomic_load_n(&task->usage, __ATOMIC_ACQUIRE) == 0));
	EXPECT_EQ(-ESRCH, kthread_stop(task));
	EXPECT_EQ(before + 1, uwq_warn_count());
}

static int leave(void *data)
{
	switch ((int)(long)data) {
	case 0:
		kthread_exit(21);
	case 1:
		do_exit(22);
	case 2:
		kthread_complete_and_exit(&never, 23);
	default:
		pthread_exit(NULL);
	}
}

TEST(other_ways_out)
{
	static const int expected[] = { 21, 22, 23, -EINTR /* as if it never ran */ };

	for (long i = 0; i < 4; i++) {
		struct task_struct *task = run_kthread(leave, (void *)i, "leaver");

		ASSERT_NOT_NULL(task);
		if (i == 2)
			wait_for_completion(&never);
		uwq_task_wait_exit(task);
		EXPECT_EQ(expected[i], kthread_stop_put(task));
	}
}

TEST(creation_that_fails)
{
	uwq_test_fail_thread(1, 1);
	EXPECT_EQ(-EAGAIN, (int)PTR_ERR(kthread_run(note_run, NULL, "no")));
	for (int k = 1; k <= 2; k++) {
		uwq_test_fail_alloc(k, 1);
		EXPECT_EQ(-ENOMEM, (int)PTR_ERR(kthread_run(note_run, NULL, "no")));
	}
	uwq_test_fail_alloc(0, 0);
	EXPECT_EQ(0, uwq_kthread_for_each_live(NULL, NULL));
	EXPECT_EQ(0, ran);
}

static void note_live(const struct uwq_kthread_info *info, void *arg)
{
	struct uwq_kthread_info *out = arg;

	*out = *info;
}

TEST(live_ones_are_listed)
{
	struct uwq_kthread_info info = { 0 };
	struct task_struct *task = kthread_run(in_schedule, NULL, "a-name-of-more-than-15-bytes");

	ASSERT_FALSE(IS_ERR(task));
	EXPECT_EQ(1, uwq_kthread_for_each_live(note_live, &info));
	EXPECT_EQ(task, info.task);
	EXPECT_NOT_NULL(info.creator);
	EXPECT_EQ(task_pid_nr(task), info.pid);
	EXPECT_STREQ("a-name-of-more-than-15-bytes", info.comm);
	EXPECT_EQ((void *)in_schedule, (void *)info.threadfn);
	EXPECT_EQ(0, info.should_stop);
	kthread_stop(task);
	EXPECT_EQ(0, uwq_kthread_for_each_live(note_live, &info));
}

TEST_HARNESS_MAIN
