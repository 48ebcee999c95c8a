// SPDX-License-Identifier: MIT
/*
 * topology_dump.c - which CPUs belong together, and which pool serves whom
 *
 * The sections of the kernel's wq_dump: affinity scopes and their pods, pools, the pool
 * of each queue on each CPU, rescuers, and the limits of unbound queues on each memory
 * node. The text is made while nothing can change, and handed out afterwards.
 *
 * Locks: wq_pool_mutex, and a pool lock or wq->mutex at a time.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <uwq/stats.h>

#include "workqueue/pod.h"
#include "workqueue/workqueue_internal.h"

/* Lines with newlines. */
struct text {
	char	*buf;
	size_t	 len, size;
	bool	 no_memory;
};

static void add(struct text *text, const char *fmt, ...) __printf(2, 3);

static void add(struct text *text, const char *fmt, ...)
{
	va_list args;
	char *bigger;
	size_t len;

	va_start(args, fmt);
	len = (size_t)vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (text->len + len >= text->size) {
		bigger = krealloc(text->buf, 2 * text->size + len + 4096, GFP_KERNEL);
		if (!bigger) {
			text->no_memory = true;
			return;
		}
		text->buf = bigger;
		text->size = 2 * text->size + len + 4096;
	}
	va_start(args, fmt);
	text->len += (size_t)vscnprintf(text->buf + text->len, text->size - text->len, fmt, args);
	va_end(args);
}

static void add_title(struct text *text, const char *title)
{
	char under[64];

	memset(under, '=', sizeof(under));
	add(text, "%s%s\n%.*s\n", text->len ? "\n" : "", title, (int)strlen(title), under);
}

/* ---- affinity scopes ---- */

static void add_scope(struct text *text, enum wq_affn_scope scope)
{
	const struct wq_pod_type *type = wq_pods_of(scope);
	char name[16];
	size_t i;
	int pod, cpu;

	strscpy(name, affn_scope_name(scope), sizeof(name));
	for (i = 0; name[i]; i++)
		if (name[i] >= 'a' && name[i] <= 'z')
			name[i] = (char)(name[i] - 'a' + 'A');
	add(text, "\n%s%s\n", name, scope == wq_default_scope() ? " (default)" : "");
	if (!type) {
		add(text, "  not known yet\n");
		return;
	}
	add(text, "  nr_pods  %d\n  pod_cpus", type->nr_pods);
	for (pod = 0; pod < type->nr_pods; pod++)
		add(text, " [%d]=%*pb", pod, cpumask_pr_args(&type->pod_cpus[pod]));
	add(text, "\n  pod_node");
	for (pod = 0; pod < type->nr_pods; pod++)
		add(text, " [%d]=%d", pod, type->pod_node[pod]);
	add(text, "\n  cpu_pod ");
	for_each_possible_cpu(cpu)
		add(text, " [%d]=%d", cpu, type->cpu_pod[cpu]);
	add(text, "\n");
}

static void add_scopes(struct text *text)
{
	int scope;

	add_title(text, "Affinity Scopes");
	add(text, "wq_unbound_cpumask=%*pb\n", cpumask_pr_args(&wq_unbound_cpumask));
	for (scope = WQ_AFFN_DFL + 1; scope < WQ_AFFN_NR_TYPES; scope++)
		add_scope(text, scope);
}

/* ---- pools ---- */

static void add_pool(struct text *text, struct worker_pool *pool)
{
	int nr_idle, nr_workers;

	pool_lock(pool);
	nr_idle = pool->nr_idle;
	nr_workers = pool->nr_workers;
	pool_unlock(pool);
	add(text, "pool[%02d] ref=%2d nice=%3d idle/workers=%3d/%3d ", pool->id, pool->refcnt,
	    pool->nice, nr_idle, nr_workers);
	if (pool->cpu >= 0)
		add(text, "cpu=%3d%s\n", pool->cpu, pool_flags(pool) & POOL_BH ? " bh" : "");
	else
		add(text, "cpus=%*pb pod_cpus=%*pb%s\n", cpumask_pr_args(pool->cpumask),
		    cpumask_pr_args(pool->pod_cpumask), pool->affn_strict ? " strict" : "");
}

static void add_pools(struct text *text)
{
	int i;

	add_title(text, "Worker Pools");
	for (i = 0; i < nr_worker_pools(); i++)
		add_pool(text, pool_by_index(i));
}

/* ---- queues ---- */

static const char *kind_of(const struct workqueue_struct *wq)
{
	unsigned int flags = wq_flags(wq);

	if (!(flags & WQ_UNBOUND))
		return "percpu";
	if (flags & __WQ_ORDERED)
		return "ordered";
	return wq->attrs->affn_strict ? "unbound,S" : "unbound";
}

