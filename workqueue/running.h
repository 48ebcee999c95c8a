/* SPDX-License-Identifier: MIT */
/*
 * running.h - the inline half of running.c: cases in which nobody has to be asked
 */
#ifndef UWQ_WORKQUEUE_RUNNING_H
#define UWQ_WORKQUEUE_RUNNING_H

#include "workqueue/workqueue_internal.h"

/* Was it one worker that ran the item last, and is that one of @pool? */
static inline bool last_worker_is_in(unsigned int last, const struct worker_pool *pool)
{
	if (last == WORKER_ID_NONE || last == WORKER_ID_MANY)
		return false;
	return __atomic_load_n(&worker_table[last]->pool, __ATOMIC_ACQUIRE) == pool;
}

/*
 * Whoever owns the item sends it to @pool: must somebody be asked whether it still runs
 * elsewhere? Not if @last is of the same pool. A worker changes pools between runs only, so
 * a run that goes on is one in @pool, where it will be met under the lock. The line of
 * the worker that is read here changes seldom, the one that says what runs with each item.
 */
static inline bool may_run_outside(unsigned int last, const struct worker_pool *pool)
{
	return last != WORKER_ID_NONE && !last_worker_is_in(last, pool);
}

/*
 * Does the worker that ran @work last say that it runs it? False is RUN/2, see running.c;
 * true, or more than one worker to ask: running_after_id() knows.
 */
static inline bool last_worker_has(unsigned int last, const struct work_struct *work)
{
	if (last == WORKER_ID_NONE || last == WORKER_ID_MANY)
		return last == WORKER_ID_MANY;
	return worker_item(__atomic_load_n(&worker_table[last], __ATOMIC_ACQUIRE)) == work;
}

/* @worker takes the item: could another one still be running it? */
static inline bool may_run_in_another(unsigned int last, const struct worker *worker)
{
	return last != WORKER_ID_NONE && last != worker->id;
}

#endif
