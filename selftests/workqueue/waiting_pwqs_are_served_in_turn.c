// SPDX-License-Identifier: MIT
/*
 * Proves C92 and C94: pods of one memory node share its active slots. Those that find none
 * wait in line and get one item started in turn; one whose waiting items were all cancelled
 * is passed over. No wake-up is lost between a slot that is given back and a pod that joins
 * the line, in either order. A higher limit starts waiting items at once, in turn. Workers
 * that take several items at once take none that have to wait in line, or hold slots.
 */
#include "pod_test.h"

#include "kernel-compat/test_points.h"

#define CPUS	4

static int order[256], nr_order;	/* atomic */

struct noted {
	struct work_struct work;
	int cpu;
};

static void note_func(struct work_struct *work)
{
	SET(order[ADD(nr_order, 1) - 1], container_of(work, struct noted, work)->cpu);
}

FIXTURE(pods)
{
	struct workqueue_struct *wq;
	struct blocker head;
};

/* Two caches of two CPUs on one node; one slot for both. */
static struct workqueue_struct *queue_of_two_pods(struct __test_metadata *_metadata)
{
	struct workqueue_struct *wq;

	put_cpus(0, CPUS, 0, 2, 1);
	use_places();
	wq = alloc_workqueue("line", WQ_UNBOUND, 1);
	ASSERT_NOT_NULL(wq);
	ASSERT_EQ(0, set_scope(wq, WQ_AFFN_CACHE, false));
	ASSERT_TRUE(pwq_of(wq, 0)->node_active == pwq_of(wq, 2)->node_active);
	ASSERT_TRUE(pwq_of(wq, 0) != pwq_of(wq, 2));
	return wq;
}

FIXTURE_SETUP(pods)
{
	self->wq = queue_of_two_pods(_metadata);
	blocker_start_on(&self->head, 0, self->wq);
	SET(nr_order, 0);
}

FIXTURE_TEARDOWN(pods)
{
	destroy_workqueue(self->wq);
}

static void queue_noted(struct workqueue_struct *wq, struct noted *items, int nr, int cpu)
{
	for (int i = 0; i < nr; i++) {
		items[i].cpu = cpu;
		INIT_WORK(&items[i].work, note_func);
		queue_work_on(cpu, wq, &items[i].work);
	}
}

static int waiting(struct workqueue_struct *wq, int cpu)
{
	struct pool_workqueue *pwq = pwq_of(wq, cpu);
	struct list_head *pos;
	int nr = 0;

	pool_lock(pwq->pool);
	pool_drain_inbox(pwq->pool);
	list_for_each(pos, &pwq->inactive_works)
		nr++;
	pool_unlock_and_wake(pwq->pool);
	return nr;
}

TEST_F(pods, one_item_each_in_turn)
{
	static struct noted here[20], there[20];
	int i;

	queue_noted(self->wq, here, 20, 1);
	EXPECT_EQ(20, waiting(self->wq, 1));
	queue_noted(self->wq, there, 20, 2);
	EXPECT_EQ(20, waiting(self->wq, 2));
	blocker_release(&self->head);
	flush_workqueue(self->wq);
	ASSERT_EQ(40, GET(nr_order));
	for (i = 0; i < 40; i++)
		EXPECT_EQ(i % 2 ? 2 : 1, GET(order[i]));
}

TEST_F(pods, one_whose_items_were_cancelled_is_passed_over)
{
	static struct noted here[3], there[3];
	int i;

	queue_noted(self->wq, there, 3, 2);
	EXPECT_EQ(3, waiting(self->wq, 2));
	queue_noted(self->wq, here, 3, 1);
	EXPECT_EQ(3, waiting(self->wq, 1));
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(cancel_work(&there[i].work));
	blocker_release(&self->head);
	flush_workqueue(self->wq);
	EXPECT_EQ(3, GET(nr_order));
	/* and it can wait again */
	blocker_start_on(&self->head, 0, self->wq);
	queue_noted(self->wq, there, 3, 2);
	EXPECT_EQ(3, waiting(self->wq, 2));
	blocker_release(&self->head);
	flush_workqueue(self->wq);
	EXPECT_EQ(6, GET(nr_order));
}

TEST_F(pods, so_is_one_of_the_pool_that_gives_the_slot_back)
{
	static struct noted here[1], there[1];

	queue_noted(self->wq, here, 1, 1);
	EXPECT_EQ(1, waiting(self->wq, 1));
	queue_noted(self->wq, there, 1, 2);
	EXPECT_EQ(1, waiting(self->wq, 2));
	EXPECT_TRUE(cancel_work(&here[0].work));
	blocker_release(&self->head);
	EXPECT_TRUE(COMES_TRUE(GET(nr_order) == 1));
}

/* Or a slot that is given back in another pool just then would be left free. */
TEST_F(pods, who_goes_to_the_end_of_the_line_is_never_out_of_it)
{
	static struct noted here[2];

	queue_noted(self->wq, here, 2, 1);
	EXPECT_EQ(2, waiting(self->wq, 1));
	hold_next("pending_requeued");
	blocker_release(&self->head);
	hold_wait();
	EXPECT_EQ(1, GET(pwq_of(self->wq, 1)->account->nr_pending));
	hold_release();
	flush_workqueue(self->wq);
	EXPECT_EQ(2, GET(nr_order));
	EXPECT_EQ(0, GET(pwq_of(self->wq, 1)->account->nr_pending));
}

