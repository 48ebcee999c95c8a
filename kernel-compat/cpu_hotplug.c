// SPDX-License-Identifier: MIT
/*
 * cpu_hotplug.c - CPUs go offline and come online
 *
 * remove_cpu() and add_cpu() take a CPU through the states of linux/cpuhotplug.h, one way
 * or the other. In the middle lies the moment at which it appears or vanishes: the bit in
 * cpu_online_mask changes, smp_processor_id() answers differently, and threads are placed
 * again. A CPU that goes first stops being answered and then stops being online; one that
 * comes is online first. So the answer is an online CPU whenever it is asked for while
 * the set does not change.
 *
 * CPUs that the process may not use any more go the same way, and come back when it may
 * (cpu_allowed.c); those that remove_cpu() took away stay away until add_cpu().
 *
 * Locks: cpu_hotplug_lock for writing, during all of it.
 * Differs from Linux: a removed CPU still works for the rest of the world, and unbound
 * threads of the program may go on running on it; it only is none of ours.
 */
#define KBUILD_MODNAME "uwq"
#include <linux/bug.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/printk.h>

#include "kernel-compat/cpu_internal.h"
#include "kernel-compat/cpuhp_states.h"

static struct cpumask removed;		/* cpu_hotplug_lock: by remove_cpu() */
static int hotplug_disabled;		/* cpu_hotplug_lock */

static int go_down(unsigned int cpu, enum cpuhp_state target, bool undoing);

/* The moment between preparation and callbacks on the CPU, upwards. */
static void appear(unsigned int cpu)
{
	cpumask_set_cpu(cpu, &__cpu_online_mask);
	cpu_translate(cpu_online_mask);
	tasks_follow_cpus(-1);
}

/* The same downwards. */
static void vanish(unsigned int cpu)
{
	struct cpumask rest;

	cpumask_copy(&rest, cpu_online_mask);
	cpumask_clear_cpu((int)cpu, &rest);
	cpu_translate(&rest);
	cpumask_clear_cpu((int)cpu, &__cpu_online_mask);
	tasks_follow_cpus((int)cpu);
}

/*
 * From where the CPU is up to @target. When a callback fails, what was passed is undone,
 * and its answer returned; with @undoing it is only reported.
 */
static int go_up(unsigned int cpu, enum cpuhp_state target, bool undoing)
{
	enum cpuhp_state from = cpuhp_state_of[cpu];
	int ret;

	while (cpuhp_state_of[cpu] < target) {
		enum cpuhp_state state = cpuhp_state_of[cpu] + 1;

		if (state == CPUHP_BRINGUP_CPU)
			appear(cpu);
		else if (state == CPUHP_AP_ACTIVE)
			cpumask_set_cpu(cpu, &__cpu_active_mask);
		ret = cpuhp_call(cpu, state, true);
		if (ret && !undoing) {
			go_down(cpu, from, true);
			return ret;
		}
		WARN(ret, "CPU %u has to stay, but startup of state %d answered %d\n", cpu,
		     (int)state, ret);
		cpuhp_state_of[cpu] = state;
	}
	return 0;
}

/* The same downwards. Once the CPU is not online any more there is no way back. */
static int go_down(unsigned int cpu, enum cpuhp_state target, bool undoing)
{
	enum cpuhp_state from = cpuhp_state_of[cpu];
	int ret;

	while (cpuhp_state_of[cpu] > target) {
		enum cpuhp_state state = cpuhp_state_of[cpu];

		if (state == CPUHP_AP_ACTIVE)
			cpumask_clear_cpu((int)cpu, &__cpu_active_mask);
		else if (state == CPUHP_BRINGUP_CPU)
			vanish(cpu);
		ret = cpuhp_call(cpu, state, false);
		if (ret && !undoing && state > CPUHP_BRINGUP_CPU) {
			go_up(cpu, from, true);
			return ret;
		}
		WARN(ret, "CPU %u has to go, but teardown of state %d answered %d\n", cpu,
		     (int)state, ret);
		cpuhp_state_of[cpu] = state - 1;
	}
	return 0;
}

static bool may_use(unsigned int cpu)
{
	return cpumask_test_cpu(uwq_cpu_to_real((int)cpu), cpu_allowed_reals());
}

