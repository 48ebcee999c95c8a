// SPDX-License-Identifier: MIT
/*
 * Proves C48 for a chain that goes from CPU to CPU: a drain that has found the queue's
 * share of CPU 0 empty, and has not looked at CPU 1 yet, must not miss what the last item
 * on CPU 1 queues on CPU 0 before it ends.
 */
#include "wq_test.h"

static struct workqueue_struct *wq;
static struct blocker first, second, third;
static int drained;		/* atomic */

/* Makes the drain's flush return while @second is still there. */
static void first_func(struct work_struct *work)
{
	(void)work;
	complete(&first.started);
	wait_for_completion(&first.release);
	queue_work_on(1, wq, &second.work);
}

static void second_func(struct work_struct *work)
{
	(void)work;
	wait_for_completion(&second.release);
	queue_work_on(0, wq, &third.work);
	wait_for_completion(&third.started);
}

static bool is_empty(struct pool_workqueue *pwq)
{
	bool empty;

	pool_lock(pwq->pool);
	empty = !pwq->nr_total;
	pool_unlock(pwq->pool);
	return empty;
}

static void *drainer(void *arg)
{
	(void)arg;
	drain_workqueue(wq);
	SET(drained, 1);
	return NULL;
}

TEST(drain_sees_the_next_link)
{
	pthread_t thread;

	wq = alloc_workqueue("chain", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(wq);
	blocker_init(&first);
	blocker_init(&second);
	blocker_init(&third);
	INIT_WORK(&first.work, first_func);
	INIT_WORK(&second.work, second_func);
	queue_work_on(1, wq, &first.work);
	wait_for_completion(&first.started);

	hold_next("pwq_looked_at");
	thread = start_thread(drainer, NULL);
	/* the flush of the drain is under way: it has closed its colour to new items */
	ASSERT_TRUE(COMES_TRUE(GET(wq->leader) != NULL));
	blocker_release(&first);
	hold_wait();
	blocker_release(&second);
	ASSERT_TRUE(COMES_TRUE(is_empty(wq->cpu_pwq[1])));
	hold_release();

	/* time for a drain that has missed it to return */
	nap_us(20000);
	EXPECT_EQ(GET(drained), 0);
	blocker_release(&third);
	pthread_join(thread, NULL);
	EXPECT_EQ(GET(third.runs), 1);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(2)
