// SPDX-License-Identifier: MIT
/*
 * Proves that an item which its own run queues, and which its worker keeps for the next run
 * (requeue.c), goes neither through the inbox nor over a list, and is all the same anybody's
 * who asks: it is cancelled, flushed, disabled, counted and freed like any other, comes before
 * what was queued later (C7), lets everything else run, and is idle in a child of fork().
 */
#include "fork_test.h"
#include "batch_queue.h"

#include "workqueue/requeue.h"

/*
 * An item that queues itself so often; with hold only from the first time on that it is kept,
 * and that run, which is number 1 then, stops.
 */
struct again {
	union {				/* all begin with the item */
		struct work_struct work;
		struct delayed_work dwork;
		struct rcu_work rwork;
	};
	struct workqueue_struct *wq;
	int runs, left;			/* atomic */
	bool hold;			/* atomic */
	struct gate kept, go;
	void (*action)(void);		/* in that run, instead of the gates */
};

static struct again again;
static struct counter later;
static int order;			/* atomic: runs of either */
static int again_at, later_at;		/* atomic: the last place of each in that order */

/* Others may take it back at any time. */
static bool is_kept(const struct work_struct *work)
{
	struct worker_pool *pool = this_worker->pool;
	bool kept;

	pool_lock_quick(pool);
	kept = this_worker->requeue.work == work;
	pool_unlock(pool);
	return kept;
}

static void again_func(struct work_struct *work)
{
	struct again *self = container_of(work, struct again, work);
	int left = GET(self->left);

	SET(again_at, ADD(order, 1));
	ADD(self->runs, 1);
	if (!left)
		return;
	queue(self->wq, work);
	if (GET(self->hold) && is_kept(work)) {
		SET(self->left, 0);
		SET(self->runs, 1);
		SET(self->hold, false);
		if (self->action) {
			self->action();
		} else {
			gate_open(&self->kept);
			gate_wait(&self->go);
		}
	}
	/* a negative number is left alone: it goes on until the test stores zero */
	if (left > 0 && !GET(self->hold))
		SET(self->left, left - 1);
}

static void later_func(struct work_struct *work)
{
	SET(later_at, ADD(order, 1));
	counter_func(work);
}

static void again_init(struct again *self, struct workqueue_struct *wq, int left)
{
	INIT_WORK(&self->work, again_func);
	self->wq = wq;
	self->action = NULL;
	gate_close(&self->kept);
	gate_close(&self->go);
	SET(self->hold, false);
	SET(self->runs, 0);
	SET(self->left, left);
}

FIXTURE_SETUP(queue)
{
	queues_make(_metadata, self, variant);
	again_init(&again, self->wq, 0);
	counter_init(&later);
	later.work.func = later_func;
	SET(order, 0);
	/* a run that is held shall not be taken for one that sleeps */
	stop_looks();
}

static void begin(struct workqueue_struct *wq, void (*action)(void))
{
	again_init(&again, wq, 1);
	again.action = action;
	SET(again.hold, true);
	queue(wq, &again.work);
}

/* Returns in a run of the item, which is kept for one more. */
static void begin_kept(struct workqueue_struct *wq)
{
	begin(wq, NULL);
	gate_wait(&again.kept);
}

/* The run that was kept has come; it may have taken some runs until one was. */
static bool kept_run_came(void)
{
	return !GET(again.hold) && GET(again.runs) == 2;
}

static void let_go(void)
{
	gate_open(&again.go);
}

/* ---- its way ---- */

