// SPDX-License-Identifier: MIT
/*
 * Proves C107 and U6: while the system refuses threads, queueing goes on, the workers that
 * exist go on, one line is logged for each process, and when threads can be had again
 * everything that was queued runs. Also when the very first thread, the manager, or the
 * memory for a worker is refused. A queue that is not made for that reason is reported. With a
 * shortened uwq.create_retry_ms.
 */
#include "wq_test.h"

#include "workqueue/params.h"

#define NR	200

static struct counter items[NR];

static void queue_all(struct __test_metadata *_metadata, struct workqueue_struct *wq)
{
	for (int i = 0; i < NR; i++) {
		counter_init(&items[i]);
		ASSERT_TRUE(queue_work_on(i % nr_cpu_ids, wq, &items[i].work));
	}
}

static int all_runs(void)
{
	int sum = 0;

	for (int i = 0; i < NR; i++)
		sum += GET(items[i].runs);
	return sum;
}

FIXTURE(refused) {
	struct workqueue_struct *wq;
};

FIXTURE_VARIANT(refused) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(refused, bound) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(refused, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(refused, ordered) { .flags = WQ_UNBOUND | __WQ_ORDERED };
FIXTURE_VARIANT_ADD(refused, bottom_half) { .flags = WQ_BH | WQ_PERCPU };

FIXTURE_SETUP(refused)
{
	WRITE_ONCE(wq_params.create_retry_ms, 5);
	/* what is made once for all shall not meet the failures */
	workqueue_init();
	log_count("cannot create a worker");
	self->wq = alloc_workqueue("refused", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
}

FIXTURE_TEARDOWN(refused)
{
	destroy_workqueue(self->wq);
}

TEST_F(refused, for_a_while)
{
	ASSERT_TRUE(manager_running());
	uwq_test_fail_thread(1, -1);
	queue_all(_metadata, self->wq);
	ASSERT_TRUE(COMES_TRUE(uwq_test_thread_calls() >= 10));
	EXPECT_EQ(0, all_runs());
	EXPECT_EQ((unsigned long)NR, items_in_flight(self->wq));
	uwq_test_fail_thread(0, 0);
	flush_workqueue(self->wq);
	EXPECT_EQ(NR, all_runs());
	EXPECT_EQ(1, GET(log_hits));
}

TEST_F(refused, a_few_times)
{
	for (long k = 1; k < 6; k++) {
		uwq_test_fail_thread(1, k);
		queue_all(_metadata, self->wq);
		flush_workqueue(self->wq);
		EXPECT_EQ(NR, all_runs());
	}
	EXPECT_EQ(1, GET(log_hits));
}

TEST_F(refused, memory_for_a_worker)
{
	uwq_test_fail_alloc(1, -1);
	queue_all(_metadata, self->wq);
	ASSERT_TRUE(COMES_TRUE(uwq_test_alloc_calls() >= 10));
	EXPECT_EQ(0, all_runs());
	uwq_test_fail_alloc(0, 0);
	flush_workqueue(self->wq);
	EXPECT_EQ(NR, all_runs());
	EXPECT_EQ(1, GET(log_hits));
}

/* Cancelled meanwhile: nothing is left over that would still start. */
TEST_F(refused, and_cancelled)
{
	int i;

	uwq_test_fail_thread(1, -1);
	queue_all(_metadata, self->wq);
	for (i = 0; i < NR; i++)
		EXPECT_TRUE(cancel_work_sync(&items[i].work));
	EXPECT_EQ(0ul, items_in_flight(self->wq));
	uwq_test_fail_thread(0, 0);
	queue_work_on(0, self->wq, &items[0].work);
	flush_workqueue(self->wq);
	EXPECT_EQ(1, all_runs());
}

/* ---- existing workers go on ---- */

TEST(existing_workers_go_on)
{
	struct workqueue_struct *wq = alloc_workqueue("existing", WQ_PERCPU, 0);
	struct blocker blocker;

	ASSERT_NOT_NULL(wq);
	WRITE_ONCE(wq_params.create_retry_ms, 5);
	log_count("cannot create a worker");
	/* two workers on CPU 0; then one of them blocks and no third can be made */
	blocker_start_on(&blocker, 0, wq);
	counter_init(&items[0]);
	queue_work_on(0, wq, &items[0].work);
	flush_work(&items[0].work);
	uwq_test_fail_thread(1, -1);
	for (int i = 0; i < NR; i++) {
		counter_init(&items[i]);
		queue_work_on(0, wq, &items[i].work);
	}
	for (int i = 0; i < NR; i++)
		flush_work(&items[i].work);
	EXPECT_EQ(NR, all_runs());
	EXPECT_EQ(0, GET(blocker.runs));
	blocker_release(&blocker);
	uwq_test_fail_thread(0, 0);
	destroy_workqueue(wq);
	EXPECT_GE(1, GET(log_hits));
}

/* All workers block and no more can be made: the end of one of them is enough. */
TEST(the_end_of_a_blocked_one_is_enough)
{
	struct workqueue_struct *wq = alloc_workqueue("enough", WQ_UNBOUND, 0);
	struct blocker blockers[3];
	int i, started = 0;

	ASSERT_NOT_NULL(wq);
	WRITE_ONCE(wq_params.create_retry_ms, 100000);
	log_count("cannot create a worker");
	blocker_start(&blockers[0], wq);
	ASSERT_TRUE(COMES_TRUE(!GET(wq->dfl_pwq->pool->create)));
	uwq_test_fail_thread(1, -1);
	for (i = 1; i < 3; i++) {
		blocker_init(&blockers[i]);
		queue_work(wq, &blockers[i].work);
	}
	queue_all(_metadata, wq);
	for (i = 0; i < 3; i++)
		blocker_release(&blockers[i]);
	flush_workqueue(wq);
	EXPECT_EQ(NR, all_runs());
	for (i = 0; i < 3; i++)
		started += GET(blockers[i].runs);
	EXPECT_EQ(3, started);
	uwq_test_fail_thread(0, 0);
	destroy_workqueue(wq);
}

/* ---- the manager itself ---- */

TEST(first_thread_of_all)
{
	struct workqueue_struct *wq;

	log_count("cannot create the manager thread");
	uwq_test_fail_thread(1, 1);
	wq = alloc_workqueue("first", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(wq);
	EXPECT_FALSE(manager_running());
	queue_all(_metadata, wq);
	EXPECT_FALSE(manager_running());
	/* a waiter is enough for another attempt after the pause of a second */
	flush_workqueue(wq);
	EXPECT_TRUE(manager_running());
	EXPECT_EQ(NR, all_runs());
	EXPECT_EQ(1, GET(log_hits));
	destroy_workqueue(wq);
}

TEST(queue_that_needs_a_thread_of_its_own)
{
	log_count("no wq reclaim: a thread that WQ_MEM_RECLAIM needs");
	uwq_test_fail_thread(1, -1);
	EXPECT_NULL(alloc_workqueue("reclaim", WQ_PERCPU | WQ_MEM_RECLAIM, 0));
	uwq_test_fail_thread(0, 0);
	EXPECT_EQ(1, GET(log_hits));
}

static bool queue_and_look(struct work_struct *work)
{
	cancel_work(work);
	queue_work(system_percpu_wq, work);
	return manager_running();
}

TEST(first_thread_of_all_by_a_later_call)
{
	struct counter late;

	uwq_test_fail_thread(1, 1);
	counter_init(&items[0]);
	counter_init(&late);
	EXPECT_TRUE(queue_work(system_percpu_wq, &items[0].work));
	EXPECT_FALSE(manager_running());
	/* nobody waits: the next call after the pause brings both */
	ASSERT_TRUE(COMES_TRUE(queue_and_look(&late.work)));
	EXPECT_TRUE(COMES_TRUE(GET(items[0].runs) == 1));
	flush_work(&late.work);
	EXPECT_LE(1, GET(late.runs));
}

TEST_HARNESS_MAIN