/* ---- an answer that is old ---- */

static struct gate looked, may_serve, about_to_look, may_look;
static int nr_looks;			/* atomic */
static struct worker_pool *here_pool;

/* Stop the first look of all, and a worker here before it looks. */
static void late_hook(const char *name)
{
	if (!strcmp(name, "pending_seen") && ADD(nr_looks, 1) == 1) {
		gate_open(&looked);
		gate_wait(&may_serve);
	} else if (!strcmp(name, "node_serve") && this_worker && this_worker->pool == here_pool) {
		gate_open(&about_to_look);
		gate_wait(&may_look);
	}
}

static void *lower_limit(void *wq)
{
	workqueue_set_max_active(wq, 1);
	return NULL;
}

/*
 * One slot. A thread has looked who is next: here. Before it goes on that one has had its turn,
 * and the slot is free again: now it is there.
 */
TEST_F(pods, who_looked_long_ago_serves_nobody_out_of_turn)
{
	static struct noted here[2], there[2];
	struct worker_pool *there_pool = pwq_of(self->wq, 2)->pool;
	struct blocker other_head;
	pthread_t thread;

	here_pool = pwq_of(self->wq, 0)->pool;
	workqueue_set_max_active(self->wq, 2);
	blocker_start_on(&other_head, 2, self->wq);
	queue_noted(self->wq, here, 2, 1);
	EXPECT_EQ(2, waiting(self->wq, 1));
	queue_noted(self->wq, there, 2, 2);
	EXPECT_EQ(2, waiting(self->wq, 2));
	SET(uwq_test_point_hook, late_hook);
	thread = start_thread(lower_limit, self->wq);
	gate_wait(&looked);
	blocker_release(&other_head);
	flush_work(&other_head.work);
	ASSERT_TRUE(COMES_TRUE(pool_rests(there_pool)));
	blocker_release(&self->head);
	gate_wait(&about_to_look);
	EXPECT_EQ(1, GET(nr_order));
	gate_open(&may_serve);
	pthread_join(thread, NULL);
	gate_open(&may_look);
	flush_workqueue(self->wq);
	ASSERT_EQ(4, GET(nr_order));
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(i % 2 ? 2 : 1, GET(order[i]));
	SET(uwq_test_point_hook, NULL);
}

TEST_F(pods, a_higher_limit_starts_them_in_turn)
{
	static struct blocker here[8], there[8];
	int i, started = 0;

	for (i = 0; i < 8; i++) {
		blocker_init(&here[i]);
		blocker_init(&there[i]);
		queue_work_on(1, self->wq, &here[i].work);
		queue_work_on(2, self->wq, &there[i].work);
	}
	EXPECT_EQ(8, waiting(self->wq, 1));
	EXPECT_EQ(8, waiting(self->wq, 2));
	workqueue_set_max_active(self->wq, 9);
	for (i = 0; i < 4; i++) {
		wait_for_completion(&here[i].started);
		wait_for_completion(&there[i].started);
	}
	for (i = 4; i < 8; i++)
		started += completion_done(&here[i].started) + completion_done(&there[i].started);
	EXPECT_EQ(0, started);
	EXPECT_EQ(4, waiting(self->wq, 1));
	blocker_release(&self->head);
	for (i = 0; i < 8; i++) {
		blocker_release(&here[i]);
		blocker_release(&there[i]);
	}
	flush_workqueue(self->wq);
}

/* ---- workers that take several items at once ---- */

/* As if runs were so short that one worker does best if it takes all it finds. */
static void want_batches(struct workqueue_struct *wq, int cpu)
{
	uwq_test_force_batches(true);
	pretend_short_runs(pwq_of(wq, cpu)->pool);
}

/* Those behind the item that runs have to leave their turn to the other pod. */
TEST_F(pods, one_item_each_where_runs_are_short)
{
	static struct noted here[4], there[4];

	for (int round = 0; round < 10; round++) {
		SET(nr_order, 0);
		queue_noted(self->wq, here, 4, 1);
		EXPECT_EQ(4, waiting(self->wq, 1));
		queue_noted(self->wq, there, 4, 2);
		EXPECT_EQ(4, waiting(self->wq, 2));
		want_batches(self->wq, 1);
		want_batches(self->wq, 2);
		blocker_release(&self->head);
		flush_workqueue(self->wq);
		ASSERT_EQ(8, GET(nr_order));
		for (int i = 0; i < 8; i++)
			ASSERT_EQ(i % 2 ? 2 : 1, GET(order[i]));
		blocker_start_on(&self->head, 0, self->wq);
	}
	blocker_release(&self->head);
}

static struct gate may_end;
static int nr_staying;	/* atomic */

static void stay_at_gate(struct work_struct *work)
{
	(void)work;
	ADD(nr_staying, 1);
	gate_wait(&may_end);
}

