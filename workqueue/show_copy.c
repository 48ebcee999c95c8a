// SPDX-License-Identifier: MIT
/*
 * show_copy.c - what goes on in a pool, copied under its lock for the state dump
 *
 * Nothing is printed or named here: a log sink may queue work, and naming a function
 * may read files (B18). The copy goes into a place of fixed size on the caller's
 * stack, so a dump needs no memory and may be made in any context. Workers that found
 * no room are copied in another hold of the lock; of waiting items the rest is counted.
 *
 * No list of queues is walked, because that needs a mutex: all pwqs that were ever made
 * are looked at. They are never freed, and one that has items belongs to a living queue
 * for as long as the lock of its pool is held.
 */
#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>

#include "workqueue/show.h"

/* An unbound pool may become another one's when it has nothing to do and the lock is free. */
void shown_pool_fill(struct shown_pool *shown, const struct worker_pool *pool)
{
	assert_pool_locked(pool);
	shown->id = pool->id;
	shown->nice = pool->nice;
	shown->bh = pool->flags & POOL_BH;
	shown->flags = pool->flags;
	if (pool->cpu >= 0) {
		shown->node = cpu_to_node(pool->cpu);
		cpumask_copy(&shown->cpus, cpumask_of(pool->cpu));
	} else {
		shown->node = pool->node;
		shown->flags |= POOL_DISASSOCIATED;
		cpumask_copy(&shown->cpus, pool->cpumask);
	}
}

static struct shown *new_word(struct shown_list *list)
{
	return list->n < list->size ? &list->at[list->n++] : NULL;
}

/* The state between two items of a list. */
struct walk {
	struct shown	*group;		/* what an equal neighbour joins */
	bool		comma;
};

static void copy_work(struct shown_list *list, struct walk *walk, const struct work_struct *work)
{
	bool linked = work_data(work) & WORK_STRUCT_LINKED;
	int waiter = barrier_waiter(work);
	struct shown *word;

	if (!waiter && walk->group && walk->group->func == work->func) {
		walk->group->n++;
	} else if ((word = new_word(list))) {
		word->kind = waiter ? SHOWN_BARRIER : SHOWN_WORKS;
		word->comma = walk->comma;
		word->tid = waiter;
		word->n = 1;
		word->func = work->func;
		walk->group = waiter ? NULL : word;
	} else {
		list->left++;
		walk->group = NULL;
	}
	/* what hangs on an item stands right behind it */
	walk->comma = !linked;
	if (linked)
		walk->group = NULL;
}

/* The items of @pwq in a list of its pool; NULL: all. */
static void copy_works(struct shown_list *list, const struct list_head *works,
		       const struct pool_workqueue *pwq)
{
	struct walk walk = { NULL, false };
	const struct work_struct *work;

	list_for_each_entry(work, works, entry)
		if (!pwq || work_data_pwq(work_data(work)) == pwq)
			copy_work(list, &walk, work);
}

static int worker_tid(const struct worker *worker)
{
	struct task_struct *task = __atomic_load_n(&worker->task, __ATOMIC_ACQUIRE);

	return task ? task_pid_nr(task) : 0;
}

/* Words that @worker takes: itself, and what was assigned to it. False: no room. */
static bool copy_run(struct shown_list *list, const struct worker *worker, u64 now)
{
	struct walk walk = { NULL, false };
	const struct work_struct *work;
	struct shown *word = new_word(list);

	if (!word)
		return false;
	word->kind = SHOWN_RUN;
	word->comma = list->n > 1;
	word->rescuer = worker->flags & WORKER_RESCUER;
	word->tid = worker_tid(worker);
	word->func = worker->current_func;
	word->n = now > worker->run_since ? (now - worker->run_since) / NSEC_PER_SEC : 0;
	list_for_each_entry(work, &worker->scheduled, entry) {
		copy_work(list, &walk, work);
		walk.comma = false;
	}
	return true;
}

