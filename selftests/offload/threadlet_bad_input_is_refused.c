// SPDX-License-Identifier: MIT
/*
 * Proves: wrong numbers, missing functions, works and queues, double submissions, works of
 * other queues and waits for oneself get the error that is documented, with a message, and
 * nothing is lost.
 */
#include "threadlet_test.h"

TEST(queues_with_wrong_numbers_are_not_made)
{
	static const int wrong[][2] = { { 0, 0 }, { -1, 0 }, { 4, 5 }, { 4, -1 }, { 2049, 0 } };
	struct tally tally = { .work.func = tally_func };
	ThreadletQueue queue;
	int i;

	log_count("not possible");
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(-EINVAL, threadlet_queue_init(&queue, wrong[i][0], wrong[i][1]));
		EXPECT_EQ(i + 1, GET(log_hits));
	}
	EXPECT_EQ(-EINVAL, threadlet_queue_init(NULL, 4, 1));
	EXPECT_EQ(-EINVAL, threadlet_queue_init_flags(&queue, 4, 1, 1 << 5));
	EXPECT_EQ(7, GET(log_hits));
	log_count("no queue");
	EXPECT_EQ(-EINVAL, submit_work_to_queue(&queue, &tally.work));
	EXPECT_EQ(-EINVAL, submit_work_to_queue(NULL, &tally.work));
	EXPECT_EQ(-EINVAL, dequeue_work_on_queue(&queue, &tally.work));
	EXPECT_EQ(-EINVAL, threadlet_queue_destroy(&queue));
	EXPECT_EQ(-EINVAL, threadlet_queue_destroy(NULL));
	EXPECT_EQ(5, GET(log_hits));
	EXPECT_EQ(THREADLET_IDLE, threadlet_state(&tally.work));
	/* the limits themselves are good */
	ASSERT_EQ(0, threadlet_queue_init(&queue, 2048, 0));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
	EXPECT_EQ(-EINVAL, threadlet_queue_destroy(&queue));
	EXPECT_EQ(6, GET(log_hits));
	ASSERT_EQ(0, threadlet_queue_init(&queue, 1, 1));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

TEST(works_without_a_function_are_not_taken)
{
	ThreadletWork none = { .func = NULL };

	log_count("no function");
	EXPECT_EQ(-EINVAL, submit_work(&none));
	EXPECT_EQ(1, GET(log_hits));
	log_count("no work");
	EXPECT_EQ(-EINVAL, submit_work(NULL));
	EXPECT_EQ(-EINVAL, dequeue_work(NULL));
	EXPECT_EQ(-EINVAL, threadlet_wait(NULL));
	EXPECT_EQ(3, GET(log_hits));
	EXPECT_EQ(0, threadlet_wait(&none));
}

TEST(a_double_submission_runs_once)
{
	struct tally tally = { .work.func = tally_func };
	struct stopper stopper;
	ThreadletQueue queue, other;

	log_count("queued already");
	ASSERT_EQ(0, threadlet_queue_init(&queue, 1, 0));
	ASSERT_EQ(0, threadlet_queue_init(&other, 1, 0));
	stopper_start(&stopper, &queue);
	EXPECT_EQ(0, submit_work_to_queue(&queue, &tally.work));
	EXPECT_EQ(-EBUSY, submit_work_to_queue(&queue, &tally.work));
	EXPECT_EQ(-EBUSY, submit_work_to_queue(&other, &tally.work));
	EXPECT_EQ(2, GET(log_hits));
	stopper_end(&stopper);
	threadlet_wait(&tally.work);
	EXPECT_EQ(1, GET(tally.runs));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
	EXPECT_EQ(0, threadlet_queue_destroy(&other));
}

TEST(a_work_of_another_queue_stays_there)
{
	struct tally tally = { .work.func = tally_func };
	struct stopper stopper;
	ThreadletQueue queue, other;

	log_count("on another queue");
	ASSERT_EQ(0, threadlet_queue_init(&queue, 1, 0));
	ASSERT_EQ(0, threadlet_queue_init(&other, 1, 0));
	stopper_start(&stopper, &queue);
	EXPECT_EQ(0, submit_work_to_queue(&queue, &tally.work));
	EXPECT_EQ(-EINVAL, dequeue_work_on_queue(&other, &tally.work));
	EXPECT_EQ(-EINVAL, dequeue_work(&tally.work));
	EXPECT_EQ(2, GET(log_hits));
	EXPECT_EQ(THREADLET_QUEUED, threadlet_state(&tally.work));
	stopper_end(&stopper);
	threadlet_wait(&tally.work);
	EXPECT_EQ(1, GET(tally.runs));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
	EXPECT_EQ(0, threadlet_queue_destroy(&other));
}

static ThreadletQueue own;
static int wait_error, destroy_error;

static void wait_for_myself(ThreadletWork *work)
{
	wait_error = threadlet_wait(work);
	destroy_error = threadlet_queue_destroy(&own);
}

TEST(a_function_does_not_wait_for_itself)
{
	ThreadletWork work = { .func = wait_for_myself };

	log_count("itself");
	ASSERT_EQ(0, threadlet_queue_init(&own, 1, 0));
	ASSERT_EQ(0, submit_work_to_queue(&own, &work));
	EXPECT_EQ(0, threadlet_wait(&work));
	EXPECT_EQ(-EDEADLK, wait_error);
	EXPECT_EQ(-EDEADLK, destroy_error);
	EXPECT_EQ(2, GET(log_hits));
	EXPECT_EQ(0, threadlet_queue_destroy(&own));
}

TEST(destroying_a_queue_runs_what_is_queued)
{
	static struct tally many[500];
	ThreadletQueue queue;

	ASSERT_EQ(0, threadlet_queue_init(&queue, 4, 1));
	for (int i = 0; i < 500; i++) {
		many[i].work.func = tally_func;
		ASSERT_EQ(0, submit_work_to_queue(&queue, &many[i].work));
	}
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
	for (int i = 0; i < 500; i++)
		EXPECT_EQ(1, GET(many[i].runs));
}

TEST_HARNESS_MAIN
