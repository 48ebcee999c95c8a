// SPDX-License-Identifier: MIT
/*
 * monitor.c - items that wait behind workers which do not come back
 *
 * One look at all pools, done by the sampler (sampler.c). In a pool where items wait and
 * as many workers run as shall, a worker that has been in one function for too long,
 * because it computes or sleeps in a call that the library cannot see, is counted out,
 * and the pool gets another. Nothing but latency depends on it.
 */
#include <linux/list.h>

#include "workqueue/params.h"
#include "workqueue/workqueue_internal.h"

static u64 patience_ns(const struct worker_pool *pool)
{
	return (pool->cpu < 0 ? wq_params.stall_ms : wq_params.hog_ms) * (u64)NSEC_PER_MSEC;
}

struct stuck {
	struct worker *worker;
	unsigned long run;
};

/* The worker that has been in one function for longest, if that is too long. */
static struct stuck find_stuck(struct worker_pool *pool, struct monitor_look *look)
{
	struct stuck stuck = { NULL, 0 };
	u64 patience = patience_ns(pool), longest = patience;
	struct worker *worker;

	assert_pool_locked(pool);
	list_for_each_entry(worker, &pool->workers, pool_node) {
		unsigned long run = worker->nr_runs;

		if (!worker->current_work)
			continue;
		if (run != worker->watched_run) {
			worker->watched_run = run;
			worker->watched_since = look->now;
			look->changed = true;
		}
		if (worker->flags & WORKER_NOT_RUNNING)
			continue;
		monitor_due(look, worker->watched_since + patience);
		if (look->now - worker->watched_since > longest) {
			longest = look->now - worker->watched_since;
			stuck.worker = worker;
			stuck.run = run;
		}
	}
	return stuck;
}

static void look_at_pool(struct worker_pool *pool, struct monitor_look *look)
{
	struct stuck stuck;
	bool waited;

	pool_lock(pool);
	waited = pool->watched_waiting;
	pool->watched_waiting = pool_has_work(pool);
	if (!pool->watched_waiting) {
		pool_unlock(pool);
		return;
	}
	look->nr_waiting++;
	if (!waited)
		look->changed = true;
	stuck = find_stuck(pool, look);
	pool_unlock(pool);
	if (stuck.worker) {
		look->changed = true;
		worker_count_out(stuck.worker, stuck.run);
	}
}

void monitor_look(struct monitor_look *look)
{
	int i;

	run_clock_set(look->now);
	rescuer_look(look);
	for (i = 0; i < nr_worker_pools(); i++) {
		struct worker_pool *pool = pool_by_index(i);

		/* a pool that has never had work is not asked, unless its first worker is awaited */
		if (__atomic_load_n(&pool->nr_started, __ATOMIC_RELAXED) ||
		    __atomic_load_n(&pool->kick, __ATOMIC_RELAXED) == KICK_LOOKING)
			look_at_pool(pool, look);
	}
}
