// SPDX-License-Identifier: MIT
/*
 * threadlet.c - threadlets: works with a function, from their submission to their end
 *
 * A ThreadletQueue is a workqueue (threadlet_queue.c). A ThreadletWork has a work_struct
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
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/workqueue.h>
#include <uwq/blocking.h>
#include <sched.h>

#include "kernel-compat/test_points.h"
#include "workqueue/offload/threadlet_internal.h"

#define WORK_READY	0x746872656164ul	/* priv.made of a prepared work, ^ its address */
#define WORK_BUSY	0x6c6574626567ul	/* the same while a thread prepares it */

#define QUEUE_COMPUTES	1ul		/* bit of priv.queue: see queue_tag() */

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

bool threadlet_is_inside_queue(const ThreadletQueue *queue)
{
	struct work_struct *item = current_work();

	return item && item->func == run && is_of_queue(work_of(item), queue);
}

/* ---- works ---- */

/* Does priv.made, as it was read, say that the work is prepared? */
static bool says_made(ThreadletWork *work, uintptr_t made)
{
	return made == ((uintptr_t)work ^ WORK_READY) && item_of(work)->func == run;
}

static bool is_made(ThreadletWork *work)
{
	return says_made(work, __atomic_load_n(&work->priv.made, __ATOMIC_ACQUIRE));
}

static void make(ThreadletWork *work)
{
	INIT_WORK(item_of(work), run);
	__atomic_store_n(&work->priv.queue, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&work->priv.ran, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&work->priv.made, (uintptr_t)work ^ WORK_READY, __ATOMIC_RELEASE);
}

/*
 * See that the work is prepared; of several threads one does it. The value that was found to
 * be that of an unprepared work is the one that is exchanged: who reads it a second time may
 * meet what another thread has prepared and queued meanwhile, and prepare it again.
 */
static void need_made(ThreadletWork *work)
{
	uintptr_t busy = (uintptr_t)work ^ WORK_BUSY;
	uintptr_t made = __atomic_load_n(&work->priv.made, __ATOMIC_ACQUIRE);

	while (!says_made(work, made)) {
		TEST_POINT("threadlet_is_unprepared");
		if (made == busy) {
			sched_yield();
			made = __atomic_load_n(&work->priv.made, __ATOMIC_ACQUIRE);
		} else if (__atomic_compare_exchange_n(&work->priv.made, &made, busy, false,
						       __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
			TEST_POINT("threadlet_is_prepared");
			make(work);
			return;
		}
	}
}

/**
 * threadlet_work_init - prepare a work whose memory was used for another one
 * @work: neither queued nor running
 * @func: its function
 *
 * Not needed for memory that is zeroed or that never held a work: submitting prepares it.
 *
 * Context: Any thread, while nobody else uses the work.
 */
void threadlet_work_init(ThreadletWork *work, void (*func)(ThreadletWork *work))
{
	work->func = func;
	make(work);
}
EXPORT_SYMBOL(threadlet_work_init);

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
 * Wakes one thread at most, and none while as many functions as the queue may run block. In
 * a queue that computes, functions at that limit that do not block leave CPUs free: there
 * each submission may wake a thread that finds the limit reached and sleeps again.
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
	if (!threadlet_queue_is_made(queue)) {
		pr_err("%s: %p is no queue\n", __func__, (void *)queue);
		return -EINVAL;
	}
	return submit(queue, work);
}
EXPORT_SYMBOL(submit_work_to_queue);

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
	queue = threadlet_global_queue();
	return queue ? submit(queue, work) : -ENOMEM;
}
EXPORT_SYMBOL(submit_work);

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
	if (!work || !threadlet_queue_is_made(queue)) {
		pr_err("%s: %s\n", __func__, work ? "no queue" : "no work");
		return -EINVAL;
	}
	return dequeue(queue, work);
}
EXPORT_SYMBOL(dequeue_work_on_queue);

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
	return dequeue(threadlet_global_queue_if_made(), work);
}
EXPORT_SYMBOL(dequeue_work);

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
EXPORT_SYMBOL(threadlet_wait);

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
EXPORT_SYMBOL(threadlet_state);
