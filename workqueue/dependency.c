// SPDX-License-Identifier: MIT
/*
 * dependency.c - waits that must not be begun
 *
 * A queue that promises progress without new memory must not wait for one that does not
 * (C45): an item of a queue with WQ_MEM_RECLAIM, or a task that frees memory itself, is
 * told when it flushes an item or a queue without. Queues of the kernel's old calls
 * (__WQ_LEGACY) may, and so may whoever cancels, because that only waits for what runs
 * already (B17). Asked where a wait really begins.
 */
#include <linux/bug.h>
#include <linux/sched.h>

#include "workqueue/workqueue_internal.h"

/* The queue on whose behalf this thread promises to need no memory, or NULL. */
static const struct workqueue_struct *reclaiming_queue(void)
{
	struct worker *worker = this_worker;
	const struct workqueue_struct *wq;

	if (!worker || !worker->current_work)
		return NULL;
	wq = worker->current_pwq->wq;
	return (wq_flags(wq) & (WQ_MEM_RECLAIM | __WQ_LEGACY)) == WQ_MEM_RECLAIM ? wq : NULL;
}

/**
 * may_wait_for_queue - may this thread wait for an item of @target without harm?
 * @target: queue; alive
 */
bool may_wait_for_queue(const struct workqueue_struct *target)
{
	return (wq_flags(target) & WQ_MEM_RECLAIM) ||
	       (!(current->flags & PF_MEMALLOC) && !reclaiming_queue());
}

/* Say that it may not, and what it waits for: @func, or the whole queue if that is NULL. */
void report_flush_dependency(const char *wq_name, work_func_t func)
{
	const struct workqueue_struct *mine = reclaiming_queue();

	WARN_ONCE(current->flags & PF_MEMALLOC,
		  "workqueue: task %s[%d], which reclaims memory, flushes %ps on wq %s, which may have to wait for memory\n",
		  current->comm, task_pid_nr(current), (void *)func, wq_name);
	WARN_ONCE(mine,
		  "workqueue: %ps on wq %s, which reclaims memory, flushes %ps on wq %s, which may have to wait for memory\n",
		  (void *)this_worker->current_func, mine->name, (void *)func, wq_name);
}
