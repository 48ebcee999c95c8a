// SPDX-License-Identifier: MIT
/*
 * sampler.c - the thread that looks after pools in which items wait
 *
 * Asleep, without a timeout, unless somebody has switched it on: items wait behind
 * busy workers, or a worker that is needed could not be made yet. Then it looks at the
 * pools once a millisecond (monitor.c). While the looks find no change it looks less
 * often, down to every 16 ms, but not later than the next thing that a pool has to
 * wait for; and when nothing waits any more, it rests. From the moment at which it looks
 * less often, whoever leaves an item to busy workers switches it on again.
 *
 * The first need starts the thread, by way of the manager, because whoever notices
 * may hold any lock. If it cannot be started the manager does the looks, and tries
 * again now and then. A queue that must progress without new threads demands it when
 * it is made.
 *
 * Locks: start_lock, innermost and short; look_lock, only ever tried, outside all others.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "kernel-compat/test_points.h"
#include "workqueue/fork.h"
#include "workqueue/workqueue_internal.h"

#define TICK_NS			(1000 * 1000ULL)
#define MAX_PAUSE_NS		(16 * TICK_NS)
#define PATIENT_LOOKS		8	/* looks without change before the pauses grow */
#define START_RETRY_NS		(1000 * 1000 * 1000ULL)

u32 monitor_on;			/* A: it looks every millisecond */

static u32 sampler_word;	/* A: futex word, counts calls */
static u32 sampler_runs;	/* A: the thread exists; set under start_lock */
static u32 sampler_demanded;	/* A: somebody relies on it; never taken back */

static struct futex_lock start_lock = FUTEX_LOCK_INIT;
static u64 start_after;		/* start_lock: ns, pause after a failure */

static struct futex_lock look_lock = FUTEX_LOCK_INIT;
static unsigned int same_looks;	/* look_lock: how many have found no change */
static u64 look_pause;		/* look_lock: ns to the next look */

/* ---- calls from other threads ---- */

static void sampler_call(void)
{
	__atomic_fetch_add(&sampler_word, 1, __ATOMIC_SEQ_CST);
	futex_wake(&sampler_word, 1);
}

/* Items wait for busy workers or for a new one: see that they do not wait for ever. */
void monitor_start(void)
{
	if (__atomic_exchange_n(&monitor_on, 1, __ATOMIC_SEQ_CST))
		return;
	sampler_call();
	if (unlikely(!__atomic_load_n(&sampler_runs, __ATOMIC_ACQUIRE)))
		manager_call();
}

/* A worker that has to be made is waited for, which may take time or fail. Starts no sampler. */
void sampler_expect_worker(void)
{
	if (__atomic_load_n(&sampler_demanded, __ATOMIC_RELAXED) ||
	    __atomic_load_n(&sampler_runs, __ATOMIC_RELAXED))
		monitor_start();
}

/* ---- one look ---- */

static void look_again_at_pools(struct monitor_look *look)
{
	memset(look, 0, sizeof(*look));
	look->now = ktime_get_ns();
	monitor_look(look);
}

/*
 * The next look may be late. MON/1: switch the monitor off, then look at the inboxes.
 * MON/2, a submitter: publish, then read monitor_on. Full barriers as for KICK/1 and
 * KICK/2 in pool.c. Forbids: the submitter relies on a monitor that has gone to rest.
 * False: something has come meanwhile.
 */
static bool rest(const struct monitor_look *before)
{
	struct monitor_look look;

	__atomic_store_n(&monitor_on, 0, __ATOMIC_SEQ_CST);
	if (!submitters_fence)
		membarrier_all();
	look_again_at_pools(&look);
	if (!look.changed && look.nr_waiting <= before->nr_waiting) {
		TEST_POINT("monitor_rests");
		return true;
	}
	__atomic_store_n(&monitor_on, 1, __ATOMIC_SEQ_CST);
	return false;
}

/* How long until the next look at what @look has found; 0 = until called. */
static u64 pause_after(const struct monitor_look *look)
{
	if (look->changed) {
		same_looks = 0;
		look_pause = TICK_NS;
	} else if (++same_looks >= PATIENT_LOOKS) {
		look_pause = min(look_pause * 2, MAX_PAUSE_NS);
	}
	if (look_pause > TICK_NS && !rest(look)) {
		same_looks = 0;
		look_pause = TICK_NS;
	}
	if (look_pause > TICK_NS && !look->nr_waiting)
		return 0;
	return look_pause;
}

