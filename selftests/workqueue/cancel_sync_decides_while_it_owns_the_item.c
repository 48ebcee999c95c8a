// SPDX-License-Identifier: MIT
/*
 * Proves C57, C58, C15: cancel_work_sync() asks whether the item runs while it owns it, so
 * the answer holds until it gives the item back. A run that begins while the call is on its
 * way is waited for; so is the run behind a queued instance that was taken; an item that
 * does not run is never disabled, not even for a moment. Whatever others cancel and flush
 * at the same time, afterwards nothing runs, and all that the runs did is visible.
 */
#include "wq_test.h"

static struct workqueue_struct *queues[3];

FIXTURE(queues) {
};

FIXTURE_SETUP(queues)
{
	queues[0] = alloc_workqueue("first", WQ_UNBOUND, 1);
	queues[1] = alloc_workqueue("second", WQ_PERCPU, 0);
	queues[2] = alloc_workqueue("third", WQ_PERCPU | WQ_HIGHPRI, 0);
	for (int i = 0; i < 3; i++)
		ASSERT_NOT_NULL(queues[i]);
}

FIXTURE_TEARDOWN(queues)
{
	for (int i = 0; i < 3; i++)
		destroy_workqueue(queues[i]);
}

struct cancel {
	struct blocker *blocker;
	int returned;	/* atomic */
	bool taken;
	int runs;	/* finished ones at the return */
};

static void *cancel_sync(void *arg)
{
	struct cancel *cancel = arg;

	cancel->taken = cancel_work_sync(&cancel->blocker->work);
	cancel->runs = GET(cancel->blocker->runs);
	SET(cancel->returned, 1);
	return NULL;
}

TEST_F(queues, run_begins_while_it_is_on_its_way)
{
	struct blocker before, blocker;
	struct cancel cancel = { .blocker = &blocker };
	pthread_t canceller;

	blocker_init(&blocker);
	blocker_start(&before, queues[0]);
	ASSERT_TRUE(queue_work(queues[0], &blocker.work));
	hold_next("grab_seen_queued");
	canceller = start_thread(cancel_sync, &cancel);
	hold_wait();
	blocker_release(&before);
	wait_for_completion(&blocker.started);
	hold_release();
	ASSERT_TRUE(COMES_TRUE(disable_depth(&blocker.work) == 1));
	EXPECT_EQ(0, GET(cancel.returned));
	blocker_release(&blocker);
	pthread_join(canceller, NULL);
	EXPECT_FALSE(cancel.taken);
	EXPECT_EQ(1, cancel.runs);
	EXPECT_EQ(0, disable_depth(&blocker.work));
	flush_work(&before.work);
}

TEST_F(queues, run_behind_the_instance_that_was_taken)
{
	struct blocker blocker;
	struct cancel cancel = { .blocker = &blocker };
	pthread_t canceller;

	blocker_start(&blocker, queues[0]);
	ASSERT_TRUE(queue_work(queues[0], &blocker.work));
	canceller = start_thread(cancel_sync, &cancel);
	ASSERT_TRUE(COMES_TRUE(disable_depth(&blocker.work) == 1));
	EXPECT_EQ(0, GET(cancel.returned));
	EXPECT_FALSE(queue_work(queues[0], &blocker.work));
	blocker_release(&blocker);
	pthread_join(canceller, NULL);
	EXPECT_TRUE(cancel.taken);
	EXPECT_EQ(1, cancel.runs);
}

TEST_F(queues, idle_item_is_never_disabled)
{
	struct blocker blocker;
	struct cancel cancel = { .blocker = &blocker };
	pthread_t canceller;

	blocker_start(&blocker, queues[0]);
	blocker_release(&blocker);
	flush_work(&blocker.work);
	hold_next("cancel_gave_back");
	canceller = start_thread(cancel_sync, &cancel);
	hold_wait();
	EXPECT_EQ(0, disable_depth(&blocker.work));
	EXPECT_TRUE(queue_work(queues[0], &blocker.work));
	hold_release();
	pthread_join(canceller, NULL);
	EXPECT_FALSE(cancel.taken);
	blocker_release(&blocker);
	flush_work(&blocker.work);
	EXPECT_EQ(2, GET(blocker.runs));
}

/* ---- all at once ---- */

struct stormy {
	struct work_struct work;
	long begun, ended;	/* plain: one run after the other */
	int hops;		/* plain: how often it still queues itself elsewhere */
	int late;		/* atomic: a run after the cancel */
	int quiet, stop;	/* atomic */
};

static void stormy_func(struct work_struct *work)
{
	struct stormy *item = container_of(work, struct stormy, work);

	item->begun++;
	if (GET(item->quiet))
		ADD(item->late, 1);
	if (item->hops > 0) {
		item->hops--;
		/* the same pool as long as the run goes on: runs follow each other */
		queue_work(queues[0], work);
	}
	item->ended++;
}

static void *others_cancel(void *arg)
{
	struct stormy *item = arg;

	while (!GET(item->stop)) {
		cancel_work_sync(&item->work);
		cancel_work(&item->work);
		cpu_relax();
	}
	return NULL;
}

static void *others_flush(void *arg)
{
	struct stormy *item = arg;

	while (!GET(item->stop)) {
		flush_work(&item->work);
		flush_workqueue(queues[0]);
	}
	return NULL;
}

TEST_F(queues, nothing_runs_afterwards_whatever_others_do)
{
	struct stormy item = { .begun = 0 };
	long until = now_ms() + 8000, runs = 0, taken = 0;
	pthread_t canceller, flusher;
	int round;

	INIT_WORK(&item.work, stormy_func);
	canceller = start_thread(others_cancel, &item);
	flusher = start_thread(others_flush, &item);
	for (round = 0; go_on(round, ROUNDS(100000), until); round++) {
		SET(item.quiet, 0);
		item.hops = round % 4;
		queue_work(queues[0], &item.work);
		for (int i = round % 200; i; i--)
			cpu_relax();
		taken += cancel_work_sync(&item.work);
		SET(item.quiet, 1);
		/* plain reads: the race detector has to agree that the runs are over */
		ASSERT_EQ(item.begun, item.ended);
		runs = item.ended;
	}
	SET(item.stop, 1);
	pthread_join(canceller, NULL);
	pthread_join(flusher, NULL);
	EXPECT_EQ(0, GET(item.late));
	TH_LOG("%d rounds, %ld runs, %ld taken here", round, runs, taken);
}

TEST_HARNESS_MAIN
