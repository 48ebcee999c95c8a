// SPDX-License-Identifier: MIT
/*
 * pod.c - groups of CPUs that unbound queues keep their items in
 *
 * An affinity scope says which CPUs belong together: the threads of a core, the CPUs
 * of a last-level cache or of a part of it, of a memory node, or all. Each scope
 * divides the possible CPUs into pods. An unbound queue has one pwq for each pod of
 * its scope, so that an item is run near the CPU that queued it.
 *
 * Until the topology has been read every scope has a single pod. It is read when an
 * unbound queue is made or the first thread is started, not by linking the library:
 * a large machine has thousands of files to read.
 *
 * Locks: wq_pool_mutex for all that is here.
 */
#define KBUILD_MODNAME "workqueue"
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "workqueue/pod.h"
#include "workqueue/workqueue_internal.h"

static const char *const scope_names[WQ_AFFN_NR_TYPES] = {
	[WQ_AFFN_DFL]		= "default",
	[WQ_AFFN_CPU]		= "cpu",
	[WQ_AFFN_SMT]		= "smt",
	[WQ_AFFN_CACHE]		= "cache",
	[WQ_AFFN_CACHE_SHARD]	= "cache_shard",
	[WQ_AFFN_NUMA]		= "numa",
	[WQ_AFFN_SYSTEM]	= "system",
};

static enum wq_affn_scope default_scope = WQ_AFFN_CACHE_SHARD;	/* M */
static struct wq_pod_type pod_types[WQ_AFFN_NR_TYPES];		/* M: nr_pods 0 = not known */
static bool topology_read;					/* A: stored under M */

static unsigned int cache_shard_size = 8;	/* I */
module_param(cache_shard_size, uint, 0444);
MODULE_PARM_DESC(cache_shard_size, "cores that a part of a last-level cache has (default 8)");

/* ---- names of scopes ---- */

/* The scope of that name, with or without a newline behind it; -EINVAL: there is none. */
int parse_affn_scope(const char *name)
{
	int scope;

	for (scope = 0; scope < WQ_AFFN_NR_TYPES; scope++)
		if (sysfs_streq(name, scope_names[scope]))
			return scope;
	return -EINVAL;
}

const char *affn_scope_name(enum wq_affn_scope scope)
{
	return scope_names[scope];
}

/* The scope that WQ_AFFN_DFL stands for. wq_pool_mutex held. */
enum wq_affn_scope wq_default_scope(void)
{
	return default_scope;
}

/* workqueue.default_affinity_scope: queues that have not chosen for themselves follow. */
static int set_default_scope(const char *val, const struct kernel_param *kp)
{
	int scope = val ? parse_affn_scope(val) : -EINVAL;

	(void)kp;
	if (scope <= WQ_AFFN_DFL)
		return -EINVAL;
	if (!__atomic_load_n(&topology_read, __ATOMIC_ACQUIRE)) {
		default_scope = scope;
		return 0;
	}
	mutex_lock(&wq_pool_mutex);
	default_scope = scope;
	wq_update_all_pods();
	mutex_unlock(&wq_pool_mutex);
	return 0;
}

static int get_default_scope(char *buffer, const struct kernel_param *kp)
{
	(void)kp;
	return sprintf(buffer, "%s\n", scope_names[default_scope]);
}

static const struct kernel_param_ops default_scope_ops = {
	.set = set_default_scope,
	.get = get_default_scope,
};
module_param_cb(default_affinity_scope, &default_scope_ops, NULL, 0644);
MODULE_PARM_DESC(default_affinity_scope,
		 "scope of unbound queues: cpu, smt, cache, cache_shard (default), numa or system");

/* ---- who shares a pod ---- */

static bool same_cpu(int a, int b)
{
	return a == b;
}

static bool same_core(int a, int b)
{
	return cpumask_test_cpu(b, cpu_smt_mask(a));
}

static bool same_node(int a, int b)
{
	return cpu_to_node(a) == cpu_to_node(b);
}

static bool all_together(int a, int b)
{
	(void)a;
	(void)b;
	return true;
}

/* Is @cpu the one that stands for its core among those that share its cache? */
static bool first_of_core(int cpu)
{
	return (int)cpumask_first(cpu_smt_mask(cpu)) == cpu;
}

/* How many parts a cache with that many cores has (C114). */
static unsigned int nr_shards(unsigned int cores)
{
	return max(1u, DIV_ROUND_CLOSEST(cores, cache_shard_size));
}

/*
 * Which part of its cache the core of @cpu is in. The cores, counted in the order of
 * their first CPUs, are dealt out in runs; the first parts get one more if they do not
 * come out even.
 */
static unsigned int shard_of(int cpu)
{
	int core = (int)cpumask_first(cpu_smt_mask(cpu));
	unsigned int cores = 0, rank = 0, shards, large, size;
	int other;

	for_each_cpu(other, cpu_coregroup_mask(cpu)) {
		if (!first_of_core(other))
			continue;
		rank += other < core;
		cores++;
	}
	shards = nr_shards(cores);
	size = cores / shards;
	large = cores % shards;
	if (rank < large * (size + 1))
		return rank / (size + 1);
	return large + (rank - large * (size + 1)) / max(size, 1u);
}

static bool same_shard(int a, int b)
{
	return cpus_share_cache(a, b) && (same_core(a, b) || shard_of(a) == shard_of(b));
}

static bool (*const together[WQ_AFFN_NR_TYPES])(int a, int b) = {
	[WQ_AFFN_CPU]		= same_cpu,
	[WQ_AFFN_SMT]		= same_core,
	[WQ_AFFN_CACHE]		= cpus_share_cache,
	[WQ_AFFN_CACHE_SHARD]	= same_shard,
	[WQ_AFFN_NUMA]		= same_node,
	[WQ_AFFN_SYSTEM]	= all_together,
};

