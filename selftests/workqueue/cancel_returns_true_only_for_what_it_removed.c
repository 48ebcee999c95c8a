// SPDX-License-Identifier: MIT
/*
 * Proves C56, C61, C65 with U30, B51, B52: the value of cancel in the five states of an item, with
 * every form; a zeroed item is reported.
 */
#include "wq_test.h"

struct item {
	struct delayed_work dwork;
	struct completion started, release;
	bool sleeps;
};

static void item_func(struct work_struct *work)
{
	struct item *item = container_of(to_delayed_work(work), struct item, dwork);

	complete(&item->started);
	if (item->sleeps)
		wait_for_completion(&item->release);
}

static void item_init(struct item *item, bool sleeps)
{
	INIT_DELAYED_WORK(&item->dwork, item_func);
	init_completion(&item->started);
	init_completion(&item->release);
	item->sleeps = sleeps;
}

typedef bool (*cancel_form)(struct delayed_work *dwork);

static bool plain(struct delayed_work *dwork)
{
	return cancel_work(&dwork->work);
}

static bool plain_sync(struct delayed_work *dwork)
{
	return cancel_work_sync(&dwork->work);
}

static bool disabling(struct delayed_work *dwork)
{
	bool removed = disable_work(&dwork->work);

	enable_work(&dwork->work);
	return removed;
}

static bool disabling_sync(struct delayed_work *dwork)
{
	bool removed = disable_delayed_work_sync(dwork);

	enable_delayed_work(dwork);
	return removed;
}

FIXTURE(form) {
	struct workqueue_struct *wq;
	struct blocker blocker;	/* holds the only slot */
	struct item item;
};

FIXTURE_VARIANT(form) {
	cancel_form cancel;
	bool delayed;		/* takes timers */
	bool sync;
};

FIXTURE_VARIANT_ADD(form, cancel_work) { .cancel = plain };
FIXTURE_VARIANT_ADD(form, cancel_work_sync) { .cancel = plain_sync, .sync = true };
FIXTURE_VARIANT_ADD(form, cancel_delayed_work) {
	.cancel = cancel_delayed_work, .delayed = true,
};
FIXTURE_VARIANT_ADD(form, cancel_delayed_work_sync) {
	.cancel = cancel_delayed_work_sync, .delayed = true, .sync = true,
};
FIXTURE_VARIANT_ADD(form, disable_work) { .cancel = disabling };
FIXTURE_VARIANT_ADD(form, disable_delayed_work_sync) {
	.cancel = disabling_sync, .delayed = true, .sync = true,
};

FIXTURE_SETUP(form)
{
	self->wq = alloc_workqueue("cancelled", WQ_UNBOUND, 1);
	ASSERT_NOT_NULL(self->wq);
	item_init(&self->item, false);
}

FIXTURE_TEARDOWN(form)
{
	destroy_workqueue(self->wq);
}

TEST_F(form, idle_is_false)
{
	EXPECT_FALSE(variant->cancel(&self->item.dwork));
	queue_work(self->wq, &self->item.dwork.work);
	flush_work(&self->item.dwork.work);
	EXPECT_FALSE(variant->cancel(&self->item.dwork));
}

/* The others: see plain_form_on_an_armed_item_is_reported. */
TEST_F_FOR(form, armed_is_true, variant->delayed)
{
	queue_delayed_work(self->wq, &self->item.dwork, 3600 * HZ);
	EXPECT_TRUE(variant->cancel(&self->item.dwork));
	EXPECT_FALSE(delayed_work_pending(&self->item.dwork));
}

TEST_F(form, queued_is_true_and_it_does_not_run)
{
	blocker_start(&self->blocker, self->wq);
	queue_work(self->wq, &self->item.dwork.work);
	EXPECT_TRUE(variant->cancel(&self->item.dwork));
	EXPECT_FALSE(work_pending(&self->item.dwork.work));
	blocker_release(&self->blocker);
	flush_workqueue(self->wq);
	EXPECT_FALSE(completion_done(&self->item.started));
	/* and it can be queued again */
	EXPECT_TRUE(queue_work(self->wq, &self->item.dwork.work));
	flush_work(&self->item.dwork.work);
	EXPECT_TRUE(completion_done(&self->item.started));
}

static void *release_soon(void *arg)
{
	struct item *item = arg;

	/* cancel_sync has disabled the item before it waits */
	COMES_TRUE(disable_depth(&item->dwork.work) > 0);
	complete(&item->release);
	return NULL;
}

TEST_F(form, running_is_false)
{
	struct item *item = &self->item;
	pthread_t releaser;

	item_init(item, true);
	queue_work(self->wq, &item->dwork.work);
	wait_for_completion(&item->started);
	if (variant->sync) {
		releaser = start_thread(release_soon, item);
		EXPECT_FALSE(variant->cancel(&item->dwork));
		EXPECT_EQ(0, work_busy(&item->dwork.work));
		pthread_join(releaser, NULL);
	} else {
		EXPECT_FALSE(variant->cancel(&item->dwork));
		EXPECT_EQ(WORK_BUSY_RUNNING, work_busy(&item->dwork.work));
		complete(&item->release);
	}
}

TEST_F(form, running_and_queued_is_true_and_runs_once)
{
	struct item *item = &self->item;
	pthread_t releaser;

	item_init(item, true);
	queue_work(self->wq, &item->dwork.work);
	wait_for_completion(&item->started);
	EXPECT_TRUE(queue_work(self->wq, &item->dwork.work));
	if (variant->sync) {
		releaser = start_thread(release_soon, item);
		EXPECT_TRUE(variant->cancel(&item->dwork));
		pthread_join(releaser, NULL);
	} else {
		EXPECT_TRUE(variant->cancel(&item->dwork));
		complete(&item->release);
	}
	flush_workqueue(self->wq);
	EXPECT_FALSE(completion_done(&item->started));
}

TEST(a_zeroed_item_is_reported)
{
	struct delayed_work zeroed = { 0 };
	unsigned long warned = uwq_warn_count();

	log_count("never initialised");
	EXPECT_FALSE(cancel_work_sync(&zeroed.work));
	EXPECT_FALSE(cancel_work(&zeroed.work));
	EXPECT_FALSE(cancel_delayed_work_sync(&zeroed));
	EXPECT_FALSE(flush_work(&zeroed.work));
	EXPECT_LE(warned + 4, uwq_warn_count());
	EXPECT_LT(0, GET(log_hits));
}

/* U30, C65 */
TEST(plain_form_on_an_armed_item_is_reported_and_takes_the_timer)
{
	struct workqueue_struct *wq = alloc_workqueue("armed", WQ_UNBOUND, 0);
	struct item item;
	unsigned long warned = uwq_warn_count();

	log_count("use the delayed form");
	item_init(&item, false);
	queue_delayed_work(wq, &item.dwork, 3600 * HZ);
	EXPECT_TRUE(cancel_work(&item.dwork.work));
	EXPECT_FALSE(delayed_work_pending(&item.dwork));
	EXPECT_FALSE(timer_pending(&item.dwork.timer));
	queue_delayed_work(wq, &item.dwork, 3600 * HZ);
	EXPECT_TRUE(cancel_work_sync(&item.dwork.work));
	queue_delayed_work(wq, &item.dwork, 3600 * HZ);
	EXPECT_TRUE(disable_work_sync(&item.dwork.work));
	EXPECT_TRUE(enable_work(&item.dwork.work));
	EXPECT_LT(warned, uwq_warn_count());
	EXPECT_LT(0, GET(log_hits));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
