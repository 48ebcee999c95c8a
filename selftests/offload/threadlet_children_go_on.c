// SPDX-License-Identifier: MIT
/*
 * Proves: the child of a fork uses queues and works of its parent, the global queue too;
 * what was queued or running in the parent is idle in the child, and is not run twice.
 */
#include "threadlet_test.h"

#include "../workqueue/fork_test.h"

static struct tally tally = { .work.func = tally_func };
static struct tally queued = { .work.func = tally_func };
static ThreadletQueue queue;

static void go_on_in_child(void)
{
	CHECK(threadlet_state(&queued.work) == THREADLET_IDLE);
	CHECK(!submit_work_to_queue(&queue, &queued.work));
	CHECK(!submit_work(&tally.work));
	threadlet_wait(&queued.work);
	threadlet_wait(&tally.work);
	CHECK(GET(queued.runs) == 1);
	CHECK(GET(tally.runs) == 2);
}

/* The kept workers have all come, and but the one that is stopped they have gone to sleep. */
static bool all_threads_sleep(void)
{
	struct worker_pool *pool = queue.wq->dfl_pwq->pool;
	bool all;

	pool_lock(pool);
	all = pool->nr_workers >= THREADLET_GLOBAL_MIN + 1 && !pool->creating &&
	      pool->nr_idle == pool->nr_workers - 1;
	pool_unlock(pool);
	return all;
}

TEST_TIMEOUT(a_child_goes_on, 60)
{
	struct stopper stopper;

	ASSERT_EQ(0, threadlet_queue_init(&queue, 1, 1));
	stopper_start(&stopper, &queue);
	ASSERT_EQ(0, submit_work_to_queue(&queue, &queued.work));
	ASSERT_EQ(0, submit_work(&tally.work));
	threadlet_wait(&tally.work);
	/* threads that begin allocate, which the address sanitizer does not forgive a fork */
	EXPECT_TRUE(COMES_TRUE(all_threads_sleep()));
	EXPECT_EQ(0, IN_CHILD(go_on_in_child));
	stopper_end(&stopper);
	threadlet_wait(&queued.work);
	EXPECT_EQ(1, GET(queued.runs));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

TEST_HARNESS_MAIN
