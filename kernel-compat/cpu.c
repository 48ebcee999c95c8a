// SPDX-License-Identifier: MIT
/*
 * cpu.c - which CPUs there are
 *
 * CPU numbers are the machine's, so that they mean the same to every tool.
 * Possible are those that the machine may ever have, online those that this
 * process may use (its affinity mask at start).
 *
 * uwq.nr_cpus=N (UWQ_CMDLINE, or uwq run --cpus N) gives N virtual CPUs instead,
 * numbered from 0, all online, laid round robin on the real ones that the
 * process may use. Code that needs CPU 3 then works on a machine of two.
 *
 * All masks are set by a constructor, before anybody looks, and read-only
 * afterwards. Locks: cpu_hotplug_lock, for those who want the set to stay.
 *
 * Differs from Linux: no hotplug; a change of the process's affinity later on
 * is not noticed.
 */
#define _GNU_SOURCE
#define KBUILD_MODNAME "uwq"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/rwsem.h>
#include <linux/smp.h>

#include "kernel-compat/cpu_internal.h"

unsigned int nr_cpu_ids = NR_CPUS;

struct cpumask __cpu_possible_mask, __cpu_online_mask, __cpu_present_mask, __cpu_active_mask;

unsigned short uwq_cpu_of_real[NR_CPUS];
static unsigned short real_of_cpu[NR_CPUS];	/* I */

static unsigned int wanted_cpus;	/* I: 0 = those of the machine */
module_param_named(nr_cpus, wanted_cpus, uint, 0444);
MODULE_PARM_DESC(nr_cpus, "number of virtual CPUs (default: the machine's own CPUs)");

static DECLARE_RWSEM(cpu_hotplug_lock);

/* The CPUs that the process may use; false: the system does not say. */
static bool read_allowed(struct cpumask *allowed)
{
	cpu_set_t *set = CPU_ALLOC(NR_CPUS);
	size_t size = CPU_ALLOC_SIZE(NR_CPUS);
	int cpu;

	cpumask_clear(allowed);
	if (!set)
		return false;
	if (sched_getaffinity(0, size, set) == 0)
		for (cpu = 0; cpu < NR_CPUS; cpu++)
			if (CPU_ISSET_S(cpu, size, set))
				cpumask_set_cpu((unsigned int)cpu, allowed);
	CPU_FREE(set);
	return !cpumask_empty(allowed);
}

bool read_cpulist(const char *path, struct cpumask *mask)
{
	FILE *file = fopen(path, "re");
	unsigned int from, to, cpu;
	int sep = ',';

	cpumask_clear(mask);
	if (!file)
		return false;
	while (sep == ',' && fscanf(file, "%u", &from) == 1) {
		to = from;
		sep = fgetc(file);
		if (sep == '-' && fscanf(file, "%u", &to) == 1)
			sep = fgetc(file);
		for (cpu = from; cpu <= to && cpu < NR_CPUS; cpu++)
			cpumask_set_cpu(cpu, mask);
	}
	fclose(file);
	return !cpumask_empty(mask);
}

static void use_real_cpus(const struct cpumask *allowed)
{
	unsigned int cpu;

	if (!read_cpulist("/sys/devices/system/cpu/possible", &__cpu_possible_mask))
		cpumask_copy(&__cpu_possible_mask, allowed);
	if (!read_cpulist("/sys/devices/system/cpu/present", &__cpu_present_mask))
		cpumask_copy(&__cpu_present_mask, &__cpu_possible_mask);
	/* What we run on exists, whatever the files say. */
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		if (!cpumask_test_cpu(cpu, allowed))
			continue;
		cpumask_set_cpu(cpu, &__cpu_possible_mask);
		cpumask_set_cpu(cpu, &__cpu_present_mask);
		cpumask_set_cpu(cpu, &__cpu_online_mask);
		cpumask_set_cpu(cpu, &__cpu_active_mask);
	}
	nr_cpu_ids = 0;
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		if (cpumask_test_cpu(cpu, &__cpu_possible_mask))
			nr_cpu_ids = cpu + 1;
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		real_of_cpu[cpu] = (unsigned short)cpu;
		uwq_cpu_of_real[cpu] = (unsigned short)(cpu % nr_cpu_ids);
	}
}

static void use_virtual_cpus(const struct cpumask *allowed, unsigned int nr)
{
	unsigned short reals[NR_CPUS];
	unsigned int cpu, nr_reals = 0;

	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		uwq_cpu_of_real[cpu] = (unsigned short)(cpu % nr);
		if (cpumask_test_cpu(cpu, allowed)) {
			uwq_cpu_of_real[cpu] = (unsigned short)(nr_reals % nr);
			reals[nr_reals++] = (unsigned short)cpu;
		}
	}
	for (cpu = 0; cpu < nr; cpu++) {
		real_of_cpu[cpu] = reals[cpu % nr_reals];
		cpumask_set_cpu(cpu, &__cpu_possible_mask);
	}
	cpumask_copy(&__cpu_present_mask, &__cpu_possible_mask);
	cpumask_copy(&__cpu_online_mask, &__cpu_possible_mask);
	cpumask_copy(&__cpu_active_mask, &__cpu_possible_mask);
	nr_cpu_ids = nr;
}

static void __attribute__((constructor(102))) find_cpus(void)
{
	static struct cpumask allowed;

	if (!read_allowed(&allowed))
		cpumask_set_cpu(0, &allowed);
	if (wanted_cpus > NR_CPUS) {
		pr_warn("uwq.nr_cpus=%u: at most %d are possible, using that\n", wanted_cpus,
			NR_CPUS);
		wanted_cpus = NR_CPUS;
	}
	if (wanted_cpus)
		use_virtual_cpus(&allowed, wanted_cpus);
	else
		use_real_cpus(&allowed);
	topology_init_nodes();
}

int uwq_ask_cpu(void)
{
	int cpu = sched_getcpu();

	return cpu >= 0 && cpu < NR_CPUS ? uwq_cpu_of_real[cpu] : 0;
}

bool running_on_one_of(const struct cpumask *cpus)
{
	int real = sched_getcpu();
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		if (real_of_cpu[cpu] == real)
			return true;
	return real < 0;
}

int uwq_cpu_to_real(int cpu)
{
	if (cpu < 0 || (unsigned int)cpu >= nr_cpu_ids)
		return -1;
	return real_of_cpu[cpu];
}

/**
 * cpus_read_lock - keep the set of online CPUs as it is
 *
 * Context: May sleep.
 */
void cpus_read_lock(void)
{
	down_read(&cpu_hotplug_lock);
}
EXPORT_SYMBOL_GPL(cpus_read_lock);

/* Return: 1 if taken, else 0; does not sleep. */
int cpus_read_trylock(void)
{
	return down_read_trylock(&cpu_hotplug_lock);
}
EXPORT_SYMBOL_GPL(cpus_read_trylock);

void cpus_read_unlock(void)
{
	up_read(&cpu_hotplug_lock);
}
EXPORT_SYMBOL_GPL(cpus_read_unlock);

/* For those who want everybody in cpus_read_lock() to be gone. Context: May sleep. */
void cpus_write_lock(void)
{
	down_write(&cpu_hotplug_lock);
}

void cpus_write_unlock(void)
{
	up_write(&cpu_hotplug_lock);
}

void lockdep_assert_cpus_held(void)
{
	lockdep_assert_held(&cpu_hotplug_lock);
}
EXPORT_SYMBOL_GPL(lockdep_assert_cpus_held);
