/* SPDX-License-Identifier: MIT */
/*
 * requeue_test.h - for the tests of an item that queues itself and is kept by its worker (requeue.c)
 *
 * It is kept from its first runs on, if it is alone in the pool. begin_kept() stops it in the
 * run that has queued it and that it is kept behind, until let_go(). The monitor is kept quiet.
 */
#ifndef UWQ_SELFTESTS_REQUEUE_TEST_H
#define UWQ_SELFTESTS_REQUEUE_TEST_H

#include "batch_queue.h"

#include "workqueue/requeue.h"

/*
 * An item that queues itself so often; with hold only from the first time on that it is kept,
 * and that run, which is number 1 then, stops.
 */
struct again {
	union {				/* all begin with the item */
		struct work_struct work;
		struct delayed_work dwork;
		struct rcu_work rwork;
	};
	struct workqueue_struct *wq;
	int runs, left;			/* atomic */
	int place;			/* atomic: of its last run, in the order of all */
	bool hold;			/* atomic */
	struct gate kept, go;
	void (*action)(void);		/* in that run, instead of the gates */
};

static struct again again;
static int order;	/* atomic: runs so far */

/* Others may take it back at any time. */
static inline bool is_kept(const struct work_struct *work)
{
	struct worker_pool *pool = this_worker->pool;
	bool kept;

	pool_lock_quick(pool);
	kept = this_worker->requeue.work == work;
	pool_unlock(pool);
	return kept;
}

static inline void again_func(struct work_struct *work)
{
	struct again *self = container_of(work, struct again, work);
	int left = GET(self->left);

	SET(self->place, ADD(order, 1));
	ADD(self->runs, 1);
	if (!left)
		return;
	queue(self->wq, work);
	if (GET(self->hold) && is_kept(work)) {
		SET(self->left, 0);
		SET(self->runs, 1);
		SET(self->hold, false);
		if (self->action) {
			self->action();
		} else {
			gate_open(&self->kept);
			gate_wait(&self->go);
		}
	}
	/* a negative number is left alone: it goes on until the test stores zero */
	if (left > 0 && !GET(self->hold))
		SET(self->left, left - 1);
}

static inline void again_init(struct again *self, struct workqueue_struct *wq, int left)
{
	INIT_WORK(&self->work, again_func);
	self->wq = wq;
	self->action = NULL;
	gate_close(&self->kept);
	gate_close(&self->go);
	SET(self->hold, false);
	SET(self->runs, 0);
	SET(self->left, left);
}

FIXTURE_SETUP(queue)
{
	queues_make(_metadata, self, variant);
	again_init(&again, self->wq, 0);
	SET(order, 0);
	/* a run that is held shall not be taken for one that sleeps */
	stop_looks();
}

static inline void begin(struct workqueue_struct *wq, void (*action)(void))
{
	again_init(&again, wq, 1);
	again.action = action;
	SET(again.hold, true);
	queue(wq, &again.work);
}

/* Returns in a run of the item, which is kept for one more. */
static inline void begin_kept(struct workqueue_struct *wq)
{
	begin(wq, NULL);
	gate_wait(&again.kept);
}

/* The run that was kept has come; it may have taken some runs until one was. */
static inline bool kept_run_came(void)
{
	return !GET(again.hold) && GET(again.runs) == 2;
}

static inline void let_go(void)
{
	gate_open(&again.go);
}

/* Of the worker that keeps an item of @pool, or has done so last: it was the only batcher. */
static inline struct requeue *its_requeue(struct worker_pool *pool)
{
	struct worker *worker;

	pool_lock_quick(pool);
	worker = pool->batch_owners[0];
	pool_unlock(pool);
	return &worker->requeue;
}

static int opened_at;	/* atomic: after so many runs its worker began to keep it; 0 = not yet */

static inline void note_opened(const char *name)
{
	if (!strcmp(name, "requeue_opened") && !GET(opened_at))
		SET(opened_at, GET(again.runs));
}

#endif
