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

/* The second instance is in the inbox, or if @listed among those that wait for a slot. */
static void check_run_behind(struct __test_metadata *_metadata, bool listed)
{
	struct blocker blocker;
	struct cancel cancel = { .blocker = &blocker };
	pthread_t canceller;

	blocker_start(&blocker, queues[0]);
	ASSERT_TRUE(queue_work(queues[0], &blocker.work));
	if (listed)
		ASSERT_TRUE(workqueue_congested(WORK_CPU_UNBOUND, queues[0]));
	canceller = start_thread(cancel_sync, &cancel);
	ASSERT_TRUE(COMES_TRUE(disable_depth(&blocker.work) == 1));
	EXPECT_EQ(0, GET(cancel.returned));
	EXPECT_FALSE(queue_work(queues[0], &blocker.work));
	blocker_release(&blocker);
	pthread_join(canceller, NULL);
	EXPECT_TRUE(cancel.taken);
	EXPECT_EQ(1, cancel.runs);
}

TEST_F(queues, run_behind_the_instance_that_was_taken)
{
	check_run_behind(_metadata, false);
}

TEST_F(queues, run_behind_the_instance_that_was_taken_from_a_list)
{
	check_run_behind(_metadata, true);
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

/* ---- the second instance is in its timer ---- */

static struct {
	struct delayed_work dwork;
	struct completion started, release;
	bool ended;	/* plain */
	int returned;	/* atomic */
	bool taken;
} late;

static void late_func(struct work_struct *work)
{
	(void)work;
	complete(&late.started);
	wait_for_completion(&late.release);
	late.ended = true;
}

static void *cancel_late(void *arg)
{
	late.taken = cancel_delayed_work_sync(&late.dwork);
	/* the race detector has to agree that the run is over */
	*(bool *)arg = late.ended;
	SET(late.returned, 1);
	return NULL;
}

static void late_start(void)
{
	INIT_DELAYED_WORK(&late.dwork, late_func);
	init_completion(&late.started);
	init_completion(&late.release);
	queue_work(queues[0], &late.dwork.work);
	wait_for_completion(&late.started);
}

TEST_F(queues, run_behind_the_instance_that_was_taken_from_its_timer)
{
	pthread_t canceller;
	bool ended = false;

	late_start();
	ASSERT_TRUE(queue_delayed_work(queues[0], &late.dwork, 1000 * HZ));
	canceller = start_thread(cancel_late, &ended);
	ASSERT_TRUE(COMES_TRUE(disable_depth(&late.dwork.work) == 1));
	EXPECT_EQ(0, GET(late.returned));
	EXPECT_FALSE(queue_delayed_work(queues[0], &late.dwork, 1));
	complete(&late.release);
	pthread_join(canceller, NULL);
	EXPECT_TRUE(late.taken);
	EXPECT_TRUE(ended);
	EXPECT_EQ(0, disable_depth(&late.dwork.work));
}

/* That run has ended, and what it did is seen, though nobody was waited for. */
TEST_F(queues, instance_in_its_timer_after_a_run)
{
	bool ended = false;

	late_start();
	ASSERT_TRUE(queue_delayed_work(queues[0], &late.dwork, 1000 * HZ));
	complete(&late.release);
	ASSERT_TRUE(COMES_TRUE(!(work_busy(&late.dwork.work) & WORK_BUSY_RUNNING)));
	cancel_late(&ended);
	EXPECT_TRUE(late.taken);
	EXPECT_TRUE(ended);
}

/* ---- between the two looks at a worker: at its item, and at its function ---- */

static struct work_struct looked_at, next_one;
static int may_end, may_end_next;	/* atomic */
static int next_begun;			/* relaxed: it tells nobody of the run before */
static int effect;			/* plain */

static void affects(struct work_struct *work)
{
	(void)work;
	while (!GET(may_end))
		sched_yield();
	effect = 1;
}

static void begins(struct work_struct *work)
{
	(void)work;
	__atomic_store_n(&next_begun, 1, __ATOMIC_RELAXED);
	while (!GET(may_end_next))
		sched_yield();
}

static void *cancel_and_read(void *arg)
{
	int *seen = arg;

	cancel_work_sync(&looked_at);
	/* the race detector has to agree that the run is over */
	*seen = effect;
	return NULL;
}

TEST_F(queues, run_that_ends_between_two_looks)
{
	pthread_t canceller;
	int seen = 0;

	INIT_WORK(&looked_at, affects);
	INIT_WORK(&next_one, begins);
	queue_work(queues[0], &looked_at);
	ASSERT_TRUE(COMES_TRUE(!work_pending(&looked_at)));
	queue_work(queues[0], &next_one);
	hold_next("run_seen");
	canceller = start_thread(cancel_and_read, &seen);
	hold_wait();
	SET(may_end, 1);
	EXPECT_TRUE(COMES_TRUE(__atomic_load_n(&next_begun, __ATOMIC_RELAXED)));
	hold_release();
	pthread_join(canceller, NULL);
	EXPECT_EQ(1, seen);
	SET(may_end_next, 1);
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
