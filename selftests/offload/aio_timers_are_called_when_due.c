// SPDX-License-Identifier: MIT
/*
 * Proves: timers of an AioContext are called once, not before their time, in order of time;
 * not after timer_del(); one that is set to the past, even by its own callback, is called by
 * the next turn, and does not keep the loop from going on; a timer that another thread sets
 * ends the sleep of a poll that would have slept longer; a nested poll finds what is due; a
 * clock tells the same time in each of its units; a thread that loses its CPU while it sets a
 * timer of the wall clock makes it late, and not early.
 */
#include "offload_test.h"

#include <sys/syscall.h>
#include <unistd.h>
#include <uwq/aio_context.h>

FIXTURE(timer) {
	AioContext *ctx;
};

FIXTURE_SETUP(timer)
{
	self->ctx = aio_context_new();
	ASSERT_NOT_NULL(self->ctx);
}

FIXTURE_TEARDOWN(timer)
{
	aio_context_unref(self->ctx);
}

struct alarm {
	AioContext *ctx;
	QEMUTimer *timer;
	int n;		/* atomic */
	int nr;
	int64_t at;
	struct alarm *other;
};

static int order[8], nr_order;

static void ring(void *opaque)
{
	struct alarm *alarm = opaque;

	alarm->at = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
	ADD(alarm->n, 1);
	order[nr_order++ % 8] = alarm->nr;
}

TEST_F(timer, called_once_and_not_early)
{
	struct alarm a = { .nr = 1 };
	bool early;
	int64_t due;

	a.timer = aio_timer_new(self->ctx, QEMU_CLOCK_VIRTUAL, SCALE_MS, ring, &a);
	ASSERT_NOT_NULL(a.timer);
	for (int i = 1; i <= 5; i++) {
		due = qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + 10;
		timer_mod(a.timer, due);
		EXPECT_TRUE(aio_timer_pending(a.timer));
		early = aio_poll(self->ctx, false);
		/* this thread may have had no CPU until it was due */
		EXPECT_TRUE(!early || qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) >= due);
		while (a.n < i)
			aio_poll(self->ctx, true);
		EXPECT_LE(due * SCALE_MS, a.at);
		EXPECT_FALSE(aio_timer_pending(a.timer));
		EXPECT_FALSE(aio_poll(self->ctx, false));
	}
	EXPECT_EQ(5, a.n);
	timer_free(a.timer);
}

TEST_F(timer, in_order_of_time_on_every_clock)
{
	static const QEMUClockType clock[] = {
		QEMU_CLOCK_VIRTUAL, QEMU_CLOCK_HOST, QEMU_CLOCK_REALTIME,
	};
	struct alarm a[3];
	int64_t from;

	for (int i = 2; i >= 0; i--) {
		a[i] = (struct alarm) { .nr = i };
		a[i].timer = aio_timer_new(self->ctx, clock[i], SCALE_NS, ring, &a[i]);
	}
	/* again if it took so long that the order could be another one */
	do {
		from = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
		for (int i = 2; i >= 0; i--)
			timer_mod(a[i].timer,
				  qemu_clock_get_ns(clock[i]) + (i + 1) * 20 * SCALE_MS);
	} while (qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) - from > 5 * SCALE_MS);
	while (nr_order < 3)
		aio_poll(self->ctx, true);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(i, order[i]);
		timer_free(a[i].timer);
	}
}

TEST_F(timer, deleted_is_not_called)
{
	struct alarm a = { .nr = 1 }, b = { .nr = 2 };

	a.timer = aio_timer_new(self->ctx, QEMU_CLOCK_VIRTUAL, SCALE_NS, ring, &a);
	b.timer = aio_timer_new(self->ctx, QEMU_CLOCK_VIRTUAL, SCALE_NS, ring, &b);
	timer_mod_ns(a.timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + SCALE_MS);
	timer_mod_ns(b.timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 2 * SCALE_MS);
	timer_del(a.timer);
	timer_del(a.timer);
	while (!b.n)
		aio_poll(self->ctx, true);
	EXPECT_EQ(0, a.n);
	timer_mod(a.timer, 0);
	timer_free(a.timer);
	timer_free(b.timer);
	timer_free(NULL);
	EXPECT_FALSE(aio_poll(self->ctx, false));
}

static void ring_in_the_past(void *opaque)
{
	ring(opaque);
	timer_mod(((struct alarm *)opaque)->timer, 0);
}

TEST_F(timer, the_past_is_the_next_turn)
{
	struct alarm a = { .nr = 1 };

	a.timer = aio_timer_new(self->ctx, QEMU_CLOCK_VIRTUAL, SCALE_MS, ring_in_the_past, &a);
	timer_mod(a.timer, -5);
	for (int i = 1; i <= 10; i++) {
		EXPECT_TRUE(aio_poll(self->ctx, true));
		EXPECT_EQ(i, a.n);
	}
	timer_free(a.timer);
}

static void wait_for_other(void *opaque)
{
	struct alarm *alarm = opaque;

	alarm->n++;
	while (!GET(alarm->other->n))
		aio_poll(alarm->ctx, true);
}

