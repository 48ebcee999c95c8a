// SPDX-License-Identifier: MIT
/*
 * idle_timeout.c - how soon the surplus workers of an unbound queue leave
 *
 * Workers belong to pools, which queues of equal attributes share, and wait for items for
 * uwq.idle_timeout_ms before they leave. A queue whose threads shall not stay that long says
 * so here: its pool then takes the shortest of the times that its queues have asked for. Which
 * workers are surplus does not change (rest.c, min_workers.c).
 *
 * The time follows the queue when other attributes move it to another pool. As with
 * min_workers.c, that is the pool which covers all its CPUs.
 *
 * Locks: wq_pool_mutex, under which queues change pools, then wq->mutex.
 * Differs from Linux: there the time is the same for all, and fixed.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <uwq/workqueue.h>

#include "workqueue/params.h"
#include "workqueue/workqueue_internal.h"

/* How long a worker of @pool sleeps before it looks whether it is one too many. */
unsigned int pool_idle_timeout_ms(const struct worker_pool *pool)
{
	unsigned int ms = max(READ_ONCE(wq_params.idle_timeout_ms), 1u);
	unsigned int asked = READ_ONCE(pool->idle_timeout_ms);

	return asked ? min(ms, asked) : ms;
}

static void pool_adjust_idle_timeout(struct worker_pool *pool)
{
	struct workqueue_struct *wq;
	unsigned int ms = 0;

	lockdep_assert_held(&wq_pool_mutex);
	list_for_each_entry(wq, &workqueues, list)
		if (wq->idle_timeout_ms && wq->dfl_pwq && wq->dfl_pwq->pool == pool)
			ms = ms ? min(ms, wq->idle_timeout_ms) : wq->idle_timeout_ms;
	WRITE_ONCE(pool->idle_timeout_ms, ms);
}

/* The queue has left @from for @to, or is off the list of queues and goes. */
void wq_move_idle_timeout(struct workqueue_struct *wq, struct pool_workqueue *from,
			  struct pool_workqueue *to)
{
	if (likely(!wq->idle_timeout_ms) || from == to)
		return;
	if (from)
		pool_adjust_idle_timeout(from->pool);
	if (to)
		pool_adjust_idle_timeout(to->pool);
}

/**
 * uwq_set_idle_timeout - let surplus threads of a queue leave sooner than others
 * @wq: unbound queue; others are refused with a warning
 * @ms: how long they wait for items; 0 = uwq.idle_timeout_ms, which is also the longest
 *
 * Queues of equal attributes share workers, and the shortest of their times. A worker that
 * waits already goes by the time that was valid when it began.
 *
 * Context: May sleep.
 */
void uwq_set_idle_timeout(struct workqueue_struct *wq, unsigned int ms)
{
	if (WARN_ON((wq_flags(wq) & (WQ_BH | WQ_UNBOUND)) != WQ_UNBOUND))
		return;
	mutex_lock(&wq_pool_mutex);
	mutex_lock(&wq->mutex);
	wq->idle_timeout_ms = ms;
	pool_adjust_idle_timeout(wq->dfl_pwq->pool);
	mutex_unlock(&wq->mutex);
	mutex_unlock(&wq_pool_mutex);
}
EXPORT_SYMBOL_GPL(uwq_set_idle_timeout);
