// SPDX-License-Identifier: MIT
/*
 * queue.c - handing an item to a queue
 *
 * One exchange of the item's word decides who owns its next run; the owner chooses the pwq and
 * publishes the item in its pool's inbox (pool.c tells who is woken). No lock, no
 * allocation and, while a worker is awake, no system call. Only when the inbox is
 * full does the item go through the pool lock.
 *
 * All of it may be called in any context, with any lock of the caller's held.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/topology.h>

#include "workqueue/pwq.h"
#include "workqueue/requeue.h"
#include "workqueue/running.h"
#include "workqueue/trace.h"
#include "workqueue/workqueue_internal.h"

/* Flags of queues for which a call leaves the straight way. */
#define WQ_RARE	(__WQ_DRAINING | __WQ_DESTROYING | __WQ_DEPRECATED | __WQ_ORDERED)

/* Not as many workers run as shall, or not all: KICK/1 goes on. */
static noinline void pool_submitted_slow(struct worker_pool *pool)
{
	u32 kick = __atomic_load_n(&pool->kick, __ATOMIC_RELAXED);

	if (kick != KICK_BUSY && kick != KICK_WANTED) {
		smp_mb();
		kick = __atomic_load_n(&pool->kick, __ATOMIC_RELAXED);
		/* the worker that is asked for may not have come because of this */
		if (unlikely(!manager_running()))
			manager_start();
	}
	if (kick == KICK_WANTED)
		pool_kick(pool);
	else
		monitor_expect(kick);
}

/* An item was published in the inbox of @pool: does somebody have to be woken? KICK/1. */
static __always_inline void pool_submitted(struct worker_pool *pool)
{
	if (unlikely(submitters_fence))
		smp_mb();
	else
		barrier();
	if (kick_is_relied_on(__atomic_load_n(&pool->kick, __ATOMIC_RELAXED)) &&
	    likely(__atomic_load_n(&monitor_on, __ATOMIC_RELAXED)))
		return;
	pool_submitted_slow(pool);
}

/*
 * Pool lock held, the inbox is full. Was nothing counted as begun since it was that for the last
 * time? Then no worker has come for items: they are inside of functions, or wait for a CPU.
 */
static bool pool_stands_still(struct worker_pool *pool)
{
	unsigned long before = pool->full_at;

	pool->full_at = pool->nr_started;
	return pool->full_at == before;
}

/*
 * The way through the lock. A full ring is given room, not emptied: the worker waits for
 * the lock meanwhile, and if that takes long, it sleeps. If others were quicker to fill it
 * again, what they have published goes first, then @work.
 *
 * Where nobody comes for items it is emptied, or each that comes after so many would take as
 * long. The lock is dropped now and then, for a worker that comes back meanwhile.
 */
static noinline void queue_locked(struct worker_pool *pool, struct work_struct *work)
{
	int portions;

	pool_lock_quick(pool);
	/* somebody has made room before us */
	if (inbox_push(&pool->inbox, work)) {
		pool_unlock_and_wake(pool);
		return;
	}
	/* one more, because @work comes in on top */
	portions = pool_stands_still(pool) ? INBOX_SIZE / INBOX_MAKE_ROOM + 1 : 1;
	pool_drain_portion(pool);
	if (!inbox_push(&pool->inbox, work)) {
		pool_drain_inbox(pool);
		pool_admit(pool, work);
	}
	while (--portions && !inbox_empty_locked(&pool->inbox)) {
		pool_unlock(pool);
		pool_lock_quick(pool);
		pool_drain_portion(pool);
	}
	pool_unlock_and_wake(pool);
}

/* Is this thread a worker that runs an item of @wq (C46)? Bottom halves do not count. */
static bool is_chained_work(struct workqueue_struct *wq)
{
	struct worker *worker = this_worker;

	return worker && worker->current_work && worker->current_pwq->wq == wq &&
	       !(pool_flags(worker->pool) & POOL_BH);
}

/*
 * Drained and deprecated queues. False: the item is refused; it is idle again, so
 * that the next call works (C4).
 */
static bool may_queue(struct workqueue_struct *wq, struct work_struct *work, unsigned long old)
{
	unsigned int flags = wq_flags(wq);

	if ((flags & (__WQ_DRAINING | __WQ_DESTROYING)) && !is_chained_work(wq)) {
		WARN_ONCE(1, "workqueue: cannot queue %ps on wq %s: it is being %s; the item is dropped\n",
			  (void *)work->func, wq->name,
			  flags & __WQ_DESTROYING ? "destroyed" : "drained");
		work_release_pending(work, old & ~WORK_OFFQ_ARMED);
		return false;
	}
	if (flags & __WQ_DEPRECATED)
		pr_warn_once("workqueue: %ps was queued on %s, an old name; new code uses system_percpu_wq or system_dfl_wq\n",
			     (void *)work->func, wq->name);
	return true;
}

