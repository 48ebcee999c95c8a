// SPDX-License-Identifier: MIT
/*
 * freezer.c - nothing new starts on queues made with WQ_FREEZABLE
 *
 * For an application that needs a moment of quiet: a checkpoint, maintenance. It
 * begins, asks until nothing is busy, does what it has to, and thaws. While
 * frozen the limits in force of freezable queues are zero (wq_adjust_max_active()), so
 * that items wait on their inactive lists, in order; the limits that were asked for are
 * kept, also if they change meanwhile. A queue made while frozen is born frozen.
 *
 * One state for the whole process, which does not nest.
 *
 * freeze_kernel_threads() does that, and has freezable kthreads stand still
 * (kernel-compat/freezer.c).
 *
 * Locks: wq_pool_mutex, then one wq->mutex, then one pool lock.
 * Differs from Linux: there is no suspend that would call these; the program does.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/freezer.h>
#include <linux/jiffies.h>

#include "kernel-compat/freezer.h"
#include "workqueue/workqueue_internal.h"

/* The state has changed: all freezable queues take notice. */
static void set_freezing(bool freezing)
{
	struct workqueue_struct *wq;

	lockdep_assert_held(&wq_pool_mutex);
	/* a queue whose limits are being set reads it without our mutex; we come after it */
	__atomic_store_n(&workqueue_freezing, freezing, __ATOMIC_RELAXED);
	list_for_each_entry(wq, &workqueues, list) {
		if (!(wq_flags(wq) & WQ_FREEZABLE))
			continue;
		mutex_lock(&wq->mutex);
		wq_adjust_max_active(wq);
		mutex_unlock(&wq->mutex);
	}
}

/**
 * freeze_workqueues_begin - let nothing new start on freezable queues
 *
 * Items that run or only wait for a worker finish; later ones wait for
 * thaw_workqueues(). Queueing works as always. A second call before that is reported.
 *
 * Context: May sleep. Does not wait for items: freeze_workqueues_busy() tells.
 */
void freeze_workqueues_begin(void)
{
	mutex_lock(&wq_pool_mutex);
	WARN_ONCE(workqueue_freezing,
		  "workqueue: freeze_workqueues_begin() while workqueues are frozen already\n");
	set_freezing(true);
	mutex_unlock(&wq_pool_mutex);
}
EXPORT_SYMBOL_GPL(freeze_workqueues_begin);

/* Does an item of @wq run, or wait for a worker? */
static bool is_active(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;
	bool active = false;

	mutex_lock(&wq->mutex);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pool_lock(pwq->pool);
		if (pwq->nr_active)
			active = true;
		pool_unlock(pwq->pool);
	}
	mutex_unlock(&wq->mutex);
	return active;
}

/**
 * freeze_workqueues_busy - is something still going on on freezable queues?
 *
 * Without freeze_workqueues_begin() it is reported.
 *
 * Context: May sleep.
 * Return: true while an item of one of them runs or waits for a worker. Once false it
 * stays so until thaw_workqueues(), and everything that those items did is visible.
 */
bool freeze_workqueues_busy(void)
{
	struct workqueue_struct *wq;
	bool busy = false;

	mutex_lock(&wq_pool_mutex);
	WARN_ONCE(!workqueue_freezing,
		  "workqueue: freeze_workqueues_busy() while workqueues are not frozen\n");
	list_for_each_entry(wq, &workqueues, list) {
		busy = (wq_flags(wq) & WQ_FREEZABLE) && is_active(wq);
		if (busy)
			break;
	}
	mutex_unlock(&wq_pool_mutex);
	return busy;
}
EXPORT_SYMBOL_GPL(freeze_workqueues_busy);

/**
 * thaw_workqueues - let freezable queues go on
 *
 * With the limits that are asked for now; what waits runs in its order. Does nothing if
 * they are not frozen.
 *
 * Context: May sleep.
 */
void thaw_workqueues(void)
{
	mutex_lock(&wq_pool_mutex);
	if (workqueue_freezing)
		set_freezing(false);
	mutex_unlock(&wq_pool_mutex);
}
EXPORT_SYMBOL_GPL(thaw_workqueues);

/**
 * freeze_kernel_threads - freezable kthreads and workqueues stand still
 *
 * Waits until nothing of them is running, at most uwq.freeze_timeout_ms (20 s).
 *
 * Context: may sleep; not from a freezable kthread or an item of a freezable queue.
 * Return: 0; -EBUSY: something does not come to rest. It is named in the log, and
 * everything goes on.
 */
int freeze_kernel_threads(void)
{
	unsigned long end = jiffies + msecs_to_jiffies(uwq_freeze_timeout_ms);
	int err = uwq_freeze_kthreads();

	if (err)
		return err;
	freeze_workqueues_begin();
	while (freeze_workqueues_busy()) {
		if (time_after(jiffies, end)) {
			show_freezable_workqueues();
			thaw_kernel_threads();
			return -EBUSY;
		}
		msleep(1);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(freeze_kernel_threads);

/**
 * thaw_kernel_threads - undo freeze_kernel_threads()
 *
 * Context: may sleep.
 */
void thaw_kernel_threads(void)
{
	thaw_workqueues();
	uwq_thaw_kthreads();
}
EXPORT_SYMBOL_GPL(thaw_kernel_threads);
