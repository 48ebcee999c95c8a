// SPDX-License-Identifier: MIT
/*
 * Proves C9, U3, catches B55: queue, mod and the forms of cancel, disable and enable that
 * do not wait may be called with any lock held, from timer callbacks and from bottom
 * halves: they never sleep. A sleep in such a context is a WARN, and so is a lock of the
 * library that would sleep in a debug build; none may come. Each call also has to do its
 * work.
 */
#include "wq_test.h"

#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static struct workqueue_struct *wq;
static struct counter item, blocked;
static struct delayed_work dwork;
static int wrong_answer;	/* atomic: line of the first one */
static int nr_atomic, nr_dwork_runs;	/* atomic */
static struct completion done;

static void count_dwork(struct work_struct *work)
{
	(void)work;
	ADD(nr_dwork_runs, 1);
}

#define CHECK(cond)						\
	do {							\
		int none_ = 0;					\
								\
		if (!(cond))					\
			__atomic_compare_exchange_n(&wrong_answer, &none_, __LINE__, false, \
						    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE); \
	} while (0)

/* Every call that may be made anywhere. @blocked waits behind a blocker on CPU 0. */
static void make_all_calls(void)
{
	CHECK(queue_work(wq, &item.work));
	CHECK(queue_work_on(0, wq, &blocked.work));
	CHECK(!queue_work_on(0, wq, &blocked.work));
	CHECK(cancel_work(&blocked.work));
	CHECK(!disable_work(&blocked.work));
	CHECK(!queue_work_on(0, wq, &blocked.work));
	CHECK(enable_work(&blocked.work));
	CHECK(!disable_work(&blocked.work));
	CHECK(enable_and_queue_work(wq, &blocked.work));
	cancel_work(&blocked.work);
	CHECK(queue_delayed_work(wq, &dwork, 100 * HZ));
	CHECK(mod_delayed_work(wq, &dwork, 50 * HZ));
	CHECK(cancel_delayed_work(&dwork));
	CHECK(queue_delayed_work(wq, &dwork, 100 * HZ));
	CHECK(disable_delayed_work(&dwork));
	CHECK(!mod_delayed_work(wq, &dwork, 1));
	CHECK(enable_delayed_work(&dwork));
	CHECK(queue_delayed_work(wq, &dwork, 0));
	CHECK(work_busy(&item.work) <= (WORK_BUSY_PENDING | WORK_BUSY_RUNNING));
	workqueue_congested(0, wq);
	if (in_atomic() || irqs_disabled())
		ADD(nr_atomic, 1);
}

FIXTURE(context) {
	struct blocker blocker;
	unsigned long warned;
};

FIXTURE_SETUP(context)
{
	wq = alloc_workqueue("any_context", WQ_PERCPU, 1);
	ASSERT_NOT_NULL(wq);
	counter_init(&item);
	counter_init(&blocked);
	INIT_DELAYED_WORK(&dwork, count_dwork);
	init_completion(&done);
	blocker_start_on(&self->blocker, 0, wq);
	self->warned = uwq_warn_count();
}

FIXTURE_TEARDOWN(context)
{
	EXPECT_EQ(0, GET(wrong_answer)) {
		TH_LOG("the call in line %d gave a wrong answer", GET(wrong_answer));
	}
	EXPECT_EQ(self->warned, uwq_warn_count());
	blocker_release(&self->blocker);
	flush_workqueue(wq);
	EXPECT_EQ(1, GET(item.runs));
	EXPECT_EQ(1, GET(nr_dwork_runs));
	destroy_workqueue(wq);
}

TEST_F(context, with_locks_held)
{
	static DEFINE_SPINLOCK(spinlock);
	static DEFINE_MUTEX(mutex);

	mutex_lock(&mutex);
	spin_lock_irq(&spinlock);
	rcu_read_lock();
	make_all_calls();
	rcu_read_unlock();
	spin_unlock_irq(&spinlock);
	mutex_unlock(&mutex);
	EXPECT_EQ(1, GET(nr_atomic));
}

static void timer_func(struct timer_list *timer)
{
	(void)timer;
	make_all_calls();
	complete(&done);
}

TEST_F(context, timer_callback)
{
	struct timer_list timer;

	timer_setup(&timer, timer_func, 0);
	mod_timer(&timer, jiffies + 1);
	wait_for_completion(&done);
	timer_delete_sync(&timer);
	EXPECT_EQ(1, GET(nr_atomic));
}

TEST_F(context, timer_callback_with_interrupts_off)
{
	struct timer_list timer;

	timer_setup(&timer, timer_func, TIMER_IRQSAFE);
	mod_timer(&timer, jiffies + 1);
	wait_for_completion(&done);
	timer_delete_sync(&timer);
	EXPECT_EQ(1, GET(nr_atomic));
}

static enum hrtimer_restart hrtimer_func(struct hrtimer *timer)
{
	(void)timer;
	make_all_calls();
	complete(&done);
	return HRTIMER_NORESTART;
}

TEST_F(context, hrtimer_callback)
{
	struct hrtimer timer;

	hrtimer_setup(&timer, hrtimer_func, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&timer, ktime_set(0, 1000000), HRTIMER_MODE_REL);
	wait_for_completion(&done);
	hrtimer_cancel(&timer);
	EXPECT_EQ(1, GET(nr_atomic));
}

static void bottom_half(struct work_struct *work)
{
	(void)work;
	make_all_calls();
	complete(&done);
}

TEST_F(context, bottom_half_item)
{
	struct work_struct work;

	INIT_WORK(&work, bottom_half);
	ASSERT_TRUE(queue_work(system_bh_wq, &work));
	wait_for_completion(&done);
	flush_work(&work);
	EXPECT_EQ(1, GET(nr_atomic));
}

/* What the other tests rely on: a sleep there is seen. */
TEST(sleep_in_such_a_context_is_reported)
{
	unsigned long warned = uwq_warn_count();

	log_count("atomic");
	init_completion(&done);
	complete(&done);
	preempt_disable();
	wait_for_completion_timeout(&done, 1);
	wait_for_completion_timeout(&done, 1);
	preempt_enable();
	EXPECT_LT(warned, uwq_warn_count());
}

TEST_HARNESS_MAIN
