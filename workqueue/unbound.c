// SPDX-License-Identifier: MIT
/*
 * unbound.c - which pwq of an unbound queue serves which CPU
 *
 * The attributes of a queue, the CPUs that unbound work may use at all, the pods and
 * what is online decide into which pools its items go. One pwq (dfl_pwq) covers all CPUs
 * of the queue; if its scope has more pods, each of them has a pwq of its own, found by
 * the CPU of the caller (cpu_pwq). Pools are shared by all queues that want the same.
 *
 * A change is prepared completely, then put in force: new items go to the new pwqs from
 * the moment their pointers are stored. The old ones finish what they have and stay with
 * the queue for a while, to be used again if the same attributes come back (former.c).
 * (An ordered queue has only dfl_pwq, and changes it with care: ordered.c.)
 *
 * Locks: wq_pool_mutex, then wq->mutex. Never waits for a user's function.
 */
#define KBUILD_MODNAME "workqueue"
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "kernel-compat/test_points.h"
#include "workqueue/pod.h"
#include "workqueue/workqueue_internal.h"

struct cpumask wq_unbound_cpumask;
struct cpumask wq_requested_unbound_cpumask;
struct cpumask wq_isolated_cpumask;

static bool force_round_robin;	/* A */
module_param_named(debug_force_rr_cpu, force_round_robin, bool, 0644);
MODULE_PARM_DESC(debug_force_rr_cpu, "unbound items take the CPUs in turn");

static char *unbound_cpus;	/* I */
module_param(unbound_cpus, charp, 0);
MODULE_PARM_DESC(unbound_cpus, "list of CPUs that unbound queues may use");

/* ---- preparing a change ---- */

/* A change of one queue that has been prepared and is not in force yet. */
struct attrs_change {
	struct workqueue_struct *wq;
	struct workqueue_attrs *attrs;		/* as asked for */
	struct pool_workqueue *dfl_pwq;
	struct pool_workqueue **cpu_pwq;	/* NULL: dfl_pwq serves all CPUs */
	struct list_head new_pwqs;		/* made for it, by pwqs_node */
	struct list_head node;
};

/* Give up a change, or what is left of one that is in force. */
static void change_free(struct attrs_change *change)
{
	struct pool_workqueue *pwq, *next;

	list_for_each_entry_safe(pwq, next, &change->new_pwqs, pwqs_node) {
		list_del_init(&pwq->pwqs_node);
		pwq_recycle(pwq);
	}
	free_workqueue_attrs(change->attrs);
	kfree(change->cpu_pwq);
	kfree(change);
}

static struct pool_workqueue *find_in_pool(struct list_head *pwqs,
					   const struct worker_pool *pool)
{
	struct pool_workqueue *pwq;

	list_for_each_entry(pwq, pwqs, pwqs_node)
		if (pwq->pool == pool)
			return pwq;
	return NULL;
}

/*
 * The pwq for items that start on @pod and stay in @cpus. One that the queue has in
 * that pool is taken again, unless that could bring items out of order.
 */
static struct pool_workqueue *pwq_for(struct attrs_change *change, const struct cpumask *cpus,
				      const struct cpumask *pod)
{
	struct workqueue_struct *wq = change->wq;
	struct worker_pool *pool = pool_of_attrs(change->attrs->nice, change->attrs->affn_strict,
						 cpus, pod);
	struct pool_workqueue *pwq;

	if (!pool)
		return NULL;
	if (wq->dfl_pwq && wq->dfl_pwq->pool == pool)
		return wq->dfl_pwq;
	pwq = find_in_pool(&change->new_pwqs, pool);
	if (!pwq && !(wq_flags(wq) & __WQ_ORDERED))
		pwq = find_in_pool(&wq->pwqs, pool);
	if (!pwq) {
		pwq = pwq_new(wq, pool);
		if (pwq)
			list_add_tail(&pwq->pwqs_node, &change->new_pwqs);
	}
	return pwq;
}

/* The CPUs that a queue gets of those that it asks for (C117). */
static void effective_cpus(const struct workqueue_attrs *attrs, const struct cpumask *unbound,
			   struct cpumask *cpus)
{
	if (!cpumask_and(cpus, attrs->cpumask, unbound))
		cpumask_copy(cpus, unbound);
}

