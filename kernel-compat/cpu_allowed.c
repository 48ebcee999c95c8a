// SPDX-License-Identifier: MIT
/*
 * cpu_allowed.c - noticing that the process may use other CPUs than before
 *
 * taskset -a, a cpuset, or a CPU of the machine that goes change the affinity of threads
 * from outside, and nobody tells. A program may also pin threads of its own, which means
 * nothing for the others. So one thread of the library's is the witness: the library
 * lets it run on everything that the process may use and leaves it alone afterwards. When
 * its affinity is another one, that came from outside and goes for the process.
 *
 * Looking costs a system call and is done when somebody is awake anyway, or asked for.
 *
 * Locks: witness_lock keeps the witness alive while it is asked; innermost.
 * Differs from Linux: there, CPUs going is an order, here it is news.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>

#include <linux/cpumask.h>
#include <linux/sched.h>

#include "kernel-compat/cpu_internal.h"
#include "kernel-compat/fork.h"
#include "kernel-compat/futex_lock.h"

static struct futex_lock witness_lock = FUTEX_LOCK_INIT;
static pid_t witness;		/* A; stored under witness_lock */
static bool look_wanted;	/* A: the system refused to place a thread */

pid_t cpu_witness(void)
{
	return __atomic_load_n(&witness, __ATOMIC_RELAXED);
}

/* The calling thread may run on @mask; what is in force is not set, see affinity.c. */
static void run_on(const struct cpumask *mask)
{
	struct cpumask now;
	unsigned int real;
	cpu_set_t set;

	if (read_affinity(0, &now) && cpumask_equal(&now, mask))
		return;
	CPU_ZERO(&set);
	for (real = 0; real < NR_CPUS && real < CPU_SETSIZE; real++)
		if (cpumask_test_cpu((int)real, mask))
			CPU_SET(real, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* No cpus_read_lock(): whoever changes a CPU may be waiting for the witness. */
void cpu_witness_set(bool on)
{
	struct cpumask allowed;

	/* first, so that nobody else places us any more */
	futex_lock(&witness_lock);
	__atomic_store_n(&witness, on ? task_pid_nr(current) : 0, __ATOMIC_RELAXED);
	futex_unlock(&witness_lock);
	while (on) {
		cpumask_copy(&allowed, cpu_allowed_reals());
		run_on(&allowed);
		/* news that an earlier witness brought may just be taking effect */
		on = !cpumask_equal(&allowed, cpu_allowed_reals());
	}
}

/* What the witness may use; false: there is none. */
static bool ask_witness(struct cpumask *mask)
{
	bool known;

	futex_lock(&witness_lock);
	known = cpu_witness() && read_affinity(cpu_witness(), mask);
	futex_unlock(&witness_lock);
	return known;
}

void cpu_ask_to_look(void)
{
	__atomic_store_n(&look_wanted, true, __ATOMIC_RELAXED);
}

bool cpu_look_wanted(void)
{
	return __atomic_load_n(&look_wanted, __ATOMIC_RELAXED);
}

bool cpu_look(void)
{
	struct cpumask now;

	__atomic_store_n(&look_wanted, false, __ATOMIC_RELAXED);
	return ask_witness(&now) && !cpumask_equal(&now, cpu_allowed_reals());
}

int cpu_refresh(void)
{
	struct cpumask now;
	int saved = errno, ret;

	if (!ask_witness(&now))
		return 0;
	ret = cpu_follow_allowed(&now);
	errno = saved;
	return ret;
}

/* The witness stayed in the parent. */
void cpu_allowed_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		witness = 0;
	fork_step_lock(&witness_lock, step);
}
