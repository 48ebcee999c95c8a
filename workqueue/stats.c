// SPDX-License-Identifier: MIT
/*
 * stats.c - counting what queues do
 *
 * Each pwq counts under its pool lock, mostly where the thing happens. Here they are
 * summed up for a queue, and the CPU time is measured.
 *
 * CPU time (U33). A worker reads its thread's CPU clock when it goes idle and when it
 * turns to another pwq, if the system's coarse clock has ticked since the last time, and
 * gives what has passed to the pwq that it served. So nothing is measured around an item,
 * whose start and end cost no look at any clock; a queue gets all of a long run, to the
 * microsecond, and runs shorter than a tick (1 to 10 ms) are divided among the queues of
 * one worker as by sampling. The sum over all queues is the CPU time of the workers,
 * waking up included, polling for items not. Whoever asks is told what running workers
 * have used so far.
 *
 * Locks: wq_pool_mutex, wq->mutex, a pool lock at a time.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <time.h>
#include <uwq/stats.h>

#include "kernel-compat/thread_look.h"
#include "workqueue/workqueue_internal.h"

/* ---- a worker's clock ---- */

static u64 clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (u64)ts.tv_sec * NSEC_PER_SEC + (u64)ts.tv_nsec;
}

/* Has the coarse clock moved since the worker last read its own? */
static bool has_ticked(struct worker *worker)
{
	u64 tick = clock_ns(CLOCK_MONOTONIC_COARSE);

	if (tick == worker->cpu_tick)
		return false;
	worker->cpu_tick = tick;
	return true;
}

/* What the thread has used so far counts for nobody. By the worker, pool lock held. */
void worker_clock_start(struct worker *worker)
{
	worker->cpu_tick = clock_ns(CLOCK_MONOTONIC_COARSE);
	worker->cpu_seen = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	worker->cpu_polled = 0;
}

/* Its thread's clock says @now: what was used since goes to the pwq that is served. */
static void account(struct worker *worker, u64 now)
{
	u64 not_used = worker->cpu_seen + worker->cpu_polled;

	assert_pool_locked(worker->pool);
	if (worker->current_pwq && now > not_used)
		worker->current_pwq->cpu_ns += now - not_used;
	worker->cpu_seen = now;
	worker->cpu_polled = 0;
}

/* The worker will do something else. By itself, pool lock held. */
void worker_clock_stop(struct worker *worker)
{
	account(worker, clock_ns(CLOCK_THREAD_CPUTIME_ID));
}

/* There is nothing to do: see what the last runs have used, but not too often. Likewise. */
void worker_clock_idle(struct worker *worker)
{
	if (has_ticked(worker))
		worker_clock_stop(worker);
}

/* Waking up may have taken long, but no CPU time worth a look. By the worker. */
void worker_clock_woken(struct worker *worker)
{
	has_ticked(worker);
}

/* The next run is for another pwq than the last one. By the worker, pool lock held. */
void worker_turn_to(struct worker *worker, struct pool_workqueue *pwq)
{
	/* without an old one: a new thread, or its last queue is gone */
	if (!worker->current_pwq)
		worker_clock_start(worker);
	else if (has_ticked(worker))
		worker_clock_stop(worker);
	__atomic_store_n(&worker->current_pwq, pwq, __ATOMIC_RELAXED);
}

/* ---- sums ---- */

/*
 * What the workers of @pwq have used and not said yet. One of a bottom-half pool has a
 * thread only while it is served.
 */
static void ask_workers(struct pool_workqueue *pwq, struct uwq_wq_stats *stats)
{
	struct worker *worker;
	u64 now;

	list_for_each_entry(worker, &pwq->pool->workers, pool_node) {
		struct task_struct *task = __atomic_load_n(&worker->task, __ATOMIC_ACQUIRE);

		if (worker->current_pwq != pwq)
			continue;
		if (worker_item(worker))
			stats->completed--;
		if (task && uwq_thread_cpu_ns(task_pid_nr(task), &now))
			account(worker, now);
	}
}

static void add_pwq(struct uwq_wq_stats *stats, struct pool_workqueue *pwq)
{
	pool_lock(pwq->pool);
	stats->started += pwq->nr_started;
	stats->completed += pwq->nr_started;
	ask_workers(pwq, stats);
	stats->cpu_time += pwq->cpu_ns;
	stats->cpu_intensive += pwq->cpu_intensive;
	stats->cm_wakeup += pwq->cm_wakeup;
	stats->repatriated += pwq->nr_repatriated;
	stats->mayday += pwq->nr_mayday;
	stats->rescued += pwq->nr_rescued;
	pool_unlock(pwq->pool);
}

/**
 * uwq_wq_stats - what a queue has done since it was made
 * @wq: queue; the caller keeps it alive
 * @stats: filled in
 *
 * Context: May sleep.
 */
void uwq_wq_stats(struct workqueue_struct *wq, struct uwq_wq_stats *stats)
{
	struct pool_workqueue *pwq;

	memset(stats, 0, sizeof(*stats));
	strscpy(stats->name, wq->name, sizeof(stats->name));
	stats->unbound = wq_flags(wq) & WQ_UNBOUND;
	stats->mem_reclaim = wq_flags(wq) & WQ_MEM_RECLAIM;
	mutex_lock(&wq->mutex);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node)
		add_pwq(stats, pwq);
	mutex_unlock(&wq->mutex);
	stats->cpu_time /= NSEC_PER_USEC;
}
EXPORT_SYMBOL_GPL(uwq_wq_stats);

/* All queues in a new array, oldest first; NULL: no memory. */
static struct uwq_wq_stats *stats_of_all(long *nr)
{
	struct uwq_wq_stats *stats;
	struct workqueue_struct *wq;

	mutex_lock(&wq_pool_mutex);
	*nr = (long)list_count_nodes(&workqueues);
	stats = kvcalloc(*nr, sizeof(*stats), GFP_KERNEL);
	*nr = 0;
	if (stats)
		list_for_each_entry(wq, &workqueues, list)
			uwq_wq_stats(wq, &stats[(*nr)++]);
	mutex_unlock(&wq_pool_mutex);
	return stats;
}

/**
 * uwq_wq_stats_for_each - what all queues have done
 * @show: called for each, oldest first, without locks
 * @arg: for @show
 *
 * Context: May sleep.
 * Return: how many there are; -ENOMEM.
 */
long uwq_wq_stats_for_each(void (*show)(const struct uwq_wq_stats *stats, void *arg), void *arg)
{
	long i, nr;
	struct uwq_wq_stats *stats = stats_of_all(&nr);

	if (!stats)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		show(&stats[i], arg);
	kvfree(stats);
	return nr;
}
EXPORT_SYMBOL_GPL(uwq_wq_stats_for_each);