/* A pwq for each CPU's pod. An array without a pwq of its own is dropped again. */
static bool prepare_pods(struct attrs_change *change, const struct cpumask *cpus)
{
	struct cpumask pod;
	bool several = false;
	int cpu;

	change->cpu_pwq = kcalloc(nr_cpu_ids, sizeof(*change->cpu_pwq), GFP_KERNEL);
	if (!change->cpu_pwq)
		return false;
	for_each_possible_cpu(cpu) {
		wq_pod_cpus(change->attrs->affn_scope, cpus, cpu, &pod);
		change->cpu_pwq[cpu] = pwq_for(change, cpus, &pod);
		if (!change->cpu_pwq[cpu])
			return false;
		several = several || change->cpu_pwq[cpu] != change->dfl_pwq;
	}
	if (!several) {
		kfree(change->cpu_pwq);
		change->cpu_pwq = NULL;
	}
	return true;
}

/* Everything that can fail. NULL: no memory, nothing has changed. */
static struct attrs_change *prepare(struct workqueue_struct *wq,
				    const struct workqueue_attrs *attrs,
				    const struct cpumask *unbound)
{
	struct attrs_change *change = kzalloc(sizeof(*change), GFP_KERNEL);
	struct cpumask cpus;

	lockdep_assert_held(&wq_pool_mutex);
	if (!change)
		return NULL;
	INIT_LIST_HEAD(&change->new_pwqs);
	INIT_LIST_HEAD(&change->node);
	change->wq = wq;
	change->attrs = alloc_workqueue_attrs();
	if (!change->attrs)
		goto fail;
	copy_workqueue_attrs(change->attrs, attrs);
	effective_cpus(attrs, unbound, &cpus);
	change->dfl_pwq = pwq_for(change, &cpus, &cpus);
	if (!change->dfl_pwq)
		goto fail;
	if (!(wq_flags(wq) & __WQ_ORDERED) && !prepare_pods(change, &cpus))
		goto fail;
	return change;

fail:
	change_free(change);
	return NULL;
}

/* ---- putting it in force ---- */

/* The new pwqs belong to the queue from now on, although nothing is queued there yet. */
static void link_new_pwqs(struct attrs_change *change)
{
	struct workqueue_struct *wq = change->wq;
	struct pool_workqueue *pwq, *next;

	list_for_each_entry_safe(pwq, next, &change->new_pwqs, pwqs_node) {
		pwq->work_color = wq->work_color;
		list_move_tail(&pwq->pwqs_node, &wq->pwqs);
		if (!list_is_singular(&wq->pwqs))
			wq_share_accounts(wq);
	}
}

static void store_cpu_pwqs(struct workqueue_struct *wq, struct attrs_change *change)
{
	int cpu;

	if (!wq->cpu_pwq) {
		/* complete before anybody can see it */
		__atomic_store_n(&wq->cpu_pwq, change->cpu_pwq, __ATOMIC_RELEASE);
		change->cpu_pwq = NULL;
		return;
	}
	for_each_possible_cpu(cpu)
		__atomic_store_n(&wq->cpu_pwq[cpu],
				 change->cpu_pwq ? change->cpu_pwq[cpu] : change->dfl_pwq,
				 __ATOMIC_RELEASE);
}

/* wq->mutex held. Frees the change. */
static void commit(struct attrs_change *change)
{
	struct workqueue_struct *wq = change->wq;
	struct pool_workqueue *dfl = change->dfl_pwq;
	struct pool_workqueue *old = wq->dfl_pwq;
	bool in_order = (wq_flags(wq) & __WQ_ORDERED) && wq->dfl_pwq && dfl != wq->dfl_pwq;

	lockdep_assert_held(&wq->mutex);
	copy_workqueue_attrs(wq->attrs, change->attrs);
	if (in_order)
		dfl->plugged = true;
	link_new_pwqs(change);
	if (in_order) {
		wq_switch_ordered(wq, dfl);
	} else {
		__atomic_store_n(&wq->dfl_pwq, dfl, __ATOMIC_RELEASE);
		if (wq->cpu_pwq || change->cpu_pwq)
			store_cpu_pwqs(wq, change);
	}
	TEST_POINT("attrs_stored");
	wq_move_min_workers(wq, old, dfl);
	wq_move_idle_timeout(wq, old, dfl);
	wq_adjust_max_active(wq);
	if (!in_order)
		wq_forget_former(wq);
	change_free(change);
}

