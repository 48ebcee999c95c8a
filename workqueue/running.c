// SPDX-License-Identifier: MIT
/*
 * running.c - who is running this item?
 *
 * The last-worker id in work->data answers with one look at one worker. Only an
 * item that was queued on a second queue while it still ran on the first (C19)
 * may run in two pools; it is marked WORKER_ID_MANY, and all workers are asked
 * until a run finds it alone again.
 *
 * RUN/1: a worker stores current_func and current_work (release), then puts its
 * id into work->data (release, or more). RUN/2: a submitter or canceller that
 * reads that id loads current_work (acquire): it sees the item, or a later value,
 * which means that the run is over and everything it did is visible (C15). Others may have
 * owned the item in between: they keep the id, and hand the word on with PENDING or with
 * the lock of the pool.
 *
 * RUN/3: current_func is stored (release) after the run before. RUN/4: whoever looks loads it
 * (acquire) after current_work. If it is another function's, because the worker has gone on
 * between the two looks, the run is over as well, and what it did is visible.
 * Test: cancel_sync_decides_while_it_owns_the_item.c, run_that_ends_between_two_looks
 *
 * Both answers hold without a lock for the thread that owns PENDING; others treat
 * "yes" as a hint and look again under the pool lock.
 *
 * An item whose func was changed while it ran is not recognised (C20).
 */
#include "kernel-compat/test_points.h"
#include "workqueue/workqueue_internal.h"

static bool runs(const struct worker *worker, const struct work_struct *work)
{
	if (!worker || __atomic_load_n(&worker->current_work, __ATOMIC_ACQUIRE) != work)
		return false;
	TEST_POINT("run_seen");
	/* RUN/4: acquire, see RUN/3 in the opening comment */
	return __atomic_load_n(&worker->current_func, __ATOMIC_ACQUIRE) ==
	       __atomic_load_n(&work->func, __ATOMIC_RELAXED);
}

typedef bool (*worker_filter)(struct worker *worker, const void *arg);

static struct worker *find(struct work_struct *work, unsigned int last, worker_filter fits,
			   const void *arg)
{
	struct worker *worker;
	unsigned int id;

	if (likely(last != WORKER_ID_MANY)) {
		worker = worker_by_id(last);
		return runs(worker, work) && fits(worker, arg) ? worker : NULL;
	}
	for (id = 1; id < worker_id_limit(); id++) {
		worker = worker_by_id(id);
		if (runs(worker, work) && fits(worker, arg))
			return worker;
	}
	return NULL;
}

static bool in_pool(struct worker *worker, const void *pool)
{
	return __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE) == pool;
}

static bool not_in_pool(struct worker *worker, const void *pool)
{
	return !in_pool(worker, pool);
}

static bool after_id(struct worker *worker, const void *id)
{
	return worker->id > *(const unsigned int *)id;
}

/* The worker of @pool that runs @work. Exact under the lock of @pool. */
struct worker *running_in_pool(struct work_struct *work, unsigned int last,
			       const struct worker_pool *pool)
{
	return find(work, last, in_pool, pool);
}

/*
 * Does @worker run @work as a worker of @pool? The lock of @pool is held. In this order: a
 * rescuer changes pools between runs, and a run in another pool is seen with that pool.
 */
bool runs_in_pool(const struct worker *worker, const struct work_struct *work,
		  const struct worker_pool *pool)
{
	return __atomic_load_n(&worker->current_work, __ATOMIC_ACQUIRE) == work &&
	       __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE) == pool;
}

/*
 * Is this thread inside a run of @work? Not if the item that it runs is gone and @work
 * is a new one at the same address: that one has not been run by this worker.
 */
bool running_here(struct work_struct *work)
{
	struct worker *worker = this_worker;
	unsigned int last = work_data_last(work_data(work));

	return worker && runs(worker, work) && (last == worker->id || last == WORKER_ID_MANY);
}

/* Is @work running in some pool other than @pool? The caller owns the item. */
bool running_outside_pool(struct work_struct *work, unsigned int last,
			  const struct worker_pool *pool)
{
	return find(work, last, not_in_pool, pool) != NULL;
}

/* The first worker with an id above @id that runs @work. */
struct worker *running_after_id(struct work_struct *work, unsigned int last, unsigned int id)
{
	return find(work, last, after_id, &id);
}

/*
 * The pwq of @wq whose worker runs @work now, NULL if none does. The caller owns
 * the item, so a run that is seen cannot be a later one; the pwq is one of @wq in
 * any case, so that queueing there is right even if the run just ended.
 */
struct pool_workqueue *running_for_wq(struct work_struct *work, unsigned int last,
				      const struct workqueue_struct *wq)
{
	struct worker *worker = NULL;
	struct pool_workqueue *pwq;
	unsigned int id = 0;

	do {
		worker = running_after_id(work, last, id);
		if (!worker)
			return NULL;
		id = worker->id;
		pwq = __atomic_load_n(&worker->current_pwq, __ATOMIC_ACQUIRE);
	} while (!pwq || pwq_wq(pwq) != wq);
	return pwq;
}
