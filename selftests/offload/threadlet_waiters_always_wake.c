// SPDX-License-Identifier: MIT
/*
 * Proves: whoever waits for a work comes back, however the end of the work and the start of
 * the wait fall together, with any number of waiters, for a work that is dequeued or
 * submitted again meanwhile; and what the function stored is there. (A design in which the
 * function of the user, or whoever reads the result, has to signal misses some.)
 */
#include "threadlet_test.h"

static struct tally tally;
static int stored;		/* plain: the wait orders it */

static void store_func(ThreadletWork *work)
{
	stored++;
	tally_func(work);
}

TEST(a_wait_meets_the_end_at_any_moment)
{
	long until = now_ms() + 8000;

	tally.work.func = store_func;
	for (int round = 0; go_on(round, ROUNDS(100000), until); round++) {
		ASSERT_EQ(0, submit_work(&tally.work));
		for (int spin = rand() % 3000; spin; spin--)
			__asm__ __volatile__("");
		ASSERT_EQ(0, threadlet_wait(&tally.work));
		ASSERT_EQ(round + 1, stored);
		ASSERT_EQ(THREADLET_FINISHED, threadlet_state(&tally.work));
	}
}

static void *wait_for(void *arg)
{
	return (void *)(long)threadlet_wait(arg);
}

TEST(all_of_many_waiters_come_back)
{
	struct stopper stopper;
	ThreadletQueue queue;
	pthread_t threads[32];
	int i;

	ASSERT_EQ(0, threadlet_queue_init(&queue, 2, 0));
	stopper_start(&stopper, &queue);
	for (i = 0; i < 32; i++)
		threads[i] = start_thread(wait_for, &stopper.work);
	nap_us(20000);
	EXPECT_EQ(THREADLET_RUNNING, threadlet_state(&stopper.work));
	gate_open(&stopper.go);
	for (i = 0; i < 32; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(1, GET(stopper.runs));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

TEST(a_dequeue_lets_waiters_go)
{
	struct tally queued = { .work.func = tally_func };
	struct stopper stopper;
	ThreadletQueue queue;
	pthread_t thread;

	ASSERT_EQ(0, threadlet_queue_init(&queue, 1, 0));
	stopper_start(&stopper, &queue);
	ASSERT_EQ(0, submit_work_to_queue(&queue, &queued.work));
	thread = start_thread(wait_for, &queued.work);
	nap_us(20000);
	EXPECT_EQ(0, dequeue_work_on_queue(&queue, &queued.work));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, GET(queued.runs));
	stopper_end(&stopper);
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

/* A function may free its work: nothing looks at it afterwards. */
static int freed;		/* atomic */

static void free_func(ThreadletWork *work)
{
	free(container_of(work, struct tally, work));
	ADD(freed, 1);
}

TEST(a_function_may_free_its_work)
{
	for (int i = 0; i < 5000; i++) {
		/* as the programs of the time did: not zeroed */
		struct tally *heap = malloc(sizeof(*heap));

		heap->work.func = free_func;
		ASSERT_EQ(0, submit_work(&heap->work));
	}
	EXPECT_TRUE(COMES_TRUE(GET(freed) == 5000));
}

static int again_runs;		/* atomic */

static void again_func(ThreadletWork *work)
{
	if (ADD(again_runs, 1) < 1000)
		submit_work(work);
}

TEST(a_function_may_submit_its_work_again)
{
	ThreadletWork work = { .func = again_func };

	ASSERT_EQ(0, submit_work(&work));
	EXPECT_TRUE(COMES_TRUE(GET(again_runs) == 1000));
	EXPECT_EQ(0, threadlet_wait(&work));
	EXPECT_EQ(1000, GET(again_runs));
}

TEST_HARNESS_MAIN
