// SPDX-License-Identifier: MIT
/*
 * Proves that items which a worker has taken with others, and has not begun, are anybody's
 * who asks: they can be cancelled and freed, others run them if the worker's thread ends, and
 * a child of fork() has them idle. Who asks for the one that is just being begun waits.
 */
#include "fork_test.h"
#include "batch_round.h"

static int nr_cancelled;	/* atomic: in this round */

/* Let @fn meet its batch ENOUGH times. What is not cancelled runs each time. */
static void meet_batches(struct __test_metadata *_metadata, struct workqueue_struct *wq,
			 void (*fn)(void), int cancels)
{
	int met = 0;

	action = fn;
	for (int round = 0; met < ENOUGH && round < MOST; round++) {
		int before = sum_of_runs();

		SET(nr_cancelled, 0);
		queue_all(wq);
		flush_workqueue(wq);
		met += GET(had_batch) && GET(nr_cancelled) == cancels;
		ASSERT_EQ(before + NR_BEHIND - GET(nr_cancelled), sum_of_runs());
	}
	EXPECT_EQ(ENOUGH, met);
	for (int i = 0; i < NR_BEHIND; i++)
		EXPECT_EQ(0, GET(behind[i].overlaps));
}

TEST_F(queue, all_of_them_run)
{
	meet_batches(_metadata, self->wq, NULL, 0);
}

/* ---- taking back ---- */

/* The first call takes the batch back: from then on others may run what was in it. */
static void cancel_some(void)
{
	ADD(nr_cancelled, cancel_work(&behind[0].work));
	ADD(nr_cancelled, cancel_work_sync(&behind[3].work));
	ADD(nr_cancelled, disable_work(&behind[5].work));
	RIGHT(enable_work(&behind[5].work));
	RIGHT(!cancel_work(&behind[3].work));
}

TEST_F(queue, cancelled_ones_do_not_run)
{
	meet_batches(_metadata, self->wq, cancel_some, 3);
}

/* What a batch has left: the first one of it does not know who was before it. */
static struct work_struct last;		/* of the batch */
static struct counter left[2];
static bool was_last;			/* atomic: it was, and all in it were begun */

static bool is_last(void)
{
	struct worker_pool *pool = this_worker->pool;
	bool is;

	pool_lock_quick(pool);
	is = owns_batch(this_worker) && this_worker->batch.nr == BATCH_MAX &&
	     GET(this_worker->batch.claims) == BATCH_MAX;
	pool_unlock(pool);
	return is;
}

static void last_func(struct work_struct *work)
{
	(void)work;
	/* another worker may have come before they were all queued */
	SET(was_last, GET(all_queued) && is_last());
	SET(nr_cancelled, GET(was_last) && cancel_work(&left[0].work));
}

TEST_F(queue, one_behind_them_can_be_cancelled)
{
	int met = 0;

	action = NULL;
	INIT_WORK(&last, last_func);
	for (size_t i = 0; i < ARRAY_SIZE(left); i++)
		counter_init(&left[i]);
	for (int round = 0; met < ENOUGH && round < MOST; round++) {
		int before = GET(left[0].runs);

		queue_held(self->wq);
		ASSERT_TRUE(queue_work_on(0, self->wq, &last));
		for (size_t i = 0; i < ARRAY_SIZE(left); i++)
			ASSERT_TRUE(queue_work_on(0, self->wq, &left[i].work));
		let_go();
		flush_workqueue(self->wq);
		met += GET(was_last) && GET(nr_cancelled);
		ASSERT_EQ(before + !GET(nr_cancelled), GET(left[0].runs));
		ASSERT_EQ(round + 1, GET(left[1].runs));
	}
	EXPECT_EQ(ENOUGH, met);
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

static void end_thread(void)
{
	pthread_exit(NULL);
}

TEST_F(queue, one_may_end_its_thread)
{
	log_count("ended the thread");
	meet_batches(_metadata, self->wq, end_thread, 0);
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
