/* SPDX-License-Identifier: MIT */
/*
 * thread_pool.h - functions that block, run by threads, with their results in an event loop
 *
 * A pool belongs to an AioContext. A request is a function and its argument: some thread
 * of the pool calls it, and when it has returned, the context's thread calls the request's
 * callback with the result, from inside aio_poll(). So callbacks never run at the same time,
 * and never before the call that submitted the request has returned.
 *
 * Who may call what: all functions here belong to the thread that polls the context at that
 * time (its own, or one between aio_context_acquire() and aio_context_release()). Another
 * thread may submit too, but then nothing keeps the callback from being quicker than the
 * return of the call.
 *
 *	pool = thread_pool_new(ctx);
 *	thread_pool_submit_aio(pool, read_block, &request, read_done, &request);
 *	while (!request.done)
 *		aio_poll(ctx, true);
 *
 * The names and prototypes are those of QEMU, and so are the two names each for a request
 * and a callback. Contracts stand above the bodies in workqueue/offload/thread_pool*.c;
 * Documentation/offload.rst tells the rest. For C and C++.
 */
#ifndef UWQ_THREAD_POOL_H
#define UWQ_THREAD_POOL_H

#include <uwq/aio_context.h>
#include <uwq/api.h>

typedef struct ThreadPool ThreadPool;
typedef struct BlockAIOCB BlockAIOCB;		/* a request; gone when its callback returns */
typedef BlockAIOCB BlockDriverAIOCB;

typedef int ThreadPoolFunc(void *opaque);	/* returns the result: 0.. or a negative errno */
typedef void BlockCompletionFunc(void *opaque, int ret);
typedef BlockCompletionFunc BlockDriverCompletionFunc;

/* What thread_pool_new() sets; thread_pool_set_threads() changes it. */
#define THREAD_POOL_MIN_THREADS	0
#define THREAD_POOL_MAX_THREADS	64
#define THREAD_POOL_IDLE_MS	10000

/* What thread_pool_submit_co() needs of a library of coroutines. */
typedef struct ThreadPoolCoroutines {
	void *(*self)(void);	/* the coroutine that runs in this thread; NULL: there is none */
	void (*yield)(void);	/* back to whoever entered it; returns when it is continued */
	void (*wake)(void *co);	/* continue it, now or later, from a callback of the context */
} ThreadPoolCoroutines;

UWQ_API_BEGIN

ThreadPool *thread_pool_new(AioContext *ctx);
int thread_pool_free(ThreadPool *pool);
int thread_pool_set_threads(ThreadPool *pool, int min_threads, int max_threads, int idle_ms);

BlockAIOCB *thread_pool_submit_aio(ThreadPool *pool, ThreadPoolFunc *func, void *arg,
				   BlockCompletionFunc *cb, void *opaque);
int thread_pool_submit(ThreadPool *pool, ThreadPoolFunc *func, void *arg);
int thread_pool_cancel(BlockAIOCB *acb);
int thread_pool_cancel_async(BlockAIOCB *acb);

int thread_pool_submit_co(ThreadPool *pool, ThreadPoolFunc *func, void *arg);
void thread_pool_set_coroutines(ThreadPool *pool, const ThreadPoolCoroutines *hooks);

UWQ_API_END

/* ---- the block layer's names for requests of any kind ---- */

/**
 * bdrv_aio_cancel - thread_pool_cancel() without its answer
 * @acb: request
 *
 * Context: as thread_pool_cancel().
 */
static inline void bdrv_aio_cancel(BlockAIOCB *acb)
{
	thread_pool_cancel(acb);
}

/**
 * bdrv_aio_cancel_async - thread_pool_cancel_async() without its answer
 * @acb: request
 *
 * Context: as thread_pool_cancel_async().
 */
static inline void bdrv_aio_cancel_async(BlockAIOCB *acb)
{
	thread_pool_cancel_async(acb);
}

#endif
