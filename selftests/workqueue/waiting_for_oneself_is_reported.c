// SPDX-License-Identifier: MIT
/*
 * Proves C38 with U26: a function that flushes or cancel_syncs its own item would wait for
 * ever. It is reported, and the call returns; the cancel does the part of its work that
 * does not wait.
 */
#include "wq_test.h"

struct narcissus {
	struct work_struct work;
	struct workqueue_struct *wq;
	bool (*call)(struct work_struct *work);
	int answer, runs, refused;	/* atomic */
	bool requeue;
};

static void wait_for_myself(struct work_struct *work)
{
	struct narcissus *item = container_of(work, struct narcissus, work);

	if (ADD(item->runs, 1) > 1)
		return;
	if (item->requeue && !queue_work(item->wq, work))
		ADD(item->refused, 1);
	SET(item->answer, item->call(work));
}

FIXTURE(item) {
	struct narcissus item;
	unsigned long warned;
};

FIXTURE_VARIANT(item) {
	bool (*call)(struct work_struct *work);
	bool requeue;
	int answer, runs;
};

FIXTURE_VARIANT_ADD(item, flush) { .call = flush_work, .runs = 1 };
FIXTURE_VARIANT_ADD(item, flush_queued) { .call = flush_work, .requeue = true, .runs = 2 };
FIXTURE_VARIANT_ADD(item, cancel_sync) { .call = cancel_work_sync, .runs = 1 };
FIXTURE_VARIANT_ADD(item, cancel_sync_queued) {
	.call = cancel_work_sync, .requeue = true, .answer = true, .runs = 1,
};
FIXTURE_VARIANT_ADD(item, disable_sync) { .call = disable_work_sync, .runs = 1 };

FIXTURE_SETUP(item)
{
	log_count("from inside its own function");
	self->item.wq = alloc_workqueue("self", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(self->item.wq);
	self->item.call = variant->call;
	self->item.requeue = variant->requeue;
	INIT_WORK(&self->item.work, wait_for_myself);
	self->warned = uwq_warn_count();
}

FIXTURE_TEARDOWN(item)
{
	destroy_workqueue(self->item.wq);
}

TEST_F(item, is_reported_and_returns)
{
	SET(self->item.answer, -1);
	ASSERT_TRUE(queue_work(self->item.wq, &self->item.work));
	flush_workqueue(self->item.wq);
	flush_work(&self->item.work);
	EXPECT_EQ(variant->answer, GET(self->item.answer));
	EXPECT_EQ(variant->runs, GET(self->item.runs));
	EXPECT_EQ(0, GET(self->item.refused));
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(self->warned + 1, uwq_warn_count());
}

/* Not a false alarm: another item, and the same item from another function. */
static void flush_other(struct work_struct *work)
{
	struct narcissus *item = container_of(work, struct narcissus, work);
	struct counter other;

	counter_init(&other);
	queue_work(item->wq, &other.work);
	flush_work(&other.work);
	queue_work(item->wq, &other.work);
	cancel_work_sync(&other.work);
	SET(item->answer, GET(other.runs));
}

TEST_F(item, other_items_may_be_waited_for)
{
	INIT_WORK(&self->item.work, flush_other);
	ASSERT_TRUE(queue_work(self->item.wq, &self->item.work));
	flush_work(&self->item.work);
	EXPECT_LE(1, GET(self->item.answer));
	EXPECT_EQ(self->warned, uwq_warn_count());
}

TEST_HARNESS_MAIN
