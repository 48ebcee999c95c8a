// SPDX-License-Identifier: MIT
/*
 * topology.c - which CPUs share what, read from sysfs
 *
 * Each possible CPU has a place (cpu_internal.h); CPUs with equal numbers
 * in it share that thing. All is read and computed on the first question and
 * read-only afterwards. Files that are missing or make no sense leave -1 in the place, and
 * -1 degrades: see complete().
 *
 * Locks: topology_lock, for the first question; innermost.
 * Differs from Linux: no change at run time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/export.h>
#include <linux/nodemask.h>
#include <linux/topology.h>
#include <uwq/cpu.h>

#include "kernel-compat/cpu_internal.h"
#include "kernel-compat/fork.h"
#include "kernel-compat/futex_lock.h"

unsigned int nr_node_ids = 1;
nodemask_t node_states[NR_NODE_STATES] = {
	[N_POSSIBLE] = { { 1 } },
	[N_ONLINE] = { { 1 } },
	[N_MEMORY] = { { 1 } },
	[N_NORMAL_MEMORY] = { { 1 } },
	[N_CPU] = { { 1 } },
};

/* Deeper cache hierarchies than this are not looked at */
#define MAX_CACHES	16

static struct futex_lock topology_lock = FUTEX_LOCK_INIT;
static bool topology_known;	/* A: what follows was read, and does not change any more */

static struct cpu_place places[NR_CPUS];
static struct cpumask same_core[NR_CPUS], same_cluster[NR_CPUS], same_die[NR_CPUS];
static struct cpumask same_package[NR_CPUS], same_cache[NR_CPUS];
static struct cpumask cpus_of_node[MAX_NUMNODES];
static unsigned char distances[MAX_NUMNODES][MAX_NUMNODES];

/* The first number in a file; for "Unified" and the like the first letter. -1: none. */
static int read_first(const char *path)
{
	FILE *file = fopen(path, "re");
	int value = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = fgetc(file);
	fclose(file);
	return value;
}

static int cpu_file(int real, const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/%s", real, name);
	return read_first(path);
}

/* Who shares the cache that is farthest from CPU @real? Named by its first CPU. */
static int read_cache(int real)
{
	int index, farthest = 0, first = -1;
	char name[64];

	for (index = 0; index < MAX_CACHES; index++) {
		int level, type;

		snprintf(name, sizeof(name), "cache/index%d/level", index);
		level = cpu_file(real, name);
		if (level < 0)
			break;
		snprintf(name, sizeof(name), "cache/index%d/type", index);
		type = cpu_file(real, name);
		if (type == 'I' || level < farthest)
			continue;
		snprintf(name, sizeof(name), "cache/index%d/shared_cpu_list", index);
		farthest = level;
		first = cpu_file(real, name);
	}
	return first;
}

static void read_place(int real, struct cpu_place *place)
{
	place->package = cpu_file(real, "topology/physical_package_id");
	place->die = cpu_file(real, "topology/die_id");
	place->cluster = cpu_file(real, "topology/cluster_id");
	place->core = cpu_file(real, "topology/core_id");
	place->cache = read_cache(real);
	place->node = -1;
}

static void read_nodes(void)
{
	static struct cpumask reals;	/* topology_lock */
	int node, cpu;

	for (node = 0; node < MAX_NUMNODES; node++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/cpulist", node);
		if (!read_cpulist(path, &reals))
			continue;
		for_each_possible_cpu(cpu)
			if (cpumask_test_cpu((unsigned int)uwq_cpu_to_real(cpu), &reals))
				places[cpu].node = node;
	}
}

/* What is not known, but has to be something. */
static void complete(int cpu, struct cpu_place *place)
{
	if (place->node < 0 || place->node >= MAX_NUMNODES)
		place->node = 0;
	if (place->package < 0)
		place->package = 0;
	if (place->core < 0)
		place->core = cpu;
}

static bool in_package(const struct cpu_place *a, const struct cpu_place *b)
{
	return a->package == b->package;
}

