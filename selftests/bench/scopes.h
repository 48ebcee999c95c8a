/* SPDX-License-Identifier: MIT */
/*
 * scopes.h - unbound queues of each affinity scope, for kernel_shape.c and scaling.c
 */
#ifndef BENCH_SCOPES_H
#define BENCH_SCOPES_H

#include <linux/workqueue.h>

static const struct scope {
	const char *name;
	enum wq_affn_scope scope;
} scopes[] = {
	{ "cpu", WQ_AFFN_CPU },
	{ "smt", WQ_AFFN_SMT },
	{ "cache_shard", WQ_AFFN_CACHE_SHARD },
	{ "cache", WQ_AFFN_CACHE },
	{ "numa", WQ_AFFN_NUMA },
	{ "system", WQ_AFFN_SYSTEM },
};
#define NR_SCOPES	((int)(sizeof(scopes) / sizeof(scopes[0])))

static inline struct workqueue_struct *open_scope(const struct scope *s)
{
	struct workqueue_struct *wq = alloc_workqueue("bench_%s", WQ_UNBOUND, 0, s->name);
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	if (!wq || !attrs)
		bench_fail("no memory");
	attrs->affn_scope = s->scope;
	if (apply_workqueue_attrs(wq, attrs))
		bench_fail("no such scope");
	free_workqueue_attrs(attrs);
	return wq;
}

#endif
