// SPDX-License-Identifier: MIT
/*
 * monitor.c - items that wait behind workers which do not come back
 *
 * One look at all pools, done by the sampler (sampler.c). Workers say when they block in
 * a call of the library (concurrency.c). In pools where items wait all the same, the
 * looks find what nobody says:
 *
 *  - A worker whose CPU time stands still from one look to the next, and which sleeps
 *    according to the system, is blocked in a call of its own. It stops counting, and
 *    counts again when a later look sees that it runs.
 *  - A worker of a per-CPU pool that has used more CPU time in one function than
 *    workqueue.cpu_intensive_thresh_us, without blocking, is counted out for the rest
 *    of that run (C102), as if its queue were CPU_INTENSIVE.
 *  - An unbound pool has as many runnable workers as CPUs. If its list has not moved for
 *    uwq.stall_ms, one that has computed for half of that is counted out. CPU time
 *    decides, so that a machine that is busy with something else gets no more threads.
 *  - An unbound pool that has one worker only, because its runs are short, gets more when
 *    too few runs have been started since the last look (pace.c).
 *  - A list that has not moved for uwq.liveness_ms gets another worker, whatever the rest
 *    says.
 *
 * Nothing but latency depends on any of it.
 *
 * Locks: a pool lock at a time. The system is asked without it; that a worker is
 * still in the same run is checked afterwards. Its thread has the same id as long.
 */
#include <linux/bug.h>
#include <linux/list.h>

#include "kernel-compat/thread_look.h"
#include "workqueue/params.h"
#include "workqueue/workqueue_internal.h"

#define MAX_SAMPLES	32	/* workers of a pool in one look, in turn */
#define MAX_ASLEEP	8	/* of these, workers that slept at the last look */

/* One worker in one look. */
struct sample {
	struct worker *worker;
	unsigned long run;	/* its nr_runs */
	pid_t tid;
	bool first;		/* not seen before, or it has blocked since */
	bool slept;		/* blocked, as the last look found */
	u64 cpu_before;		/* ns, at the last look */
	u64 cpu;		/* ns, now */
	enum thread_activity activity;
};

/* ---- asking the system ---- */

static bool is_sampled(const struct worker *worker)
{
	return worker_item(worker) &&
	       !(worker->flags & (WORKER_BLOCKED | WORKER_OUT | WORKER_RESCUER));
}

static void sample_init(struct sample *sample, struct worker *worker)
{
	sample->worker = worker;
	sample->run = worker_run(worker);
	sample->tid = task_pid_nr(worker->task);
	sample->first = worker->watched_run != sample->run;
	sample->slept = worker->flags & WORKER_ASLEEP;
	sample->cpu_before = worker->watched_cpu;
}

/* Those that were looked at go to the end, so that all get their turn. Pool lock held. */
static int choose_samples(struct worker_pool *pool, struct sample *samples)
{
	struct worker *worker, *next;
	int nr = 0, nr_asleep = 0;
	LIST_HEAD(chosen);

	assert_pool_locked(pool);
	list_for_each_entry_safe(worker, next, &pool->workers, pool_node) {
		if (nr == MAX_SAMPLES)
			break;
		if (!is_sampled(worker) ||
		    ((worker->flags & WORKER_ASLEEP) && nr_asleep++ >= MAX_ASLEEP))
			continue;
		sample_init(&samples[nr++], worker);
		list_move_tail(&worker->pool_node, &chosen);
	}
	list_splice_tail(&chosen, &pool->workers);
	return nr;
}

/* No lock held. */
static void take_sample(struct sample *sample)
{
	sample->activity = THREAD_UNKNOWN;
	if (!uwq_thread_cpu_ns(sample->tid, &sample->cpu))
		sample->cpu = sample->cpu_before;
	else if (sample->first || sample->cpu != sample->cpu_before)
		sample->activity = THREAD_ON_CPU;
	else if (!sample->slept)
		sample->activity = uwq_thread_activity(sample->tid);
}

/* ---- judging ---- */

/* The measurement begins (again): a new run, or one that has slept. */
static void watch_from(struct worker *worker, const struct sample *sample)
{
	worker->watched_run = sample->run;
	worker->watched_cpu = sample->cpu;
	worker->cpu_since = sample->cpu;
}

