// SPDX-License-Identifier: MIT
/*
 * Proves that an item which queues itself, and therefore stays with its worker (requeue.c), is
 * no better off than one that waits in the inbox: it overtakes nothing that was queued before
 * it, holds a slot before those behind it (C7, C85), stops when its queue is frozen
 * (C123), and its activation is traced (C142).
 */
#include "batch_queue.h"

#include <linux/tracepoint.h>
#include <trace/events/workqueue.h>

/* An item that queues itself until it stays with its worker; then @when_open is called. */
static struct again {
	struct work_struct work;
	struct workqueue_struct *wq;
	int runs;			/* atomic */
	bool done;			/* atomic: the next run is the last one */
	void (*when_open)(void);
} again;

static struct counter later;
static int order;			/* atomic: runs of either */
static int again_at, later_at;		/* atomic: the last place of each in that order */

static void again_func(struct work_struct *work)
{
	SET(again_at, ADD(order, 1));
	ADD(again.runs, 1);
	if (GET(again.done))
		return;
	if (!this_worker->requeue.open) {
		queue(again.wq, work);
		return;
	}
	SET(again.done, true);
	again.when_open();
}

static void later_func(struct work_struct *work)
{
	SET(later_at, ADD(order, 1));
	counter_func(work);
}

static void begin(struct workqueue_struct *wq, void (*when_open)(void))
{
	again.wq = wq;
	again.when_open = when_open;
	SET(again.runs, 0);
	SET(again.done, false);
	queue(wq, &again.work);
}

FIXTURE_SETUP(queue)
{
	queues_make(_metadata, self, variant);
	INIT_WORK(&again.work, again_func);
	counter_init(&later);
	later.work.func = later_func;
	SET(order, 0);
	/* a run that is held shall not be taken for one that sleeps */
	stop_looks();
	if (submitters_fence)
		SKIP(return, "nothing is kept without membarrier");
}

/* ---- a second worker ---- */

static struct work_struct long_one, other_long_one;
static int nr_long;			/* atomic: they run */
static struct gate long_ones_may_end;

static void long_func(struct work_struct *work)
{
	(void)work;
	ADD(nr_long, 1);
	gate_wait(&long_ones_may_end);
}

/* Two workers are awake where two are useful. */
static void pretend_long_runs(struct worker_pool *pool)
{
	pool_lock(pool);
	pool->run_ns = NSEC_PER_MSEC;
	pool->runs_short = false;
	pool_update_kick(pool);
	pool_unlock(pool);
}

static bool start_long_ones(struct workqueue_struct *wq, int nr)
{
	gate_close(&long_ones_may_end);
	SET(nr_long, 0);
	INIT_WORK(&long_one, long_func);
	INIT_WORK(&other_long_one, long_func);
	pretend_long_runs(pwq_of(wq)->pool);
	queue(wq, &long_one);
	if (nr > 1)
		queue(wq, &other_long_one);
	return COMES_TRUE(GET(nr_long) == nr);
}

/*
 * Another worker runs a long item of the other queue, and comes for the next when that may end.
 * The first run of each worker is measured, and the lock taken for that: so it is over.
 */
static bool occupy_another(struct workqueue_struct *other)
{
	if (!start_long_ones(other, 2))
		return false;
	gate_open(&long_ones_may_end);
	flush_work(&long_one);
	flush_work(&other_long_one);
	return start_long_ones(other, 1);
}

static struct workqueue_struct *queue_of_later;

/* What another worker takes from the inbox was queued before, and is on no list yet. */
static void queue_while_an_older_one_is_taken(void)
{
	struct pool_workqueue *pwq = pwq_of(again.wq);

	queue(queue_of_later, &later.work);
	hold_next("inbox_taken");
	gate_open(&long_ones_may_end);
	hold_wait();
	queue(again.wq, &again.work);
	hold_release();
	while (GET(pwq->nr_total) < 2)
		nap_us(100);
}

#define ONE_SLOT_TWO_WORKERS	(ONE_SLOT && !ONE_WORKER)

TEST_F_FOR(queue, it_does_not_overtake_what_is_just_being_taken, ONE_SLOT_TWO_WORKERS)
{
	ASSERT_TRUE(occupy_another(self->other));
	queue_of_later = self->wq;
	begin(self->wq, queue_while_an_older_one_is_taken);
	ASSERT_TRUE(COMES_TRUE(GET(again.done) && GET(later.runs) == 1));
	flush_workqueue(self->wq);
	EXPECT_LT(GET(later_at), GET(again_at));
	SET(uwq_test_point_hook, NULL);
}

/* It is kept, and holds no slot: what came later is taken by another worker. */
static struct gate may_return;

