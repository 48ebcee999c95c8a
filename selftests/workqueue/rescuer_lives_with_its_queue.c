// SPDX-License-Identifier: MIT
/*
 * Proves the ends of rescuers, C146 for threads, U13, and catches B21 and B77: a queue is
 * destroyed while its rescuer is at work, or while a worker is being made for it; the
 * process exits while an item blocks in a rescuer; workqueue_shutdown() ends rescuers, and
 * the next use brings them back; an item that ends the rescuer's thread is reported, and
 * the queue gets a new one. If any thread that WQ_MEM_RECLAIM needs cannot be made,
 * alloc_workqueue() returns NULL and leaves nothing.
 */
#include "rescue_test.h"

#include <linux/kthread.h>
#include <sys/wait.h>
#include <uwq/ledger.h>
#include <uwq/workqueue.h>

#define NR	24

static struct witness items[NR];

static void queue_all(struct workqueue_struct *wq)
{
	for (int i = 0; i < NR; i++) {
		witness_init(&items[i]);
		queue_work_on(i % 2, wq, &items[i].work);
	}
}

static int sum_by_rescuer(void)
{
	int sum = 0;

	for (int i = 0; i < NR; i++)
		sum += GET(items[i].by_rescuer);
	return sum;
}

static const unsigned int kinds[] = { WQ_PERCPU, WQ_UNBOUND, WQ_UNBOUND | __WQ_ORDERED };

/* destroy_workqueue() must not take the rescuer's presence for a busy queue. */
TEST(destroyed_while_it_works)
{
	unsigned long warned = uwq_warn_count();
	struct workqueue_struct *wqs[30];
	int round, i;

	log_count("busy after it was drained");
	for (round = 0; round < 30; round++) {
		wqs[round] = alloc_workqueue("works", kinds[round % 3] | WQ_MEM_RECLAIM, 0);
		ASSERT_NOT_NULL(wqs[round]);
	}
	no_threads();
	for (round = 0; round < 30; round++) {
		queue_all(wqs[round]);
		if (round % 2)
			ASSERT_TRUE(COMES_TRUE(rescue_stats(wqs[round]).rescued));
		destroy_workqueue(wqs[round]);
		for (i = 0; i < NR; i++)
			EXPECT_EQ(1, GET(items[i].runs));
		EXPECT_EQ(NR, sum_by_rescuer());
	}
	EXPECT_TRUE(COMES_TRUE(!threads_called("kworker/R-")));
	EXPECT_EQ(0, GET(log_hits));
	EXPECT_EQ(warned, uwq_warn_count());
}

TEST(destroyed_while_a_worker_is_made)
{
	int round, i;

	for (round = 0; round < 30; round++) {
		struct workqueue_struct *wq = alloc_workqueue("burst", kinds[round % 3] |
							      WQ_MEM_RECLAIM, 0);
		struct blocker blockers[4];

		ASSERT_NOT_NULL(wq);
		for (i = 0; i < 4; i++) {
			blocker_init(&blockers[i]);
			queue_work_on(i % 2, wq, &blockers[i].work);
			blocker_release(&blockers[i]);
		}
		destroy_workqueue(wq);
		for (i = 0; i < 4; i++)
			EXPECT_EQ(1, GET(blockers[i].runs));
	}
}

enum outcome { REFUSED, MADE, WRONG };

/* In a process where no thread of the library runs: the k-th that is made is refused. */
static enum outcome with_thread_refused(long k)
{
	struct workqueue_struct *wq;
	size_t left = 0;

	log_count("");
	uwq_test_fail_thread(k, 1);
	wq = alloc_workqueue("refused", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (wq)
		return uwq_test_thread_calls() < k ? MADE : WRONG;
	if (uwq_test_thread_calls() != k)
		return WRONG;
	/*
	 * What the engine keeps for good it has by now, or a thread on its way makes it: one
	 * of the next refusals leaves nothing.
	 */
	for (int i = 0; i < 100; i++) {
		unsigned int mark = uwq_ledger_mark();

		uwq_test_fail_thread(1, 1);
		if (alloc_workqueue("refused", WQ_UNBOUND | WQ_MEM_RECLAIM, 0))
			return WRONG;
		left = uwq_ledger_count(mark, NULL, NULL).objects;
		if (!left)
			break;
		nap_us(1000);
	}
	if (left)
		return WRONG;
	threads_again();
	wq = alloc_workqueue("works", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!wq)
		return WRONG;
	no_threads();
	queue_all(wq);
	destroy_workqueue(wq);
	return sum_by_rescuer() == NR ? REFUSED : WRONG;
}

/* The manager, the sampler, the rescuer. */
TEST(every_thread_that_is_refused_is_reported)
{
	for (long k = 1; k <= 4; k++) {
		int status = -1;
		pid_t pid = fork();

		if (!pid)
			_exit(with_thread_refused(k));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFEXITED(status));
		EXPECT_EQ(k == 4 ? MADE : REFUSED, WEXITSTATUS(status)) {
			TH_LOG("thread %ld", k);
		}
	}
}

/* ---- an item that ends the thread ---- */

static void end_thread(struct work_struct *work)
{
	struct blocker *item = container_of(work, struct blocker, work);

	ADD(item->runs, current_is_workqueue_rescuer() ? 1 : 100);
	pthread_exit(NULL);
}

