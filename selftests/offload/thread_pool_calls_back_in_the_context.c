// SPDX-License-Identifier: MIT
/*
 * Proves: each request's function is called once by another thread, and its callback once with
 * the result, in the thread that polls, one at a time, and only inside aio_poll(): never before
 * the submit has returned, however quick the function is. Requests without a callback end
 * a blocking poll. Threads that have the context may submit; so may callbacks.
 */
#include "thread_pool_test.h"

#include <linux/ktime.h>
#include <linux/timekeeping.h>

#define NR	ROUNDS(2000)

TEST_F(pool, result_reaches_the_callback)
{
	struct request request = { .result = -EIO };

	request_submit(self->pool, &request);
	while (!request.called)
		EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, request.begun);
	EXPECT_EQ(1, request.called);
	EXPECT_EQ(-EIO, request.ret);
	EXPECT_FALSE(aio_poll(self->ctx, false));
}

static int forget(void *arg)
{
	ADD(*(int *)arg, 1);
	return 7;
}

TEST_F(pool, without_callback_the_poll_ends)
{
	int n = 0;

	EXPECT_EQ(0, thread_pool_submit(self->pool, forget, &n));
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, GET(n));
}

/* The function has ended long before the submitter polls; and there it is called at last. */
TEST_F(pool, never_before_the_submit_returned)
{
	struct request request = { .result = 1 };

	for (int i = 1; i <= 50; i++) {
		request_submit(self->pool, &request);
		while (GET(request.ended) < i)
			nap_us(50);
		EXPECT_NOT_NULL(request.acb);
		EXPECT_EQ(i - 1, request.called);
		while (request.called < i)
			aio_poll(self->ctx, true);
	}
}

struct job {
	AioContext *ctx;
	ThreadPool *pool;
	struct job *next;	/* to be submitted by the callback */
	pthread_t runner;
	int n, order;
};

static int inside, called;
static pthread_t poller;
static int overlaps, strangers;

static int run_job(void *opaque)
{
	struct job *job = opaque;

	job->runner = pthread_self();
	job->n++;
	return 0;
}

static void job_done(void *opaque, int ret)
{
	struct job *job = opaque;

	(void)ret;
	if (inside++)
		overlaps++;
	if (!pthread_equal(poller, pthread_self()) || pthread_equal(job->runner, poller))
		strangers++;
	called++;
	if (job->next)
		thread_pool_submit_aio(job->pool, run_job, job->next, job_done, job->next);
	inside--;
}

TEST_F(pool, callbacks_come_one_at_a_time)
{
	static struct job jobs[NR];
	ktime_t from = ktime_get();

	poller = pthread_self();
	for (int i = 0; i < NR; i += 2) {
		jobs[i] = (struct job) { .pool = self->pool, .next = &jobs[i + 1] };
		thread_pool_submit_aio(self->pool, run_job, &jobs[i], job_done, &jobs[i]);
	}
	while (called < NR)
		aio_poll(self->ctx, true);
	TH_LOG("%d requests, %lld ns each", NR, ktime_to_ns(ktime_sub(ktime_get(), from)) / NR);
	for (int i = 0; i < NR; i++)
		EXPECT_EQ(1, jobs[i].n);
	/* a worker may be about to tell of a result that was called already */
	results_are_there(self->pool);
	aio_poll(self->ctx, false);
	EXPECT_FALSE(aio_poll(self->ctx, false));
	EXPECT_EQ(NR, called);
	EXPECT_EQ(0, overlaps);
	EXPECT_EQ(0, strangers);
}

static int owner_stops;	/* atomic */
static int all_called;	/* with the context acquired */

static void count_call(void *opaque, int ret)
{
	(void)ret;
	++*(int *)opaque;
	all_called++;
}

static void *own(void *ctx)
{
	while (!GET(owner_stops)) {
		aio_context_acquire(ctx);
		aio_poll(ctx, true);
		aio_context_release(ctx);
	}
	return NULL;
}

static int at_once(void *arg)
{
	(void)arg;
	return 0;
}

struct pair {
	AioContext *ctx;
	ThreadPool *pool;
};

/* As the submitter has the context, nobody can call back before it knows its request. */
static void *submit_with_context(void *opaque)
{
	struct pair *pair = opaque;
	int early = 0;

	for (int i = 0; i < ROUNDS(300); i++) {
		int *n = calloc(1, sizeof(*n));

		aio_context_acquire(pair->ctx);
		thread_pool_submit_aio(pair->pool, at_once, NULL, count_call, n);
		sched_yield();
		early += *n;
		aio_context_release(pair->ctx);
		while (aio_context_acquire(pair->ctx), !*n)
			aio_context_release(pair->ctx);
		aio_context_release(pair->ctx);
		free(n);
	}
	return (void *)(long)early;
}

TEST_F(pool, threads_that_have_the_context_submit)
{
	struct pair pair = { self->ctx, self->pool };
	pthread_t owner = start_thread(own, self->ctx), submitters[3];
	void *early;

	for (int i = 0; i < 3; i++)
		submitters[i] = start_thread(submit_with_context, &pair);
	for (int i = 0; i < 3; i++) {
		pthread_join(submitters[i], &early);
		EXPECT_NULL(early);
	}
	SET(owner_stops, 1);
	aio_notify(self->ctx);
	pthread_join(owner, NULL);
	EXPECT_EQ(3 * ROUNDS(300), all_called);
}

TEST_HARNESS_MAIN
