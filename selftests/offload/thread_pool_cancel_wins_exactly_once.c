// SPDX-License-Identifier: MIT
/*
 * Proves: a request that is cancelled before a thread took it does not run, and its callback
 * gets -ECANCELED, once; one that a thread took runs to its end and calls back with its result,
 * whatever the interleaving; thread_pool_cancel() returns after the callback,
 * thread_pool_cancel_async() before it; cancelling twice, from callbacks, and from the request
 * itself does no harm.
 */
#include "thread_pool_test.h"

static struct gate gate;

/* The only thread is held, so that the others stay queued. */
static void hold_thread(ThreadPool *pool, struct request *holder)
{
	thread_pool_set_threads(pool, 0, 1, 1000);
	*holder = (struct request) { .gate = &gate, .result = 42 };
	request_submit(pool, holder);
	while (!GET(holder->begun))
		nap_us(100);
}

TEST_F(pool, queued_ones_do_not_run)
{
	struct request holder, request[4] = { { .result = 1 }, { .result = 2 } };

	hold_thread(self->pool, &holder);
	for (int i = 0; i < 4; i++)
		request_submit(self->pool, &request[i]);
	EXPECT_EQ(0, thread_pool_cancel_async(request[0].acb));
	EXPECT_EQ(1, thread_pool_cancel_async(request[0].acb));
	EXPECT_EQ(0, request[0].called);
	EXPECT_EQ(0, thread_pool_cancel(request[1].acb));
	EXPECT_EQ(1, request[1].called);
	EXPECT_EQ(1, request[0].called);
	bdrv_aio_cancel_async(request[2].acb);
	EXPECT_EQ(1, thread_pool_cancel(request[2].acb));
	bdrv_aio_cancel(request[3].acb);
	gate_open(&gate);
	while (!holder.called)
		aio_poll(self->ctx, true);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(0, request[i].begun);
		EXPECT_EQ(1, request[i].called);
		EXPECT_EQ(-ECANCELED, request[i].ret);
	}
	EXPECT_EQ(42, holder.ret);
}

static void *open_gate(void *arg)
{
	nap_us(20000);
	gate_open(arg);
	return NULL;
}

TEST_F(pool, running_ones_are_waited_for)
{
	struct request holder;
	pthread_t opener;

	hold_thread(self->pool, &holder);
	EXPECT_EQ(1, thread_pool_cancel_async(holder.acb));
	EXPECT_EQ(0, holder.called);
	opener = start_thread(open_gate, &gate);
	EXPECT_EQ(1, thread_pool_cancel(holder.acb));
	EXPECT_EQ(1, GET(holder.ended));
	EXPECT_EQ(1, holder.called);
	EXPECT_EQ(42, holder.ret);
	pthread_join(opener, NULL);
}

/* Cancelled while threads are about to take them: each is either run or cancelled. */
TEST_F(pool, each_is_run_or_cancelled)
{
	static struct request request[64];
	int nr_cancelled = 0, nr_run = 0, won[64];

	thread_pool_set_threads(self->pool, 2, 8, 1000);
	for (int round = 0; round < ROUNDS(300); round++) {
		memset(request, 0, sizeof(request));
		for (int i = 0; i < 64; i++) {
			request[i].result = i;
			request_submit(self->pool, &request[i]);
		}
		for (int i = 0; i < 64; i++)
			won[i] = !request[63 - i].acb ? 1 :
				 i % 2 ? thread_pool_cancel_async(request[63 - i].acb) :
					 thread_pool_cancel(request[63 - i].acb);
		for (int i = 0; i < 64; i++)
			while (!request[i].called)
				aio_poll(self->ctx, true);
		for (int i = 0; i < 64; i++) {
			struct request *r = &request[63 - i];

			ASSERT_EQ(1, r->called);
			ASSERT_EQ(won[i] ? 1 : 0, r->begun);
			ASSERT_EQ(won[i] ? 63 - i : -ECANCELED, r->ret);
			nr_cancelled += !won[i];
			nr_run += won[i];
		}
	}
	TH_LOG("%d cancelled, %d run", nr_cancelled, nr_run);
}

static struct request victim, other;
static int from_own_callback, from_other_callback;

static void cancel_other(void *opaque, int ret)
{
	(void)opaque;
	request_done(&other, ret);
	from_other_callback = thread_pool_cancel(victim.acb);
}

TEST_F(pool, callbacks_may_cancel)
{
	struct request holder;

	hold_thread(self->pool, &holder);
	victim.acb = thread_pool_submit_aio(self->pool, request_func, &victim, request_done,
					    &victim);
	other.acb = thread_pool_submit_aio(self->pool, request_func, &other, cancel_other, NULL);
	EXPECT_EQ(0, thread_pool_cancel(other.acb));
	EXPECT_EQ(0, from_other_callback);
	EXPECT_EQ(1, victim.called);
	EXPECT_EQ(-ECANCELED, victim.ret);
	gate_open(&gate);
	while (!holder.called)
		aio_poll(self->ctx, true);
}

static BlockAIOCB *own_acb;

static void cancel_own(void *opaque, int ret)
{
	(void)opaque;
	request_done(&victim, ret);
	from_own_callback = thread_pool_cancel(own_acb);
}

TEST_F(pool, its_own_callback_is_not_waited_for)
{
	memset(&victim, 0, sizeof(victim));
	own_acb = thread_pool_submit_aio(self->pool, request_func, &victim, cancel_own, NULL);
	while (!victim.called)
		aio_poll(self->ctx, true);
	EXPECT_EQ(1, victim.called);
	EXPECT_EQ(1, from_own_callback);
}

static int deadlock;

static int cancel_inside(void *arg)
{
	gate_wait(arg);
	deadlock = thread_pool_cancel(own_acb);
	return 0;
}

TEST_F(pool, a_request_does_not_wait_for_itself)
{
	struct request done = { 0 };

	log_count("waits for itself");
	own_acb = thread_pool_submit_aio(self->pool, cancel_inside, &gate, request_done, &done);
	gate_open(&gate);
	while (!done.called)
		aio_poll(self->ctx, true);
	EXPECT_EQ(-EDEADLK, deadlock);
	EXPECT_EQ(1, GET(log_hits));
}

TEST_HARNESS_MAIN
