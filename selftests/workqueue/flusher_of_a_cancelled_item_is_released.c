// SPDX-License-Identifier: MIT
/*
 * Proves C35 and catches B68: somebody who flushes a pending item that is then cancelled is
 * released when a worker reaches the barrier, and told true; it does not wait for
 * an active slot even if the item was still held back by the limit.
 */
#include "wq_test.h"

static void *flush(void *work)
{
	return (void *)(long)flush_work(work);
}

FIXTURE(queue) {
	struct workqueue_struct *wq;
	struct blocker blocker;
	struct counter item, behind;
	pthread_t flushers[3];
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
	int max_active;
	bool (*take)(struct work_struct *work);
};

FIXTURE_VARIANT_ADD(queue, percpu_inactive) {
	.flags = WQ_PERCPU, .max_active = 1, .take = cancel_work,
};
FIXTURE_VARIANT_ADD(queue, percpu_inactive_disabled) {
	.flags = WQ_PERCPU, .max_active = 1, .take = disable_work,
};
FIXTURE_VARIANT_ADD(queue, percpu_inactive_sync) {
	.flags = WQ_PERCPU, .max_active = 1, .take = cancel_work_sync,
};
FIXTURE_VARIANT_ADD(queue, unbound_inactive) {
	.flags = WQ_UNBOUND, .max_active = 1, .take = cancel_work,
};
FIXTURE_VARIANT_ADD(queue, ordered) {
	.flags = WQ_UNBOUND | __WQ_ORDERED, .max_active = 1, .take = cancel_work,
};

FIXTURE_SETUP(queue)
{
	int i;

	self->wq = alloc_workqueue("flushed", variant->flags, variant->max_active);
	ASSERT_NOT_NULL(self->wq);
	counter_init(&self->item);
	counter_init(&self->behind);
	blocker_start_on(&self->blocker, 0, self->wq);
	ASSERT_TRUE(queue_work_on(0, self->wq, &self->item.work));
	ASSERT_TRUE(queue_work_on(0, self->wq, &self->behind.work));
	for (i = 0; i < 3; i++)
		self->flushers[i] = start_thread(flush, &self->item.work);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(self->wq) == 6));
}

FIXTURE_TEARDOWN(queue)
{
	blocker_release(&self->blocker);
	flush_workqueue(self->wq);
	EXPECT_EQ(0, GET(self->item.runs));
	EXPECT_EQ(1, GET(self->behind.runs));
	EXPECT_EQ(0, items_in_flight(self->wq));
	destroy_workqueue(self->wq);
}

static void join(struct __test_metadata *_metadata, FIXTURE_DATA(queue) *self)
{
	void *waited;

	for (int i = 0; i < 3; i++) {
		pthread_join(self->flushers[i], &waited);
		EXPECT_EQ((void *)1, waited);
	}
}

TEST_F(queue, flushers_return_while_the_head_still_blocks)
{
	EXPECT_TRUE(variant->take(&self->item.work));
	join(_metadata, self);
	EXPECT_EQ(0, GET(self->blocker.runs));
	EXPECT_EQ(0, GET(self->behind.runs));
}

/* An active one, which waits for its worker only: the barrier stays where it was. */
TEST(flusher_of_an_active_item)
{
	struct workqueue_struct *wq = alloc_workqueue("flushed", WQ_PERCPU, 0);
	struct counter first, item;
	pthread_t flusher;
	void *waited;

	ASSERT_NOT_NULL(wq);
	counter_init(&first);
	counter_init(&item);
	/* the worker is held in front of its function: it is running, nobody replaces it */
	hold_next("worker_call");
	ASSERT_TRUE(queue_work_on(0, wq, &first.work));
	hold_wait();
	ASSERT_TRUE(queue_work_on(0, wq, &item.work));
	flusher = start_thread(flush, &item.work);
	if (!COMES_TRUE(items_in_flight(wq) == 3 || GET(item.runs)))
		ASSERT_TRUE(false);
	/* unless the monitor was quick to send another worker */
	if (cancel_work(&item.work))
		EXPECT_EQ(0, GET(item.runs));
	hold_release();
	pthread_join(flusher, &waited);
	flush_workqueue(wq);
	EXPECT_EQ(0, items_in_flight(wq));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
