// SPDX-License-Identifier: MIT
/*
 * blocking.c - brackets around calls that block out of the library's sight
 *
 * The outermost bracket tells the task's hooks, as a sleep in schedule_on() does. The
 * depth is the thread's own; sleeps of the library inside a bracket are not told again.
 *
 * Locks: none.
 */
#include <errno.h>

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <uwq/blocking.h>

#include "kernel-compat/sched_internal.h"

/**
 * uwq_blocking_begin - the calling thread is about to block where nobody sees it
 *
 * A worker stops counting as running, and the next waiting item of its pool may start.
 *
 * Context: where sleeping is allowed; elsewhere it is reported, as a sleep would be.
 */
void uwq_blocking_begin(void)
{
	struct task_struct *task = current;
	const struct sched_hooks *hooks = uwq_thread.in_block ? NULL : task->sched_hooks;
	int saved = errno;

	if (unlikely(in_atomic()))
		sched_report_atomic(task);
	if (hooks)
		sched_call_hook(task, hooks->sleeping);
	uwq_thread.in_block++;
	errno = saved;
}
EXPORT_SYMBOL_GPL(uwq_blocking_begin);

/**
 * uwq_blocking_end - the call is over
 *
 * Same thread as the begin. One without a begin is reported once and does nothing.
 *
 * Context: as uwq_blocking_begin().
 */
void uwq_blocking_end(void)
{
	struct task_struct *task = current;
	int saved = errno;

	if (!WARN_ONCE(!uwq_thread.in_block,
		       "uwq_blocking_end() without uwq_blocking_begin(), in %s\n", task->comm) &&
	    !--uwq_thread.in_block && task->sched_hooks)
		sched_call_hook(task, task->sched_hooks->running);
	errno = saved;
}
EXPORT_SYMBOL_GPL(uwq_blocking_end);

/* A function has returned and left brackets open: close them. Returns how many. */
unsigned int uwq_blocking_close(void)
{
	unsigned int depth = uwq_thread.in_block;

	if (depth) {
		uwq_thread.in_block = 1;
		uwq_blocking_end();
	}
	return depth;
}
