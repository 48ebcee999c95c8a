/* SPDX-License-Identifier: MIT */
/*
 * topology.h - which CPUs share a core, a cache, a package, a memory node
 *
 * Read from the system once (kernel-compat/topology.c). What a
 * container hides degrades: without nodes all CPUs are in node 0, without
 * caches those of a package share one, without cores each CPU is one.
 * Virtual CPUs have the place of the machine's CPU that they run on.
 */
#ifndef UWQ_LINUX_TOPOLOGY_H
#define UWQ_LINUX_TOPOLOGY_H

#include <linux/types.h>
#include <linux/cpumask.h>
#include <linux/numa.h>
#include <linux/smp.h>
#include <uwq/api.h>

#define LOCAL_DISTANCE		10
#define REMOTE_DISTANCE		20

UWQ_API_BEGIN

int cpu_to_node(int cpu);
const struct cpumask *cpumask_of_node(int node);	/* possible CPUs; empty if none */
int node_distance(int from, int to);

int topology_physical_package_id(int cpu);
int topology_die_id(int cpu);		/* -1: not known */
int topology_cluster_id(int cpu);	/* -1: not known */
int topology_core_id(int cpu);

const struct cpumask *topology_sibling_cpumask(int cpu);	/* same core */
const struct cpumask *topology_cluster_cpumask(int cpu);
const struct cpumask *topology_die_cpumask(int cpu);
const struct cpumask *topology_core_cpumask(int cpu);		/* same package */
const struct cpumask *cpu_coregroup_mask(int cpu);		/* same last-level cache */
bool cpus_share_cache(int this_cpu, int that_cpu);

UWQ_API_END

static inline const struct cpumask *cpu_smt_mask(int cpu)
{
	return topology_sibling_cpumask(cpu);
}

static inline const struct cpumask *cpu_cpu_mask(int cpu)
{
	return cpumask_of_node(cpu_to_node(cpu));
}

static inline int numa_node_id(void)
{
	return cpu_to_node(raw_smp_processor_id());
}

/* Every node has memory, or nobody knows better. */
static inline int cpu_to_mem(int cpu)
{
	return cpu_to_node(cpu);
}

static inline int numa_mem_id(void)
{
	return numa_node_id();
}

#endif
