// SPDX-License-Identifier: MIT
/*
 * Proves C102 and C103, catches B27 and B32: a per-CPU item that computes for longer than
 * workqueue.cpu_intensive_thresh_us while others wait no longer counts, and the next one
 * starts beside it; one that blocks is measured anew; 0 turns it off; unbound queues have
 * no hogs. Each function is reported at its 4th, 5th, 7th, 11th, 19th, 35th time.
 */
#include "cm_test.h"

struct hog {
	struct work_struct work;
	struct counter behind;
	struct workqueue_struct *wq;
	int slices;		/* of computing, with a sleep after each */
	long slice_us;
	bool is_one;		/* it goes on until others do the next item */
	int behind_was_run;	/* atomic: while it computed */
};

static void hog_func(struct work_struct *work)
{
	struct hog *hog = container_of(work, struct hog, work);

	for (int i = 0; i < hog->slices; i++) {
		int runs = GET(hog->behind.runs);

		queue_work_on(0, hog->wq, &hog->behind.work);
		burn_us(hog->slice_us);
		if (hog->is_one)
			BURN_UNTIL(GET(hog->behind.runs) != runs);
		if (GET(hog->behind.runs) != runs)
			ADD(hog->behind_was_run, 1);
		/* while it sleeps, the other one has its turn */
		if (i < hog->slices - 1)
			(void)COMES_TRUE((schedule_timeout_uninterruptible(2),
					  GET(hog->behind.runs) != runs));
	}
}

FIXTURE(hogs) {
	struct workqueue_struct *wq;
	struct hog hog;
};