static u64 cpu_limit_ns(const struct worker_pool *pool)
{
	return !pool_is_bound(pool) ? 0 : cpu_intensive_thresh_us() * (u64)NSEC_PER_USEC;
}

/*
 * What the sample says about its worker. Returns the flags to set: the worker stops
 * counting. Pool lock held.
 */
static unsigned int judge(struct worker_pool *pool, const struct sample *sample,
			  struct monitor_look *look)
{
	struct worker *worker = sample->worker;
	u64 limit = cpu_limit_ns(pool);

	assert_pool_locked(pool);
	if (worker->watched_run != sample->run || sample->first) {
		watch_from(worker, sample);
		look->changed = true;
		return 0;
	}
	worker->watched_cpu = sample->cpu;
	if (sample->slept) {
		if (sample->activity != THREAD_ON_CPU)
			return 0;
		watch_from(worker, sample);
		worker_clear_flag(worker, WORKER_ASLEEP);
		look->changed = true;
		return 0;
	}
	if (sample->activity == THREAD_ASLEEP) {
		watch_from(worker, sample);
		return WORKER_ASLEEP;
	}
	if (!limit || sample->activity == THREAD_UNKNOWN)
		return 0;
	if (sample->cpu - worker->cpu_since >= limit)
		return WORKER_OUT;
	monitor_due(look, look->now + worker->cpu_since + limit - sample->cpu);
	return 0;
}

/* Still in the run that was sampled, and not blocked or counted out meanwhile? */
static bool still_valid(const struct worker_pool *pool, const struct sample *sample)
{
	const struct worker *worker = sample->worker;

	return __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE) == pool && is_sampled(worker) &&
	       worker_run(worker) == sample->run &&
	       !(worker->flags & WORKER_ASLEEP) == !sample->slept;
}

/* Functions that were found to be hogs are put into @hogs; returns how many. Drops the lock. */
static int judge_all(struct worker_pool *pool, const struct sample *samples, int nr,
		     struct monitor_look *look, work_func_t *hogs)
{
	struct pool_workqueue *pwq = NULL;
	u32 before = pool->kick;
	int i, nr_hogs = 0;

	for (i = 0; i < nr; i++) {
		struct worker *worker = samples[i].worker;
		unsigned int flag;

		if (!still_valid(pool, &samples[i]))
			continue;
		flag = judge(pool, &samples[i], look);
		if (!flag)
			continue;
		worker_set_flag(worker, flag);
		pwq = worker->current_pwq;
		if (flag == WORKER_OUT) {
			pwq->cpu_intensive++;
			hogs[nr_hogs++] = worker->current_func;
		}
	}
	if (pwq) {
		look->changed = true;
		pool_pass_on(pool, pwq, before);
	} else {
		pool_update_kick(pool);
		pool_unlock(pool);
	}
	return nr_hogs;
}

static void sample_workers(struct worker_pool *pool, struct sample *samples, int nr,
			   struct monitor_look *look)
{
	work_func_t hogs[MAX_SAMPLES];
	int i, nr_hogs;

	for (i = 0; i < nr; i++)
		take_sample(&samples[i]);
	pool_lock(pool);
	nr_hogs = judge_all(pool, samples, nr, look, hogs);
	for (i = 0; i < nr_hogs; i++)
		cpu_intensive_report(hogs[i]);
}

/* ---- lists that do not move ---- */

/* The counting worker that has computed for longest in its function; at least @ns. */
static struct worker *longest_computing(struct worker_pool *pool, u64 ns)
{
	struct worker *worker, *found = NULL;

	list_for_each_entry(worker, &pool->workers, pool_node) {
		if (!worker_item(worker) || (worker->flags & WORKER_NOT_RUNNING) ||
		    worker->watched_run != worker_run(worker) ||
		    worker->watched_cpu - worker->cpu_since < ns)
			continue;
		ns = worker->watched_cpu - worker->cpu_since;
		found = worker;
	}
	return found;
}

