// SPDX-License-Identifier: MIT
/*
 * Every thread has a task, the same one as long as it lives; the task outlives
 * its thread while somebody has a reference, and its memory is used again. In a
 * forked child it has the child's numbers. Context questions are answered by
 * what the thread did.
 */
#include "../kselftest_harness.h"

#include <string.h>

#include <linux/bottom_half.h>
#include <linux/hardirq.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>

#include "task_test.h"

static struct task_struct *seen;

static void *look(void *arg)
{
	seen = current;
	if (arg)
		get_task_struct(seen);
	if (current != seen || task_pid_nr(seen) != gettid() || seen->flags & PF_KTHREAD)
		seen = NULL;
	return NULL;
}

TEST(foreign_threads)
{
	struct task_struct *mine = current;

	EXPECT_EQ(gettid(), task_pid_nr(mine));
	EXPECT_EQ(getpid(), task_tgid_nr(mine));
	pthread_join(start_thread(look, (void *)1L), NULL);
	ASSERT_NOT_NULL(seen);
	EXPECT_NE(mine, seen);
	EXPECT_EQ(EXIT_DEAD, seen->exit_state);
	put_task_struct(seen);
	EXPECT_EQ(mine, current);
}

TEST(memory_is_used_again)
{
	struct task_struct *first, *last;
	int distinct = 0;

	pthread_join(start_thread(look, NULL), NULL);
	first = last = seen;
	for (int i = 0; i < 1000; i++) {
		pthread_join(start_thread(look, NULL), NULL);
		ASSERT_NOT_NULL(seen);
		distinct += seen != last;
		last = seen;
		if (seen == first)
			break;
	}
	EXPECT_EQ(first, last);
	/* and late: a stale pointer shows a dead task for a while */
	EXPECT_GT(distinct, 32);
	EXPECT_NULL(tryget_task_struct(first));
}

static int nr_alive;

static void *stay(void *arg)
{
	(void)current;
	if (!current)
		return NULL;
	flag_add(&nr_alive, 1);
	while (!flag_get(arg))
		nap_us(1000);
	return NULL;
}

TEST(more_than_were_there_at_start)
{
	pthread_t threads[150];
	int stop = 0;

	for (int i = 0; i < 150; i++)
		threads[i] = start_thread(stay, &stop);
	EXPECT_TRUE(COMES_TRUE(flag_get(&nr_alive) == 150));
	flag_set(&stop, 1);
	for (int i = 0; i < 150; i++)
		pthread_join(threads[i], NULL);
}

TEST(names)
{
	char comm[TASK_COMM_LEN], shown[16];

	set_task_comm(current, "twenty bytes of name");
	EXPECT_STREQ("twenty bytes of", get_task_comm(comm, current));
	prctl(PR_GET_NAME, shown, 0, 0, 0);
	EXPECT_STREQ("twenty bytes of", shown);
}

TEST(nice_values)
{
	set_user_nice(current, 7);
	EXPECT_EQ(7, task_nice(current));
	EXPECT_EQ(127, current->static_prio);
	set_user_nice(current, 99);
	EXPECT_EQ(7, task_nice(current));
}

TEST(a_forked_child)
{
	struct task_struct *mine = current;
	pid_t child = fork();
	int status;

	if (!child)
		_exit(!(current == mine && task_pid_nr(current) == gettid() &&
			task_tgid_nr(current) == getpid()));
	waitpid(child, &status, 0);
	EXPECT_EQ(0, status);
}

TEST(contexts)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags, inner;

	EXPECT_TRUE(in_task() && !in_atomic() && !in_interrupt() && preemptible());
	preempt_disable();
	preempt_disable();
	EXPECT_EQ(2, preempt_count());
	EXPECT_TRUE(in_atomic() && in_task() && !in_interrupt());
	preempt_enable();
	preempt_enable();
	spin_lock(&lock);
	EXPECT_EQ(1, preempt_count());
	spin_unlock(&lock);

	local_bh_disable();
	EXPECT_EQ(0x200, preempt_count());
	EXPECT_TRUE(in_softirq() && in_interrupt() && !in_serving_softirq() && in_task());
	local_bh_enable();
	uwq_context_enter_softirq();
	EXPECT_TRUE(in_serving_softirq() && in_softirq() && !in_task() && !in_hardirq());
	EXPECT_EQ(1, interrupt_context_level());
	uwq_context_leave_softirq();
	uwq_context_enter_hardirq();
	EXPECT_EQ(0x10000, preempt_count());
	EXPECT_TRUE(in_hardirq() && in_irq() && irqs_disabled() && !in_task());
	EXPECT_EQ(2, interrupt_context_level());
	uwq_context_leave_hardirq();
	EXPECT_EQ(0, preempt_count());

	local_irq_save(flags);
	EXPECT_TRUE(irqs_disabled() && !irqs_disabled_flags(flags) && !preemptible());
	local_irq_save(inner);
	local_irq_restore(inner);
	EXPECT_TRUE(irqs_disabled());
	local_irq_restore(flags);
	EXPECT_FALSE(irqs_disabled());

	flags = memalloc_noio_save();
	EXPECT_TRUE(current->flags & PF_MEMALLOC_NOIO);
	memalloc_noio_restore((unsigned int)flags);
	EXPECT_FALSE(current->flags & PF_MEMALLOC_NOIO);
}

TEST_HARNESS_MAIN