static void *flush(void *work)
{
	flush_work(work);
	return NULL;
}

#define NR_BLOCKERS	64

struct crowd {
	struct blocker blockers[NR_BLOCKERS];
	int nr;
};

/* No thread can be made, and blocked items hold all that there are. */
static bool use_up_workers(struct crowd *crowd)
{
	struct worker_pool *pool;
	struct blocker *blocker;
	int cpu;

	no_threads();
	crowd->nr = 0;
	for (cpu = 0; cpu < 2; cpu++) {
		pool = pool_of_cpu(cpu, false);
		do {
			if (crowd->nr == NR_BLOCKERS)
				return false;
			blocker = &crowd->blockers[crowd->nr++];
			blocker_init(blocker);
			queue_work_on(cpu, system_percpu_wq, &blocker->work);
		} while (COMES_TRUE(completion_done(&blocker->started) || in_distress(pool)) &&
			 !in_distress(pool));
	}
	return true;
}

static void release_all(struct crowd *crowd)
{
	for (int i = 0; i < crowd->nr; i++)
		blocker_release(&crowd->blockers[i]);
	for (int i = 0; i < crowd->nr; i++)
		flush_work(&crowd->blockers[i].work);
}

TEST(lost_thread_is_replaced)
{
	struct workqueue_struct *wq = alloc_workqueue("loses", WQ_PERCPU | WQ_MEM_RECLAIM, 1);
	static struct crowd before, after;
	struct blocker item;
	unsigned long warned = uwq_warn_count();
	pthread_t flusher;
	int round;

	ASSERT_NOT_NULL(wq);
	log_count("ended the thread of its worker");
	for (round = 1; round <= 3; round++) {
		ASSERT_TRUE(use_up_workers(&before));
		INIT_WORK(&item.work, end_thread);
		SET(item.runs, 0);
		queue_work_on(0, wq, &item.work);
		flusher = start_thread(flush, &item.work);
		ASSERT_TRUE(COMES_TRUE(GET(item.runs)));
		ASSERT_TRUE(COMES_TRUE(!threads_called("kworker/R-")));
		/* one report, but every time counted */
		EXPECT_EQ(1, GET(log_hits));
		EXPECT_EQ(warned + round, uwq_warn_count());
		threads_again();
		pthread_join(flusher, NULL);
		ASSERT_TRUE(COMES_TRUE(threads_called("kworker/R-") == 1));

		ASSERT_TRUE(use_up_workers(&after));
		queue_all(wq);
		flush_workqueue(wq);
		EXPECT_EQ(NR, sum_by_rescuer());
		EXPECT_EQ(1, GET(item.runs));
		threads_again();
		release_all(&before);
		release_all(&after);
	}
	destroy_workqueue(wq);
}

/* ---- shutdown and exit ---- */

TEST(shutdown_ends_it)
{
	struct workqueue_struct *wq = alloc_workqueue("stays", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	struct witness item;

	ASSERT_NOT_NULL(wq);
	log_count("");
	workqueue_shutdown(false);
	EXPECT_TRUE(COMES_TRUE(!threads_called("kworker")));
	/* the queue stays, and with the next use its rescuer is back */
	witness_init(&item);
	queue_work_on(1, wq, &item.work);
	flush_work(&item.work);
	ASSERT_TRUE(COMES_TRUE(threads_called("kworker/R-") == 1));
	no_threads();
	queue_work_on(0, wq, &item.work);
	flush_work(&item.work);
	EXPECT_EQ(2, GET(item.runs));
	EXPECT_EQ(1, GET(item.by_rescuer));
	threads_again();
	workqueue_shutdown(true);
	EXPECT_TRUE(COMES_TRUE(!threads_called("kworker")));
}

TEST(shutdown_drains_with_it)
{
	struct workqueue_struct *wq = alloc_workqueue("drained", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);

	ASSERT_NOT_NULL(wq);
	log_count("");
	no_threads();
	queue_all(wq);
	workqueue_shutdown(true);
	EXPECT_EQ(NR, sum_by_rescuer());
	EXPECT_TRUE(COMES_TRUE(!threads_called("kworker")));
	threads_again();
}

static struct workqueue_struct *exit_wq;

static void destroy_at_exit(void)
{
	destroy_workqueue(exit_wq);
}

static void exit_with_an_item(bool blocks)
{
	static struct blocker blocker;

	log_count("");
	if (!blocks)
		atexit(destroy_at_exit);
	exit_wq = alloc_workqueue("exits", WQ_PERCPU | WQ_MEM_RECLAIM, 0);
	no_threads();
	blocker_start_on(&blocker, 0, exit_wq);
	queue_all(exit_wq);
	if (!blocks)
		blocker_release(&blocker);
	exit(current_is_workqueue_rescuer() || !rescue_stats(exit_wq).rescued);
}

static int status_of(bool blocks)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		exit_with_an_item(blocks);
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

/* A handler that comes after ours may destroy the queue; what was queued is not started. */
TEST(exit_and_destroy)
{
	EXPECT_EQ(0, status_of(false));
}

TEST(exit_does_not_wait_for_it)
{
	EXPECT_EQ(0, status_of(true));
}

TEST_HARNESS_MAIN_CPUS(2)
