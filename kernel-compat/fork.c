// SPDX-License-Identifier: MIT
/*
 * fork.c - fork() of a process that uses the library
 *
 * One registration with pthread_atfork(), made before that of any user: so our
 * prepare step comes after all others' and our child step before, and their handlers
 * may use workqueues. vfork(), posix_spawn() and _Fork() call no handlers; a child made
 * that way shall only call exec() or _exit(), as ever.
 *
 * What the forker takes, in this order; what a room keeps is in its file:
 *
 *	fork_lock	  one fork at a time
 *	mutexes		  wq_pool_mutex, every wq->mutex, that of the tracepoints;
 *			  module_mutex; class_mutex,
 *			  bus_mutex, tree_mutex. Holders may sleep, but never until a
 *			  function of the user's returns
 *	grace period	  gp_lock: after it nobody waits for readers. Not waited for long
 *	the gate	  fork_gate.h: nobody is between taking and publishing an item
 *	short locks	  each is held for a few instructions, and none of their holders
 *			  enters the gate: liburcu's, both timer threads', every
 *			  pool's, the engine's tables, start_lock, live_lock, percpu_lock,
 *			  topology_lock, the log's lines, task_lock, the ledger's
 *
 * The child gives them back in the same order, the engine first, because its items are
 * found through timers and RCU callbacks. Not taken, because functions of the user's
 * run under them, but free in the child unless the forking thread holds them:
 * param_lock, cpu_hotplug_lock, step_lock, the lock of the log's sink. Locks and queues of sleepers
 * in objects of the user's are the user's to care for, as with pthreads.
 *
 * If a lock cannot be had for PATIENCE_MS, the forking thread most likely holds it
 * itself: it is left alone, and that is said after the fork. The same goes for a
 * section of the gate.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/fork_gate.h"
#include "kernel-compat/futex.h"

#define PATIENCE_MS	2000
#define MAX_LEFT_ALONE	16

uint32_t uwq_fork_generation;

static struct futex_lock fork_lock = FUTEX_LOCK_INIT;
static fork_room engine_mutexes, engine_locks;

/* All under fork_lock: locks that are not ours to give back, and what to say later. */
static const void *left_alone[MAX_LEFT_ALONE];
static unsigned int nr_left_alone;
static bool gave_up;

static const fork_room early_rooms[] = {
	module_fork, class_fork, bus_fork, sysfs_fork, rcu_fork_grace_period,
};

static const fork_room late_rooms[] = {
	futex_fork, rcu_fork_readers, timer_fork, hrtimer_fork, rcu_fork_callbacks,
	srcu_fork, kthread_fork, percpu_fork, topology_fork, param_fork, cpu_fork, cpu_allowed_fork,
	cpuhp_fork, wait_bit_fork, freezer_fork, log_sink_fork, printk_fork, warn_fork,
	task_fork, ledger_fork, random_fork, thread_stack_fork,
};

void fork_engine_rooms(fork_room mutexes, fork_room locks)
{
	engine_mutexes = mutexes;
	engine_locks = locks;
}

/* ---- taking locks without hanging ---- */

static bool is_left_alone(const void *lock)
{
	for (unsigned int i = 0; i < nr_left_alone; i++)
		if (left_alone[i] == lock)
			return true;
	return false;
}

static void leave_alone(const void *lock)
{
	if (nr_left_alone < MAX_LEFT_ALONE)
		left_alone[nr_left_alone++] = lock;
}

/* Pauses, then naps; false: the patience is over. */
struct wait {
	struct spin_budget spin;
	long nap_ns, waited_ns;
};

#define WAIT_INIT	{ .spin = SPIN_BUDGET_INIT, .nap_ns = 20000 }

