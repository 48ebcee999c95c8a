// SPDX-License-Identifier: MIT
/*
 * Proves: a thread that does "acquire, poll blocking, release" for ever, with nothing that
 * would end its polls, and eight others that do "acquire, do something, release", all make
 * progress: who waits ends the poll that sleeps, and gets the context before the loop has
 * it again. So it is with two such loops. The longest wait is measured and shown.
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
	/* Another loop may have begun its poll since */
	aio_notify(ctx);
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

TEST_TIMEOUT(two_loops_let_everybody_in, 60)
{
	pthread_t owners[2];

	ctx = aio_context_new();
	for (int i = 0; i < 2; i++)
		owners[i] = start_thread(loop, NULL);
	run_threads(NR_INTRUDERS, intrude, NULL);
	SET(stop, 1);
	aio_notify(ctx);
	for (int i = 0; i < 2; i++)
		pthread_join(owners[i], NULL);
	EXPECT_EQ(NR_INTRUDERS * NR_VISITS, visits);
	EXPECT_EQ(0, GET(overlaps));
	aio_context_unref(ctx);
}

static int slept, waiting;	/* atomic: polls that slept; threads in line for the context */

/* The first poll sleeps when two are in line. */
static void sleep_when_two_wait(const char *name)
{
	if (!strcmp(name, "aio_acquire_waits"))
		ADD(waiting, 1);
	else if (!strcmp(name, "aio_poll_sleeps") && ADD(slept, 1) == 1)
		while (GET(waiting) < 2)
			nap_us(100);
}

static void *take_one_turn(void *arg)
{
	(void)arg;
	aio_context_acquire(ctx);
	aio_poll(ctx, true);
	aio_context_release(ctx);
	return NULL;
}

static void *visit_once(void *arg)
{
	(void)arg;
	aio_context_acquire(ctx);
	aio_context_release(ctx);
	return NULL;
}

/*
 * Two come while the first poll sleeps, which both end. The one in front polls as well: it
 * must not sleep on the one behind, who has nobody left to tell.
 */
TEST(who_waits_behind_another_poller_ends_its_poll)
{
	pthread_t first, second, last;

	ctx = aio_context_new();
	SET(uwq_test_point_hook, sleep_when_two_wait);
	first = start_thread(take_one_turn, NULL);
	while (!GET(slept))
		nap_us(100);
	second = start_thread(take_one_turn, NULL);
	while (!GET(waiting))
		nap_us(100);
	last = start_thread(visit_once, NULL);
	pthread_join(last, NULL);
	pthread_join(first, NULL);
	pthread_join(second, NULL);
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
