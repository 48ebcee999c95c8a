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

/* Who takes items runs, with as many as are useful. */
static inline void check_owner(void)
{
	struct worker_pool *pool = this_worker->pool;

	RIGHT(owns_batch(this_worker) && !(this_worker->flags & WORKER_NOT_RUNNING));
	RIGHT(pool->nr_running == pool_useful_workers(pool));
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
	/* what is over is counted until the batch is settled: so long somebody runs something */
	if (!strcmp(name, "batch_claimed"))
		RIGHT(worker_item(this_worker));
	if (!strcmp(name, "batch_claimed") &&
	    __atomic_exchange_n(&hold_claimed, false, __ATOMIC_ACQ_REL)) {
		gate_open(&claimed);
		gate_wait(&may_begin);
	}
	held_hook(name);
}

static struct noted leader, first;

FIXTURE_SETUP(queue)
{
	noted_init(&leader, noted_func);
	noted_init(&first, noted_func);
	queues_make(_metadata, self, variant);
	stop_looks();
	SET(uwq_test_point_hook, place_hook);
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

#endif
