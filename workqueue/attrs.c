// SPDX-License-Identifier: MIT
/*
 * attrs.c - attributes of unbound queues, and changing them
 *
 * New attributes mean another pool and therefore another pwq. New items go to the
 * new pwq from the moment its pointer is stored; the old pwq finishes what it has
 * and stays with the queue, to be used again if the same attributes come back.
 *
 * An ordered queue must not run items of the new pwq before the old one is empty
 * (C85, C86). The new pwq starts plugged, with max_active 0. Submitters on ordered
 * queues hold an RCU read section from reading the pointer to publishing; after a
 * grace period the old pwq can get nothing more, and when it is empty the new one is
 * unplugged by an item of the changer's own.
 *
 * Locks: wq_pool_mutex, then wq->mutex. Never waits for a user's function.
 */
#include <linux/bug.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "workqueue/workqueue_internal.h"

/**
 * alloc_workqueue_attrs_noprof - default attributes
 *
 * Nice 0, all possible CPUs, default scope, not strict, not ordered. Called through
 * alloc_workqueue_attrs().
 *
 * Context: May sleep.
 * Return: the attributes, for free_workqueue_attrs(); NULL: no memory.
 */
struct workqueue_attrs *alloc_workqueue_attrs_noprof(void)
{
	struct workqueue_attrs *attrs = kzalloc(sizeof(*attrs), GFP_KERNEL);

	if (!attrs)
		return NULL;
	if (!alloc_cpumask_var(&attrs->cpumask, GFP_KERNEL))
		goto free_attrs;
	if (!alloc_cpumask_var(&attrs->__pod_cpumask, GFP_KERNEL))
		goto free_cpumask;
	cpumask_copy(attrs->cpumask, cpu_possible_mask);
	attrs->affn_scope = WQ_AFFN_DFL;
	return attrs;

free_cpumask:
	free_cpumask_var(attrs->cpumask);
free_attrs:
	kfree(attrs);
	return NULL;
}
EXPORT_SYMBOL_GPL(alloc_workqueue_attrs_noprof);

/**
 * free_workqueue_attrs - give attributes back
 * @attrs: may be NULL
 */
void free_workqueue_attrs(struct workqueue_attrs *attrs)
{
	if (!attrs)
		return;
	free_cpumask_var(attrs->cpumask);
	free_cpumask_var(attrs->__pod_cpumask);
	kfree(attrs);
}
EXPORT_SYMBOL_GPL(free_workqueue_attrs);

/* The CPUs that a pool for these attributes runs on; NULL: all that the process may use. */
static const struct cpumask *effective_cpus(const struct workqueue_attrs *attrs)
{
	if (!cpumask_intersects(attrs->cpumask, cpu_online_mask) ||
	    cpumask_subset(cpu_online_mask, attrs->cpumask))
		return NULL;
	return attrs->cpumask;
}

/*
 * A pwq of @wq in @pool. One that served these attributes before is taken again,
 * unless that could bring items out of order.
 */
static struct pool_workqueue *pwq_in_pool(struct workqueue_struct *wq, struct worker_pool *pool)
{
	struct pool_workqueue *pwq;

	list_for_each_entry(pwq, &wq->pwqs, pwqs_node)
		if (pwq->pool == pool && !(wq->flags & __WQ_ORDERED))
			return pwq;
	pwq = pwq_new(wq, pool);
	if (pwq)
		list_add_tail(&pwq->pwqs_node, &wq->pwqs);
	return pwq;
}

/* Drop the empty pwqs of an ordered queue that can get nothing any more. */
static void forget_retired(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq, *next;

	list_for_each_entry_safe(pwq, next, &wq->pwqs, pwqs_node) {
		bool empty;

		if (!pwq->retired)
			continue;
		pool_lock(pwq->pool);
		empty = !pwq->nr_total && pwq->flush_color < 0;
		pool_unlock(pwq->pool);
		if (!empty)
			continue;
		list_del_init(&pwq->pwqs_node);
		pwq_recycle(pwq);
	}
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
			pwq->max_active = wq->max_active;
			/* all that waits comes in order as slots get free (C86) */
			pwq_activate_waiting(pwq);
		}
		pool_unlock_and_wake(pwq->pool);
		if (take)
			return;
	}
}

/* New items of an ordered queue go to @pwq, which starts when the older ones are done. */
static void switch_ordered(struct workqueue_struct *wq, struct pool_workqueue *pwq)
{
	struct pool_workqueue *old = wq->dfl_pwq;

	pwq->plugged = true;
	pwq->max_active = 0;
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

static void copy_attrs(struct workqueue_attrs *to, const struct workqueue_attrs *from)
{
	to->nice = from->nice;
	cpumask_copy(to->cpumask, from->cpumask);
	to->affn_strict = from->affn_strict;
	to->affn_scope = from->affn_scope;
}

/**
 * apply_workqueue_attrs - change the attributes of an unbound queue
 * @wq: queue
 * @attrs: new attributes; the caller's, copied. Without CPUs that the process may
 *	   use, all are taken. @attrs->ordered is ignored: an ordered queue stays
 *	   ordered (U29)
 *
 * Running and queued items stay where they are, later ones run with the new
 * attributes. Does not wait for items.
 *
 * Context: May sleep.
 * Return: 0; -EINVAL (with a warning): @wq is not unbound, or the scope does not
 * exist; -ENOMEM: nothing has changed.
 */
int apply_workqueue_attrs(struct workqueue_struct *wq, const struct workqueue_attrs *attrs)
{
	struct pool_workqueue *pwq = NULL;
	struct worker_pool *pool;

	if (WARN_ON(!(wq->flags & WQ_UNBOUND)))
		return -EINVAL;
	if (WARN_ON((unsigned int)attrs->affn_scope >= WQ_AFFN_NR_TYPES))
		return -EINVAL;
	mutex_lock(&wq_pool_mutex);
	mutex_lock(&wq->mutex);
	pool = pool_of_attrs(attrs->nice, effective_cpus(attrs));
	if (pool && wq->dfl_pwq->pool == pool)
		pwq = wq->dfl_pwq;
	else if (pool)
		pwq = pwq_in_pool(wq, pool);
	if (pwq) {
		copy_attrs(wq->attrs, attrs);
		if (pwq != wq->dfl_pwq && (wq->flags & __WQ_ORDERED))
			switch_ordered(wq, pwq);
		else
			__atomic_store_n(&wq->dfl_pwq, pwq, __ATOMIC_RELEASE);
	}
	mutex_unlock(&wq->mutex);
	mutex_unlock(&wq_pool_mutex);
	return pwq ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_GPL(apply_workqueue_attrs);
