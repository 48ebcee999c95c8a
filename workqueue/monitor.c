// SPDX-License-Identifier: MIT
/*
 * monitor.c - items that wait behind workers which do not come back
 *
 * On only while items wait and as many workers run as shall. Once a millisecond the
 * manager thread then looks: a worker that has been in one function for too long, because
 * it computes or sleeps in a call that the library cannot see, is counted out, and the pool
 * gets another. Nothing but latency depends on it.
 *
 * It is switched on by whoever sees that items are left to busy workers, and rests by
 * itself when it has found nothing waiting for a while.
 */
#include <linux/list.h>

#include "workqueue/params.h"
#include "workqueue/workqueue_internal.h"

#define QUIET_TICKS		16	/* looks without a waiting item before the monitor rests */

u32 monitor_on;			/* A: somebody has asked, and it has not rested */

/* Items wait behind running workers: see that they do not wait for ever. */
void monitor_start(void)
{
	if (!__atomic_exchange_n(&monitor_on, 1, __ATOMIC_SEQ_CST))
		manager_call();
}

static unsigned int patience_ms(const struct worker_pool *pool)
{
	return pool->cpu < 0 ? wq_params.stall_ms : wq_params.hog_ms;
}

struct stuck {
	struct worker *worker;
	unsigned long run;
};

/* The worker that has been in one function for longest, if that is too long. */
static struct stuck find_stuck(struct worker_pool *pool)
{
	struct stuck stuck = { NULL, 0 };
	unsigned int longest = patience_ms(pool);
	struct worker *worker;

	assert_pool_locked(pool);
	list_for_each_entry(worker, &pool->workers, pool_node) {
		unsigned long run = worker->nr_runs;

		if (!worker->current_work || run != worker->watched_run) {
			worker->watched_run = run;
			worker->watched_ticks = 0;
			continue;
		}
		if (++worker->watched_ticks > longest && !(worker->flags & WORKER_NOT_RUNNING)) {
			longest = worker->watched_ticks;
			stuck.worker = worker;
			stuck.run = run;
		}
	}
	return stuck;
}

/* True: items wait in this pool. */
static bool look_at_pool(struct worker_pool *pool)
{
	struct stuck stuck;

	pool_lock(pool);
	if (!pool_has_work(pool)) {
		pool_unlock(pool);
		return false;
	}
	stuck = find_stuck(pool);
	pool_unlock(pool);
	if (stuck.worker)
		worker_count_out(stuck.worker, stuck.run);
	return true;
}

static bool look_at_pools(void)
{
	bool waiting = false;
	int i;

	for (i = 0; i < nr_worker_pools(); i++) {
		struct worker_pool *pool = pool_by_index(i);

		if (__atomic_load_n(&pool->nr_started, __ATOMIC_RELAXED) && look_at_pool(pool))
			waiting = true;
	}
	return waiting;
}

/*
 * One tick. MON/1: switch the monitor off, then look at the inboxes. MON/2, a
 * submitter: publish, then read monitor_on. Full barriers as for KICK/1 and KICK/2
 * in pool.c. Forbids: the submitter relies on a monitor that has gone to rest.
 */
void monitor_tick(unsigned int *quiet)
{
	if (look_at_pools()) {
		*quiet = 0;
		return;
	}
	if (++*quiet < QUIET_TICKS)
		return;
	*quiet = 0;
	__atomic_store_n(&monitor_on, 0, __ATOMIC_SEQ_CST);
	if (!submitters_fence)
		membarrier_all();
	if (look_at_pools())
		__atomic_store_n(&monitor_on, 1, __ATOMIC_SEQ_CST);
}