/* The next one on the same worker may be long. */
TEST_F(pods, slot_is_given_back_before_the_next_one_runs)
{
	struct counter leader, brief, there;
	struct work_struct staying[2];

	stop_looks();
	blocker_release(&self->head);
	flush_workqueue(self->wq);
	workqueue_set_max_active(self->wq, 3);
	for (int round = 0; round < 10; round++) {
		gate_close(&may_end);
		SET(nr_staying, 0);
		counter_init(&leader);
		counter_init(&brief);
		counter_init(&there);
		INIT_WORK(&staying[0], stay_at_gate);
		INIT_WORK(&staying[1], stay_at_gate);
		want_batches(self->wq, 0);
		hold_next("worker_call");
		/* all three slots */
		queue_work_on(0, self->wq, &leader.work);
		hold_wait();
		queue_work_on(0, self->wq, &brief.work);
		queue_work_on(0, self->wq, &staying[0]);
		EXPECT_EQ(0, waiting(self->wq, 0));
		queue_work_on(2, self->wq, &staying[1]);
		queue_work_on(2, self->wq, &there.work);
		EXPECT_EQ(2, waiting(self->wq, 2));
		hold_release();
		ASSERT_TRUE(COMES_TRUE(GET(nr_staying) == 2));
		EXPECT_TRUE(COMES_TRUE(GET(there.runs)));
		gate_open(&may_end);
		flush_workqueue(self->wq);
	}
}

/* ---- a slot that is given back at the same moment ---- */

static void *queue_there(void *arg)
{
	queue_work_on(2, ((struct workqueue_struct **)arg)[0], ((struct work_struct **)arg)[1]);
	return NULL;
}

/* The slot is given back after the other pod found none, before it joins the line. */
TEST_F(pods, slot_given_back_while_one_joins)
{
	static struct counter item;
	void *arg[] = { self->wq, &item.work };
	pthread_t thread;

	counter_init(&item);
	hold_next("slot_refused");
	thread = start_thread(queue_there, arg);
	hold_wait();
	blocker_release(&self->head);
	EXPECT_TRUE(COMES_TRUE(GET(self->head.runs) == 1));
	hold_release();
	pthread_join(thread, NULL);
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
}

/* Whoever gave the slot back is stopped before it serves the line. */
TEST_F(pods, one_joins_while_the_line_is_served)
{
	static struct noted first[1], second[1];

	queue_noted(self->wq, first, 1, 2);
	EXPECT_EQ(1, waiting(self->wq, 2));
	hold_next("node_serve");
	blocker_release(&self->head);
	hold_wait();
	queue_noted(self->wq, second, 1, 3);
	hold_release();
	flush_workqueue(self->wq);
	EXPECT_EQ(2, GET(nr_order));
}

struct flood {
	struct workqueue_struct *wq;
	struct counter items[16];
	int cpu, trues;
};

static void *flood(void *arg)
{
	struct flood *flood = arg;
	long until = now_ms() + 700;

	for (int round = 0; go_on(round, ROUNDS(200000), until); round++) {
		struct counter *item = &flood->items[round % 16];

		flood->trues += queue_work_on(flood->cpu, flood->wq, &item->work);
		if (round % 7 == 0)
			flood->trues -= cancel_work(&item->work);
	}
	return NULL;
}

/* Both pods flood a queue of one slot: each goes on, and nothing is left behind. */
TEST_F(pods, floods_from_both_lose_nothing)
{
	static struct flood floods[2];
	pthread_t threads[2];
	int i, n, runs;

	blocker_release(&self->head);
	for (i = 0; i < 2; i++) {
		floods[i].wq = self->wq;
		floods[i].cpu = i * 2;
		floods[i].trues = 0;
		for (n = 0; n < 16; n++)
			counter_init(&floods[i].items[n]);
		threads[i] = start_thread(flood, &floods[i]);
	}
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	drain_workqueue(self->wq);
	for (i = 0; i < 2; i++) {
		for (n = runs = 0; n < 16; n++)
			runs += GET(floods[i].items[n].runs);
		EXPECT_LT(0, runs);
		EXPECT_EQ(floods[i].trues, runs);
	}
	EXPECT_EQ(0, GET(pwq_of(self->wq, 0)->node_active->nr));
}

/* No worker comes, so an item has the slot and waits on a list, until it is cancelled. */
TEST(slot_of_a_cancelled_item_goes_to_another_pod)
{
	struct workqueue_struct *wq = queue_of_two_pods(_metadata);
	static struct noted here, there;

	uwq_test_fail_thread(1, -1);
	queue_noted(wq, &here, 1, 1);
	EXPECT_EQ(0, waiting(wq, 1));
	queue_noted(wq, &there, 1, 2);
	EXPECT_EQ(1, waiting(wq, 2));
	EXPECT_TRUE(cancel_work_sync(&here.work));
	EXPECT_EQ(0, waiting(wq, 2));
	uwq_test_fail_thread(0, 0);
	EXPECT_TRUE(COMES_TRUE(GET(nr_order) == 1));
	EXPECT_EQ(2, GET(order[0]));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(CPUS)
