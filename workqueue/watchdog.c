// SPDX-License-Identifier: MIT
/*
 * watchdog.c - items that wait while nothing is started
 *
 * A pool has stalled if items wait there and for the threshold neither a run has begun, nor
 * was nothing waiting, nor did anybody say by wq_watchdog_touch() that this is all right.
 * The sampler, which is awake while items wait, notices: it keeps the stamps, so the path
 * of an item does nothing for it. When the sampler rests although something may have been
 * left over, because a worker counts as being on its way, the manager looks after half the
 * threshold and switches it on (watchdog_nap()).
 *
 * A stall is reported with the pool, then a dump of all queues, then stack traces of the
 * busy workers of per-CPU pools: those keep a stalled pool from going on. After a report
 * all stamps are fresh, so that a stall that lasts is reported once for each threshold.
 * Who was late itself, because the process was stopped, reports nothing (U15).
 *
 * Locks: a pool lock at a time. Reports are made without any.
 *
 * Differs from Linux: there, the threshold is also the time between two looks, so a stall
 * is reported between one and two thresholds after it has begun; here, after one.
 */
#define KBUILD_MODNAME "workqueue"
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sprintf.h>
#include <linux/timekeeping.h>

#include "kernel-compat/thread_stack.h"
#include "workqueue/fork.h"
#include "workqueue/params.h"
#include "workqueue/show.h"
#include "workqueue/workqueue_internal.h"

#define SAMPLER_PAUSE_NS	(16 * NSEC_PER_MSEC)	/* longest one while items wait */
#define MAX_STACKS		32			/* for each pool */

static u64 fresh_since;			/* A: ns, all pools count as touched then */
static u64 touched_cpu[NR_CPUS];	/* A: ns */
static u64 touched_unbound;		/* A: ns */
static u64 last_look;			/* sampler, under its look_lock: ns */
static unsigned int nr_reports;		/* sampler: since the process began */
static u32 reporting;			/* A: the sampler or its stand-in is at it */

u32 watchdog_sleeps = 1;		/* A: nobody looks after half the threshold */

static unsigned int panic_on_stall;
module_param(panic_on_stall, uint, 0644);
MODULE_PARM_DESC(panic_on_stall, "panic at that many reported stalls, 0 = never");
static unsigned int panic_on_stall_time;
module_param(panic_on_stall_time, uint, 0644);
MODULE_PARM_DESC(panic_on_stall_time, "panic when a stall has lasted that many seconds, 0 = never");

static u64 load(const u64 *stamp)
{
	return __atomic_load_n(stamp, __ATOMIC_RELAXED);
}

static void store(u64 *stamp, u64 now)
{
	__atomic_store_n(stamp, now, __ATOMIC_RELAXED);
}

/* ---- the threshold ---- */

static u64 threshold_ns(void)
{
	return __atomic_load_n(&wq_params.watchdog_thresh_ms, __ATOMIC_RELAXED) *
	       (u64)NSEC_PER_MSEC;
}

static int set_thresh(const char *val, const struct kernel_param *kp)
{
	unsigned long seconds;
	int err = val ? kstrtoul(val, 0, &seconds) : -EINVAL;

	(void)kp;
	if (err)
		return err;
	if (seconds > ULONG_MAX / NSEC_PER_SEC)
		return -ERANGE;
	/* what was seen under the old one does not count */
	store(&fresh_since, ktime_get_ns());
	__atomic_store_n(&wq_params.watchdog_thresh_ms, seconds * MSEC_PER_SEC, __ATOMIC_RELEASE);
	/* it may have been off, and then nobody takes naps */
	if (manager_running())
		manager_call();
	return 0;
}

static int get_thresh(char *buffer, const struct kernel_param *kp)
{
	(void)kp;
	return sprintf(buffer, "%lu\n", wq_params.watchdog_thresh_ms / MSEC_PER_SEC);
}

static const struct kernel_param_ops thresh_ops = {
	.set = set_thresh,
	.get = get_thresh,
};
module_param_cb(watchdog_thresh, &thresh_ops, NULL, 0644);
MODULE_PARM_DESC(watchdog_thresh, "seconds without progress that are reported, 0 = off (default 30)");

/**
 * wq_watchdog_touch - postpone the report of stalls
 * @cpu: its two pools count as having made progress now, and so do unbound pools; less
 *	than 0 or more than there are: reported once, only unbound pools
 *
 * For code that knowingly keeps a CPU for long.
 *
 * Context: Any.
 */
