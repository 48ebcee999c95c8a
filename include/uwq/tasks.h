/* SPDX-License-Identifier: MIT */
/*
 * tasks.h - what a runner asks about kthreads, and what tasks wait for
 */
#ifndef UWQ_TASKS_H
#define UWQ_TASKS_H

#include <uwq/api.h>

struct task_struct;
struct work_struct;

/* One kthread that was made by kthread_create() and has not ended. */
struct uwq_kthread_info {
	struct task_struct *task;	/* valid during the call */
	int pid;
	const char *comm;		/* full name, not cut */
	int (*threadfn)(void *data);
	const void *creator;		/* address that called kthread_create() */
	int should_stop;		/* kthread_stop() is waiting for it */
};

/*
 * One task that waits for a lock, a semaphore, a completion, a kthread, an item or a queue.
 * Sleeps on wait queues, in schedule() and in foreign calls are not recorded.
 */
struct uwq_wait_info {
	int tid;
	char comm[16];
	const char *call;		/* that waits: "mutex_lock", "flush_work" ... */
	const void *object;		/* lock, item, queue ...; may be gone: not to be followed */
	void (*func)(struct work_struct *work);	/* of an item; else NULL */
	char wq_name[32];		/* of an item's queue, or the queue; else "" */
	int for_tid;			/* who has to do something first, if known; else 0 */
	char for_comm[16];
	unsigned long ms;		/* since when */
};

UWQ_API_BEGIN
int uwq_kthread_for_each_live(void (*fn)(const struct uwq_kthread_info *info, void *arg),
			      void *arg);

/* Call @fn for each task that waits now. Returns how many. See task_wait_show.c */
int uwq_wait_for_each(void (*fn)(const struct uwq_wait_info *info, void *arg), void *arg);
/* Print them. */
void show_waiting_tasks(void);
UWQ_API_END

#endif
