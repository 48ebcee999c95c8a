// SPDX-License-Identifier: MIT
/*
 * Proves C20: an item whose function was changed while it ran is another item to the
 * library. The new function may run beside the old one, and flush and cancel do not
 * wait for the old run.
 */
#include "wq_test.h"

static struct gate old_entered, old_leave;
static int old_runs, new_runs;	/* atomic: finished ones */

static void old_func(struct work_struct *work)
{
	(void)work;
	gate_open(&old_entered);
	gate_wait(&old_leave);
	ADD(old_runs, 1);
}

static void old_func_asleep(struct work_struct *work)
{
	static DECLARE_COMPLETION(never);

	(void)work;
	gate_open(&old_entered);
	while (!GET(old_leave.open))
		wait_for_completion_timeout(&never, 1);
	ADD(old_runs, 1);
}

static void new_func(struct work_struct *work)
{
	(void)work;
	ADD(new_runs, 1);
}

static void check(struct __test_metadata *_metadata, unsigned int flags, work_func_t old)
{
	struct workqueue_struct *wq = alloc_workqueue("changed", flags, 0);
	struct work_struct work;

	ASSERT_NOT_NULL(wq);
	gate_close(&old_entered);
	gate_close(&old_leave);
	SET(old_runs, 0);
	SET(new_runs, 0);
	INIT_WORK(&work, old);
	ASSERT_TRUE(queue_work(wq, &work));
	gate_wait(&old_entered);
	__atomic_store_n(&work.func, new_func, __ATOMIC_RELAXED);

	/* nobody waits for the old one; it would never end */
	EXPECT_FALSE(flush_work(&work));
	EXPECT_FALSE(cancel_work_sync(&work));
	EXPECT_TRUE(queue_work(wq, &work));
	flush_work(&work);
	EXPECT_EQ(1, GET(new_runs));
	EXPECT_EQ(0, GET(old_runs));
	gate_open(&old_leave);
	flush_workqueue(wq);
	EXPECT_EQ(1, GET(old_runs));
	destroy_workqueue(wq);
}

TEST(unbound)
{
	check(_metadata, WQ_UNBOUND, old_func);
}

TEST(percpu)
{
	check(_metadata, WQ_PERCPU, old_func_asleep);
}

TEST_HARNESS_MAIN