TEST_F(queue, it_goes_neither_through_the_inbox_nor_over_a_list)
{
	unsigned long started = self->pwq->nr_started, admitted = self->pwq->nr_admitted;
	unsigned long tail = GET(self->pool->inbox.hint);

	again_init(&again, self->wq, 1000);
	queue(self->wq, &again.work);
	/* each flush of the queue would take it back once */
	ASSERT_TRUE(COMES_TRUE(GET(again.runs) == 1001));
	flush_workqueue(self->wq);
	EXPECT_GT(500ul, GET(self->pool->inbox.hint) - tail);
	EXPECT_EQ(0ul, items_in_flight(self->wq));
	/* nobody shall see it in the counts; a flush has barriers, which are started as well */
	EXPECT_EQ(1001ul, self->pwq->nr_admitted - admitted);
	EXPECT_LE(1001ul, self->pwq->nr_started - started);
}

static int opened_at;	/* atomic: after so many runs its worker began to keep it; 0 = not yet */

static void note_opened(const char *name)
{
	if (!strcmp(name, "requeue_opened") && !GET(opened_at))
		SET(opened_at, GET(again.runs));
}

TEST_F(queue, it_must_have_queued_itself_for_some_time)
{
	uwq_test_force_batches(false);
	SET(opened_at, 0);
	SET(uwq_test_point_hook, note_opened);
	again_init(&again, self->wq, 60);
	queue(self->wq, &again.work);
	ASSERT_TRUE(COMES_TRUE(GET(again.runs) == 61));
	flush_work(&again.work);
	EXPECT_EQ(0, GET(opened_at));
	again_init(&again, self->wq, 1000);
	queue(self->wq, &again.work);
	ASSERT_TRUE(COMES_TRUE(GET(again.runs) == 1001));
	EXPECT_LE(63, GET(opened_at));
	SET(uwq_test_point_hook, NULL);
}

static unsigned long longest_late;	/* atomic: runs by which a measure was late, at most */

static void note_late(struct work_struct *work)
{
	unsigned long run = this_worker->nr_runs, due = this_worker->measured_run;

	if (run > due && run - due > GET(longest_late))
		SET(longest_late, run - due);
	again_func(work);
}

/* What comes behind it at last shall not rely on a measure of long ago. */
TEST_F(queue, it_is_measured_at_last)
{
	SET(longest_late, 0);
	again_init(&again, self->wq, 4 * REQUEUE_UNMEASURED);
	again.work.func = note_late;
	queue(self->wq, &again.work);
	ASSERT_TRUE(COMES_TRUE(GET(again.runs) == 4 * REQUEUE_UNMEASURED + 1));
	flush_work(&again.work);
	EXPECT_LT(PACE_EVERY, (int)GET(longest_late));
	EXPECT_GE(REQUEUE_UNMEASURED + 1, (int)GET(longest_late));
}

static struct workqueue_struct *forked_wq;

/* Nobody else runs in a child, so what no thread changes later can be changed. */
static void queue_without_membarrier(void)
{
	submitters_fence = true;
	SET(opened_at, 0);
	SET(uwq_test_point_hook, note_opened);
	again_init(&again, forked_wq, 200);
	queue(forked_wq, &again.work);
	CHECK(COMES_TRUE(GET(again.runs) == 201));
	CHECK(!GET(opened_at));
}

TEST_F(queue, without_membarrier_nothing_is_kept)
{
	forked_wq = self->wq;
	EXPECT_EQ(0, IN_CHILD(queue_without_membarrier));
}

/* ---- whoever asks ---- */

TEST_F(queue, kept_one_is_pending_and_counted)
{
	begin_kept(self->wq);
	EXPECT_TRUE(work_pending(&again.work));
	EXPECT_EQ((unsigned int)(WORK_BUSY_PENDING | WORK_BUSY_RUNNING), work_busy(&again.work));
	EXPECT_EQ(2ul, items_in_flight(self->wq));
	EXPECT_FALSE(queue_work(self->other, &again.work));
	let_go();
	flush_workqueue(self->wq);
	EXPECT_EQ(2, GET(again.runs));
}

