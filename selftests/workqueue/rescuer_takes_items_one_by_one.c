// SPDX-License-Identifier: MIT
/*
 * Proves C111 and C112, catches B25 and B26: a rescuer takes one item at a time, so one that
 * blocks there keeps no other from the workers that can be made again; it stops at once when
 * the pool can help itself, also in the middle of a batch; and after 16 items it serves
 * the other pwqs of its queue that have called.
 */
#include "cm_test.h"
#include "rescue_test.h"

#define NR	40

static struct witness items[NR];

static int runs_of_all(void)
{
	int sum = 0;

	for (int i = 0; i < NR; i++)
		sum += GET(items[i].runs);
	return sum;
}

FIXTURE(rescuer) {
	struct workqueue_struct *wq;
};

FIXTURE_VARIANT(rescuer) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(rescuer, bound) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(rescuer, unbound) { .flags = WQ_UNBOUND };

FIXTURE_SETUP(rescuer)
{
	log_count("");
	self->wq = alloc_workqueue("rescuer", variant->flags | WQ_MEM_RECLAIM, 0);
	ASSERT_NOT_NULL(self->wq);
}

FIXTURE_TEARDOWN(rescuer)
{
	threads_again();
	destroy_workqueue(self->wq);
}

TEST_F(rescuer, one_that_blocks_keeps_no_other)
{
	struct blocker blocker;
	int i;

	no_threads();
	blocker_init(&blocker);
	queue_work_on(0, self->wq, &blocker.work);
	for (i = 0; i < NR; i++) {
		witness_init(&items[i]);
		queue_work_on(0, self->wq, &items[i].work);
	}
	wait_for_completion(&blocker.started);
	EXPECT_EQ(1ul, rescue_stats(self->wq).rescued);
	EXPECT_EQ(0, runs_of_all());
	threads_again();
	ASSERT_TRUE(COMES_TRUE(runs_of_all() == NR));
	for (i = 0; i < NR; i++)
		EXPECT_EQ(0, GET(items[i].by_rescuer));
	EXPECT_EQ(0, GET(blocker.runs));
	blocker_release(&blocker);
	flush_work(&blocker.work);
	EXPECT_EQ(1ul, rescue_stats(self->wq).rescued);
}

/* ---- the shortage ends while it works ---- */

static int computing;	/* atomic: 1 = the new worker has begun, 2 = it may end */

/* What the new worker takes first: it keeps all others waiting, and needs no help. */
static void compute(struct work_struct *work)
{
	(void)work;
	if (!current_is_workqueue_rescuer())
		SET(computing, 1);
	while (GET(computing) == 1)
		cpu_relax();
}

/* Returns when the pool has a worker again, and that one has something to do. */
static void end_shortage(struct work_struct *work)
{
	long until = now_ms() + 10000;

	(void)work;
	threads_again();
	while (!GET(computing) && now_ms() < until)
		cpu_relax();
}

static bool rescuer_is_there(struct pool_workqueue *pwq)
{
	bool there;

	pool_lock(pwq->pool);
	there = pwq->rescuing;
	pool_unlock(pwq->pool);
	return there;
}

TEST(stops_when_the_pool_helps_itself)
{
	struct workqueue_struct *wq = alloc_workqueue("stops", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	struct work_struct ending, keeping;
	int i, rescued = 0;

	ASSERT_NOT_NULL(wq);
	log_count("");
	INIT_WORK(&ending, end_shortage);
	INIT_WORK(&keeping, compute);
	/* who computes keeps the others waiting, however long this thread gets no CPU */
	without_hogs();
	no_threads();
	for (i = 0; i < NR; i++) {
		witness_init(&items[i]);
		queue_work_on(0, wq, &items[i].work);
		if (i == 3) {
			queue_work_on(0, wq, &ending);
			queue_work_on(0, wq, &keeping);
		}
	}
	ASSERT_TRUE(COMES_TRUE(GET(computing)));
	ASSERT_TRUE(COMES_TRUE(!rescuer_is_there(pwq_on(wq, 0))));
	SET(computing, 2);
	flush_workqueue(wq);
	EXPECT_EQ(NR, runs_of_all());
	for (i = 0; i < NR; i++)
		rescued += GET(items[i].by_rescuer);
	EXPECT_EQ(4, rescued);
	EXPECT_EQ(5ul, rescue_stats(wq).rescued);
	destroy_workqueue(wq);
}

/* ---- several pwqs ---- */

static bool has_called(struct pool_workqueue *pwq)
{
	bool called;

	pool_lock(pwq->pool);
	called = pwq->mayday;
	pool_unlock(pwq->pool);
	return called;
}

static unsigned long nr_calls(struct pool_workqueue *pwq)
{
	unsigned long nr;

	pool_lock(pwq->pool);
	nr = pwq->nr_mayday;
	pool_unlock(pwq->pool);
	return nr;
}

/* @again: the rescuer loses its CPU before the first item, and CPU 0 calls it once more. */
static void go_round(struct __test_metadata *_metadata, bool again)
{
	struct workqueue_struct *wq = alloc_workqueue("round", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	struct witness other;
	int i;

	ASSERT_NOT_NULL(wq);
	log_count("");
	no_threads();
	hold_next("rescuer_attached");
	for (i = 0; i < NR; i++) {
		witness_init(&items[i]);
		queue_work_on(0, wq, &items[i].work);
	}
	hold_wait();
	/* the rescuer is with CPU 0 and has taken nothing yet; now the other one calls */
	if (again)
		ASSERT_TRUE(COMES_TRUE(nr_calls(pwq_on(wq, 0)) == 2));
	witness_init(&other);
	queue_work_on(1, wq, &other.work);
	ASSERT_TRUE(COMES_TRUE(has_called(pwq_on(wq, 1))));
	hold_release();
	flush_workqueue(wq);
	EXPECT_EQ(NR, runs_of_all());
	EXPECT_EQ(17, other.place);
	EXPECT_EQ(1, GET(other.by_rescuer));
	for (i = 1; i < NR; i++)
		EXPECT_LT(items[i - 1].place, items[i].place);
	threads_again();
	destroy_workqueue(wq);
}

TEST(goes_round_after_sixteen)
{
	go_round(_metadata, false);
}

TEST(goes_round_after_sixteen_also_if_called_again)
{
	go_round(_metadata, true);
}

/* Items of others stay where they are and keep their order. */
TEST(touches_nobody_else)
{
	struct workqueue_struct *wq = alloc_workqueue("mine", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	struct workqueue_struct *other = alloc_workqueue("others", WQ_PERCPU, 0);
	static struct witness theirs[NR];
	int i;

	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(other);
	log_count("");
	no_threads();
	for (i = 0; i < NR; i++) {
		witness_init(&items[i]);
		witness_init(&theirs[i]);
		queue_work_on(0, other, &theirs[i].work);
		queue_work_on(0, wq, &items[i].work);
	}
	flush_workqueue(wq);
	EXPECT_EQ(NR, runs_of_all());
	for (i = 0; i < NR; i++)
		EXPECT_EQ(0, GET(theirs[i].runs));
	threads_again();
	flush_workqueue(other);
	for (i = 0; i < NR; i++) {
		EXPECT_EQ(1, GET(theirs[i].runs));
		EXPECT_EQ(0, GET(theirs[i].by_rescuer));
		EXPECT_EQ(NR + 1 + i, theirs[i].place);
	}
	destroy_workqueue(wq);
	destroy_workqueue(other);
}

TEST_HARNESS_MAIN_CPUS(2)
