// SPDX-License-Identifier: MIT
/*
 * Proves: programs that use RFifoLock and AioContext by the names and prototypes of the
 * originals (QEMU 2.1) compile with nothing but other include lines, and behave as they
 * expect. The calls here are made the way such programs make them: as statements, results
 * of setters unused, loops over aio_poll().
 */
#include "../kselftest_harness.h"

#include <poll.h>
#include <pthread.h>

#include <uwq/aio_context.h>
#include <uwq/rfifolock.h>

typedef struct {
	QEMUBH *bh;
	int n;
	int max;
} BHTestData;

typedef struct {
	EventNotifier e;
	int n;
	int active;
	bool auto_set;
} EventNotifierTestData;

typedef struct {
	QEMUTimer *timer;
	QEMUClockType clock_type;
	int n;
	int max;
	int64_t ns;
	AioContext *ctx;
} TimerTestData;

static AioContext *ctx;

static void bh_test_cb(void *opaque)
{
	BHTestData *data = opaque;

	if (++data->n < data->max)
		qemu_bh_schedule(data->bh);
}

static void event_ready_cb(EventNotifier *e)
{
	EventNotifierTestData *data = (EventNotifierTestData *)e;

	if (!event_notifier_test_and_clear(e))
		abort();
	data->n++;
	if (data->active > 0)
		data->active--;
	if (data->auto_set && data->active)
		event_notifier_set(e);
}

static void timer_test_cb(void *opaque)
{
	TimerTestData *data = opaque;

	if (++data->n < data->max)
		timer_mod(data->timer, qemu_clock_get_ns(data->clock_type) + data->ns);
}

TEST(wait_event_notifier_until_nothing_is_active)
{
	EventNotifierTestData data = { .n = 0, .active = 10, .auto_set = true };

	ctx = aio_context_new();
	event_notifier_init(&data.e, false);
	aio_set_event_notifier(ctx, &data.e, event_ready_cb);
	ASSERT_FALSE(aio_poll(ctx, false));
	event_notifier_set(&data.e);
	while (data.active > 0)
		ASSERT_TRUE(aio_poll(ctx, true));
	EXPECT_EQ(10, data.n);
	ASSERT_FALSE(aio_poll(ctx, false));
	aio_set_event_notifier(ctx, &data.e, NULL);
	event_notifier_cleanup(&data.e);
	aio_context_unref(ctx);
}

TEST(bottom_half_that_counts_to_ten)
{
	BHTestData data = { .n = 0, .max = 10 };

	ctx = aio_context_new();
	data.bh = aio_bh_new(ctx, bh_test_cb, &data);
	qemu_bh_schedule(data.bh);
	while (data.n < 10)
		ASSERT_TRUE(aio_poll(ctx, true));
	ASSERT_FALSE(aio_poll(ctx, false));
	EXPECT_EQ(10, data.n);
	qemu_bh_delete(data.bh);
	aio_context_unref(ctx);
}

TEST(timer_that_sets_itself)
{
	TimerTestData data = {
		.clock_type = QEMU_CLOCK_VIRTUAL, .max = 2, .ns = SCALE_MS * 20LL,
	};

	ctx = aio_context_new();
	data.ctx = ctx;
	data.timer = aio_timer_new(ctx, data.clock_type, SCALE_NS, timer_test_cb, &data);
	timer_mod(data.timer, qemu_clock_get_ns(data.clock_type) + data.ns);
	ASSERT_FALSE(aio_poll(ctx, false));
	ASSERT_TRUE(aio_poll(ctx, true));
	EXPECT_EQ(1, data.n);
	ASSERT_TRUE(aio_poll(ctx, true));
	EXPECT_EQ(2, data.n);
	timer_del(data.timer);
	timer_free(data.timer);
	aio_context_unref(ctx);
}

static void *acquire_and_release(void *opaque)
{
	aio_context_acquire(opaque);
	aio_context_release(opaque);
	return NULL;
}

static void dummy_notifier_read(EventNotifier *e)
{
	(void)e;
	abort();
}

/* The owner polls with nothing to do; only the thread that wants the context ends that. */
TEST(acquire_ends_the_poll)
{
	EventNotifier notifier;
	pthread_t thread;

	ctx = aio_context_new();
	event_notifier_init(&notifier, false);
	aio_set_event_notifier(ctx, &notifier, dummy_notifier_read);
	aio_context_acquire(ctx);
	pthread_create(&thread, NULL, acquire_and_release, ctx);
	ASSERT_FALSE(aio_poll(ctx, true));
	aio_context_release(ctx);
	pthread_join(thread, NULL);
	aio_set_event_notifier(ctx, &notifier, NULL);
	event_notifier_cleanup(&notifier);
	aio_context_unref(ctx);
}

static void write_to_pipe(void *opaque)
{
	char byte = 0;

	if (write(((int *)opaque)[1], &byte, 1) != 1)
		abort();
}

static void *lock_and_unlock(void *opaque)
{
	rfifolock_lock(opaque);
	rfifolock_unlock(opaque);
	return NULL;
}

TEST(fifo_lock_nests_and_calls_back)
{
	RFifoLock lock;
	pthread_t thread;
	int fds[2];
	char byte;

	ASSERT_EQ(0, pipe(fds));
	rfifolock_init(&lock, write_to_pipe, fds);
	rfifolock_lock(&lock);
	rfifolock_lock(&lock);
	pthread_create(&thread, NULL, lock_and_unlock, &lock);
	EXPECT_EQ(1, read(fds[0], &byte, 1));
	rfifolock_unlock(&lock);
	rfifolock_unlock(&lock);
	pthread_join(thread, NULL);
	rfifolock_destroy(&lock);
}

/* ---- the lock alone, in a loop of the program's own ---- */

typedef struct {
	RFifoLock lock;
	EventNotifier wanted;
	int visits;
} Server;

static void server_contended(void *opaque)
{
	Server *s = opaque;

	event_notifier_set(&s->wanted);
}

static void *visit(void *opaque)
{
	Server *s = opaque;
	int i;

	for (i = 0; i < 100; i++) {
		rfifolock_lock(&s->lock);
		rfifolock_lock(&s->lock);
		s->visits++;
		rfifolock_unlock(&s->lock);
		rfifolock_unlock(&s->lock);
	}
	return NULL;
}

/* Holds the lock nearly always, and lets others in when the callback says so. */
TEST(fifo_lock_of_a_server_that_holds_it_always)
{
	Server *s = malloc(sizeof(*s));
	pthread_t threads[4];
	struct pollfd pfd;
	int i;

	event_notifier_init(&s->wanted, false);
	rfifolock_init(&s->lock, server_contended, s);
	s->visits = 0;
	rfifolock_lock(&s->lock);
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, visit, s);
	while (s->visits < 4 * 100) {
		pfd.fd = event_notifier_get_fd(&s->wanted);
		pfd.events = POLLIN;
		poll(&pfd, 1, -1);
		event_notifier_test_and_clear(&s->wanted);
		rfifolock_unlock(&s->lock);
		rfifolock_lock(&s->lock);
	}
	rfifolock_unlock(&s->lock);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(4 * 100, s->visits);
	rfifolock_destroy(&s->lock);
	event_notifier_cleanup(&s->wanted);
	free(s);
}

TEST_HARNESS_MAIN
