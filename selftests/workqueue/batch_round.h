/* SPDX-License-Identifier: MIT */
/*
 * batch_round.h - rounds in which a function runs while others wait in its batch
 *
 * In each round a worker finds the first item and NR_BEHIND others at once. What the
 * first one's function does then is up to the test; had_batch says whether all others were
 * in its batch, because the monitor, which is awake, may be faster.
 */
#ifndef UWQ_SELFTESTS_BATCH_ROUND_H
#define UWQ_SELFTESTS_BATCH_ROUND_H

#include "batch_queue.h"

#define NR_BEHIND	6	/* in the batch, behind the item that the worker runs */
#define MOST		2000	/* rounds; the monitor may be faster than a function */

static struct work_struct leader, first;
static struct counter behind[NR_BEHIND];
static int nr_batches;		/* atomic: taken so far */
static bool all_queued;		/* atomic: who is stopped from here on keeps no lock from queue_all() */

static inline bool has_claimed_first_of_others(void)
{
	struct batch *batch = &this_worker->batch;

	return batch->items[batch->begun].work == &behind[0].work;
}

static inline void batch_hook(const char *name)
{
	if (!strcmp(name, "batch_taken"))
		ADD(nr_batches, 1);
	if (!strcmp(name, "batch_claimed") && has_claimed_first_of_others() &&
	    GET(all_queued) && __atomic_exchange_n(&hold_claimed, false, __ATOMIC_ACQ_REL)) {
		gate_open(&claimed);
		gate_wait(&may_begin);
	}
	held_hook(name);
}

static void (*action)(void);	/* what the first item's function does with its batch */
static bool had_batch;		/* atomic: it had one, with all the others */

static inline bool has_whole_batch(void)
{
	struct worker_pool *pool = this_worker->pool;
	bool has;

	pool_lock_quick(pool);
	has = owns_batch(this_worker) && this_worker->batch.nr == NR_BEHIND &&
	      !GET(this_worker->batch.claims);
	pool_unlock(pool);
	return has;
}

static inline void first_func(struct work_struct *work)
{
	(void)work;
	SET(had_batch, has_whole_batch());
	if (action && GET(had_batch))
		action();
}

FIXTURE_SETUP(queue)
{
	INIT_WORK(&leader, nothing_func);
	INIT_WORK(&first, first_func);
	for (int i = 0; i < NR_BEHIND; i++)
		counter_init(&behind[i]);
	queues_make(_metadata, self, variant);
}

/* The worker that runs the leader finds them at once when it comes back, after let_go(). */
static inline void queue_held(struct workqueue_struct *wq)
{
	flush_workqueue(wq);
	pretend_short_runs(pwq_of(wq)->pool);
	SET(all_queued, false);
	hold_next("worker_call");
	SET(uwq_test_point_hook, batch_hook);
	queue(wq, &leader);
	hold_wait();
	queue(wq, &first);
	for (int i = 0; i < NR_BEHIND; i++)
		queue(wq, &behind[i].work);
}

static inline void let_go(void)
{
	SET(all_queued, true);
	hold_release();
}

static inline void queue_all(struct workqueue_struct *wq)
{
	queue_held(wq);
	let_go();
}

static inline int sum_of_runs(void)
{
	int sum = 0;

	for (int i = 0; i < NR_BEHIND; i++)
		sum += GET(behind[i].runs);
	return sum;
}

#endif