void wq_watchdog_touch(int cpu)
{
	u64 now = ktime_get_ns();

	if (!WARN_ONCE(cpu < 0 || cpu >= (int)nr_cpu_ids,
		       "workqueue: wq_watchdog_touch(): there is no CPU %d\n", cpu))
		store(&touched_cpu[cpu], now);
	/* one line for everybody: not more often than it matters */
	if (now - load(&touched_unbound) > threshold_ns() / 4)
		store(&touched_unbound, now);
}
EXPORT_SYMBOL_GPL(wq_watchdog_touch);

/* ---- looking ---- */

/* A look of the sampler begins. */
void watchdog_begin_look(u64 now)
{
	/* U15: nobody knows what happened while we did not look */
	if (now - last_look > threshold_ns() / 2 + SAMPLER_PAUSE_NS)
		store(&fresh_since, now);
	last_look = now;
}

static u64 last_progress(const struct worker_pool *pool)
{
	u64 touched = pool->cpu >= 0 ? load(&touched_cpu[pool->cpu]) : load(&touched_unbound);

	return max3(pool->still_since, touched, load(&fresh_since));
}

/* Of each pool that the sampler looks at. Pool lock held. */
void watchdog_look(struct worker_pool *pool, struct monitor_look *look)
{
	u64 thresh = threshold_ns();
	u64 due;

	assert_pool_locked(pool);
	if (!pool->watched_waiting) {
		pool->still_since = 0;
		return;
	}
	if (!pool->still_since || pool->still_started != pool->nr_started) {
		pool->still_since = look->now;
		pool->still_started = pool->nr_started;
	}
	if (!thresh)
		return;
	due = last_progress(pool) + thresh;
	if (look->now >= due)
		look->stalled = true;
	else
		monitor_due(look, due);
}

/* How long the pool has not moved, if that is too long; else 0. */
static u64 stalled_for(struct worker_pool *pool, u64 now)
{
	u64 since = last_progress(pool);
	u64 thresh = threshold_ns();

	if (!thresh || !pool->still_since || now < since + thresh)
		return 0;
	/* C136: the look was some time ago. Who has started something since is not stuck */
	pool_drain_inbox(pool);
	if (list_empty(&pool->worklist) || pool->still_started != pool->nr_started)
		return 0;
	/* touching has postponed the report, not the stall */
	return now - pool->still_since;
}

/* ---- while the sampler rests ---- */

static unsigned long runs_begun(bool *on_the_way)
{
	unsigned long sum = 0;
	int i;

	*on_the_way = false;
	for (i = 0; i < nr_worker_pools(); i++) {
		struct worker_pool *pool = pool_by_index(i);
		u32 kick = __atomic_load_n(&pool->kick, __ATOMIC_RELAXED);

		sum += __atomic_load_n(&pool->nr_started, __ATOMIC_RELAXED);
		if (kick != KICK_BUSY && kick != KICK_WANTED)
			*on_the_way = true;
	}
	return sum;
}

/*
 * All pools have been at rest for a nap. NAP/1: set the flag, then look at the pools. NAP/2,
 * pool_call_worker(): change kick, then read the flag. The membarrier is the barrier of
 * both. Forbids: a worker is called and may never arrive, and nobody will ask for it.
 */
static bool may_sleep_on(void)
{
	bool on_the_way;

	__atomic_store_n(&watchdog_sleeps, 1, __ATOMIC_SEQ_CST);
	if (!submitters_fence)
		membarrier_all();
	runs_begun(&on_the_way);
	if (!on_the_way)
		return true;
	__atomic_store_n(&watchdog_sleeps, 0, __ATOMIC_SEQ_CST);
	return false;
}

void watchdog_wake(void)
{
	if (__atomic_exchange_n(&watchdog_sleeps, 0, __ATOMIC_SEQ_CST))
		manager_call();
}

/*
 * For the manager thread: a worker that was called and has not come for half the
 * threshold is the sampler's business. Returns when to call again; 0 = when woken.
 */
