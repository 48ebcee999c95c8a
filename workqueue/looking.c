// SPDX-License-Identifier: MIT
/*
 * looking.c - what a caller may ask about an item or a queue
 *
 * All answers are true at some moment during the call and may be old at return.
 */
#include <linux/export.h>
#include <linux/smp.h>

#include "workqueue/workqueue_internal.h"

/**
 * current_work - the item whose function runs in this thread
 *
 * Context: Any.
 * Return: its address, which the function may have freed already; NULL outside a
 * work function and in bottom halves.
 */
struct work_struct *current_work(void)
{
	struct worker *worker = this_worker;

	return worker && !(pool_flags(worker->pool) & POOL_BH) ? worker->current_work : NULL;
}
EXPORT_SYMBOL(current_work);

/**
 * current_is_workqueue_mem_reclaim - must this thread get on without new memory?
 *
 * Context: Any.
 * Return: true in a function that runs on a queue with WQ_MEM_RECLAIM, unless that queue
 * comes from create_workqueue() and the like, which all have the flag.
 */
bool current_is_workqueue_mem_reclaim(void)
{
	return current_work() && (wq_flags(this_worker->current_pwq->wq) &
				  (WQ_MEM_RECLAIM | __WQ_LEGACY)) == WQ_MEM_RECLAIM;
}
EXPORT_SYMBOL_GPL(current_is_workqueue_mem_reclaim);

/**
 * work_busy - what is going on with an item
 * @work: item
 *
 * Context: Any.
 * Return: WORK_BUSY_PENDING, WORK_BUSY_RUNNING, both or 0.
 */
unsigned int work_busy(struct work_struct *work)
{
	unsigned long data = work_data(work);
	unsigned long before;

	for (;;) {
		unsigned int busy = data & WORK_STRUCT_PENDING ? WORK_BUSY_PENDING : 0;

		/* both from one look: whoever cleared PENDING put its id there (RUN/1) */
		if (running_after_id(work, work_data_last(data), 0))
			busy |= WORK_BUSY_RUNNING;
		before = data;
		data = work_data(work);
		/* queued again before that run was over: it has not been idle */
		if (busy || data == before)
			return busy;
	}
}
EXPORT_SYMBOL_GPL(work_busy);

/**
 * workqueue_congested - do items of a queue wait for a free slot?
 * @cpu: CPU whose share is looked at; WORK_CPU_UNBOUND = the present one
 * @wq: queue
 *
 * Context: Any.
 * Return: true if max_active holds items back there now.
 */
bool workqueue_congested(int cpu, struct workqueue_struct *wq)
{
	struct pool_workqueue **cpu_pwq = __atomic_load_n(&wq->cpu_pwq, __ATOMIC_ACQUIRE);
	struct pool_workqueue *pwq;
	struct worker_pool *pool;
	bool congested;

	if (cpu < 0 || cpu >= (int)nr_cpu_ids)
		cpu = raw_smp_processor_id();
	pwq = __atomic_load_n(cpu_pwq ? &cpu_pwq[cpu] : &wq->dfl_pwq, __ATOMIC_ACQUIRE);
	pool = pwq_pool(pwq);
	pool_lock(pool);
	pool_drain_inbox(pool);
	/* attributes may have changed, and the share be another queue's by now */
	congested = pwq_wq(pwq) == wq && pwq_pool(pwq) == pool &&
		    !list_empty(&pwq->inactive_works);
	pool_unlock_and_wake(pool);
	return congested;
}
EXPORT_SYMBOL_GPL(workqueue_congested);
