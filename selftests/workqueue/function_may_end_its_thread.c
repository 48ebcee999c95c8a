// SPDX-License-Identifier: MIT
/*
 * Proves U13: a function that ends its thread, by pthread_exit() or do_exit(), ends its run
 * and nothing else. It is reported; flushers and cancellers are released, the slot is
 * given back, items that had to wait for that run follow, and a new worker goes on,
 * however often it happens. pthread_cancel() does not reach a worker.
 */
#include "wq_test.h"

#include <linux/kthread.h>

struct suicide {
	struct work_struct work;
	struct completion started, release;
	bool by_do_exit;
	int runs;	/* atomic */
};

static void end_thread(struct work_struct *work)
{
	struct suicide *item = container_of(work, struct suicide, work);

	ADD(item->runs, 1);
	complete(&item->started);
	wait_for_completion(&item->release);
	if (item->by_do_exit)
		do_exit(0);
	pthread_exit(NULL);
}

static void suicide_init(struct suicide *item, bool by_do_exit)
{
	memset(item, 0, sizeof(*item));
	INIT_WORK(&item->work, end_thread);
	init_completion(&item->started);
	init_completion(&item->release);
	item->by_do_exit = by_do_exit;
}

static void *flush(void *work)
{
	flush_work(work);
	return NULL;
}

static void *cancel_sync(void *work)
{
	cancel_work_sync(work);
	return NULL;
}

static void *flush_queue(void *wq)
{
	__flush_workqueue(wq);
	return NULL;
}

static unsigned long active_and_total(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq = wq->cpu_pwq ? wq->cpu_pwq[0] : wq->dfl_pwq;
	unsigned long nr;

	pool_lock(pwq->pool);
	nr = pwq->nr_active + pwq->nr_total;
	pool_unlock(pwq->pool);
	return nr;
}

FIXTURE(end) {
	struct workqueue_struct *wq;
	struct suicide item;
	unsigned long warned;
};

FIXTURE_VARIANT(end) {
	unsigned int flags;
	bool by_do_exit;
};

FIXTURE_VARIANT_ADD(end, bound) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(end, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(end, intensive) { .flags = WQ_PERCPU | WQ_CPU_INTENSIVE };
FIXTURE_VARIANT_ADD(end, ordered) { .flags = WQ_UNBOUND | __WQ_ORDERED, .by_do_exit = true };

FIXTURE_SETUP(end)
{
	log_count("ended the thread of its worker");
	self->wq = alloc_workqueue("end", variant->flags, 1);
	ASSERT_NOT_NULL(self->wq);
	suicide_init(&self->item, variant->by_do_exit);
	self->warned = uwq_warn_count();
}

FIXTURE_TEARDOWN(end)
{
	destroy_workqueue(self->wq);
}

TEST_F(end, everybody_who_waits_is_released)
{
	pthread_t threads[4];
	struct counter next;

	ASSERT_TRUE(queue_work_on(0, self->wq, &self->item.work));
	wait_for_completion(&self->item.started);
	counter_init(&next);
	queue_work_on(0, self->wq, &next.work);
	threads[0] = start_thread(flush, &self->item.work);
	threads[1] = start_thread(flush, &next.work);
	threads[2] = start_thread(cancel_sync, &self->item.work);
	threads[3] = start_thread(flush_queue, self->wq);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(self->wq) == 5));
	complete_all(&self->item.release);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(1, GET(self->item.runs));
	EXPECT_EQ(1, GET(next.runs));
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(self->warned + 1, uwq_warn_count());
	__flush_workqueue(self->wq);
	EXPECT_EQ(0ul, active_and_total(self->wq));
	EXPECT_EQ(0u, work_busy(&self->item.work));
}

