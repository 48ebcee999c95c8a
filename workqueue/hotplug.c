// SPDX-License-Identifier: MIT
/*
 * hotplug.c - pools whose CPU goes away and comes back
 *
 * A pool of a CPU that is offline is disassociated: its threads run anywhere, and as many
 * of them at once as there are CPUs, for there is no CPU of its own to be careful with.
 * Items that wait there go on, and more may be queued. When the CPU comes, one runnable
 * worker is enough again: the others end what they run and rest, as each of them looks
 * for its next item. Nothing else tells the two apart, so no worker has to be told, and
 * one that is being made meanwhile becomes right by itself: where its thread runs is
 * decided by kernel-compat/affinity.c, which keeps the CPU that a worker was made for.
 *
 * Bottom halves stay one at a time; another CPU's thread serves them (bh.c).
 *
 * The functions are called by kernel-compat/cpu_hotplug.c, through linux/cpuhotplug.h.
 *
 * Locks: cpu_hotplug_lock (held by the caller) > wq_pool_mutex > one pool->lock.
 * Differs from Linux: workers have no UNBOUND and REBOUND flags; the number of runnable
 * workers that a pool wants says it all. Thread creation is never waited for: the first
 * worker of a CPU that comes is on its way when it is online, or when it is first needed.
 */
#define KBUILD_MODNAME "workqueue"
#include <linux/bug.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <uwq/workqueue.h>

#include "kernel-compat/cpu_internal.h"
#include "workqueue/fork.h"
#include "workqueue/params.h"
#include "workqueue/workqueue_internal.h"

/* How many runnable workers @pool shall have at the same time, with the CPUs of now. */
int pool_wanted_running(const struct worker_pool *pool)
{
	if (pool_flags(pool) & POOL_BH)
		return 1;
	if (pool->cpu < 0)
		return max_t(int, 1, cpumask_weight_and(pool->pod_cpumask, cpu_online_mask));
	if (!(pool_flags(pool) & POOL_DISASSOCIATED))
		return 1;
	/* its own CPU is online for a moment yet while it goes */
	return max_t(int, 1, (int)num_online_cpus() - (cpu_online(pool->cpu) ? 1 : 0));
}

/*
 * Change what it wants. More: one worker is called, and each that takes an item calls the
 * next while more are wanted. Fewer: at least one goes on, and the others rest.
 */
static void pool_change(struct worker_pool *pool, unsigned int set, unsigned int clear)
{
	bool look, was_busy = false;
	struct worker *worker;
	u32 before;

	pool_lock(pool);
	before = pool->kick;
	__atomic_store_n(&pool->flags, (pool->flags & ~clear) | set, __ATOMIC_RELAXED);
	pool->max_running = pool_wanted_running(pool);
	pool_update_kick(pool);
	worker = pool_more_work(pool);
	look = pool->kick == KICK_WANTED && before != KICK_WANTED;
	if (look)
		was_busy = pool_take_was_busy(pool);
	pool_unlock(pool);
	worker_wake_up(worker);
	if (look)
		pool_look_again(pool, was_busy);
}

/* After cpu_online_mask or the pool's CPUs changed. */
void pool_update_max_running(struct worker_pool *pool)
{
	pool_change(pool, 0, 0);
}

/* All four pools of @cpu (B8). */
static void pools_of_cpu_update(unsigned int cpu, unsigned int set, unsigned int clear)
{
	int hi;

	for (hi = 0; hi < NR_STD_WORKER_POOLS; hi++) {
		pool_change(pool_of_cpu((int)cpu, hi), set, clear);
		pool_change(bh_pool_of_cpu((int)cpu, hi), set, clear);
	}
}

/* @cpu is in cpu_online_mask now, or not any more: what depends on how many there are. */
static void follow_online_cpus(unsigned int cpu)
{
	int other, hi;

	mutex_lock(&wq_pool_mutex);
	for_each_possible_cpu(other)
		for (hi = 0; hi < NR_STD_WORKER_POOLS; hi++)
			pool_update_max_running(pool_of_cpu(other, hi));
	wq_update_pods((int)cpu);
	mutex_unlock(&wq_pool_mutex);
}

/**
 * workqueue_prepare_cpu - see that the pools of a CPU have a worker
 * @cpu: CPU that is about to come
 *
 * Workers are asked for and not waited for. Before the library has started any thread
 * there is nothing to do: the first queueing makes workers.
 *
 * Context: May sleep.
 * Return: 0.
 */
