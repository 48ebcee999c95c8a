// SPDX-License-Identifier: MIT
/*
 * Proves: any number of requests that end while the context's thread sleeps make one write;
 * callbacks are called in the order in which their functions ended; a callback may poll the
 * same context until another result is there, be it of the same batch or of a later one, and
 * in the loop of somebody else too; after a batch nothing is left to be called.
 */
#include "thread_pool_test.h"

#include <poll.h>

#define NR	20

static int writes;	/* atomic */
static struct gate asleep, wake;

/* The poller stays before its sleep until told; the notifications meanwhile are counted. */
static void watch_points(const char *name)
{
	if (!strcmp(name, "aio_notify_writes"))
		ADD(writes, 1);
	if (!strcmp(name, "aio_poll_sleeps")) {
		gate_open(&asleep);
		gate_wait(&wake);
	}
}

static void *poll_once(void *ctx)
{
	aio_poll(ctx, true);
	return NULL;
}

TEST_F(pool, a_batch_is_one_write)
{
	static struct request request[NR];
	struct gate gate = { 0 };
	pthread_t poller;

	for (int i = 0; i < NR; i++) {
		request[i].gate = &gate;
		request_submit(self->pool, &request[i]);
	}
	SET(uwq_test_point_hook, watch_points);
	poller = start_thread(poll_once, self->ctx);
	gate_wait(&asleep);
	gate_open(&gate);
	results_are_there(self->pool);
	gate_open(&wake);
	pthread_join(poller, NULL);
	SET(uwq_test_point_hook, NULL);
	EXPECT_EQ(1, writes);
	for (int i = 0; i < NR; i++)
		while (!request[i].called)
			aio_poll(self->ctx, true);
	EXPECT_FALSE(aio_poll(self->ctx, false));
}

static int order[NR], nr_order;

static int number(void *arg)
{
	return (int)(long)arg;
}

static void note(void *opaque, int ret)
{
	(void)opaque;
	order[nr_order++] = ret;
}

TEST_F(pool, in_the_order_of_ending)
{
	thread_pool_set_threads(self->pool, 0, 1, 1000);
	for (long i = 0; i < NR; i++)
		thread_pool_submit_aio(self->pool, number, (void *)i, note, NULL);
	while (nr_order < NR)
		aio_poll(self->ctx, true);
	for (int i = 0; i < NR; i++)
		EXPECT_EQ(i, order[i]);
}

struct waiter {
	AioContext *ctx;
	struct request *other;
	int foreign, called, lost;
};

/* A callback that does not return before another one was called. */
static void wait_for_other(void *opaque, int ret)
{
	struct waiter *waiter = opaque;
	struct pollfd wait = { .events = POLLIN };

	(void)ret;
	if (waiter->foreign)
		wait.fd = aio_context_get_fd(waiter->ctx);
	while (!waiter->other->called) {
		if (!waiter->foreign)
			aio_poll(waiter->ctx, true);
		else if (poll(&wait, 1, 10000) == 1)
			aio_dispatch(waiter->ctx);
		else
			waiter->lost = waiter->other->called = 1;
	}
	waiter->called++;
}

static int at_once(void *arg)
{
	(void)arg;
	return 0;
}

/*
 * One thread, so that the results are there, in this order, before the poll. True: all were
 * called once, and nothing is left.
 */
static bool same_batch(ThreadPool *pool, AioContext *ctx, int foreign)
{
	struct request other = { 0 }, last = { 0 };
	struct waiter waiter = { .ctx = ctx, .other = &other, .foreign = foreign };

	thread_pool_set_threads(pool, 0, 1, 1000);
	thread_pool_submit_aio(pool, at_once, NULL, wait_for_other, &waiter);
	request_submit(pool, &other);
	request_submit(pool, &last);
	results_are_there(pool);
	aio_poll(ctx, true);
	while (!waiter.called || !last.called)
		aio_poll(ctx, true);
	return !waiter.lost && waiter.called == 1 && other.called == 1 && last.called == 1 &&
	       !aio_poll(ctx, false);
}

TEST_F(pool, nested_poll_finds_the_rest_of_the_batch)
{
	EXPECT_TRUE(same_batch(self->pool, self->ctx, false));
}

TEST_F(pool, nested_foreign_loop_finds_the_rest_of_the_batch)
{
	EXPECT_TRUE(same_batch(self->pool, self->ctx, true));
	/* and once more, when the descriptor has been given out */
	EXPECT_TRUE(same_batch(self->pool, self->ctx, true));
}

static void *open_gate(void *arg)
{
	nap_us(20000);
	gate_open(arg);
	return NULL;
}

TEST_F(pool, nested_poll_sees_later_results)
{
	struct gate gate = { 0 };
	struct request other = { .gate = &gate };
	struct waiter waiter = { .ctx = self->ctx, .other = &other };
	pthread_t opener;

	request_submit(self->pool, &other);
	thread_pool_submit_aio(self->pool, at_once, NULL, wait_for_other, &waiter);
	opener = start_thread(open_gate, &gate);
	while (!waiter.called)
		aio_poll(self->ctx, true);
	pthread_join(opener, NULL);
	EXPECT_EQ(1, other.called);
}

TEST_HARNESS_MAIN
