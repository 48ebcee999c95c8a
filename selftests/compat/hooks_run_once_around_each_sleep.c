// SPDX-License-Identifier: MIT
/*
 * A task's sched_hooks run exactly once before and once after each sleep, in
 * whatever primitive, and not at all when nobody slept (C98 and U1 rest on it).
 * A sleep in atomic context is reported, once for each stack.
 */
#include "../kselftest_harness.h"

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <uwq/blocking.h>
#include <uwq/warn.h>

#include "task_test.h"

static int sleeps, runs, wrong, may_lock;
static DEFINE_SPINLOCK(lock);
static const uint32_t never_changes;
static const struct timespec long_ago = { .tv_nsec = 1 };

static void note(int *count, int expected_gap, struct task_struct *task)
{
	if (task != current || sleeps - runs != expected_gap)
		wrong++;
	++*count;
	if (may_lock) {
		spin_lock(&lock);
		spin_unlock(&lock);
	}
	/* a sleep inside, on a word that is over at once, is not told again */
	schedule_on(&never_changes, 0, &long_ago);
}

static void sleeping(struct task_struct *task)
{
	note(&sleeps, 0, task);
}

static void running(struct task_struct *task)
{
	note(&runs, 1, task);
}

static const struct sched_hooks hooks = { .sleeping = sleeping, .running = running };

static struct completion done = COMPLETION_INITIALIZER(done);
static DEFINE_MUTEX(mutex);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static struct task_struct *sleeper;
static int condition;

static void *release_late(void *what)
{
	struct task_struct *task = sleeper;

	/* asleep, and its hook has run */
	COMES_TRUE(uwq_task_is_asleep(task));
	nap_us(3000);
	if (what == &done)
		complete(&done);
	if (what == &mutex)
		mutex_unlock(&mutex);
	if (what == &queue) {
		flag_set(&condition, 1);
		wake_up(&queue);
	}
	return NULL;
}

static void *lock_and_release_late(void *what)
{
	mutex_lock(&mutex);
	flag_set(&condition, 1);
	return release_late(what);
}

FIXTURE(hooked)
{
	int unused;
};

FIXTURE_SETUP(hooked)
{
	(void)self;
	sleeper = current;
	current->sched_hooks = &hooks;
}

FIXTURE_TEARDOWN(hooked)
{
	(void)self;
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(sleeps, runs);
	current->sched_hooks = NULL;
}

TEST_F(hooked, timeout_sleeps_once)
{
	schedule_timeout_uninterruptible(5);
	EXPECT_EQ(1, sleeps);
	msleep(3);
	EXPECT_EQ(2, sleeps);
}

TEST_F(hooked, completion)
{
	pthread_t other;

	complete(&done);
	wait_for_completion(&done);
	EXPECT_EQ(0, sleeps);
	other = start_thread(release_late, &done);
	wait_for_completion(&done);
	pthread_join(other, NULL);
	EXPECT_EQ(1, sleeps);
}

TEST_F(hooked, wait_queue)
{
	pthread_t other = start_thread(release_late, &queue);

	may_lock = 1;
	wait_event(queue, flag_get(&condition));
	pthread_join(other, NULL);
	EXPECT_EQ(1, sleeps);
}

TEST_F(hooked, mutex)
{
	pthread_t other;

	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	EXPECT_EQ(0, sleeps);
	other = start_thread(lock_and_release_late, &mutex);
	ASSERT_TRUE(COMES_TRUE(flag_get(&condition)));
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	pthread_join(other, NULL);
	EXPECT_EQ(1, sleeps);
}

TEST_F(hooked, running_tasks_do_not_sleep)
{
	schedule();
	cond_resched();
	yield();
	/* the word has changed already */
	EXPECT_EQ(0, schedule_on(&never_changes, 1, NULL));
	EXPECT_EQ(0, sleeps);
}

TEST_F(hooked, brackets)
{
	uwq_blocking_begin();
	EXPECT_EQ(1, sleeps);
	EXPECT_EQ(0, runs);
	uwq_blocking_begin();
	schedule_timeout_uninterruptible(1);
	uwq_blocking_end();
	EXPECT_EQ(0, runs);
	uwq_blocking_end();
	EXPECT_EQ(1, sleeps);
	EXPECT_EQ(1, runs);
}

TEST_F(hooked, bracket_of_a_scope)
{
	for (int i = 1; i <= 3; i++) {
		uwq_blocking_scope();
		errno = EAGAIN;
		EXPECT_EQ(i, sleeps);
		EXPECT_EQ(i - 1, runs);
		if (i == 2)
			continue;
	}
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(3, sleeps);
	EXPECT_EQ(3, runs);
}

TEST_F(hooked, end_without_a_begin_is_reported)
{
	unsigned long before = uwq_warn_count();

	uwq_blocking_end();
	EXPECT_EQ(before + 1, uwq_warn_count());
	EXPECT_EQ(0, sleeps);
	EXPECT_EQ(0, runs);
	uwq_blocking_begin();
	EXPECT_EQ(1, sleeps);
	uwq_blocking_end();
	EXPECT_EQ(1, runs);
}

static __attribute__((__noinline__)) void sleep_here(void)
{
	schedule_timeout_uninterruptible(1);
	__asm__ volatile("");
}

static __attribute__((__noinline__)) void sleep_there(void)
{
	schedule_timeout_uninterruptible(1);
	__asm__ volatile("");
}

TEST(sleeping_in_atomic_context_is_reported)
{
	unsigned long before = uwq_warn_count();

	schedule_timeout_uninterruptible(1);
	EXPECT_EQ(before, uwq_warn_count());
	preempt_disable();
	for (int i = 0; i < 3; i++)
		sleep_here();
	sleep_there();
	preempt_enable();
	EXPECT_EQ(before + 4, uwq_warn_count());
	local_bh_disable();
	sleep_here();
	local_bh_enable();
	EXPECT_EQ(before + 5, uwq_warn_count());
	sleep_here();
	EXPECT_EQ(before + 5, uwq_warn_count());
}

TEST_HARNESS_MAIN
