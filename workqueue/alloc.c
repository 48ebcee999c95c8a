// SPDX-License-Identifier: MIT
/*
 * alloc.c - making queues and setting their limits
 *
 * A queue gets a pwq for every possible CPU, or those of its attributes if it is unbound
 * (unbound.c). All memory is taken here, so that queueing never needs any.
 *
 * Locks: wq_pool_mutex for the list of queues and the pools; wq->mutex for limits.
 */
#define KBUILD_MODNAME "workqueue"
#include <linux/bug.h>
#include <linux/cpumask.h>
#include <linux/numa.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "kernel-compat/lock_order.h"
#include "workqueue/params.h"
#include "workqueue/pod.h"
#include "workqueue/workqueue_internal.h"

LIST_HEAD(workqueues);
static u64 last_serial;	/* M: of queues */
bool workqueue_freezing;

module_param_named(power_efficient, wq_params.power_efficient, bool, 0444);
MODULE_PARM_DESC(power_efficient, "queues with WQ_POWER_EFFICIENT are unbound");

/* ---- flags and limits ---- */

static int clamp_max_active(int max_active, const char *name)
{
	if (max_active < 1 || max_active > WQ_MAX_ACTIVE)
		pr_warn("workqueue: max_active %d of wq %s is out of range, using a value between 1 and %d\n",
			max_active, name, WQ_MAX_ACTIVE);
	return clamp(max_active, 1, (int)WQ_MAX_ACTIVE);
}

/* False: a combination that cannot be served. */
static bool check_flags(const char *name, unsigned int *flags, int max_active)
{
	if (*flags & WQ_BH) {
		if (WARN_ONCE(*flags & ~__WQ_BH_ALLOWS,
			      "workqueue: wq %s: flags %#x do not go with WQ_BH\n", name, *flags))
			return false;
		if (WARN_ONCE(max_active, "workqueue: wq %s: WQ_BH has no max_active (%d)\n",
			      name, max_active))
			return false;
	}
	if ((*flags & WQ_POWER_EFFICIENT) && wq_params.power_efficient)
		*flags = (*flags & ~WQ_PERCPU) | WQ_UNBOUND;
	if (WARN_ONCE(!(*flags & (WQ_PERCPU | WQ_UNBOUND)),
		      "workqueue: wq %s has neither WQ_PERCPU nor WQ_UNBOUND, taking WQ_PERCPU\n",
		      name))
		*flags |= WQ_PERCPU;
	if (WARN_ONCE((*flags & WQ_PERCPU) && (*flags & WQ_UNBOUND),
		      "workqueue: wq %s has WQ_PERCPU and WQ_UNBOUND, taking WQ_UNBOUND\n", name))
		*flags &= ~WQ_PERCPU;
	return true;
}

/* ---- pwqs ---- */

static struct worker_pool *pool_for(struct workqueue_struct *wq, int cpu)
{
	bool highpri = wq->flags & WQ_HIGHPRI;

	return wq->flags & WQ_BH ? bh_pool_of_cpu(cpu, highpri) : pool_of_cpu(cpu, highpri);
}

static bool make_cpu_pwqs(struct workqueue_struct *wq)
{
	int cpu;

	wq->cpu_pwq = kcalloc(nr_cpu_ids, sizeof(*wq->cpu_pwq), GFP_KERNEL);
	if (!wq->cpu_pwq)
		return false;
	for_each_possible_cpu(cpu) {
		wq->cpu_pwq[cpu] = pwq_new(wq, pool_for(wq, cpu));
		if (!wq->cpu_pwq[cpu])
			return false;
		list_add_tail(&wq->cpu_pwq[cpu]->pwqs_node, &wq->pwqs);
	}
	return true;
}

static bool make_unbound_pwqs(struct workqueue_struct *wq)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int err = -ENOMEM;

	wq->attrs = alloc_workqueue_attrs();
	wq->node_nr_active = kcalloc(MAX_NUMNODES + 1, sizeof(*wq->node_nr_active), GFP_KERNEL);
	if (attrs && wq->attrs && wq->node_nr_active) {
		attrs->nice = wq->flags & WQ_HIGHPRI ? HIGHPRI_NICE_LEVEL : 0;
		wq->attrs->ordered = wq->flags & __WQ_ORDERED;
		err = wq_apply_attrs(wq, attrs);
	}
	free_workqueue_attrs(attrs);
	return !err;
}

static void release(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq, *next;

	lockdep_assert_held(&wq_pool_mutex);
	list_for_each_entry_safe(pwq, next, &wq->pwqs, pwqs_node) {
		list_del_init(&pwq->pwqs_node);
		pwq_recycle(pwq);
	}
	rescuer_free(wq);
	node_accounts_free(wq);
	free_workqueue_attrs(wq->attrs);
	kfree(wq->cpu_pwq);
	mutex_destroy(&wq->mutex);
	lock_order_forget(wq);
	kfree(wq);
}

