// SPDX-License-Identifier: MIT
/*
 * threadlet_queue.c - queues of threadlets: how many threads, and since when
 *
 * A ThreadletQueue is an unbound workqueue with max_active = max, all CPUs in one pod, so
 * that the limit is exact, and a least number of workers. The global one is made by its
 * first users.
 *
 * Locks: none of its own.
 */
#define pr_fmt(fmt) "threadlet: " fmt

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/workqueue.h>
#include <uwq/workqueue.h>
#include <stdlib.h>
#include <string.h>

#include "workqueue/offload/threadlet_internal.h"

#define QUEUE_READY	0x717565756564ul	/* made of a queue, ^ its address */

static ThreadletQueue *global_queue;	/* A: set once */

bool threadlet_queue_is_made(const ThreadletQueue *queue)
{
	return queue && __atomic_load_n(&queue->made, __ATOMIC_ACQUIRE) ==
			((uintptr_t)queue ^ QUEUE_READY);
}

/* A workqueue whose limit holds for all CPUs together; NULL: no memory. */
static struct workqueue_struct *make_wq(const char *name, int max_threads)
{
	struct workqueue_struct *wq = alloc_workqueue("%s", WQ_UNBOUND, max_threads, name);
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	if (wq && attrs) {
		attrs->affn_scope = WQ_AFFN_SYSTEM;
		if (!apply_workqueue_attrs(wq, attrs)) {
			free_workqueue_attrs(attrs);
			return wq;
		}
	}
	free_workqueue_attrs(attrs);
	if (wq)
		destroy_workqueue(wq);
	return NULL;
}

static int init_queue(ThreadletQueue *queue, const char *name, int max_threads, int min_threads,
		      unsigned int flags)
{
	memset(queue, 0, sizeof(*queue));
	queue->wq = make_wq(name, max_threads);
	if (!queue->wq)
		return -ENOMEM;
	queue->max_threads = max_threads;
	queue->min_threads = min_threads;
	queue->flags = flags;
	__atomic_store_n(&queue->made, (uintptr_t)queue ^ QUEUE_READY, __ATOMIC_RELEASE);
	return 0;
}

/**
 * threadlet_queue_init_flags - make a queue that knows what its functions are like
 * @queue: memory for it
 * @max_threads: 1..2048; so many functions run at the same time at most
 * @min_threads: 0..@max_threads; so many threads are kept ready
 * @flags: 0 or THREADLET_QUEUE_COMPUTES
 *
 * The threads are workers of the engine. Those up to @min_threads are started in the
 * background and stay until the queue is destroyed. More come when functions wait for
 * them, one after the other, and leave when they have had nothing to do for
 * uwq.idle_timeout_ms. Queues share idle threads.
 *
 * Context: May sleep.
 * Return: 0; -EINVAL: a number or flag is wrong, which is logged; -ENOMEM. After an error
 * the queue takes nothing.
 */
int threadlet_queue_init_flags(ThreadletQueue *queue, int max_threads, int min_threads,
			       unsigned int flags)
{
	int err;

	if (!queue || max_threads < 1 || max_threads > WQ_MAX_ACTIVE || min_threads < 0 ||
	    min_threads > max_threads || (flags & ~THREADLET_QUEUE_COMPUTES)) {
		pr_err("queue %p: %d to %d threads, flags %#x: not possible\n", (void *)queue,
		       min_threads, max_threads, flags);
		if (queue)
			memset(queue, 0, sizeof(*queue));
		return -EINVAL;
	}
	err = init_queue(queue, "threadlet", max_threads, min_threads, flags);
	if (!err)
		uwq_set_min_workers(queue->wq, min_threads);
	return err;
}
EXPORT_SYMBOL(threadlet_queue_init_flags);

/**
 * threadlet_queue_init - make a queue
 * @queue: memory for it
 * @max_threads: 1..2048; so many functions run at the same time at most
 * @min_threads: 0..@max_threads; so many threads are kept ready
 *
 * Context: May sleep.
 * Return: as threadlet_queue_init_flags(), whose flags are 0: functions may block anywhere.
 */
int threadlet_queue_init(ThreadletQueue *queue, int max_threads, int min_threads)
{
	return threadlet_queue_init_flags(queue, max_threads, min_threads, 0);
}
EXPORT_SYMBOL(threadlet_queue_init);

/**
 * threadlet_queue_destroy - run what is queued, then free the queue's resources
 * @queue: nobody submits to it any more, but its own functions
 *
 * Context: May sleep; not from a function that runs for the queue.
 * Return: 0; -EINVAL: no queue, or destroyed already; -EDEADLK: called from inside. Errors
 * are logged, and change nothing.
 */
int threadlet_queue_destroy(ThreadletQueue *queue)
{
	if (!threadlet_queue_is_made(queue)) {
		pr_err("%s: %p is no queue\n", __func__, (void *)queue);
		return -EINVAL;
	}
	if (threadlet_is_inside_queue(queue)) {
		pr_err("%s: called by a function of the queue itself\n", __func__);
		return -EDEADLK;
	}
	destroy_workqueue(queue->wq);
	memset(queue, 0, sizeof(*queue));
	return 0;
}
EXPORT_SYMBOL(threadlet_queue_destroy);

/* ---- the global queue ---- */

static void global_queue_free(ThreadletQueue *queue)
{
	destroy_workqueue(queue->wq);
	free(queue);
}

/*
 * Any number of threads may come first at once. Each makes a queue without threads, one
 * puts its own in place, the others free theirs: no lock that a fork could leave behind.
 */
static ThreadletQueue *global_queue_make(void)
{
	ThreadletQueue *queue = malloc(sizeof(*queue)), *other = NULL;

	if (!queue)
		return NULL;
	if (init_queue(queue, "threadlet-global", THREADLET_GLOBAL_MAX, THREADLET_GLOBAL_MIN, 0)) {
		free(queue);
		return NULL;
	}
	if (!__atomic_compare_exchange_n(&global_queue, &other, queue, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE)) {
		global_queue_free(queue);
		return other;
	}
	uwq_set_min_workers(queue->wq, THREADLET_GLOBAL_MIN);
	return queue;
}

ThreadletQueue *threadlet_global_queue(void)
{
	ThreadletQueue *queue = __atomic_load_n(&global_queue, __ATOMIC_ACQUIRE);

	return queue ? queue : global_queue_make();
}

ThreadletQueue *threadlet_global_queue_if_made(void)
{
	return __atomic_load_n(&global_queue, __ATOMIC_ACQUIRE);
}
