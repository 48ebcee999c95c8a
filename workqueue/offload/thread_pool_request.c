// SPDX-License-Identifier: MIT
/*
 * thread_pool_request.c - a request's way to a thread, and its result's way back
 *
 * A request is a work item. Its worker puts it on pool->done and schedules a bottom half of the
 * context if that list was empty: so a batch of results makes one notification. The bottom half
 * moves the list to pool->to_call and calls the callbacks from there. A callback may poll the
 * context again; so the bottom half is scheduled anew while some are left to be called.
 *
 * Cancelling is cancel_work(): the engine decides, once, whether a worker or the canceller gets
 * a queued item. A cancelled request goes to pool->done like the others.
 *
 * Called by the thread that polls the context, but for run(). Functions may block anywhere, so
 * they run inside uwq_blocking_begin().
 */
#define pr_fmt(fmt) "thread_pool: " fmt

#include <errno.h>

#include <linux/export.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <uwq/blocking.h>

#include "workqueue/offload/aio_internal.h"
#include "workqueue/offload/thread_pool_internal.h"

struct BlockAIOCB {
	struct work_struct work;
	const BlockAIOCB *self;		/* I: tells requests from other memory */
	ThreadPool *pool;		/* I, like the next four */
	ThreadPoolFunc *func;
	void *arg;
	BlockCompletionFunc *cb;
	void *opaque;
	int ret;			/* of who has it: worker or canceller, then the callback */
	int refs;			/* P */
	bool called;			/* P: the callback has begun */
	struct llist_node done;		/* of pool->done */
	struct list_head node;		/* of pool->to_call */
};

/* ---- there ---- */

/* The result is known. */
static void finish(BlockAIOCB *acb, int ret)
{
	ThreadPool *pool = acb->pool;

	acb->ret = ret;
	if (llist_add(&acb->done, &pool->done))
		qemu_bh_schedule(pool->completion_bh);
	/* *acb may be gone from here on; the pool waits for its workers before it ends */
}

static void run(struct work_struct *work)
{
	BlockAIOCB *acb = container_of(work, BlockAIOCB, work);
	int ret;

	uwq_blocking_begin();
	ret = acb->func(acb->arg);
	uwq_blocking_end();
	finish(acb, ret);
}

/**
 * thread_pool_submit_aio - have a function called by a thread
 * @pool: pool
 * @func: function; it may block. Its result is for @cb
 * @arg: its argument
 * @cb: called by the context with @opaque and the result; NULL: nothing is called
 * @opaque: for @cb
 *
 * @cb is called once, by an aio_poll() after this call. Requests start in the order in which
 * they were submitted, and finish in any.
 *
 * Context: see thread_pool.h. May sleep.
 * Ordering: @func sees what was stored before, and @cb what @func has stored.
 * Return: the request, for cancelling it until @cb is called; NULL with errno ENOMEM, or
 * EINVAL if @pool or @func is NULL.
 */
BlockAIOCB *thread_pool_submit_aio(ThreadPool *pool, ThreadPoolFunc *func, void *arg,
				   BlockCompletionFunc *cb, void *opaque)
{
	BlockAIOCB *acb;

	if (!pool || !func) {
		errno = EINVAL;
		return NULL;
	}
	acb = kmalloc(sizeof(*acb), GFP_KERNEL);
	if (!acb) {
		errno = ENOMEM;
		return NULL;
	}
	*acb = (BlockAIOCB) {
		.self = acb, .pool = pool, .func = func, .arg = arg, .cb = cb,
		.opaque = opaque, .refs = 1,
	};
	INIT_WORK(&acb->work, run);
	__atomic_add_fetch(&pool->in_flight, 1, __ATOMIC_RELAXED);
	queue_work(pool->wq, &acb->work);
	return acb;
}
EXPORT_SYMBOL(thread_pool_submit_aio);

