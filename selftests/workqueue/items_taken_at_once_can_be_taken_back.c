// SPDX-License-Identifier: MIT
/*
 * Proves that nobody can tell whether a worker takes items one by one or several at once:
 * those that it has not begun can be cancelled, flushed and run by others, whatever the
 * function before them does; no flush waits for an item that came later; items begin in
 * their order and never too early for max_active (C7, C26); a child of fork() has them idle.
 */
#include "fork_test.h"
#include "batch_queue.h"

#include <linux/sched.h>

#define NR_BEHIND	6	/* in the batch, behind the item that the worker runs */
#define MOST		2000	/* rounds; the monitor may be faster than a function */

static struct work_struct leader, first;
static struct counter behind[NR_BEHIND];
static int nr_batches;		/* atomic: taken so far */

static bool has_claimed_first_of_others(void)
{
	struct batch *batch = &this_worker->batch;

	return batch->items[batch->begun].work == &behind[0].work;
}

static void batch_hook(const char *name)
{
	if (!strcmp(name, "batch_taken"))
		ADD(nr_batches, 1);
	if (!strcmp(name, "batch_claimed") && has_claimed_first_of_others() &&
	    __atomic_exchange_n(&hold_claimed, false, __ATOMIC_ACQ_REL)) {
		gate_open(&claimed);
		gate_wait(&may_begin);
	}
	held_hook(name);
}

static void (*action)(void);	/* what the first item's function does with its batch */
static bool had_batch;		/* atomic: it had one, with all the others */

static bool has_whole_batch(void)
{
	struct worker_pool *pool = this_worker->pool;
	bool has;

	pool_lock_quick(pool);
	has = pool->batcher == this_worker && this_worker->batch.nr == NR_BEHIND &&
	      !GET(this_worker->batch.claims);
	pool_unlock(pool);
	return has;
}

static void first_func(struct work_struct *work)
{
	(void)work;
	SET(had_batch, has_whole_batch());
	if (action && GET(had_batch))
		action();
}

static void leader_func(struct work_struct *work)
{
	(void)work;
}

FIXTURE(queue) {
	struct workqueue_struct *wq;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
	int max_active;
};

FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, one_slot) { .flags = WQ_UNBOUND, .max_active = 1 };
FIXTURE_VARIANT_ADD(queue, one_slot_percpu) { .flags = WQ_PERCPU, .max_active = 1 };

FIXTURE_SETUP(queue)
{
	uwq_test_force_batches(true);
	self->wq = alloc_workqueue("batches", variant->flags, variant->max_active);
	ASSERT_NOT_NULL(self->wq);
	INIT_WORK(&leader, leader_func);
	INIT_WORK(&first, first_func);
	for (int i = 0; i < NR_BEHIND; i++)
		counter_init(&behind[i]);
	/* the first run of all is measured: from then on there are batches */
	queue_work_on(0, self->wq, &leader);
	flush_work(&leader);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
	EXPECT_EQ(0, GET(wrong_line));
}

/* The worker that runs the leader finds all others at once when it comes back. */
static void queue_all(struct workqueue_struct *wq)
{
	flush_workqueue(wq);
	pretend_short_runs(pwq_of(wq)->pool);
	hold_next("worker_call");
	SET(uwq_test_point_hook, batch_hook);
	queue_work_on(0, wq, &leader);
	hold_wait();
	queue_work_on(0, wq, &first);
	for (int i = 0; i < NR_BEHIND; i++)
		queue_work_on(0, wq, &behind[i].work);
	hold_release();
}

static int sum_of_runs(void)
{
	int sum = 0;

	for (int i = 0; i < NR_BEHIND; i++)
		sum += GET(behind[i].runs);
	return sum;
}

/* Let @fn meet its batch ENOUGH times; @per_round of the others shall run each time. */
static void meet_batches(struct __test_metadata *_metadata, struct workqueue_struct *wq,
			 void (*fn)(void), int per_round)
{
	int met = 0;

	action = fn;
	for (int round = 0; met < ENOUGH && round < MOST; round++) {
		int before = sum_of_runs();

		queue_all(wq);
		flush_workqueue(wq);
		met += GET(had_batch);
		ASSERT_EQ(before + (GET(had_batch) ? per_round : NR_BEHIND), sum_of_runs());
	}
	EXPECT_EQ(ENOUGH, met);
	for (int i = 0; i < NR_BEHIND; i++)
		EXPECT_EQ(0, GET(behind[i].overlaps));
}

