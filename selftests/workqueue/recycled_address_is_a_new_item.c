// SPDX-License-Identifier: MIT
/*
 * Proves C24 and catches B6: memory that a running function has freed may hold a new item
 * at the same address. It is not taken for the old one: it runs though the old run
 * still goes on, so the old function may even wait for it.
 *
 * Deviates from the kernel, which knows a run by address and function and lets a new
 * item with the same function wait for the old run: here INIT_WORK() makes a new item
 * whatever its function, so that case cannot hang either.
 */
#include "wq_test.h"

static union {
	struct work_struct work;
	char bytes[128];
} memory;

static struct workqueue_struct *wq;
static int first_runs, second_runs;	/* atomic: finished ones */
static struct completion second_done;

static void second_func(struct work_struct *work)
{
	(void)work;
	ADD(second_runs, 1);
	complete(&second_done);
}

static void reuse(struct work_struct *work, work_func_t func)
{
	memset(&memory, 0x6b, sizeof(memory));
	INIT_WORK(work, func);
	queue_work_on(0, wq, work);
	wait_for_completion(&second_done);
	ADD(first_runs, 1);
}

static void other_function(struct work_struct *work)
{
	reuse(work, second_func);
}

static void same_function(struct work_struct *work)
{
	static int calls;

	if (ADD(calls, 1) % 2)
		reuse(work, same_function);
	else
		second_func(work);
}

static void check(struct __test_metadata *_metadata, unsigned int flags, work_func_t func)
{
	wq = alloc_workqueue("recycled", flags, 0);
	ASSERT_NOT_NULL(wq);
	SET(first_runs, 0);
	SET(second_runs, 0);
	init_completion(&second_done);
	INIT_WORK(&memory.work, func);
	ASSERT_TRUE(queue_work_on(0, wq, &memory.work));
	flush_workqueue(wq);
	EXPECT_TRUE(COMES_TRUE(GET(first_runs) == 1));
	EXPECT_EQ(1, GET(second_runs));
	destroy_workqueue(wq);
}

TEST(with_another_function)
{
	check(_metadata, WQ_PERCPU, other_function);
	check(_metadata, WQ_UNBOUND, other_function);
}

TEST(with_the_same_function)
{
	check(_metadata, WQ_PERCPU, same_function);
	check(_metadata, WQ_UNBOUND, same_function);
}

/* Flush and cancel of the new item do not wait for the old run either. */
static struct gate old_entered, old_leave;

static void stay(struct work_struct *work)
{
	(void)work;
	gate_open(&old_entered);
	gate_wait(&old_leave);
}

TEST(waiting_for_the_new_item_does_not_wait_for_the_old_run)
{
	wq = alloc_workqueue("recycled", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(wq);
	INIT_WORK(&memory.work, stay);
	ASSERT_TRUE(queue_work(wq, &memory.work));
	gate_wait(&old_entered);
	memset(&memory, 0x6b, sizeof(memory));
	init_completion(&second_done);
	INIT_WORK(&memory.work, second_func);
	EXPECT_FALSE(flush_work(&memory.work));
	EXPECT_FALSE(cancel_work_sync(&memory.work));
	ASSERT_TRUE(queue_work(wq, &memory.work));
	flush_work(&memory.work);
	EXPECT_EQ(1, GET(second_runs));
	gate_open(&old_leave);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
