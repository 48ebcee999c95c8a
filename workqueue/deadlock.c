// SPDX-License-Identifier: MIT
/*
 * deadlock.c - waits that cannot end, or must not be begun
 *
 * Two checks around flush and cancel_sync. A queue that promises progress without new
 * memory must not wait for one that does not (C45). And a caller who holds a mutex on
 * which the awaited function sleeps waits for itself: that is looked for once a second
 * while one waits, so it costs nothing in between (B40).
 *
 * Pointers of other tasks and items are compared here, never followed, except workers
 * and tasks, which are type-stable.
 */
#include <linux/bug.h>
#include <linux/sched.h>

#include "workqueue/workqueue_internal.h"

/* Does this thread work for a queue of MEM_RECLAIM, or free memory itself? */
static const char *reclaims_memory(void)
{
	struct worker *worker = this_worker;

	if (current->flags & PF_MEMALLOC)
		return current->comm;
	if (worker && worker->current_work &&
	    (wq_flags(worker->current_pwq->wq) & (WQ_MEM_RECLAIM | __WQ_LEGACY)) == WQ_MEM_RECLAIM)
		return worker->current_pwq->wq->name;
	return NULL;
}

/**
 * may_wait_for_queue - may this thread wait for an item of @target without harm?
 * @target: queue; alive
 *
 * Not asked for cancelling, which only waits for what has begun already.
 */
bool may_wait_for_queue(const struct workqueue_struct *target)
{
	return (wq_flags(target) & WQ_MEM_RECLAIM) || !reclaims_memory();
}

/* Say that it may not, and what it waits for: @func, or the whole queue if that is NULL. */
void report_flush_dependency(const char *wq_name, work_func_t func)
{
	WARN_ONCE(1, "workqueue: %s, which reclaims memory, flushes %ps on wq %s, which may have to wait for memory\n",
		  reclaims_memory(), (void *)func, wq_name);
}

/* Once a second: does a function that @work's waiter waits for sleep on a lock of ours? */
static void look_for_deadlock(const struct work_struct *work)
{
	unsigned int id;

	for (id = 1; id < worker_id_limit(); id++) {
		struct worker *worker = worker_by_id(id);
		struct task_struct *task = __atomic_load_n(&worker->task, __ATOMIC_ACQUIRE);

		if (__atomic_load_n(&worker->current_work, __ATOMIC_ACQUIRE) != work || !task)
			continue;
		WARN_ONCE(__atomic_load_n(&task->waits_for, __ATOMIC_ACQUIRE) == current,
			  "workqueue: deadlock: %s waits for %ps in %s, which sleeps on a mutex that %s holds\n",
			  current->comm,
			  (void *)__atomic_load_n(&worker->current_func, __ATOMIC_RELAXED),
			  task->comm, current->comm);
	}
}

/**
 * wait_for_item - wait for something that the run of an item ends
 * @done: completed by a worker
 * @work: the item; only its address is used, it may be gone
 *
 * Context: May sleep.
 */
void wait_for_item(struct completion *done, const struct work_struct *work)
{
	while (!wait_for_completion_timeout(done, HZ)) {
		manager_start();
		look_for_deadlock(work);
	}
}
