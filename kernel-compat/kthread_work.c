// SPDX-License-Identifier: MIT
/*
 * kthread_work.c - the items of a kthread_worker: queue, delay, flush, cancel
 *
 * Waiting is done by items of our own on the waiter's stack: put right behind
 * the item that is waited for, or first in line if that one is running, and
 * completed when its turn comes. That works for every wait because one thread
 * runs all items in order.
 *
 * Cancelling a delayed item has to let go of worker->lock while it waits for
 * the timer's function. Meanwhile work->canceling is raised: nobody can queue the
 * item, and a timer that fires leaves it where it is, so that it is found, and
 * taken off, by whoever raised the count.
 *
 * Locks: worker->lock, under which the timer is armed and the worker woken.
 * Differs from Linux: see linux/kthread_worker.h.
 */
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/export.h>
#include <linux/kthread_worker.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "kernel-compat/task_wait.h"
#include "kernel-compat/timer_internal.h"

/* ---- queueing ---- */

/* Under worker->lock. */
static bool may_queue(struct kthread_worker *worker, struct kthread_work *work)
{
	lockdep_assert_held(&worker->lock);
	if (!list_empty(&work->node) || work->canceling)
		return false;
	WARN_ON_ONCE(work->worker && work->worker != worker);
	WRITE_ONCE(work->worker, worker);
	return true;
}

/* Under worker->lock: put @work in front of @pos, which is in work_list or is its head. */
static void insert_before(struct kthread_worker *worker, struct kthread_work *work,
			  struct list_head *pos)
{
	lockdep_assert_held(&worker->lock);
	list_add_tail(&work->node, pos);
	/* a busy worker looks at the list again before it sleeps */
	if (!worker->current_work && worker->task)
		wake_up_process(worker->task);
}

/* Under worker->lock, after may_queue(). */
static void queue_after(struct kthread_worker *worker, struct kthread_delayed_work *dwork,
			unsigned long delay)
{
	if (!delay) {
		insert_before(worker, &dwork->work, &worker->work_list);
		return;
	}
	dwork->work.armed = true;
	list_add_tail(&dwork->work.node, &worker->delayed_work_list);
	timer_arm_after(&dwork->timer, delay);
}

/**
 * kthread_queue_work - have a worker call an item's function
 * @worker: the worker
 * @work: the item; the worker's until its function is called
 *
 * Context: any.
 * Ordering: the function sees everything done before this call.
 * Return: true if it was queued now; false if it was queued or armed already or
 * is being cancelled.
 */
bool kthread_queue_work(struct kthread_worker *worker, struct kthread_work *work)
{
	unsigned long flags;
	bool queued;

	raw_spin_lock_irqsave(&worker->lock, flags);
	queued = may_queue(worker, work);
	if (queued)
		insert_before(worker, work, &worker->work_list);
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	return queued;
}
EXPORT_SYMBOL_GPL(kthread_queue_work);

/**
 * kthread_queue_delayed_work - queue an item after a time
 * @worker: the worker
 * @dwork: the item
 * @delay: jiffies to wait; 0 = queue now; otherwise as for queue_delayed_work_on()
 *
 * Context: any.
 * Return: as kthread_queue_work().
 */
bool kthread_queue_delayed_work(struct kthread_worker *worker,
				struct kthread_delayed_work *dwork, unsigned long delay)
{
	unsigned long flags;
	bool queued;

	raw_spin_lock_irqsave(&worker->lock, flags);
	queued = may_queue(worker, &dwork->work);
	if (queued)
		queue_after(worker, dwork, delay);
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	return queued;
}
EXPORT_SYMBOL_GPL(kthread_queue_delayed_work);

/**
 * kthread_delayed_work_timer_fn - what the timer of a delayed item calls
 * @t: the timer inside a struct kthread_delayed_work
 */
