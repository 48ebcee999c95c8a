// SPDX-License-Identifier: MIT
/*
 * threadlet.c - threadlets: works with a function, queues with a number of threads
 *
 * A ThreadletQueue is an unbound workqueue with max_active = max, all CPUs in one pod, so
 * that the limit is exact, and a least number of workers. A ThreadletWork has a work_struct
 * inside; submitting is queue_work(), dequeueing cancel_work(), waiting flush_work(), and
 * what a work does is asked of the engine. So nothing touches a work after its function
 * was called, and the function may free it.
 *
 * Functions may block anywhere. So they run inside uwq_blocking_begin(): up to max of them
 * at the same time, whatever they do. Queues that compute (THREADLET_QUEUE_COMPUTES) leave
 * that to the functions.
 *
 * The first users of threadlets took memory from malloc(), set func and submitted. So
 * priv.made tells a work that has been here before, by a value that depends on its address;
 * of two threads that submit a new one at the same time, one prepares it.
 *
 * Locks: none of its own.
 */
#define pr_fmt(fmt) "threadlet: " fmt

#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/workqueue.h>
#include <uwq/blocking.h>
#include <uwq/threadlet.h>
#include <uwq/workqueue.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define WORK_READY	0x746872656164ul	/* priv.made of a prepared work, ^ its address */
#define WORK_BUSY	0x6c6574626567ul	/* the same while a thread prepares it */
#define QUEUE_READY	0x717565756564ul

#define QUEUE_COMPUTES	1ul		/* bit of priv.queue: see queue_tag() */

static ThreadletQueue *global_queue;	/* A: set once */

static struct work_struct *item_of(ThreadletWork *work)
{
	BUILD_BUG_ON(sizeof(work->priv.item) != sizeof(struct work_struct));
	return (struct work_struct *)work->priv.item;
}

static ThreadletWork *work_of(struct work_struct *item)
{
	return container_of((uint64_t (*)[4])item, ThreadletWork, priv.item);
}

/*
 * What priv.queue says: which queue it was, and what a thread needs of it. Nobody follows
 * it, so it does not matter that of two queues to which a work is submitted at the same
 * time it may name the one that refused.
 */
static uintptr_t queue_tag(const ThreadletQueue *queue)
{
	return (uintptr_t)queue | (queue && queue->flags & THREADLET_QUEUE_COMPUTES ?
				   QUEUE_COMPUTES : 0);
}

static bool is_of_queue(ThreadletWork *work, const ThreadletQueue *queue)
{
	uintptr_t tag = __atomic_load_n(&work->priv.queue, __ATOMIC_RELAXED);

	return (tag & ~QUEUE_COMPUTES) == (uintptr_t)queue;
}

/* ---- running ---- */

static void run(struct work_struct *item)
{
	ThreadletWork *work = work_of(item);
	bool computes = __atomic_load_n(&work->priv.queue, __ATOMIC_RELAXED) & QUEUE_COMPUTES;

	__atomic_store_n(&work->priv.ran, 1, __ATOMIC_RELEASE);
	if (!computes)
		uwq_blocking_begin();
	work->func(work);
	/* @work may be gone from here on */
	if (!computes)
		uwq_blocking_end();
}

/* Is the caller @work's own function? */
static bool is_inside(ThreadletWork *work)
{
	return current_work() == item_of(work);
}

/* Is the caller a function that runs for @queue? */
static bool is_inside_queue(const ThreadletQueue *queue)
{
	struct work_struct *item = current_work();

	return item && item->func == run && is_of_queue(work_of(item), queue);
}

/* ---- works ---- */

static bool is_made(ThreadletWork *work)
{
	return __atomic_load_n(&work->priv.made, __ATOMIC_ACQUIRE) ==
	       ((uintptr_t)work ^ WORK_READY) && item_of(work)->func == run;
}

