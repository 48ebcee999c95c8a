// SPDX-License-Identifier: MIT
/*
 * Proves C106: a function that returns with a spinlock held, preemption off, or in an RCU
 * read section is reported by name each time, and its worker is put right: the next item in
 * it finds a clean context, may sleep, and grace periods end. What was not the
 * function's doing is not reported.
 */
#include "wq_test.h"

#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static int dirty, runs;	/* atomic */

static void leak_spinlock(struct work_struct *work)
{
	(void)work;
	spin_lock(&lock);
}

static void leak_preempt(struct work_struct *work)
{
	(void)work;
	preempt_disable();
	preempt_disable();
}

static void leak_rcu(struct work_struct *work)
{
	(void)work;
	rcu_read_lock();
	rcu_read_lock();
}

static void leak_enable(struct work_struct *work)
{
	(void)work;
	preempt_enable();
}

static void clean(struct work_struct *work)
{
	(void)work;
	spin_lock(&lock);
	rcu_read_lock();
	rcu_read_unlock();
	spin_unlock(&lock);
	if (in_atomic())
		ADD(dirty, 1);
	schedule_timeout_uninterruptible(1);
	ADD(runs, 1);
}

FIXTURE(leak) {
	struct workqueue_struct *wq;
};

FIXTURE_VARIANT(leak) {
	work_func_t func;
	const char *name;
	bool locks, in_rcu;
};

FIXTURE_VARIANT_ADD(leak, spinlock) {
	.func = leak_spinlock, .name = "leak_spinlock leaked", .locks = true,
};
FIXTURE_VARIANT_ADD(leak, preempt) { .func = leak_preempt, .name = "leak_preempt leaked" };
FIXTURE_VARIANT_ADD(leak, rcu) { .func = leak_rcu, .name = "leak_rcu leaked", .in_rcu = true };

FIXTURE_SETUP(leak)
{
	log_count(variant->name);
	self->wq = alloc_ordered_workqueue("leak", 0);
	ASSERT_NOT_NULL(self->wq);
}

FIXTURE_TEARDOWN(leak)
{
	destroy_workqueue(self->wq);
}

TEST_F(leak, is_reported_and_put_right)
{
	unsigned long warned = uwq_warn_count();
	struct work_struct bad, good;

	INIT_WORK(&bad, variant->func);
	INIT_WORK(&good, clean);
	for (int i = 1; i <= 5; i++) {
		ASSERT_TRUE(queue_work(self->wq, &bad));
		flush_work(&bad);
		if (variant->locks)
			spin_lock_init(&lock);
		/* would wait for ever for the reader that was left behind */
		synchronize_rcu();
		ASSERT_TRUE(queue_work(self->wq, &good));
		flush_workqueue(self->wq);
		EXPECT_EQ(i, GET(runs));
		EXPECT_EQ(i, GET(log_hits));
		EXPECT_EQ(warned + i, uwq_warn_count());
	}
	EXPECT_EQ(0, GET(dirty));
}

/* The other direction: one enable too many. */
TEST(too_many_enables_are_reported)
{
	struct work_struct bad, good;

	log_count("leak_enable leaked");
	INIT_WORK(&bad, leak_enable);
	INIT_WORK(&good, clean);
	queue_work(system_dfl_wq, &bad);
	flush_work(&bad);
	__flush_workqueue(system_dfl_wq);
	queue_work(system_dfl_wq, &good);
	flush_work(&good);
	EXPECT_EQ(1, GET(runs));
	EXPECT_EQ(0, GET(dirty));
	EXPECT_EQ(1, GET(log_hits));
}

TEST(clean_functions_are_not_reported)
{
	struct work_struct good;

	log_count("");
	INIT_WORK(&good, clean);
	queue_work(system_dfl_wq, &good);
	flush_work(&good);
	queue_work(system_percpu_wq, &good);
	flush_work(&good);
	EXPECT_EQ(0, GET(log_hits));
	EXPECT_EQ(2, GET(runs));
}

/* A bottom half runs in softirq context by itself: not the function's doing. */
static void quick(struct work_struct *work)
{
	(void)work;
	ADD(runs, 1);
}

TEST(bottom_halves_are_not_reported)
{
	struct work_struct work;

	log_count("");
	INIT_WORK(&work, quick);
	queue_work(system_bh_wq, &work);
	flush_work(&work);
	EXPECT_EQ(1, GET(runs));
	EXPECT_EQ(0, GET(log_hits));
}

TEST_HARNESS_MAIN
