// SPDX-License-Identifier: MIT
/*
 * cpu.c - which CPUs there are, and how ours lie on the machine's
 *
 * CPU numbers are the machine's, so that they mean the same to every tool.
 * Possible are those that the machine may ever have, online those that this
 * process may use: its affinity mask at start, and what becomes of it
 * (cpu_allowed.c).
 *
 * uwq.nr_cpus=N (UWQ_CMDLINE, or uwq run --cpus N) gives N virtual CPUs instead,
 * numbered from 0, all online, laid round robin on the real ones that the
 * process may use. Code that needs CPU 3 then works on a machine of two.
 *
 * A constructor sets everything before anybody looks. Later the online and active
 * masks change a bit at a time (cpu_hotplug.c), and the two tables that translate
 * numbers an entry at a time, so that readers need no lock: what they get was true
 * a moment ago.
 *
 * Locks: cpu_hotplug_lock: reading keeps the set as it is, writing may change it.
 *
 * Differs from Linux: online means usable by this process, not by the machine.
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

#include "kernel-compat/fork.h"
#include "kernel-compat/cpu_internal.h"

unsigned int nr_cpu_ids = NR_CPUS;

struct cpumask __cpu_possible_mask, __cpu_online_mask, __cpu_present_mask, __cpu_active_mask;

unsigned short uwq_cpu_of_real[NR_CPUS];	/* A: always an online one of ours */
static unsigned short real_of_cpu[NR_CPUS];	/* A: changes under cpus_write_lock() */
static unsigned short home_of_real[NR_CPUS];	/* cpus_write_lock(): what it means while online */
static struct cpumask allowed_reals;		/* A: the machine's CPUs that we may use */

static unsigned int wanted_cpus;	/* I: 0 = those of the machine */
module_param_named(nr_cpus, wanted_cpus, uint, 0444);
MODULE_PARM_DESC(nr_cpus, "number of virtual CPUs (default: the machine's own CPUs)");

static DECLARE_RWSEM(cpu_hotplug_lock);
/* How this thread holds it: so many times for reading, or -1 for writing. */
static __thread int hotplug_held __attribute__((__tls_model__("initial-exec")));

/* Where thread @tid may run; false: the system does not say. */
bool read_affinity(pid_t tid, struct cpumask *mask)
{
	cpu_set_t set;
	unsigned int cpu;

	cpumask_clear(mask);
	CPU_ZERO(&set);
	if (sched_getaffinity(tid, sizeof(set), &set) < 0)
		return false;
	for (cpu = 0; cpu < NR_CPUS && cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			cpumask_set_cpu(cpu, mask);
	return !cpumask_empty(mask);
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

/* ---- how our CPUs lie on the machine's ---- */

/* The CPU of ours that a thread on @real is on. */
static unsigned int choose_cpu(unsigned int real, const struct cpumask *online)
{
	unsigned int cpu, nr = cpumask_weight(online);

	if (cpumask_test_cpu(home_of_real[real], online))
		return home_of_real[real];
	for_each_cpu(cpu, online)
		if (real_of_cpu[cpu] == real)
			return cpu;
	return cpumask_nth(real % nr, online);
}

void cpu_translate(const struct cpumask *online)
{
	unsigned int real;

	for (real = 0; real < NR_CPUS; real++)
		__atomic_store_n(&uwq_cpu_of_real[real],
				 (unsigned short)choose_cpu(real, online), __ATOMIC_RELAXED);
}

static void lay_real_cpus(void)
{
	unsigned int cpu;

	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		__atomic_store_n(&real_of_cpu[cpu], (unsigned short)cpu, __ATOMIC_RELAXED);
		home_of_real[cpu] = (unsigned short)(cpu % nr_cpu_ids);
	}
}

static void lay_virtual_cpus(const struct cpumask *allowed)
{
	unsigned short reals[NR_CPUS];
	unsigned int cpu, nr_reals = 0;

	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		home_of_real[cpu] = (unsigned short)(cpu % nr_cpu_ids);
		if (test_bit(cpu, cpumask_bits(allowed))) {
			home_of_real[cpu] = (unsigned short)(nr_reals % nr_cpu_ids);
			reals[nr_reals++] = (unsigned short)cpu;
		}
	}
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		__atomic_store_n(&real_of_cpu[cpu], reals[cpu % nr_reals], __ATOMIC_RELAXED);
}

bool cpu_is_virtual(void)
{
	return wanted_cpus;
}

void cpu_allow_reals(const struct cpumask *allowed)
{
	unsigned int real;

	for (real = 0; real < NR_CPUS; real++)
		cpumask_assign_cpu((int)real, &allowed_reals, cpumask_test_cpu((int)real, allowed));
	if (cpu_is_virtual())
		lay_virtual_cpus(allowed);
	else
		lay_real_cpus();
}

