// SPDX-License-Identifier: MIT
/*
 * A thread that waits looks for uwq.spin_us whether it is over before it sleeps: a
 * hand-over to it costs no system call. It does so less and less while that is in vain,
 * then only now and then, and as at first once it has helped. Not with uwq.spin_us=0, not
 * on a task whose sleeps others have to be told of, unless they have been told already.
 */
#include "../kselftest_harness.h"

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <uwq/blocking.h>

#include "kernel-compat/wait_spin.h"
#include "task_test.h"

static struct completion done = COMPLETION_INITIALIZER(done);
static int begins;	/* atomic */

static void *wait_for_it(void *arg)
{
	(void)arg;
	flag_set(&begins, 1);
	wait_for_completion(&done);
	return NULL;
}

static unsigned int sleepers(void)
{
	return __atomic_load_n(&done.waiters, __ATOMIC_RELAXED);
}

/* One wait in vain. False: it did not look at all. */
static bool look(void)
{
	struct wait_spin spin;

	if (!wait_spin_begin(&spin))
		return false;
	while (wait_spin_again(&spin))
		;
	return true;
}

static int waits_until_next_look(void)
{
	int waits = 1;

	while (!look())
		waits++;
	return waits;
}

FIXTURE(waiter) {
	unsigned int spin_us;
};

FIXTURE_SETUP(waiter)
{
	self->spin_us = uwq_spin_us;
	wait_spin_found();
	if (num_online_cpus() < 2)
		SKIP(return, "nobody looks on one CPU");
}

FIXTURE_TEARDOWN(waiter)
{
	WRITE_ONCE(uwq_spin_us, self->spin_us);
}

TEST_F(waiter, is_let_go_while_it_looks)
{
	pthread_t thread;

	WRITE_ONCE(uwq_spin_us, 20000000);
	thread = start_thread(wait_for_it, NULL);
	ASSERT_TRUE(COMES_TRUE(flag_get(&begins)));
	nap_us(20000);
	EXPECT_EQ(0, sleepers());
	complete(&done);
	pthread_join(thread, NULL);
	EXPECT_FALSE(completion_done(&done));
}

TEST_F(waiter, sleeps_after_a_while)
{
	pthread_t thread;

	WRITE_ONCE(uwq_spin_us, 5);
	thread = start_thread(wait_for_it, NULL);
	ASSERT_TRUE(COMES_TRUE(sleepers() == 1));
	complete(&done);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, sleepers());
}

TEST_F(waiter, sleeps_at_once_if_asked_to)
{
	WRITE_ONCE(uwq_spin_us, 0);
	EXPECT_FALSE(look());
	EXPECT_FALSE(look());
}

/* 8, 4, 2, 1 us; then one of 16 waits, of 32, ... */
TEST_F(waiter, looks_less_if_that_is_in_vain)
{
	WRITE_ONCE(uwq_spin_us, 8);
	EXPECT_TRUE(look());
	EXPECT_TRUE(look());
	EXPECT_TRUE(look());
	EXPECT_TRUE(look());
	EXPECT_EQ(17, waits_until_next_look());
	EXPECT_EQ(33, waits_until_next_look());
	EXPECT_EQ(65, waits_until_next_look());
	while (waits_until_next_look() < 1025)
		;
	EXPECT_EQ(1025, waits_until_next_look());
}

TEST_F(waiter, looks_again_once_it_has_helped)
{
	struct wait_spin spin;

	WRITE_ONCE(uwq_spin_us, 2);
	EXPECT_TRUE(look());
	EXPECT_TRUE(look());
	while (!wait_spin_begin(&spin))
		;
	wait_spin_found();
	EXPECT_TRUE(look());
	EXPECT_TRUE(look());
	EXPECT_EQ(17, waits_until_next_look());
}

static void tell(struct task_struct *task)
{
	(void)task;
}

TEST_F(waiter, tells_first_if_it_has_to)
{
	static const struct sched_hooks hooks = { .sleeping = tell, .running = tell };

	EXPECT_TRUE(look());
	current->sched_hooks = &hooks;
	EXPECT_FALSE(look());
	uwq_blocking_begin();
	EXPECT_TRUE(look());
	uwq_blocking_end();
	EXPECT_FALSE(look());
	current->sched_hooks = NULL;
	EXPECT_TRUE(look());
}

TEST_HARNESS_MAIN