void kthread_delayed_work_timer_fn(struct timer_list *t)
{
	struct kthread_delayed_work *dwork = timer_container_of(dwork, t, timer);
	struct kthread_work *work = &dwork->work;
	struct kthread_worker *worker = READ_ONCE(work->worker);
	unsigned long flags;

	if (WARN_ON_ONCE(!worker))
		return;
	raw_spin_lock_irqsave(&worker->lock, flags);
	if (work->armed && !work->canceling) {
		work->armed = false;
		list_del_init(&work->node);
		insert_before(worker, work, &worker->work_list);
	}
	raw_spin_unlock_irqrestore(&worker->lock, flags);
}
EXPORT_SYMBOL(kthread_delayed_work_timer_fn);

/* ---- waiting ---- */

/* A waiter's place in line */
struct flush_item {
	struct kthread_work work;
	struct completion done;
	struct task_struct *thread;	/* the worker's, NULL if it has none yet */
};

static void flush_item_fn(struct kthread_work *work)
{
	struct flush_item *flush = container_of(work, struct flush_item, work);

	/* *flush may be gone from here on */
	complete(&flush->done);
}

/* Under worker->lock: would waiting for this worker be waiting for oneself? */
static bool waits_for_itself(struct kthread_worker *worker, const char *call)
{
	return WARN(worker->task == current, "%s called in the worker's own thread\n", call);
}

/* Under worker->lock. */
static void insert_flush(struct kthread_worker *worker, struct flush_item *flush,
			 struct list_head *pos)
{
	flush->thread = worker->task;
	insert_before(worker, &flush->work, pos);
}

static void wait_for_flush(struct flush_item *flush, const char *call, const void *object)
{
	task_wait_for_completion(&flush->done, WAITS_FOR_KTHREAD, call, object, flush->thread);
}

/*
 * Under worker->lock: put @flush behind @work if that is queued, first in line if
 * it is running. False: neither, so there is nothing to wait for.
 */
static bool wait_behind(struct kthread_worker *worker, struct kthread_work *work,
			struct flush_item *flush)
{
	struct list_head *pos;

	if (!list_empty(&work->node) && !work->armed)
		pos = work->node.next;
	else if (worker->current_work == work)
		pos = worker->work_list.next;
	else
		return false;
	if (waits_for_itself(worker, "kthread_flush_work() or a cancel"))
		return false;
	insert_flush(worker, flush, pos);
	return true;
}

static void flush_item_init(struct flush_item *flush)
{
	kthread_init_work(&flush->work, flush_item_fn);
	init_completion(&flush->done);
}

/**
 * kthread_flush_work - wait until an item is neither queued nor running
 * @work: the item; queueing it again meanwhile is not waited for
 *
 * Context: may sleep; not from an item of the same worker.
 */
void kthread_flush_work(struct kthread_work *work)
{
	struct kthread_worker *worker = READ_ONCE(work->worker);
	struct flush_item flush;
	bool wait;

	if (!worker)
		return;
	flush_item_init(&flush);
	raw_spin_lock_irq(&worker->lock);
	wait = wait_behind(worker, work, &flush);
	raw_spin_unlock_irq(&worker->lock);
	if (wait)
		wait_for_flush(&flush, __func__, work);
}
EXPORT_SYMBOL_GPL(kthread_flush_work);

/**
 * kthread_flush_worker - wait for everything that is queued or running now
 * @worker: the worker; items whose timer runs are not waited for
 *
 * Context: may sleep; not from an item of the same worker.
 */
void kthread_flush_worker(struct kthread_worker *worker)
{
	struct flush_item flush;
	bool wait;

	flush_item_init(&flush);
	raw_spin_lock_irq(&worker->lock);
	wait = !waits_for_itself(worker, "kthread_flush_worker()");
	if (wait)
		insert_flush(worker, &flush, &worker->work_list);
	raw_spin_unlock_irq(&worker->lock);
	if (wait)
		wait_for_flush(&flush, __func__, worker);
}
EXPORT_SYMBOL_GPL(kthread_flush_worker);

/* ---- cancelling ---- */

/*
 * Under worker->lock, which is dropped and taken again: stop the timer and wait
 * for its function. Others may have done anything to the item in between, but
 * queue it.
 */
