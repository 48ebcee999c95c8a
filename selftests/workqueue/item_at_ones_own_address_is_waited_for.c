// SPDX-License-Identifier: MIT
/*
 * Proves C57 and C31 together with U26: a function that has freed its item may get the
 * same memory for a new one. Waiting for the new one is not waiting for itself, so
 * flush_work() and cancel_work_sync() wait, and nothing is reported. The memory is
 * initialised anew instead of freed, so that the address is the same for certain.
 */
#include "wq_test.h"

static struct workqueue_struct *wq;
static struct gate second_started;
static int second_over;		/* atomic */
static int over_when_waited;	/* what the first function saw after it had waited */

static void second_func(struct work_struct *work)
{
	(void)work;
	gate_open(&second_started);
	nap_us(20000);
	SET(second_over, 1);
}

static void make_second(struct work_struct *work)
{
	INIT_WORK(work, second_func);
	queue_work(wq, work);
}

static void first_flushes(struct work_struct *work)
{
	make_second(work);
	flush_work(work);
	over_when_waited = GET(second_over);
}

static void first_cancels(struct work_struct *work)
{
	make_second(work);
	gate_wait(&second_started);
	cancel_work_sync(work);
	over_when_waited = GET(second_over);
}

FIXTURE(address) {
	struct work_struct work;
};

FIXTURE_VARIANT(address) {
	work_func_t first;
};

FIXTURE_VARIANT_ADD(address, flush) { .first = first_flushes };
FIXTURE_VARIANT_ADD(address, cancel_sync) { .first = first_cancels };

FIXTURE_SETUP(address)
{
	gate_close(&second_started);
	SET(second_over, 0);
	over_when_waited = 0;
	wq = alloc_workqueue("address", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(wq);
	INIT_WORK(&self->work, variant->first);
}

FIXTURE_TEARDOWN(address)
{
	destroy_workqueue(wq);
}

TEST_F(address, the_new_item_is_waited_for)
{
	unsigned long warned = uwq_warn_count();

	queue_work(wq, &self->work);
	drain_workqueue(wq);
	EXPECT_EQ(GET(second_over), 1);
	EXPECT_EQ(over_when_waited, 1);
	EXPECT_EQ(uwq_warn_count(), warned);
}

TEST_HARNESS_MAIN
