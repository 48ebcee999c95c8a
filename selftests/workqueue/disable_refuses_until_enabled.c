// SPDX-License-Identifier: MIT
/*
 * Proves C26, C66, C67, C68 with U27, C69, C70, C71, C72, B36: disables are counted,
 * refuse every way of queueing, are not forgotten by running or by the queue's end, and
 * an enable too many does no harm. On every kind of queue.
 */
#include "wq_test.h"

#include <linux/rcupdate.h>

FIXTURE(item) {
	struct workqueue_struct *wq;
	struct delayed_work dwork;
};

FIXTURE_VARIANT(item) {
	unsigned int flags;
	bool ordered;
};

FIXTURE_VARIANT_ADD(item, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(item, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(item, highpri) { .flags = WQ_PERCPU | WQ_HIGHPRI };
FIXTURE_VARIANT_ADD(item, ordered) { .flags = 0, .ordered = true };
FIXTURE_VARIANT_ADD(item, bottom_half) { .flags = WQ_PERCPU | WQ_BH };
FIXTURE_VARIANT_ADD(item, reclaim) { .flags = WQ_UNBOUND | WQ_MEM_RECLAIM };

static int runs;	/* atomic */

static void count_run(struct work_struct *work)
{
	(void)work;
	ADD(runs, 1);
}

FIXTURE_SETUP(item)
{
	self->wq = variant->ordered ? alloc_ordered_workqueue("disabled", 0) :
				      alloc_workqueue("disabled", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
	INIT_DELAYED_WORK(&self->dwork, count_run);
	SET(runs, 0);
}

FIXTURE_TEARDOWN(item)
{
	cancel_delayed_work_sync(&self->dwork);
	destroy_workqueue(self->wq);
}

TEST_F(item, is_refused_by_every_call_until_enabled_as_often)
{
	struct work_struct *work = &self->dwork.work;

	for (int i = 0; i < 3; i++)
		EXPECT_FALSE(disable_work(work));
	for (int i = 0; i < 3; i++) {
		EXPECT_FALSE(queue_work(self->wq, work));
		EXPECT_FALSE(queue_work_on(0, self->wq, work));
		EXPECT_FALSE(queue_delayed_work(self->wq, &self->dwork, 0));
		EXPECT_FALSE(queue_delayed_work(self->wq, &self->dwork, 1));
		EXPECT_FALSE(mod_delayed_work(self->wq, &self->dwork, 0));
		EXPECT_FALSE(mod_delayed_work(self->wq, &self->dwork, 1));
		EXPECT_FALSE(schedule_work(work));
		EXPECT_FALSE(work_pending(work));
		EXPECT_FALSE(timer_pending(&self->dwork.timer));
		EXPECT_EQ(i == 2, enable_work(work));
	}
	/* refused requests are not made up for */
	flush_workqueue(self->wq);
	EXPECT_EQ(0, GET(runs));
	EXPECT_TRUE(queue_work(self->wq, work));
	flush_work(work);
	EXPECT_EQ(1, GET(runs));
}

TEST_F(item, enable_and_queue_queues_when_the_last_disable_goes)
{
	struct work_struct *work = &self->dwork.work;

	disable_work(work);
	disable_work(work);
	EXPECT_FALSE(enable_and_queue_work(self->wq, work));
	EXPECT_FALSE(work_pending(work));
	EXPECT_TRUE(enable_and_queue_work(self->wq, work));
	flush_work(work);
	EXPECT_EQ(1, GET(runs));
}

TEST_F(item, initialising_forgets_the_count)
{
	disable_work(&self->dwork.work);
	INIT_DELAYED_WORK(&self->dwork, count_run);
	EXPECT_TRUE(queue_work(self->wq, &self->dwork.work));
}

TEST_F(item, the_count_outlives_the_queue)
{
	struct workqueue_struct *other = variant->ordered ?
		alloc_ordered_workqueue("gone", 0) : alloc_workqueue("gone", variant->flags, 0);

	queue_work(other, &self->dwork.work);
	disable_work_sync(&self->dwork.work);
	destroy_workqueue(other);
	EXPECT_FALSE(queue_work(self->wq, &self->dwork.work));
	EXPECT_TRUE(enable_work(&self->dwork.work));
	EXPECT_TRUE(queue_work(self->wq, &self->dwork.work));
}

TEST_F(item, the_count_stops_at_65535)
{
	struct work_struct *work = &self->dwork.work;
	unsigned long warned = uwq_warn_count();

	log_count("not counting further");
	for (int i = 0; i < 65535; i++)
		disable_work(work);
	EXPECT_EQ(warned, uwq_warn_count());
	disable_work(work);
	EXPECT_EQ(warned + 1, uwq_warn_count());
	EXPECT_EQ(65535, disable_depth(work));
	for (int i = 0; i < 65534; i++)
		ASSERT_FALSE(enable_work(work));
	EXPECT_TRUE(enable_work(work));
}

/* U27: the kernel would remove the pending instance. */
TEST_F(item, an_enable_too_many_is_reported_and_takes_nothing)
{
	struct blocker blocker;
	struct workqueue_struct *one = alloc_ordered_workqueue("one", 0);
	unsigned long warned = uwq_warn_count();

	log_count("which is not disabled");
	EXPECT_TRUE(enable_work(&self->dwork.work));
	EXPECT_EQ(warned + 1, uwq_warn_count());
	blocker_start(&blocker, one);
	queue_work(one, &self->dwork.work);
	EXPECT_TRUE(enable_work(&self->dwork.work));
	EXPECT_TRUE(work_pending(&self->dwork.work));
	blocker_release(&blocker);
	flush_work(&self->dwork.work);
	EXPECT_EQ(1, GET(runs));

	queue_delayed_work(one, &self->dwork, 3600 * HZ);
	EXPECT_TRUE(enable_delayed_work(&self->dwork));
	EXPECT_TRUE(delayed_work_pending(&self->dwork));
	EXPECT_TRUE(cancel_delayed_work(&self->dwork));
	destroy_workqueue(one);
}

/* Waits at a gate, so that it may be a bottom half. */
struct requeuer {
	struct work_struct work;
	struct gate begun, go;
	struct workqueue_struct *wq;
	bool accepted;
};

static void requeuer_func(struct work_struct *work)
{
	struct requeuer *requeuer = container_of(work, struct requeuer, work);

	gate_open(&requeuer->begun);
	gate_wait(&requeuer->go);
	requeuer->accepted = queue_work(requeuer->wq, work);
}

TEST_F(item, disabling_a_running_item_returns_at_once)
{
	struct requeuer requeuer = { .wq = self->wq, .accepted = true };

	INIT_WORK(&requeuer.work, requeuer_func);
	queue_work(self->wq, &requeuer.work);
	gate_wait(&requeuer.begun);
	EXPECT_FALSE(disable_work(&requeuer.work));
	EXPECT_EQ(WORK_BUSY_RUNNING, work_busy(&requeuer.work));
	gate_open(&requeuer.go);
	flush_work(&requeuer.work);
	EXPECT_FALSE(requeuer.accepted);
}

TEST_F(item, a_disabled_rcu_work_is_reported)
{
	struct rcu_work rwork;
	unsigned long warned = uwq_warn_count();

	log_count("is disabled");
	INIT_RCU_WORK(&rwork, count_run);
	disable_work(&rwork.work);
	EXPECT_FALSE(queue_rcu_work(self->wq, &rwork));
	EXPECT_FALSE(queue_rcu_work(self->wq, &rwork));
	EXPECT_EQ(warned + 2, uwq_warn_count());
	EXPECT_TRUE(enable_work(&rwork.work));
	EXPECT_TRUE(queue_rcu_work(self->wq, &rwork));
	/* may have run by now */
	flush_rcu_work(&rwork);
	EXPECT_EQ(1, GET(runs));
}

/* C72: the timer is about to queue the item; whoever wins, it does not run afterwards. */
TEST_F(item, disabling_races_the_timer)
{
	for (int round = 0; round < 200; round++) {
		int before;

		queue_delayed_work(self->wq, &self->dwork, 1);
		while (timer_pending(&self->dwork.timer))
			nap_us(20);
		disable_delayed_work_sync(&self->dwork);
		before = GET(runs);
		flush_workqueue(self->wq);
		ASSERT_EQ(before, GET(runs));
		ASSERT_FALSE(delayed_work_pending(&self->dwork));
		ASSERT_TRUE(enable_delayed_work(&self->dwork));
	}
}

static void *disable_thread(void *dwork)
{
	return (void *)(long)disable_delayed_work_sync((struct delayed_work *)dwork);
}

TEST_F(item, disabling_while_the_timer_queues_waits_for_it)
{
	pthread_t disabler;
	void *removed;

	hold_next("delayed_timer_fired");
	queue_delayed_work(self->wq, &self->dwork, 1);
	hold_wait();
	disabler = start_thread(disable_thread, &self->dwork);
	hold_release();
	pthread_join(disabler, &removed);
	flush_workqueue(self->wq);
	/* removed before it ran, or ran and was waited for: one of the two */
	EXPECT_EQ(1, (long)removed + GET(runs));
	EXPECT_TRUE(enable_delayed_work(&self->dwork));
}

static void *queue_the_item(void *arg)
{
	FIXTURE_DATA(item) *self = arg;

	return (void *)(long)queue_work(self->wq, &self->dwork.work);
}

/* The call has seen an idle item that is not disabled, and is about to take it. */
TEST_F(item, call_that_looked_before_is_refused)
{
	pthread_t queuer;
	void *queued;

	hold_next("pending_looked");
	queuer = start_thread(queue_the_item, self);
	hold_wait();
	EXPECT_FALSE(disable_delayed_work(&self->dwork));
	hold_release();
	pthread_join(queuer, &queued);
	EXPECT_NULL(queued);
	flush_workqueue(self->wq);
	EXPECT_EQ(0, GET(runs));
	EXPECT_TRUE(enable_delayed_work(&self->dwork));
}

TEST_HARNESS_MAIN
