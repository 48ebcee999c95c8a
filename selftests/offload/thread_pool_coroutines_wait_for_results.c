// SPDX-License-Identifier: MIT
/*
 * Proves: thread_pool_submit_co() suspends the calling coroutine, and that one only, until
 * the result is there; many wait at the same time; one that others continue in between goes
 * to sleep again; outside of a coroutine it is refused; and any coroutine library will do that
 * brings self, yield and wake: here threads that take turns.
 */
#include "thread_pool_test.h"

#include <uwq/coroutine.h>

#define NR	200

struct reader {
	ThreadPool *pool;
	struct gate *gate;
	int sum, calls, done;
};

static int running;	/* coroutines that have begun and not ended */
static int results;	/* that they have got */

static int one(void *arg)
{
	struct reader *reader = arg;

	if (reader->gate)
		gate_wait(reader->gate);
	return ++reader->calls;
}

static void coroutine_fn read_three(void *opaque)
{
	struct reader *reader = opaque;

	running++;
	for (int i = 0; i < 3; i++) {
		reader->sum += thread_pool_submit_co(reader->pool, one, reader);
		results++;
	}
	reader->done = 1;
	running--;
}

TEST_F(pool, many_wait_at_once)
{
	static struct reader reader[NR];
	struct gate gate = { 0 };

	for (int i = 0; i < NR; i++) {
		reader[i] = (struct reader) { .pool = self->pool, .gate = &gate };
		qemu_coroutine_enter(qemu_coroutine_create(read_three), &reader[i]);
	}
	/* each has given the thread back in the middle */
	EXPECT_EQ(NR, running);
	EXPECT_FALSE(qemu_in_coroutine());
	gate_open(&gate);
	while (running) {
		int before = results;
		bool progress = aio_poll(self->ctx, true);

		/* a worker that is late with its notification may wake us for nothing */
		EXPECT_TRUE(progress || results == before);
	}
	for (int i = 0; i < NR; i++) {
		EXPECT_EQ(1, reader[i].done);
		EXPECT_EQ(1 + 2 + 3, reader[i].sum);
	}
}

static int refuse(void *arg)
{
	gate_wait(arg);
	return -EIO;
}

static struct reader lone;

static void coroutine_fn wait_for_gate(void *opaque)
{
	lone.sum = thread_pool_submit_co(lone.pool, refuse, opaque);
	lone.done = 1;
}

TEST_F(pool, woken_by_others_it_sleeps_again)
{
	struct gate gate = { 0 };
	Coroutine *co = qemu_coroutine_create(wait_for_gate);

	lone.pool = self->pool;
	qemu_coroutine_enter(co, &gate);
	for (int i = 0; i < 5; i++)
		qemu_coroutine_enter(co, NULL);
	EXPECT_EQ(0, lone.done);
	gate_open(&gate);
	while (!lone.done)
		aio_poll(self->ctx, true);
	EXPECT_EQ(-EIO, lone.sum);
}

TEST_F(pool, outside_of_a_coroutine_it_is_refused)
{
	struct reader reader = { .pool = self->pool };

	log_count("outside of a coroutine");
	EXPECT_EQ(-EINVAL, thread_pool_submit_co(self->pool, one, &reader));
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(0, reader.calls);
}

/*
 * Coroutines of another kind: each is a thread of its own, and one of them or the main thread
 * has the baton.
 */
struct threadlike {
	pthread_t thread;
	struct reader *reader;
	uint32_t mine;	/* atomic: has the baton */
};

static uint32_t main_has_it;	/* atomic */
static __thread struct threadlike *me;
static int yields, wakes;

static void baton_wait(uint32_t *word)
{
	while (!GET(*word))
		futex_wait(word, 0, NULL);
	SET(*word, 0);
}

static void baton_give(uint32_t *word)
{
	SET(*word, 1);
	futex_wake(word, 1);
}

static void *threadlike_self(void)
{
	return me;
}

static void threadlike_yield(void)
{
	yields++;
	baton_give(&main_has_it);
	baton_wait(&me->mine);
}

static void threadlike_wake(void *co)
{
	wakes++;
	baton_give(&((struct threadlike *)co)->mine);
	baton_wait(&main_has_it);
}

static void *threadlike_main(void *opaque)
{
	me = opaque;
	baton_wait(&me->mine);
	read_three(me->reader);
	baton_give(&main_has_it);
	return NULL;
}

TEST_F(pool, any_library_will_do)
{
	static const ThreadPoolCoroutines hooks = {
		.self = threadlike_self, .yield = threadlike_yield, .wake = threadlike_wake,
	};
	struct reader reader[2] = { { .pool = self->pool }, { .pool = self->pool } };
	struct threadlike co[2] = { { .reader = &reader[0] }, { .reader = &reader[1] } };

	thread_pool_set_coroutines(self->pool, &hooks);
	for (int i = 0; i < 2; i++) {
		co[i].thread = start_thread(threadlike_main, &co[i]);
		baton_give(&co[i].mine);
		baton_wait(&main_has_it);
	}
	while (running)
		aio_poll(self->ctx, true);
	for (int i = 0; i < 2; i++) {
		pthread_join(co[i].thread, NULL);
		EXPECT_EQ(1 + 2 + 3, reader[i].sum);
	}
	EXPECT_EQ(6, yields);
	EXPECT_EQ(6, wakes);
	thread_pool_set_coroutines(self->pool, NULL);
	lone.done = 0;
	lone.pool = self->pool;
	gate_open((struct gate *)&main_has_it);
	qemu_coroutine_enter(qemu_coroutine_create(wait_for_gate), &main_has_it);
	while (!lone.done)
		aio_poll(self->ctx, true);
	EXPECT_EQ(-EIO, lone.sum);
}

TEST_HARNESS_MAIN
