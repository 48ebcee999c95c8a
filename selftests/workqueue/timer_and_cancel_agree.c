// SPDX-License-Identifier: MIT
/*
 * Proves C47, C54's safe half, C78, B3, B34, B50: a cancel that meets the expiry of the
 * timer returns true and there is no run, or false and there is one; never both, never
 * neither; and the item is usable afterwards. A delayed item that its own queue's function
 * armed is dropped when its timer fires during a drain. A modification is a cancel as well.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

#include "kernel-compat/clock_thread.h"

static int runs;	/* atomic */

static void count_run(struct work_struct *work)
{
	(void)work;
	ADD(runs, 1);
}

/* Aim the cancel at the expiry: wait for it by a little more or less each time. */
TEST_TIMEOUT(true_without_a_run_or_false_with_one, 60)
{
	struct workqueue_struct *wq = alloc_workqueue("aimed", WQ_UNBOUND, 0);
	struct delayed_work dwork;
	int removed = 0, ran = 0;
	long until = now_ms() + 2000;

	INIT_DELAYED_WORK(&dwork, count_run);
	for (int round = 0; now_ms() < until; round++) {
		bool true_;

		SET(runs, 0);
		ASSERT_TRUE(queue_delayed_work(wq, &dwork, 1));
		nap_us(900 + round * 7 % 400);
		true_ = cancel_delayed_work(&dwork);
		flush_work(&dwork.work);
		ASSERT_EQ(1, true_ + GET(runs));
		removed += true_;
		ran += !true_;
	}
	TH_LOG("%d removed, %d ran", removed, ran);
	EXPECT_LT(0, removed + ran);
	destroy_workqueue(wq);
}

/* So does a modification: false, and that instance runs; true, and there is the new one only. */
TEST_TIMEOUT(modified_at_its_expiry_it_runs_once_for_each_instance, 60)
{
	struct workqueue_struct *wq = alloc_workqueue("aimed", WQ_UNBOUND, 0);
	struct delayed_work dwork;
	int moved = 0, ran = 0;
	long until = now_ms() + 2000;

	INIT_DELAYED_WORK(&dwork, count_run);
	for (int round = 0; now_ms() < until; round++) {
		bool true_;

		SET(runs, 0);
		ASSERT_TRUE(queue_delayed_work(wq, &dwork, 1));
		nap_us(900 + round * 7 % 400);
		true_ = mod_delayed_work(wq, &dwork, 1);
		ASSERT_TRUE(COMES_TRUE(!delayed_work_pending(&dwork)));
		flush_work(&dwork.work);
		ASSERT_EQ(2, true_ + GET(runs));
		moved += true_;
		ran += !true_;
	}
	TH_LOG("%d moved, %d ran before", moved, ran);
	EXPECT_LT(0, moved + ran);
	destroy_workqueue(wq);
}

static void *mod_thread(void *dwork)
{
	struct delayed_work *late = dwork;

	return (void *)(long)mod_delayed_work(late->wq, late, 1000 * HZ);
}

/* The timer has let go of the item, and is not armed a second time before somebody has it. */
TEST(modification_waits_for_a_timer_that_is_just_queueing)
{
	struct workqueue_struct *wq = alloc_workqueue("held", WQ_UNBOUND, 0);
	struct delayed_work dwork;
	pthread_t modifier;
	void *moved;

	INIT_DELAYED_WORK(&dwork, count_run);
	hold_next("delayed_timer_fired");
	queue_delayed_work(wq, &dwork, 1);
	hold_wait();
	modifier = start_thread(mod_thread, &dwork);
	nap_us(10000);
	EXPECT_EQ(0, timer_pending(&dwork.timer));
	hold_release();
	pthread_join(modifier, &moved);
	EXPECT_TRUE(cancel_delayed_work_sync(&dwork));
	EXPECT_EQ(1, (long)moved + GET(runs));
	destroy_workqueue(wq);
}

