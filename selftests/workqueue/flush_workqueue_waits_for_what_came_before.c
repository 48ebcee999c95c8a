// SPDX-License-Identifier: MIT
/*
 * Proves C39, C40, C43, B57's sibling: flush_workqueue() waits for everything queued
 * before, on all CPUs, active or held back by the limit; not for what comes later, not
 * for armed timers, and it ends although others never stop queueing.
 */
#include "wq_test.h"

#define NR_ITEMS	10000

static struct counter counters[NR_ITEMS];

FIXTURE(queue) {
	struct workqueue_struct *wq;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
	int max_active;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, one_slot) { .flags = WQ_UNBOUND, .max_active = 1 };
FIXTURE_VARIANT_ADD(queue, bottom_half) { .flags = WQ_BH | WQ_PERCPU };

FIXTURE_SETUP(queue)
{
	self->wq = alloc_workqueue("flushed", variant->flags, variant->max_active);
	ASSERT_NOT_NULL(self->wq);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

TEST_F(queue, all_items_on_all_cpus)
{
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < NR_ITEMS; i++) {
			counter_init(&counters[i]);
			ASSERT_TRUE(queue_work_on(i % nr_cpu_ids, self->wq, &counters[i].work));
		}
		flush_workqueue(self->wq);
		for (int i = 0; i < NR_ITEMS; i++)
			ASSERT_EQ(1, GET(counters[i].runs));
	}
}

/* Requeues itself until told otherwise: there is always a later item. */
struct endless {
	struct work_struct work;
	struct workqueue_struct *wq;
	int stop;	/* atomic */
	int runs;	/* atomic */
};

static void endless_func(struct work_struct *work)
{
	struct endless *endless = container_of(work, struct endless, work);

	ADD(endless->runs, 1);
	if (!GET(endless->stop))
		queue_work(endless->wq, work);
}

TEST_F(queue, later_items_are_not_waited_for)
{
	struct endless endless = { .wq = self->wq };

	INIT_WORK(&endless.work, endless_func);
	queue_work(self->wq, &endless.work);
	for (int i = 0; i < 100; i++)
		flush_workqueue(self->wq);
	SET(endless.stop, 1);
	/* a run that goes on may have looked before, and queue it once more: two flushes */
	flush_work(&endless.work);
	flush_work(&endless.work);
	EXPECT_LT(0, GET(endless.runs));
}

TEST_F(queue, armed_items_are_not_seen)
{
	struct delayed_work dwork;

	INIT_DELAYED_WORK(&dwork, counter_func);
	ASSERT_TRUE(queue_delayed_work(self->wq, &dwork, 3600 * HZ));
	flush_workqueue(self->wq);
	EXPECT_TRUE(delayed_work_pending(&dwork));
	EXPECT_TRUE(cancel_delayed_work_sync(&dwork));
}

/* One thread sleeps in a flush while another item of the queue is blocked. */
static void *flush_thread(void *wq)
{
	flush_workqueue((struct workqueue_struct *)wq);
	return NULL;
}

TEST(a_flush_waits_for_a_blocked_item_and_not_for_a_later_one)
{
	struct workqueue_struct *wq = alloc_workqueue("flushed", WQ_UNBOUND, 0);
	struct blocker first, later;
	pthread_t flusher;

	blocker_start(&first, wq);
	flusher = start_thread(flush_thread, wq);
	/* the flush has begun when the queue has a new colour */
	ASSERT_TRUE(COMES_TRUE(UNDER_MUTEX(wq, wq->work_color) != 0));
	blocker_start(&later, wq);
	EXPECT_EQ(EBUSY, pthread_tryjoin_np(flusher, NULL));
	blocker_release(&first);
	pthread_join(flusher, NULL);
	EXPECT_EQ(1, GET(first.runs));
	EXPECT_EQ(0, GET(later.runs));
	blocker_release(&later);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
