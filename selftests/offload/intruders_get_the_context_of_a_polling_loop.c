// SPDX-License-Identifier: MIT
/*
 * Proves: a thread that does "acquire, poll blocking, release" for ever, with nothing that
 * would end its polls, and eight others that do "acquire, do something, release", all make
 * progress: who waits ends the poll that sleeps, and gets the context before the loop has
 * it again. The longest wait is measured and shown.
 */
#include "offload_test.h"

#include <uwq/aio_context.h>

#define NR_INTRUDERS	8
#define NR_VISITS	ROUNDS(500)

static AioContext *ctx;
static int stop, inside, overlaps;	/* atomic */
static long turns, visits;		/* with the context acquired */
static long longest_us;			/* the same */

static long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void *loop(void *arg)
{
	(void)arg;
	while (!GET(stop)) {
		aio_context_acquire(ctx);
		if (ADD(inside, 1) > 1)
			ADD(overlaps, 1);
		turns++;
		aio_poll(ctx, true);
		ADD(inside, -1);
		aio_context_release(ctx);
	}
	return NULL;
}

static void *intrude(void *arg)
{
	(void)arg;
	for (int i = 0; i < NR_VISITS; i++) {
		long from = now_us(), waited;

		aio_context_acquire(ctx);
		waited = now_us() - from;
		if (waited > longest_us)
			longest_us = waited;
		if (ADD(inside, 1) > 1)
			ADD(overlaps, 1);
		visits++;
		ADD(inside, -1);
		aio_context_release(ctx);
	}
	return NULL;
}

TEST_TIMEOUT(everybody_gets_on, 60)
{
	pthread_t owner;

	ctx = aio_context_new();
	owner = start_thread(loop, NULL);
	run_threads(NR_INTRUDERS, intrude, NULL);
	SET(stop, 1);
	aio_notify(ctx);
	pthread_join(owner, NULL);
	EXPECT_EQ(NR_INTRUDERS * NR_VISITS, visits);
	EXPECT_EQ(0, GET(overlaps));
	TH_LOG("%d intruders, %ld visits, %ld turns of the loop, longest wait %ld us",
	       NR_INTRUDERS, visits, turns, longest_us);
	aio_context_unref(ctx);
}

static void *visit(void *arg)
{
	intrude(arg);
	SET(stop, 1);
	aio_notify(ctx);
	return NULL;
}

/* The intruder comes when the loop sleeps for certain. */
TEST(a_sleeping_poll_is_ended)
{
	pthread_t owner, intruder;

	ctx = aio_context_new();
	hold_next("aio_poll_sleeps");
	owner = start_thread(loop, NULL);
	hold_wait();
	intruder = start_thread(visit, NULL);
	hold_release();
	pthread_join(intruder, NULL);
	pthread_join(owner, NULL);
	EXPECT_EQ(NR_VISITS, visits);
	aio_context_unref(ctx);
}

TEST_HARNESS_MAIN
