// SPDX-License-Identifier: MIT
/*
 * concurrency.c - how many workers of a pool are running
 *
 * A worker counts as running (pool->nr_running) unless it is idle, asleep inside its
 * function, or counted out: its queue is CPU_INTENSIVE, or the monitor found that it
 * has been in one function for too long. Whoever stops counting passes the turn on, so
 * an item that waits never waits for a sleeper.
 *
 * The scheduler layer reports each sleep of a worker through the hooks at the end, which
 * have the names that they have in the kernel.
 */
#include <linux/export.h>
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
 * Workers have stopped counting although their functions go on; @before is what
 * pool->kick was, @pwq that of one of them, which counts the call, or NULL. Wakes or asks
 * for a successor if something waits. Pool lock held; drops it.
 */
void pool_pass_on(struct worker_pool *pool, struct pool_workqueue *pwq, u32 before)
{
	bool asked = pool->create == CREATE_NEEDED;
	struct worker *successor;
	bool look, was_busy = false;

	pool_update_kick(pool);
	successor = pool_more_work(pool);
	if (pwq && (successor || (!asked && pool->create == CREATE_NEEDED)))
		pwq->cm_wakeup++;
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

/* ---- what a worker says itself ---- */

static struct worker *worker_of(struct task_struct *task)
{
	return __atomic_load_n(&task->worker_private, __ATOMIC_ACQUIRE);
}

/* Is it @task that @worker is, in a function? Pool lock held. */
static bool is_working_as(const struct worker *worker, const struct worker_pool *pool,
			  const struct task_struct *task)
{
	return __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE) == pool &&
	       __atomic_load_n(&worker->task, __ATOMIC_ACQUIRE) == task && worker_item(worker);
}

/**
 * wq_worker_sleeping - a worker is about to block
 * @task: its task; other tasks are ignored
 *
 * If it was the last one that kept its pool busy, the next waiting item starts in another
 * worker. A second call before wq_worker_running() changes nothing. All blocking calls of
 * the library do it by themselves; for others there is uwq_blocking_begin().
 *
 * Context: Any but under locks that a work function may hold while it queues.
 */
void wq_worker_sleeping(struct task_struct *task)
{
	struct worker *worker = worker_of(task);
	struct worker_pool *pool;
	u32 before;

	if (!worker)
		return;
	pool = __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE);
	pool_lock(pool);
	if (!is_working_as(worker, pool, task) || (worker->flags & WORKER_BLOCKED)) {
		pool_unlock(pool);
		return;
	}
	before = pool->kick;
	worker_set_flag(worker, WORKER_BLOCKED);
	pool_pass_on(pool, worker->current_pwq, before);
}
EXPORT_SYMBOL_GPL(wq_worker_sleeping);

/**
 * wq_worker_running - a worker has blocked, and goes on
 * @task: its task; other tasks are ignored
 *
 * It counts as running again, and its CPU time is measured from here. Without a
 * wq_worker_sleeping() before it, it changes nothing.
 */
void wq_worker_running(struct task_struct *task)
{
	struct worker *worker = worker_of(task);
	struct worker_pool *pool;

	if (!worker)
		return;
	run_clock_set(ktime_get_ns());
	pool = __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE);
	pool_lock(pool);
	if (is_working_as(worker, pool, task) && (worker->flags & WORKER_BLOCKED)) {
		worker_clear_flag(worker, WORKER_BLOCKED | WORKER_ASLEEP);
		worker->watched_run = 0;
		pool_update_kick(pool);
	}
	pool_unlock(pool);
}
EXPORT_SYMBOL_GPL(wq_worker_running);

/**
 * wq_worker_tick - has a per-CPU worker used too much CPU time?
 * @task: its task, or the caller's; other tasks are ignored
 *
 * The sampler asks so for all workers, but only while items wait. For programs with a
 * tick of their own. Two calls in the same run are needed to see a difference.
 *
 * Context: Any but interrupts.
 */
void wq_worker_tick(struct task_struct *task)
{
	struct worker *worker = worker_of(task);

	if (worker)
		monitor_look_at_worker(worker);
}
EXPORT_SYMBOL_GPL(wq_worker_tick);

/**
 * wq_worker_last_func - the function that a worker has finished last
 * @task: its task; the caller keeps it alive
 *
 * Return: the function; NULL if it has finished none, or @task is no worker.
 */
work_func_t wq_worker_last_func(struct task_struct *task)
{
	struct worker *worker = worker_of(task);

	if (!worker)
		return NULL;
	/* the item first: a run that begins meanwhile makes the answer an older one */
	if (__atomic_load_n(&worker->current_work, __ATOMIC_ACQUIRE))
		return __atomic_load_n(&worker->last_func, __ATOMIC_RELAXED);
	return __atomic_load_n(&worker->current_func, __ATOMIC_RELAXED);
}
EXPORT_SYMBOL_GPL(wq_worker_last_func);

const struct sched_hooks worker_sched_hooks = {
	.sleeping = wq_worker_sleeping,
	.running = wq_worker_running,
};