/* ---- computing pods ---- */

static void free_pods(struct wq_pod_type *type)
{
	kfree(type->cpu_pod);
	kfree(type->pod_cpus);
	kfree(type->pod_node);
	memset(type, 0, sizeof(*type));
}

/* Put every possible CPU into the pod of an earlier one that it belongs to, or a new one. */
static void deal_cpus(struct wq_pod_type *type, enum wq_affn_scope scope)
{
	int cpu, pod;

	for_each_possible_cpu(cpu) {
		for (pod = 0; pod < type->nr_pods; pod++)
			if (together[scope](cpumask_first(&type->pod_cpus[pod]), cpu))
				break;
		if (pod == type->nr_pods) {
			type->pod_node[pod] = scope == WQ_AFFN_SYSTEM ? NUMA_NO_NODE :
							cpu_to_node(cpu);
			type->nr_pods++;
		}
		cpumask_set_cpu(cpu, &type->pod_cpus[pod]);
		type->cpu_pod[cpu] = pod;
	}
}

static bool compute_pods(struct wq_pod_type *type, enum wq_affn_scope scope)
{
	unsigned int cpus = num_possible_cpus();

	memset(type, 0, sizeof(*type));
	type->cpu_pod = kcalloc(nr_cpu_ids, sizeof(*type->cpu_pod), GFP_KERNEL);
	type->pod_cpus = kcalloc(cpus, sizeof(*type->pod_cpus), GFP_KERNEL);
	type->pod_node = kcalloc(cpus, sizeof(*type->pod_node), GFP_KERNEL);
	if (!type->cpu_pod || !type->pod_cpus || !type->pod_node) {
		free_pods(type);
		return false;
	}
	deal_cpus(type, scope);
	return true;
}

static void compute_all_pods(void)
{
	enum wq_affn_scope scope;

	for (scope = WQ_AFFN_CPU; scope < WQ_AFFN_NR_TYPES; scope++) {
		struct wq_pod_type type;

		if (!compute_pods(&type, scope)) {
			pr_warn("workqueue: no memory for the pods of scope %s; it has a single one\n",
				scope_names[scope]);
			continue;
		}
		free_pods(&pod_types[scope]);
		pod_types[scope] = type;
	}
}

/*
 * Pools that were made before had no node. Queues made from now on must find one account for
 * all that they have there, also when their pods change.
 * Test: max_active_is_never_exceeded.c
 */
static void tell_pools_their_nodes(void)
{
	int i;

	for (i = 0; i < nr_worker_pools(); i++) {
		struct worker_pool *pool = pool_by_index(i);

		if (pool->cpu >= 0 || pool->node != NUMA_NO_NODE)
			continue;
		pool_lock(pool);
		pool->node = wq_node_of_cpus(pool->pod_cpumask);
		pool_unlock(pool);
	}
}

static void read_topology(void)
{
	lockdep_assert_held(&wq_pool_mutex);
	if (!cache_shard_size) {
		pr_warn("workqueue: cache_shard_size 0 makes no sense, using 1\n");
		cache_shard_size = 1;
	}
	compute_all_pods();
	tell_pools_their_nodes();
	__atomic_store_n(&topology_read, true, __ATOMIC_RELEASE);
	wq_update_all_pods();
}

/*
 * Read which CPUs belong together and give all unbound queues their pods. Called by the
 * library before it is first needed; called again, it looks again.
 *
 * Context: May sleep.
 */
void workqueue_init_topology(void)
{
	mutex_lock(&wq_pool_mutex);
	read_topology();
	mutex_unlock(&wq_pool_mutex);
}

/* Before pods matter: read the topology unless that has been done. May sleep. */
void wq_need_topology(void)
{
	if (__atomic_load_n(&topology_read, __ATOMIC_ACQUIRE))
		return;
	mutex_lock(&wq_pool_mutex);
	if (!topology_read)
		read_topology();
	mutex_unlock(&wq_pool_mutex);
}

/* ---- asking ---- */

/* The pods of a scope; NULL: they are not known, all CPUs are together. */
const struct wq_pod_type *wq_pods_of(enum wq_affn_scope scope)
{
	const struct wq_pod_type *type;

	lockdep_assert_held(&wq_pool_mutex);
	type = &pod_types[scope == WQ_AFFN_DFL ? default_scope : scope];
	return type->nr_pods ? type : NULL;
}

/*
 * The CPUs on which items that are queued on @cpu start: those of its pod that the
 * queue may use, or all that it may use if none of those is online.
 */
void wq_pod_cpus(enum wq_affn_scope scope, const struct cpumask *allowed, int cpu,
		 struct cpumask *cpus)
{
	const struct wq_pod_type *type = wq_pods_of(scope);

	if (type) {
		cpumask_and(cpus, &type->pod_cpus[type->cpu_pod[cpu]], allowed);
		if (cpumask_intersects(cpus, cpu_online_mask))
			return;
	}
	cpumask_copy(cpus, allowed);
}

/* The memory node that all of @cpus are in; NUMA_NO_NODE: there is no such node. */
int wq_node_of_cpus(const struct cpumask *cpus)
{
	const struct wq_pod_type *type = wq_pods_of(WQ_AFFN_NUMA);
	int pod;

	if (!type || cpumask_empty(cpus))
		return NUMA_NO_NODE;
	pod = type->cpu_pod[cpumask_first(cpus)];
	return cpumask_subset(cpus, &type->pod_cpus[pod]) ? type->pod_node[pod] : NUMA_NO_NODE;
}