static bool in_die(const struct cpu_place *a, const struct cpu_place *b)
{
	return in_package(a, b) && a->die == b->die;
}

static bool in_core(const struct cpu_place *a, const struct cpu_place *b)
{
	return in_die(a, b) && a->core == b->core;
}

/* A CPU whose cluster is not known is in that of its core. */
static bool in_cluster(const struct cpu_place *a, const struct cpu_place *b)
{
	if (a->cluster < 0 || b->cluster < 0)
		return in_core(a, b);
	return in_die(a, b) && a->cluster == b->cluster;
}

/* Caches that are not known count as one per package and node. */
static bool in_cache(const struct cpu_place *a, const struct cpu_place *b)
{
	if (a->cache < 0 || b->cache < 0)
		return in_package(a, b) && a->node == b->node && a->cache == b->cache;
	return a->cache == b->cache;
}

static void mark_if(bool shared, struct cpumask *mask, int cpu)
{
	if (shared)
		cpumask_set_cpu((unsigned int)cpu, mask);
	else
		cpumask_clear_cpu((unsigned int)cpu, mask);
}

static void compute_masks(void)
{
	int a, b;

	memset(cpus_of_node, 0, sizeof(cpus_of_node));
	for_each_possible_cpu(a) {
		cpumask_set_cpu((unsigned int)a, &cpus_of_node[places[a].node]);
		for_each_possible_cpu(b) {
			mark_if(in_core(&places[a], &places[b]), &same_core[a], b);
			mark_if(in_cluster(&places[a], &places[b]), &same_cluster[a], b);
			mark_if(in_die(&places[a], &places[b]), &same_die[a], b);
			mark_if(in_package(&places[a], &places[b]), &same_package[a], b);
			mark_if(in_cache(&places[a], &places[b]), &same_cache[a], b);
		}
	}
}

static void read_distances(void)
{
	int from, to, distance;

	for (from = 0; from < MAX_NUMNODES; from++) {
		char path[64];
		FILE *file;

		for (to = 0; to < MAX_NUMNODES; to++)
			distances[from][to] = from == to ? LOCAL_DISTANCE : REMOTE_DISTANCE;
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/distance", from);
		file = fopen(path, "re");
		if (!file)
			continue;
		/* A number for each online node: right as long as none below is offline. */
		for (to = 0; to < MAX_NUMNODES && fscanf(file, "%d", &distance) == 1; to++)
			if (distance > 0 && distance < 256)
				distances[from][to] = (unsigned char)distance;
		fclose(file);
	}
}

/* Nodes are few, and their masks are variables that anybody may look at at any time. */
void topology_init_nodes(void)
{
	static const char *const files[NR_NODE_STATES] = {
		[N_POSSIBLE] = "possible",
		[N_ONLINE] = "online",
		[N_NORMAL_MEMORY] = "has_normal_memory",
		[N_MEMORY] = "has_memory",
		[N_CPU] = "has_cpu",
	};
	static struct cpumask list;
	int state, node;

	for (state = 0; state < NR_NODE_STATES; state++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/devices/system/node/%s", files[state]);
		if (!read_cpulist(path, &list))
			continue;
		nodes_clear(node_states[state]);
		for (node = 0; node < MAX_NUMNODES; node++)
			if (cpumask_test_cpu((unsigned int)node, &list))
				node_set(node, node_states[state]);
	}
	for (node = 0; node < MAX_NUMNODES; node++)
		if (node_isset(node, node_states[N_POSSIBLE]))
			nr_node_ids = (unsigned int)node + 1;
}

static void read_topology(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		read_place(uwq_cpu_to_real(cpu), &places[cpu]);
	read_nodes();
	for_each_possible_cpu(cpu)
		complete(cpu, &places[cpu]);
	compute_masks();
	read_distances();
}

/* On the first question, because large machines have thousands of files to read. */
static void need_topology(void)
{
	if (__atomic_load_n(&topology_known, __ATOMIC_ACQUIRE))
		return;
	futex_lock(&topology_lock);
	if (!__atomic_load_n(&topology_known, __ATOMIC_RELAXED)) {
		read_topology();
		__atomic_store_n(&topology_known, true, __ATOMIC_RELEASE);
	}
	futex_unlock(&topology_lock);
}

