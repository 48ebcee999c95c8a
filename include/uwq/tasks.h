/* SPDX-License-Identifier: MIT */
/*
 * tasks.h - blocking calls of other libraries, and what a runner asks about kthreads
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
 * Around a call that may block where the library cannot see it: read(2), a
 * condition variable, somebody else's lock. A worker between the two counts as
 * asleep, so that others may run in its place. They nest; both keep errno. Same
 * thread for both; for other threads than the library's they do nothing.
 */
void uwq_sched_block_begin(void);
void uwq_sched_block_end(void);

/*
 * Call @fn for each live kthread, oldest first; it must not make or stop any.
 * Threads of the library's own (workers, timers) are not among them. Returns how many.
 */
int uwq_kthread_for_each_live(void (*fn)(const struct uwq_kthread_info *info, void *arg),
			      void *arg);
UWQ_API_END

#endif