/* Both mutexes held. 0 or -ENOMEM; then nothing has changed. */
int wq_apply_attrs(struct workqueue_struct *wq, const struct workqueue_attrs *attrs)
{
	struct attrs_change *change = prepare(wq, attrs, &wq_unbound_cpumask);

	if (!change)
		return -ENOMEM;
	commit(change);
	return 0;
}

/* ---- what is online, and which CPUs unbound work may use ---- */

/* No memory for new pwqs: the one that covers all CPUs serves until the next change (C147). */
static void fall_back(struct workqueue_struct *wq)
{
	int cpu;

	pr_warn("workqueue: no memory for the pods of wq %s, using one for all its CPUs\n",
		wq->name);
	if (!wq->cpu_pwq)
		return;
	for_each_possible_cpu(cpu)
		__atomic_store_n(&wq->cpu_pwq[cpu], wq->dfl_pwq, __ATOMIC_RELEASE);
}

static void update_pods_of(struct workqueue_struct *wq)
{
	struct attrs_change *change = NULL;

	mutex_lock(&wq->mutex);
	if (!(wq_flags(wq) & __WQ_ORDERED)) {
		change = prepare(wq, wq->attrs, &wq_unbound_cpumask);
		if (!change)
			fall_back(wq);
	}
	if (change)
		commit(change);
	else
		wq_adjust_max_active(wq);
	mutex_unlock(&wq->mutex);
}

/* Pods or what is online have changed: all unbound queues follow. wq_pool_mutex held. */
void wq_update_all_pods(void)
{
	struct workqueue_struct *wq;
	int i;

	lockdep_assert_held(&wq_pool_mutex);
	for (i = 0; i < nr_worker_pools(); i++)
		if (pool_by_index(i)->cpu < 0)
			pool_update_max_running(pool_by_index(i));
	list_for_each_entry(wq, &workqueues, list)
		if (wq_flags(wq) & WQ_UNBOUND)
			update_pods_of(wq);
}

/* @cpu came or went; cpu_online_mask says which. wq_pool_mutex held. */
void wq_update_pods(int cpu)
{
	(void)cpu;
	wq_update_all_pods();
}

/* Copy word by word: submitters look at it without a lock. */
static void set_unbound_cpumask(const struct cpumask *cpus)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(NR_CPUS); i++)
		__atomic_store_n(&wq_unbound_cpumask.bits[i], cpus->bits[i], __ATOMIC_RELAXED);
}

/* Prepare the change to @cpus for all unbound queues; false: no memory, @changes is empty. */
static bool prepare_all(const struct cpumask *cpus, struct list_head *changes)
{
	struct attrs_change *change, *next;
	struct workqueue_struct *wq;

	list_for_each_entry(wq, &workqueues, list) {
		if (!(wq_flags(wq) & WQ_UNBOUND) || (wq_flags(wq) & __WQ_DESTROYING))
			continue;
		/* new accounts take the limit, which may be changed at the same time */
		mutex_lock(&wq->mutex);
		change = prepare(wq, wq->attrs, cpus);
		mutex_unlock(&wq->mutex);
		if (!change)
			goto fail;
		list_add_tail(&change->node, changes);
	}
	return true;

fail:
	list_for_each_entry_safe(change, next, changes, node)
		change_free(change);
	return false;
}

/* All unbound queues keep to @cpus from now on: 0 or -ENOMEM. wq_pool_mutex held. */
static int apply_unbound_cpumask(const struct cpumask *cpus)
{
	struct attrs_change *change, *next;
	LIST_HEAD(changes);

	lockdep_assert_held(&wq_pool_mutex);
	if (!prepare_all(cpus, &changes))
		return -ENOMEM;
	set_unbound_cpumask(cpus);
	list_for_each_entry_safe(change, next, &changes, node) {
		struct workqueue_struct *wq = change->wq;

		mutex_lock(&wq->mutex);
		commit(change);
		mutex_unlock(&wq->mutex);
	}
	return 0;
}

