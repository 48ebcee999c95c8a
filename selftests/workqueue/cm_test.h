/* SPDX-License-Identifier: MIT */
/*
 * cm_test.h - burning CPU time, and looks into a pool, for the tests of concurrency
 * management
 */
#ifndef UWQ_SELFTESTS_CM_TEST_H
#define UWQ_SELFTESTS_CM_TEST_H

#include "wq_test.h"

#include "workqueue/params.h"

static inline long cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Compute for so long, whatever else the machine does. */
static inline void burn_us(long us)
{
	long until = cpu_us() + us;

	while (cpu_us() < until)
		;
}

/* Compute until something is so; false: not within 10 s. */
#define BURN_UNTIL(cond)						\
	__extension__({							\
		long until_ = now_ms() + 10000;				\
		bool true_;						\
									\
		while (!(true_ = (cond)) && now_ms() < until_)		\
			;						\
		true_;							\
	})

/* Only hooks and brackets tell who blocks: the sampler leaves everybody alone. */
static inline void without_hogs(void)
{
	SET(wq_params.cpu_intensive_thresh_us, 0);
	SET(wq_params.liveness_ms, 0);
}

/* What @expr says while nobody changes the pool. */
#define UNDER_POOL_LOCK(pool, expr)					\
	__extension__({							\
		pool_lock(pool);					\
		__auto_type value_ = (expr);				\
		pool_unlock(pool);					\
		value_;							\
	})

/* C97: the count is that of the workers which neither rest, sleep nor are counted out. */
static inline int count_error(struct worker_pool *pool)
{
	struct worker *worker;
	int nr = 0, error;

	pool_lock(pool);
	list_for_each_entry(worker, &pool->workers, pool_node)
		if (!(worker->flags & WORKER_NOT_RUNNING))
			nr++;
	error = pool->nr_running - nr;
	if (pool->nr_running < 0 || (pool->nr_idle == pool->nr_workers && pool->nr_running))
		error = INT_MIN;
	pool_unlock(pool);
	return error;
}

/* Where items for CPU @cpu go. Unbound queues may have one pwq for all. */
static inline struct worker_pool *pool_on(struct workqueue_struct *wq, int cpu)
{
	return wq->cpu_pwq ? wq->cpu_pwq[cpu]->pool : wq->dfl_pwq->pool;
}

static inline struct worker_pool *pool_of(struct workqueue_struct *wq)
{
	return pool_on(wq, 0);
}

#endif