TEST_F(queue, all_of_them_run)
{
	meet_batches(_metadata, self->wq, NULL, NR_BEHIND);
}

/* ---- taking back ---- */

static void cancel_some(void)
{
	RIGHT(cancel_work(&behind[0].work));
	RIGHT(cancel_work_sync(&behind[3].work));
	RIGHT(disable_work(&behind[5].work));
	RIGHT(enable_work(&behind[5].work));
	RIGHT(!cancel_work(&behind[3].work));
}

TEST_F(queue, cancelled_ones_do_not_run)
{
	meet_batches(_metadata, self->wq, cancel_some, NR_BEHIND - 3);
}

/* A worker has claimed it and has not said so yet: it is not cancelled, but waited for. */
static bool cancel_is_over;	/* atomic */

static void *cancel_claimed(void *arg)
{
	(void)arg;
	RIGHT(!cancel_work_sync(&behind[0].work));
	RIGHT(GET(behind[0].runs));
	SET(cancel_is_over, true);
	return NULL;
}

TEST_F(queue, claimed_one_is_waited_for)
{
	int met = 0;

	action = NULL;
	for (int round = 0; met < ENOUGH && round < MOST; round++) {
		pthread_t thread;

		gate_close(&claimed);
		gate_close(&may_begin);
		SET(behind[0].runs, 0);
		SET(cancel_is_over, false);
		SET(hold_claimed, true);
		queue_all(self->wq);
		ASSERT_TRUE(COMES_TRUE(GET(claimed.open) || GET(behind[NR_BEHIND - 1].runs) > round));
		if (!GET(claimed.open)) {
			SET(hold_claimed, false);
		} else {
			met++;
			thread = start_thread(cancel_claimed, NULL);
			nap_us(met % 4 * 100);
			EXPECT_FALSE(GET(cancel_is_over));
			gate_open(&may_begin);
			pthread_join(thread, NULL);
		}
		flush_workqueue(self->wq);
	}
	EXPECT_EQ(ENOUGH, met);
}

/* ---- functions that turn out to be long ---- */

static int last_before;	/* atomic: runs of the last one when the round began */

static bool last_came(void)
{
	return GET(behind[NR_BEHIND - 1].runs) > GET(last_before);
}

static void flush_last(void)
{
	flush_work(&behind[NR_BEHIND - 1].work);
	RIGHT(last_came());
}

static void nap_for_last(void)
{
	RIGHT(COMES_TRUE(last_came()));
}

static void compute_for_last(void)
{
	long until = now_ms() + 10000 * KS_SLOW;

	while (!last_came() && now_ms() < until)
		cpu_relax();
	RIGHT(last_came());
}

/* The first one waits in its function for the last one of its batch. */
static void wait_for_batch(struct __test_metadata *_metadata, struct workqueue_struct *wq,
			   void (*fn)(void))
{
	int met = 0;

	action = fn;
	for (int round = 0; met < ENOUGH && round < MOST; round++) {
		flush_workqueue(wq);
		SET(last_before, GET(behind[NR_BEHIND - 1].runs));
		queue_all(wq);
		flush_workqueue(wq);
		met += GET(had_batch);
		ASSERT_EQ(0, GET(wrong_line));
	}
	EXPECT_EQ(ENOUGH, met);
}

TEST_F(queue, one_may_flush_another)
{
	NEEDS_SLOTS(variant);
	wait_for_batch(_metadata, self->wq, flush_last);
}

TEST_F(queue, one_may_sleep_unseen_until_another_has_run)
{
	NEEDS_SLOTS(variant);
	wait_for_batch(_metadata, self->wq, nap_for_last);
}

TEST_F(queue, one_may_compute_until_another_has_run)
{
	NEEDS_SLOTS(variant);
	wait_for_batch(_metadata, self->wq, compute_for_last);
}

