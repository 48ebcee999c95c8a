// SPDX-License-Identifier: MIT
/*
 * Proves C57, C58, C59, C60, C62, C64, B4, B31, B33, B37, B42, B43, B47, B56, B62:
 * after cancel_work_sync() the item is neither pending nor running anywhere, though it
 * requeues itself, moves between queues, or is cancelled by many at once; while the
 * call waits, every attempt to queue is refused at the call.
 */
#include "wq_test.h"

static struct workqueue_struct *queues[3];

struct item {
	struct delayed_work dwork;
	int inside;	/* atomic */
	int runs;	/* atomic */
	int refused;	/* atomic */
	int requeue;	/* atomic: index of the queue + 1, or 0 */
	bool rearm;
};

static void item_func(struct work_struct *work)
{
	struct item *item = container_of(to_delayed_work(work), struct item, dwork);
	int requeue = GET(item->requeue);

	ADD(item->inside, 1);
	ADD(item->runs, 1);
	if (item->rearm)
		queue_delayed_work(queues[0], &item->dwork, 1);
	else if (requeue && !queue_work(queues[requeue - 1], work))
		ADD(item->refused, 1);
	ADD(item->inside, -1);
}

static void item_init(struct item *item)
{
	*item = (struct item){ 0 };
	INIT_DELAYED_WORK(&item->dwork, item_func);
}

FIXTURE(queues) {
};

FIXTURE_SETUP(queues)
{
	queues[0] = alloc_workqueue("first", WQ_PERCPU, 0);
	queues[1] = alloc_workqueue("second", WQ_UNBOUND, 0);
	queues[2] = alloc_workqueue("third", WQ_PERCPU | WQ_HIGHPRI, 0);
}

FIXTURE_TEARDOWN(queues)
{
	for (int i = 0; i < 3; i++)
		destroy_workqueue(queues[i]);
}

static void expect_quiet(struct __test_metadata *_metadata, struct item *item)
{
	int runs = GET(item->runs);

	EXPECT_EQ(0, GET(item->inside));
	EXPECT_FALSE(delayed_work_pending(&item->dwork));
	EXPECT_EQ(0, work_busy(&item->dwork.work));
	/* everything that could still come has gone through these */
	for (int i = 0; i < 3; i++)
		flush_workqueue(queues[i]);
	EXPECT_EQ(runs, GET(item->runs));
}

TEST_F(queues, self_requeueing)
{
	struct item item;

	for (int round = 0; round < ROUNDS(2000); round++) {
		item_init(&item);
		SET(item.requeue, 1 + round % 3);
		queue_work(queues[round % 3], &item.dwork.work);
		cancel_work_sync(&item.dwork.work);
		expect_quiet(_metadata, &item);
		/* usable again */
		SET(item.requeue, 0);
		ASSERT_TRUE(queue_work(queues[0], &item.dwork.work));
		cancel_work_sync(&item.dwork.work);
	}
}

TEST_F(queues, self_rearming)
{
	struct item item;

	for (int round = 0; round < 50; round++) {
		item_init(&item);
		item.rearm = true;
		queue_delayed_work(queues[0], &item.dwork, round % 3);
		if (round % 2)
			ASSERT_TRUE(COMES_TRUE(GET(item.runs) > 0));
		cancel_delayed_work_sync(&item.dwork);
		expect_quiet(_metadata, &item);
	}
}

/* Queues an item on all queues in turn until told to stop. */
struct mover {
	struct item item;
	int stop;	/* atomic */
	int moved;	/* atomic */
};

static void *move(void *arg)
{
	struct mover *mover = arg;

	for (int i = 0; !GET(mover->stop); i++)
		if (queue_work(queues[i % 3], &mover->item.dwork.work))
			ADD(mover->moved, 1);
	return NULL;
}

TEST_F(queues, moving_between_queues)
{
	for (int round = 0; round < ROUNDS(300); round++) {
		struct mover mover = { .stop = 0 };
		pthread_t thread;

		item_init(&mover.item);
		thread = start_thread(move, &mover);
		while (!GET(mover.moved))
			sched_yield();
		cancel_work_sync(&mover.item.dwork.work);
		SET(mover.stop, 1);
		pthread_join(thread, NULL);
		cancel_work_sync(&mover.item.dwork.work);
		expect_quiet(_metadata, &mover.item);
	}
}

/* An item that sleeps, for the tests in which somebody waits for it. */
struct sleeper {
	struct blocker blocker;
	int returned, trues;	/* atomic */
	int early;		/* atomic: returned while it ran */
};

static void *cancel_sleeper(void *arg)
{
	struct sleeper *sleeper = arg;

	if (cancel_work_sync(&sleeper->blocker.work))
		ADD(sleeper->trues, 1);
	if (!GET(sleeper->blocker.runs))
		ADD(sleeper->early, 1);
	ADD(sleeper->returned, 1);
	return NULL;
}