TEST_F(end, again_and_again)
{
	struct counter next;

	complete_all(&self->item.release);
	counter_init(&next);
	for (int i = 1; i <= 50; i++) {
		ASSERT_TRUE(queue_work_on(0, self->wq, &self->item.work));
		ASSERT_TRUE(queue_work_on(0, self->wq, &next.work));
		flush_work(&self->item.work);
		flush_work(&next.work);
		EXPECT_EQ(i, GET(self->item.runs));
		EXPECT_EQ(i, GET(next.runs));
	}
	EXPECT_EQ(self->warned + 50, uwq_warn_count());
	__flush_workqueue(self->wq);
	EXPECT_EQ(0ul, active_and_total(self->wq));
}

/* A second instance of the same item waits for that very worker. */
TEST_F(end, the_second_instance_follows)
{
	ASSERT_TRUE(queue_work_on(0, self->wq, &self->item.work));
	wait_for_completion(&self->item.started);
	ASSERT_TRUE(queue_work_on(0, self->wq, &self->item.work));
	complete_all(&self->item.release);
	__flush_workqueue(self->wq);
	EXPECT_EQ(2, GET(self->item.runs));
	EXPECT_EQ(0u, work_busy(&self->item.work));
}

/* What the pool counts is right afterwards: it comes to rest with idle workers only. */
TEST_F(end, the_pool_counts_right)
{
	struct worker_pool *pool;
	int nr_workers, nr_idle, nr_running;

	complete_all(&self->item.release);
	for (int i = 0; i < 20; i++) {
		queue_work_on(0, self->wq, &self->item.work);
		flush_work(&self->item.work);
	}
	pool = (self->wq->cpu_pwq ? self->wq->cpu_pwq[0] : self->wq->dfl_pwq)->pool;
	__flush_workqueue(self->wq);
	do {
		pool_lock(pool);
		nr_workers = pool->nr_workers;
		nr_idle = pool->nr_idle;
		nr_running = pool->nr_running;
		pool_unlock(pool);
		nap_us(100);
	} while (nr_workers != nr_idle);
	EXPECT_EQ(0, nr_running);
	EXPECT_LE(0, nr_idle);
}

static int passed_by;	/* relaxed: it shall order nothing */

static void compute_and_end(struct work_struct *work)
{
	(void)work;
	while (!__atomic_load_n(&passed_by, __ATOMIC_RELAXED))
		barrier();
	pthread_exit(NULL);
}

static void pass_by(struct work_struct *work)
{
	(void)work;
	__atomic_store_n(&passed_by, 1, __ATOMIC_RELAXED);
}

/* Another thread has counted the worker out, and this one has not looked since. */
TEST(one_that_was_counted_out)
{
	struct workqueue_struct *wq = alloc_workqueue("end", WQ_PERCPU, 0);
	struct work_struct hog, other;

	ASSERT_NOT_NULL(wq);
	log_count("ended the thread of its worker");
	INIT_WORK(&hog, compute_and_end);
	INIT_WORK(&other, pass_by);
	queue_work_on(0, wq, &hog);
	queue_work_on(0, wq, &other);
	flush_workqueue(wq);
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(0ul, active_and_total(wq));
	destroy_workqueue(wq);
}

static pthread_t worker_thread;
static int may_end;	/* atomic */

static void expose_thread(struct work_struct *work)
{
	struct blocker *blocker = container_of(work, struct blocker, work);

	worker_thread = pthread_self();
	complete(&blocker->started);
	while (!GET(may_end))
		nap_us(100);	/* a cancellation point */
	ADD(blocker->runs, 1);
}

TEST(workers_cannot_be_cancelled)
{
	struct blocker blocker;

	blocker_init(&blocker);
	INIT_WORK(&blocker.work, expose_thread);
	queue_work(system_dfl_wq, &blocker.work);
	wait_for_completion(&blocker.started);
	pthread_cancel(worker_thread);
	SET(may_end, 1);
	flush_work(&blocker.work);
	EXPECT_EQ(1, GET(blocker.runs));
}

TEST_HARNESS_MAIN