static void queue_before_a_later_one(void)
{
	queue(again.wq, &again.work);
	queue(queue_of_later, &later.work);
	gate_open(&long_ones_may_end);
	gate_wait(&may_return);
}

TEST_F_FOR(queue, it_has_its_slot_before_later_ones, !ONE_WORKER)
{
	struct workqueue_struct *two = alloc_workqueue("two", variant->flags,
						       variant->max_active ?: 2);

	ASSERT_NOT_NULL(two);
	ASSERT_TRUE(occupy_another(self->other));
	gate_close(&may_return);
	queue_of_later = two;
	begin(two, queue_before_a_later_one);
	/* the run, the item, and the later one; not asked with the lock, which closes */
	ASSERT_TRUE(COMES_TRUE(GET(pwq_of(two)->nr_total) == 3));
	EXPECT_TRUE(work_data(&later.work) & WORK_STRUCT_INACTIVE);
	EXPECT_EQ(0, GET(later.runs));
	gate_open(&may_return);
	flush_workqueue(two);
	EXPECT_EQ(1, GET(later.runs));
	destroy_workqueue(two);
}

/* ---- others queue it as well ---- */

static void again_and_again(struct work_struct *work)
{
	if (!GET(again.done))
		queue(again.wq, work);
}

static void *queue_it_too(void *arg)
{
	(void)arg;
	for (int round = 0; round < ROUNDS(20000); round++) {
		queue(again.wq, &again.work);
		if (round % 4 == 0)
			cancel_work(&again.work);
		else if (round % 4 == 2)
			workqueue_congested(0, again.wq);
	}
	return NULL;
}

/* Whose word is PENDING reads and writes the links of the item: for race detectors. */
TEST_F(queue, its_links_belong_to_who_has_queued_it)
{
	start_looks();
	again.wq = self->wq;
	again.work.func = again_and_again;
	SET(again.done, false);
	run_threads(2, queue_it_too, NULL);
	SET(again.done, true);
	cancel_work_sync(&again.work);
	stop_looks();
}

/* ---- freezing ---- */

static struct gate reached;

/* The first run queues the item and waits. Later ones would go on for ever. */
static void frozen_func(struct work_struct *work)
{
	if (ADD(again.runs, 1) > 1000)
		return;
	queue(again.wq, work);
	if (GET(again.runs) > 1)
		return;
	gate_open(&reached);
	gate_wait(&may_return);
}

TEST_F_FOR(queue, it_stops_when_its_queue_is_frozen, SEVERAL_SLOTS)
{
	struct workqueue_struct *wq = alloc_workqueue("frozen", variant->flags | WQ_FREEZABLE, 2);

	ASSERT_NOT_NULL(wq);
	again.wq = wq;
	again.work.func = frozen_func;
	SET(again.runs, 0);
	gate_close(&reached);
	gate_close(&may_return);
	queue(wq, &again.work);
	gate_wait(&reached);
	/* now it waits for the worker, with a slot: that run is still to come */
	EXPECT_EQ(2ul, items_in_flight(wq));
	freeze_workqueues_begin();
	gate_open(&may_return);
	EXPECT_TRUE(COMES_TRUE(!freeze_workqueues_busy()));
	EXPECT_EQ(2, GET(again.runs));
	thaw_workqueues();
	EXPECT_TRUE(COMES_TRUE(GET(again.runs) == 1001));
	destroy_workqueue(wq);
}

/* ---- tracing ---- */

static int nr_activated;	/* atomic */

static void on_activate(void *data, struct work_struct *work)
{
	(void)data;
	if (work == &again.work)
		ADD(nr_activated, 1);
}

static bool kept_when_traced;	/* atomic: nobody has taken it back before */

static void trace_from_here(void)
{
	queue(again.wq, &again.work);
	RIGHT(!register_trace_workqueue_activate_work(on_activate, NULL));
	pool_lock_quick(this_worker->pool);
	SET(kept_when_traced, this_worker->requeue.work == &again.work);
	pool_unlock(this_worker->pool);
}

TEST_F(queue, its_activation_is_traced)
{
	bool met = false;

	for (int round = 0; !met && round < 100; round++) {
		SET(nr_activated, 0);
		begin(self->wq, trace_from_here);
		ASSERT_TRUE(COMES_TRUE(GET(again.done)));
		flush_workqueue(self->wq);
		flush_work(&again.work);
		met = GET(kept_when_traced);
		if (met)
			EXPECT_EQ(1, GET(nr_activated));
		EXPECT_EQ(0, unregister_trace_workqueue_activate_work(on_activate, NULL));
		tracepoint_synchronize_unregister();
	}
	EXPECT_TRUE(met);
}

TEST_HARNESS_MAIN_CPUS(2)