static int bring_up(unsigned int cpu)
{
	if (cpu >= nr_cpu_ids || !cpu_possible(cpu) || !may_use(cpu))
		return -EINVAL;
	if (hotplug_disabled)
		return -EBUSY;
	if (cpu_online(cpu))
		return 1;
	return go_up(cpu, CPUHP_ONLINE, false);
}

static int take_down(unsigned int cpu)
{
	if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return -EINVAL;
	if (hotplug_disabled)
		return -EBUSY;
	if (!cpu_online(cpu))
		return 1;
	if (num_online_cpus() == 1)
		return -EBUSY;
	return go_down(cpu, CPUHP_OFFLINE, false);
}

/**
 * add_cpu - bring a CPU online
 * @cpu: CPU
 *
 * Context: May sleep; not from a hotplug callback, nor with cpus_read_lock() held.
 * Return: 0; 1: it is online already; -EINVAL: there is no such CPU, or the process may
 * not use it; -EBUSY: switched off by cpu_hotplug_disable(); or what a callback said.
 */
int add_cpu(unsigned int cpu)
{
	int ret;

	cpus_write_lock();
	ret = bring_up(cpu);
	if (ret >= 0)
		cpumask_clear_cpu((int)cpu, &removed);
	cpus_write_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(add_cpu);

/**
 * remove_cpu - take a CPU offline
 * @cpu: CPU
 *
 * Threads that are bound to it run elsewhere afterwards; what is queued on it is served.
 *
 * Context: as add_cpu().
 * Return: 0; 1: it is offline already; -EBUSY: it is the last one; else as add_cpu().
 */
int remove_cpu(unsigned int cpu)
{
	int ret;

	cpus_write_lock();
	ret = take_down(cpu);
	if (ret >= 0)
		cpumask_set_cpu(cpu, &removed);
	cpus_write_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(remove_cpu);

/* add_cpu() and remove_cpu() answer -EBUSY until cpu_hotplug_enable(). They nest. May sleep. */
void cpu_hotplug_disable(void)
{
	cpus_write_lock();
	hotplug_disabled++;
	cpus_write_unlock();
}
EXPORT_SYMBOL_GPL(cpu_hotplug_disable);

void cpu_hotplug_enable(void)
{
	cpus_write_lock();
	if (!WARN(!hotplug_disabled, "cpu_hotplug_enable() without cpu_hotplug_disable()\n"))
		hotplug_disabled--;
	cpus_write_unlock();
}
EXPORT_SYMBOL_GPL(cpu_hotplug_enable);

/* Which of ours should be online, now that the process may use other CPUs? */
static void wanted_cpus(struct cpumask *want)
{
	unsigned int cpu;

	cpumask_clear(want);
	for_each_possible_cpu(cpu)
		if (may_use(cpu) && !cpumask_test_cpu((int)cpu, &removed))
			cpumask_set_cpu(cpu, want);
	if (!cpumask_empty(want))
		return;
	/* only removed ones are left to us: the system's word is the stronger one */
	for_each_possible_cpu(cpu)
		if (may_use(cpu))
			cpumask_set_cpu(cpu, want);
	cpumask_andnot(&removed, &removed, want);
}

static int become(const struct cpumask *want)
{
	unsigned int cpu;
	int ret, failed = 0;

	for_each_cpu_andnot(cpu, want, cpu_online_mask) {
		ret = go_up(cpu, CPUHP_ONLINE, false);
		failed = failed ? failed : ret;
	}
	for_each_cpu_andnot(cpu, cpu_online_mask, want) {
		if (num_online_cpus() == 1)
			break;
		ret = go_down(cpu, CPUHP_OFFLINE, false);
		failed = failed ? failed : ret;
	}
	return failed;
}

int cpu_follow_allowed(const struct cpumask *allowed)
{
	struct cpumask want;
	int ret = 0;

	cpus_write_lock();
	if (!cpumask_equal(allowed, cpu_allowed_reals())) {
		cpu_allow_reals(allowed);
		wanted_cpus(&want);
		if (!cpumask_empty(&want))
			ret = become(&want);
		cpu_translate(cpu_online_mask);
		tasks_follow_cpus(-1);
		ret = ret ? ret : 1;
	}
	cpus_write_unlock();
	return ret;
}