/* ---- queues ---- */

/* What was asked for, or nothing while frozen. wq->mutex held, or nobody knows @wq yet. */
static void use_saved_limits(struct workqueue_struct *wq)
{
	bool frozen = (wq_flags(wq) & WQ_FREEZABLE) &&
		      __atomic_load_n(&workqueue_freezing, __ATOMIC_RELAXED);

	wq->max_active = frozen ? 0 : wq->saved_max_active;
	wq->min_active = frozen ? 0 : wq->saved_min_active;
}

static struct workqueue_struct *create(const char *name, unsigned int flags, int max_active)
{
	struct workqueue_struct *wq = kzalloc(sizeof(*wq), GFP_KERNEL);
	bool made;

	if (!wq)
		return NULL;
	strscpy(wq->name, name, sizeof(wq->name));
	wq->flags = flags;
	wq->saved_max_active = max_active;
	wq->saved_min_active = min(max_active, (int)WQ_DFL_MIN_ACTIVE);
	mutex_init(&wq->mutex);
	INIT_LIST_HEAD(&wq->pwqs);
	INIT_LIST_HEAD(&wq->flushers);
	INIT_LIST_HEAD(&wq->list);

	mutex_lock(&wq_pool_mutex);
	use_saved_limits(wq);
	mutex_lock(&wq->mutex);
	made = flags & WQ_UNBOUND ? make_unbound_pwqs(wq) : make_cpu_pwqs(wq);
	mutex_unlock(&wq->mutex);
	if (made) {
		wq->serial = ++last_serial;
		list_add_tail(&wq->list, &workqueues);
	} else {
		release(wq);
		wq = NULL;
	}
	mutex_unlock(&wq_pool_mutex);
	if (wq && (flags & WQ_MEM_RECLAIM) && !rescuer_create(wq)) {
		wq_free(wq);
		return NULL;
	}
	return wq;
}

/* What a queue needs besides workers. False: it cannot keep what WQ_MEM_RECLAIM promises. */
static bool start_threads(unsigned int flags)
{
	if (flags & WQ_MEM_RECLAIM)
		return manager_start_now() && sampler_start();
	manager_start();
	return true;
}

/* NULL does not say why, and errno is not the kernel's way. */
static struct workqueue_struct *not_made(const char *name, const char *why)
{
	pr_warn("workqueue: no wq %s: %s\n", name, why);
	return NULL;
}

/* alloc_workqueue_noprof() with its arguments in a list (B24). */
struct workqueue_struct *wq_alloc_va(const char *fmt, unsigned int flags, int max_active,
				     va_list args)
{
	struct workqueue_struct *wq;
	char name[WQ_NAME_LEN];

	if (vsnprintf(name, sizeof(name), fmt, args) >= WQ_NAME_LEN)
		pr_warn_once("workqueue: a name has more than %d characters and is cut to \"%s\"\n",
			     WQ_NAME_LEN - 1, name);
	if (!check_flags(name, &flags, max_active))
		return NULL;
	if (flags & WQ_BH)
		max_active = INT_MAX;
	else
		max_active = max_active ? clamp_max_active(max_active, name) : WQ_DFL_ACTIVE;
	if (!start_threads(flags))
		return not_made(name, "a thread that WQ_MEM_RECLAIM needs cannot be created");
	if (flags & WQ_UNBOUND)
		wq_need_topology();
	wq = create(name, flags, max_active);
	if (!wq)
		return not_made(name, flags & WQ_MEM_RECLAIM ?
				"no memory, or its rescuer cannot be created" : "no memory");
	if ((flags & WQ_SYSFS) && workqueue_sysfs_register(wq)) {
		destroy_workqueue(wq);
		return not_made(name, "its files for WQ_SYSFS cannot be made");
	}
	return wq;
}

/**
 * alloc_workqueue_noprof - make a queue
 * @fmt: printf format of its name, of which 31 characters are kept
 * @flags: WQ_*; exactly one of WQ_PERCPU and WQ_UNBOUND. Neither is taken for the
 *	   former, both for the latter, with a warning
 * @max_active: how many items may be active at the same time, for each CPU or, if
 *	   unbound, in all; 0 = 1024, others are clamped to 1..2048. WQ_BH: must be 0
 *
 * Called through alloc_workqueue().
 *
 * Context: May sleep.
 * Return: the queue, for destroy_workqueue(); NULL if there is no memory, the flags
 * contradict WQ_BH, WQ_SYSFS was given and a queue of that name is there already, or
 * WQ_MEM_RECLAIM was given and a thread for it cannot be made.
 */