static void stop_timer(struct kthread_worker *worker, struct kthread_delayed_work *dwork,
		       unsigned long *flags)
{
	dwork->work.canceling++;
	raw_spin_unlock_irqrestore(&worker->lock, *flags);
	timer_delete_sync(&dwork->timer);
	raw_spin_lock_irqsave(&worker->lock, *flags);
	dwork->work.canceling--;
}

/* Under worker->lock: true if it was queued or armed and no longer is. */
static bool take_off(struct kthread_worker *worker, struct kthread_work *work)
{
	lockdep_assert_held(&worker->lock);
	if (list_empty(&work->node))
		return false;
	list_del_init(&work->node);
	work->armed = false;
	return true;
}

/* Under worker->lock, dropped and taken again: @work shall neither run nor be queued. */
static void wait_for_run(struct kthread_worker *worker, struct kthread_work *work,
			 unsigned long *flags)
{
	struct flush_item flush;

	flush_item_init(&flush);
	if (!wait_behind(worker, work, &flush))
		return;
	work->canceling++;
	raw_spin_unlock_irqrestore(&worker->lock, *flags);
	wait_for_flush(&flush, "kthread_cancel_work_sync", work);
	raw_spin_lock_irqsave(&worker->lock, *flags);
	work->canceling--;
}

/* @dwork: what contains @work if it is a delayed item, else NULL */
static bool cancel_sync(struct kthread_work *work, struct kthread_delayed_work *dwork)
{
	struct kthread_worker *worker = READ_ONCE(work->worker);
	unsigned long flags;
	bool was_pending;

	if (!worker)
		return false;
	raw_spin_lock_irqsave(&worker->lock, flags);
	if (dwork)
		stop_timer(worker, dwork, &flags);
	was_pending = take_off(worker, work);
	wait_for_run(worker, work, &flags);
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	return was_pending;
}

/**
 * kthread_cancel_work_sync - take an item back and wait until it does not run
 * @work: the item; it cannot be queued, by itself neither, until this returns
 *
 * Afterwards, if nobody queues it, the item is the caller's: it may be freed.
 * Context: may sleep; not from an item of the same worker.
 * Return: true if it was queued.
 */
bool kthread_cancel_work_sync(struct kthread_work *work)
{
	return cancel_sync(work, NULL);
}
EXPORT_SYMBOL_GPL(kthread_cancel_work_sync);

/**
 * kthread_cancel_delayed_work_sync - the same for a delayed item
 * @dwork: the item
 *
 * Return: true if it was queued or its timer ran.
 */
bool kthread_cancel_delayed_work_sync(struct kthread_delayed_work *dwork)
{
	return cancel_sync(&dwork->work, dwork);
}
EXPORT_SYMBOL_GPL(kthread_cancel_delayed_work_sync);

/**
 * kthread_mod_delayed_work - queue a delayed item, or give it a new delay
 * @worker: the worker
 * @dwork: the item
 * @delay: jiffies from now; 0 = queue now; otherwise as for queue_delayed_work_on()
 *
 * When somebody else is cancelling or modifying the item at this moment, that
 * one wins and nothing is queued here.
 *
 * Context: any in which the timer's function may be waited for.
 * Return: false if it was idle and is queued now; true if it was pending, or
 * somebody else won.
 */
bool kthread_mod_delayed_work(struct kthread_worker *worker,
			      struct kthread_delayed_work *dwork, unsigned long delay)
{
	struct kthread_work *work = &dwork->work;
	bool was_pending = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&worker->lock, flags);
	if (work->worker) {
		WARN_ON_ONCE(work->worker != worker);
		stop_timer(worker, dwork, &flags);
		if (work->canceling) {
			raw_spin_unlock_irqrestore(&worker->lock, flags);
			return true;
		}
		was_pending = take_off(worker, work);
	}
	if (may_queue(worker, work))
		queue_after(worker, dwork, delay);
	raw_spin_unlock_irqrestore(&worker->lock, flags);
	return was_pending;
}
EXPORT_SYMBOL_GPL(kthread_mod_delayed_work);
