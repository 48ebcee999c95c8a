// SPDX-License-Identifier: MIT
/*
 * Proves C146 and B23: whichever allocation inside alloc_workqueue() fails, it returns NULL
 * and says so, leaves no queue in the list and no memory behind, and the next call works. For
 * each kind of queue and each k a fresh process lets the k-th allocation fail, then makes
 * and destroys the queue: it must end with exactly the memory of a process without failure
 * (what the engine keeps for good, pools and pwqs, included). The same for the
 * allocations of schedule_on_each_cpu() and for attributes.
 */
#include "wq_test.h"

#include <linux/slab.h>
#include <uwq/ledger.h>

static const unsigned int kinds[] = {
	WQ_PERCPU, WQ_UNBOUND, WQ_UNBOUND | __WQ_ORDERED, WQ_UNBOUND | WQ_HIGHPRI,
	WQ_PERCPU | WQ_HIGHPRI | WQ_CPU_INTENSIVE, WQ_BH | WQ_PERCPU,
	WQ_PERCPU | WQ_MEM_RECLAIM | __WQ_LEGACY, WQ_UNBOUND | WQ_FREEZABLE,
	WQ_UNBOUND | WQ_SYSFS, WQ_PERCPU | WQ_SYSFS,
};

static int nr_queues(void)
{
	struct workqueue_struct *wq;
	int nr = 0;

	list_for_each_entry(wq, &workqueues, list)
		nr++;
	return nr;
}

enum outcome { FAILED_RIGHT, WENT_THROUGH, WRONG };

struct result {
	enum outcome outcome;
	size_t objects, bytes;
};

/* A worker that was asked for stays, and may come after its item was run by a rescuer. */
static bool worker_is_there(struct workqueue_struct *wq)
{
	struct worker_pool *pool = (wq->cpu_pwq ? wq->cpu_pwq[0] : wq->dfl_pwq)->pool;
	bool there;

	pool_lock(pool);
	there = pool->nr_workers && !pool->creating;
	pool_unlock(pool);
	return there;
}

static enum outcome try_kind(unsigned int flags, long k)
{
	struct workqueue_struct *wq;
	enum outcome outcome;
	struct counter item;
	int before = nr_queues();

	workqueue_init();
	log_count("workqueue: no wq fails: ");
	uwq_test_fail_alloc(k, k ? 1 : 0);
	wq = alloc_workqueue("fails", flags, 0);
	outcome = wq ? WENT_THROUGH : FAILED_RIGHT;
	if (!wq && uwq_test_alloc_calls() < k)
		return WRONG;
	if (wq && k && uwq_test_alloc_calls() >= k)
		return WRONG;
	uwq_test_fail_alloc(0, 0);
	if (!wq) {
		if (nr_queues() != before || GET(log_hits) != 1)
			return WRONG;
		wq = alloc_workqueue("works", flags, 0);
		if (!wq)
			return WRONG;
	}
	counter_init(&item);
	queue_work_on(0, wq, &item.work);
	flush_work(&item.work);
	if (!COMES_TRUE(worker_is_there(wq)))
		outcome = WRONG;
	destroy_workqueue(wq);
	return GET(item.runs) == 1 && nr_queues() == before ? outcome : WRONG;
}

static struct result in_a_child(unsigned int flags, long k)
{
	struct result result = { .outcome = WRONG };
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		return result;
	pid = fork();
	if (!pid) {
		unsigned int mark = uwq_ledger_mark();
		struct uwq_ledger_sum sum;

		result.outcome = try_kind(flags, k);
		sum = uwq_ledger_count(mark, NULL, NULL);
		result.objects = sum.objects;
		result.bytes = sum.bytes;
		_exit(write(fds[1], &result, sizeof(result)) != sizeof(result));
	}
	close(fds[1]);
	if (read(fds[0], &result, sizeof(result)) != sizeof(result))
		result.outcome = WRONG;
	close(fds[0]);
	waitpid(pid, NULL, 0);
	return result;
}

TEST(of_a_queue)
{
	size_t i;
	long k;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct result base = in_a_child(kinds[i], 0);
		struct result got;

		ASSERT_EQ(WENT_THROUGH, base.outcome);
		for (k = 1; (got = in_a_child(kinds[i], k)).outcome == FAILED_RIGHT; k++) {
			EXPECT_EQ(base.objects, got.objects) {
				TH_LOG("flags %#x, allocation %ld", kinds[i], k);
			}
			EXPECT_EQ(base.bytes, got.bytes);
		}
		EXPECT_EQ(WENT_THROUGH, got.outcome) {
			TH_LOG("flags %#x, allocation %ld", kinds[i], k);
		}
		/* the queue, and a pwq for each CPU or the attributes: more than two */
		EXPECT_LT(2, k);
		EXPECT_EQ(base.objects, got.objects);
	}
}