TEST_F(queue, kept_one_can_be_cancelled)
{
	begin_kept(self->wq);
	EXPECT_TRUE(cancel_work(&again.work));
	EXPECT_FALSE(cancel_work(&again.work));
	EXPECT_EQ((unsigned int)WORK_BUSY_RUNNING, work_busy(&again.work));
	let_go();
	flush_workqueue(self->wq);
	EXPECT_EQ(1, GET(again.runs));
}

static bool cancel_is_over;	/* atomic */

static void *cancel_sync_thread(void *arg)
{
	(void)arg;
	RIGHT(cancel_work_sync(&again.work));
	SET(cancel_is_over, true);
	return NULL;
}

TEST_F(queue, run_before_a_cancelled_one_is_waited_for)
{
	pthread_t thread;

	SET(cancel_is_over, false);
	begin_kept(self->wq);
	thread = start_thread(cancel_sync_thread, NULL);
	/* taken back: it waits for the run with the item disabled */
	EXPECT_TRUE(COMES_TRUE(!(work_data(&again.work) & WORK_STRUCT_PWQ)));
	EXPECT_FALSE(GET(cancel_is_over));
	let_go();
	pthread_join(thread, NULL);
	EXPECT_EQ(1, GET(again.runs));
	EXPECT_FALSE(work_busy(&again.work));
}

TEST_F(queue, kept_one_can_be_disabled)
{
	begin_kept(self->wq);
	EXPECT_TRUE(disable_work(&again.work));
	EXPECT_FALSE(queue_work(self->wq, &again.work));
	let_go();
	flush_workqueue(self->wq);
	EXPECT_EQ(1, GET(again.runs));
	EXPECT_TRUE(enable_work(&again.work));
	EXPECT_TRUE(queue_work(self->wq, &again.work));
	flush_work(&again.work);
	EXPECT_EQ(2, GET(again.runs));
}

static int runs_after_flush;	/* atomic: -1 = the flush is not over */

static void *flush_item_thread(void *arg)
{
	(void)arg;
	RIGHT(flush_work(&again.work));
	SET(runs_after_flush, GET(again.runs));
	return NULL;
}

TEST_F(queue, flush_of_a_kept_one_waits_for_its_run)
{
	pthread_t thread;

	SET(runs_after_flush, -1);
	begin_kept(self->wq);
	thread = start_thread(flush_item_thread, NULL);
	/* the run, the item, and the barrier behind it */
	EXPECT_TRUE(COMES_TRUE(items_in_flight(self->wq) == 3));
	EXPECT_EQ(-1, GET(runs_after_flush));
	let_go();
	pthread_join(thread, NULL);
	EXPECT_EQ(2, GET(runs_after_flush));
}

TEST_F(queue, flush_of_the_queue_waits_for_a_kept_one)
{
	pthread_t thread;

	begin_kept(self->wq);
	thread = start_queue_flush(self->wq);
	EXPECT_EQ(0, GET(nr_flushed));
	let_go();
	pthread_join(thread, NULL);
	EXPECT_EQ(2, GET(again.runs));
}

/* ---- a queue call of another ---- */

static bool refused_plain(void)
{
	return !queue_work(again.wq, &again.work);
}

static bool refused_delayed(void)
{
	return !queue_delayed_work(again.wq, &again.dwork, 0);
}

static bool refused_rcu(void)
{
	return !queue_rcu_work(again.wq, &again.rwork);
}

static bool (*const refused[])(void) = { refused_plain, refused_delayed, refused_rcu };

static bool is_marked(void)
{
	return work_data_is_kept(work_data(&again.work));
}

/* Of the worker that keeps an item of @pool, or has done so last: it was the only batcher. */
static struct requeue *its_requeue(struct worker_pool *pool)
{
	struct worker *worker;

	pool_lock_quick(pool);
	worker = pool->batch_owners[0];
	pool_unlock(pool);
	return &worker->requeue;
}

static bool is_open(struct worker_pool *pool)
{
	bool open;

	pool_lock_quick(pool);
	open = pool->batchers & BATCHERS_KEEP;
	pool_unlock(pool);
	return open;
}

