// SPDX-License-Identifier: MIT
/*
 * system.c - the queues that everybody shares, made before main()
 *
 * Linking the library makes pools and queues, and no thread: those come with the
 * first queueing or the first queue of one's own.
 */
#include <linux/export.h>
#include <linux/printk.h>

#include "workqueue/fork.h"
#include "workqueue/params.h"
#include "workqueue/pod.h"
#include "workqueue/workqueue_internal.h"

struct workqueue_struct *system_wq;
EXPORT_SYMBOL(system_wq);
struct workqueue_struct *system_percpu_wq;
EXPORT_SYMBOL(system_percpu_wq);
struct workqueue_struct *system_highpri_wq;
EXPORT_SYMBOL_GPL(system_highpri_wq);
struct workqueue_struct *system_long_wq;
EXPORT_SYMBOL_GPL(system_long_wq);
struct workqueue_struct *system_unbound_wq;
EXPORT_SYMBOL_GPL(system_unbound_wq);
struct workqueue_struct *system_dfl_wq;
EXPORT_SYMBOL_GPL(system_dfl_wq);
struct workqueue_struct *system_freezable_wq;
EXPORT_SYMBOL_GPL(system_freezable_wq);
struct workqueue_struct *system_power_efficient_wq;
EXPORT_SYMBOL_GPL(system_power_efficient_wq);
struct workqueue_struct *system_freezable_power_efficient_wq;
EXPORT_SYMBOL_GPL(system_freezable_power_efficient_wq);
struct workqueue_struct *system_bh_wq;
EXPORT_SYMBOL_GPL(system_bh_wq);
struct workqueue_struct *system_bh_highpri_wq;
EXPORT_SYMBOL_GPL(system_bh_highpri_wq);
struct workqueue_struct *system_dfl_long_wq;
EXPORT_SYMBOL_GPL(system_dfl_long_wq);

static const struct {
	struct workqueue_struct **wq;
	const char *name;
	unsigned int flags;
	int max_active;
} system_queues[] = {
	{ &system_wq, "events", WQ_PERCPU | __WQ_DEPRECATED, WQ_DFL_ACTIVE },
	{ &system_percpu_wq, "events", WQ_PERCPU, WQ_DFL_ACTIVE },
	{ &system_highpri_wq, "events_highpri", WQ_HIGHPRI | WQ_PERCPU, WQ_DFL_ACTIVE },
	{ &system_long_wq, "events_long", WQ_PERCPU, WQ_DFL_ACTIVE },
	{ &system_unbound_wq, "events_unbound", WQ_UNBOUND | __WQ_DEPRECATED, WQ_MAX_ACTIVE },
	{ &system_dfl_wq, "events_unbound", WQ_UNBOUND, WQ_MAX_ACTIVE },
	{ &system_freezable_wq, "events_freezable", WQ_FREEZABLE | WQ_PERCPU, WQ_DFL_ACTIVE },
	{ &system_power_efficient_wq, "events_power_efficient",
	  WQ_POWER_EFFICIENT | WQ_PERCPU, WQ_DFL_ACTIVE },
	{ &system_freezable_power_efficient_wq, "events_freezable_pwr_efficient",
	  WQ_FREEZABLE | WQ_POWER_EFFICIENT | WQ_PERCPU, WQ_DFL_ACTIVE },
	{ &system_bh_wq, "events_bh", WQ_BH | WQ_PERCPU, INT_MAX },
	{ &system_bh_highpri_wq, "events_bh_highpri", WQ_BH | WQ_HIGHPRI | WQ_PERCPU, INT_MAX },
	{ &system_dfl_long_wq, "events_dfl_long", WQ_UNBOUND, WQ_MAX_ACTIVE },
};

/*
 * Make pools and the system's queues, so that items can be queued. Called by the library
 * before main(); does nothing when called again.
 */
void workqueue_init_early(void)
{
	unsigned int i;

	if (system_wq)
		return;
	wq_fork_init();
	if (!pools_init()) {
		pr_crit("workqueue: no memory for the worker pools; there are no system workqueues\n");
		return;
	}
	wq_unbound_init();
	for (i = 0; i < ARRAY_SIZE(system_queues); i++) {
		unsigned int flags = system_queues[i].flags;

		if ((flags & WQ_POWER_EFFICIENT) && wq_params.power_efficient)
			flags = (flags & ~WQ_PERCPU) | WQ_UNBOUND;
		*system_queues[i].wq = wq_create(system_queues[i].name, flags,
						 system_queues[i].max_active);
		if (!*system_queues[i].wq)
			pr_crit("workqueue: no memory for the queue %s\n", system_queues[i].name);
	}
}

/* After CPUs, time and parameters, which have lower numbers; before the program's own. */
__attribute__((constructor(104))) static void system_queues_init(void)
{
	workqueue_init_early();
}

/*
 * Start what serves the queues now, rather than with the first use. May be called any
 * number of times. Context: May sleep.
 */
void workqueue_init(void)
{
	wq_need_topology();
	manager_start();
}
