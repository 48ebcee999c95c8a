// SPDX-License-Identifier: MIT
/*
 * Proves: a thread that leaves because it had nothing to do for too long does not take a
 * submission with it that arrives at the same moment: with an idle time of 1 ms, bursts
 * that come at about that distance all run. And one that was chosen for a work just when its
 * time was over stays and runs it.
 */
#include "threadlet_test.h"

#include "workqueue/params.h"

#define BURST	6

static struct tally tallies[BURST];

static void nap_func(ThreadletWork *work)
{
	nap_us(100);
	tally_func(work);
}

TEST(bursts_at_the_distance_of_the_idle_time)
{
	ThreadletQueue queue;
	long until = now_ms() + 10000;
	int round;

	WRITE_ONCE(wq_params.idle_timeout_ms, 1);
	ASSERT_EQ(0, threadlet_queue_init(&queue, BURST, 0));
	for (round = 0; go_on(round, ROUNDS(5000), until); round++) {
		for (int i = 0; i < BURST; i++) {
			tallies[i].work.func = nap_func;
			ASSERT_EQ(0, submit_work_to_queue(&queue, &tallies[i].work));
		}
		for (int i = 0; i < BURST; i++) {
			threadlet_wait(&tallies[i].work);
			ASSERT_EQ(round + 1, GET(tallies[i].runs));
		}
		nap_us(800 + rand() % 600);
	}
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

/*
 * Five idle threads, of which three are too many. All are stopped where their idle time is
 * over, before they have looked at the pool again; then as many works come as there are
 * threads. Those who were about to leave are chosen, and run them.
 */
static int at_the_door;		/* atomic */
static struct gate door;

static void stop_at_the_door(const char *name)
{
	if (!strcmp(name, "idle_timeout")) {
		ADD(at_the_door, 1);
		gate_wait(&door);
	}
}

TEST(one_that_is_chosen_at_the_door_stays)
{
	struct stopper crowd[5];
	ThreadletQueue queue;
	int i;

	ASSERT_EQ(0, threadlet_queue_init(&queue, 5, 0));
	for (i = 0; i < 5; i++)
		stopper_start(&crowd[i], &queue);
	WRITE_ONCE(wq_params.idle_timeout_ms, 20);
	SET(uwq_test_point_hook, stop_at_the_door);
	for (i = 0; i < 5; i++)
		stopper_end(&crowd[i]);
	EXPECT_TRUE(COMES_TRUE(GET(at_the_door) >= 5));
	for (i = 0; i < 5; i++) {
		tallies[i].work.func = tally_func;
		ASSERT_EQ(0, submit_work_to_queue(&queue, &tallies[i].work));
	}
	gate_open(&door);
	for (i = 0; i < 5; i++) {
		threadlet_wait(&tallies[i].work);
		EXPECT_EQ(1, GET(tallies[i].runs));
	}
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

TEST_HARNESS_MAIN