static bool wait_a_little(struct wait *wait)
{
	struct timespec nap = { .tv_nsec = wait->nap_ns };

	if (spin_once(&wait->spin))
		return true;
	if (wait->waited_ns >= PATIENCE_MS * 1000000L)
		return false;
	nanosleep(&nap, NULL);
	wait->waited_ns += wait->nap_ns;
	if (wait->nap_ns < 1000000)
		wait->nap_ns *= 2;
	return true;
}

void fork_step_lock(struct futex_lock *lock, enum fork_step step)
{
	struct wait wait = WAIT_INIT;

	if (step != FORK_PREPARE) {
		if (likely(!nr_left_alone) || !is_left_alone(lock))
			futex_unlock(lock);
		return;
	}
	while (!futex_trylock(lock)) {
		if (wait_a_little(&wait))
			continue;
		leave_alone(lock);
		gave_up = true;
		return;
	}
}

/* Not mutex_lock(): a fork may come where that would be reported. */
static void take_mutex(struct mutex *lock)
{
	struct wait wait = WAIT_INIT;

	if (uwq_thread.task && __atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == uwq_thread.task) {
		leave_alone(lock);
		return;
	}
	if (mutex_trylock(lock))
		return;
	rcu_fork_leave_reader();
	while (!mutex_trylock(lock)) {
		if (wait_a_little(&wait))
			continue;
		leave_alone(lock);
		gave_up = true;
		return;
	}
}

void fork_step_mutex(struct mutex *lock, enum fork_step step)
{
	if (step == FORK_PREPARE) {
		take_mutex(lock);
		return;
	}
	if (step == FORK_CHILD)
		mutex_fork_child(lock);
	if (likely(!nr_left_alone) || !is_left_alone(lock))
		mutex_unlock(lock);
}

/* ---- the handlers ---- */

static void all_rooms(const fork_room *rooms, unsigned int nr, enum fork_step step)
{
	for (unsigned int i = 0; i < nr; i++)
		rooms[i](step);
}

static void mutex_rooms(enum fork_step step)
{
	if (engine_mutexes)
		engine_mutexes(step);
	all_rooms(early_rooms, ARRAY_SIZE(early_rooms), step);
}

static void lock_rooms(enum fork_step step)
{
	if (engine_locks)
		engine_locks(step);
	all_rooms(late_rooms, ARRAY_SIZE(late_rooms), step);
}

static void prepare(void)
{
	/* in a section of ours, as in a sink of the log: another forker must not wait for it */
	uint32_t busy = fork_gate_step_out();

	if (!futex_trylock(&fork_lock)) {
		rcu_fork_leave_reader();
		futex_lock(&fork_lock);
	}
	fork_gate_step_in(busy);
	nr_left_alone = 0;
	gave_up = false;
	mutex_rooms(FORK_PREPARE);
	if (!fork_gate_close())
		gave_up = true;
	lock_rooms(FORK_PREPARE);
}

static void parent(void)
{
	bool tell;

	lock_rooms(FORK_PARENT);
	fork_gate_open();
	mutex_rooms(FORK_PARENT);
	tell = gave_up;
	futex_unlock(&fork_lock);
	WARN_ONCE(rcu_fork_resume_reader(),
		  "fork: inside rcu_read_lock() it had to wait for a grace period; the reader was interrupted\n");
	WARN_ONCE(tell, "fork: a lock or a section of the library could not be waited for; does the forking thread hold it? The child may find items that stay pending\n");
}

static void child(void)
{
	uwq_fork_generation++;
	fork_gate_child();
	lock_rooms(FORK_CHILD);
	mutex_rooms(FORK_CHILD);
	futex_unlock(&fork_lock);
	rcu_fork_resume_reader();
}

void fork_end_child(void)
{
	exit(EXIT_SUCCESS);
}

/* Lower numbers have constructors of the program that may fork. */
__attribute__((__constructor__(101))) static void watch_forks(void)
{
	if (pthread_atfork(prepare, parent, child))
		pr_err("no memory to watch for fork(): workqueues are not usable in children\n");
}
