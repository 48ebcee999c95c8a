// SPDX-License-Identifier: MIT
/*
 * affinity.c - where tasks may run
 *
 * A task keeps the CPUs that were asked for, as CPUs of ours. The system is told those
 * of them that are online, in its own numbers; if none is, all that are online. So a
 * thread always runs somewhere. When CPUs come, go or are laid elsewhere, every task
 * that was ever placed is placed again.
 *
 * A task with a single CPU, which is online, is on that CPU (bound_cpu), whatever the
 * system's number is. When the last of its CPUs goes away, it may run everywhere from
 * then on, as in the kernel; but one that keeps its CPUs (workers, per-CPU kthreads)
 * only runs elsewhere until one of them returns.
 *
 * Locks: pi_lock of the task: mask, bound_cpu and what the system was told change
 * together. Whoever changes the set of CPUs changes it first and then takes each
 * pi_lock, so whoever told the system something older is corrected.
 *
 * Differs from Linux: a new affinity is in force when the system gets to it; the task
 * may run elsewhere for a moment. A refusal of the system leaves the thread where it
 * is, makes the library look which CPUs it still has (cpu_allowed.c), and goes to the
 * caller that can hear it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <uwq/cpu.h>

#include "kernel-compat/cpu_internal.h"
#include "kernel-compat/sched_internal.h"

/* The machine's CPUs on which the online ones of @mask lie. */
static void reals_of(const struct cpumask *mask, cpu_set_t *set)
{
	const struct cpumask *allowed = cpu_allowed_reals();
	int cpu;

	CPU_ZERO(set);
	for_each_cpu_and(cpu, mask, cpu_online_mask) {
		int real = uwq_cpu_to_real(cpu);

		if (real < CPU_SETSIZE && cpumask_test_cpu(real, allowed))
			CPU_SET((size_t)real, set);
	}
}

/* Tell the system where @p may run. pi_lock held. 0, or the system's refusal. */
static int tell(struct task_struct *p)
{
	pid_t tid = task_pid_nr(p);
	cpu_set_t want, have;

	if (tid == cpu_witness())
		return 0;
	reals_of(&p->cpus_mask, &want);
	if (!CPU_COUNT(&want))
		reals_of(cpu_online_mask, &want);
	/* not set what is set: an affinity of its own keeps a thread from a growing cpuset */
	CPU_ZERO(&have);
	if (sched_getaffinity(tid, sizeof(have), &have) == 0 && CPU_EQUAL(&have, &want))
		return 0;
	if (sched_setaffinity(tid, sizeof(want), &want) == 0)
		return 0;
	cpu_ask_to_look();
	return -errno;
}

/* pi_lock held: what smp_processor_id() says in the task. */
static void update_bound_cpu(struct task_struct *p)
{
	int cpu = p->stands_on;

	if (cpu < 0 && p->nr_cpus_allowed == 1)
		cpu = (int)find_first_bit(cpumask_bits(&p->cpus_mask), NR_CPUS);
	if (cpu >= 0 && !cpu_online((unsigned int)cpu))
		cpu = -1;
	__atomic_store_n(&p->bound_cpu, cpu, __ATOMIC_RELAXED);
}

static void keep_mask(struct task_struct *p, const struct cpumask *mask)
{
	cpumask_copy(&p->cpus_mask, mask);
	p->nr_cpus_allowed = (int)bitmap_weight(cpumask_bits(mask), NR_CPUS);
	update_bound_cpu(p);
}

/* @mask becomes what the task is allowed, with pi_lock held; the system is told if it runs. */
static int set_cpus_locked(struct task_struct *p, const struct cpumask *mask)
{
	struct cpumask before;
	int ret;

	cpumask_copy(&before, &p->cpus_mask);
	keep_mask(p, mask);
	p->cpus_told = true;
	ret = task_has_thread(p) ? tell(p) : 0;
	if (ret)
		keep_mask(p, &before);
	return ret;
}

/**
 * set_cpus_allowed_ptr - say where a task may run
 * @p: the task; the caller keeps it alive
 * @new_mask: CPUs; with just one, smp_processor_id() of the task is that one
 *
 * CPUs of @new_mask that are not online are used when they come.
 *
 * Context: any.
 * Return: 0; -EINVAL if none of them is online; what the system answered.
 */
int set_cpus_allowed_ptr(struct task_struct *p, const struct cpumask *new_mask)
{
	int saved = errno;
	unsigned long flags;
	int ret = -EINVAL;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	if (cpumask_intersects(new_mask, cpu_online_mask))
		ret = set_cpus_locked(p, new_mask);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	errno = saved;
	return ret;
}
EXPORT_SYMBOL_GPL(set_cpus_allowed_ptr);

/* For kthread_bind(): @mask is kept also if none of it is online, for when one comes. */
void task_bind(struct task_struct *p, const struct cpumask *mask)
{
	int saved = errno;
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	set_cpus_locked(p, mask);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	errno = saved;
}

/* Does the task get its CPUs back, after all of them were away? */
void task_keep_cpus(struct task_struct *p, bool keep)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	p->keeps_cpus = keep;
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
}

/* Of a thread that is about to be made: its CPUs, which it keeps; NULL = all. */
void task_give_cpus(struct task_struct *p, const struct cpumask *mask)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	p->cpus_told = true;
	p->keeps_cpus = mask;
	if (mask)
		keep_mask(p, mask);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
}

/*
 * Of a thread that starts, in that thread: be where the task shall be. A refusal leaves it
 * where its maker was.
 */
void task_take_place(struct task_struct *p)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	update_bound_cpu(p);
	tell(p);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
}

void task_stand_on(int cpu)
{
	struct task_struct *p = current;
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	p->stands_on = cpu;
	update_bound_cpu(p);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
}

static void follow(struct task_struct *p, void *arg)
{
	int gone = *(int *)arg;
	unsigned long flags;

	raw_spin_lock_irqsave(&p->pi_lock, flags);
	if (p->cpus_told) {
		if (gone >= 0 && !p->keeps_cpus && cpumask_test_cpu(gone, &p->cpus_mask) &&
		    !cpumask_intersects(&p->cpus_mask, cpu_online_mask))
			keep_mask(p, cpu_possible_mask);
		update_bound_cpu(p);
		if (task_has_thread(p))
			tell(p);
	}
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
}

void tasks_follow_cpus(int gone)
{
	int saved = errno;

	task_for_each(follow, &gone);
	errno = saved;
}
