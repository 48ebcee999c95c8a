// SPDX-License-Identifier: MIT
/*
 * call_rcu(): after a grace period, in order, once, in softirq context, from
 * anywhere; callbacks survive that no thread can be made (C83, U6, U23).
 */
#include "../kselftest_harness.h"

#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <uwq/warn.h>

#include "kernel-compat/test_points.h"
#include "lock_test.h"
#include "log_test.h"

struct item {
	int nr;
	struct rcu_head rcu;
};

static int done, last = -1, disorder, context_bad;

static void note(struct rcu_head *head)
{
	struct item *item = container_of(head, struct item, rcu);

	if (item->nr != last + 1)
		disorder++;
	if (!in_serving_softirq() || in_task())
		context_bad++;
	last = item->nr;
	kfree(item);
	flag_add(&done, 1);
}

static void call(int nr)
{
	struct item *item = kmalloc(sizeof(*item), GFP_KERNEL);

	item->nr = nr;
	call_rcu(&item->rcu, note);
}

TEST(a_reader_holds_callbacks_back)
{
	rcu_read_lock();
	call(0);
	nap_us(30000);
	EXPECT_EQ(0, flag_get(&done));
	rcu_read_unlock();
	EXPECT_TRUE(COMES_TRUE(flag_get(&done) == 1));
	EXPECT_EQ(0, context_bad);
}

TEST(they_run_in_the_order_queued)
{
	for (int i = 0; i < ROUNDS(20000); i++)
		call(i);
	rcu_barrier();
	EXPECT_EQ(ROUNDS(20000), flag_get(&done));
	EXPECT_EQ(0, disorder);
	EXPECT_EQ(0, context_bad);
}

static int chain_left = 50;

static void again(struct rcu_head *head)
{
	if (--chain_left)
		call_rcu(head, again);
	else
		flag_set(&done, 1);
}

TEST(a_callback_may_queue_itself_again)
{
	static struct rcu_head head;

	call_rcu(&head, again);
	EXPECT_TRUE(COMES_TRUE(flag_get(&done)));
}

TEST(without_a_thread_callbacks_wait_and_then_run)
{
	capture_start();
	uwq_test_fail_thread(1, -1);
	call(0);
	call(1);
	nap_us(5000);
	EXPECT_EQ(0, flag_get(&done));
	uwq_test_fail_thread(0, 0);
	call(2);
	EXPECT_TRUE(COMES_TRUE(flag_get(&done) == 3));
	EXPECT_EQ(0, disorder);
	capture_end();
}

TEST(without_a_thread_a_barrier_does_its_work)
{
	capture_start();
	uwq_test_fail_thread(1, -1);
	call(0);
	call(1);
	rcu_barrier();
	EXPECT_EQ(2, flag_get(&done));
	call(2);
	rcu_barrier();
	EXPECT_EQ(3, flag_get(&done));
	EXPECT_EQ(0, disorder);
	uwq_test_fail_thread(0, 0);
	capture_end();
}

TEST(headless_objects_are_freed_without_memory_too)
{
	void *p = kmalloc(10, GFP_KERNEL), *q = kmalloc(10, GFP_KERNEL);

	kfree_rcu_mightsleep(p);
	uwq_test_fail_alloc(1, -1);
	kfree_rcu(q);
	uwq_test_fail_alloc(0, 0);
	rcu_barrier();
	capture_start();
	EXPECT_EQ(0, ksize(p));
	EXPECT_EQ(0, ksize(q));
	capture_end();
}

static void barrier_in_callback(struct rcu_head *head)
{
	(void)head;
	rcu_barrier();
	flag_set(&done, 1);
}

TEST(a_barrier_in_a_callback_is_reported)
{
	static struct rcu_head head;

	capture_start();
	call_rcu(&head, barrier_in_callback);
	EXPECT_TRUE(COMES_TRUE(flag_get(&done)));
	EXPECT_EQ(1, uwq_warn_count());
	capture_end();
}

TEST(a_forked_child_goes_on)
{
	int status;
	pid_t child;

#ifdef UWQ_HAVE_TSAN
	SKIP(return, "ThreadSanitizer allows no threads after a fork");
#endif
	call(0);
	rcu_barrier();
	child = fork();
	if (!child) {
		call(1);
		rcu_barrier();
		_exit(flag_get(&done) == 2 ? 0 : 1);
	}
	waitpid(child, &status, 0);
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