/**
 * workqueue_set_unbound_cpumask - say which CPUs unbound queues may use
 * @cpus: those that cannot exist are left out; isolated ones may be among them
 *
 * What the file cpumask of the workqueue bus stores.
 *
 * Context: May sleep.
 * Return: 0; -EINVAL: no CPU is left; -ENOMEM: nothing has changed.
 */
int workqueue_set_unbound_cpumask(const struct cpumask *cpus)
{
	struct cpumask wanted;
	int err;

	if (!cpumask_and(&wanted, cpus, cpu_possible_mask))
		return -EINVAL;
	wq_need_topology();
	mutex_lock(&wq_pool_mutex);
	err = apply_unbound_cpumask(&wanted);
	if (!err)
		cpumask_copy(&wq_requested_unbound_cpumask, &wanted);
	mutex_unlock(&wq_pool_mutex);
	return err;
}

/**
 * workqueue_unbound_housekeeping_update - keep unbound queues to the housekeeping CPUs
 * @hk: CPUs that are not isolated
 *
 * In force is what was requested, without the isolated CPUs; if nothing is left, all
 * that was requested.
 *
 * Context: May sleep.
 * Return: 0; -ENOMEM: nothing has changed.
 */
int workqueue_unbound_housekeeping_update(const struct cpumask *hk)
{
	struct cpumask wanted;
	int err;

	wq_need_topology();
	mutex_lock(&wq_pool_mutex);
	if (!cpumask_and(&wanted, &wq_requested_unbound_cpumask, hk))
		cpumask_copy(&wanted, &wq_requested_unbound_cpumask);
	err = apply_unbound_cpumask(&wanted);
	if (!err)
		cpumask_andnot(&wq_isolated_cpumask, cpu_possible_mask, hk);
	mutex_unlock(&wq_pool_mutex);
	return err;
}

/* workqueue.unbound_cpus= narrows the mask; a bad list is told and ignored. */
static void narrow_unbound_cpumask(void)
{
	struct cpumask wanted;

	if (!unbound_cpus)
		return;
	if (cpulist_parse(unbound_cpus, &wanted))
		pr_warn("workqueue.unbound_cpus=%s: not a list of CPUs, ignored\n", unbound_cpus);
	else if (!cpumask_and(&wanted, &wanted, cpu_possible_mask))
		pr_warn("workqueue.unbound_cpus=%s: none of these CPUs exists, ignored\n",
			unbound_cpus);
	else
		cpumask_copy(&wq_unbound_cpumask, &wanted);
}

/* Before the first queue. */
void wq_unbound_init(void)
{
	cpumask_copy(&wq_unbound_cpumask, cpu_possible_mask);
	narrow_unbound_cpumask();
	cpumask_copy(&wq_requested_unbound_cpumask, &wq_unbound_cpumask);
}

/* ---- choosing a CPU ---- */

/* The next CPU in turn that unbound work may use; each thread has a turn of its own. */
static int next_unbound_cpu(int here)
{
	static __thread int last = -1;
	unsigned int cpu;

	cpu = cpumask_next_and(last, &wq_unbound_cpumask, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first_and(&wq_unbound_cpumask, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		return here;
	last = (int)cpu;
	return (int)cpu;
}

/*
 * The CPU for an unbound item that names none: the present one if unbound work may run
 * there, else one after the other (C11). Any context.
 */
int wq_select_unbound_cpu(void)
{
	int cpu = raw_smp_processor_id();

	if (unlikely(READ_ONCE(force_round_robin))) {
		pr_warn_once("workqueue: debug_force_rr_cpu is on, unbound items take the CPUs in turn; expect slow work\n");
		return next_unbound_cpu(cpu);
	}
	return likely(cpumask_test_cpu(cpu, &wq_unbound_cpumask)) ? cpu : next_unbound_cpu(cpu);
}
