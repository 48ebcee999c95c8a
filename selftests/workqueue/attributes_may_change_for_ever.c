// SPDX-License-Identifier: MIT
/*
 * Proves C115, C118 and C143: a queue may have more different attributes in turn than there
 * can be pools, because the shares and pools of former attributes are given back when they are
 * empty. Nobody's item is lost by that: not one that runs there, nor one that follows it, nor
 * one whose submitter had chosen the former share and was stopped before he published.
 */
#include "pod_test.h"

#define CPUS	8
#define MASKS	((1 << CPUS) - 1)
#define NICES	40
#define MAX_POOLS (4 * NR_CPUS + 1024)	/* as in pool.c */

static struct workqueue_struct *wq;
static struct workqueue_attrs *attrs;
static struct counter item;

FIXTURE(queue)
{
	int pools;
};

FIXTURE_SETUP(queue)
{
	struct counter first;

	/* the manager has begun, for which it needs a mutex that hooks here wait under */
	counter_init(&first);
	queue_work(system_percpu_wq, &first.work);
	flush_work(&first.work);
	wq = alloc_workqueue("changing", WQ_UNBOUND, 0);
	attrs = alloc_workqueue_attrs();
	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(attrs);
	counter_init(&item);
	self->pools = nr_worker_pools();
}

FIXTURE_TEARDOWN(queue)
{
	free_workqueue_attrs(attrs);
	destroy_workqueue(wq);
}

/* The @nr-th of MASKS * NICES different attributes. */
static int change(int nr)
{
	cpumask_clear(attrs->cpumask);
	cpumask_bits(attrs->cpumask)[0] = nr % MASKS + 1;
	attrs->nice = nr / MASKS % NICES - 20;
	attrs->affn_scope = WQ_AFFN_SYSTEM;
	return apply_workqueue_attrs(wq, attrs);
}

static int nr_pwqs(void)
{
	int nr;

	mutex_lock(&wq->mutex);
	nr = list_count_nodes(&wq->pwqs);
	mutex_unlock(&wq->mutex);
	return nr;
}

TEST_F(queue, pools_do_not_run_out)
{
	int changes = MAX_POOLS + 500, queued = 0, nr;

	ASSERT_GT(MASKS * NICES, changes);
	for (nr = 0; nr < changes; nr++) {
		ASSERT_EQ(0, change(nr));
		if (nr % 16)
			continue;
		EXPECT_TRUE(queue_work(wq, &item.work));
		flush_work(&item.work);
		queued++;
	}
	EXPECT_EQ(queued, GET(item.runs));
	EXPECT_GT(32, nr_pwqs());
	/* some have threads that are just leaving */
	EXPECT_GT(self->pools + 1024, nr_worker_pools());
}

static int stop, trues;	/* atomic */

static void *produce(void *arg)
{
	struct counter *mine = arg;

	while (!GET(stop)) {
		if (queue_work(wq, &mine->work))
			ADD(trues, 1);
	}
	return NULL;
}

/* Those who only look at a share, without keeping it. */
static void *look(void *arg)
{
	int looks = 0;

	(void)arg;
	while (!GET(stop)) {
		workqueue_congested(looks++ % CPUS, wq);
		if (looks % 8 == 0)
			flush_workqueue(wq);
	}
	return NULL;
}

TEST_F(queue, items_are_not_lost_meanwhile)
{
	struct counter items[3];
	pthread_t producers[3], looker = start_thread(look, NULL);
	long until = now_ms() + 2000;
	int i, runs = 0, nr;

	for (i = 0; i < 3; i++) {
		counter_init(&items[i]);
		producers[i] = start_thread(produce, &items[i]);
	}
	for (nr = 0; nr < ROUNDS(3000) && now_ms() < until; nr++)
		EXPECT_EQ(0, change(nr));
	SET(stop, 1);
	for (i = 0; i < 3; i++)
		pthread_join(producers[i], NULL);
	pthread_join(looker, NULL);
	flush_workqueue(wq);
	for (i = 0; i < 3; i++) {
		runs += GET(items[i].runs);
		EXPECT_EQ(0, GET(items[i].overlaps));
	}
	EXPECT_EQ(GET(trues), runs);
	SET(stop, 0);
}

/* Its second run follows the first in the same share, long after the attributes changed. */
TEST_F(queue, a_share_with_a_running_item_stays)
{
	struct blocker running;
	struct pool_workqueue *old;
	int nr;

	EXPECT_EQ(0, change(0));
	old = wq->dfl_pwq;
	blocker_start_on(&running, 0, wq);
	for (nr = 1; nr < 64; nr++)
		EXPECT_EQ(0, change(nr));
	EXPECT_GT(32, nr_pwqs());
	EXPECT_TRUE(pwq_wq(old) == wq);
	EXPECT_TRUE(queue_work(wq, &running.work));
	EXPECT_TRUE(work_data_pwq(work_data(&running.work)) == old);
	blocker_release(&running);
	blocker_release(&running);
	flush_work(&running.work);
	EXPECT_EQ(2, GET(running.runs));
}

