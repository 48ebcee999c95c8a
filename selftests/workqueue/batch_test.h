/* SPDX-License-Identifier: MIT */
/*
 * batch_test.h - for the tests of items that a worker takes at once (batch.c)
 *
 * The queues of the fixture have a worker that takes all it finds, however long functions
 * run; which it finds is said by begin_held(), after which a worker holds an item that it has
 * begun, and by what is queued until hold_release(). Nobody calls others because of that: the
 * monitor is kept quiet.
 */
#ifndef UWQ_SELFTESTS_BATCH_TEST_H
#define UWQ_SELFTESTS_BATCH_TEST_H

#include "batch_queue.h"

/* ---- items that note when they begin ---- */

struct noted {
	struct work_struct work;
	int place;	/* atomic: it was the so many'th to begin, 0 = none yet */
};

static int nr_begun;	/* atomic */

static inline void note(struct noted *noted)
{
	SET(noted->place, ADD(nr_begun, 1));
}

static inline void noted_func(struct work_struct *work)
{
	note(container_of(work, struct noted, work));
}

static inline void noted_init(struct noted *noted, work_func_t func)
{
	INIT_WORK(&noted->work, func);
	SET(noted->place, 0);
}

/* ---- queues ---- */

/* Who takes items is the only one that runs. */
static inline void check_owner(void)
{
	struct worker_pool *pool = this_worker->pool;

	RIGHT(pool->batcher == this_worker && !(this_worker->flags & WORKER_NOT_RUNNING));
	RIGHT(pool->nr_running == 1 && pool_useful_workers(pool) == 1);
}

/* Items that are noted when they begin, in which the order is exact. */
static struct noted exact[20];

static inline void note_exact(void)
{
	const char *work = (const char *)this_worker->current_work;

	if (work >= (const char *)exact && work < (const char *)exact + sizeof(exact))
		note(container_of(this_worker->current_work, struct noted, work));
}

static inline void place_hook(const char *name)
{
	if (!strcmp(name, "worker_begin"))
		note_exact();
	if (!strcmp(name, "batch_taken"))
		check_owner();
	if (!strcmp(name, "batch_claimed") &&
	    __atomic_exchange_n(&hold_claimed, false, __ATOMIC_ACQ_REL)) {
		gate_open(&claimed);
		gate_wait(&may_begin);
	}
	held_hook(name);
}

static struct noted leader, first;

FIXTURE(queue) {
	struct workqueue_struct *wq, *other;
	struct pool_workqueue *pwq;
	struct worker_pool *pool;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
	int max_active;
};

FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, one_slot) { .flags = WQ_UNBOUND, .max_active = 1 };
FIXTURE_VARIANT_ADD(queue, one_slot_percpu) { .flags = WQ_PERCPU, .max_active = 1 };

static inline void queue(struct workqueue_struct *wq, struct work_struct *work)
{
	queue_work_on(0, wq, work);
}

/*
 * A worker that is held would be taken for asleep, and others be called. So the monitor, which
 * rests, shall be thought to be awake.
 */
static inline void stop_looks(void)
{
	monitor_start();
	while (GET(monitor_on))
		nap_us(200);
	SET(monitor_on, 1);
}

static inline void start_looks(void)
{
	SET(monitor_on, 0);
	monitor_start();
}

FIXTURE_SETUP(queue)
{
	uwq_test_force_batches(true);
	self->wq = alloc_workqueue("batches", variant->flags, variant->max_active);
	self->other = alloc_workqueue("other", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
	ASSERT_NOT_NULL(self->other);
	self->pwq = pwq_of(self->wq);
	self->pool = self->pwq->pool;
	noted_init(&leader, noted_func);
	noted_init(&first, noted_func);
	/* the first run of all is measured: from then on there are batches */
	queue(self->wq, &leader.work);
	flush_work(&leader.work);
	stop_looks();
	SET(uwq_test_point_hook, place_hook);
}

/* All slots are given back, and every item is counted out. */
static inline void expect_nothing_left(struct __test_metadata *_metadata,
				       struct workqueue_struct *wq)
{
	flush_workqueue(wq);
	EXPECT_EQ(0ul, items_in_flight(wq));
	EXPECT_EQ(0, pwq_of(wq)->nr_active);
}

FIXTURE_TEARDOWN(queue)
{
	expect_nothing_left(_metadata, self->wq);
	expect_nothing_left(_metadata, self->other);
	destroy_workqueue(self->wq);
	destroy_workqueue(self->other);
	EXPECT_EQ(0, GET(wrong_line));
}

/* The next item is begun and not called before hold_release(). */
static inline void begin_held(struct workqueue_struct *wq, struct noted *noted)
{
	pretend_short_runs(pwq_of(wq)->pool);
	hold_next("worker_call");
	SET(uwq_test_point_hook, place_hook);
	queue(wq, &noted->work);
	hold_wait();
}

static inline bool pool_rests(struct worker_pool *pool)
{
	bool rests;

	pool_lock(pool);
	rests = !pool->nr_running && !pool->nr_waking;
	pool_unlock(pool);
	return rests;
}

#define NEEDS_ONE_SLOT(variant)						\
	do {								\
		if ((variant)->max_active != 1)				\
			SKIP(return, "items get slots of their own");	\
	} while (0)

/* In one of a CPU it is never more, whatever a measured run says. */
#define NEEDS_ONE_WORKER(variant)					\
	do {								\
		if ((variant)->flags & WQ_UNBOUND)			\
			SKIP(return, "two workers may be useful");	\
	} while (0)

/* ---- functions and threads ---- */

static inline void brief_func(struct work_struct *work)
{
	(void)work;
}

static struct gate may_return __attribute__((unused));

static inline void stay_at_gate(struct work_struct *work)
{
	note(container_of(work, struct noted, work));
	gate_wait(&may_return);
}

static int nr_flushed __attribute__((unused));	/* atomic */

static inline void *flush_thread(void *work)
{
	flush_work(work);
	ADD(nr_flushed, 1);
	return NULL;
}

/* Returns when the barrier is in its place. All items leave the inbox. */
static inline pthread_t start_flush(struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long before = items_in_flight(wq);
	pthread_t thread;

	SET(nr_flushed, 0);
	thread = start_thread(flush_thread, work);
	while (items_in_flight(wq) == before)
		nap_us(100);
	return thread;
}

#endif
