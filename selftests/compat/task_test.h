/* SPDX-License-Identifier: MIT */
/*
 * task_test.h - what the tests of tasks, kthreads and waiting share
 */
#ifndef UWQ_SELFTESTS_TASK_TEST_H
#define UWQ_SELFTESTS_TASK_TEST_H

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "kernel-compat/sched_internal.h"
#include "kernel-compat/test_points.h"
#include "lock_test.h"

/* The thread of @task is asleep, in a futex wait or right before it; false after 5 s. */
#define FALLS_ASLEEP(task)	COMES_TRUE(uwq_task_is_asleep(task))

/* A kthread that has ended by itself: wait for it and drop the test's reference. */
static inline void reap(struct task_struct *task)
{
	uwq_task_wait_exit(task);
	put_task_struct(task);
}

/* A kthread that runs, with a reference for the test. NULL if it cannot be made. */
static inline struct task_struct *run_kthread(int (*fn)(void *), void *data, const char *name)
{
	struct task_struct *task = kthread_create(fn, data, "%s", name);

	if (IS_ERR(task))
		return NULL;
	get_task_struct(task);
	wake_up_process(task);
	return task;
}

#endif
