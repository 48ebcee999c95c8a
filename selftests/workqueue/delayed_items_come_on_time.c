// SPDX-License-Identifier: MIT
/*
 * Proves C73, C74, C75, C76, C77, C79, C80, C81, C82, U14, B5, B39, B48, B49, B58: when
 * and where delayed items run. The fake clock moves only when told, so "not yet" and "now"
 * are facts.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

#include "kernel-compat/fake_clock.h"

#define TICK	1000000ULL	/* ns */

static struct workqueue_struct *last_wq;	/* atomic: queue that the last run came from */
static int runs;				/* atomic */
static int pending_inside;			/* atomic */

static void note_run(struct work_struct *work)
{
	SET(last_wq, this_worker->current_pwq->wq);
	if (work_pending(work))
		ADD(pending_inside, 1);
	ADD(runs, 1);
}

FIXTURE(clock) {
	struct workqueue_struct *a, *b;
	struct delayed_work dwork;
};

FIXTURE_SETUP(clock)
{
	self->a = alloc_workqueue("a", WQ_UNBOUND, 0);
	self->b = alloc_workqueue("b", WQ_PERCPU, 0);
	INIT_DELAYED_WORK(&self->dwork, note_run);
	SET(runs, 0);
	SET(pending_inside, 0);
	uwq_fake_clock_enable();
}

FIXTURE_TEARDOWN(clock)
{
	cancel_delayed_work_sync(&self->dwork);
	destroy_workqueue(self->a);
	destroy_workqueue(self->b);
	uwq_fake_clock_disable();
}

/* How many runs there have been when everything due by now is over. */
static int runs_now(struct workqueue_struct *a, struct workqueue_struct *b)
{
	flush_workqueue(a);
	flush_workqueue(b);
	return GET(runs);
}

#define RUNS()	runs_now(self->a, self->b)

TEST_F(clock, zero_delay_needs_no_tick)
{
	for (int i = 0; i < ROUNDS(1000); i++) {
		ASSERT_TRUE(queue_delayed_work(self->a, &self->dwork, 0));
		ASSERT_FALSE(timer_pending(&self->dwork.timer));
		flush_work(&self->dwork.work);
		ASSERT_FALSE(mod_delayed_work(self->a, &self->dwork, 0));
		flush_work(&self->dwork.work);
		ASSERT_EQ(2 * (i + 1), GET(runs));
	}
	/* no timer was ever armed, so no queue and CPU were noted */
	EXPECT_NULL(self->dwork.wq);
}

TEST_F(clock, never_early_and_at_most_a_tick_late)
{
	static const unsigned long delays[] = { 1, 2, 3, 10, 63, 64, 65, HZ, 4095, 4096, 100000,
						1UL << 31 };

	for (unsigned int i = 0; i < ARRAY_SIZE(delays); i++) {
		int before = GET(runs);

		uwq_fake_clock_advance(TICK / 3);
		ASSERT_TRUE(queue_delayed_work(self->a, &self->dwork, delays[i]));
		uwq_fake_clock_advance(delays[i] * TICK - 1);
		ASSERT_EQ(before, RUNS()) {
			TH_LOG("delay %lu came early", delays[i]);
		}
		uwq_fake_clock_advance(2 * TICK);
		ASSERT_EQ(before + 1, RUNS()) {
			TH_LOG("delay %lu did not come", delays[i]);
		}
	}
}

static int ticked;	/* atomic */

static void note_tick(struct timer_list *timer)
{
	(void)timer;
	ADD(ticked, 1);
}

/* The ticks of a timer count from the reading of jiffies, whatever was armed in between. */
TEST_F(clock, arming_an_item_makes_no_other_timer_early)
{
	struct timer_list timer;
	unsigned long then;

	timer_setup(&timer, note_tick, 0);
	uwq_fake_clock_advance(TICK - 1 - ktime_get_ns() % TICK);
	then = jiffies;
	uwq_fake_clock_advance(TICK / 10);
	ASSERT_TRUE(queue_delayed_work(self->a, &self->dwork, 1000));
	mod_timer(&timer, then + 5);
	uwq_fake_clock_advance(5 * TICK - TICK / 10 - 1);
	EXPECT_EQ(0, GET(ticked));
	uwq_fake_clock_advance(TICK);
	EXPECT_EQ(1, GET(ticked));
	timer_delete_sync(&timer);
}

TEST_F(clock, huge_delays_do_not_become_now)
{
	static const unsigned long delays[] = { LONG_MAX / 2, LONG_MAX - 1, LONG_MAX,
						LONG_MAX + 1UL, ULONG_MAX - 1, ULONG_MAX };

	for (unsigned int i = 0; i < ARRAY_SIZE(delays); i++) {
		ASSERT_TRUE(queue_delayed_work(self->a, &self->dwork, delays[i]));
		uwq_fake_clock_advance(1000 * 3600 * 24 * TICK);
		ASSERT_EQ(0, RUNS());
		ASSERT_TRUE(cancel_delayed_work(&self->dwork));
	}
}

TEST_F(clock, queueing_an_armed_item_changes_nothing)
{
	ASSERT_TRUE(queue_delayed_work(self->a, &self->dwork, 10));
	EXPECT_FALSE(queue_delayed_work(self->b, &self->dwork, 10000));
	EXPECT_FALSE(queue_work(self->b, &self->dwork.work));
	uwq_fake_clock_advance(12 * TICK);
	EXPECT_EQ(1, RUNS());
	EXPECT_EQ(self->a, GET(last_wq));
}