FIXTURE_SETUP(hogs)
{
	without_hogs();
	SET(wq_params.cpu_intensive_thresh_us, 10000);
	self->wq = alloc_workqueue("hogs", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(self->wq);
	INIT_WORK(&self->hog.work, hog_func);
	counter_init(&self->hog.behind);
	self->hog.wq = self->wq;
	self->hog.slices = 1;
	self->hog.slice_us = 60000;
	self->hog.is_one = false;
	SET(self->hog.behind_was_run, 0);
}

FIXTURE_TEARDOWN(hogs)
{
	destroy_workqueue(self->wq);
}

static void run_hog(struct hog *hog)
{
	queue_work_on(0, hog->wq, &hog->work);
	flush_work(&hog->work);
	flush_work(&hog->behind.work);
}

TEST_F(hogs, next_item_starts_beside_a_hog)
{
	struct pool_workqueue *pwq = self->wq->cpu_pwq[0];

	self->hog.is_one = true;
	run_hog(&self->hog);
	EXPECT_EQ(1, GET(self->hog.behind_was_run));
	EXPECT_EQ(1, UNDER_POOL_LOCK(pwq->pool, pwq->cpu_intensive));
	EXPECT_LE(1, UNDER_POOL_LOCK(pwq->pool, pwq->cm_wakeup));
	/* counted out until the run ends, no longer */
	EXPECT_EQ(0, count_error(pwq->pool));
	EXPECT_TRUE(COMES_TRUE(!UNDER_POOL_LOCK(pwq->pool, pwq->pool->nr_running)));
}

TEST_F(hogs, zero_turns_it_off)
{
	struct pool_workqueue *pwq = self->wq->cpu_pwq[0];

	SET(wq_params.cpu_intensive_thresh_us, 0);
	run_hog(&self->hog);
	EXPECT_EQ(0, GET(self->hog.behind_was_run));
	EXPECT_EQ(1, GET(self->hog.behind.runs));
	EXPECT_EQ(0, UNDER_POOL_LOCK(pwq->pool, pwq->cpu_intensive));
}

TEST_F(hogs, blocking_restarts_the_measurement)
{
	struct pool_workqueue *pwq = self->wq->cpu_pwq[0];

	if (KS_DELAYS)
		SKIP(return, "a hog sleeps");
	SET(wq_params.cpu_intensive_thresh_us, 30000);
	self->hog.slices = 4;
	self->hog.slice_us = 20000;
	run_hog(&self->hog);
	EXPECT_EQ(0, GET(self->hog.behind_was_run));
	EXPECT_EQ(4, GET(self->hog.behind.runs));
	EXPECT_EQ(0, UNDER_POOL_LOCK(pwq->pool, pwq->cpu_intensive));
	/* without the sleeps it is one */
	self->hog.slices = 1;
	self->hog.slice_us = 80000;
	self->hog.is_one = true;
	run_hog(&self->hog);
	EXPECT_EQ(1, GET(self->hog.behind_was_run));
	EXPECT_EQ(1, UNDER_POOL_LOCK(pwq->pool, pwq->cpu_intensive));
}

/* Wall time is not CPU time: a sleep that nobody sees is none of a hog's. */
TEST_F(hogs, sleepers_are_no_hogs)
{
	struct pool_workqueue *pwq = self->wq->cpu_pwq[0];
	struct blocker blocker;
	struct counter behind;

	counter_init(&behind);
	blocker_start_on(&blocker, 0, self->wq);
	queue_work_on(0, self->wq, &behind.work);
	flush_work(&behind.work);
	nap_us(30000);
	blocker_release(&blocker);
	flush_work(&blocker.work);
	EXPECT_EQ(0, UNDER_POOL_LOCK(pwq->pool, pwq->cpu_intensive));
}

static struct counter wanted;

static void spin_until_wanted(struct work_struct *work)
{
	(void)work;
	queue_work_on(0, system_percpu_wq, &wanted.work);
	if (!BURN_UNTIL(GET(wanted.runs)))
		SET(wanted.overlaps, 1);
}

/* B32: it spins for an item of another queue, which waits behind it. */
TEST_F(hogs, spinner_gets_what_it_waits_for)
{
	struct work_struct work;

	counter_init(&wanted);
	INIT_WORK(&work, spin_until_wanted);
	queue_work_on(0, self->wq, &work);
	flush_work(&work);
	EXPECT_EQ(1, GET(wanted.runs));
	EXPECT_EQ(0, GET(wanted.overlaps));
}

/* The same when the detection is off: a list that stands still gets another worker. */
TEST_F(hogs, liveness_does_not_ask_why)
{
	struct work_struct work;

	SET(wq_params.cpu_intensive_thresh_us, 0);
	SET(wq_params.liveness_ms, 20);
	counter_init(&wanted);
	INIT_WORK(&work, spin_until_wanted);
	queue_work_on(0, self->wq, &work);
	flush_work(&work);
	EXPECT_EQ(1, GET(wanted.runs));
	EXPECT_EQ(0, GET(wanted.overlaps));
	EXPECT_EQ(0, self->wq->cpu_pwq[0]->cpu_intensive);
}

TEST_F(hogs, unbound_queues_have_none)
{
	struct workqueue_struct *wq = alloc_workqueue("unbound", WQ_UNBOUND, 0);
	struct pool_workqueue *pwq = wq->dfl_pwq;
	struct counter many[8];
	struct hog hogs[4];

	for (int i = 0; i < 4; i++) {
		hogs[i] = self->hog;
		hogs[i].wq = self->wq;
		INIT_WORK(&hogs[i].work, hog_func);
		counter_init(&hogs[i].behind);
		queue_work(wq, &hogs[i].work);
	}
	for (int i = 0; i < 8; i++) {
		counter_init(&many[i]);
		queue_work(wq, &many[i].work);
	}
	flush_workqueue(wq);
	flush_workqueue(self->wq);
	EXPECT_EQ(0, UNDER_POOL_LOCK(pwq->pool, pwq->cpu_intensive));
	destroy_workqueue(wq);
}

/* ---- reports ---- */

static struct pool_workqueue *watched;

static unsigned long hogs_so_far(void)
{
	return UNDER_POOL_LOCK(watched->pool, watched->cpu_intensive);
}

static void hog_until_counted(struct work_struct *work)
{
	unsigned long before = hogs_so_far();

	(void)work;
	BURN_UNTIL(hogs_so_far() != before);
}

static void hog_until_counted_too(struct work_struct *work)
{
	burn_us(1);
	hog_until_counted(work);
}

static void hog_times(struct workqueue_struct *wq, work_func_t func, int times)
{
	struct work_struct work;
	struct counter behind;

	watched = wq->cpu_pwq[0];
	INIT_WORK(&work, func);
	counter_init(&behind);
	for (int i = 0; i < times; i++) {
		queue_work_on(0, wq, &work);
		queue_work_on(0, wq, &behind.work);
		flush_work(&work);
		flush_work(&behind.work);
	}
}

TEST_F(hogs, forty_make_six_lines)
{
	if (KS_DELAYS)
		SKIP(return, "a hog sleeps");
	SET(wq_params.cpu_intensive_thresh_us, 1000);
	log_count("kept a CPU for more than");
	hog_times(self->wq, hog_until_counted, 3);
	EXPECT_EQ(0, GET(log_hits));
	hog_times(self->wq, hog_until_counted, 37);
	EXPECT_EQ(40, (int)hogs_so_far());
	EXPECT_TRUE(COMES_TRUE(GET(log_hits) == 6));
	/* another function has a count of its own */
	hog_times(self->wq, hog_until_counted_too, 3);
	EXPECT_EQ(6, GET(log_hits));
	hog_times(self->wq, hog_until_counted_too, 1);
	EXPECT_TRUE(COMES_TRUE(GET(log_hits) == 7));
	/* no reports if asked for none, but counted all the same */
	SET(wq_params.cpu_intensive_warning_thresh, 0);
	hog_times(self->wq, hog_until_counted_too, 1);
	EXPECT_EQ(7, GET(log_hits));
	EXPECT_EQ(45, (int)hogs_so_far());
}

TEST(lines_come_at_these_counts)
{
	static const int expected[] = { 4, 5, 7, 11, 19, 35 };
	int next = 0;

	log_count("WQ_UNBOUND");
	for (int i = 1; i <= 40; i++) {
		int before = GET(log_hits);

		cpu_intensive_report(hog_func);
		if (GET(log_hits) != before) {
			ASSERT_LT(next, 6);
			EXPECT_EQ(expected[next++], i);
		}
	}
	EXPECT_EQ(6, next);
}

TEST(functions_beyond_128_are_not_counted)
{
	char *code = (char *)hog_func;

	log_count("kept a CPU for more than");
	SET(wq_params.cpu_intensive_warning_thresh, 1);
	for (int i = 0; i < 130; i++)
		cpu_intensive_report((work_func_t)(code + i));
	EXPECT_EQ(128, GET(log_hits));
}

TEST(slow_machines_get_more_time)
{
	EXPECT_EQ(10000, (int)cpu_intensive_default_us(0));
	EXPECT_EQ(10000, (int)cpu_intensive_default_us(5000));
	EXPECT_EQ(10000, (int)cpu_intensive_default_us(4000));
	EXPECT_EQ(20000, (int)cpu_intensive_default_us(2000));
	EXPECT_EQ(1000000, (int)cpu_intensive_default_us(40));
	EXPECT_EQ(1000000, (int)cpu_intensive_default_us(1));
	EXPECT_LE(10000, (int)cpu_intensive_thresh_us());
	EXPECT_GE(1000000, (int)cpu_intensive_thresh_us());
}

TEST_HARNESS_MAIN
