// SPDX-License-Identifier: MIT
/*
 * Proves: thread_pool_free() with a request that is queued, runs, or whose callback has not
 * returned is reported, refused, and loses nothing; after the last callback it succeeds, also if
 * the worker has not left its function's tail. NULL pointers and foreign memory get the
 * documented errors, and a pool that is never polled ends cleanly.
 */
#include "thread_pool_test.h"

static struct gate gate;

TEST_F(pool, queued_running_and_finished_ones_count)
{
	struct request request[2] = { { .gate = &gate }, { .result = 5 } };

	log_count("requests in flight");
	thread_pool_set_threads(self->pool, 0, 1, 1000);
	request_submit(self->pool, &request[0]);
	request_submit(self->pool, &request[1]);
	EXPECT_EQ(-EBUSY, thread_pool_free(self->pool));
	while (!GET(request[0].begun))
		nap_us(100);
	EXPECT_EQ(-EBUSY, thread_pool_free(self->pool));
	gate_open(&gate);
	while (!GET(request[1].ended))
		nap_us(100);
	EXPECT_EQ(-EBUSY, thread_pool_free(self->pool));
	EXPECT_EQ(3, GET(log_hits));
	while (!request[1].called)
		aio_poll(self->ctx, true);
	EXPECT_EQ(1, request[0].called);
	EXPECT_EQ(5, request[1].ret);
}

static ThreadPool *own_pool;
static int from_callback;

static void free_in_callback(void *opaque, int ret)
{
	request_done(opaque, ret);
	from_callback = thread_pool_free(own_pool);
}

TEST_F(pool, a_callback_counts_until_it_returns)
{
	struct request request = { 0 };

	log_count("requests in flight");
	own_pool = self->pool;
	thread_pool_submit_aio(self->pool, request_func, &request, free_in_callback, &request);
	while (!request.called)
		aio_poll(self->ctx, true);
	EXPECT_EQ(-EBUSY, from_callback);
}

/* The last thing a worker does with a request and the pool's end, as close as can be. */
TEST(at_once_after_the_last_callback)
{
	for (int i = 0; i < ROUNDS(200); i++) {
		AioContext *ctx = aio_context_new();
		ThreadPool *pool = thread_pool_new(ctx);
		struct request request[3] = { { 0 } };

		for (int j = 0; j < 3; j++)
			request_submit(pool, &request[j]);
		while (!request[0].called || !request[1].called || !request[2].called)
			aio_poll(ctx, true);
		ASSERT_EQ(0, thread_pool_free(pool));
		aio_context_unref(ctx);
	}
}

TEST(never_polled)
{
	AioContext *ctx = aio_context_new();
	ThreadPool *pool = thread_pool_new(ctx);

	EXPECT_EQ(0, thread_pool_free(pool));
	EXPECT_EQ(0, thread_pool_free(NULL));
	aio_context_unref(ctx);
	EXPECT_EQ(0, uwq_warn_count());
}

TEST_F(pool, bad_input_is_refused)
{
	char foreign[512] = { 0 };
	struct request request = { 0 };

	log_count("is no request");
	errno = 0;
	EXPECT_NULL(thread_pool_new(NULL));
	EXPECT_EQ(EINVAL, errno);
	errno = 0;
	EXPECT_NULL(thread_pool_submit_aio(self->pool, NULL, NULL, request_done, &request));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_NULL(thread_pool_submit_aio(NULL, request_func, &request, request_done, &request));
	EXPECT_EQ(-EINVAL, thread_pool_submit(self->pool, NULL, NULL));
	EXPECT_EQ(-EINVAL, thread_pool_submit(NULL, request_func, &request));
	EXPECT_EQ(-EINVAL, thread_pool_submit_co(self->pool, NULL, NULL));
	EXPECT_EQ(-EINVAL, thread_pool_cancel(NULL));
	EXPECT_EQ(-EINVAL, thread_pool_cancel_async(NULL));
	EXPECT_EQ(-EINVAL, thread_pool_cancel((BlockAIOCB *)foreign));
	EXPECT_EQ(-EINVAL, thread_pool_cancel_async((BlockAIOCB *)foreign));
	EXPECT_EQ(4, GET(log_hits));
	EXPECT_EQ(0, request.begun);
}

TEST_HARNESS_MAIN