static void *queue_item(void *arg)
{
	(void)arg;
	queue_work(wq, &item.work);
	return NULL;
}

TEST_F(queue, a_submitter_in_the_middle_is_waited_for)
{
	struct pool_workqueue *old;
	pthread_t submitter;
	int nr;

	EXPECT_EQ(0, change(0));
	old = wq->dfl_pwq;
	hold_next("queue_owned");
	submitter = start_thread(queue_item, NULL);
	hold_wait();
	for (nr = 1; nr < 32; nr++)
		EXPECT_EQ(0, change(nr));
	EXPECT_TRUE(pwq_wq(old) == wq);
	hold_release();
	pthread_join(submitter, NULL);
	flush_work(&item.work);
	EXPECT_EQ(1, GET(item.runs));
	/* and when it is over, the share goes */
	for (nr = 32; nr < 64; nr++)
		EXPECT_EQ(0, change(nr));
	EXPECT_TRUE(COMES_TRUE(change(nr++) == 0 && nr_pwqs() <= 16));
}

static struct gate in_run, end_run;

static void wait_at_gate(struct work_struct *work)
{
	struct counter *counter = container_of(work, struct counter, work);

	gate_open(&in_run);
	gate_wait(&end_run);
	ADD(counter->runs, 1);
}

/* An item that runs until told to end, in the share of change(0), which is a former one. */
static struct pool_workqueue *start_run(void)
{
	struct pool_workqueue *old;

	INIT_WORK(&item.work, wait_at_gate);
	gate_close(&in_run);
	gate_close(&end_run);
	if (change(0) || !queue_work(wq, &item.work))
		return NULL;
	old = wq->dfl_pwq;
	gate_wait(&in_run);
	return change(1) ? NULL : old;
}

static struct pool_workqueue *old_share;
static pthread_t follower;

/* He has found the item running and is about to publish there; then the run ends. */
static void follow_and_end_run(void)
{
	hold_next("queue_owned");
	follower = start_thread(queue_item, NULL);
	hold_wait();
	gate_open(&end_run);
	COMES_TRUE(!GET(old_share->nr_total));
}

static void release_follower(void)
{
	hold_release();
	pthread_join(follower, NULL);
	flush_work(&item.work);
}

TEST_F(queue, a_submitter_who_follows_a_run_is_waited_for)
{
	int nr;

	old_share = start_run();
	ASSERT_NOT_NULL(old_share);
	follow_and_end_run();
	for (nr = 2; nr < 32; nr++)
		EXPECT_EQ(0, change(nr));
	EXPECT_TRUE(pwq_wq(old_share) == wq);
	release_follower();
	EXPECT_EQ(2, GET(item.runs));
}

static int step;	/* of the tests below; this thread alone */

/* Sections have been waited for: a follower who comes now is not among them. */
static void follow_late(const char *name)
{
	if (strcmp(name, "former_sections_ended") || step++)
		return;
	follow_and_end_run();
}

/* So a share in which something ran before the wait has to stay for another time. */
TEST_F(queue, a_submitter_who_comes_after_the_wait_finds_the_share)
{
	int nr;

	old_share = start_run();
	ASSERT_NOT_NULL(old_share);
	SET(uwq_test_point_hook, follow_late);
	for (nr = 2; nr < 32 && !step; nr++)
		EXPECT_EQ(0, change(nr));
	ASSERT_EQ(1, step);
	EXPECT_TRUE(pwq_wq(old_share) == wq);
	release_follower();
	EXPECT_EQ(2, GET(item.runs));
}

static void publish_then_follow(const char *name)
{
	if (!step && !strcmp(name, "former_looked_at")) {
		step = 1;
		hold_release();
		gate_wait(&in_run);
	} else if (step == 1 && !strcmp(name, "former_sections_ended")) {
		step = 2;
		follow_and_end_run();
	}
}

/* And one that was empty at both looks, but not in between. */
TEST_F(queue, a_submitter_who_follows_one_that_was_waited_for_finds_the_share)
{
	pthread_t first;
	int nr;

	INIT_WORK(&item.work, wait_at_gate);
	gate_close(&in_run);
	gate_close(&end_run);
	EXPECT_EQ(0, change(0));
	old_share = wq->dfl_pwq;
	hold_next("queue_owned");
	first = start_thread(queue_item, NULL);
	hold_wait();
	SET(uwq_test_point_hook, publish_then_follow);
	for (nr = 1; nr < 32 && step < 2; nr++)
		EXPECT_EQ(0, change(nr));
	ASSERT_EQ(2, step);
	EXPECT_TRUE(pwq_wq(old_share) == wq);
	pthread_join(first, NULL);
	release_follower();
	EXPECT_EQ(2, GET(item.runs));
}

TEST_HARNESS_MAIN_CPUS(CPUS)