/* Neither the manager nor another worker is about to come to the pool, and to take it back. */
static bool is_left_alone(struct worker_pool *pool)
{
	bool alone;

	pool_lock_quick(pool);
	alone = pool->nr_running == 1 && !pool->nr_waking && !pool->spinner && !pool->creating &&
		pool->create == CREATE_NONE && is_marked();
	pool_unlock(pool);
	return alone;
}

static bool stays_kept(struct worker_pool *pool)
{
	while (is_marked()) {
		if (is_left_alone(pool))
			return true;
		nap_us(100);
	}
	let_go();
	flush_workqueue(again.wq);
	return false;
}

/* As begin_kept(), and nobody but the test changes that. */
static void begin_left_alone(struct worker_pool *pool, struct workqueue_struct *wq)
{
	do {
		begin_kept(wq);
	} while (!stays_kept(pool));
}

/* C14: its run from the list has the barrier that one which is kept goes without. */
TEST_F(queue, refused_call_takes_a_kept_one_to_a_list)
{
	for (unsigned int way = 0; way < ARRAY_SIZE(refused); way++) {
		begin_left_alone(self->pool, self->wq);
		EXPECT_TRUE(refused[way]());
		EXPECT_FALSE(is_marked());
		EXPECT_FALSE(is_open(self->pool));
		EXPECT_TRUE(work_pending(&again.work));
		/* now there is nothing more to be done */
		EXPECT_TRUE(refused[way]());
		let_go();
		flush_workqueue(self->wq);
		EXPECT_EQ(2, GET(again.runs));
		EXPECT_FALSE(work_pending(&again.work));
	}
}

static bool still_kept;	/* atomic */

static void queue_twice(void)
{
	RIGHT(refused_plain());
	SET(still_kept, is_marked());
}

/* In its own thread all that was stored before the next run is seen by it. */
TEST_F(queue, second_call_of_the_run_itself_changes_nothing)
{
	SET(still_kept, false);
	/* somebody else may come to the pool */
	for (int i = 0; i < 100 && !GET(still_kept); i++) {
		begin(self->wq, queue_twice);
		ASSERT_TRUE(COMES_TRUE(kept_run_came()));
		flush_workqueue(self->wq);
	}
	EXPECT_TRUE(GET(still_kept));
}

static bool call_is_over;	/* atomic */

static void *queue_thread(void *arg)
{
	void *accepted = refused_plain() ? NULL : arg;

	SET(call_is_over, true);
	return accepted;
}

/* It was found kept, but that run has begun before its call can be refused: it is one more. */
TEST_F(queue, call_that_meets_the_begin_is_accepted_after_it)
{
	void *accepted;
	pthread_t thread;
	struct requeue *requeue;

	SET(call_is_over, false);
	begin_left_alone(self->pool, self->wq);
	hold_next("worker_begin");
	let_go();
	hold_wait();
	requeue = its_requeue(self->pool);
	thread = start_thread(queue_thread, self);
	while (GET(requeue->open) && !GET(call_is_over))
		nap_us(100);
	nap_us(1000);
	EXPECT_FALSE(GET(call_is_over));
	hold_release();
	pthread_join(thread, &accepted);
	EXPECT_NOT_NULL(accepted);
	flush_workqueue(self->wq);
	EXPECT_EQ(3, GET(again.runs));
}

/* A rival that queues it again and again pays for it now and then only. */
TEST_F(queue, one_that_others_queue_as_well_is_kept_later)
{
	uwq_test_force_batches(false);
	do {
		again_init(&again, self->wq, -1);
		SET(again.hold, true);
		queue(self->wq, &again.work);
		gate_wait(&again.kept);
	} while (!stays_kept(self->pool));
	EXPECT_TRUE(refused_plain());
	SET(opened_at, 0);
	SET(uwq_test_point_hook, note_opened);
	SET(again.left, -1);
	let_go();
	EXPECT_TRUE(COMES_TRUE(GET(opened_at)));
	SET(again.left, 0);
	flush_work(&again.work);
	EXPECT_LE(1000, GET(opened_at));
	SET(uwq_test_point_hook, NULL);
}

