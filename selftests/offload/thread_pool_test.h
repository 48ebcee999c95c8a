/* SPDX-License-Identifier: MIT */
/*
 * thread_pool_test.h - a context with a pool, and requests that can be held in their function
 */
#ifndef UWQ_SELFTESTS_THREAD_POOL_TEST_H
#define UWQ_SELFTESTS_THREAD_POOL_TEST_H

#include "offload_test.h"

#include <uwq/thread_pool.h>

#include "workqueue/offload/thread_pool_internal.h"

FIXTURE(pool) {
	AioContext *ctx;
	ThreadPool *pool;
};

FIXTURE_SETUP(pool)
{
	self->ctx = aio_context_new();
	ASSERT_NOT_NULL(self->ctx);
	self->pool = thread_pool_new(self->ctx);
	ASSERT_NOT_NULL(self->pool);
	/* the first turn takes over the affinity */
	aio_poll(self->ctx, false);
}

FIXTURE_TEARDOWN(pool)
{
	EXPECT_EQ(0, thread_pool_free(self->pool));
	aio_context_unref(self->ctx);
}

struct request {
	BlockAIOCB *acb;
	struct gate *gate;	/* the function waits here; NULL: it does not */
	int result;
	int begun, ended;	/* atomic: calls of the function */
	int called, ret;	/* the callback's */
};

static inline int request_func(void *arg)
{
	struct request *request = arg;

	ADD(request->begun, 1);
	if (request->gate)
		gate_wait(request->gate);
	ADD(request->ended, 1);
	return request->result;
}

static inline void request_done(void *opaque, int ret)
{
	struct request *request = opaque;

	request->called++;
	request->ret = ret;
	request->acb = NULL;
}

static inline void request_submit(ThreadPool *pool, struct request *request)
{
	request->acb = thread_pool_submit_aio(pool, request_func, request, request_done, request);
	if (!request->acb)
		abort();
}

/* All that was submitted has a result, which waits to be called; and no worker is to tell of it. */
static inline void results_are_there(const ThreadPool *pool)
{
	flush_workqueue(pool->wq);
}

#endif
