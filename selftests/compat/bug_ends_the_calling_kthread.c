// SPDX-License-Identifier: MIT
/*
 * BUG() in a kthread ends that thread and leaves the rest of the program alive;
 * in interrupt context, or when asked to, it is a panic.
 */
#include "../kselftest_harness.h"

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kthread.h>
#include <linux/panic.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "lock_test.h"
#include "log_test.h"

static int before, after;

static int has_a_bug(void *data)
{
	flag_set(&before, 1);
	BUG_ON(data != NULL);
	flag_set(&after, 1);
	return 0;
}

TEST(the_thread_ends_the_program_lives)
{
	struct task_struct *task;

	capture_start();
	task = kthread_create(has_a_bug, &before, "has_a_bug");
	ASSERT_FALSE(IS_ERR(task));
	get_task_struct(task);
	wake_up_process(task);
	ASSERT_TRUE(COMES_TRUE(flag_get(&before)));
	EXPECT_EQ(-EFAULT, kthread_stop(task));
	put_task_struct(task);
	EXPECT_EQ(0, flag_get(&after));
	EXPECT_NOT_NULL(strstr(captured.text, "kernel BUG at"));
	EXPECT_NOT_NULL(strstr(captured.text, "has_a_bug"));
	capture_end();
}

TEST_SIGNAL(a_panic_if_asked_to, SIGABRT)
{
	capture_start();
	panic_on_oops = 1;
	kthread_run(has_a_bug, &before, "has_a_bug");
	nap_us(5000000);
}

static void bug_in_callback(struct rcu_head *head)
{
	BUG_ON(head);
}

TEST_SIGNAL(a_panic_in_interrupt_context, SIGABRT)
{
	static struct rcu_head head;

	capture_start();
	call_rcu(&head, bug_in_callback);
	nap_us(5000000);
}

TEST_HARNESS_MAIN