/* The count says that enough workers run, and none of them runs anything. */
static void recount(struct worker_pool *pool)
{
	struct worker *worker;
	int nr = 0;

	list_for_each_entry(worker, &pool->workers, pool_node)
		if (!(worker->flags & WORKER_NOT_RUNNING))
			nr++;
	if (WARN_ONCE(nr != pool->nr_running,
		      "workqueue: pool %d counts %d running workers and has %d\n", pool->id,
		      pool->nr_running, nr))
		pool->nr_running = nr;
}

/* Nothing was started since @pool->moved_at: has that been for too long? Drops the lock. */
static void look_at_list(struct worker_pool *pool, struct monitor_look *look)
{
	u64 stuck = look->now - pool->moved_at;
	u64 stall = READ_ONCE(wq_params.stall_ms) * (u64)NSEC_PER_MSEC;
	u64 liveness = READ_ONCE(wq_params.liveness_ms) * (u64)NSEC_PER_MSEC;
	struct worker *worker = NULL;
	u32 before = pool->kick;

	/* somebody is on the way, or the rescuers are called */
	if (pool->kick != KICK_BUSY) {
		pool_unlock(pool);
		return;
	}
	if (!pool_is_bound(pool) && stuck >= stall)
		worker = longest_computing(pool, stall / 2);
	if (!worker && liveness && stuck >= liveness) {
		worker = longest_computing(pool, 0);
		if (!worker)
			recount(pool);
	}
	if (liveness)
		monitor_due(look, pool->moved_at + liveness);
	if (!worker) {
		pool_unlock(pool);
		return;
	}
	look->changed = true;
	pool->moved_at = look->now;
	worker_set_flag(worker, WORKER_OUT);
	pool_pass_on(pool, worker->current_pwq, before);
}

/* ---- the look ---- */

/* Do items wait for workers who could be asked about? Pool lock held. */
static bool worth_asking(struct worker_pool *pool, struct monitor_look *look)
{
	bool waited = pool->watched_waiting;

	pool->watched_waiting = pool_has_work(pool);
	watchdog_look(pool, look);
	if (!pool->watched_waiting)
		return false;
	look->nr_waiting++;
	if (!waited || pool->nr_started != pool->watched_started) {
		pool->watched_started = pool->nr_started;
		pool->moved_at = look->now;
		look->changed = true;
	}
	return !(pool->flags & POOL_BH);
}

static void look_at_pool(struct worker_pool *pool, struct monitor_look *look)
{
	struct sample samples[MAX_SAMPLES];
	int nr;

	pool_lock(pool);
	if (pool->watched_waiting && pool_has_work(pool) && pool_runs_got_long(pool, look->now)) {
		look->changed = true;
		pool_end_short_runs(pool);
		pool_lock(pool);
	}
	if (!worth_asking(pool, look)) {
		pool_unlock(pool);
		return;
	}
	nr = choose_samples(pool, samples);
	pool_unlock(pool);
	sample_workers(pool, samples, nr, look);
	pool_lock(pool);
	if (pool_has_work(pool) && pool->nr_started == pool->watched_started)
		look_at_list(pool, look);
	else
		pool_unlock(pool);
}

void monitor_look(struct monitor_look *look)
{
	int i;

	run_clock_set(look->now);
	watchdog_begin_look(look->now);
	rescuer_look(look);
	for (i = 0; i < nr_worker_pools(); i++) {
		struct worker_pool *pool = pool_by_index(i);

		/* untouched, or nothing waits for the first worker */
		if (pool->watched_waiting ||
		    __atomic_load_n(&pool->nr_started, __ATOMIC_RELAXED) ||
		    __atomic_load_n(&pool->kick, __ATOMIC_RELAXED) != KICK_WANTED)
			look_at_pool(pool, look);
	}
}

/* One look at one worker, for a tick that somebody else counts. */
void monitor_look_at_worker(struct worker *worker)
{
	struct worker_pool *pool = __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE);
	struct monitor_look look = { .now = ktime_get_ns() };
	struct sample sample;

	pool_lock(pool);
	if (__atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE) != pool || pool->cpu < 0 ||
	    (pool->flags & POOL_BH) || !is_sampled(worker)) {
		pool_unlock(pool);
		return;
	}
	sample_init(&sample, worker);
	pool_unlock(pool);
	sample_workers(pool, &sample, 1, &look);
}
