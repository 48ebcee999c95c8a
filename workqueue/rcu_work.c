// SPDX-License-Identifier: MIT
/*
 * rcu_work.c - items that are queued after a grace period
 *
 * The item is PENDING from the call on; the RCU callback owns it until it has
 * queued it. It can neither be cancelled nor disabled (C71, C84).
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/rcupdate.h>

#include "kernel-compat/rcu_internal.h"
#include "workqueue/fork.h"
#include "workqueue/workqueue_internal.h"

/* In a forked child: the parent's thread waits for the grace period. */
static void forget_in_child(struct rcu_head *head)
{
	work_fork_idle(&container_of(head, struct rcu_work, rcu)->work);
}

static void grace_period_over(struct rcu_head *head)
{
	struct rcu_work *rwork = container_of(head, struct rcu_work, rcu);

	fork_gate_enter();
	rcu_callback_begun();
	queue_owned_work(WORK_CPU_UNBOUND, rwork->wq, &rwork->work, work_data(&rwork->work));
	fork_gate_leave();
}

void rcu_works_fork_child(void)
{
	rcu_fork_take(grace_period_over, forget_in_child);
}

/**
 * queue_rcu_work - queue an item after a full RCU grace period
 * @wq: queue
 * @rwork: item
 *
 * Context: Any; never sleeps.
 * Return: true if this call did it: the function starts after all RCU readers of
 * now are done. False if it was pending: it will run, perhaps after an older grace
 * period; or if it was disabled, which is misuse and reported once.
 */
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork)
{
	unsigned long old;
	bool queued = false;

	fork_gate_enter();
	if (!work_try_pending(&rwork->work, &old)) {
		/* it will run */
	} else if (WARN_ONCE(work_data_depth(old), "workqueue: rcu_work %p (%ps) is disabled\n",
			     rwork, (void *)rwork->work.func)) {
		work_release_pending(&rwork->work, old);
	} else {
		rwork->wq = wq;
		call_rcu_hurry(&rwork->rcu, grace_period_over);
		queued = true;
	}
	fork_gate_leave();
	return queued;
}
EXPORT_SYMBOL(queue_rcu_work);

/**
 * flush_rcu_work - wait for the last queueing of an item
 * @rwork: item
 *
 * Context: May sleep; not in an RCU callback.
 * Return: true if it was pending: grace period and run are over. Otherwise as
 * flush_work().
 */
bool flush_rcu_work(struct rcu_work *rwork)
{
	if (!work_pending(&rwork->work))
		return flush_work(&rwork->work);
	rcu_barrier();
	flush_work(&rwork->work);
	return true;
}
EXPORT_SYMBOL(flush_rcu_work);