u64 watchdog_nap(void)
{
	static unsigned long begun;	/* at the last look */
	static bool awaited;		/* a worker was on its way then */
	static u64 until;		/* ns: the next one */
	u64 pause = max(threshold_ns() / 2, (u64)NSEC_PER_MSEC);
	u64 now = ktime_get_ns();
	bool on_the_way, moved;
	unsigned long sum;

	if (!threshold_ns())
		return 0;
	if (now < until && until <= now + pause)
		return until;
	sum = runs_begun(&on_the_way);
	moved = sum != begun;
	begun = sum;
	if (on_the_way && awaited && !moved)
		monitor_start();
	awaited = on_the_way;
	if (!on_the_way && !moved && may_sleep_on())
		return 0;
	__atomic_store_n(&watchdog_sleeps, 0, __ATOMIC_RELAXED);
	until = now + pause;
	return until;
}

/* ---- reporting ---- */

static void report_pool(const struct shown_pool *pool, u64 stuck_ns)
{
	struct shown_line line;

	line_begin(&line, "BUG: workqueue lockup: pool");
	line_add(&line, " %d:", pool->id);
	line_add_pool(&line, pool);
	pr_emerg("%s stuck for %lus\n", line.text, (unsigned long)(stuck_ns / NSEC_PER_SEC));
}

/* The threads that run something in @pool; each with a reference. */
static int busy_tasks(struct worker_pool *pool, struct task_struct **tasks)
{
	struct worker *worker;
	int nr = 0;

	pool_lock(pool);
	list_for_each_entry(worker, &pool->workers, pool_node) {
		struct task_struct *task = __atomic_load_n(&worker->task, __ATOMIC_ACQUIRE);

		if (nr < MAX_STACKS && worker_item(worker) && task && tryget_task_struct(task))
			tasks[nr++] = task;
	}
	pool_unlock(pool);
	return nr;
}

static void show_stacks(struct worker_pool *pool)
{
	struct task_struct *tasks[MAX_STACKS];
	int nr = busy_tasks(pool, tasks);
	int i;

	pr_info("workqueue: pool %d: stacks of %d busy workers:\n", pool->id, nr);
	for (i = 0; i < nr; i++) {
		thread_stack_show(tasks[i]);
		put_task_struct(tasks[i]);
	}
}

/* Report the pools that have stalled. Returns the longest stall in ns, 0 = none. */
static u64 report_pools(void)
{
	u64 longest = 0;
	int i;

	for (i = 0; i < nr_worker_pools(); i++) {
		struct worker_pool *pool = pool_by_index(i);
		struct shown_pool who;
		u64 stuck;

		pool_lock(pool);
		stuck = stalled_for(pool, ktime_get_ns());
		pool->stall_reported = stuck;
		if (stuck)
			shown_pool_fill(&who, pool);
		pool_unlock_and_wake(pool);
		if (stuck)
			report_pool(&who, stuck);
		longest = max(longest, stuck);
	}
	return longest;
}

/* C135: only if the user has asked for it. */
static void panic_if_asked(u64 longest)
{
	unsigned int reports = READ_ONCE(panic_on_stall);
	unsigned int seconds = READ_ONCE(panic_on_stall_time);

	nr_reports++;
	if (reports && nr_reports >= reports)
		panic("workqueue: %u stalls, as many as workqueue.panic_on_stall allows\n",
		      nr_reports);
	if (seconds && longest / NSEC_PER_SEC >= seconds)
		panic("workqueue: a stall of %llu s, workqueue.panic_on_stall_time is %u\n",
		      (unsigned long long)(longest / NSEC_PER_SEC), seconds);
}

/* The look found a pool that has not moved for too long. No lock held. */
void watchdog_report(void)
{
	u64 longest;
	int i;

	if (wq_exiting() || __atomic_exchange_n(&reporting, 1, __ATOMIC_ACQUIRE))
		return;
	TEST_POINT("watchdog_reports");
	longest = report_pools();
	if (longest) {
		show_all_workqueues();
		for (i = 0; i < nr_worker_pools(); i++) {
			struct worker_pool *pool = pool_by_index(i);

			if (pool->stall_reported && pool->cpu >= 0 && !(pool_flags(pool) & POOL_BH))
				show_stacks(pool);
		}
		panic_if_asked(longest);
	}
	store(&fresh_since, ktime_get_ns());
	__atomic_store_n(&reporting, 0, __ATOMIC_RELEASE);
}

/* Whoever was reporting stayed in the parent, and what was seen there does not count. */
void watchdog_fork_child(void)
{
	reporting = 0;
	fresh_since = ktime_get_ns();
}
