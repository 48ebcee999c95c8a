// SPDX-License-Identifier: MIT
/*
 * Proves C109, C113 and U7: a queue with WQ_MEM_RECLAIM has a thread of its own from
 * alloc_workqueue() on, and all of its items run in that thread while no other can be
 * made: bound, unbound, ordered, of high priority; with blocked items of another queue in
 * all workers of the pool; items that queue others or flush another such queue; when
 * memory is refused instead; and by a real limit, RLIMIT_NPROC.
 * current_is_workqueue_rescuer() is true there and nowhere else.
 */
#include "rescue_test.h"

#include <sys/resource.h>
#include <sys/wait.h>

#define NR	100

static struct witness items[NR];

static int sum_of_runs(void)
{
	int sum = 0;

	for (int i = 0; i < NR; i++)
		sum += GET(items[i].runs);
	return sum;
}

static int sum_by_rescuer(void)
{
	int sum = 0;

	for (int i = 0; i < NR; i++)
		sum += GET(items[i].by_rescuer);
	return sum;
}

static void queue_all(struct workqueue_struct *wq)
{
	for (int i = 0; i < NR; i++) {
		witness_init(&items[i]);
		queue_work_on(0, wq, &items[i].work);
	}
}

FIXTURE(reclaim) {
	struct workqueue_struct *wq;
};

FIXTURE_VARIANT(reclaim) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(reclaim, bound) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(reclaim, highpri) { .flags = WQ_PERCPU | WQ_HIGHPRI };
FIXTURE_VARIANT_ADD(reclaim, intensive) { .flags = WQ_PERCPU | WQ_CPU_INTENSIVE };
FIXTURE_VARIANT_ADD(reclaim, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(reclaim, ordered) { .flags = WQ_UNBOUND | __WQ_ORDERED };

FIXTURE_SETUP(reclaim)
{
	log_count("");
	self->wq = alloc_workqueue("reclaim_items", variant->flags | WQ_MEM_RECLAIM,
				   variant->flags & __WQ_ORDERED ? 1 : 0);
	ASSERT_NOT_NULL(self->wq);
}

FIXTURE_TEARDOWN(reclaim)
{
	threads_again();
	destroy_workqueue(self->wq);
}

/* Not one item was needed for it; 15 bytes of its name are shown. */
TEST_F(reclaim, its_thread_is_there_at_once)
{
	EXPECT_TRUE(COMES_TRUE(threads_called("kworker/R-recla") == 1));
	EXPECT_FALSE(current_is_workqueue_rescuer());
}

TEST_F(reclaim, all_items_run)
{
	no_threads();
	queue_all(self->wq);
	flush_workqueue(self->wq);
	EXPECT_EQ(NR, sum_of_runs());
	EXPECT_EQ(NR, sum_by_rescuer());
	EXPECT_EQ((unsigned long)NR, rescue_stats(self->wq).rescued);
	EXPECT_LE(1ul, rescue_stats(self->wq).mayday);
	for (int i = 1; i < NR; i++)
		EXPECT_EQ(items[i - 1].place + 1, items[i].place);
}

TEST_F(reclaim, with_memory_refused)
{
	WRITE_ONCE(wq_params.create_retry_ms, 20);
	uwq_test_fail_alloc(1, -1);
	queue_all(self->wq);
	flush_workqueue(self->wq);
	uwq_test_fail_alloc(0, 0);
	EXPECT_EQ(NR, sum_by_rescuer());
}

static bool all_run_by_workers(struct workqueue_struct *wq)
{
	queue_all(wq);
	flush_workqueue(wq);
	return sum_of_runs() == NR && !sum_by_rescuer();
}

/*
 * With workers at hand it has nothing to do and is not asked. While a machine takes long to
 * make them, it is: so until they are there.
 */
TEST_F(reclaim, workers_run_them_otherwise)
{
	EXPECT_TRUE(COMES_TRUE(all_run_by_workers(self->wq)));
}

#define NR_BLOCKERS	12
#define OTHERS_ACTIVE	8

/* Its max_active items hold every worker that the pool has, and four more wait. */
TEST_F(reclaim, while_others_hold_the_pool)
{
	struct workqueue_struct *other;
	struct blocker blockers[NR_BLOCKERS];
	int i;

	other = alloc_workqueue("other", variant->flags & ~__WQ_ORDERED, OTHERS_ACTIVE);
	ASSERT_NOT_NULL(other);
	for (i = 0; i < OTHERS_ACTIVE / 2; i++)
		blocker_start_on(&blockers[i], 0, other);
	no_threads();
	for (; i < NR_BLOCKERS; i++) {
		blocker_init(&blockers[i]);
		queue_work_on(0, other, &blockers[i].work);
	}
	ASSERT_TRUE(COMES_TRUE(in_distress(pwq_on(other, 0)->pool)));
	queue_all(self->wq);
	flush_workqueue(self->wq);
	EXPECT_EQ(NR, sum_by_rescuer());
	for (i = 0; i < NR_BLOCKERS; i++)
		EXPECT_EQ(0, GET(blockers[i].runs));
	for (i = 0; i < NR_BLOCKERS; i++)
		blocker_release(&blockers[i]);
	threads_again();
	destroy_workqueue(other);
	for (i = 0; i < NR_BLOCKERS; i++)
		EXPECT_EQ(1, GET(blockers[i].runs));
}

/* ---- items that queue and wait ---- */

struct link {
	struct work_struct work;
	struct workqueue_struct *wq;
	struct work_struct *queues;	/* on the same queue */
	struct work_struct *flushes;	/* of another one */
	int runs, by_rescuer;		/* atomic */
};

static void link_func(struct work_struct *work)
{
	struct link *link = container_of(work, struct link, work);

	if (link->queues)
		queue_work_on(0, link->wq, link->queues);
	if (link->flushes)
		flush_work(link->flushes);
	ADD(link->by_rescuer, current_is_workqueue_rescuer());
	ADD(link->runs, 1);
}

TEST_F(reclaim, chains_and_flushes)
{
	struct workqueue_struct *second;
	struct link chain[20];
	struct witness flushed[20];
	int i;

	second = alloc_workqueue("second", variant->flags | WQ_MEM_RECLAIM,
				 variant->flags & __WQ_ORDERED ? 1 : 0);
	ASSERT_NOT_NULL(second);
	no_threads();
	for (i = 0; i < 20; i++) {
		chain[i] = (struct link){ .wq = self->wq };
		INIT_WORK(&chain[i].work, link_func);
		witness_init(&flushed[i]);
		chain[i].flushes = &flushed[i].work;
		if (i)
			chain[i - 1].queues = &chain[i].work;
		queue_work_on(0, second, &flushed[i].work);
	}
	queue_work_on(0, self->wq, &chain[0].work);
	drain_workqueue(self->wq);
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(1, GET(chain[i].runs));
		EXPECT_EQ(1, GET(chain[i].by_rescuer));
		EXPECT_EQ(1, GET(flushed[i].by_rescuer));
	}
	destroy_workqueue(second);
}

