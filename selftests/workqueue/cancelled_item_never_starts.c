// SPDX-License-Identifier: MIT
/*
 * Catches B35 and B36: between "chosen by a worker" and "running" there is no gap in which a
 * cancel takes an item that runs all the same, or reports an item idle that starts
 * afterwards; a zero-delay submission has no gap either in which a cancel is lost. What the
 * cancels took and what ran adds up to what was accepted, and after a waiting cancel
 * nothing starts.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

struct watched {
	struct delayed_work dwork;
	int runs;	/* atomic */
	int forbidden;	/* atomic: cancel_sync has returned, nobody has queued since */
	int bad;	/* atomic: runs while forbidden */
};

static void run_watched(struct work_struct *work)
{
	struct watched *item = container_of(to_delayed_work(work), struct watched, dwork);

	if (GET(item->forbidden))
		ADD(item->bad, 1);
	ADD(item->runs, 1);
	if (GET(item->forbidden))
		ADD(item->bad, 1);
}

FIXTURE(queue) {
	struct workqueue_struct *wq;
	struct watched item;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
	int max_active;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, one_slot) { .flags = WQ_UNBOUND, .max_active = 1 };
FIXTURE_VARIANT_ADD(queue, bottom_half) { .flags = WQ_PERCPU | WQ_BH };

FIXTURE_SETUP(queue)
{
	self->wq = alloc_workqueue("cancelled", variant->flags, variant->max_active);
	ASSERT_NOT_NULL(self->wq);
	INIT_DELAYED_WORK(&self->item.dwork, run_watched);
}

FIXTURE_TEARDOWN(queue)
{
	EXPECT_EQ(0, GET(self->item.bad));
	destroy_workqueue(self->wq);
}

static inline void pause_a_little(int n)
{
	while (n--)
		cpu_relax();
}

TEST_F(queue, after_a_waiting_cancel_nothing_starts)
{
	struct watched *item = &self->item;
	int i, taken = 0, nr = ROUNDS(50000);

	for (i = 0; i < nr; i++) {
		SET(item->forbidden, 0);
		ASSERT_TRUE(queue_work_on((raw_smp_processor_id() + 1) % nr_cpu_ids, self->wq,
					  &item->dwork.work));
		pause_a_little(i % 300);
		if (cancel_work_sync(&item->dwork.work))
			taken++;
		SET(item->forbidden, 1);
		ASSERT_EQ(i + 1, taken + GET(item->runs));
	}
	TH_LOG("%d taken, %d run", taken, GET(item->runs));
}

TEST_F(queue, zero_delay_and_cancel)
{
	struct watched *item = &self->item;
	int i, taken = 0, nr = ROUNDS(50000);

	for (i = 0; i < nr; i++) {
		SET(item->forbidden, 0);
		if (i % 2)
			ASSERT_TRUE(queue_delayed_work(self->wq, &item->dwork, 0));
		else
			ASSERT_FALSE(mod_delayed_work(self->wq, &item->dwork, 0));
		pause_a_little(i % 300);
		if (cancel_delayed_work_sync(&item->dwork))
			taken++;
		SET(item->forbidden, 1);
		ASSERT_EQ(i + 1, taken + GET(item->runs));
	}
	TH_LOG("%d taken, %d run", taken, GET(item->runs));
}

static int accepted, removed;	/* atomic */

static void *submit(void *arg)
{
	FIXTURE_DATA(queue) *self = arg;

	/* a canceller that is off its CPU may refuse all of them */
	for (int i = 0; i < ROUNDS(20000) || !GET(accepted); i++)
		ADD(accepted, queue_delayed_work(self->wq, &self->item.dwork, 0));
	return NULL;
}

static void *take_back(void *arg)
{
	FIXTURE_DATA(queue) *self = arg;

	for (int i = 0; i < ROUNDS(20000); i++) {
		bool taken = i % 2 ? cancel_delayed_work(&self->item.dwork) :
				     cancel_delayed_work_sync(&self->item.dwork);

		ADD(removed, taken);
	}
	return NULL;
}

TEST_F(queue, storm_adds_up)
{
	pthread_t threads[4];
	int i;

	for (i = 0; i < 4; i++)
		threads[i] = start_thread(i % 2 ? submit : take_back, self);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	flush_delayed_work(&self->item.dwork);
	EXPECT_EQ(GET(accepted) - GET(removed), GET(self->item.runs));
	EXPECT_LT(0, GET(accepted));
}

/* A call that is told true in a gap of another one, and whose item does not run, is missing. */
static int arrived, go;	/* atomic */

static void *submit_at_the_same_moment(void *arg)
{
	FIXTURE_DATA(queue) *self = arg;
	int round;

	for (round = 1; round <= ROUNDS(20000); round++) {
		if (ADD(arrived, 1) == 2) {
			flush_work(&self->item.dwork.work);
			SET(arrived, 0);
			SET(go, round);
		}
		while (GET(go) < round)
			sched_yield();
		ADD(accepted, queue_delayed_work(self->wq, &self->item.dwork, 0));
	}
	return NULL;
}

TEST_F(queue, two_zero_delays_at_the_same_moment)
{
	run_threads(2, submit_at_the_same_moment, self);
	flush_work(&self->item.dwork.work);
	EXPECT_EQ(GET(accepted), GET(self->item.runs));
}

/* The gap itself: chosen, PENDING not off yet. A cancel there comes too late, and says so. */
static void *cancel_sync(void *arg)
{
	struct watched *item = arg;
	bool taken = cancel_work_sync(&item->dwork.work);

	return (void *)(long)(taken ? -1 : GET(item->runs));
}

TEST_F(queue, cancel_between_chosen_and_running)
{
	const char *points[] = { "worker_begin", "worker_call" };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		pthread_t canceller;
		void *seen;

		hold_next(points[i]);
		ASSERT_TRUE(queue_work(self->wq, &self->item.dwork.work));
		hold_wait();
		canceller = start_thread(cancel_sync, &self->item);
		/* it cannot return before the run; 2 ms let a wrong one do it */
		nap_us(2000);
		EXPECT_EQ((int)i, GET(self->item.runs));
		hold_release();
		pthread_join(canceller, &seen);
		EXPECT_EQ(i + 1, (long)seen);
	}
}

TEST_HARNESS_MAIN