#ifdef UWQ_TEST
void uwq_test_topology(const struct cpu_place *wanted)
{
	int cpu;

	futex_lock(&topology_lock);
	if (wanted) {
		for_each_possible_cpu(cpu) {
			places[cpu] = wanted[cpu];
			complete(cpu, &places[cpu]);
			node_set(places[cpu].node, node_states[N_POSSIBLE]);
			node_set(places[cpu].node, node_states[N_ONLINE]);
			node_set(places[cpu].node, node_states[N_CPU]);
			if ((unsigned int)places[cpu].node >= nr_node_ids)
				nr_node_ids = (unsigned int)places[cpu].node + 1;
		}
		compute_masks();
		read_distances();
	} else {
		read_topology();
	}
	__atomic_store_n(&topology_known, true, __ATOMIC_RELEASE);
	futex_unlock(&topology_lock);
}
#endif

static const struct cpumask no_cpus;

/* Can it be asked about? */
static bool is_cpu(int cpu)
{
	need_topology();
	return cpu >= 0 && (unsigned int)cpu < nr_cpu_ids;
}

/* The node of a possible CPU; NUMA_NO_NODE for anything else. */
int cpu_to_node(int cpu)
{
	return is_cpu(cpu) ? places[cpu].node : NUMA_NO_NODE;
}
EXPORT_SYMBOL(cpu_to_node);

const struct cpumask *cpumask_of_node(int node)
{
	need_topology();
	if (node == NUMA_NO_NODE)
		return cpu_possible_mask;
	return node >= 0 && node < MAX_NUMNODES ? &cpus_of_node[node] : &no_cpus;
}
EXPORT_SYMBOL(cpumask_of_node);

int node_distance(int from, int to)
{
	need_topology();
	if (from < 0 || from >= MAX_NUMNODES || to < 0 || to >= MAX_NUMNODES)
		return from == to ? LOCAL_DISTANCE : REMOTE_DISTANCE;
	return distances[from][to];
}
EXPORT_SYMBOL(node_distance);

int topology_physical_package_id(int cpu)
{
	return is_cpu(cpu) ? places[cpu].package : -1;
}
EXPORT_SYMBOL_GPL(topology_physical_package_id);

int topology_die_id(int cpu)
{
	return is_cpu(cpu) ? places[cpu].die : -1;
}

int topology_cluster_id(int cpu)
{
	return is_cpu(cpu) ? places[cpu].cluster : -1;
}

int topology_core_id(int cpu)
{
	return is_cpu(cpu) ? places[cpu].core : -1;
}
EXPORT_SYMBOL_GPL(topology_core_id);

const struct cpumask *topology_sibling_cpumask(int cpu)
{
	return is_cpu(cpu) ? &same_core[cpu] : &no_cpus;
}
EXPORT_SYMBOL_GPL(topology_sibling_cpumask);

const struct cpumask *topology_cluster_cpumask(int cpu)
{
	return is_cpu(cpu) ? &same_cluster[cpu] : &no_cpus;
}

const struct cpumask *topology_die_cpumask(int cpu)
{
	return is_cpu(cpu) ? &same_die[cpu] : &no_cpus;
}

const struct cpumask *topology_core_cpumask(int cpu)
{
	return is_cpu(cpu) ? &same_package[cpu] : &no_cpus;
}

const struct cpumask *cpu_coregroup_mask(int cpu)
{
	return is_cpu(cpu) ? &same_cache[cpu] : &no_cpus;
}

bool cpus_share_cache(int this_cpu, int that_cpu)
{
	return is_cpu(this_cpu) && is_cpu(that_cpu) &&
	       in_cache(&places[this_cpu], &places[that_cpu]);
}

void topology_fork(enum fork_step step)
{
	fork_step_lock(&topology_lock, step);
}