/* ---- order, and others ---- */

/* What is queued while one is kept comes after it, also if it gets to a list first (C7). */
TEST_F_FOR(queue, kept_one_comes_before_what_is_queued_later, ONE_SLOT || ONE_WORKER)
{
	for (int way = 0; way < 3; way++) {
		begin_kept(self->wq);
		queue(self->wq, &later.work);
		if (way == 1) {
			EXPECT_EQ(3ul, items_in_flight(self->wq));
		} else if (way == 2) {
			pool_lock_quick(self->pool);
			pool_drain_inbox(self->pool);
			pool_unlock_and_wake(self->pool);
		}
		let_go();
		flush_workqueue(self->wq);
		EXPECT_EQ(2, GET(again.runs));
		EXPECT_EQ(way + 1, GET(later.runs));
		EXPECT_LT(GET(again_at), GET(later_at));
	}
}

/* An item that queues itself for ever keeps nobody out, of its queue or of another one. */
TEST_F(queue, everything_else_runs)
{
	start_looks();
	for (int i = 0; i < ROUNDS(200); i++) {
		again_init(&again, self->wq, -1);
		queue(self->wq, &again.work);
		ASSERT_TRUE(COMES_TRUE(GET(again.runs) >= i % 16));
		queue(i % 2 ? self->wq : self->other, &later.work);
		ASSERT_TRUE(COMES_TRUE(GET(later.runs) == i + 1));
		cancel_work_sync(&again.work);
	}
	stop_looks();
}

/* Two workers run one each; the pool lets only one of them keep its item. */
TEST_F_FOR(queue, two_that_queue_themselves_are_both_found, TWO_WORKERS)
{
	unsigned long admitted = self->pwq->nr_admitted;
	static struct again second;
	unsigned long runs = 0;

	start_looks();
	for (int i = 0; i < ROUNDS(500); i++) {
		again_init(&again, self->wq, -1);
		again_init(&second, self->wq, -1);
		queue(self->wq, &again.work);
		queue(self->wq, &second.work);
		ASSERT_TRUE(COMES_TRUE(GET(again.runs) > i % 64 && GET(second.runs) > i % 64));
		/* each came as often as it ran, and once more if it was taken back */
		runs += cancel_work_sync(&again.work) + cancel_work_sync(&second.work);
		runs += GET(again.runs) + GET(second.runs);
		EXPECT_FALSE(work_busy(&again.work) | work_busy(&second.work));
	}
	/* the barriers of the two waits end after these */
	EXPECT_TRUE(COMES_TRUE(!items_in_flight(self->wq)));
	EXPECT_EQ(runs, self->pwq->nr_admitted - admitted);
	stop_looks();
}

static struct completion may_end;

static void block(void)
{
	gate_open(&again.kept);
	wait_for_completion(&may_end);
}

/* Nobody else can begin it, but the other items of the pool get another worker (C98). */
TEST_F_FOR(queue, others_run_while_its_function_sleeps, SEVERAL_SLOTS)
{
	init_completion(&may_end);
	begin(self->wq, block);
	gate_wait(&again.kept);
	queue(self->wq, &later.work);
	EXPECT_TRUE(COMES_TRUE(GET(later.runs) == 1));
	EXPECT_EQ(1, GET(again.runs));
	complete(&may_end);
	flush_workqueue(self->wq);
	EXPECT_EQ(2, GET(again.runs));
}

static void end_thread(void)
{
	pthread_exit(NULL);
}

TEST_F(queue, another_worker_runs_it_if_the_thread_ends)
{
	log_count("ended the thread");
	begin(self->wq, end_thread);
	EXPECT_TRUE(COMES_TRUE(kept_run_came()));
	uwq_set_log_sink(NULL, NULL);
}

