/* SPDX-License-Identifier: MIT */
/*
 * batch_queue.h - what all tests of batch.c need of queues whose workers take several items
 */
#ifndef UWQ_SELFTESTS_BATCH_QUEUE_H
#define UWQ_SELFTESTS_BATCH_QUEUE_H

#include "wq_test.h"

#include "workqueue/batch.h"

#define ENOUGH	10	/* rounds in which there was a batch */

static int wrong_line;	/* atomic: in a function or thread, where the harness does not hear */

#define RIGHT(cond)							\
	do {								\
		if (!(cond))						\
			SET(wrong_line, __LINE__);			\
	} while (0)

static bool hold_claimed;	/* atomic: stop who has claimed an item, and not said so yet */
static struct gate claimed, may_begin;

static inline struct pool_workqueue *pwq_of(struct workqueue_struct *wq)
{
	return wq->cpu_pwq ? wq->cpu_pwq[0] : wq->dfl_pwq;
}

/* Let one worker be enough, so that nobody else is called for what is queued. */
static inline void pretend_short_runs(struct worker_pool *pool)
{
	pool_lock(pool);
	pool->run_ns = 1;
	pool->runs_short = true;
	pool_update_kick(pool);
	pool_unlock(pool);
}

/* With one slot the last one has to wait, here and in the kernel. */
#define NEEDS_SLOTS(variant)						\
	do {								\
		if ((variant)->max_active == 1)				\
			SKIP(return, "nothing can run beside the first one"); \
	} while (0)

#endif
