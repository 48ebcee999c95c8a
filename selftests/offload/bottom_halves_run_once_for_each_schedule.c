// SPDX-License-Identifier: MIT
/*
 * Proves: a bottom half is called once for any number of schedules before the poll, from
 * threads and signal handlers, in order of scheduling; never after cancel or delete; one that
 * schedules itself is called by the next poll; a nested poll calls what the outer one has
 * not called yet; a one-shot is called once and freed; bad input gives the documented error.
 */
#include "offload_test.h"

#include <uwq/aio_context.h>

FIXTURE(bh) {
	AioContext *ctx;
};

FIXTURE_SETUP(bh)
{
	self->ctx = aio_context_new();
	ASSERT_NOT_NULL(self->ctx);
}

FIXTURE_TEARDOWN(bh)
{
	aio_context_unref(self->ctx);
}

struct called {
	QEMUBH *bh;
	AioContext *ctx;
	int n, max;	/* n: atomic */
	struct called *other;
};

static void count(void *opaque)
{
	ADD(((struct called *)opaque)->n, 1);
}

static void count_and_again(void *opaque)
{
	struct called *called = opaque;

	if (++called->n < called->max)
		qemu_bh_schedule(called->bh);
}

static void count_and_delete(void *opaque)
{
	struct called *called = opaque;

	called->n++;
	qemu_bh_delete(called->bh);
}

static struct called make(AioContext *ctx, QEMUBHFunc *cb, struct called *called)
{
	*called = (struct called) { .ctx = ctx };
	called->bh = aio_bh_new(ctx, cb, called);
	return *called;
}

TEST_F(bh, many_schedules_are_one_call)
{
	struct called a;

	make(self->ctx, count, &a);
	EXPECT_FALSE(aio_poll(self->ctx, false));
	for (int i = 0; i < 5; i++)
		qemu_bh_schedule(a.bh);
	EXPECT_EQ(0, a.n);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.n);
	EXPECT_FALSE(aio_poll(self->ctx, false));
	EXPECT_EQ(1, a.n);
	qemu_bh_delete(a.bh);
}

TEST_F(bh, cancelled_is_not_called)
{
	struct called a;

	make(self->ctx, count, &a);
	qemu_bh_schedule(a.bh);
	qemu_bh_cancel(a.bh);
	EXPECT_FALSE(aio_poll(self->ctx, false));
	EXPECT_EQ(0, a.n);
	qemu_bh_schedule(a.bh);
	qemu_bh_cancel(a.bh);
	qemu_bh_schedule(a.bh);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.n);
	qemu_bh_delete(a.bh);
}

TEST_F(bh, deleted_is_not_called)
{
	struct called a, b;

	make(self->ctx, count, &a);
	make(self->ctx, count_and_delete, &b);
	qemu_bh_schedule(a.bh);
	qemu_bh_schedule(b.bh);
	qemu_bh_delete(a.bh);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(0, a.n);
	EXPECT_EQ(1, b.n);
	EXPECT_FALSE(aio_poll(self->ctx, false));
}

TEST_F(bh, one_that_schedules_itself_waits_for_the_next_poll)
{
	struct called a;

	make(self->ctx, count_and_again, &a);
	a.max = 10;
	qemu_bh_schedule(a.bh);
	for (int i = 1; i <= 10; i++) {
		EXPECT_TRUE(aio_poll(self->ctx, true));
		EXPECT_EQ(i, a.n);
	}
	EXPECT_FALSE(aio_poll(self->ctx, false));
	qemu_bh_delete(a.bh);
}

static void poll_for_other(void *opaque)
{
	struct called *called = opaque;

	while (!GET(called->other->n))
		aio_poll(called->ctx, true);
	called->n++;
}

/* Both were due in the outer poll: the inner one must find the second. */
TEST_F(bh, nested_poll_finds_the_rest)
{
	struct called a, b;

	make(self->ctx, poll_for_other, &a);
	make(self->ctx, count, &b);
	a.other = &b;
	qemu_bh_schedule(a.bh);
	qemu_bh_schedule(b.bh);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.n);
	EXPECT_EQ(1, b.n);
	qemu_bh_delete(a.bh);
	qemu_bh_delete(b.bh);
}

static int order[8], nr_order;

static void note(void *opaque)
{
	order[nr_order++] = (int)(long)opaque;
}

