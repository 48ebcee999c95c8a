/* SPDX-License-Identifier: MIT */
/*
 * cpu_internal.h - reading lists of CPUs, and a topology that tests invent
 */
#ifndef UWQ_KERNEL_COMPAT_CPU_INTERNAL_H
#define UWQ_KERNEL_COMPAT_CPU_INTERNAL_H

#include <linux/cpumask.h>

/*
 * A file with a list such as "0-3,8"; numbers that do not fit are left out.
 * False: there is no such file, or the list is empty.
 */
bool read_cpulist(const char *path, struct cpumask *mask);

/* Is the machine's CPU that this thread runs on one of those that @cpus stand for? */
bool running_on_one_of(const struct cpumask *cpus);

/* Fill node_states; called once, by the constructor of cpu.c. */
void topology_init_nodes(void);

/* Numbers as the system has them; -1: not known. */
struct cpu_place {
	int node;
	int package;
	int die;
	int cluster;
	int core;	/* within the die */
	int cache;	/* first CPU that shares the last-level cache */
};

#ifdef UWQ_TEST
/*
 * Pretend: @places[cpu] for each possible CPU; NULL reads the real ones again.
 * While nobody else looks at the topology.
 */
void uwq_test_topology(const struct cpu_place *places);
#endif

#endif
