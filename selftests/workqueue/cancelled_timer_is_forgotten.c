// SPDX-License-Identifier: MIT
/*
 * Proves that what an item remembers about its timer (U30) ends with the timer: after an
 * armed item was cancelled, disabled, modified or flushed, the plain forms may be used on
 * it, also while somebody else is in the middle of queueing it, and report nothing.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

static struct workqueue_struct *wq;
static struct delayed_work dwork;
static int runs;	/* atomic */

static void count_run(struct work_struct *work)
{
	(void)work;
	ADD(runs, 1);
}

static bool by_cancel(void)
{
	return cancel_delayed_work(&dwork);
}

static bool by_cancel_sync(void)
{
	return cancel_delayed_work_sync(&dwork);
}

static bool by_disable(void)
{
	bool pending = disable_delayed_work_sync(&dwork);

	return enable_delayed_work(&dwork) && pending;
}

static bool by_mod(void)
{
	bool pending = mod_delayed_work(wq, &dwork, 0);

	flush_work(&dwork.work);
	return pending;
}

static bool by_flush(void)
{
	/* it may have run before there is anything to wait for */
	flush_delayed_work(&dwork);
	return true;
}

static bool by_expiry(void)
{
	mod_delayed_work(wq, &dwork, 1);
	return COMES_TRUE(!delayed_work_pending(&dwork)) && (flush_work(&dwork.work), true);
}

static void *queue(void *arg)
{
	queue_work(wq, &dwork.work);
	return arg;
}

static int backed_off;	/* atomic */

/* The submitter stands still; the canceller comes by while it waits for it. */
static void hook(const char *name)
{
	if (!strcmp(name, "grab_backoff") && ADD(backed_off, 1) == 3)
		hold_release();
	held_hook(name);
}

static void *cancel_plain(void *arg)
{
	cancel_work(&dwork.work);
	return arg;
}

FIXTURE(armed) {
};

FIXTURE_VARIANT(armed) {
	bool (*disarm)(void);
};

FIXTURE_VARIANT_ADD(armed, cancel) { .disarm = by_cancel };
FIXTURE_VARIANT_ADD(armed, cancel_sync) { .disarm = by_cancel_sync };
FIXTURE_VARIANT_ADD(armed, disable) { .disarm = by_disable };
FIXTURE_VARIANT_ADD(armed, mod) { .disarm = by_mod };
FIXTURE_VARIANT_ADD(armed, flush) { .disarm = by_flush };
FIXTURE_VARIANT_ADD(armed, expiry) { .disarm = by_expiry };

FIXTURE_SETUP(armed)
{
	wq = alloc_workqueue("timer", WQ_UNBOUND, 0);
	ASSERT_NOT_NULL(wq);
	INIT_DELAYED_WORK(&dwork, count_run);
}

FIXTURE_TEARDOWN(armed)
{
	cancel_delayed_work_sync(&dwork);
	destroy_workqueue(wq);
}

TEST_F(armed, then_the_plain_form_is_fine)
{
	pthread_t submitter, canceller;
	unsigned long warned = uwq_warn_count();

	log_count("");
	ASSERT_TRUE(queue_delayed_work(wq, &dwork, 1000 * HZ));
	ASSERT_TRUE(variant->disarm());
	EXPECT_EQ(0ul, work_data(&dwork.work) & WORK_OFFQ_ARMED);
	EXPECT_FALSE(cancel_work(&dwork.work));

	hold_next("queue_took_pending");
	SET(uwq_test_point_hook, hook);
	submitter = start_thread(queue, NULL);
	hold_wait();
	/* would take it for armed, and find no timer */
	canceller = start_thread(cancel_plain, NULL);
	pthread_join(canceller, NULL);
	pthread_join(submitter, NULL);
	EXPECT_LE(3, GET(backed_off));
	EXPECT_EQ(0, GET(log_hits));
	EXPECT_EQ(warned, uwq_warn_count());
}

TEST_HARNESS_MAIN
