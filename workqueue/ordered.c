// SPDX-License-Identifier: MIT
/*
 * ordered.c - an ordered queue keeps its order when its attributes change
 *
 * An ordered queue has one pwq at a time. New attributes mean a new pwq, which must not
 * start anything before the old one is empty (C85, C86): it begins plugged. Submitters
 * on ordered queues hold an RCU read section from reading the pointer to publishing;
 * after a grace period the old pwq can get nothing more, it is retired, and when it is
 * empty the next one is unplugged. Whoever finishes the last item holds a pool lock and
 * leaves that to the manager.
 *
 * Locks: wq_pool_mutex, then wq->mutex. Never waits for a user's function.
 */
#include <linux/rcupdate.h>

#include "workqueue/workqueue_internal.h"

/* Drop the empty pwqs of an ordered queue that can get nothing any more. */
static void forget_retired(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq, *next;

	list_for_each_entry_safe(pwq, next, &wq->pwqs, pwqs_node) {
		bool empty;

		if (!pwq->retired)
			continue;
		pool_lock(pwq->pool);
		empty = !pwq->nr_total && pwq->flush_color < 0 && !pwq_in_distress(pwq);
		pool_unlock(pwq->pool);
		if (!empty)
			continue;
		list_del_init(&pwq->pwqs_node);
		pwq_recycle(pwq);
	}
	wq_unshare_accounts(wq);
}

/*
 * Let the oldest pwq of an ordered queue that has items, or else the newest, run.
 * wq->pwqs is in order of age. wq->mutex held.
 */
void wq_unplug_oldest(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;

	lockdep_assert_held(&wq->mutex);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		bool take;

		pool_lock(pwq->pool);
		pool_drain_inbox(pwq->pool);
		take = pwq->nr_total || pwq == wq->dfl_pwq;
		if (take && pwq->plugged) {
			pwq->plugged = false;
			/* all that waits comes in order as slots get free (C86) */
			pwq_activate_waiting(pwq);
		}
		pool_unlock_and_wake(pwq->pool);
		if (take)
			return;
	}
}

/* New items of an ordered queue go to @pwq, which starts when the older ones are done. */
void wq_switch_ordered(struct workqueue_struct *wq, struct pool_workqueue *pwq)
{
	struct pool_workqueue *old = wq->dfl_pwq;

	lockdep_assert_held(&wq->mutex);
	__atomic_store_n(&wq->dfl_pwq, pwq, __ATOMIC_RELEASE);
	/* whoever read the old pointer has published in the old pwq afterwards */
	synchronize_rcu();
	pool_lock(old->pool);
	pool_drain_inbox(old->pool);
	old->retired = true;
	pool_unlock_and_wake(old->pool);
	/*
	 * In this order: a pwq that becomes empty between the two stays with the queue,
	 * so that manager_unplug() still finds the queue through it.
	 */
	forget_retired(wq);
	wq_unplug_oldest(wq);
}