/* The barrier of a flusher is run by the rescuer, too, also when its target was cancelled. */
TEST_F(reclaim, cancelled_items_release_their_flushers)
{
	struct blocker blocker;
	struct witness item;
	int i;

	no_threads();
	blocker_start_on(&blocker, 0, self->wq);
	blocker_release(&blocker);
	for (i = 0; i < 20; i++) {
		witness_init(&item);
		queue_work_on(0, self->wq, &item.work);
		if (i % 2)
			cancel_work_sync(&item.work);
		else
			flush_work(&item.work);
		EXPECT_EQ(0u, work_busy(&item.work));
		if (!(i % 2))
			EXPECT_EQ(1, GET(item.by_rescuer));
	}
}

/* ---- a real limit ---- */

#define NOBODY	54329	/* a user id that owns no process */

/* Root's processes know no limit: be somebody who has one. */
static bool live_under_a_limit(void)
{
	struct rlimit none = { 0, 0 };

	if (!geteuid() && (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)))
		return false;
	return !setrlimit(RLIMIT_NPROC, &none);
}

static void *nothing(void *arg)
{
	return arg;
}

enum outcome { ALL_RAN, NO_LIMIT, WRONG };

static enum outcome under_the_limit(unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("limited", flags | WQ_MEM_RECLAIM,
						      flags & __WQ_ORDERED ? 1 : 0);
	pthread_t thread;

	log_count("");
	if (!wq)
		return WRONG;
	if (!live_under_a_limit() || !pthread_create(&thread, NULL, nothing, NULL))
		return NO_LIMIT;
	queue_all(wq);
	flush_workqueue(wq);
	if (alloc_workqueue("refused", WQ_PERCPU | WQ_MEM_RECLAIM, 0))
		return WRONG;
	return sum_by_rescuer() == NR ? ALL_RAN : WRONG;
}

/* In a process of its own, for which no checks at its end need new threads. */
TEST(under_a_limit_of_processes)
{
	static const unsigned int kinds[] = {
		WQ_PERCPU, WQ_PERCPU | WQ_HIGHPRI, WQ_UNBOUND, WQ_UNBOUND | __WQ_ORDERED,
	};
	int status = -1;
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		pid = fork();
		if (!pid)
			_exit(under_the_limit(kinds[i]));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFEXITED(status));
		if (WEXITSTATUS(status) == NO_LIMIT)
			SKIP(return, "the system keeps no RLIMIT_NPROC for us");
		EXPECT_EQ(ALL_RAN, WEXITSTATUS(status)) {
			TH_LOG("flags %#x", kinds[i]);
		}
	}
}

TEST_HARNESS_MAIN_CPUS(2)
