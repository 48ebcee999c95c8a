// SPDX-License-Identifier: MIT
/*
 * Proves: programs that use the thread pool and coroutines by the names and prototypes of the
 * original (QEMU 2.1 and 2.2) compile with nothing but other include lines, and behave as they
 * expect: results of calls unused, requests counted down in callbacks, a hundred requests of
 * which those that have not begun are cancelled in both ways.
 */
#include "../kselftest_harness.h"

#include <errno.h>
#include <unistd.h>

#include <uwq/coroutine.h>
#include <uwq/thread_pool.h>

static AioContext *ctx;
static ThreadPool *pool;
static int active;

typedef struct {
	BlockDriverAIOCB *aiocb;
	int n;
	int ret;
} WorkerTestData;

static int worker_cb(void *opaque)
{
	WorkerTestData *data = opaque;

	return __atomic_fetch_add(&data->n, 1, __ATOMIC_SEQ_CST);
}

static int looked;	/* atomic: the test has taken what it cancels */

static int long_cb(void *opaque)
{
	WorkerTestData *data = opaque;
	int queued = 0;

	/* The test takes those that it cancels by storing 3 here first */
	if (__atomic_compare_exchange_n(&data->n, &queued, 1, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST)) {
		/* all threads stay, so that there are some which have not begun */
		do
			usleep(20000);
		while (!__atomic_load_n(&looked, __ATOMIC_SEQ_CST));
		__atomic_store_n(&data->n, 2, __ATOMIC_SEQ_CST);
	}
	return 0;
}

static void done_cb(void *opaque, int ret)
{
	WorkerTestData *data = opaque;

	if (data->ret != -EINPROGRESS && data->ret != -ECANCELED)
		abort();
	data->ret = ret;
	data->aiocb = NULL;
	active--;
}

FIXTURE(original) {
	int unused;
};

FIXTURE_SETUP(original)
{
	(void)self;
	ctx = aio_context_new();
	pool = thread_pool_new(ctx);
}

FIXTURE_TEARDOWN(original)
{
	(void)self;
	thread_pool_free(pool);
	aio_context_unref(ctx);
}

TEST_F(original, submit)
{
	WorkerTestData data = { .n = 0 };

	thread_pool_submit(pool, worker_cb, &data);
	while (__atomic_load_n(&data.n, __ATOMIC_SEQ_CST) == 0)
		aio_poll(ctx, true);
	EXPECT_EQ(1, data.n);
	/* its end is still to be seen */
	while (thread_pool_free(pool))
		aio_poll(ctx, true);
	pool = thread_pool_new(ctx);
}

TEST_F(original, submit_aio)
{
	WorkerTestData data = { .n = 0, .ret = -EINPROGRESS };

	data.aiocb = thread_pool_submit_aio(pool, worker_cb, &data, done_cb, &data);
	active = 1;
	EXPECT_EQ(-EINPROGRESS, data.ret);
	while (data.ret == -EINPROGRESS)
		aio_poll(ctx, true);
	EXPECT_EQ(0, active);
	EXPECT_EQ(1, data.n);
	EXPECT_EQ(0, data.ret);
}

static void coroutine_fn co_test_cb(void *opaque)
{
	WorkerTestData *data = opaque;

	active = 1;
	data->n = 0;
	data->ret = -EINPROGRESS;
	thread_pool_submit_co(pool, worker_cb, data);
	data->ret = 0;
	active--;
}

TEST_F(original, submit_co)
{
	WorkerTestData data;
	Coroutine *co = qemu_coroutine_create(co_test_cb);

	qemu_coroutine_enter(co, &data);
	EXPECT_EQ(1, active);
	EXPECT_EQ(-EINPROGRESS, data.ret);
	while (data.ret == -EINPROGRESS)
		aio_poll(ctx, true);
	EXPECT_EQ(0, active);
	EXPECT_EQ(1, data.n);
}

TEST_F(original, submit_many)
{
	static WorkerTestData data[100];

	for (int i = 0; i < 100; i++) {
		data[i].n = 0;
		data[i].ret = -EINPROGRESS;
		thread_pool_submit_aio(pool, worker_cb, &data[i], done_cb, &data[i]);
	}
	active = 100;
	while (active > 0)
		aio_poll(ctx, true);
	for (int i = 0; i < 100; i++) {
		EXPECT_EQ(1, data[i].n);
		EXPECT_EQ(0, data[i].ret);
	}
}

TEST_F(original, cancel_what_has_not_begun)
{
	static WorkerTestData data[100];
	int num_cancelled = 0;

	for (int i = 0; i < 100; i++) {
		data[i].n = 0;
		data[i].ret = -EINPROGRESS;
		data[i].aiocb = thread_pool_submit_aio(pool, long_cb, &data[i], done_cb, &data[i]);
	}
	active = 100;
	while (__atomic_load_n(&data[0].n, __ATOMIC_SEQ_CST) == 0)
		aio_poll(ctx, false);
	for (int i = 0; i < 100; i++) {
		int queued = 0;

		if (!__atomic_compare_exchange_n(&data[i].n, &queued, 3, false, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			continue;
		data[i].ret = -ECANCELED;
		num_cancelled++;
		if (data[i].aiocb && i % 2)
			bdrv_aio_cancel_async(data[i].aiocb);
		else if (data[i].aiocb)
			bdrv_aio_cancel(data[i].aiocb);
	}
	__atomic_store_n(&looked, 1, __ATOMIC_SEQ_CST);
	EXPECT_LE(1, num_cancelled);
	for (int i = 0; i < 100; i++)
		if (data[i].aiocb && __atomic_load_n(&data[i].n, __ATOMIC_SEQ_CST) != 3)
			bdrv_aio_cancel(data[i].aiocb);
	while (active > 0)
		aio_poll(ctx, true);
	for (int i = 0; i < 100; i++) {
		EXPECT_NULL(data[i].aiocb);
		EXPECT_TRUE(data[i].n == 2 || data[i].n == 3);
	}
}

TEST_HARNESS_MAIN
