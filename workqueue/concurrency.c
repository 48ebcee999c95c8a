// SPDX-License-Identifier: MIT
/*
 * concurrency.c - how many workers of a pool are running
 *
 * A worker counts as running (pool->nr_running) unless it is idle, asleep inside its
 * function, or counted out: its queue is CPU_INTENSIVE, or the monitor found that it
 * has been in one function for too long. Whoever stops counting passes the turn on, so
 * an item that waits never waits for a sleeper.
 *
 * The scheduler layer reports each sleep of a worker through the hooks at the end.
 */
#include <linux/sched.h>

#include "workqueue/workqueue_internal.h"

void worker_set_flag(struct worker *worker, unsigned int flag)
{
	struct worker_pool *pool = worker->pool;

	assert_pool_locked(pool);
	if (!(worker->flags & WORKER_NOT_RUNNING))
		pool->nr_running--;
	worker->flags |= flag;
}

void worker_clear_flag(struct worker *worker, unsigned int flag)
{
	struct worker_pool *pool = worker->pool;

	assert_pool_locked(pool);
	if (!(worker->flags & flag))
		return;
	worker->flags &= ~flag;
	if (!(worker->flags & WORKER_NOT_RUNNING))
		pool->nr_running++;
}

/*
 * The worker stops counting although its function goes on. Wakes or asks for a
 * successor if something waits. Pool lock held; drops it.
 */
static void worker_step_aside(struct worker *worker, unsigned int flag)
{
	struct worker_pool *pool = worker->pool;
	struct worker *successor;
	bool look, was_busy = false;
	u32 before = pool->kick;

	worker_set_flag(worker, flag);
	pool_update_kick(pool);
	successor = pool_more_work(pool);
	/* the next time that somebody blocks, a successor shall be there */
	if (successor && list_empty(&pool->idle_list))
		manager_request(pool, CREATE_RESERVE);
	look = pool->kick == KICK_WANTED && before != KICK_WANTED;
	if (look)
		was_busy = pool_take_was_busy(pool);
	pool_unlock(pool);
	worker_wake_up(successor);
	if (look)
		pool_look_again(pool, was_busy);
}

static void worker_sleeping(struct task_struct *task)
{
	struct worker *worker = this_worker;

	(void)task;
	pool_lock(worker->pool);
	worker_step_aside(worker, WORKER_BLOCKED);
}

static void worker_running(struct task_struct *task)
{
	struct worker *worker = this_worker;

	(void)task;
	run_clock_set(ktime_get_ns());
	pool_lock(worker->pool);
	worker_clear_flag(worker, WORKER_BLOCKED);
	pool_update_kick(worker->pool);
	pool_unlock(worker->pool);
}

const struct sched_hooks worker_sched_hooks = {
	.sleeping = worker_sleeping,
	.running = worker_running,
};

/*
 * For the monitor: stop counting a worker whose run number is still @run. Its
 * items behind it get another worker. Takes the pool lock.
 */
void worker_count_out(struct worker *worker, unsigned long run)
{
	struct worker_pool *pool = __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE);

	pool_lock(pool);
	if (__atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE) != pool || !worker->current_work ||
	    worker->nr_runs != run || (worker->flags & WORKER_NOT_RUNNING)) {
		pool_unlock(pool);
		return;
	}
	worker_step_aside(worker, WORKER_OUT);
}