int workqueue_prepare_cpu(unsigned int cpu)
{
	int hi;

	for (hi = 0; hi < NR_STD_WORKER_POOLS && manager_running(); hi++) {
		struct worker_pool *pool = pool_of_cpu((int)cpu, hi);

		pool_lock(pool);
		if (!pool->nr_workers)
			manager_request(pool, CREATE_RESERVE);
		pool_unlock(pool);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(workqueue_prepare_cpu);

/**
 * workqueue_online_cpu - the pools of a CPU belong to it from now on
 * @cpu: CPU that has come
 *
 * Context: May sleep.
 * Return: 0.
 */
int workqueue_online_cpu(unsigned int cpu)
{
	pools_of_cpu_update(cpu, 0, POOL_DISASSOCIATED);
	bh_cpu_online((int)cpu);
	follow_online_cpus(cpu);
	return 0;
}
EXPORT_SYMBOL_GPL(workqueue_online_cpu);

/**
 * workqueue_offline_cpu - the pools of a CPU serve their items from anywhere from now on
 * @cpu: CPU that is about to go
 *
 * Context: A thread on @cpu; may sleep.
 * Return: 0; -1, with a warning, on another CPU.
 */
int workqueue_offline_cpu(unsigned int cpu)
{
	if (WARN(cpu != (unsigned int)smp_processor_id(),
		 "workqueue: workqueue_offline_cpu(%u) called on CPU %d\n", cpu,
		 smp_processor_id()))
		return -1;
	pools_of_cpu_update(cpu, POOL_DISASSOCIATED, 0);
	return 0;
}
EXPORT_SYMBOL_GPL(workqueue_offline_cpu);

/* The CPU has left cpu_online_mask. */
static int workqueue_dead_cpu(unsigned int cpu)
{
	follow_online_cpus(cpu);
	return 0;
}

static int softirq_dead(unsigned int cpu)
{
	workqueue_softirq_dead(cpu);
	return 0;
}

/* After the pools are made, by a constructor of number 104. */
static void __attribute__((constructor(105))) register_callbacks(void)
{
	cpuhp_setup_state_nocalls(CPUHP_SOFTIRQ_DEAD, "softirq:dead", NULL, softirq_dead);
	cpuhp_setup_state_nocalls(CPUHP_WORKQUEUE_PREP, "workqueue:prepare",
				  workqueue_prepare_cpu, workqueue_dead_cpu);
	cpuhp_setup_state_nocalls(CPUHP_AP_WORKQUEUE_ONLINE, "workqueue:online",
				  workqueue_online_cpu, workqueue_offline_cpu);
}

/* ---- the process may use other CPUs ---- */

static bool refreshing;		/* A: a thread is at it */
static __thread bool refreshes __attribute__((__tls_model__("initial-exec")));

static void refresh_main(void *arg)
{
	(void)arg;
	refreshes = true;
	cpu_refresh();
	__atomic_store_n(&refreshing, false, __ATOMIC_RELEASE);
}

/*
 * By the manager, which is awake for some other reason: has the set of CPUs changed? Another
 * thread follows, because callbacks may wait for workers that the manager makes.
 */
void hotplug_look(void)
{
	struct task_struct *task;

	if (wq_stopping() || wq_exiting() || !cpu_look())
		return;
	if (__atomic_exchange_n(&refreshing, true, __ATOMIC_ACQ_REL))
		return;
	task = uwq_thread_start(NULL, "cpuhp/refresh", refresh_main, NULL, 0, NULL, -1);
	if (IS_ERR(task))
		__atomic_store_n(&refreshing, false, __ATOMIC_RELEASE);
	else
		put_task_struct(task);
}

/*
 * For exit(): what is being followed ends first, as it may need threads. It gets the time
 * that functions get, for its callbacks may wait for who calls us; one of them may be that.
 */
void hotplug_settle(void)
{
	u64 end = ktime_get_ns() + READ_ONCE(wq_params.exit_wait_ms) * (u64)NSEC_PER_MSEC;

	while (!refreshes && __atomic_load_n(&refreshing, __ATOMIC_ACQUIRE) &&
	       ktime_get_ns() < end)
		schedule_timeout_uninterruptible(1);
}

/**
 * workqueue_refresh_cpus - ask which CPUs the process may use by now
 *
 * After taskset -a, or a change of the cpuset: CPUs that the process may not use any
 * more go offline, those that it may use again come online. The library looks by itself
 * too, but only now and then. An affinity that a thread of the program has given itself
 * changes nothing.
 *
 * Before the library has started its threads there is nothing to compare with: the
 * CPUs are those of the start.
 *
 * Context: May sleep; not from a hotplug callback, nor with cpus_read_lock() held.
 * Return: 1 if something has changed, 0 if not; what a hotplug callback said that did not
 * let a CPU come or go.
 */
int workqueue_refresh_cpus(void)
{
	manager_start();
	return cpu_refresh();
}
EXPORT_SYMBOL_GPL(workqueue_refresh_cpus);

/* In a forked child nobody is following a change of CPUs. */
void hotplug_fork_child(void)
{
	refreshing = false;
}