const struct cpumask *cpu_allowed_reals(void)
{
	return &allowed_reals;
}

/* ---- at start ---- */

static void find_real_cpus(const struct cpumask *allowed)
{
	unsigned int cpu;

	if (!read_cpulist("/sys/devices/system/cpu/possible", &__cpu_possible_mask))
		cpumask_copy(&__cpu_possible_mask, allowed);
	if (!read_cpulist("/sys/devices/system/cpu/present", &__cpu_present_mask))
		cpumask_copy(&__cpu_present_mask, &__cpu_possible_mask);
	/* What we run on exists, whatever the files say. */
	cpumask_or(&__cpu_possible_mask, &__cpu_possible_mask, allowed);
	cpumask_or(&__cpu_present_mask, &__cpu_present_mask, allowed);
	cpumask_copy(&__cpu_online_mask, allowed);
	nr_cpu_ids = 0;
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		if (cpumask_test_cpu((int)cpu, &__cpu_possible_mask))
			nr_cpu_ids = cpu + 1;
}

static void make_virtual_cpus(unsigned int nr)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr; cpu++)
		cpumask_set_cpu(cpu, &__cpu_possible_mask);
	cpumask_copy(&__cpu_present_mask, &__cpu_possible_mask);
	cpumask_copy(&__cpu_online_mask, &__cpu_possible_mask);
	nr_cpu_ids = nr;
}

static void __attribute__((constructor(102))) find_cpus(void)
{
	static struct cpumask allowed;

	if (!read_affinity(0, &allowed))
		cpumask_set_cpu(0, &allowed);
	if (wanted_cpus > NR_CPUS) {
		pr_warn("uwq.nr_cpus=%u: at most %d are possible, using that\n", wanted_cpus,
			NR_CPUS);
		wanted_cpus = NR_CPUS;
	}
	if (wanted_cpus)
		make_virtual_cpus(wanted_cpus);
	else
		find_real_cpus(&allowed);
	cpumask_copy(&__cpu_active_mask, &__cpu_online_mask);
	cpu_allow_reals(&allowed);
	cpu_translate(cpu_online_mask);
	topology_init_nodes();
}

int uwq_ask_cpu(void)
{
	int cpu = sched_getcpu();

	if (cpu < 0 || cpu >= NR_CPUS)
		cpu = 0;
	return __atomic_load_n(&uwq_cpu_of_real[cpu], __ATOMIC_RELAXED);
}

bool running_on_one_of(const struct cpumask *cpus)
{
	int real = sched_getcpu();
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		if (uwq_cpu_to_real((int)cpu) == real)
			return true;
	return real < 0;
}

/**
 * uwq_cpu_to_real - the machine's CPU that a CPU of ours runs on
 * @cpu: number of ours
 *
 * Context: Any.
 * Return: the same number, unless uwq.nr_cpus asked for virtual CPUs; -1: there is no such CPU.
 */
int uwq_cpu_to_real(int cpu)
{
	if (cpu < 0 || (unsigned int)cpu >= nr_cpu_ids)
		return -1;
	return __atomic_load_n(&real_of_cpu[cpu], __ATOMIC_RELAXED);
}

/**
 * cpus_read_lock - keep the set of online CPUs as it is
 *
 * Context: May sleep.
 */
void cpus_read_lock(void)
{
	down_read(&cpu_hotplug_lock);
	hotplug_held++;
}
EXPORT_SYMBOL_GPL(cpus_read_lock);

/* Return: 1 if taken, else 0; does not sleep. */
int cpus_read_trylock(void)
{
	int taken = down_read_trylock(&cpu_hotplug_lock);

	hotplug_held += taken;
	return taken;
}
EXPORT_SYMBOL_GPL(cpus_read_trylock);

void cpus_read_unlock(void)
{
	hotplug_held--;
	up_read(&cpu_hotplug_lock);
}
EXPORT_SYMBOL_GPL(cpus_read_unlock);

/* For those who want everybody in cpus_read_lock() to be gone. Context: May sleep. */
void cpus_write_lock(void)
{
	down_write(&cpu_hotplug_lock);
	hotplug_held = -1;
}

void cpus_write_unlock(void)
{
	hotplug_held = 0;
	up_write(&cpu_hotplug_lock);
}

void lockdep_assert_cpus_held(void)
{
	lockdep_assert_held(&cpu_hotplug_lock);
}
EXPORT_SYMBOL_GPL(lockdep_assert_cpus_held);

/*
 * Not waited for: functions of the user's run under it. In the child only this thread may
 * hold it; a change of CPUs that another had begun stays where it was.
 */
void cpu_fork(enum fork_step step)
{
	if (step != FORK_CHILD)
		return;
	init_rwsem(&cpu_hotplug_lock);
	cpu_hotplug_lock.count = hotplug_held;
}
