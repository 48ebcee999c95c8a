// SPDX-License-Identifier: MIT
/*
 * Proves: never more than max functions of a queue run at the same time, on machines with
 * several memory nodes too, and as many as max do, although they block where nobody sees
 * it; min threads are there before the first submission and after any idle time; the global
 * queue has 8 and 64; of queues that compute no more run than there are CPUs, unless they
 * say that they block.
 */
#include "threadlet_test.h"

#include <uwq/blocking.h>

#include "workqueue/params.h"

static int inside, most;	/* atomic */
static struct gate go;

static void note_most(void)
{
	int now = ADD(inside, 1), old = GET(most);

	while (now > old && !__atomic_compare_exchange_n(&most, &old, now, false,
							 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
}

static void crowd_func(ThreadletWork *work)
{
	(void)work;
	note_most();
	gate_wait(&go);
	ADD(inside, -1);
}

static void short_func(ThreadletWork *work)
{
	(void)work;
	note_most();
	if (rand() % 4)
		sched_yield();
	else
		nap_us(50);
	ADD(inside, -1);
}

static ThreadletWork works[1000];

static int nr_workers(const ThreadletQueue *queue)
{
	struct worker_pool *pool = queue->wq->dfl_pwq->pool;
	int nr;

	pool_lock(pool);
	nr = pool->nr_workers;
	pool_unlock(pool);
	return nr;
}

static void submit_all(ThreadletQueue *queue, int nr, void (*func)(ThreadletWork *))
{
	for (int i = 0; i < nr; i++) {
		works[i].func = func;
		if (queue)
			submit_work_to_queue(queue, &works[i]);
		else
			submit_work(&works[i]);
	}
}

static void wait_all(int nr)
{
	for (int i = 0; i < nr; i++)
		threadlet_wait(&works[i]);
}

TEST(exactly_max_run_at_the_same_time)
{
	ThreadletQueue queue;

	ASSERT_EQ(0, threadlet_queue_init(&queue, 5, 0));
	submit_all(&queue, 100, crowd_func);
	EXPECT_TRUE(COMES_TRUE(GET(inside) == 5));
	nap_us(200000);
	EXPECT_EQ(5, GET(inside));
	gate_open(&go);
	wait_all(100);
	EXPECT_EQ(5, GET(most));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

TEST(short_ones_keep_to_max_too)
{
	ThreadletQueue queue;
	long until = now_ms() + 6000;

	ASSERT_EQ(0, threadlet_queue_init(&queue, 3, 3));
	for (int round = 0; go_on(round, ROUNDS(100), until); round++) {
		submit_all(&queue, 1000, short_func);
		wait_all(1000);
	}
	EXPECT_LE(1, GET(most));
	EXPECT_GE(3, GET(most));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

TEST(the_global_queue_runs_64)
{
	submit_all(NULL, 200, crowd_func);
	EXPECT_TRUE(COMES_TRUE(GET(inside) == THREADLET_GLOBAL_MAX));
	nap_us(200000);
	EXPECT_EQ(64, GET(inside));
	gate_open(&go);
	wait_all(200);
	EXPECT_EQ(64, GET(most));
}

TEST(min_threads_are_there_and_stay)
{
	ThreadletQueue queue;

	WRITE_ONCE(wq_params.idle_timeout_ms, 50);
	ASSERT_EQ(0, threadlet_queue_init(&queue, 40, 7));
	EXPECT_TRUE(COMES_TRUE(nr_workers(&queue) == 7));
	submit_all(&queue, 40, crowd_func);
	EXPECT_TRUE(COMES_TRUE(GET(inside) == 40));
	gate_open(&go);
	wait_all(40);
	EXPECT_TRUE(COMES_TRUE(nr_workers(&queue) == 7));
	nap_us(300000);
	EXPECT_EQ(7, nr_workers(&queue));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

TEST(the_global_queue_keeps_8)
{
	ThreadletWork work = { .func = short_func };
	ThreadletQueue queue;

	/* of the same pool: queues share threads */
	WRITE_ONCE(wq_params.idle_timeout_ms, 50);
	ASSERT_EQ(0, threadlet_queue_init(&queue, 1, 0));
	ASSERT_EQ(0, submit_work(&work));
	threadlet_wait(&work);
	EXPECT_TRUE(COMES_TRUE(nr_workers(&queue) == THREADLET_GLOBAL_MIN));
	nap_us(300000);
	EXPECT_EQ(8, nr_workers(&queue));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

static void says_it_blocks(ThreadletWork *work)
{
	uwq_blocking_begin();
	crowd_func(work);
	uwq_blocking_end();
}

TEST(computing_functions_say_that_they_block)
{
	ThreadletQueue queue;

	ASSERT_EQ(0, threadlet_queue_init_flags(&queue, 20, 0, THREADLET_QUEUE_COMPUTES));
	submit_all(&queue, 50, says_it_blocks);
	EXPECT_TRUE(COMES_TRUE(GET(inside) == 20));
	nap_us(100000);
	EXPECT_EQ(20, GET(inside));
	gate_open(&go);
	wait_all(50);
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

TEST_HARNESS_MAIN_CPUS(4)