/* A CPU that nobody has. */
static noinline int no_such_cpu(int cpu, const struct workqueue_struct *wq)
{
	WARN_ONCE(1, "workqueue: CPU %d does not exist, queueing on wq %s as if no CPU was given\n",
		  cpu, wq->name);
	return WORK_CPU_UNBOUND;
}

/* Unbound and per-CPU queues alike: the share of the queue that serves @cpu. */
static __always_inline struct pool_workqueue *choose_pwq(int cpu, struct workqueue_struct *wq,
							 unsigned int flags)
{
	struct pool_workqueue **cpu_pwq = __atomic_load_n(&wq->cpu_pwq, __ATOMIC_ACQUIRE);
	struct pool_workqueue *pwq;

	if (!cpu_pwq)
		return __atomic_load_n(&wq->dfl_pwq, __ATOMIC_ACQUIRE);
	if (cpu != WORK_CPU_UNBOUND) {
		pwq = likely((unsigned int)cpu < nr_cpu_ids) ?
			__atomic_load_n(&cpu_pwq[cpu], __ATOMIC_ACQUIRE) : NULL;
		if (likely(pwq))
			return pwq;
		cpu = no_such_cpu(cpu, wq);
	}
	cpu = flags & WQ_UNBOUND ? wq_select_unbound_cpu() : (int)raw_smp_processor_id();
	return __atomic_load_n(&cpu_pwq[cpu], __ATOMIC_ACQUIRE);
}

/*
 * Is this thread a worker of @pool, in the run of @work? Then it looks into the inbox when
 * the run ends or blocks, and until then nobody else may start the item. A rescuer goes away
 * after its run, and a bottom half has a protocol of its own (bh.c).
 */
static __always_inline bool is_own_run(const struct work_struct *work,
				       const struct worker_pool *pool)
{
	const struct worker *worker = this_worker;

	return worker && worker->current_work == work && worker->current_func == work->func &&
	       worker->pool == pool && !worker->rescue_wq && !(pool_flags(pool) & POOL_BH);
}

static __always_inline void publish(int cpu, struct pool_workqueue *pwq,
				    struct work_struct *work, unsigned int last)
{
	struct worker_pool *pool = pwq->pool;
	bool own_run = is_own_run(work, pool);

	if (own_run)
		requeue_note(this_worker);
	if (wq_tracing(WQ_EVENT_QUEUE))
		trace_workqueue_queue_work(cpu, pwq, work);
	work_set_data(work, work_data_onq(last, pwq, 0));
	TEST_POINT("queue_owned");
	if (unlikely(!inbox_push(&pool->inbox, work)))
		queue_locked(pool, work);
	else if (!own_run)
		pool_submitted(pool);
}

static noinline void report_linked(const struct workqueue_struct *wq,
				   const struct work_struct *work)
{
	WARN(1, "workqueue: item %p (%ps) is already linked or was not initialised, not queued on %s\n",
	     work, (void *)work->func, wq->name);
}

/* C12: on a list without being pending, or never initialised; PENDING stays. */
static __always_inline bool is_linked(const struct workqueue_struct *wq,
				      const struct work_struct *work)
{
	if (likely(list_empty(&work->entry)))
		return false;
	report_linked(wq, work);
	return true;
}

/* To a queue with one of the flags WQ_RARE. True: that was all. */
static noinline bool queue_rare(int cpu, struct workqueue_struct *wq, struct work_struct *work,
				unsigned long old)
{
	unsigned int flags = wq_flags(wq);

	if (!may_queue(wq, work, old))
		return true;
	if (!(flags & __WQ_ORDERED))
		return false;
	if (is_linked(wq, work))
		return true;
	/* apply_workqueue_attrs() waits for us before it lets a newer pwq start */
	rcu_read_lock();
	publish(cpu, choose_pwq(cpu, wq, flags), work, work_data_last(old));
	rcu_read_unlock();
	return true;
}

/*
 * Queue an item whose PENDING the caller took; @old is its off-queue data. The caller is
 * in the section of the fork gate in which it took PENDING, or found the item. An item
 * that still runs elsewhere for the same queue goes there, so that it never runs
 * twice at the same time (C17). An ordered queue needs no such redirection, and
 * must not have it: its pwq changes, and items must go to the newest (C21).
 */
