// SPDX-License-Identifier: MIT
/*
 * fork.c - the engine in a process that forks
 *
 * In the parent nothing changes. In the child every queue is there, with its limits and
 * attributes, and empty: what was queued, armed, inactive or running in the parent is
 * idle, and so can be queued again at once. Disabled items stay disabled, but for the
 * time that a cancel_*_sync() of a thread that does not exist would have waited
 * (cancel.c). Flushes, drains, and the destruction of a queue that other threads had
 * begun are undone: nobody is there who would end them. Threads start again with the
 * first use, as in a new process.
 *
 * When all locks are taken, batches are stopped (batch.c) and the gate
 * (kernel-compat/fork_gate.h) is closed, a pending item is in exactly one place: an inbox, a
 * list under a pool's lock, the timer wheel, the RCU callbacks, or handed by the latter two to
 * a callback that has not begun. The child goes through these places. Items must not be in memory that parent
 * and child share.
 *
 * The forking thread may be a worker. In the child it is none any more; its function
 * goes on, may queue and flush, also its own item, and when it returns the process
 * exits with status 0.
 *
 * Locks: kernel-compat/fork.c has the order. Two pool locks are held at a time nowhere
 * but here, in the order of the table.
 */
#include <linux/list.h>
#include <linux/string.h>
#include <linux/timer.h>

#include "kernel-compat/fork.h"
#include "workqueue/batch.h"
#include "workqueue/fork.h"
#include "workqueue/workqueue_internal.h"

/* ---- items ---- */

/* @work belongs to nobody who exists. Nothing that is queued or armed is disabled. */
void work_fork_idle(struct work_struct *work)
{
	INIT_LIST_HEAD(&work->entry);
	work_set_data(work, work_data_offq(WORKER_ID_NONE, WORK_OFFQ_POOL_NONE, 0));
}

static void forget_armed(struct timer_list *timer)
{
	work_fork_idle(&container_of(timer, struct delayed_work, timer)->work);
}

/* Barriers are on stacks that are not used any more, and are forgotten as well. */
static void forget_list(struct list_head *list)
{
	struct work_struct *work, *next;

	list_for_each_entry_safe(work, next, list, entry)
		work_fork_idle(work);
	INIT_LIST_HEAD(list);
}

static void forget_inbox(struct inbox *inbox)
{
	struct work_struct *work;

	while ((work = inbox_pop(inbox)))
		work_fork_idle(work);
}

/* ---- pools and queues ---- */

static void forget_pool(struct worker_pool *pool)
{
	forget_inbox(&pool->inbox);
	forget_list(&pool->worklist);
	INIT_LIST_HEAD(&pool->idle_list);
	INIT_LIST_HEAD(&pool->workers);
	pool->batchers = 0;
	memset(pool->name_ids, 0, sizeof(pool->name_ids));
	pool->nr_workers = 0;
	pool->nr_idle = 0;
	pool->nr_running = 0;
	pool->nr_waking = 0;
	pool->spinner = NULL;
	pool->create = CREATE_NONE;
	pool->create_listed = 0;
	pool->create_after = 0;
	pool->was_busy = false;
	pool->spin_break = 0;
	pool->serve = NULL;
	pool->watched_waiting = false;
	pool->creating = false;
	pool->help_since = 0;
	pool->kick = KICK_WANTED;
}

static void forget_pwq(struct pool_workqueue *pwq)
{
	struct workqueue_struct *wq = pwq->wq;

	forget_list(&pwq->inactive_works);
	memset(pwq->nr_in_flight, 0, sizeof(pwq->nr_in_flight));
	pwq->nr_total = 0;
	pwq->nr_active = 0;
	pwq->flush_color = -1;
	pwq->work_color = wq->work_color;
	pwq->unplug_listed = 0;
	INIT_LIST_HEAD(&pwq->pending_node);
	INIT_LIST_HEAD(&pwq->mayday_node);
	pwq->mayday = false;
	pwq->rescuing = false;
	/* the older ones have nothing left that would have to come first */
	pwq->plugged = false;
}

static void forget_queue(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;

	list_for_each_entry(pwq, &wq->pwqs, pwqs_node)
		forget_pwq(pwq);
	node_accounts_fork_child(wq);
	wq->flags &= ~(__WQ_DRAINING | __WQ_DESTROYING);
	wq->nr_drainers = 0;
	wq->flush_color = wq->work_color;
	atomic_set(&wq->nr_pwqs_to_flush, 0);
	wq->leader = NULL;
	INIT_LIST_HEAD(&wq->flushers);
}

/* A worker that was being made may not have its lists yet. */
static void forget_worker(struct worker *worker)
{
	if (worker->scheduled.next)
		forget_list(&worker->scheduled);
	INIT_LIST_HEAD(&worker->node);
	INIT_LIST_HEAD(&worker->pool_node);
	worker->batch.bit = 0;
	memset(&worker->requeue, 0, sizeof(worker->requeue));
	worker->current_work = NULL;
	worker->task = NULL;
	worker->flags &= WORKER_FORKED | WORKER_RESCUER;
}

/* ---- the forking thread ---- */

static void leave_worker(void)
{
	struct worker *worker = this_worker;

	if (!worker)
		return;
	/* that of a rescuer or of a bottom-half pool will be another thread's */
	if (!worker->rescue_wq && !(worker->pool->flags & POOL_BH))
		worker->flags = WORKER_FORKED;
	this_worker = NULL;
	current->sched_hooks = NULL;
	current->worker_private = NULL;
	current->flags &= ~(unsigned int)PF_WQ_WORKER;
}

/* ---- the rooms ---- */

static void step_mutexes(enum fork_step step)
{
	struct workqueue_struct *wq;

	if (step == FORK_PREPARE)
		fork_step_mutex(&wq_pool_mutex, step);
	list_for_each_entry(wq, &workqueues, list)
		fork_step_mutex(&wq->mutex, step);
	if (step != FORK_PREPARE)
		fork_step_mutex(&wq_pool_mutex, step);
	trace_fork(step);
}

static void forget_everything(void)
{
	struct workqueue_struct *wq;
	unsigned int id;
	int i;

	submitters_fence = !membarrier_available();
	timer_fork_each(delayed_work_timer_fn, forget_armed);
	rcu_works_fork_child();
	for (id = 1; id < worker_id_limit(); id++)
		forget_worker(worker_by_id(id));
	for (i = 0; i < nr_worker_pools(); i++)
		forget_pool(pool_by_index(i));
	list_for_each_entry(wq, &workqueues, list)
		forget_queue(wq);
	leave_worker();
	bh_fork_child();
	hotplug_fork_child();
	deadlock_fork_child();
	watchdog_fork_child();
	sysfs_fork_child();
}

static void step_locks(enum fork_step step)
{
	int i;

	if (step == FORK_CHILD)
		forget_everything();
	for (i = 0; i < nr_worker_pools(); i++) {
		fork_step_lock(&pool_by_index(i)->lock, step);
		if (step == FORK_PREPARE)
			batches_stop(pool_by_index(i));
	}
	manager_fork(step);
	sampler_fork(step);
	worker_table_fork(step);
	node_active_fork(step);
	rescuers_fork(step);
	pwq_fork(step);
	cpu_intensive_fork(step);
	exit_fork(step);
	tasklets_fork(step);
}

/* Called once, before there are queues. */
void wq_fork_init(void)
{
	fork_engine_rooms(step_mutexes, step_locks);
}
