// SPDX-License-Identifier: MIT
/*
 * rcu_barrier() returns when every callback queued before it, by any thread,
 * has run, and not before (C84).
 */
#include "../kselftest_harness.h"

#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "task_test.h"

struct item {
	struct rcu_head rcu;
	int *count;
};

static void note(struct rcu_head *head)
{
	struct item *item = container_of(head, struct item, rcu);

	flag_add(item->count, 1);
	kfree(item);
}

static void call(int *count)
{
	struct item *item = kmalloc(sizeof(*item), GFP_KERNEL);

	item->count = count;
	call_rcu(&item->rcu, note);
}

static int missing;

static void *queue_and_wait(void *arg)
{
	(void)arg;
	for (int round = 0; round < ROUNDS(60); round++) {
		int count = 0, n = 1 + round % 7;

		for (int i = 0; i < n; i++)
			call(&count);
		rcu_barrier();
		if (flag_get(&count) != n)
			flag_add(&missing, 1);
	}
	return NULL;
}

TEST(from_many_threads)
{
	run_threads(4, queue_and_wait, NULL);
	EXPECT_EQ(0, flag_get(&missing));
}

TEST(with_nothing_queued)
{
	rcu_barrier();
	rcu_barrier();
}

static int passed, count;

static void *wait_only(void *arg)
{
	(void)arg;
	rcu_barrier();
	flag_set(&passed, flag_get(&count) ? 1 : 2);
	return NULL;
}

TEST(waits_for_another_threads_callback)
{
	pthread_t thread;

	rcu_read_lock();
	call(&count);
	thread = start_thread(wait_only, NULL);
	nap_us(30000);
	EXPECT_EQ(0, flag_get(&passed));
	rcu_read_unlock();
	pthread_join(thread, NULL);
	EXPECT_EQ(1, flag_get(&passed));
}

static int gate, at_gate;

static void hold_batch(const char *name)
{
	if (strcmp(name, "rcu-batch-taken") || flag_add(&at_gate, 1) > 1)
		return;
	while (!flag_get(&gate))
		nap_us(100);
}

TEST(a_batch_in_the_making_is_waited_for)
{
	pthread_t thread;

	__atomic_store_n(&uwq_test_point_hook, hold_batch, __ATOMIC_RELEASE);
	call(&count);
	ASSERT_TRUE(COMES_TRUE(flag_get(&at_gate)));
	/* the list is empty now, and the callback has not run */
	thread = start_thread(wait_only, NULL);
	nap_us(20000);
	EXPECT_EQ(0, flag_get(&passed));
	flag_set(&gate, 1);
	pthread_join(thread, NULL);
	EXPECT_EQ(1, flag_get(&passed));
}

/* No thread can be made, and a barrier does its work: what comes meanwhile is left to it. */
TEST(a_callback_that_comes_while_a_barrier_calls_the_others_runs)
{
	pthread_t thread;

	uwq_test_fail_thread(1, -1);
	__atomic_store_n(&uwq_test_point_hook, hold_batch, __ATOMIC_RELEASE);
	thread = start_thread(wait_only, NULL);
	ASSERT_TRUE(COMES_TRUE(flag_get(&at_gate)));
	call(&count);
	uwq_test_fail_thread(0, 0);
	flag_set(&gate, 1);
	pthread_join(thread, NULL);
	EXPECT_TRUE(COMES_TRUE(flag_get(&count)));
}

static void hold_starter(const char *name)
{
	if (strcmp(name, "rcu-thread-started"))
		return;
	flag_set(&at_gate, 1);
	while (!flag_get(&gate))
		nap_us(100);
}

static struct task_struct *rcu_task;
static struct rcu_head first, second;

static void note_task(struct rcu_head *head)
{
	(void)head;
	__atomic_store_n(&rcu_task, current, __ATOMIC_RELEASE);
}

static void note_second(struct rcu_head *head)
{
	(void)head;
	flag_add(&count, 1);
}

static void *call_first(void *arg)
{
	(void)arg;
	call_rcu(&first, note_task);
	return NULL;
}

static bool rcu_thread_sleeps(void)
{
	struct task_struct *task = __atomic_load_n(&rcu_task, __ATOMIC_ACQUIRE);

	return task && uwq_task_is_asleep(task);
}

/* Who starts the thread may be held up until that has done all there was, and sleeps. */
TEST(a_callback_that_comes_while_the_thread_is_started_runs)
{
	pthread_t starter;

	__atomic_store_n(&uwq_test_point_hook, hold_starter, __ATOMIC_RELEASE);
	starter = start_thread(call_first, NULL);
	ASSERT_TRUE(COMES_TRUE(flag_get(&at_gate)));
	ASSERT_TRUE(COMES_TRUE(rcu_thread_sleeps()));
	call_rcu(&second, note_second);
	flag_set(&gate, 1);
	pthread_join(starter, NULL);
	EXPECT_TRUE(COMES_TRUE(flag_get(&count)));
}

TEST_HARNESS_MAIN
