/* SPDX-License-Identifier: MIT */
/*
 * batch_workers.h - for tests in which several workers of a pool run, and have batches
 *
 * Workers stay in the functions of stayers, which nobody knows to be asleep, and have quick items
 * behind those in their batches. Whoever includes it calls prepare() before each round, and
 * stop_looks() in FIXTURE_SETUP(queue).
 */
#ifndef UWQ_SELFTESTS_BATCH_WORKERS_H
#define UWQ_SELFTESTS_BATCH_WORKERS_H

#include "batch_queue.h"

#define NR_QUICK	7	/* as many as a batch has room for */

struct quick {
	struct work_struct work;
	int place;	/* atomic: it was the so many'th to begin, 0 = none yet */
};

static int nr_begun;	/* atomic: of quick ones */

static inline void quick_func(struct work_struct *work)
{
	struct quick *quick = container_of(work, struct quick, work);

	SET(quick->place, ADD(nr_begun, 1));
}

/* One that stays in its function, which nobody knows to be asleep. */
struct stayer {
	struct work_struct work;
	bool begun, may_end;	/* atomic */
	int runs;		/* atomic; it stays in the first one only */
	struct worker *worker;	/* atomic: who runs it */
};

static inline void stay_func(struct work_struct *work)
{
	struct stayer *stayer = container_of(work, struct stayer, work);

	SET(stayer->worker, this_worker);
	SET(stayer->begun, true);
	if (ADD(stayer->runs, 1) > 1)
		return;
	while (!GET(stayer->may_end))
		nap_us(50);
}

static inline void stayer_init(struct stayer *stayer)
{
	INIT_WORK(&stayer->work, stay_func);
	SET(stayer->begun, false);
	SET(stayer->may_end, false);
	SET(stayer->runs, 0);
}

static inline void stayer_queue(struct stayer *stayer, struct workqueue_struct *wq)
{
	queue(wq, &stayer->work);
	while (!GET(stayer->begun))
		nap_us(50);
}

static struct quick quick[400];
static work_func_t first_func = quick_func;	/* of the first one */
static struct work_struct leader;
static struct stayer ahead, with_batch, with_later_batch;

/* Nothing runs. */
static inline void prepare(void)
{
	INIT_WORK(&leader, nothing_func);
	for (size_t i = 0; i < ARRAY_SIZE(quick); i++) {
		INIT_WORK(&quick[i].work, i ? quick_func : first_func);
		SET(quick[i].place, 0);
	}
	stayer_init(&ahead);
	stayer_init(&with_batch);
	stayer_init(&with_later_batch);
	SET(nr_begun, 0);
}

/* The pool of the fixture wants @nr workers to run; it has them all, and they rest. */
static inline void want_running(struct worker_pool *pool, int nr)
{
	while (!pool_rests(pool))
		nap_us(100);
	pool_lock(pool);
	pool->max_running = nr;
	pool->runs_short = false;
	pool->run_ns = 1000;
	pool->batch_size = BATCH_MAX + 1;
	pool_update_kick(pool);
	pool_unlock(pool);
}

static inline void queue_quick(struct workqueue_struct *wq, int first, int nr)
{
	for (int i = first; i < first + nr; i++)
		queue(wq, &quick[i].work);
}

static inline void let_end(struct stayer *stayer)
{
	SET(stayer->may_end, true);
}

/*
 * How many has it in its batch? None, too, if somebody has taken the lock meanwhile, as who waits
 * for a worker that is being made does.
 */
static inline unsigned int size_of_batch(const struct stayer *stayer)
{
	struct worker *worker = GET(stayer->worker);
	unsigned int nr;

	pool_lock_quick(worker->pool);
	nr = worker->batch.bit ? worker->batch.nr : 0;
	pool_unlock(worker->pool);
	return nr;
}

/*
 * Two workers run: one stays in @ahead, the other one in @with_batch, behind which it has taken
 * what it wanted of @nr quick ones.
 */
static inline void try_to_have_batch(FIXTURE_DATA(queue) *self, int nr)
{
	want_running(self->pool, 2);
	stayer_queue(&ahead, self->wq);
	hold_next("worker_call");
	queue(self->wq, &leader);
	hold_wait();
	queue(self->wq, &with_batch.work);
	queue_quick(self->wq, 0, nr);
	hold_release();
	while (!GET(with_batch.begun))
		nap_us(50);
}

/* The same, with @least of them in the batch. */
static inline void have_batch(struct __test_metadata *_metadata, FIXTURE_DATA(queue) *self, int nr,
			      unsigned int least)
{
	int tries = 50;

	try_to_have_batch(self, nr);
	while (size_of_batch(&with_batch) < least && --tries) {
		let_end(&ahead);
		let_end(&with_batch);
		flush_workqueue(self->wq);
		prepare();
		try_to_have_batch(self, nr);
	}
	ASSERT_NE(0, tries);
}

#endif