TEST_F(clock, mod_replaces_time_and_queue)
{
	EXPECT_FALSE(mod_delayed_work(self->a, &self->dwork, 10));
	EXPECT_TRUE(mod_delayed_work(self->b, &self->dwork, 100));
	uwq_fake_clock_advance(50 * TICK);
	EXPECT_EQ(0, RUNS());
	uwq_fake_clock_advance(60 * TICK);
	EXPECT_EQ(1, RUNS());
	EXPECT_EQ(self->b, GET(last_wq));
	/* to zero: the armed timer must not fire later */
	EXPECT_FALSE(mod_delayed_work(self->a, &self->dwork, 50));
	EXPECT_TRUE(mod_delayed_work(self->a, &self->dwork, 0));
	EXPECT_EQ(2, RUNS());
	uwq_fake_clock_advance(100 * TICK);
	EXPECT_EQ(2, RUNS());
}

TEST_F(clock, mod_takes_a_queued_item_back_to_the_timer)
{
	struct workqueue_struct *one = alloc_ordered_workqueue("one", 0);
	struct blocker blocker;

	blocker_start(&blocker, one);
	ASSERT_TRUE(queue_delayed_work(one, &self->dwork, 0));
	EXPECT_TRUE(mod_delayed_work(one, &self->dwork, 100));
	EXPECT_TRUE(timer_pending(&self->dwork.timer));
	blocker_release(&blocker);
	flush_workqueue(one);
	EXPECT_EQ(0, GET(runs));
	uwq_fake_clock_advance(102 * TICK);
	flush_workqueue(one);
	EXPECT_EQ(1, GET(runs));
	destroy_workqueue(one);
}

struct delayed_blocker {
	struct delayed_work dwork;
	struct completion started, release;
};

static void delayed_blocker_func(struct work_struct *work)
{
	struct delayed_blocker *item = container_of(to_delayed_work(work),
						    struct delayed_blocker, dwork);

	complete(&item->started);
	wait_for_completion(&item->release);
	ADD(runs, 1);
}

TEST_F(clock, mod_of_a_running_item_adds_a_run)
{
	struct delayed_blocker item;

	INIT_DELAYED_WORK(&item.dwork, delayed_blocker_func);
	init_completion(&item.started);
	init_completion(&item.release);
	queue_delayed_work(self->a, &item.dwork, 0);
	wait_for_completion(&item.started);
	EXPECT_FALSE(mod_delayed_work(self->a, &item.dwork, 1));
	complete_all(&item.release);
	EXPECT_EQ(1, RUNS());
	uwq_fake_clock_advance(2 * TICK);
	EXPECT_EQ(2, RUNS());
}

TEST_F(clock, flush_runs_an_armed_item_now_where_it_was_to_go)
{
	ASSERT_TRUE(queue_delayed_work(self->b, &self->dwork, 3600 * HZ));
	EXPECT_FALSE(flush_work(&self->dwork.work));	/* C34 */
	EXPECT_EQ(0, GET(runs));
	/* false only if the run was over before there was anything to wait for */
	flush_delayed_work(&self->dwork);
	EXPECT_EQ(1, GET(runs));
	EXPECT_EQ(self->b, GET(last_wq));
	EXPECT_FALSE(flush_delayed_work(&self->dwork));
	uwq_fake_clock_advance(3601ULL * HZ * TICK);
	EXPECT_EQ(1, RUNS());
}

TEST_F(clock, pending_from_arming_to_entry)
{
	EXPECT_FALSE(delayed_work_pending(&self->dwork));
	queue_delayed_work(self->a, &self->dwork, 5);
	EXPECT_TRUE(delayed_work_pending(&self->dwork));
	uwq_fake_clock_advance(7 * TICK);
	EXPECT_EQ(1, RUNS());
	EXPECT_EQ(0, GET(pending_inside));
	EXPECT_FALSE(delayed_work_pending(&self->dwork));
}

struct periodic {
	struct delayed_work dwork;
	struct workqueue_struct *wq;
	int runs;	/* atomic */
};

static void periodic_func(struct work_struct *work)
{
	struct periodic *periodic = container_of(to_delayed_work(work), struct periodic, dwork);

	ADD(periodic->runs, 1);
	queue_delayed_work(periodic->wq, &periodic->dwork, 1);
}

TEST_F(clock, a_periodic_item_does_not_drift_or_stop)
{
	struct periodic periodic = { .wq = self->a };

	INIT_DELAYED_WORK(&periodic.dwork, periodic_func);
	queue_delayed_work(self->a, &periodic.dwork, 1);
	for (int i = 0; i < 1000; i++) {
		uwq_fake_clock_advance(2 * TICK);
		flush_work(&periodic.dwork.work);
	}
	EXPECT_LE(1000, GET(periodic.runs));
	EXPECT_GE(2000, GET(periodic.runs));
	EXPECT_TRUE(cancel_delayed_work_sync(&periodic.dwork));
	uwq_fake_clock_advance(10 * TICK);
	EXPECT_FALSE(delayed_work_pending(&periodic.dwork));
}

/* B5, B48: many mods from many threads end in one run after the last deadline. */
static void *mod_storm(void *arg)
{
	struct delayed_work *dwork = arg;

	for (int i = 0; i < ROUNDS(5000); i++)
		mod_delayed_work(last_wq, dwork, 1 + i % 50);
	return NULL;
}

TEST_F(clock, a_storm_of_mods_is_one_run)
{
	SET(last_wq, self->a);
	run_threads(8, mod_storm, &self->dwork);
	EXPECT_EQ(0, RUNS());
	mod_delayed_work(self->a, &self->dwork, 20);
	uwq_fake_clock_advance(20 * TICK - 1);
	EXPECT_EQ(0, RUNS());
	uwq_fake_clock_advance(2 * TICK);
	EXPECT_EQ(1, RUNS());
	uwq_fake_clock_advance(100 * TICK);
	EXPECT_EQ(1, RUNS());
}

TEST_HARNESS_MAIN