/* ---- steps ---- */

static void *cancel_thread(void *arg)
{
	(void)arg;
	RIGHT(cancel_work(&again.work));
	SET(cancel_is_over, true);
	return NULL;
}

/*
 * The worker has made it pending and has not said yet that it keeps it: who takes it back
 * waits, or it would be kept after nobody looks for it any more.
 */
TEST_F(queue, who_closes_waits_for_the_end_of_a_step)
{
	pthread_t thread;
	struct requeue *requeue;
	int runs;

	SET(cancel_is_over, false);
	hold_next("requeue_pending");
	again_init(&again, self->wq, -1);
	queue(self->wq, &again.work);
	hold_wait();
	requeue = its_requeue(self->pool);
	runs = GET(again.runs);
	thread = start_thread(cancel_thread, NULL);
	while (GET(requeue->open))
		nap_us(100);
	nap_us(1000);
	EXPECT_FALSE(GET(cancel_is_over));
	hold_release();
	pthread_join(thread, NULL);
	flush_workqueue(self->wq);
	EXPECT_EQ(runs, GET(again.runs));
	SET(again.left, 0);
	EXPECT_TRUE(queue_work(self->wq, &again.work));
	flush_work(&again.work);
}

/* ---- fork ---- */

static void use_in_child(void)
{
	SET(again.left, 0);
	SET(again.hold, false);
	CHECK(!pwq_of(forked_wq)->nr_total && !pwq_of(forked_wq)->nr_active);
	CHECK_USABLE(forked_wq, &again.work, again.runs);
}

TEST_F(queue, kept_one_is_idle_in_a_child)
{
	forked_wq = self->wq;
	begin_kept(self->wq);
	EXPECT_ENDS_WELL(in_child(use_in_child));
	let_go();
	flush_workqueue(self->wq);
	EXPECT_EQ(2, GET(again.runs));
}

static int child_result;	/* atomic */

static void fork_here(void)
{
	SET(child_result, in_child(use_in_child));
}

TEST_F(queue, kept_one_is_idle_in_a_child_of_its_function)
{
	forked_wq = self->wq;
	begin(self->wq, fork_here);
	ASSERT_TRUE(COMES_TRUE(kept_run_came()));
	flush_workqueue(self->wq);
	EXPECT_ENDS_WELL(GET(child_result));
}

/* ---- races ---- */

#define NR_ITEMS	3

static void race_func(struct work_struct *work)
{
	struct counter *one = container_of(work, struct counter, work);

	counter_func(work);
	if (GET(one->runs) % 50)
		queue(again.wq, work);
}

/* C57, C62: after cancel_work_sync() the memory is the caller's. */
static void *requeue_and_free(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)&arg;
	long until = now_ms() + 20000 * KS_SLOW;
	(void)arg;

	for (int round = 0; go_on(round, ROUNDS(20000), until); round++) {
		struct counter *one = malloc(sizeof(*one));

		counter_init(one);
		one->work.func = race_func;
		RIGHT(queue_work_on(0, again.wq, &one->work));
		for (int turns = rand_r(&seed) % 200; turns; turns--)
			cpu_relax();
		switch (rand_r(&seed) % 4) {
		case 0:
			flush_work(&one->work);
			break;
		case 1:
			disable_work_sync(&one->work);
			RIGHT(!queue_work(again.wq, &one->work));
			break;
		case 2:
			cancel_work(&one->work);
			break;
		}
		cancel_work_sync(&one->work);
		RIGHT(!work_busy(&one->work) && !GET(one->inside) && !GET(one->overlaps));
		free(one);
	}
	return NULL;
}

TEST_F(queue, cancelled_ones_may_be_freed)
{
	start_looks();
	again_init(&again, self->wq, 0);
	run_threads(NR_ITEMS, requeue_and_free, NULL);
	stop_looks();
}

TEST_HARNESS_MAIN
