/* SPDX-License-Identifier: MIT */
/*
 * tasks.h - what a runner asks about kthreads
 */
#ifndef UWQ_TASKS_H
#define UWQ_TASKS_H

#include <uwq/api.h>

struct task_struct;

/* One kthread that was made by kthread_create() and has not ended. */
struct uwq_kthread_info {
	struct task_struct *task;	/* valid during the call */
	int pid;
	const char *comm;		/* full name, not cut */
	int (*threadfn)(void *data);
	const void *creator;		/* address that called kthread_create() */
	int should_stop;		/* kthread_stop() is waiting for it */
};

UWQ_API_BEGIN
/*
 * Call @fn for each live kthread, oldest first; it must not make or stop any.
 * Threads of the library's own (workers, timers) are not among them. Returns how many.
 */
int uwq_kthread_for_each_live(void (*fn)(const struct uwq_kthread_info *info, void *arg),
			      void *arg);
UWQ_API_END

#endif
