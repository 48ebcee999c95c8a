// SPDX-License-Identifier: MIT
/*
 * Proves B60 and B65: a function that waits for another item which ends at this very moment
 * goes on, whichever comes first; so does a thread that waits while functions wait for
 * each other's predecessors in a ring. Nobody sleeps for a run that is over.
 */
#include "wq_test.h"

#define RING	4

static struct workqueue_struct *wq;
static int ends;	/* atomic */

struct link {
	struct work_struct work;
	struct link *before;	/* NULL: waits for nobody */
};

static void wait_for_the_one_before(struct work_struct *work)
{
	struct link *link = container_of(work, struct link, work);

	if (link->before)
		flush_work(&link->before->work);
	ADD(ends, 1);
}

static void check(struct __test_metadata *_metadata, unsigned int flags)
{
	static struct link links[RING];
	long until = now_ms() + 700;
	int i, round;

	wq = alloc_workqueue("ends", flags, 0);
	ASSERT_NOT_NULL(wq);
	SET(ends, 0);
	for (i = 0; i < RING; i++) {
		INIT_WORK(&links[i].work, wait_for_the_one_before);
		links[i].before = i ? &links[i - 1] : NULL;
	}
	for (round = 0; go_on(round, ROUNDS(50000), until); round++) {
		for (i = 0; i < RING; i++)
			ASSERT_TRUE(queue_work(wq, &links[i].work));
		for (i = RING - 1; i >= 0; i--)
			flush_work(&links[i].work);
	}
	EXPECT_LT(10, round);
	EXPECT_EQ(round * RING, GET(ends));
	destroy_workqueue(wq);
}

TEST(on_an_unbound_queue)
{
	check(_metadata, WQ_UNBOUND);
}

TEST(on_one_cpu)
{
	check(_metadata, WQ_PERCPU);
}

TEST_HARNESS_MAIN
