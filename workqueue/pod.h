/* SPDX-License-Identifier: MIT */
/*
 * pod.h - affinity scopes and their pods; see pod.c. wq_pool_mutex held, unless said
 */
#ifndef UWQ_WORKQUEUE_POD_H
#define UWQ_WORKQUEUE_POD_H

#include <linux/cpumask.h>
#include <linux/workqueue.h>

struct wq_pod_type {
	int		nr_pods;
	struct cpumask	*pod_cpus;	/* by pod: its possible CPUs */
	int		*pod_node;	/* by pod: memory node, NUMA_NO_NODE for all of them */
	int		*cpu_pod;	/* by CPU: its pod */
};

int parse_affn_scope(const char *name);				/* any context */
const char *affn_scope_name(enum wq_affn_scope scope);		/* any context */
enum wq_affn_scope wq_default_scope(void);
void wq_need_topology(void);					/* takes the mutex */

const struct wq_pod_type *wq_pods_of(enum wq_affn_scope scope);
void wq_pod_cpus(enum wq_affn_scope scope, const struct cpumask *allowed, int cpu,
		 struct cpumask *cpus);
int wq_node_of_cpus(const struct cpumask *cpus);

#endif
