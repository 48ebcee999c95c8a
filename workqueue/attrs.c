// SPDX-License-Identifier: MIT
/*
 * attrs.c - the attributes of unbound queues
 *
 * Nice value, CPUs and affinity scope, as the user asks for them. What they mean in
 * pools and pwqs is the business of unbound.c.
 */
#include <linux/bug.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "workqueue/pod.h"
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

/* All but what belongs to the queue itself: ordered, and the private mask. */
void copy_workqueue_attrs(struct workqueue_attrs *to, const struct workqueue_attrs *from)
{
	to->nice = from->nice;
	cpumask_copy(to->cpumask, from->cpumask);
	to->affn_strict = from->affn_strict;
	to->affn_scope = from->affn_scope;
}

/**
 * apply_workqueue_attrs - change the attributes of an unbound queue
 * @wq: queue
 * @attrs: new attributes; the caller's, copied. Without CPUs that unbound queues may
 *	   use, all those are taken. @attrs->ordered is ignored: an ordered queue stays
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
	int err;

	if (WARN(!(wq_flags(wq) & WQ_UNBOUND),
		 "workqueue: apply_workqueue_attrs() on wq %s, which is not unbound\n", wq->name))
		return -EINVAL;
	if (WARN((unsigned int)attrs->affn_scope >= WQ_AFFN_NR_TYPES,
		 "workqueue: apply_workqueue_attrs() on wq %s: there is no affinity scope %d\n",
		 wq->name, attrs->affn_scope))
		return -EINVAL;
	wq_need_topology();
	mutex_lock(&wq_pool_mutex);
	mutex_lock(&wq->mutex);
	err = wq_apply_attrs(wq, attrs);
	mutex_unlock(&wq->mutex);
	mutex_unlock(&wq_pool_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(apply_workqueue_attrs);
