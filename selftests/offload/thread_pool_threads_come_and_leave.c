// SPDX-License-Identifier: MIT
/*
 * Proves: a pool runs up to 64 requests that block at the same time and never more, or as many
 * as it was told; a function may block where nobody sees it, so it does not count as running,
 * and the next one need not wait until that is noticed; surplus threads leave after the idle
 * timeout of the pool, 10 seconds if not told otherwise, while the engine's own is minutes;
 * threads run on the CPUs of the context's owner, whoever has made the pool and whoever
 * submits; numbers that make no sense are refused and change nothing.
 */
#define _GNU_SOURCE
#include <sched.h>

#include "thread_pool_test.h"

#include "workqueue/params.h"

#define NR	100

static int inside, most;	/* atomic */
static struct gate gate;

static int crowd(void *arg)
{
	int n = ADD(inside, 1), old = GET(most);

	(void)arg;
	while (n > old && !__atomic_compare_exchange_n(&most, &old, n, false, __ATOMIC_ACQ_REL,
						       __ATOMIC_ACQUIRE))
		;
	gate_wait(&gate);
	ADD(inside, -1);
	return 0;
}

static int nr_done;

static void count_done(void *opaque, int ret)
{
	(void)opaque;
	(void)ret;
	nr_done++;
}

static int threads_then;	/* how many there were while they ran */

/* @nr requests; at first @max of them run. */
static void fill(AioContext *ctx, ThreadPool *pool, int nr, int max)
{
	nr_done = 0;
	SET(most, 0);
	gate_close(&gate);
	for (int i = 0; i < nr; i++)
		thread_pool_submit_aio(pool, crowd, NULL, count_done, NULL);
	(void)COMES_TRUE(GET(inside) == max);
	nap_us(50000);
	threads_then = count_threads();
	gate_open(&gate);
	while (nr_done < nr)
		aio_poll(ctx, true);
}

TEST_F(pool, at_most_64)
{
	fill(self->ctx, self->pool, NR, THREAD_POOL_MAX_THREADS);
	EXPECT_EQ(THREAD_POOL_MAX_THREADS, most);
}

TEST_F(pool, at_most_as_many_as_told)
{
	EXPECT_EQ(0, thread_pool_set_threads(self->pool, 0, 5, 1000));
	fill(self->ctx, self->pool, NR, 5);
	EXPECT_EQ(5, most);
	EXPECT_EQ(0, thread_pool_set_threads(self->pool, 0, 9, 1000));
	fill(self->ctx, self->pool, NR, 9);
	EXPECT_EQ(9, most);
}

static int nr_running(const ThreadPool *pool)
{
	struct worker_pool *workers = pool->wq->dfl_pwq->pool;
	int nr;

	pool_lock(workers);
	nr = workers->nr_running;
	pool_unlock(workers);
	return nr;
}

/* Does not sleep, so that the engine has nothing to go by. 0: it counted as asleep. */
static int look_who_runs(void *pool)
{
	long until = now_ms() + 10000;
	int nr;

	while ((nr = nr_running(pool)) && now_ms() < until)
		sched_yield();
	return nr;
}

static void keep_result(void *opaque, int ret)
{
	nr_done++;
	*(int *)opaque = ret;
}

TEST_F(pool, functions_do_not_count_as_running)
{
	int running = -1;

	/* nor does the monitor take it for one that computes for ever */
	SET(wq_params.cpu_intensive_thresh_us, 0);
	thread_pool_submit_aio(self->pool, look_who_runs, self->pool, keep_result, &running);
	while (!nr_done)
		aio_poll(self->ctx, true);
	EXPECT_EQ(0, running);
}

TEST_F(pool, surplus_threads_leave)
{
	EXPECT_EQ(0, thread_pool_set_threads(self->pool, 0, 40, 50));
	fill(self->ctx, self->pool, 40, 40);
	EXPECT_LE(40, threads_then);
	EXPECT_TRUE(COMES_TRUE(count_threads() <= threads_then - 37));
}

TEST_F(pool, ten_seconds_unless_told)
{
	const struct worker_pool *workers = self->pool->wq->dfl_pwq->pool;

	EXPECT_LT(10000, wq_params.idle_timeout_ms);
	EXPECT_EQ(10000, pool_idle_timeout_ms(workers));
	EXPECT_EQ(0, thread_pool_set_threads(self->pool, 0, 40, 50));
	EXPECT_EQ(50, pool_idle_timeout_ms(workers));
}

