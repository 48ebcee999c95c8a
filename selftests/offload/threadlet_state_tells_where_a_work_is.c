// SPDX-License-Identifier: MIT
/*
 * Proves: idle, queued, running and finished are told apart, by threads that look all the
 * time too: what is seen never goes from finished back to running. Memory that held another
 * work is as new after threadlet_work_init(), whatever is in there.
 */
#include "threadlet_test.h"

TEST(each_state_has_its_name)
{
	struct tally tally = { .work.func = tally_func };
	struct stopper stopper;
	ThreadletQueue queue;

	ASSERT_EQ(0, threadlet_queue_init(&queue, 1, 0));
	EXPECT_EQ(THREADLET_IDLE, threadlet_state(NULL));
	EXPECT_EQ(THREADLET_IDLE, threadlet_state(&tally.work));
	stopper_start(&stopper, &queue);
	EXPECT_EQ(THREADLET_RUNNING, threadlet_state(&stopper.work));
	EXPECT_EQ(0, submit_work_to_queue(&queue, &tally.work));
	EXPECT_EQ(THREADLET_QUEUED, threadlet_state(&tally.work));
	EXPECT_EQ(0, dequeue_work_on_queue(&queue, &tally.work));
	EXPECT_EQ(THREADLET_IDLE, threadlet_state(&tally.work));
	EXPECT_EQ(0, submit_work_to_queue(&queue, &tally.work));
	stopper_end(&stopper);
	EXPECT_EQ(THREADLET_FINISHED, threadlet_state(&stopper.work));
	threadlet_wait(&tally.work);
	EXPECT_EQ(THREADLET_FINISHED, threadlet_state(&tally.work));
	/* queued once more, then taken back: what comes is nothing */
	stopper_start(&stopper, &queue);
	EXPECT_EQ(0, submit_work_to_queue(&queue, &tally.work));
	EXPECT_EQ(0, dequeue_work_on_queue(&queue, &tally.work));
	EXPECT_EQ(THREADLET_IDLE, threadlet_state(&tally.work));
	stopper_end(&stopper);
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

TEST(an_observer_sees_them_in_order)
{
	long until = now_ms() + 6000;

	for (int round = 0; go_on(round, ROUNDS(30000), until); round++) {
		struct tally tally = { .work.func = tally_func };
		ThreadletState state, last = THREADLET_QUEUED;

		ASSERT_EQ(0, submit_work(&tally.work));
		do {
			state = threadlet_state(&tally.work);
			ASSERT_LE(last, state);
			last = state;
		} while (state != THREADLET_FINISHED);
		ASSERT_EQ(1, GET(tally.runs));
	}
}

TEST(memory_of_another_work_is_as_new)
{
	struct tally tally = { .work.func = tally_func };

	ASSERT_EQ(0, submit_work(&tally.work));
	threadlet_wait(&tally.work);
	EXPECT_EQ(THREADLET_FINISHED, threadlet_state(&tally.work));
	/* all but what says that it was here before */
	memset(tally.work.priv.item, 0xff, 3 * sizeof(tally.work.priv.item[0]));
	tally.work.func = NULL;
	threadlet_work_init(&tally.work, tally_func);
	EXPECT_EQ(THREADLET_IDLE, threadlet_state(&tally.work));
	EXPECT_EQ(0, threadlet_wait(&tally.work));
	ASSERT_EQ(0, submit_work(&tally.work));
	threadlet_wait(&tally.work);
	EXPECT_EQ(2, GET(tally.runs));
	EXPECT_EQ(THREADLET_FINISHED, threadlet_state(&tally.work));
}

TEST_HARNESS_MAIN
