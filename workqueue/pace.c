// SPDX-License-Identifier: MIT
/*
 * pace.c - is one worker of an unbound pool enough?
 *
 * Two workers hand the lines of their pool from CPU to CPU with each item, which takes
 * longer than a function of a few nanoseconds: one worker alone gets more done, and what it
 * leaves of the CPUs belongs to the submitters. So a worker measures a run now and then;
 * as long as the runs of its pool are that short, no second one is woken for what waits,
 * and one that is awake rests.
 *
 * Long runs may follow short ones, or hide among them. If one blocks, the next worker comes
 * as always. For the rest the monitor, which looks each millisecond while items wait, sees
 * how many were started meanwhile. One worker starts many short runs in that time; if these
 * were fewer, the pool is from then on what it would be without this file, and its runs have
 * to prove again that they are short.
 * Test: long_run_after_short_ones_holds_nobody_up.c
 */
#include <linux/minmax.h>

#include "kernel-compat/test_points.h"
#include "workqueue/params.h"
#include "workqueue/workqueue_internal.h"

#define SHORT_RUN_NS	100	/* without the clock that measures it */
#define LEAST_LOOK_NS	(NSEC_PER_MSEC / 2)	/* a shorter time says nothing */
#define LEAST_PACE_NS	1000	/* for one item, with all that its way costs */

/* As many runs as are over before anybody would miss the last one. */
static unsigned int batch_size(u64 run_ns)
{
	u64 most = READ_ONCE(wq_params.batch_ns) / max(run_ns, (u64)1);

	return test_batches_always() ? BATCH_MAX + 1 : (unsigned int)min(most, (u64)BATCH_MAX + 1);
}

/*
 * A run of @pool took @ns. Pool lock held, may be dropped for a moment; kick is updated
 * by whoever drops it next, or when the worker has taken a first look (rest.c).
 */
void pool_note_run(struct worker_pool *pool, u64 ns)
{
	u64 run_ns = pool->run_ns ? (3 * pool->run_ns + ns) / 4 : ns;

	assert_pool_locked(pool);
	/* others may become useful, for whom there is something in a batch, or it is too large */
	if (pool->runs_short != (run_ns < SHORT_RUN_NS) || batch_size(run_ns) < pool->batch_size)
		pool_recall_batches(pool);
	/* once more: others may have been there meanwhile */
	pool->run_ns = pool->run_ns ? (3 * pool->run_ns + ns) / 4 : ns;
	pool->runs_short = pool->run_ns < SHORT_RUN_NS;
	pool->batch_size = batch_size(pool->run_ns);
}

/* Items have waited since the last look: have as many been started as short runs allow? */
bool pool_runs_got_long(const struct worker_pool *pool, u64 now)
{
	u64 ns = now - pool->moved_at;

	assert_pool_locked(pool);
	return pool->runs_short && ns >= LEAST_LOOK_NS &&
	       (pool->nr_started - pool->watched_started) * LEAST_PACE_NS < ns;
}

/* Something waits behind runs that are not short. Pool lock held; drops it. */
void pool_end_short_runs(struct worker_pool *pool)
{
	u32 before = pool->kick;

	assert_pool_locked(pool);
	pool->runs_short = false;
	pool->run_ns = NSEC_PER_MSEC;
	pool->batch_size = batch_size(pool->run_ns);
	pool_pass_on(pool, NULL, before);
}
