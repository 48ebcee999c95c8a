// SPDX-License-Identifier: MIT
/*
 * Proves: aio_notify() ends the blocking aio_poll() that sleeps, or else the next one does
 * not sleep, in every interleaving with a poll that is about to; it makes no system call when
 * nobody polls, and any number of them make one while somebody sleeps; a foreign loop is
 * woken even if it runs inside a callback.
 */
#include "offload_test.h"

#include <poll.h>

#include <uwq/aio_context.h>

static AioContext *ctx;
static int writes, sleeps;	/* atomic */

static void count_points(const char *name)
{
	if (!strcmp(name, "aio_notify_writes"))
		ADD(writes, 1);
	else if (!strcmp(name, "aio_poll_sleeps"))
		ADD(sleeps, 1);
}

static void nothing(void *opaque)
{
	(void)opaque;
}

TEST(without_a_poller_no_system_call_is_made)
{
	QEMUBH *bh;

	ctx = aio_context_new();
	bh = aio_bh_new(ctx, nothing, NULL);
	SET(uwq_test_point_hook, count_points);
	for (int i = 0; i < 1000; i++) {
		aio_notify(ctx);
		qemu_bh_schedule(bh);
		aio_poll(ctx, true);
	}
	EXPECT_EQ(0, GET(writes));
	EXPECT_EQ(0, GET(sleeps));
	qemu_bh_delete(bh);
	aio_context_unref(ctx);
}

TEST(the_next_poll_does_not_sleep)
{
	ctx = aio_context_new();
	EXPECT_FALSE(aio_poll(ctx, false));
	aio_notify(ctx);
	EXPECT_FALSE(aio_poll(ctx, true));
	EXPECT_FALSE(aio_poll(ctx, false));
	aio_context_unref(ctx);
}

static void *poll_once(void *arg)
{
	(void)arg;
	aio_poll(ctx, true);
	return NULL;
}

TEST(many_notifications_are_one_write)
{
	pthread_t poller;

	ctx = aio_context_new();
	hold_next("aio_poll_sleeps");
	poller = start_thread(poll_once, NULL);
	hold_wait();
	SET(uwq_test_point_hook, count_points);
	for (int i = 0; i < 100; i++)
		aio_notify(ctx);
	hold_release();
	pthread_join(poller, NULL);
	EXPECT_EQ(1, GET(writes));
	aio_context_unref(ctx);
}

static int answered;

static void answer(void *opaque)
{
	(void)opaque;
	answered = 1;
}

/* A callback that runs the foreign loop until something it has asked for is done. */
static void run_foreign_loop(void *opaque)
{
	struct pollfd wait = { .fd = aio_context_get_fd(ctx), .events = POLLIN };

	(void)opaque;
	aio_bh_schedule_oneshot(ctx, answer, NULL);
	while (!answered && poll(&wait, 1, 10000) == 1)
		aio_dispatch(ctx);
}

TEST_TIMEOUT(a_foreign_loop_may_be_nested, 60)
{
	ctx = aio_context_new();
	aio_context_get_fd(ctx);
	EXPECT_EQ(0, aio_bh_schedule_oneshot(ctx, run_foreign_loop, NULL));
	EXPECT_TRUE(aio_dispatch(ctx));
	EXPECT_EQ(1, answered);
	aio_context_unref(ctx);
}

static void *notify(void *arg)
{
	(void)arg;
	aio_notify(ctx);
	return NULL;
}

/* The poller goes to sleep, or not, while the notifier is between saying it and asking. */
TEST(a_poll_that_starts_meanwhile_does_not_sleep)
{
	pthread_t notifier;

	ctx = aio_context_new();
	hold_next("aio_notify_asks");
	notifier = start_thread(notify, NULL);
	hold_wait();
	EXPECT_FALSE(aio_poll(ctx, true));
	hold_release();
	pthread_join(notifier, NULL);
	aio_context_unref(ctx);
}

static void notify_in_between(const char *name)
{
	if (strcmp(name, "aio_poll_accepts"))
		return;
	SET(uwq_test_point_hook, NULL);
	aio_notify(ctx);
}

/* One more comes while a dispatch accepts the first: those after it must still be told. */
TEST(a_write_is_not_swallowed)
{
	struct pollfd wait = { .events = POLLIN };

	ctx = aio_context_new();
	wait.fd = aio_context_get_fd(ctx);
	aio_notify(ctx);
	SET(uwq_test_point_hook, notify_in_between);
	EXPECT_FALSE(aio_dispatch(ctx));
	aio_notify(ctx);
	EXPECT_EQ(1, poll(&wait, 1, 0));
	aio_context_unref(ctx);
}

/* A ball that two contexts throw to each other: the first notify that is lost stops it. */
struct player {
	AioContext *ctx;
	QEMUBH *bh;
	struct player *other;
	int caught;	/* atomic */
};

#define THROWS ROUNDS(20000)

static void catch_and_throw(void *opaque)
{
	struct player *player = opaque;

	if (ADD(player->caught, 1) <= THROWS)
		qemu_bh_schedule(player->other->bh);
}

static void *play(void *opaque)
{
	struct player *player = opaque;

	while (GET(player->caught) < THROWS)
		aio_poll(player->ctx, true);
	return NULL;
}

TEST_TIMEOUT(every_throw_is_caught, 60)
{
	struct player players[2];
	pthread_t threads[2];

	for (int i = 0; i < 2; i++) {
		players[i] = (struct player) {
			.ctx = aio_context_new(), .other = &players[1 - i],
		};
		players[i].bh = aio_bh_new(players[i].ctx, catch_and_throw, &players[i]);
	}
	for (int i = 0; i < 2; i++)
		threads[i] = start_thread(play, &players[i]);
	qemu_bh_schedule(players[0].bh);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++) {
		EXPECT_LE(THROWS, players[i].caught);
		aio_poll(players[i].ctx, false);
		qemu_bh_delete(players[i].bh);
		aio_context_unref(players[i].ctx);
	}
}

/* Notifiers that come in a crowd, so that some find the flag set by one who has not written. */
static int seen, told;	/* atomic */

static void *tell(void *arg)
{
	(void)arg;
	for (int i = 0; i < THROWS; i++) {
		int n = ADD(told, 1);

		aio_notify(ctx);
		while (GET(seen) < n && i % 64 == 0)
			sched_yield();
	}
	return NULL;
}

TEST_TIMEOUT(crowds_are_seen, 60)
{
	pthread_t threads[4];

	ctx = aio_context_new();
	for (int i = 0; i < 4; i++)
		threads[i] = start_thread(tell, NULL);
	while (GET(seen) < 4 * THROWS) {
		aio_poll(ctx, true);
		SET(seen, GET(told));
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	aio_context_unref(ctx);
}

TEST_HARNESS_MAIN
