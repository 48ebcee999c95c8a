// SPDX-License-Identifier: MIT
/*
 * outstanding.c - which items are queued, running or armed now?
 *
 * For a person who asks why a program does not end, and for the runner, which
 * reports what a module left behind. Each pool is looked at under its lock; the
 * answers are copied and shown without any lock.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <uwq/workqueue.h>

#include "kernel-compat/timer_internal.h"
#include "workqueue/workqueue_internal.h"

/* Room for what is found; counts on when it is full. */
struct listing {
	struct uwq_work_info *info;
	long size;
	long found;
};

static void note(struct listing *listing, const struct work_struct *work, work_func_t func,
		 enum uwq_work_state state, const struct workqueue_struct *wq, int tid)
{
	struct uwq_work_info *info = &listing->info[listing->found];

	if (listing->found++ >= listing->size)
		return;
	info->work = work;
	info->func = func;
	info->state = state;
	info->tid = tid;
	strscpy(info->wq_name, wq ? wq->name : "", sizeof(info->wq_name));
}

static void note_list(struct listing *listing, struct list_head *list)
{
	struct work_struct *work;

	list_for_each_entry(work, list, entry) {
		unsigned long data = work_data(work);
		bool inactive = data & WORK_STRUCT_INACTIVE;

		note(listing, work, work->func, inactive ? UWQ_WORK_INACTIVE : UWQ_WORK_QUEUED,
		     work_data_pwq(data)->wq, 0);
	}
}

static void note_pool(struct listing *listing, struct worker_pool *pool)
{
	struct work_struct *work;
	struct worker *worker;

	pool_lock(pool);
	pool_drain_inbox(pool);
	list_for_each_entry(worker, &pool->workers, pool_node) {
		struct task_struct *task = __atomic_load_n(&worker->task, __ATOMIC_ACQUIRE);

		work = worker_item(worker);
		if (work)
			note(listing, work, worker->current_func,
			     UWQ_WORK_RUNNING, worker->current_pwq->wq,
			     task ? task_pid_nr(task) : 0);
		note_list(listing, &worker->scheduled);
	}
	note_list(listing, &pool->worklist);
	pool_unlock_and_wake(pool);
}

static void note_inactive(struct listing *listing, struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;

	mutex_lock(&wq->mutex);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pool_lock(pwq->pool);
		note_list(listing, &pwq->inactive_works);
		pool_unlock(pwq->pool);
	}
	mutex_unlock(&wq->mutex);
}

/* Called with the timers held still. */
static void note_timer(struct timer_list *timer, void *arg)
{
	struct delayed_work *dwork = container_of(timer, struct delayed_work, timer);

	if (timer->function == delayed_work_timer_fn)
		note(arg, &dwork->work, dwork->work.func, UWQ_WORK_ARMED, dwork->wq, 0);
}

static void note_all(struct listing *listing)
{
	struct workqueue_struct *wq;
	int i;

	listing->found = 0;
	for (i = 0; i < nr_worker_pools(); i++)
		note_pool(listing, pool_by_index(i));
	mutex_lock(&wq_pool_mutex);
	list_for_each_entry(wq, &workqueues, list)
		note_inactive(listing, wq);
	/* queues do not go away under the mutex, so armed items' queues can be named */
	timer_walk_armed(note_timer, NULL, listing);
	mutex_unlock(&wq_pool_mutex);
}

/**
 * uwq_work_for_each - show every item that is running, queued or armed
 * @show: called for each, without locks; NULL = only count
 * @arg: for @show
 *
 * Context: May sleep.
 * Return: how many there are; -ENOMEM.
 */
long uwq_work_for_each(void (*show)(const struct uwq_work_info *info, void *arg), void *arg)
{
	struct listing listing = { .size = 0 };
	long i;

	note_all(&listing);
	if (!show || !listing.found)
		return listing.found;
	/* some more may come meanwhile */
	listing.size = listing.found + 64;
	listing.info = kvcalloc(listing.size, sizeof(*listing.info), GFP_KERNEL);
	if (!listing.info)
		return -ENOMEM;
	note_all(&listing);
	for (i = 0; i < min(listing.found, listing.size); i++)
		show(&listing.info[i], arg);
	kvfree(listing.info);
	return listing.found;
}
EXPORT_SYMBOL_GPL(uwq_work_for_each);