TEST_F(bh, oneshots_run_in_order)
{
	for (long i = 0; i < 8; i++)
		EXPECT_EQ(0, aio_bh_schedule_oneshot(self->ctx, note, (void *)i));
	EXPECT_TRUE(aio_poll(self->ctx, true));
	ASSERT_EQ(8, nr_order);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(i, order[i]);
	EXPECT_FALSE(aio_poll(self->ctx, false));
}

static struct called signalled;

static void schedule_in_handler(int sig)
{
	(void)sig;
	qemu_bh_schedule(signalled.bh);
}

TEST_F(bh, signal_handlers_may_schedule)
{
	make(self->ctx, count, &signalled);
	signal(SIGUSR1, schedule_in_handler);
	raise(SIGUSR1);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	signal(SIGALRM, schedule_in_handler);
	ualarm(20000, 0);
	while (GET(signalled.n) < 2)
		aio_poll(self->ctx, true);
	qemu_bh_delete(signalled.bh);
}

#define NR_THREADS	4

static struct called shared;
static int scheduled, handed_over;	/* atomic */

static void *schedule_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(20000); i++) {
		ADD(handed_over, 1);
		qemu_bh_schedule(shared.bh);
	}
	ADD(scheduled, 1);
	return NULL;
}

static int seen;

static void see(void *opaque)
{
	(void)opaque;
	ADD(shared.n, 1);
	seen = GET(handed_over);
}

/* The last call comes after the last schedule, so it sees everything. */
TEST_F(bh, last_schedule_is_seen)
{
	pthread_t threads[NR_THREADS];

	make(self->ctx, see, &shared);
	for (int i = 0; i < NR_THREADS; i++)
		threads[i] = start_thread(schedule_often, NULL);
	while (seen < NR_THREADS * ROUNDS(20000))
		aio_poll(self->ctx, true);
	for (int i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT_LE(1, shared.n);
	EXPECT_GE(NR_THREADS * ROUNDS(20000), shared.n);
	qemu_bh_delete(shared.bh);
}

static void *schedule_oneshots(void *ctx)
{
	for (int i = 0; i < ROUNDS(5000); i++)
		aio_bh_schedule_oneshot(ctx, count, &shared);
	return NULL;
}

TEST_F(bh, no_oneshot_is_lost)
{
	pthread_t threads[NR_THREADS];

	SET(shared.n, 0);
	for (int i = 0; i < NR_THREADS; i++)
		threads[i] = start_thread(schedule_oneshots, self->ctx);
	while (GET(shared.n) < NR_THREADS * ROUNDS(5000))
		aio_poll(self->ctx, true);
	for (int i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT_FALSE(aio_poll(self->ctx, false));
	EXPECT_EQ(NR_THREADS * ROUNDS(5000), shared.n);
}

static int ended;	/* atomic */

static void *schedule_one(void *bh)
{
	qemu_bh_schedule(bh);
	return NULL;
}

static void *end_context(void *ctx)
{
	aio_context_unref(ctx);
	SET(ended, 1);
	return NULL;
}

/* The callback was called, and so the context may end; but the scheduler still needs it. */
TEST(the_end_waits_for_schedulers)
{
	AioContext *ctx = aio_context_new();
	pthread_t scheduler, end;
	struct called a;

	make(ctx, count_and_delete, &a);
	hold_next("aio_notify_asks");
	scheduler = start_thread(schedule_one, a.bh);
	hold_wait();
	EXPECT_TRUE(aio_poll(ctx, true));
	EXPECT_EQ(1, a.n);
	aio_poll(ctx, false);
	end = start_thread(end_context, ctx);
	nap_us(50000);
	EXPECT_EQ(0, GET(ended));
	hold_release();
	pthread_join(scheduler, NULL);
	pthread_join(end, NULL);
}

TEST_F(bh, bad_input_is_refused)
{
	errno = 0;
	EXPECT_NULL(aio_bh_new(self->ctx, NULL, NULL));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-EINVAL, aio_bh_schedule_oneshot(self->ctx, NULL, NULL));
	EXPECT_FALSE(aio_poll(self->ctx, false));
}

TEST(those_left_at_the_end_are_reported)
{
	AioContext *ctx = aio_context_new();

	log_count("still to be called");
	aio_bh_schedule_oneshot(ctx, count, &shared);
	aio_context_ref(ctx);
	aio_context_unref(ctx);
	EXPECT_EQ(0, uwq_warn_count());
	aio_context_unref(ctx);
	EXPECT_EQ(1, uwq_warn_count());
	EXPECT_EQ(0, shared.n);
}

TEST_HARNESS_MAIN