static bool timers_sleep(void)
{
	bool asleep;

	futex_lock(&uwq_timer_thread.lock);
	asleep = uwq_timer_thread.asleep;
	futex_unlock(&uwq_timer_thread.lock);
	return asleep;
}

TEST(modification_to_a_sooner_time_wakes_the_timers)
{
	struct workqueue_struct *wq = alloc_workqueue("sooner", WQ_UNBOUND, 0);
	struct delayed_work dwork;

	INIT_DELAYED_WORK(&dwork, count_run);
	ASSERT_TRUE(queue_delayed_work(wq, &dwork, 1000 * HZ));
	ASSERT_TRUE(COMES_TRUE(timers_sleep()));
	nap_us(10000);
	ASSERT_TRUE(mod_delayed_work(wq, &dwork, 1));
	EXPECT_TRUE(COMES_TRUE(GET(runs) == 1));
	destroy_workqueue(wq);
}

static void *cancel_thread(void *dwork)
{
	return (void *)(long)cancel_delayed_work_sync((struct delayed_work *)dwork);
}

/* The timer has let go of the item and has not queued it yet. */
TEST(cancel_waits_for_a_timer_that_is_just_queueing)
{
	struct workqueue_struct *wq = alloc_workqueue("held", WQ_UNBOUND, 0);
	struct delayed_work dwork;
	pthread_t canceller;
	void *removed;

	INIT_DELAYED_WORK(&dwork, count_run);
	hold_next("delayed_timer_fired");
	queue_delayed_work(wq, &dwork, 1);
	hold_wait();
	canceller = start_thread(cancel_thread, &dwork);
	EXPECT_TRUE(delayed_work_pending(&dwork));
	hold_release();
	pthread_join(canceller, &removed);
	flush_workqueue(wq);
	EXPECT_EQ(1, (long)removed + GET(runs));
	/* B34: later submissions are not lost */
	EXPECT_TRUE(queue_delayed_work(wq, &dwork, 0));
	flush_work(&dwork.work);
	EXPECT_EQ(2, (long)removed + GET(runs));
	destroy_workqueue(wq);
}

struct armer {
	struct blocker blocker;
	struct workqueue_struct *wq;
	struct delayed_work late;
};

static void armer_func(struct work_struct *work)
{
	struct armer *armer = container_of(work, struct armer, blocker.work);

	queue_delayed_work(armer->wq, &armer->late, 1);
	complete(&armer->blocker.started);
	wait_for_completion(&armer->blocker.release);
}

static void *drain_thread(void *wq)
{
	drain_workqueue((struct workqueue_struct *)wq);
	return NULL;
}

/* C47, B3: dropped, idle at once, and a cancel does not wait for anything. */
TEST(a_timer_that_fires_during_a_drain_drops_its_item)
{
	struct armer armer = { .wq = alloc_workqueue("drained", WQ_UNBOUND, 0) };
	pthread_t drainer;

	log_count("being drained");
	blocker_init(&armer.blocker);
	armer.blocker.work.func = armer_func;
	INIT_DELAYED_WORK(&armer.late, count_run);
	hold_next("delayed_timer_fired");
	queue_work(armer.wq, &armer.blocker.work);
	wait_for_completion(&armer.blocker.started);
	hold_wait();
	drainer = start_thread(drain_thread, armer.wq);
	ASSERT_TRUE(COMES_TRUE(UNDER_MUTEX(armer.wq, armer.wq->nr_drainers) == 1));
	hold_release();
	ASSERT_TRUE(COMES_TRUE(!delayed_work_pending(&armer.late)));
	EXPECT_LT(0, GET(log_hits));
	EXPECT_FALSE(cancel_delayed_work_sync(&armer.late));
	blocker_release(&armer.blocker);
	pthread_join(drainer, NULL);
	EXPECT_EQ(0, GET(runs));
	EXPECT_TRUE(queue_delayed_work(armer.wq, &armer.late, 0));
	flush_work(&armer.late.work);
	EXPECT_EQ(1, GET(runs));
	destroy_workqueue(armer.wq);
}

TEST_HARNESS_MAIN
