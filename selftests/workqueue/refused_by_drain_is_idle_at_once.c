// SPDX-License-Identifier: MIT
/*
 * Proves C4 and U28 and catches B3: while a queue is drained or destroyed, a call
 * from outside is told true, warned about once, and the item is dropped and idle at
 * once; after the drain the next call works. An item refused when its timer fired
 * does not keep PENDING either. The drain is held open by an item that blocks.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

#include "kernel-compat/fake_clock.h"

static void *drain(void *wq)
{
	drain_workqueue(wq);
	return NULL;
}

static void *destroy(void *wq)
{
	destroy_workqueue(wq);
	return NULL;
}

FIXTURE(drained) {
	struct workqueue_struct *wq;
	struct blocker blocker;
	struct counter item;
	pthread_t thread;
};

FIXTURE_VARIANT(drained) {
	unsigned int flags;
	void *(*call)(void *wq);
	const char *message;
};

FIXTURE_VARIANT_ADD(drained, percpu) {
	.flags = WQ_PERCPU, .call = drain, .message = "drained: it is being drained",
};
FIXTURE_VARIANT_ADD(drained, unbound) {
	.flags = WQ_UNBOUND, .call = drain, .message = "drained: it is being drained",
};
FIXTURE_VARIANT_ADD(drained, destroyed) {
	.flags = WQ_PERCPU, .call = destroy, .message = "drained: it is being destroyed",
};

FIXTURE_SETUP(drained)
{
	struct blocker probe;

	log_count(variant->message);
	self->wq = alloc_workqueue("drained", variant->flags, 1);
	ASSERT_NOT_NULL(self->wq);
	counter_init(&self->item);
	blocker_start_on(&self->blocker, 0, self->wq);
	blocker_init(&probe);
	self->thread = start_thread(variant->call, self->wq);
	/* the drain has begun when a probe, which else waits behind the blocker, is refused */
	ASSERT_TRUE(COMES_TRUE((cancel_work(&probe.work), queue_work_on(0, self->wq, &probe.work),
				!work_pending(&probe.work))));
	uwq_warn_reset_once();
	SET(log_hits, 0);
}

FIXTURE_TEARDOWN(drained)
{
	blocker_release(&self->blocker);
	pthread_join(self->thread, NULL);
	if (variant->call == drain)
		destroy_workqueue(self->wq);
}

TEST_F(drained, call_from_outside_is_told_true_and_dropped)
{
	for (int i = 0; i < 3; i++) {
		unsigned long warned = uwq_warn_count();

		EXPECT_TRUE(queue_work(self->wq, &self->item.work));
		EXPECT_FALSE(work_pending(&self->item.work));
		EXPECT_FALSE(cancel_work_sync(&self->item.work));
		EXPECT_EQ(warned + 1, uwq_warn_count());
	}
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(0, GET(self->item.runs));
}

TEST_F(drained, next_call_after_the_drain_works)
{
	EXPECT_TRUE(queue_work(self->wq, &self->item.work));
	if (variant->call != drain)
		return;
	blocker_release(&self->blocker);
	pthread_join(self->thread, NULL);
	EXPECT_EQ(0, GET(self->item.runs));
	EXPECT_TRUE(queue_work(self->wq, &self->item.work));
	EXPECT_TRUE(flush_work(&self->item.work) || GET(self->item.runs));
	EXPECT_EQ(1, GET(self->item.runs));
	/* for the teardown */
	blocker_start(&self->blocker, self->wq);
	self->thread = start_thread(drain, self->wq);
}

static void delayed_func(struct work_struct *work)
{
	(void)work;
	abort();
}

TEST_F(drained, item_refused_when_its_timer_fires_is_idle)
{
	struct delayed_work dwork;

	INIT_DELAYED_WORK(&dwork, delayed_func);
	uwq_fake_clock_enable();
	EXPECT_TRUE(queue_delayed_work(self->wq, &dwork, 5));
	EXPECT_TRUE(delayed_work_pending(&dwork));
	/* returns when the callback has returned */
	uwq_fake_clock_advance(20 * NSEC_PER_MSEC);
	uwq_fake_clock_disable();
	EXPECT_FALSE(delayed_work_pending(&dwork));
	EXPECT_FALSE(cancel_delayed_work_sync(&dwork));
	EXPECT_FALSE(flush_delayed_work(&dwork));
}

TEST_HARNESS_MAIN_CPUS(4)
