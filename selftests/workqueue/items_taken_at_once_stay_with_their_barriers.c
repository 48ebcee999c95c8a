// SPDX-License-Identifier: MIT
/*
 * Proves that a barrier stands where it would stand if workers took items one by one: behind
 * its item and in front of later ones, whatever is taken at once (C31, C35, C37), and that a
 * flush ends with the last item that came before it (C41).
 */
#include "batch_test.h"

/* Another worker must not come to the barrier before the item is over. */
TEST_F_FOR(queue, flushed_item_that_blocks_is_waited_for, SEVERAL_SLOTS)
{
	struct noted behind;
	struct blocker blocker;

	for (int round = 0; round < ENOUGH; round++) {
		pthread_t thread;

		noted_init(&behind, noted_func);
		blocker_init(&blocker);
		begin_held(self->wq, &leader);
		queue(self->wq, &first.work);
		queue(self->wq, &blocker.work);
		thread = start_flush(self->wq, &blocker.work);
		queue(self->wq, &behind.work);
		hold_release();
		wait_for_completion(&blocker.started);
		EXPECT_TRUE(COMES_TRUE(GET(behind.place)));
		nap_us(1000);
		EXPECT_EQ(0, GET(nr_flushed));
		blocker_release(&blocker);
		pthread_join(thread, NULL);
		flush_workqueue(self->wq);
	}
}

static void compute_until_flushed(struct work_struct *work)
{
	long until = now_ms() + 10000 * KS_SLOW;

	note(container_of(work, struct noted, work));
	while (!GET(nr_flushed) && now_ms() < until)
		cpu_relax();
	RIGHT(GET(nr_flushed));
}

/* The one whose barrier follows it is over when that is reached, whatever comes later. */
TEST_F(queue, barrier_goes_before_later_items)
{
	struct noted later;

	for (int round = 0; round < ENOUGH; round++) {
		pthread_t thread;

		noted_init(&later, compute_until_flushed);
		begin_held(self->wq, &leader);
		queue(self->wq, &first.work);
		queue(self->wq, &later.work);
		thread = start_flush(self->wq, &first.work);
		hold_release();
		pthread_join(thread, NULL);
		flush_workqueue(self->wq);
	}
}

/* Its item is gone. It runs in no slot, and whoever runs it has none to pass on. */
TEST_F_FOR(queue, barrier_alone_takes_nothing_along, ONE_SLOT)
{
	struct noted gone, later;
	struct blocker blocker;
	pthread_t thread;

	for (int round = 0; round < ENOUGH; round++) {
		noted_init(&gone, noted_func);
		noted_init(&later, noted_func);
		blocker_start_on(&blocker, 0, self->wq);
		pretend_short_runs(self->pool);
		queue(self->wq, &gone.work);
		queue(self->wq, &later.work);
		thread = start_flush(self->wq, &gone.work);
		EXPECT_TRUE(cancel_work(&gone.work));
		pthread_join(thread, NULL);
		EXPECT_TRUE(COMES_TRUE(pool_rests(self->pool)));
		EXPECT_EQ(0, GET(later.place));
		blocker_release(&blocker);
		flush_workqueue(self->wq);
	}
}

TEST_F_FOR(queue, barrier_alone_is_no_item, SEVERAL_SLOTS)
{
	struct noted gone, later;

	for (int round = 0; round < ENOUGH; round++) {
		pthread_t thread;

		noted_init(&gone, noted_func);
		noted_init(&later, noted_func);
		begin_held(self->wq, &leader);
		queue(self->wq, &first.work);
		queue(self->wq, &gone.work);
		thread = start_flush(self->wq, &gone.work);
		queue(self->wq, &later.work);
		cancel_work(&gone.work);
		hold_release();
		pthread_join(thread, NULL);
		flush_workqueue(self->wq);
		/* also while other items have slots */
		ASSERT_EQ(0, self->pwq->nr_active);
	}
}

/* ---- flushing the queue ---- */

/* The one that came before the flush is over. That later ones are in its batch must not matter. */
static void let_flush_end_before(struct workqueue_struct *wq, struct work_struct *later[])
{
	pthread_t thread;

	begin_held(wq, &leader);
	queue(wq, &first.work);
	thread = start_queue_flush(wq);
	for (; *later; later++)
		queue(wq, *later);
	/* to the lists: a worker that has a list to work off looks into no inbox */
	items_in_flight(wq);
	hold_release();
	pthread_join(thread, NULL);
}

TEST_F(queue, flush_ends_before_a_later_one_does)
{
	struct noted later;

	start_looks();
	for (int round = 0; round < ENOUGH; round++) {
		noted_init(&later, compute_until_flushed);
		let_flush_end_before(self->wq, (struct work_struct *[]){ &later.work, NULL });
		flush_workqueue(self->wq);
	}
}

TEST_F(queue, flush_ends_in_the_middle)
{
	struct noted brief, later;

	start_looks();
	for (int round = 0; round < ENOUGH; round++) {
		noted_init(&brief, noted_func);
		noted_init(&later, compute_until_flushed);
		let_flush_end_before(self->wq, (struct work_struct *[]){ &brief.work,
									 &later.work, NULL });
		flush_workqueue(self->wq);
	}
}

/* Nobody takes the others back: the worker itself has to tell that the first one was the last. */
TEST_F(queue, flush_ends_with_the_batch)
{
	struct noted brief[2];

	for (int round = 0; round < ENOUGH; round++) {
		noted_init(&brief[0], noted_func);
		noted_init(&brief[1], noted_func);
		let_flush_end_before(self->wq, (struct work_struct *[]){ &brief[0].work,
									 &brief[1].work, NULL });
		flush_workqueue(self->wq);
	}
}

TEST_HARNESS_MAIN