/**
 * thread_pool_submit - have a function called by a thread, and its result forgotten
 * @pool: pool
 * @func: function; it may block
 * @arg: its argument
 *
 * When it has returned, a blocking aio_poll() of the context returns true.
 *
 * Context: as thread_pool_submit_aio().
 * Return: 0; -ENOMEM; -EINVAL if @pool or @func is NULL.
 */
int thread_pool_submit(ThreadPool *pool, ThreadPoolFunc *func, void *arg)
{
	return thread_pool_submit_aio(pool, func, arg, NULL, NULL) ? 0 : -errno;
}
EXPORT_SYMBOL(thread_pool_submit);

/* ---- and back ---- */

static void collect(ThreadPool *pool)
{
	struct llist_node *node = llist_reverse_order(llist_del_all(&pool->done));
	BlockAIOCB *acb, *next;

	llist_for_each_entry_safe(acb, next, node, done)
		list_add_tail(&acb->node, &pool->to_call);
}

static void put(BlockAIOCB *acb)
{
	if (!--acb->refs)
		kfree(acb);
}

static void call_back(BlockAIOCB *acb)
{
	ThreadPool *pool = acb->pool;

	acb->called = true;
	if (acb->cb)
		acb->cb(acb->opaque, acb->ret);
	acb->self = NULL;
	put(acb);
	__atomic_sub_fetch(&pool->in_flight, 1, __ATOMIC_RELEASE);
}

/* The bottom half. Runs nested if a callback polls. */
void thread_pool_complete(void *opaque)
{
	ThreadPool *pool = opaque;
	BlockAIOCB *acb;

	collect(pool);
	while ((acb = list_first_entry_or_null(&pool->to_call, BlockAIOCB, node))) {
		list_del(&acb->node);
		if (!list_empty(&pool->to_call))
			aio_bh_schedule_unnoticed(pool->completion_bh);
		call_back(acb);
	}
	/* Nothing is left; but a worker may have meant this schedule for a new result */
	qemu_bh_cancel(pool->completion_bh);
	if (!llist_empty(&pool->done))
		qemu_bh_schedule(pool->completion_bh);
}

/* ---- cancelling ---- */

static int check(const BlockAIOCB *acb, const char *call)
{
	if (acb && acb->self == acb)
		return 0;
	pr_err("%s(): %p is no request\n", call, (const void *)acb);
	return -EINVAL;
}

/**
 * thread_pool_cancel_async - take a request back if no thread has begun with it
 * @acb: request whose callback has not returned
 *
 * If it was taken back its function is not called, and its callback gets -ECANCELED, from an
 * aio_poll() after this call. Otherwise all goes on as if this had not been called.
 *
 * Context: see thread_pool.h; any callback.
 * Return: 0: taken back; 1: too late, or done before; -EINVAL: not a request, which is
 * reported.
 */
int thread_pool_cancel_async(BlockAIOCB *acb)
{
	if (check(acb, __func__))
		return -EINVAL;
	if (acb->called || !cancel_work(&acb->work))
		return 1;
	finish(acb, -ECANCELED);
	return 0;
}
EXPORT_SYMBOL(thread_pool_cancel_async);

/**
 * thread_pool_cancel - take a request back or wait until its function has returned
 * @acb: request whose callback has not returned
 *
 * As thread_pool_cancel_async(), and then polls the context until the callback has been
 * called. Called by that callback itself it returns at once.
 *
 * Context: see thread_pool.h; any callback. May sleep, and calls other callbacks.
 * Return: as thread_pool_cancel_async(); -EDEADLK: called by the request's function, which
 * is reported.
 */
int thread_pool_cancel(BlockAIOCB *acb)
{
	AioContext *ctx;
	int ret;

	if (check(acb, __func__))
		return -EINVAL;
	if (current_work() == &acb->work) {
		pr_err("%s(): a request waits for itself\n", __func__);
		return -EDEADLK;
	}
	ctx = acb->pool->ctx;
	acb->refs++;
	ret = thread_pool_cancel_async(acb);
	while (!acb->called)
		aio_poll(ctx, true);
	put(acb);
	return ret;
}
EXPORT_SYMBOL(thread_pool_cancel);
