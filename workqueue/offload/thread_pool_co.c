// SPDX-License-Identifier: MIT
/*
 * thread_pool_co.c - requests that coroutines wait for
 *
 * Three hooks connect a pool with a library of coroutines; the one included here
 * (uwq/coroutine.h) is what a pool has at first.
 *
 * Locks: none. The coroutine and the callback run in the context's thread.
 */
#define pr_fmt(fmt) "thread_pool: " fmt

#include <errno.h>

#include <linux/export.h>
#include <linux/printk.h>

#include <uwq/coroutine.h>

#include "workqueue/offload/thread_pool_internal.h"

struct co_request {
	const ThreadPoolCoroutines *hooks;
	void *co;
	int ret;
	bool done;
};

static void *ucontext_self(void)
{
	return qemu_in_coroutine() ? qemu_coroutine_self() : NULL;
}

static void ucontext_wake(void *co)
{
	qemu_coroutine_enter(co, NULL);
}

const ThreadPoolCoroutines thread_pool_ucontext = {
	.self = ucontext_self, .yield = qemu_coroutine_yield, .wake = ucontext_wake,
};

/**
 * thread_pool_set_coroutines - use other coroutines
 * @pool: pool that no coroutine waits for
 * @hooks: how to deal with them, copied; NULL: those of uwq/coroutine.h
 *
 * Context: The thread of the pool's context.
 */
void thread_pool_set_coroutines(ThreadPool *pool, const ThreadPoolCoroutines *hooks)
{
	pool->co = hooks ? *hooks : thread_pool_ucontext;
}
EXPORT_SYMBOL(thread_pool_set_coroutines);

static void wake_co(void *opaque, int ret)
{
	struct co_request *request = opaque;

	request->ret = ret;
	request->done = true;
	/* *request may be gone when this returns */
	request->hooks->wake(request->co);
}

/**
 * thread_pool_submit_co - have a function called by a thread, and wait for its result
 * @pool: pool
 * @func: function; it may block
 * @arg: its argument
 *
 * Suspends the calling coroutine; the context's thread goes on meanwhile, and continues it
 * from the callback. If it is continued by others it goes to sleep again.
 *
 * Context: a coroutine in the thread that polls the pool's context.
 * Return: what @func returned; -ENOMEM; -EINVAL: @pool or @func is NULL, or not called from a
 * coroutine, which is reported.
 */
int thread_pool_submit_co(ThreadPool *pool, ThreadPoolFunc *func, void *arg)
{
	struct co_request request = { 0 };

	if (!pool || !func)
		return -EINVAL;
	request.hooks = &pool->co;
	request.co = pool->co.self();
	if (!request.co) {
		pr_err("%s() outside of a coroutine\n", __func__);
		return -EINVAL;
	}
	if (!thread_pool_submit_aio(pool, func, arg, wake_co, &request))
		return -ENOMEM;
	while (!request.done)
		pool->co.yield();
	return request.ret;
}
EXPORT_SYMBOL(thread_pool_submit_co);