TEST_F(queues, many_cancellers_of_a_running_item)
{
	struct sleeper sleeper = { .returned = 0 };
	pthread_t threads[32];

	blocker_start(&sleeper.blocker, queues[1]);
	EXPECT_TRUE(queue_work(queues[1], &sleeper.blocker.work));
	for (int i = 0; i < 32; i++)
		threads[i] = start_thread(cancel_sleeper, &sleeper);
	ASSERT_TRUE(COMES_TRUE(disable_depth(&sleeper.blocker.work) == 32));
	EXPECT_EQ(0, GET(sleeper.returned));
	/* C58: refused at the call, not later */
	EXPECT_FALSE(queue_work(queues[1], &sleeper.blocker.work));
	EXPECT_FALSE(work_pending(&sleeper.blocker.work));
	blocker_release(&sleeper.blocker);
	for (int i = 0; i < 32; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(1, GET(sleeper.trues));
	EXPECT_EQ(0, GET(sleeper.early));
	EXPECT_EQ(1, GET(sleeper.blocker.runs));
	EXPECT_EQ(0, disable_depth(&sleeper.blocker.work));
	/* queueing works again */
	blocker_start(&sleeper.blocker, queues[1]);
	blocker_release(&sleeper.blocker);
	flush_work(&sleeper.blocker.work);
}

struct refusal {
	struct delayed_work dwork;
	struct completion started, release;
	bool queued, armed;
};

static void refusal_func(struct work_struct *work)
{
	struct refusal *refusal = container_of(to_delayed_work(work), struct refusal, dwork);

	complete(&refusal->started);
	wait_for_completion(&refusal->release);
	refusal->queued = queue_work(queues[0], work);
	refusal->armed = queue_delayed_work(queues[0], &refusal->dwork, 1);
}

static void *cancel_refusal(void *arg)
{
	struct refusal *refusal = arg;

	cancel_delayed_work_sync(&refusal->dwork);
	return NULL;
}

TEST_F(queues, its_own_function_is_refused_while_it_is_cancelled)
{
	struct refusal refusal = { .queued = true, .armed = true };
	pthread_t canceller;

	INIT_DELAYED_WORK(&refusal.dwork, refusal_func);
	init_completion(&refusal.started);
	init_completion(&refusal.release);
	queue_work(queues[0], &refusal.dwork.work);
	wait_for_completion(&refusal.started);
	canceller = start_thread(cancel_refusal, &refusal);
	ASSERT_TRUE(COMES_TRUE(disable_depth(&refusal.dwork.work) > 0));
	complete(&refusal.release);
	pthread_join(canceller, NULL);
	EXPECT_FALSE(refusal.queued);
	EXPECT_FALSE(refusal.armed);
	EXPECT_FALSE(delayed_work_pending(&refusal.dwork));
}

/* C62, stronger than the kernel: two runs in two pools, both are waited for. */
struct twice {
	struct work_struct work;
	struct completion started;
	struct completion release[2];
	int runs;	/* atomic: begun */
	int ended;	/* atomic */
};

static void twice_func(struct work_struct *work)
{
	struct twice *twice = container_of(work, struct twice, work);
	int nr = ADD(twice->runs, 1) - 1;

	complete(&twice->started);
	wait_for_completion(&twice->release[nr]);
	ADD(twice->ended, 1);
}

static void *cancel_twice(void *arg)
{
	struct twice *twice = arg;

	cancel_work_sync(&twice->work);
	return (void *)(long)GET(twice->ended);
}

static void two_runs(struct __test_metadata *_metadata, int first)
{
	struct twice twice = { .runs = 0 };
	pthread_t canceller;
	void *ended;

	INIT_WORK(&twice.work, twice_func);
	init_completion(&twice.started);
	init_completion(&twice.release[0]);
	init_completion(&twice.release[1]);
	queue_work(queues[0], &twice.work);
	wait_for_completion(&twice.started);
	queue_work(queues[1], &twice.work);
	wait_for_completion(&twice.started);
	canceller = start_thread(cancel_twice, &twice);
	ASSERT_TRUE(COMES_TRUE(disable_depth(&twice.work) > 0));
	complete(&twice.release[first]);
	ASSERT_TRUE(COMES_TRUE(GET(twice.ended) == 1));
	EXPECT_EQ(EBUSY, pthread_tryjoin_np(canceller, NULL));
	complete(&twice.release[!first]);
	pthread_join(canceller, &ended);
	EXPECT_EQ(2, (long)ended);
}

TEST_F(queues, runs_in_two_pools_first_ends_first)
{
	two_runs(_metadata, 0);
}

TEST_F(queues, runs_in_two_pools_second_ends_first)
{
	two_runs(_metadata, 1);
}

/* C64: in atomic context, for an item of a bottom-half queue. */
TEST_F(queues, bottom_half_items_in_atomic_context)
{
	struct workqueue_struct *bh = alloc_workqueue("bh", WQ_BH | WQ_PERCPU, 0);
	unsigned long warned = uwq_warn_count();
	struct item item;

	item_init(&item);
	SET(item.requeue, 0);
	for (int round = 0; round < ROUNDS(2000); round++) {
		queue_work(bh, &item.dwork.work);
		preempt_disable();
		cancel_work_sync(&item.dwork.work);
		preempt_enable();
		ASSERT_EQ(0, GET(item.inside));
		ASSERT_FALSE(work_pending(&item.dwork.work));
	}
	EXPECT_EQ(warned, uwq_warn_count());
	destroy_workqueue(bh);
}

TEST_HARNESS_MAIN
