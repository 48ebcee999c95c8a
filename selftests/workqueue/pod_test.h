/* SPDX-License-Identifier: MIT */
/*
 * pod_test.h - machines that tests invent: which CPUs are together in what
 */
#ifndef UWQ_SELFTESTS_POD_TEST_H
#define UWQ_SELFTESTS_POD_TEST_H

#include "wq_test.h"

#include <linux/topology.h>

#include "kernel-compat/cpu_internal.h"
#include "workqueue/pod.h"

static struct cpu_place places[NR_CPUS];

/*
 * CPUs @first up to, but not, @end: caches of @cores cores, each core with @threads CPUs
 * that are numbered one after the other. All in one package on @node.
 */
static inline void put_cpus(int first, int end, int node, int cores, int threads)
{
	for (int cpu = first; cpu < end; cpu++) {
		int core = (cpu - first) / threads;

		places[cpu].node = node;
		places[cpu].package = node;
		places[cpu].die = 0;
		places[cpu].cluster = -1;
		places[cpu].core = first + core;
		places[cpu].cache = first + core / cores * cores * threads;
	}
}

/* The places are those of this machine from now on; every queue follows. */
static inline void use_places(void)
{
	uwq_test_topology(places);
	workqueue_init_topology();
}

/* How many pods a scope has, and how many CPUs pod @pod. */
static inline int nr_pods(enum wq_affn_scope scope)
{
	const struct wq_pod_type *type;
	int nr;

	mutex_lock(&wq_pool_mutex);
	type = wq_pods_of(scope);
	nr = type ? type->nr_pods : 0;
	mutex_unlock(&wq_pool_mutex);
	return nr;
}

static inline unsigned int pod_size(enum wq_affn_scope scope, int pod)
{
	const struct wq_pod_type *type;
	unsigned int size;

	mutex_lock(&wq_pool_mutex);
	type = wq_pods_of(scope);
	size = type && pod < type->nr_pods ? cpumask_weight(&type->pod_cpus[pod]) : 0;
	mutex_unlock(&wq_pool_mutex);
	return size;
}

static inline int pod_of(enum wq_affn_scope scope, int cpu)
{
	int pod;

	mutex_lock(&wq_pool_mutex);
	pod = wq_pods_of(scope)->cpu_pod[cpu];
	mutex_unlock(&wq_pool_mutex);
	return pod;
}

/* Attributes of @wq with one thing changed. 0 or an error number. */
static inline int set_scope(struct workqueue_struct *wq, enum wq_affn_scope scope, bool strict)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int err;

	copy_workqueue_attrs(attrs, wq->attrs);
	attrs->affn_scope = scope;
	attrs->affn_strict = strict;
	err = apply_workqueue_attrs(wq, attrs);
	free_workqueue_attrs(attrs);
	return err;
}

static inline int set_cpus(struct workqueue_struct *wq, const struct cpumask *cpus)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int err;

	copy_workqueue_attrs(attrs, wq->attrs);
	cpumask_copy(attrs->cpumask, cpus);
	err = apply_workqueue_attrs(wq, attrs);
	free_workqueue_attrs(attrs);
	return err;
}

/* The pwq that serves @cpu. */
static inline struct pool_workqueue *pwq_of(struct workqueue_struct *wq, int cpu)
{
	return wq->cpu_pwq ? wq->cpu_pwq[cpu] : wq->dfl_pwq;
}

#endif
