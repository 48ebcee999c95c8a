// SPDX-License-Identifier: MIT
/*
 * flush.c - waiting for one item
 *
 * A barrier is an item of our own on the waiter's stack, whose function releases
 * the waiter. It is put right behind its target: behind a waiting item in the same
 * list (the target gets LINKED, so that the two stay together), or at the head of
 * the scheduled list of the worker that runs the target. It takes no active slot,
 * but is in flight under its target's colour (C37).
 *
 * After complete() the barrier is gone; the worker goes on with its own fields.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <asm/processor.h>

#include "kernel-compat/lock_order.h"
#include "kernel-compat/task_wait.h"
#include "kernel-compat/wait_spin.h"
#include "workqueue/backoff.h"
#include "workqueue/workqueue_internal.h"

/* Pauses before the first look, see leave_alone() */
#define FIRST_LONGER	3u	/* more after one that came too early; after others, one less */
#define FIRST_MOST	32u	/* takes less than a sleep */

struct wq_barrier {
	struct work_struct work;
	struct completion done;
	struct task_wait_watch watch;
	work_func_t func;		/* of the target */
	int tid;			/* of the waiter */
	char unsafe_queue[WQ_NAME_LEN];	/* C45: its queue, if the waiter should not wait for it */
};

static void barrier_func(struct work_struct *work)
{
	struct wq_barrier *barrier = container_of(work, struct wq_barrier, work);

	complete(&barrier->done);
	/* @barrier is gone from here on */
}

/* Who waits, if @work is a barrier; 0: it is an item. Lock of its pool held. */
int barrier_waiter(const struct work_struct *work)
{
	return work->func == barrier_func ?
	       container_of(work, const struct wq_barrier, work)->tid : 0;
}

/* Count the barrier in and put it before @next. Pool lock held. */
static void insert_barrier(struct wq_barrier *barrier, struct pool_workqueue *pwq, int color,
			   unsigned long linked, struct list_head *next)
{
	INIT_WORK_ONSTACK(&barrier->work, barrier_func);
	init_completion(&barrier->done);
	work_set_data(&barrier->work,
		      work_data_onq(WORKER_ID_NONE, pwq, WORK_STRUCT_INACTIVE | linked |
				    (unsigned long)color << WORK_STRUCT_COLOR_SHIFT));
	pwq->nr_in_flight[color]++;
	pwq_set_total(pwq, pwq->nr_total + 1);
	list_add_tail(&barrier->work.entry, next);
}

/*
 * The waiter flushes an item of @wq with @func: note what has to be said about it. The
 * pool lock keeps the queue; it may be gone when there is time to speak.
 */
static void note_dependency(struct wq_barrier *barrier, const struct workqueue_struct *wq,
			    work_func_t func)
{
	barrier->func = func;
	if (!may_wait_for_queue(wq))
		strscpy(barrier->unsafe_queue, wq->name, sizeof(barrier->unsafe_queue));
}

/*
 * Say in the task what it waits for: @work, whose function is @func. Pool lock held, which
 * keeps the queue.
 */
static void record_wait(struct wq_barrier *barrier, const char *call,
			const struct work_struct *work, work_func_t func,
			const struct pool_workqueue *pwq)
{
	struct uwq_task_wait *wait = task_wait_open(&barrier->watch);

	if (wait) {
		task_wait_set(wait, kind, WAITS_FOR_WORK);
		task_wait_set(wait, call, call);
		task_wait_set(wait, object, work);
		task_wait_set(wait, func, (const void *)func);
		task_wait_set(wait, place, pwq);
		task_wait_set(wait, mark, &barrier->work);
		task_wait_set_name(wait, pwq->wq->name);
	}
	task_wait_publish(&barrier->watch);
}

/*
 * Wait for a barrier. A bottom half's run is short, so a waiter that must not sleep
 * may wait for it (C64).
 */