static void make(ThreadletWork *work)
{
	INIT_WORK(item_of(work), run);
	__atomic_store_n(&work->priv.queue, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&work->priv.ran, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&work->priv.made, (uintptr_t)work ^ WORK_READY, __ATOMIC_RELEASE);
}

/* See that the work is prepared; of several threads one does it. */
static void need_made(ThreadletWork *work)
{
	uintptr_t busy = (uintptr_t)work ^ WORK_BUSY;
	uintptr_t old;

	while (!is_made(work)) {
		old = __atomic_load_n(&work->priv.made, __ATOMIC_ACQUIRE);
		if (old == busy)
			sched_yield();
		else if (__atomic_compare_exchange_n(&work->priv.made, &old, busy, false,
						     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			make(work);
	}
}

/**
 * threadlet_work_init - prepare a work whose memory was used for another one
 * @work: neither queued nor running
 * @func: its function
 *
 * Not needed for memory that is zeroed or that never held a work: submitting prepares it.
 */
void threadlet_work_init(ThreadletWork *work, void (*func)(ThreadletWork *work))
{
	work->func = func;
	make(work);
}

/* ---- queues ---- */

static bool queue_is_made(const ThreadletQueue *queue)
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
	if (!queue_is_made(queue)) {
		pr_err("%s: %p is no queue\n", __func__, (void *)queue);
		return -EINVAL;
	}
	if (is_inside_queue(queue)) {
		pr_err("%s: called by a function of the queue itself\n", __func__);
		return -EDEADLK;
	}
	destroy_workqueue(queue->wq);
	memset(queue, 0, sizeof(*queue));
	return 0;
}

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

static ThreadletQueue *get_global_queue(void)
{
	ThreadletQueue *queue = __atomic_load_n(&global_queue, __ATOMIC_ACQUIRE);

	return queue ? queue : global_queue_make();
}

/* ---- submitting ---- */

static int submit(ThreadletQueue *queue, ThreadletWork *work)
{
	need_made(work);
	/*
	 * A queued work keeps its queue. If it is taken between the look and queue_work(),
	 * the stores are those of a new submission, which is what this then is.
	 */
	if (work_pending(item_of(work)))
		goto busy;
	__atomic_store_n(&work->priv.queue, queue_tag(queue), __ATOMIC_RELAXED);
	__atomic_store_n(&work->priv.ran, 0, __ATOMIC_RELAXED);
	if (queue_work(queue->wq, item_of(work)))
		return 0;
busy:
	pr_warn_ratelimited("work %p (%ps) is queued already and will run once\n", (void *)work,
			    (void *)work->func);
	return -EBUSY;
}

static int check_work(const ThreadletWork *work, const char *call)
{
	if (work && work->func)
		return 0;
	pr_err("%s: %s\n", call, work ? "the work has no function" : "no work");
	return -EINVAL;
}

/**
 * submit_work_to_queue - have a work's function called once by a thread of a queue
 * @queue: queue
 * @work: func is set. It stays in place until the function was called or it was dequeued
 *
 * A work may be submitted again as soon as its function has been called, by the function
 * itself too; it never runs twice at the same time.
 *
 * Context: Any thread. Allocates nothing and starts no thread by itself.
 * Ordering: the function sees all stores made before.
 * Return: 0; -EBUSY: it was queued already, and will run once; -EINVAL: no function, or no
 * queue. Errors are logged and change nothing.
 */
int submit_work_to_queue(ThreadletQueue *queue, ThreadletWork *work)
{
	if (check_work(work, __func__))
		return -EINVAL;
	if (!queue_is_made(queue)) {
		pr_err("%s: %p is no queue\n", __func__, (void *)queue);
		return -EINVAL;
	}
	return submit(queue, work);
}

/**
 * submit_work - have a work's function called once by a thread of the global queue
 * @work: as for submit_work_to_queue()
 *
 * Context: Any thread. The first call makes the queue.
 * Return: as submit_work_to_queue(); -ENOMEM: the queue could not be made, the next call
 * tries again.
 */
int submit_work(ThreadletWork *work)
{
	ThreadletQueue *queue;

	if (check_work(work, __func__))
		return -EINVAL;
	queue = get_global_queue();
	return queue ? submit(queue, work) : -ENOMEM;
}

/* ---- taking back ---- */

static int dequeue(const ThreadletQueue *queue, ThreadletWork *work)
{
	if (!is_made(work))
		return 1;
	if (work_pending(item_of(work)) && !is_of_queue(work, queue)) {
		pr_err("work %p (%ps) is on another queue, and stays there\n", (void *)work,
		       (void *)work->func);
		return -EINVAL;
	}
	return cancel_work(item_of(work)) ? 0 : 1;
}

/**
 * dequeue_work_on_queue - take a work back before its function is called
 * @queue: the queue that it was submitted to
 * @work: work
 *
 * Takes the same time whatever is queued. A function that runs goes on; threadlet_wait()
 * waits for it.
 *
 * Context: Any thread.
 * Return: 0: removed, the function is not called for this submission; 1: not removed: it
 * runs, has run, or never was submitted; -EINVAL: no queue or no work, or the work is on
 * another queue and stays there, which is logged.
 */
int dequeue_work_on_queue(ThreadletQueue *queue, ThreadletWork *work)
{
	if (!work || !queue_is_made(queue)) {
		pr_err("%s: %s\n", __func__, work ? "no queue" : "no work");
		return -EINVAL;
	}
	return dequeue(queue, work);
}

/**
 * dequeue_work - take a work of the global queue back before its function is called
 * @work: work
 *
 * Return: as dequeue_work_on_queue().
 */
int dequeue_work(ThreadletWork *work)
{
	if (!work) {
		pr_err("%s: no work\n", __func__);
		return -EINVAL;
	}
	return dequeue(__atomic_load_n(&global_queue, __ATOMIC_ACQUIRE), work);
}

/* ---- waiting and asking ---- */

/**
 * threadlet_wait - wait until a work is neither queued nor running
 * @work: work whose function does not free it
 *
 * Any number of threads may wait. A work that was submitted again meanwhile is waited for
 * up to the last submission before the call.
 *
 * Context: May sleep.
 * Ordering: all that the function did is visible afterwards.
 * Return: 0, at once if there is nothing to wait for; -EINVAL: no work; -EDEADLK: called
 * by the work's own function. Errors are logged.
 */
int threadlet_wait(ThreadletWork *work)
{
	if (!work) {
		pr_err("%s: no work\n", __func__);
		return -EINVAL;
	}
	if (!is_made(work))
		return 0;
	if (is_inside(work)) {
		pr_err("%s: work %p (%ps) waits for itself\n", __func__, (void *)work,
		       (void *)work->func);
		return -EDEADLK;
	}
	flush_work(item_of(work));
	return 0;
}

/**
 * threadlet_state - is a work queued, running or finished?
 * @work: work that its function has not freed
 *
 * The answer may be old when it is there, except THREADLET_FINISHED and THREADLET_IDLE of
 * a work that nobody submits. Of a work that was submitted again while it runs it says
 * THREADLET_QUEUED.
 *
 * Context: Any thread.
 * Ordering: after THREADLET_FINISHED all that the function did is visible.
 * Return: the state; THREADLET_IDLE without a work.
 */
ThreadletState threadlet_state(ThreadletWork *work)
{
	unsigned int busy;

	if (!work || !is_made(work))
		return THREADLET_IDLE;
	busy = work_busy(item_of(work));
	if (busy & WORK_BUSY_PENDING)
		return THREADLET_QUEUED;
	if (busy & WORK_BUSY_RUNNING)
		return THREADLET_RUNNING;
	return __atomic_load_n(&work->priv.ran, __ATOMIC_ACQUIRE) ? THREADLET_FINISHED :
								     THREADLET_IDLE;
}