TEST_F(pool, the_least_number_stays)
{
	EXPECT_EQ(0, thread_pool_set_threads(self->pool, 10, 40, 50));
	fill(self->ctx, self->pool, 40, 40);
	EXPECT_TRUE(COMES_TRUE(count_threads() < 30));
	nap_us(300000);
	EXPECT_LE(11, count_threads());
}

TEST_F(pool, wrong_numbers_are_refused)
{
	log_count("not possible");
	EXPECT_EQ(-EINVAL, thread_pool_set_threads(self->pool, 5, 4, 1000));
	EXPECT_EQ(-EINVAL, thread_pool_set_threads(self->pool, 0, 0, 1000));
	EXPECT_EQ(-EINVAL, thread_pool_set_threads(self->pool, -1, 4, 1000));
	EXPECT_EQ(-EINVAL, thread_pool_set_threads(self->pool, 0, 4000, 1000));
	EXPECT_EQ(-EINVAL, thread_pool_set_threads(self->pool, 0, 4, 0));
	EXPECT_EQ(5, GET(log_hits));
	fill(self->ctx, self->pool, NR, THREAD_POOL_MAX_THREADS);
	EXPECT_EQ(THREAD_POOL_MAX_THREADS, most);
}

/* ---- affinity ---- */

static int report_cpus(void *arg)
{
	return sched_getaffinity(0, sizeof(cpu_set_t), arg);
}

static cpu_set_t only(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return set;
}

static void pin(int cpu)
{
	cpu_set_t set = only(cpu);

	if (sched_setaffinity(0, sizeof(set), &set))
		abort();
}

struct place {
	AioContext *ctx;
	ThreadPool *pool;
	int cpu;
	cpu_set_t seen;
};

static struct place new_place(void)
{
	struct place place = { .ctx = aio_context_new() };

	place.pool = thread_pool_new(place.ctx);
	return place;
}

static void *submit_from(void *opaque)
{
	struct place *place = opaque;

	pin(place->cpu);
	aio_context_acquire(place->ctx);
	thread_pool_submit_aio(place->pool, report_cpus, &place->seen, count_done, NULL);
	aio_context_release(place->ctx);
	return NULL;
}

static void *poll_from(void *opaque)
{
	struct place *place = opaque;

	pin(place->cpu);
	aio_context_acquire(place->ctx);
	aio_poll(place->ctx, false);
	aio_context_release(place->ctx);
	return NULL;
}

static int two_cpus(int cpu[2])
{
	cpu_set_t mine;
	int nr = 0;

	sched_getaffinity(0, sizeof(mine), &mine);
	for (int i = 0; i < CPU_SETSIZE && nr < 2; i++)
		if (CPU_ISSET(i, &mine))
			cpu[nr++] = i;
	return nr;
}

/* Made here, polled there: requests run where it is polled, wherever they are submitted. */
TEST(threads_run_where_the_owner_may)
{
	struct place owner, submitter;
	cpu_set_t wanted;
	int cpu[2];

	if (two_cpus(cpu) < 2)
		SKIP(return, "needs two CPUs");
	owner = submitter = new_place();
	owner.cpu = cpu[1];
	submitter.cpu = cpu[0];
	run_threads(1, poll_from, &owner);
	for (int i = 1; i <= 20; i++) {
		run_threads(1, submit_from, &submitter);
		while (nr_done < i)
			aio_poll(owner.ctx, true);
		wanted = only(cpu[1]);
		EXPECT_TRUE(CPU_EQUAL(&wanted, &submitter.seen));
	}
	EXPECT_EQ(0, thread_pool_free(owner.pool));
	aio_context_unref(owner.ctx);
}

/* Not polled yet: those of the thread that has made it. */
TEST(threads_run_where_the_maker_may_at_first)
{
	struct place place;
	cpu_set_t wanted;
	int cpu[2];

	if (two_cpus(cpu) < 2)
		SKIP(return, "needs two CPUs");
	pin(cpu[1]);
	place = new_place();
	place.cpu = cpu[0];
	run_threads(1, submit_from, &place);
	while (nr_done < 1)
		aio_poll(place.ctx, true);
	wanted = only(cpu[1]);
	EXPECT_TRUE(CPU_EQUAL(&wanted, &place.seen));
	EXPECT_EQ(0, thread_pool_free(place.pool));
	aio_context_unref(place.ctx);
}

TEST_HARNESS_MAIN
