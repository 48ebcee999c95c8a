// SPDX-License-Identifier: MIT
/*
 * Proves: dequeue_work() returns 0 if it removed the work before its function was called
 * and 1 if not (the first version's code did the opposite of what its comment said), also
 * under its first name, also when it races with the thread that takes the work; runs and
 * removals add up to submissions. And its cost does not grow with what is queued: taking
 * 200,000 works back in random order would last for minutes if each were searched for.
 */
#include "threadlet_test.h"

FIXTURE(queue) {
	ThreadletQueue one;
};

FIXTURE_SETUP(queue)
{
	ASSERT_EQ(0, threadlet_queue_init(&self->one, 1, 0));
}

FIXTURE_TEARDOWN(queue)
{
	EXPECT_EQ(0, threadlet_queue_destroy(&self->one));
}

TEST_F(queue, removed_is_0_and_not_removed_is_1)
{
	struct tally tally = { .work.func = tally_func };
	struct stopper stopper;

	EXPECT_EQ(1, dequeue_work_on_queue(&self->one, &tally.work));
	stopper_start(&stopper, &self->one);
	EXPECT_EQ(1, dequeue_work_on_queue(&self->one, &stopper.work));
	EXPECT_EQ(0, submit_work_to_queue(&self->one, &tally.work));
	EXPECT_EQ(0, dequeue_work_on_queue(&self->one, &tally.work));
	EXPECT_EQ(1, dequeue_work_on_queue(&self->one, &tally.work));
	EXPECT_EQ(0, submit_work_to_queue(&self->one, &tally.work));
	stopper_end(&stopper);
	EXPECT_EQ(1, dequeue_work_on_queue(&self->one, &stopper.work));
	threadlet_wait(&tally.work);
	EXPECT_EQ(1, GET(tally.runs));
	EXPECT_EQ(1, dequeue_work_on_queue(&self->one, &tally.work));
}

TEST_F(queue, the_first_names_do_the_same)
{
	struct tally tally = { .work.func = tally_func };
	struct stopper stopper;

	stopper_start(&stopper, &self->one);
	EXPECT_EQ(0, submit_threadletwork_to_queue(&self->one, &tally.work));
	EXPECT_EQ(0, cancel_threadletwork_on_queue(&self->one, &tally.work));
	EXPECT_EQ(1, cancel_threadletwork_on_queue(&self->one, &tally.work));
	EXPECT_EQ(1, cancel_threadletwork_on_queue(&self->one, &stopper.work));
	stopper_end(&stopper);
	EXPECT_EQ(0, submit_threadletwork(&tally.work));
	threadlet_wait(&tally.work);
	EXPECT_EQ(1, cancel_threadletwork(&tally.work));
	EXPECT_EQ(1, GET(tally.runs));
}

TEST(removals_and_runs_add_up)
{
	struct tally tally = { .work.func = tally_func };
	int removed = 0, round;
	long until = now_ms() + 8000;

	for (round = 0; go_on(round, ROUNDS(200000), until); round++) {
		ASSERT_EQ(0, submit_work(&tally.work));
		for (int spin = rand() % 200; spin; spin--)
			__asm__ __volatile__("");
		if (round % 8 == 0)
			sched_yield();
		if (!dequeue_work(&tally.work))
			removed++;
		else
			threadlet_wait(&tally.work);
	}
	EXPECT_EQ(round, GET(tally.runs) + removed);
}

#define MANY	200000

TEST_F(queue, many_are_taken_back_in_any_order)
{
	struct tally *many = calloc(MANY, sizeof(*many));
	int *order = calloc(MANY, sizeof(*order));
	struct stopper stopper;
	int i;

	stopper_start(&stopper, &self->one);
	for (i = 0; i < MANY; i++) {
		int j = rand() % (i + 1);

		many[i].work.func = tally_func;
		ASSERT_EQ(0, submit_work_to_queue(&self->one, &many[i].work));
		order[i] = order[j];
		order[j] = i;
	}
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, dequeue_work_on_queue(&self->one, &many[order[i]].work));
	stopper_end(&stopper);
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, GET(many[i].runs));
	free(order);
	free(many);
}

TEST_HARNESS_MAIN