TEST_F(timer, nested_poll_finds_what_is_due)
{
	struct alarm b = { .nr = 2 }, a = { .ctx = self->ctx, .other = &b };

	a.timer = aio_timer_new(self->ctx, QEMU_CLOCK_VIRTUAL, SCALE_MS, wait_for_other, &a);
	b.timer = aio_timer_new(self->ctx, QEMU_CLOCK_VIRTUAL, SCALE_MS, ring, &b);
	timer_mod(a.timer, 1);
	timer_mod(b.timer, 2);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.n);
	EXPECT_EQ(1, b.n);
	timer_free(a.timer);
	timer_free(b.timer);
}

static void *poll_until_rung(void *opaque)
{
	struct alarm *alarm = opaque;

	while (!GET(alarm->n))
		aio_poll(alarm->ctx, true);
	return NULL;
}

TEST_F(timer, an_earlier_one_ends_the_sleep)
{
	struct alarm far = { .nr = 1 }, near = { .ctx = self->ctx, .nr = 2 };
	pthread_t poller;

	far.timer = aio_timer_new(self->ctx, QEMU_CLOCK_VIRTUAL, SCALE_MS, ring, &far);
	near.timer = aio_timer_new(self->ctx, QEMU_CLOCK_VIRTUAL, SCALE_MS, ring, &near);
	timer_mod(far.timer, INT64_MAX);
	hold_next("aio_poll_sleeps");
	poller = start_thread(poll_until_rung, &near);
	hold_wait();
	hold_release();
	timer_mod(near.timer, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + 5);
	pthread_join(poller, NULL);
	EXPECT_EQ(0, far.n);
	timer_free(far.timer);
	timer_free(near.timer);
}

/* Beyond what 64 bits of nanoseconds hold: soon if it was long ago, else never. */
TEST_F(timer, extreme_times_do_not_wrap)
{
	static const QEMUClockType clock[] = { QEMU_CLOCK_VIRTUAL, QEMU_CLOCK_HOST };
	struct alarm past[2] = { { .nr = 1 }, { .nr = 1 } };
	struct alarm future[2] = { { .nr = 2 }, { .nr = 2 } };

	for (int i = 0; i < 2; i++) {
		past[i].timer = aio_timer_new(self->ctx, clock[i], SCALE_MS, ring, &past[i]);
		future[i].timer = aio_timer_new(self->ctx, clock[i], SCALE_MS, ring, &future[i]);
		timer_mod(future[i].timer, INT64_MAX);
		timer_mod(past[i].timer, INT64_MIN);
		timer_mod_ns(past[i].timer, INT64_MIN);
	}
	EXPECT_TRUE(aio_poll(self->ctx, true));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(1, past[i].n);
		EXPECT_EQ(0, future[i].n);
		timer_free(past[i].timer);
		timer_free(future[i].timer);
	}
}

/* ---- a slow thread ---- */

#define SLOW_US	50000

static __thread int slow_looks;	/* so many of the thread's next looks at a clock */

/* The library's looks too: the time is right, but the thread has no CPU for a while then. */
int clock_gettime(clockid_t id, struct timespec *now)
{
	int err = (int)syscall(SYS_clock_gettime, id, now);

	if (slow_looks > 0) {
		slow_looks--;
		nap_us(SLOW_US);
	}
	return err;
}

TEST_F(timer, a_slow_thread_does_not_make_it_early)
{
	struct alarm a = { .nr = 1 };
	int64_t due;

	a.timer = aio_timer_new(self->ctx, QEMU_CLOCK_HOST, SCALE_NS, ring, &a);
	ASSERT_NOT_NULL(a.timer);
	due = qemu_clock_get_ns(QEMU_CLOCK_HOST) + 20 * SLOW_US * SCALE_US;
	slow_looks = 4;
	timer_mod(a.timer, due);
	EXPECT_GT(4, slow_looks);
	slow_looks = 0;
	while (!a.n)
		aio_poll(self->ctx, true);
	EXPECT_LE(due, qemu_clock_get_ns(QEMU_CLOCK_HOST));
	timer_free(a.timer);
}

TEST(clocks_agree_in_each_unit)
{
	static const QEMUClockType clock[] = {
		QEMU_CLOCK_REALTIME, QEMU_CLOCK_VIRTUAL, QEMU_CLOCK_HOST,
	};
	static const clockid_t real[] = { CLOCK_MONOTONIC, CLOCK_MONOTONIC, CLOCK_REALTIME };

	for (int i = 0; i < 3; i++) {
		int64_t before = qemu_clock_get_ns(clock[i]);
		int64_t us = qemu_clock_get_us(clock[i]), ms = qemu_clock_get_ms(clock[i]);
		int64_t after = qemu_clock_get_ns(clock[i]);
		struct timespec now;

		EXPECT_LE(before / 1000, us);
		EXPECT_LE(us / 1000, ms);
		EXPECT_LE(ms, after / 1000000);
		clock_gettime(real[i], &now);
		/* some step of the machine's clock aside: it is not the other one */
		EXPECT_LE(llabs(now.tv_sec - after / 1000000000), 60);
	}
}

TEST_F(timer, bad_input_is_refused)
{
	errno = 0;
	EXPECT_NULL(aio_timer_new(self->ctx, QEMU_CLOCK_VIRTUAL, SCALE_MS, NULL, NULL));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_NULL(aio_timer_new(self->ctx, QEMU_CLOCK_VIRTUAL, 0, ring, NULL));
	EXPECT_NULL(aio_timer_new(self->ctx, (QEMUClockType)9, SCALE_MS, ring, NULL));
}

TEST_HARNESS_MAIN
