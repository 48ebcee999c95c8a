/* SPDX-License-Identifier: MIT */
/*
 * batch_queue.h - what all tests of batch.c need of queues whose workers take several items
 *
 * Whoever includes it writes FIXTURE_SETUP(queue), which calls queues_make() first.
 */
#ifndef UWQ_SELFTESTS_BATCH_QUEUE_H
#define UWQ_SELFTESTS_BATCH_QUEUE_H

#include "flush_test.h"

#include "workqueue/batch.h"

#define ENOUGH	10	/* rounds in which there was a batch */

static int wrong_line;	/* atomic: in a function or thread, where the harness does not hear */

#define RIGHT(cond)							\
	do {								\
		if (!(cond))						\
			SET(wrong_line, __LINE__);			\
	} while (0)

/* atomic: stop who has claimed an item, and not said so yet */
static bool hold_claimed __attribute__((unused));
static struct gate claimed __attribute__((unused)), may_begin __attribute__((unused));

/* ---- what the engine says ---- */

static inline struct pool_workqueue *pwq_of(struct workqueue_struct *wq)
{
	return wq->cpu_pwq ? wq->cpu_pwq[0] : wq->dfl_pwq;
}

/* For a worker in its function, or with the lock of the pool. */
static inline bool owns_batch(const struct worker *worker)
{
	return worker->batch.bit;
}

/* ---- queues ---- */

static inline void queue(struct workqueue_struct *wq, struct work_struct *work)
{
	queue_work_on(0, wq, work);
}

FIXTURE(queue) {
	struct workqueue_struct *wq, *other;
	struct pool_workqueue *pwq;
	struct worker_pool *pool;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
	int max_active;
};

/* For TEST_F_FOR(). With one slot nothing runs beside an item, here and in the kernel. */
#define ONE_SLOT	(variant->max_active == 1)
#define SEVERAL_SLOTS	(!ONE_SLOT)
/* In the pool of a CPU one worker is enough, whatever a measured run says. */
#define ONE_WORKER	(!(variant->flags & WQ_UNBOUND))
#define TWO_WORKERS	(!ONE_WORKER && SEVERAL_SLOTS)

FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, one_slot) { .flags = WQ_UNBOUND, .max_active = 1 };
FIXTURE_VARIANT_ADD(queue, one_slot_percpu) { .flags = WQ_PERCPU, .max_active = 1 };

static inline void nothing_func(struct work_struct *work)
{
	(void)work;
}

static inline void queues_make(struct __test_metadata *_metadata, FIXTURE_DATA(queue) *self,
			       const FIXTURE_VARIANT(queue) *variant)
{
	struct work_struct nothing;

	INIT_WORK(&nothing, nothing_func);
	uwq_test_force_batches(true);
	self->wq = alloc_workqueue("batches", variant->flags, variant->max_active);
	self->other = alloc_workqueue("other", variant->flags, 0);
	ASSERT_NOT_NULL(self->wq);
	ASSERT_NOT_NULL(self->other);
	self->pwq = pwq_of(self->wq);
	self->pool = self->pwq->pool;
	/* the first run of all is measured: from then on there are batches */
	queue(self->wq, &nothing);
	flush_workqueue(self->wq);
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

#endif