static void wait_for_barrier(struct wq_barrier *barrier, struct worker_pool *pool)
{
	struct backoff backoff = BACKOFF_INIT;

	if (barrier->unsafe_queue[0])
		report_flush_dependency(barrier->unsafe_queue, barrier->func);
	if (!(pool_flags(pool) & POOL_BH) || !in_atomic())
		wait_for_workers(&barrier->done, &barrier->watch);
	else
		while (!try_wait_for_completion(&barrier->done))
			backoff_wait(&backoff);
	task_wait_end(&barrier->watch);
}

/*
 * Wait until the present run of @work on @worker is over; false: it is already.
 * @is_flush: report if this thread should not wait for such a queue (C45).
 */
static bool wait_for_run(struct work_struct *work, struct worker *worker, const char *call,
			 bool is_flush)
{
	struct worker_pool *pool = __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE);
	struct wq_barrier barrier;

	barrier.tid = task_pid_nr(current);
	pool_lock(pool);
	if (!runs_in_pool(worker, work, pool)) {
		pool_unlock(pool);
		return false;
	}
	barrier.unsafe_queue[0] = '\0';
	if (is_flush)
		note_dependency(&barrier, worker->current_pwq->wq, worker->current_func);
	insert_barrier(&barrier, worker->current_pwq, worker->current_color, 0,
		       worker->scheduled.next);
	record_wait(&barrier, call, work, worker->current_func, worker->current_pwq);
	pool_unlock(pool);
	wait_for_barrier(&barrier, pool);
	return true;
}

/* Neither queued nor running at some moment of the call. */
static bool is_idle(struct work_struct *work)
{
	unsigned long data = work_data(work);

	if (work_data_queued(data)) {
		if (!wq_exit_has_settled())
			return false;
		/* it does not start any more, or has started */
		data = work_data(work);
	}
	return !running_after_id(work, work_data_last(data), 0);
}

/* The pool in which @work is, or was last; NULL: in none so far. */
static struct worker_pool *pool_of_work(struct work_struct *work)
{
	unsigned long data = work_data(work);
	unsigned long id = (data & WORK_OFFQ_POOL_MASK) >> WORK_OFFQ_POOL_SHIFT;

	if (data & WORK_STRUCT_PWQ)
		return pwq_pool(work_data_pwq(data));
	return id < (unsigned long)nr_worker_pools() ? pool_by_index((int)id) : NULL;
}

static __thread unsigned int first_pauses;	/* S */

/*
 * The item is queued. A look takes its line from the worker, which has to get it back for the next
 * step: to begin the run, to call the function, and when that uses what is around the item. So a
 * short run takes twice as long when it is watched from the beginning. How long to wait is learnt:
 * the first look is to find most short runs over, and not late.
 */
static void leave_alone(void)
{
	unsigned int i;

	for (i = 0; i < first_pauses; i++)
		cpu_relax();
}

static void learn_to_leave_alone(bool over)
{
	if (!over)
		first_pauses = min(first_pauses + FIRST_LONGER, FIRST_MOST);
	else if (first_pauses)
		first_pauses--;
}

/*
 * Look for a moment whether it is over before a barrier is hung up and a sleep begun. The
 * item is read for longer than it would be otherwise, but a caller cannot know when that
 * ends: its thread may be stopped at the first instruction for as long. For the same
 * reason a later queueing may be met and waited for.
 */
static bool becomes_idle_soon(struct work_struct *work)
{
	struct wait_spin spin;
	bool queued, over;

	if (in_atomic() || pool_serves_here(pool_of_work(work)) || !wait_spin_begin(&spin))
		return false;
	queued = work_data_queued(work_data(work));
	if (queued)
		leave_alone();
	over = is_idle(work);
	if (queued)
		learn_to_leave_alone(over);
	while (!over && wait_spin_again(&spin))
		over = is_idle(work);
	if (over)
		wait_spin_found();
	return over;
}

/**
 * wait_for_runs - wait for every run of an item that is going on
 * @work: item
 * @call: name of the call that waits
 * @is_flush: it flushes, and does not cancel
 *
 * Stronger than the kernel: runs in other pools are waited for as well (C33, C62).
 *
 * Return: true if it waited.
 */
