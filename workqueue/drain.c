// SPDX-License-Identifier: MIT
/*
 * drain.c - emptying a queue, and destroying it
 *
 * While a queue is drained only its own functions may queue on it. Every round
 * flushes; it ends when a round leaves nothing behind. A function that requeues
 * itself for ever keeps it going, which is logged.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/printk.h>

#include "workqueue/workqueue_internal.h"

/* Is this thread inside a function that runs on @wq? */
bool runs_on_queue(const struct workqueue_struct *wq)
{
	const struct worker *worker = this_worker;

	return worker && worker->current_work && worker->current_pwq->wq == wq;
}

/*
 * Each pwq was empty when it was looked at. @admitted: how many items all of them have
 * got so far.
 */
static bool pwqs_are_empty(struct workqueue_struct *wq, unsigned long *admitted)
{
	struct pool_workqueue *pwq;
	bool empty = true;

	*admitted = 0;
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pool_lock(pwq->pool);
		pool_drain_inbox(pwq->pool);
		if (pwq->nr_total)
			empty = false;
		*admitted += pwq->nr_admitted;
		pool_unlock_and_wake(pwq->pool);
		TEST_POINT("pwq_looked_at");
	}
	return empty;
}

/*
 * Nothing of @wq is queued or running. wq->mutex held.
 *
 * One look at each pwq is not enough: an item in a pwq that comes later may queue
 * another one in a pwq that was empty, and end. If no pwq has got anything between two
 * looks at it, all of them were empty at the moment between the two rounds.
 */
bool wq_is_idle(struct workqueue_struct *wq)
{
	unsigned long before, after;

	lockdep_assert_held(&wq->mutex);
	return pwqs_are_empty(wq, &before) && pwqs_are_empty(wq, &after) && before == after;
}

/* C50: one line at round 10, then at each 100th up to the 1000th. */
static void report_round(struct workqueue_struct *wq, unsigned int round)
{
	if (round == 10 || (round % 100 == 0 && round <= 1000))
		pr_warn("workqueue %s: still not empty after %u rounds of draining; some item keeps queueing itself\n",
			wq->name, round);
}

static void set_flag(struct workqueue_struct *wq, unsigned int flag)
{
	__atomic_fetch_or(&wq->flags, flag, __ATOMIC_SEQ_CST);
}

static void clear_flag(struct workqueue_struct *wq, unsigned int flag)
{
	__atomic_fetch_and(&wq->flags, ~flag, __ATOMIC_SEQ_CST);
}

static void drain(struct workqueue_struct *wq, const char *call)
{
	unsigned int round = 0;
	bool idle;

	mutex_lock(&wq->mutex);
	if (!wq->nr_drainers++)
		set_flag(wq, __WQ_DRAINING);
	mutex_unlock(&wq->mutex);
	for (;;) {
		wq_flush(wq, call);
		mutex_lock(&wq->mutex);
		idle = wq_is_idle(wq);
		if (idle || wq_exiting())
			break;
		mutex_unlock(&wq->mutex);
		report_round(wq, ++round);
	}
	if (!--wq->nr_drainers)
		clear_flag(wq, __WQ_DRAINING);
	mutex_unlock(&wq->mutex);
}

/**
 * drain_workqueue - run everything, also what the items queue themselves
 * @wq: queue
 *
 * Until it returns only functions that run on @wq may queue on it; others are
 * dropped with a warning. May be nested and called by several threads. From a
 * function that runs on @wq it is refused and reported (U26).
 *
 * Context: May sleep.
 */
void drain_workqueue(struct workqueue_struct *wq)
{
	if (!refuse_own_queue(wq, __func__))
		drain(wq, __func__);
}
EXPORT_SYMBOL_GPL(drain_workqueue);

/* C53: something holds on to the queue; leaving it is better than freeing it. */
static bool still_busy(struct workqueue_struct *wq)
{
	bool busy;

	mutex_lock(&wq->mutex);
	busy = !wq_is_idle(wq) || wq->flush_color != wq->work_color;
	mutex_unlock(&wq->mutex);
	/* U12: what was queued when the process began to exit stays with its queue */
	if (wq_exiting() || !busy)
		return busy;
	WARN(1, "workqueue: wq %s is busy after it was drained; it is not freed\n", wq->name);
	show_one_workqueue(wq);
	return true;
}

/**
 * destroy_workqueue - run what is queued, then free the queue
 * @wq: queue; NULL is not allowed
 *
 * Items whose timer is armed are not seen: cancel them first. Refused from a
 * function that runs on @wq (U26).
 *
 * Context: May sleep.
 */
void destroy_workqueue(struct workqueue_struct *wq)
{
	if (refuse_own_queue(wq, __func__))
		return;
	/* its name is free for others from now on, whatever comes (C55) */
	wq_sysfs_unregister(wq);
	set_flag(wq, __WQ_DESTROYING);
	drain(wq, __func__);
	TEST_POINT("destroy_drained");
	rescuer_stop(wq);
	if (still_busy(wq))
		return;
	wq_free(wq);
}
EXPORT_SYMBOL_GPL(destroy_workqueue);