static void end_thread(void)
{
	pthread_exit(NULL);
}

TEST_F(queue, one_may_end_its_thread)
{
	log_count("ended the thread");
	meet_batches(_metadata, self->wq, end_thread, NR_BEHIND);
}

/* ---- owners that come back late ---- */

static struct work_struct opener, pair[2];
static bool may_return;		/* atomic */

static void nap_until_told(void)
{
	while (!GET(may_return))
		nap_us(100);
}

static void pair_func(struct work_struct *work)
{
	(void)work;
}

/* Whoever it is takes the two at once, and is done with them. */
static void run_pair(struct workqueue_struct *wq)
{
	hold_next("worker_call");
	SET(uwq_test_point_hook, batch_hook);
	queue_work_on(0, wq, &opener);
	hold_wait();
	for (int i = 0; i < 2; i++)
		queue_work_on(0, wq, &pair[i]);
	hold_release();
	for (int i = 0; i < 2; i++)
		while (work_pending(&pair[i]))
			nap_us(100);
}

/*
 * The first one sleeps unseen while another worker runs what was in the batch, and has one of
 * its own. What the first one finds when it comes back is none of its business.
 */
TEST_F(queue, owner_that_comes_back_late_begins_nothing)
{
	int met = 0;

	NEEDS_SLOTS(variant);
	INIT_WORK(&opener, pair_func);
	for (int i = 0; i < 2; i++)
		INIT_WORK(&pair[i], pair_func);
	action = nap_until_told;
	for (int round = 0; met < ENOUGH && round < MOST; round++) {
		int before = sum_of_runs();

		SET(may_return, false);
		queue_all(self->wq);
		ASSERT_TRUE(COMES_TRUE(sum_of_runs() >= before + NR_BEHIND));
		run_pair(self->wq);
		SET(may_return, true);
		flush_workqueue(self->wq);
		met += GET(had_batch);
		ASSERT_EQ(before + NR_BEHIND, sum_of_runs());
	}
	EXPECT_EQ(ENOUGH, met);
}

/* ---- flushing ---- */

static int flushed;		/* atomic */
static bool was_in_batch;	/* atomic */

static void *flush_thread(void *wq)
{
	flush_workqueue(wq);
	ADD(flushed, 1);
	return NULL;
}

static void compute_until_flushed(struct work_struct *work)
{
	long until = now_ms() + 10000 * KS_SLOW;

	(void)work;
	pool_lock_quick(this_worker->pool);
	SET(was_in_batch, this_worker->pool->batcher == this_worker);
	pool_unlock(this_worker->pool);
	while (!GET(flushed) && now_ms() < until)
		cpu_relax();
	RIGHT(GET(flushed));
}

/* It came before the later one, and is over. That both were in one batch must not matter. */
TEST_F(queue, flush_waits_for_nothing_later)
{
	struct work_struct later;

	int met = 0;

	INIT_WORK_ONSTACK(&later, compute_until_flushed);
	action = NULL;
	for (int round = 0; met < ENOUGH && round < MOST; round++) {
		pthread_t thread;

		flush_workqueue(self->wq);
		SET(flushed, 0);
		pretend_short_runs(pwq_of(self->wq)->pool);
		hold_next("worker_call");
		SET(uwq_test_point_hook, batch_hook);
		queue_work_on(0, self->wq, &leader);
		hold_wait();
		queue_work_on(0, self->wq, &first);
		thread = start_thread(flush_thread, self->wq);
		EXPECT_TRUE(COMES_TRUE(UNDER_MUTEX(self->wq, self->wq->flush_color !=
						   self->wq->work_color)));
		queue_work_on(0, self->wq, &later);
		/* to the lists: a worker that has a list to work off looks into no inbox */
		items_in_flight(self->wq);
		hold_release();
		pthread_join(thread, NULL);
		flush_work(&later);
		met += GET(was_in_batch);
		ASSERT_EQ(0, GET(wrong_line));
	}
	EXPECT_EQ(ENOUGH, met);
}

/* ---- order ---- */

#define NR_STREAM	ROUNDS(40000)