struct workqueue_struct *alloc_workqueue_noprof(const char *fmt, unsigned int flags,
						int max_active, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	va_start(args, max_active);
	wq = wq_alloc_va(fmt, flags, max_active, args);
	va_end(args);
	return wq;
}
EXPORT_SYMBOL_GPL(alloc_workqueue_noprof);

/**
 * alloc_workqueue_lockdep_map - make a queue whose lock map is the caller's
 * @fmt: as for alloc_workqueue()
 * @flags: as for alloc_workqueue()
 * @max_active: as for alloc_workqueue()
 * @map: the caller's, kept alive as long as the queue; not used here, because waits are
 *	 checked by what really waits for what (deadlock.c), not by classes of locks
 *
 * Context: May sleep.
 * Return: as alloc_workqueue().
 */
struct workqueue_struct *alloc_workqueue_lockdep_map(const char *fmt, unsigned int flags,
						     int max_active, struct lockdep_map *map, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	va_start(args, map);
	wq = wq_alloc_va(fmt, flags, max_active, args);
	va_end(args);
	return wq;
}
EXPORT_SYMBOL_GPL(alloc_workqueue_lockdep_map);

/* For the system's queues: no checks, and no thread. */
struct workqueue_struct *wq_create(const char *name, unsigned int flags, int max_active)
{
	return create(name, flags, max_active);
}

/* @wq is idle and stays so. */
void wq_free(struct workqueue_struct *wq)
{
	mutex_lock(&wq_pool_mutex);
	list_del_init(&wq->list);
	wq_move_min_workers(wq, wq->dfl_pwq, NULL);
	wq_move_idle_timeout(wq, wq->dfl_pwq, NULL);
	release(wq);
	mutex_unlock(&wq_pool_mutex);
}

/* Give all pwqs the limit of the queue; items that it holds back may start now. */
static void apply_max_active(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;

	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pool_lock(pwq->pool);
		/* what was queued under the old limit keeps its place in the order */
		pool_drain_inbox(pwq->pool);
		pwq_set_limit(pwq);
		if (!wq->nodes_shared)
			pwq_activate_waiting(pwq);
		pool_unlock_and_wake(pwq->pool);
	}
	if (wq->nodes_shared)
		wq_serve_nodes(wq);
}

/*
 * The limits that were asked for, or zero while the queue is frozen, are in force from
 * now on. wq->mutex held.
 */
void wq_adjust_max_active(struct workqueue_struct *wq)
{
	lockdep_assert_held(&wq->mutex);
	use_saved_limits(wq);
	if (wq_flags(wq) & WQ_UNBOUND)
		wq_update_node_max_active(wq);
	apply_max_active(wq);
}

/**
 * workqueue_set_max_active - change how many items may be active
 * @wq: queue; ordered and bottom-half queues are refused with a warning
 * @max_active: clamped to 1..2048
 *
 * More: waiting items start at once. Fewer: running ones go on, and none starts
 * until there are fewer than the new limit. The minimum of each node follows a limit
 * that falls below it, and does not come back with a higher one.
 *
 * Context: May sleep.
 */
void workqueue_set_max_active(struct workqueue_struct *wq, int max_active)
{
	if (WARN_ON(wq_flags(wq) & (WQ_BH | __WQ_ORDERED)))
		return;
	max_active = clamp_max_active(max_active, wq->name);
	mutex_lock(&wq->mutex);
	wq->saved_max_active = max_active;
	if (wq_flags(wq) & WQ_UNBOUND)
		wq->saved_min_active = min(wq->saved_min_active, max_active);
	wq_adjust_max_active(wq);
	mutex_unlock(&wq->mutex);
}
EXPORT_SYMBOL_GPL(workqueue_set_max_active);

/**
 * workqueue_set_min_active - change how many items each memory node may have active
 * @wq: queue; unbound and not ordered, others are refused with a warning
 * @min_active: clamped to 0..max_active
 *
 * max_active is divided among the nodes; this is what each of them gets at least.
 *
 * Context: May sleep.
 */
void workqueue_set_min_active(struct workqueue_struct *wq, int min_active)
{
	if (WARN_ON((wq_flags(wq) & (WQ_BH | WQ_UNBOUND | __WQ_ORDERED)) != WQ_UNBOUND))
		return;
	mutex_lock(&wq->mutex);
	wq->saved_min_active = clamp(min_active, 0, wq->saved_max_active);
	wq_adjust_max_active(wq);
	mutex_unlock(&wq->mutex);
}
EXPORT_SYMBOL_GPL(workqueue_set_min_active);