static __always_inline void queue_owned(int cpu, struct workqueue_struct *wq,
					struct work_struct *work, unsigned long old)
{
	unsigned int last = work_data_last(old);
	struct pool_workqueue *pwq, *busy;
	unsigned int flags = wq_flags(wq);

	if (unlikely(flags & WQ_RARE) && queue_rare(cpu, wq, work, old))
		return;
	if (is_linked(wq, work))
		return;
	pwq = choose_pwq(cpu, wq, flags);
	if (may_run_outside(last, pwq->pool) && (busy = running_for_wq(work, last, wq)))
		pwq = busy;
	publish(cpu, pwq, work, last);
	/* @work may be gone from here on */
}

void queue_owned_work(int cpu, struct workqueue_struct *wq, struct work_struct *work,
		      unsigned long old)
{
	queue_owned(cpu, wq, work, old);
}

/* The owner of a disabled item gives it back. True: it was disabled (C66, C69). */
bool release_if_disabled(struct work_struct *work, unsigned long old)
{
	if (likely(!work_data_depth(old)))
		return false;
	work_release_pending(work, old);
	return true;
}

/*
 * The item that this thread runs is queued again, and its worker may keep it (requeue.c): no
 * section of the fork gate, because a fork closes first. True: it is kept.
 */
static __always_inline bool queue_to_oneself(int cpu, struct workqueue_struct *wq,
					     struct work_struct *work)
{
	struct worker *worker = this_worker;
	unsigned int flags = wq_flags(wq);

	return unlikely(worker) && worker->current_work == work && requeue_is_open(worker) &&
	       !(flags & WQ_RARE & ~__WQ_ORDERED) &&
	       requeue_keep(worker, choose_pwq(cpu, wq, flags), work);
}

/**
 * queue_work_on - queue an item on a CPU
 * @cpu: CPU to run on; WORK_CPU_UNBOUND = the one that the caller is on
 * @wq: queue; the caller keeps it alive
 * @work: item, initialised; the caller keeps it alive until it has run, or frees it
 *	  in its function
 *
 * On a per-CPU queue the item runs on @cpu unless it is still running elsewhere for
 * @wq: then it follows there. A CPU that does not exist is reported once and
 * treated as WORK_CPU_UNBOUND. Never fails for lack of memory.
 *
 * Context: Any; never sleeps.
 * Ordering: stores made before a call that returns true, or that returns false
 * because the item is queued already, are visible to the run.
 * Return: true if this call queued the item; also true if @wq is being drained and
 * the item was dropped with a warning. False if it was pending, or is disabled.
 */
bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long old;
	bool queued = false;

	if (queue_to_oneself(cpu, wq, work))
		return true;
	/*
	 * The item's line may have to come from another CPU, and the slot's can meanwhile. A
	 * pwq or pool that is another one by now has an inbox all the same.
	 */
	prefetchw(work);
	fork_gate_enter();
	inbox_fetch(&pwq_pool(near_pwq(wq))->inbox);
	if (likely(work_try_pending(work, &old))) {
		TEST_POINT("queue_took_pending");
		if (likely(!release_if_disabled(work, old))) {
			queue_owned(cpu, wq, work, old);
			queued = true;
		}
	}
	fork_gate_leave();
	return queued;
}
EXPORT_SYMBOL(queue_work_on);

/**
 * queue_work_node - queue an item on a CPU of a NUMA node
 * @node: node; NUMA_NO_NODE or one without CPUs = as queue_work()
 * @wq: queue, unbound; others are reported once and served as by queue_work()
 * @work: item
 *
 * Context: Any; never sleeps.
 * Return: as queue_work_on().
 */
bool queue_work_node(int node, struct workqueue_struct *wq, struct work_struct *work)
{
	int cpu = WORK_CPU_UNBOUND;

	WARN_ONCE(!(wq_flags(wq) & WQ_UNBOUND),
		  "workqueue: queue_work_node() on wq %s, which is not unbound\n", wq->name);
	if (node >= 0 && node < MAX_NUMNODES && node != cpu_to_node(raw_smp_processor_id())) {
		unsigned int first = cpumask_any_and(cpumask_of_node(node), cpu_online_mask);

		if (first < nr_cpu_ids)
			cpu = first;
	}
	return queue_work_on(cpu, wq, work);
}
EXPORT_SYMBOL(queue_work_node);
