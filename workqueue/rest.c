// SPDX-License-Identifier: MIT
/*
 * rest.c - what a worker does when there is nothing to do
 *
 * First it polls the inbox for a few microseconds, if it is the only one of its pool to
 * do so and its CPU is not needed by the producer: catching an item there costs no
 * system call. How long, the pool learns (wait_spin.h). It is a moment at least, or two
 * threads that answer each other would not find out that both could stay awake.
 *
 * Then it joins the idle ones and sleeps. After a long sleep it leaves, if more are idle
 * than a fourth of the busy ones justifies (C108).
 */
#include <linux/prefetch.h>
#include <linux/timekeeping.h>

#include "kernel-compat/printk_internal.h"
#include "kernel-compat/wait_spin.h"
#include "workqueue/workqueue_internal.h"

#define SINGLE_PAUSES	2	/* between looks for a single item */
#define MOST_GATHER	3	/* in a stream they are so often doubled, at most */
#define LOOK_PAUSES	32	/* until the clock is read again */
#define LEAST_NS	1000	/* a fraction of what the sleep costs that may be saved */

bool worker_may_spin(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	/* the producer of a per-CPU pool cannot run while its CPU spins */
	return pool->cpu < 0 && !pool->spinner && pool->max_running > 1 &&
	       pool->nr_running <= pool_useful_workers(pool) && READ_ONCE(uwq_spin_us) &&
	       !wq_exiting();
}

static bool something_came(struct worker_pool *pool)
{
	return inbox_maybe_nonempty(&pool->inbox) ||
	       __atomic_load_n(&pool->spin_break, __ATOMIC_ACQUIRE);
}

/*
 * For a microsecond or two. Each look takes the line away from a producer who is busy. Who waited
 * for the last run has taken the line that says so: it is fetched before the next one begins.
 */
static bool look_for_a_while(struct worker *worker, unsigned int pauses)
{
	struct worker_pool *pool = worker->pool;
	unsigned int i, looks = LOOK_PAUSES / pauses;

	while (looks--) {
		for (i = 0; i < pauses; i++)
			cpu_relax();
		if (something_came(pool))
			return true;
		prefetchw(worker);
	}
	return false;
}

/* Poll until @budget ns after @start are over. True: something came. @now: about when. */
static bool spin(struct worker *worker, u64 start, u64 budget, u64 *now)
{
	bool found = false;

	while (!found && (*now = ktime_get_ns()) - start < budget) {
		run_clock_set(*now);
		found = look_for_a_while(worker, SINGLE_PAUSES);
	}
	return found;
}

/*
 * A first look has found something: was it one item, or a stream? There the next items are at
 * once, and more of them the later the look. A single one may have somebody behind it who
 * waits. Pool lock held.
 */
static void learn_to_gather(struct worker_pool *pool)
{
	if (!inbox_has(&pool->inbox, pool->inbox.next + 1)) {
		if (pool->gather)
			pool->gather--;
	} else if (pool->gather < MOST_GATHER) {
		pool->gather++;
	}
}

/*
 * Poll the inbox. Pool lock held, dropped and taken again. True: look for work once more.
 *
 * A pool that was BUSY stays that for the first microsecond: the worker comes back, as ever,
 * and in a stream the submitters keep their copy of the line and execute no barriers.
 */
bool worker_spin(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	bool full = spin_habit_begin(&pool->habit);
	u64 budget = full ? spin_habit_ns(&pool->habit) : LEAST_NS;
	u64 start = ktime_get_ns(), now = start;
	bool found;

	run_clock_set(start);
	pool->spinner = worker;
	/* submitters read that line */
	if (unlikely(pool->spin_break))
		__atomic_store_n(&pool->spin_break, 0, __ATOMIC_RELAXED);
	if (pool->kick != KICK_BUSY)
		pool_update_kick(pool);
	pool_unlock(pool);
	found = look_for_a_while(worker, SINGLE_PAUSES << pool->gather);
	pool_lock_quick(pool);
	if (found) {
		learn_to_gather(pool);
	} else {
		pool_update_kick(pool);
		pool_unlock(pool);
		found = spin(worker, start, budget, &now);
		pool_lock_quick(pool);
	}
	pool->spinner = NULL;
	worker->cpu_polled += now - start;
	if (found || full)
		spin_habit_end(&pool->habit, found);
	/* the last look and the lock are not one step */
	return found || pool_has_work(pool);
}

