// SPDX-License-Identifier: MIT
/*
 * Each complete() lets one waiter go, complete_all() all of them and those to
 * come; timeouts and signals end a wait without taking a count and without
 * losing one (C33 and the flushers rest on it).
 */
#include "../kselftest_harness.h"

#include <linux/completion.h>
#include <linux/jiffies.h>

#include "task_test.h"

static struct completion done = COMPLETION_INITIALIZER(done);
static int let_go, results[8], stop, producers_left;

static void *wait_plain(void *arg)
{
	(void)arg;
	wait_for_completion(&done);
	flag_add(&let_go, 1);
	return NULL;
}

TEST(one_complete_one_waiter)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		threads[i] = start_thread(wait_plain, NULL);
	ASSERT_TRUE(COMES_TRUE(__atomic_load_n(&done.waiters, __ATOMIC_RELAXED) == 4));
	complete(&done);
	ASSERT_TRUE(COMES_TRUE(flag_get(&let_go) == 1));
	nap_us(20000);
	EXPECT_EQ(1, flag_get(&let_go));
	complete(&done);
	complete(&done);
	ASSERT_TRUE(COMES_TRUE(flag_get(&let_go) == 3));
	complete(&done);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, done.done);
	EXPECT_EQ(0, done.waiters);
}

TEST(counts_are_kept_for_later)
{
	EXPECT_FALSE(completion_done(&done));
	EXPECT_FALSE(try_wait_for_completion(&done));
	complete(&done);
	complete(&done);
	EXPECT_EQ(2, done.done);
	EXPECT_TRUE(completion_done(&done));
	wait_for_completion(&done);
	EXPECT_TRUE(try_wait_for_completion(&done));
	EXPECT_FALSE(try_wait_for_completion(&done));
	complete(&done);
	reinit_completion(&done);
	EXPECT_FALSE(completion_done(&done));
}

TEST(complete_all_is_for_good)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		threads[i] = start_thread(wait_plain, NULL);
	ASSERT_TRUE(COMES_TRUE(__atomic_load_n(&done.waiters, __ATOMIC_RELAXED) == 4));
	complete_all(&done);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	wait_for_completion(&done);
	EXPECT_TRUE(try_wait_for_completion(&done));
	complete(&done);
	EXPECT_TRUE(completion_done(&done));
	EXPECT_EQ(UINT_MAX, done.done);
	EXPECT_EQ(0, done.waiters);
	reinit_completion(&done);
	EXPECT_FALSE(completion_done(&done));
}

TEST(timeouts)
{
	unsigned long start = jiffies;

	EXPECT_EQ(0, wait_for_completion_timeout(&done, 30));
	EXPECT_GE((long)(jiffies - start), 30);
	EXPECT_EQ(0, wait_for_completion_timeout(&done, 0));
	EXPECT_EQ(0, done.waiters);
	complete(&done);
	EXPECT_GT(wait_for_completion_timeout(&done, 100000), 50000);
	complete(&done);
	EXPECT_EQ(1, wait_for_completion_timeout(&done, 0));
	complete(&done);
	EXPECT_EQ(MAX_SCHEDULE_TIMEOUT,
		  (long)wait_for_completion_timeout(&done, MAX_SCHEDULE_TIMEOUT));
}

static int wait_in_all_forms(void *data)
{
	(void)data;
	allow_signal(SIGUSR1);
	allow_signal(SIGKILL);
	results[0] = wait_for_completion_interruptible(&done);
	results[1] = (int)wait_for_completion_interruptible_timeout(&done, 10000);
	flush_signals(current);
	results[2] = wait_for_completion_killable(&done);
	results[3] = (int)wait_for_completion_killable_timeout(&done, 10000);
	flush_signals(current);
	results[4] = wait_for_completion_state(&done, TASK_INTERRUPTIBLE);
	return 0;
}

TEST(signals_end_what_they_may)
{
	struct task_struct *task = run_kthread(wait_in_all_forms, NULL, "waiter");

	ASSERT_NOT_NULL(task);
	ASSERT_TRUE(COMES_TRUE(__atomic_load_n(&done.waiters, __ATOMIC_RELAXED) == 1));
	EXPECT_EQ(0, send_sig(SIGUSR1, task, 0));
	/* the second wait ended at once; now it waits for a fatal one */
	ASSERT_TRUE(COMES_TRUE(READ_ONCE(task->sleep_state) == TASK_KILLABLE && uwq_task_is_asleep(task)));
	EXPECT_EQ(0, send_sig(SIGUSR1, task, 0));
	nap_us(20000);
	EXPECT_EQ(1, READ_ONCE(done.waiters));
	EXPECT_EQ(0, send_sig(SIGKILL, task, 0));
	ASSERT_TRUE(COMES_TRUE(READ_ONCE(task->sleep_state) == TASK_INTERRUPTIBLE &&
			       uwq_task_is_asleep(task)));
	complete(&done);
	reap(task);
	EXPECT_EQ(-ERESTARTSYS, results[0]);
	EXPECT_EQ(-ERESTARTSYS, results[1]);
	EXPECT_EQ(-ERESTARTSYS, results[2]);
	EXPECT_EQ(-ERESTARTSYS, results[3]);
	EXPECT_EQ(0, results[4]);
	EXPECT_EQ(0, done.waiters);
}

/* Counts put in equal counts taken out, whoever gives up in between. */
static int taken;

static void *take_with_timeouts(void *arg)
{
	(void)arg;
	while (!flag_get(&stop))
		if (wait_for_completion_timeout(&done, 1))
			flag_add(&taken, 1);
	return NULL;
}

static void *put(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(30000); i++)
		complete(&done);
	flag_add(&producers_left, -1);
	return NULL;
}

TEST_TIMEOUT(no_count_is_lost_or_doubled, 60)
{
	pthread_t takers[3], putters[2];
	int total = 2 * ROUNDS(30000);

	flag_set(&producers_left, 2);
	for (int i = 0; i < 3; i++)
		takers[i] = start_thread(take_with_timeouts, NULL);
	for (int i = 0; i < 2; i++)
		putters[i] = start_thread(put, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(putters[i], NULL);
	EXPECT_TRUE(COMES_TRUE(flag_get(&taken) == total)) {
		TH_LOG("%d of %d", flag_get(&taken), total);
	}
	flag_set(&stop, 1);
	for (int i = 0; i < 3; i++)
		pthread_join(takers[i], NULL);
	EXPECT_EQ(total, taken);
	EXPECT_EQ(0, done.done);
	EXPECT_EQ(0, done.waiters);
}

TEST_HARNESS_MAIN