bool wait_for_runs(struct work_struct *work, const char *call, bool is_flush)
{
	unsigned int last = work_data_last(work_data(work));
	struct worker *worker;
	unsigned int id = 0;
	bool waited = false;

	if (!is_flush) {
		lock_order_wait(work, (void *)work->func);
		if (is_idle(work))
			return false;
		if (becomes_idle_soon(work))
			return true;
	}
	while ((worker = running_after_id(work, last, id))) {
		id = worker->id;
		/* nothing of the kind waits for itself: see is_own_item() in cancel.c */
		if (worker != this_worker && wait_for_run(work, worker, call, is_flush))
			waited = true;
	}
	return waited;
}

enum found { FOUND_IDLE, FOUND_QUEUED, FOUND_MOVING, FOUND_BEHIND };

/*
 * If @work is queued, put a barrier behind it. FOUND_BEHIND: this is a bottom half, and
 * the item can run only after it.
 */
static enum found attach_to_queued(struct work_struct *work, struct wq_barrier *barrier,
				   struct worker_pool **poolp)
{
	unsigned long data = work_data(work);
	enum found found = FOUND_MOVING;
	struct pool_workqueue *pwq;
	struct worker_pool *pool;

	/* at exit what is queued does not start any more: wait for runs only */
	if (!work_data_queued(data) || wq_exit_has_settled())
		return FOUND_IDLE;
	pwq = work_data_pwq(data);
	TEST_POINT("flush_seen_queued");
	pool = pwq_pool(pwq);
	TEST_POINT("flush_seen_pool");
	if (unlikely(bh_serves(pool)))
		return FOUND_BEHIND;
	barrier->tid = task_pid_nr(current);
	pool_lock(pool);
	data = work_data(work);
	if (work_data_queued(data) && work_data_pwq(data) == pwq && pwq_pool(pwq) == pool) {
		pool_drain_inbox(pool);
		data = work_data(work);
		if (!list_empty(&work->entry)) {
			barrier->unsafe_queue[0] = '\0';
			note_dependency(barrier, pwq->wq, work->func);
			insert_barrier(barrier, pwq, work_data_color(data),
				       data & WORK_STRUCT_LINKED, work->entry.next);
			record_wait(barrier, "flush_work", work, work->func, pwq);
			work_set_data(work, data | WORK_STRUCT_LINKED);
			found = FOUND_QUEUED;
		}
	}
	pool_unlock_and_wake(pool);
	*poolp = pool;
	return found;
}

/**
 * flush_work - wait until the last queueing of an item has run
 * @work: item
 *
 * A queued instance: returns after it has run, or was cancelled. A running one:
 * returns after that run; a queueing that comes later is not waited for. An item
 * whose timer is armed counts as idle. From inside its own function, and from a bottom
 * half that the item waits for, it is refused and reported (U26).
 *
 * Context: May sleep.
 * Ordering: sees everything that the run did.
 * Return: true if it waited, false if the item was idle.
 */
bool flush_work(struct work_struct *work)
{
	struct backoff backoff = BACKOFF_INIT;
	struct wq_barrier barrier;
	struct worker_pool *pool;
	enum found found;

	if (WARN(!work->func, "workqueue: flush_work() on item %p, which was never initialised\n",
		 work))
		return false;
	if (WARN_ONCE(running_here(work),
		      "workqueue: flush_work() of item %p (%ps) from inside its own function; not waiting\n",
		      work, (void *)work->func))
		return false;
	lock_order_wait(work, (void *)work->func);
	if (is_idle(work))
		return false;
	if (becomes_idle_soon(work))
		return true;
	while ((found = attach_to_queued(work, &barrier, &pool)) == FOUND_MOVING) {
		TEST_POINT("flush_backoff");
		backoff_wait(&backoff);
	}
	if (WARN_ONCE(found == FOUND_BEHIND,
		      "workqueue: flush_work() of item %p (%ps) from a bottom half that runs before it; not waiting\n",
		      work, (void *)work->func))
		return false;
	if (found == FOUND_QUEUED) {
		wait_for_barrier(&barrier, pool);
		return true;
	}
	return wait_for_runs(work, __func__, true);
}
EXPORT_SYMBOL_GPL(flush_work);
