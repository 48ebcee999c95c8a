// SPDX-License-Identifier: MIT
/*
 * thread_pool.c - the birth and end of a thread pool, and how many threads it has
 *
 * A pool is an unbound workqueue with max_active = the most threads, all CPUs in one pod, so
 * that the limit is exact, and the CPUs that the owner of the context may use. Requests and
 * their callbacks are in thread_pool_request.c.
 *
 * The owner is the thread that polls the context. Until it does that for the first time the
 * pool uses the CPUs of the thread that has made it.
 *
 * Locks: none of its own.
 */
#define _GNU_SOURCE
#define pr_fmt(fmt) "thread_pool: " fmt

#include <errno.h>
#include <sched.h>

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <uwq/cpu.h>
#include <uwq/workqueue.h>

#include "workqueue/offload/aio_internal.h"
#include "workqueue/offload/thread_pool_internal.h"

/* The CPUs, as the library counts them, that the calling thread may use. */
static void get_own_cpus(struct cpumask *cpus)
{
	cpu_set_t real;
	int cpu;

	cpumask_clear(cpus);
	if (sched_getaffinity(0, sizeof(real), &real))
		CPU_ZERO(&real);
	for_each_possible_cpu(cpu)
		if (CPU_ISSET(uwq_cpu_to_real(cpu), &real))
			cpumask_set_cpu(cpu, cpus);
	/* More CPUs than cpu_set_t has: no limit is better than none at all */
	if (cpumask_empty(cpus))
		cpumask_copy(cpus, cpu_possible_mask);
}

static int use_own_cpus(ThreadPool *pool)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int err = -ENOMEM;

	if (attrs) {
		attrs->affn_scope = WQ_AFFN_SYSTEM;
		get_own_cpus(attrs->cpumask);
		err = apply_workqueue_attrs(pool->wq, attrs);
	}
	free_workqueue_attrs(attrs);
	return err;
}

/* The first turn of the context, in the owner's thread. */
static void take_affinity(void *opaque)
{
	if (use_own_cpus(opaque))
		pr_warn("no memory: threads do not follow the owner's affinity\n");
}

static int make_parts(ThreadPool *pool)
{
	pool->wq = alloc_workqueue("thread_pool", WQ_UNBOUND, THREAD_POOL_MAX_THREADS);
	pool->completion_bh = aio_bh_new(pool->ctx, thread_pool_complete, pool);
	pool->affinity_bh = aio_bh_new(pool->ctx, take_affinity, pool);
	if (!pool->wq || !pool->completion_bh || !pool->affinity_bh)
		return -ENOMEM;
	uwq_set_idle_timeout(pool->wq, THREAD_POOL_IDLE_MS);
	return use_own_cpus(pool);
}

static void free_pool(ThreadPool *pool)
{
	if (pool->wq)
		destroy_workqueue(pool->wq);
	if (pool->completion_bh)
		qemu_bh_delete(pool->completion_bh);
	if (pool->affinity_bh)
		qemu_bh_delete(pool->affinity_bh);
	aio_context_unref(pool->ctx);
	kfree(pool);
}

/**
 * thread_pool_new - make a thread pool
 * @ctx: context that calls the callbacks; the pool keeps a reference
 *
 * It has no thread of its own at first, up to 64 when they are needed, and surplus ones leave
 * when they have had nothing to do for 10 seconds: see thread_pool_set_threads(). They may
 * use the CPUs that the thread may use that polls the context next; until then, those of the
 * caller. Who submits makes no difference.
 *
 * Context: May sleep.
 * Return: the pool, for thread_pool_free(); NULL with errno ENOMEM, or EINVAL without @ctx.
 */
ThreadPool *thread_pool_new(AioContext *ctx)
{
	ThreadPool *pool;

	if (!ctx) {
		errno = EINVAL;
		return NULL;
	}
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		goto no_memory;
	aio_context_ref(ctx);
	pool->ctx = ctx;
	init_llist_head(&pool->done);
	INIT_LIST_HEAD(&pool->to_call);
	pool->co = thread_pool_ucontext;
	if (make_parts(pool)) {
		free_pool(pool);
		goto no_memory;
	}
	qemu_bh_schedule(pool->affinity_bh);
	return pool;

no_memory:
	errno = ENOMEM;
	return NULL;
}
EXPORT_SYMBOL(thread_pool_new);

/**
 * thread_pool_free - the end of a thread pool
 * @pool: pool; NULL: nothing happens. All callbacks have returned
 *
 * Context: May sleep. Not from a callback of the pool: that one has not returned.
 * Return: 0; -EBUSY: requests are in flight, which is reported, and the pool goes on.
 */
int thread_pool_free(ThreadPool *pool)
{
	int nr;

	if (!pool)
		return 0;
	nr = __atomic_load_n(&pool->in_flight, __ATOMIC_ACQUIRE);
	if (nr) {
		pr_err("thread_pool_free() with %d requests in flight\n", nr);
		return -EBUSY;
	}
	free_pool(pool);
	return 0;
}
EXPORT_SYMBOL(thread_pool_free);

/**
 * thread_pool_set_threads - how many threads there are, and for how long
 * @pool: pool
 * @min_threads: 0..@max_threads; so many are kept ready
 * @max_threads: 1..2048; so many requests run at the same time at most
 * @idle_ms: above 0; others leave when they have had nothing to do for so long. Two may stay,
 *	     and one for each four that are busy. Pools with the same CPUs share threads, and
 *	     the shortest of their times
 *
 * Context: May sleep.
 * Return: 0; -EINVAL: one is out of range, which is reported, and nothing changes.
 */
int thread_pool_set_threads(ThreadPool *pool, int min_threads, int max_threads, int idle_ms)
{
	if (max_threads < 1 || max_threads > WQ_MAX_ACTIVE || min_threads < 0 ||
	    min_threads > max_threads || idle_ms < 1) {
		pr_err("%d to %d threads, idle for %d ms: not possible\n", min_threads,
		       max_threads, idle_ms);
		return -EINVAL;
	}
	workqueue_set_max_active(pool->wq, max_threads);
	uwq_set_min_workers(pool->wq, min_threads);
	uwq_set_idle_timeout(pool->wq, idle_ms);
	return 0;
}
EXPORT_SYMBOL(thread_pool_set_threads);