/* Workers of @pwq with an id above @id; returns the last one's id. */
static unsigned int copy_running(struct shown_list *list, const struct pool_workqueue *pwq,
				 unsigned int id)
{
	u64 now = ktime_get_ns();

	assert_pool_locked(pwq->pool);
	while (++id < worker_id_limit()) {
		const struct worker *worker = worker_by_id(id);

		if (__atomic_load_n(&worker->current_work, __ATOMIC_ACQUIRE) &&
		    __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE) == pwq->pool &&
		    worker->current_pwq == pwq && !copy_run(list, worker, now))
			break;
	}
	return id - 1;
}

/*
 * Copy what @pwq does, if it does something and its queue is @wanted. It is asked under
 * the pool lock.
 */
bool shown_pwq_fill(struct shown_pwq *shown, struct pool_workqueue *pwq,
		    bool (*wanted)(struct workqueue_struct *wq, void *arg), void *arg)
{
	struct worker_pool *pool = pwq_pool(pwq);
	bool busy;

	pool_lock(pool);
	busy = pwq_pool(pwq) == pool && pwq_wq(pwq);
	if (busy) {
		pool_drain_inbox(pool);
		busy = (pwq->nr_active || !list_empty(&pwq->inactive_works)) &&
		       wanted(pwq->wq, arg);
	}
	if (busy) {
		shown->pool = pool;
		shown_pool_fill(&shown->who, pool);
		shown->wq_flags = wq_flags(pwq->wq);
		memcpy(shown->wq_name, pwq->wq->name, sizeof(shown->wq_name));
		shown->nr_active = pwq->nr_active;
		shown->refcnt = pwq->nr_total + 1;
		shown->mayday = pwq->mayday;
		shown->last_worker = copy_running(&shown->running, pwq, 0);
		copy_works(&shown->pending, &pool->worklist, pwq);
		copy_works(&shown->inactive, &pwq->inactive_works, NULL);
	}
	pool_unlock_and_wake(pool);
	return busy;
}

/* More workers of the same pwq, in another hold of the lock. False: there are no more. */
bool shown_pwq_more(struct shown_pwq *shown, struct pool_workqueue *pwq)
{
	shown->running.n = 0;
	shown->running.left = 0;
	pool_lock(shown->pool);
	if (pwq_pool(pwq) == shown->pool)
		shown->last_worker = copy_running(&shown->running, pwq, shown->last_worker);
	pool_unlock(shown->pool);
	return shown->running.n;
}

/*
 * Nothing has been started for so long although something waits; in seconds. If the
 * watchdog has not looked since then, at most for so long: since the latest start.
 */
static unsigned long hung_seconds(struct worker_pool *pool)
{
	const struct worker *worker;
	u64 now = ktime_get_ns();
	u64 since = 0;

	if (!pool_has_work(pool))
		return 0;
	if (pool->still_started == pool->nr_started)
		since = pool->still_since;
	if (!since)
		list_for_each_entry(worker, &pool->workers, pool_node)
			if (worker_item(worker))
				since = max(since, worker->run_since);
	return since && now > since ? (now - since) / NSEC_PER_SEC : 0;
}

/*
 * Copy what a pool does, and some of its idle workers: those behind the ones that are
 * shown already. False: it does nothing, or all are shown.
 */
bool shown_idle_fill(struct shown_list *list, struct worker_pool *pool, struct shown_load *load)
{
	const struct worker *worker;
	int skip = load->nr_idle_shown;
	bool busy;

	list->n = 0;
	pool_lock(pool);
	busy = pool->nr_workers != pool->nr_idle;
	if (busy) {
		shown_pool_fill(&load->who, pool);
		load->hung = hung_seconds(pool);
		load->nr_workers = pool->nr_workers;
		load->manager = pool->create != CREATE_NONE ? manager_tid() : 0;
		list_for_each_entry(worker, &pool->idle_list, node) {
			struct shown *word = skip-- > 0 ? NULL : new_word(list);

			if (!word)
				continue;
			word->kind = SHOWN_IDLE;
			word->comma = false;
			word->tid = worker_tid(worker);
		}
	}
	pool_unlock(pool);
	busy = busy && (list->n || !load->nr_idle_shown);
	load->nr_idle_shown += list->n;
	return busy;
}
