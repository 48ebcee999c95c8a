// SPDX-License-Identifier: MIT
/*
 * affinity.c - where the workers of an unbound pool run
 *
 * A strict pool keeps its workers on the CPUs of its pod. Others start there and may
 * then move to any CPU of the queue, as the system likes (C116). A worker that wakes up
 * outside its pod is brought back to it before it takes an item: its affinity is
 * narrowed to the pod for a moment, which moves the thread at once.
 *
 * Locks: none, but for the statistics.
 * Differs from Linux: there the waker says where a thread shall wake up; here the
 * thread moves after it woke up.
 */
#include <linux/cpumask.h>
#include <linux/sched.h>

#include "kernel-compat/cpu_internal.h"
#include "workqueue/workqueue_internal.h"

/* Where a new worker shall start; NULL: anywhere. */
const struct cpumask *pool_start_cpus(const struct worker_pool *pool)
{
	const struct cpumask *cpus = pool->pod_cpumask;

	return cpus && !cpumask_equal(cpus, cpu_possible_mask) ? cpus : NULL;
}

/*
 * A new worker has started on its pod: from now on it may go where the queue may. One that
 * has a single CPU counts as being there, also where CPUs are virtual.
 */
void worker_settle(struct worker *worker)
{
	const struct cpumask *start = pool_start_cpus(worker->pool);

	if (start)
		set_cpus_allowed_ptr(current, worker->pool->repatriates ?
						worker->pool->cpumask : start);
}

/* True: this worker was outside its pod and is back. No lock held. */
bool worker_come_home(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	if (running_on_one_of(pool->pod_cpumask) || !cpumask_intersects(pool->pod_cpumask, cpu_online_mask))
		return false;
	set_cpus_allowed_ptr(current, pool->pod_cpumask);
	set_cpus_allowed_ptr(current, pool->cpumask);
	return true;
}

/* It is counted for the queue of the item that it woke up for. Pool lock held. */
void pool_note_repatriation(struct worker_pool *pool)
{
	assert_pool_locked(pool);
	pool_drain_inbox(pool);
	if (!list_empty(&pool->worklist))
		work_data_pwq(work_data(list_first_entry(&pool->worklist, struct work_struct,
							 entry)))->nr_repatriated++;
}