static void add_queue(struct text *text, struct workqueue_struct *wq)
{
	int cpu;

	mutex_lock(&wq->mutex);
	add(text, "%-24.24s %-9s", wq->name, kind_of(wq));
	for_each_possible_cpu(cpu) {
		struct pool_workqueue *pwq = wq->cpu_pwq ? wq->cpu_pwq[cpu] : wq->dfl_pwq;

		add(text, " %3d", pwq->pool->id);
	}
	if (wq->dfl_pwq)
		add(text, " %3d", wq->dfl_pwq->pool->id);
	add(text, "\n");
	mutex_unlock(&wq->mutex);
}

static void add_queues(struct text *text)
{
	struct workqueue_struct *wq;
	int cpu;

	add_title(text, "Workqueue CPU -> pool");
	add(text, "[%-23s %9s", "workqueue     \\", "type  CPU");
	for_each_possible_cpu(cpu)
		add(text, " %3d", cpu);
	add(text, " dfl]\n");
	list_for_each_entry(wq, &workqueues, list)
		add_queue(text, wq);
}

static void add_rescuers(struct text *text)
{
	struct workqueue_struct *wq;

	add_title(text, "Workqueue -> rescuer");
	add(text, "[%-23s %s]\n", "workqueue     \\", "unbound_cpus     pid");
	list_for_each_entry(wq, &workqueues, list) {
		if (!wq->rescuer)
			continue;
		add(text, "%-24.24s", wq->name);
		if (wq_flags(wq) & WQ_UNBOUND)
			add(text, " %*pb", cpumask_pr_args(wq->dfl_pwq->pool->cpumask));
		else
			add(text, " %12s", "-");
		add(text, " %7d\n", rescuer_tid(wq));
	}
}

/* Items of @wq that hold a slot in pools of @node. wq->mutex held. */
static int active_on(struct workqueue_struct *wq, int node)
{
	struct pool_workqueue *pwq;
	int nr = 0;

	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pool_lock(pwq->pool);
		if (pwq->pool->node == node)
			nr += pwq->nr_active;
		pool_unlock(pwq->pool);
	}
	return nr;
}

static void add_node(struct text *text, struct workqueue_struct *wq, int node)
{
	const struct wq_node_nr_active *account =
		wq->node_nr_active[node == NUMA_NO_NODE ? MAX_NUMNODES : node];

	if (account)
		add(text, " %4d/%4d", active_on(wq, node),
		    __atomic_load_n(&account->max, __ATOMIC_RELAXED));
	else
		add(text, " %4d/%4s", 0, "-");
}

static void add_limits(struct text *text)
{
	struct workqueue_struct *wq;
	int node;

	add_title(text, "Unbound workqueue -> node_nr/max_active");
	add(text, "[%-23s %4s %4s", "workqueue     \\", "min", "max");
	for_each_node(node)
		add(text, " %9d", node);
	add(text, " %9s]\n", "dfl");
	list_for_each_entry(wq, &workqueues, list) {
		if (!(wq_flags(wq) & WQ_UNBOUND))
			continue;
		mutex_lock(&wq->mutex);
		add(text, "%-24.24s %4d %4d", wq->name, wq->min_active, wq->max_active);
		for_each_node(node)
			add_node(text, wq, node);
		add_node(text, wq, NUMA_NO_NODE);
		add(text, "\n");
		mutex_unlock(&wq->mutex);
	}
}

/**
 * uwq_wq_dump - how queues, pools and CPUs belong together
 * @line: called for each line, which has no newline at its end, without locks; NULL: the
 *	  lines go to the log
 * @arg: for @line
 *
 * Sections: "Affinity Scopes" with the pods of each scope; "Worker Pools" with how many
 * queues' pwqs use each; "Workqueue CPU -> pool"; "Workqueue -> rescuer"; "Unbound
 * workqueue -> node_nr/max_active", where dfl is for pools that span nodes. Masks are in
 * hex.
 *
 * Context: May sleep.
 * Return: number of lines; -ENOMEM.
 */
long uwq_wq_dump(void (*line)(const char *text, void *arg), void *arg)
{
	struct text text = { .buf = NULL };
	char *next, *at;
	long nr = 0;

	wq_need_topology();
	mutex_lock(&wq_pool_mutex);
	add_scopes(&text);
	add_pools(&text);
	add_queues(&text);
	add_rescuers(&text);
	add_limits(&text);
	mutex_unlock(&wq_pool_mutex);
	for (at = text.buf; !text.no_memory && (next = strchr(at, '\n')); at = next + 1, nr++) {
		*next = '\0';
		if (line)
			line(at, arg);
		else
			pr_info("%s\n", at);
	}
	kfree(text.buf);
	return text.no_memory ? -ENOMEM : nr;
}
EXPORT_SYMBOL_GPL(uwq_wq_dump);