/*
 * C108: more idle workers than a fourth of the busy ones justifies, beyond two, and than
 * its queues have asked for.
 */
static bool too_many_idle(const struct worker_pool *pool)
{
	int nr_busy = pool->nr_workers - pool->nr_idle;

	return pool->nr_workers > pool->min_workers && pool->nr_idle > 2 &&
	       (pool->nr_idle - 2) * 4 >= nr_busy;
}

static void deadline_after_ms(struct timespec *deadline, unsigned long ms)
{
	clock_gettime(CLOCK_MONOTONIC, deadline);
	deadline->tv_sec += ms / 1000;
	deadline->tv_nsec += (ms % 1000) * 1000000L;
	if (deadline->tv_nsec >= 1000000000L) {
		deadline->tv_nsec -= 1000000000L;
		deadline->tv_sec++;
	}
}

/* Asleep until woken or the idle timeout; true: woken. No lock held. */
static bool worker_sleep(struct worker *worker)
{
	u32 none = WAKE_NONE;
	struct timespec deadline;

	if (!__atomic_compare_exchange_n(&worker->wake, &none, WAKE_ASLEEP, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return true;
	deadline_after_ms(&deadline, pool_idle_timeout_ms(worker->pool));
	while (__atomic_load_n(&worker->wake, __ATOMIC_ACQUIRE) == WAKE_ASLEEP)
		if (futex_wait(&worker->wake, WAKE_ASLEEP, &deadline) == -ETIMEDOUT)
			return false;
	return true;
}

/* Woken under the lock, but worker_wake_up() may still be about to say so. */
static void await_wake_given(struct worker *worker)
{
	while (__atomic_load_n(&worker->wake, __ATOMIC_ACQUIRE) == WAKE_ASLEEP)
		futex_wait(&worker->wake, WAKE_ASLEEP, NULL);
}

/*
 * Nothing to do: join the idle ones and sleep. Pool lock held on entry and on
 * return. True: called to work; false: this worker leaves and is not counted any more.
 */
bool worker_idle(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	bool was_busy, came_home;

	if (wq_stopping() || pool->unused) {
		pool->nr_running--;
		return false;
	}
	worker_clock_idle(worker);
	worker_set_flag(worker, WORKER_IDLE);
	pool->nr_idle++;
	list_add(&worker->node, &pool->idle_list);
	/* whoever waits for a new worker can have this one */
	pool->create = CREATE_NONE;
	pool_want_min_workers(pool);
	__atomic_store_n(&worker->wake, WAKE_NONE, __ATOMIC_RELAXED);
	pool_update_kick(pool);
	/* while others keep the pool busy the mark must stay, for the one who ends that */
	was_busy = pool->kick == KICK_WANTED && pool_take_was_busy(pool);
	pool_unlock(pool);
	pool_look_again(pool, was_busy);
	/* a line that a function did not end shall not wait for the next one */
	log_flush_current();

	while (!worker_sleep(worker)) {
		TEST_POINT("idle_timeout");
		pool_lock_quick(pool);
		if (!(worker->flags & WORKER_IDLE)) {
			pool_unlock(pool);
			await_wake_given(worker);
			break;
		}
		if (too_many_idle(pool)) {
			list_del_init(&worker->node);
			pool->nr_idle--;
			worker->flags &= ~WORKER_IDLE;
			return false;
		}
		__atomic_store_n(&worker->wake, WAKE_NONE, __ATOMIC_RELAXED);
		pool_unlock(pool);
	}
	run_clock_set(ktime_get_ns());
	worker_clock_woken(worker);
	TEST_POINT("worker_woken");
	came_home = unlikely(pool->repatriates) && worker_come_home(worker);
	pool_lock_quick(pool);
	if (unlikely(came_home))
		pool_note_repatriation(pool);
	pool->nr_waking--;
	return true;
}