static struct work_struct stream[40000];
static int nr_finished, too_early, stream_runs;	/* atomic */
static int nr_slots;
static int stop;				/* atomic */

/* Of those before an item, all but as many as there are other slots are over. */
static void stream_func(struct work_struct *work)
{
	int index = (int)(work - stream);

	if (index - GET(nr_finished) >= nr_slots)
		ADD(too_early, 1);
	if (index % 1024 == 500)
		schedule_timeout_uninterruptible(1);
	if (ADD(stream_runs, 1) != index + 1 && nr_slots == 1)
		ADD(too_early, 1);
	ADD(nr_finished, 1);
}

/* Somebody who looks at the pool again and again. */
static void *recall_thread(void *pool)
{
	while (!GET(stop)) {
		pretend_short_runs(pool);
		nap_us(20);
	}
	return NULL;
}

static void run_stream(struct __test_metadata *_metadata, unsigned int flags, int slots)
{
	struct workqueue_struct *wq;
	pthread_t thread;

	uwq_test_force_batches(true);
	SET(uwq_test_point_hook, batch_hook);
	nr_slots = slots;
	wq = alloc_workqueue("stream", flags, slots);
	ASSERT_NOT_NULL(wq);
	for (int i = 0; i < NR_STREAM; i++)
		INIT_WORK(&stream[i], stream_func);
	thread = start_thread(recall_thread, pwq_of(wq)->pool);
	for (int i = 0; i < NR_STREAM; i++)
		queue_work_on(0, wq, &stream[i]);
	flush_workqueue(wq);
	SET(stop, 1);
	pthread_join(thread, NULL);
	EXPECT_EQ(NR_STREAM, GET(stream_runs));
	EXPECT_EQ(0, GET(too_early));
	EXPECT_LT(0, GET(nr_batches));
	destroy_workqueue(wq);
}

TEST(items_of_one_slot_keep_their_order)
{
	run_stream(_metadata, WQ_UNBOUND, 1);
}

TEST(items_of_one_slot_keep_their_order_on_a_cpu)
{
	run_stream(_metadata, WQ_PERCPU, 1);
}

TEST(items_do_not_begin_too_early)
{
	run_stream(_metadata, WQ_PERCPU, 4);
}

/* ---- cancel and free ---- */

#define NR_FREED	64

static void *cancel_and_free(void *arg)
{
	struct workqueue_struct *wq = arg;
	long until = now_ms() + 10000 * KS_SLOW;

	/* a worker that finds each item at once takes no other with it */
	for (int round = 0; round < ROUNDS(500) || (!GET(nr_batches) && now_ms() < until); round++) {
		struct counter *all[NR_FREED];

		pretend_short_runs(pwq_of(wq)->pool);
		for (int i = 0; i < NR_FREED; i++) {
			all[i] = malloc(sizeof(*all[i]));
			counter_init(all[i]);
			queue_work_on(0, wq, &all[i]->work);
		}
		for (int i = 0; i < NR_FREED; i++) {
			struct counter *one = all[(i * 5 + round) % NR_FREED];

			if (cancel_work_sync(&one->work) != !GET(one->runs))
				RIGHT(false);
			free(one);
		}
	}
	return NULL;
}

TEST_F(queue, cancelled_ones_may_be_freed)
{
	SET(uwq_test_point_hook, batch_hook);
	run_threads(3, cancel_and_free, self->wq);
	EXPECT_LT(0, GET(nr_batches));
}

/* ---- fork ---- */

static int child_result;	/* atomic */

static void use_in_child(void)
{
	for (int i = 0; i < NR_BEHIND; i++)
		CHECK_USABLE(system_dfl_wq, &behind[i].work, behind[i].runs);
}

static void fork_in_function(void)
{
	SET(child_result, in_child(use_in_child));
}

TEST_F(queue, child_has_them_idle)
{
	int met = 0;

	action = fork_in_function;
	for (int round = 0; met < 2 && round < 50; round++) {
		queue_all(self->wq);
		flush_workqueue(self->wq);
		met += GET(had_batch);
		ASSERT_EQ(0, GET(child_result));
	}
	EXPECT_EQ(2, met);
}

TEST_HARNESS_MAIN