/* Memory that stays is used again: the second queue of a kind leaves nothing at all. */
TEST(nothing_grows)
{
	struct workqueue_struct *wq;
	struct uwq_ledger_sum sum;
	unsigned int mark;
	size_t i;

	workqueue_init();
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		wq = alloc_workqueue("first", kinds[i], 0);
		ASSERT_NOT_NULL(wq);
		destroy_workqueue(wq);
	}
	mark = uwq_ledger_mark();
	for (i = 0; i < 50 * sizeof(kinds) / sizeof(kinds[0]); i++) {
		wq = alloc_workqueue("more", kinds[i % (sizeof(kinds) / sizeof(kinds[0]))], 0);
		ASSERT_NOT_NULL(wq);
		destroy_workqueue(wq);
	}
	sum = uwq_ledger_count(mark, NULL, NULL);
	EXPECT_EQ(0u, sum.objects);
	EXPECT_EQ(0u, sum.bytes);
}

TEST(of_attributes)
{
	unsigned int mark = uwq_ledger_mark();
	struct workqueue_attrs *attrs = NULL;
	long k;

	for (k = 1; !attrs; k++) {
		uwq_test_fail_alloc(k, 1);
		attrs = alloc_workqueue_attrs();
		ASSERT_GE(10, k);
		if (!attrs)
			EXPECT_EQ(0u, uwq_ledger_count(mark, NULL, NULL).objects);
	}
	uwq_test_fail_alloc(0, 0);
	EXPECT_LT(2, k);
	EXPECT_EQ(0, attrs->nice);
	EXPECT_TRUE(cpumask_equal(attrs->cpumask, cpu_possible_mask));
	EXPECT_EQ(WQ_AFFN_DFL, attrs->affn_scope);
	EXPECT_FALSE(attrs->affn_strict);
	EXPECT_FALSE(attrs->ordered);
	free_workqueue_attrs(attrs);
	free_workqueue_attrs(NULL);
	EXPECT_EQ(0u, uwq_ledger_count(mark, NULL, NULL).objects);
}

/* apply_workqueue_attrs(): all or nothing, whichever allocation fails. */
TEST(of_a_change_of_attributes)
{
	struct workqueue_struct *wq = alloc_workqueue("apply", WQ_UNBOUND, 0);
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	struct worker_pool *pool;
	struct counter item;
	int failures = 0;
	long k;
	int err;

	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(attrs);
	counter_init(&item);
	pool = wq->dfl_pwq->pool;
	attrs->nice = 7;
	cpumask_copy(attrs->cpumask, cpumask_of(0));
	for (k = 1; ; k++) {
		uwq_test_fail_alloc(k, 1);
		err = apply_workqueue_attrs(wq, attrs);
		uwq_test_fail_alloc(0, 0);
		if (!err)
			break;
		EXPECT_EQ(-ENOMEM, err);
		EXPECT_TRUE(wq->dfl_pwq->pool == pool);
		EXPECT_EQ(0, wq->attrs->nice);
		EXPECT_TRUE(queue_work(wq, &item.work));
		flush_work(&item.work);
		EXPECT_EQ(++failures, GET(item.runs));
		ASSERT_GE(20, k);
	}
	EXPECT_LT(2, failures);
	EXPECT_EQ(7, wq->dfl_pwq->pool->nice);
	EXPECT_TRUE(queue_work(wq, &item.work));
	flush_work(&item.work);
	EXPECT_EQ(failures + 1, GET(item.runs));
	free_workqueue_attrs(attrs);
	destroy_workqueue(wq);
}

static int runs;	/* atomic */

static void count_run(struct work_struct *work)
{
	(void)work;
	ADD(runs, 1);
}

TEST(of_schedule_on_each_cpu)
{
	unsigned int mark = uwq_ledger_mark();

	uwq_test_fail_alloc(1, 1);
	EXPECT_EQ(-ENOMEM, schedule_on_each_cpu(count_run));
	uwq_test_fail_alloc(0, 0);
	EXPECT_EQ(0, GET(runs));
	EXPECT_EQ(0u, uwq_ledger_count(mark, NULL, NULL).objects);
	EXPECT_EQ(0, schedule_on_each_cpu(count_run));
	EXPECT_EQ((int)num_online_cpus(), GET(runs));
}

TEST_HARNESS_MAIN_CPUS(4)