/* Look at the pools. Returns the time of the next look, 0 = none until called. */
static u64 tick(void)
{
	struct monitor_look look;
	u64 pause;

	if (!futex_trylock(&look_lock))
		return ktime_get_ns() + TICK_NS;
	TEST_POINT("monitor_looks");
	look_again_at_pools(&look);
	if (look.nr_waiting && !manager_running())
		manager_try_start();
	/* whoever switched us on has found something new */
	if (__atomic_load_n(&monitor_on, __ATOMIC_ACQUIRE) && look_pause != TICK_NS)
		look.changed = true;
	pause = pause_after(&look);
	futex_unlock(&look_lock);
	if (unlikely(look.stalled))
		watchdog_report();
	if (!pause)
		return 0;
	if (look.due && look.due < look.now + pause)
		return max(look.due, look.now + TICK_NS);
	return look.now + pause;
}

/* ---- the thread ---- */

static void sleep_until(u32 seen, u64 ns)
{
	struct timespec deadline = {
		.tv_sec = ns / 1000000000ULL,
		.tv_nsec = ns % 1000000000ULL,
	};

	futex_wait(&sampler_word, seen, ns ? &deadline : NULL);
}

static void sampler_main(void *arg)
{
	u64 next = 0;		/* time of the next look; 0 = it rests */
	u32 generation = uwq_fork_generation;

	(void)arg;
	while (!wq_stopping()) {
		u32 seen = __atomic_load_n(&sampler_word, __ATOMIC_ACQUIRE);

		if (__atomic_load_n(&monitor_on, __ATOMIC_ACQUIRE) ||
		    (next && ktime_get_ns() >= next))
			next = tick();
		/* the log's sink has forked, and this is the child */
		if (unlikely(uwq_fork_generation != generation))
			fork_end_child();
		sleep_until(seen, next);
	}
	/* under the lock: whoever started us says so before we say that we are gone */
	futex_lock(&start_lock);
	__atomic_store_n(&sampler_runs, 0, __ATOMIC_RELEASE);
	futex_unlock(&start_lock);
}

static bool start_unless_running(bool pause)
{
	struct task_struct *task;
	bool running;

	if (likely(__atomic_load_n(&sampler_runs, __ATOMIC_ACQUIRE)))
		return true;
	futex_lock(&start_lock);
	running = sampler_runs;
	if (!running && !wq_stopping() && !wq_exiting() &&
	    (!pause || ktime_get_ns() >= start_after)) {
		/* it does little, and is there for times when much goes on */
		task = uwq_thread_start(NULL, "kworker/sampler", sampler_main, NULL,
					HIGHPRI_NICE_LEVEL, NULL, -1);
		if (IS_ERR(task)) {
			start_after = ktime_get_ns() + START_RETRY_NS;
		} else {
			put_task_struct(task);
			__atomic_store_n(&sampler_runs, 1, __ATOMIC_RELEASE);
			running = true;
			wq_register_exit();
		}
	}
	futex_unlock(&start_lock);
	return running;
}

/*
 * For queues that must progress even when no thread can be made any more: the sampler
 * exists from now on, and is told of each worker that is being made. May sleep. False:
 * it could not be started now; an earlier failure makes no pause.
 */
bool sampler_start(void)
{
	if (!start_unless_running(false))
		return false;
	__atomic_store_n(&sampler_demanded, 1, __ATOMIC_RELAXED);
	return true;
}

/*
 * For the manager thread: start the sampler if it is wanted, or do its work. Returns
 * the time at which to call again, 0 = not needed.
 */
u64 sampler_stand_in(u64 next)
{
	if (!__atomic_load_n(&monitor_on, __ATOMIC_ACQUIRE) && !next)
		return 0;
	if (start_unless_running(true))
		return 0;
	if (next && ktime_get_ns() < next)
		return next;
	return tick();
}

/* For workqueue_shutdown(): the sampler leaves; returns when it is gone. */
void sampler_stop(void)
{
	while (__atomic_load_n(&sampler_runs, __ATOMIC_ACQUIRE)) {
		sampler_call();
		schedule_timeout_uninterruptible(1);
	}
}

/* It stayed in the parent; the first need starts it. Its looks take pool locks: not waited for. */
void sampler_fork(enum fork_step step)
{
	if (step == FORK_CHILD) {
		monitor_on = 0;
		start_after = 0;
		same_looks = 0;
		look_pause = 0;
		futex_lock_init(&look_lock);
		__atomic_store_n(&sampler_runs, 0, __ATOMIC_RELAXED);
	}
	fork_step_lock(&start_lock, step);
}
