// SPDX-License-Identifier: MIT
/*
 * deadlock.c - waits that cannot end are explained (U25)
 *
 * A task whose wait has lasted for uwq.deadlock_after_ms asks by itself, and then again
 * after each further twice that time, where its wait leads (wait_graph.c). If nobody on
 * the way can go on, that is a deadlock: one WARN names every task on it in order, with
 * what it runs and what it waits for. It is said once, by the first who finds it; whoever
 * comes upon a wait that has been reported keeps silent. The wait itself goes on, for
 * somebody from outside may still help: cancel an item, raise a limit.
 *
 * Nothing of this is done before a wait has lasted so long.
 *
 * Locks: look_lock, only tried, outside all others; it covers both graphs and the text.
 */
#include <linux/bug.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sprintf.h>
#include <linux/timekeeping.h>

#include "kernel-compat/completion_internal.h"
#include "kernel-compat/time_internal.h"
#include "workqueue/fork.h"
#include "workqueue/wait_graph.h"

#define MANAGER_RETRY_NS	(1000 * 1000 * 1000ULL)

static DEFINE_MUTEX(look_lock);
static struct wait_graph first_look, second_look;	/* look_lock */

/* ---- the report ---- */

static struct {
	char text[2800];	/* what fits into a WARN beside its stack */
	int len;
} report;			/* look_lock */

__attribute__((__format__(__printf__, 1, 2)))
static void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report.len += vscnprintf(report.text + report.len, sizeof(report.text) - report.len,
				 fmt, args);
	va_end(args);
}

/* What the task runs, if it is a worker. */
static void say_run(struct task_struct *task)
{
	unsigned int id;

	for (id = 1; id < worker_id_limit(); id++) {
		struct worker *worker = worker_by_id(id);
		struct worker_pool *pool = __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE);
		char name[WQ_NAME_LEN] = "";
		const void *work, *func;

		if (!pool || __atomic_load_n(&worker->task, __ATOMIC_ACQUIRE) != task)
			continue;
		pool_lock(pool);
		work = __atomic_load_n(&worker->current_work, __ATOMIC_ACQUIRE);
		func = __atomic_load_n(&worker->current_func, __ATOMIC_RELAXED);
		if (work && __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE) == pool)
			memcpy(name, worker->current_pwq->wq->name, sizeof(name));
		pool_unlock(pool);
		if (work)
			say(", which runs %ps (item %px) of wq %s,", func, work, name);
		return;
	}
}

static void say_target(const struct uwq_task_wait *wait)
{
	switch (wait->kind) {
	case WAITS_FOR_MUTEX:
		say(" waits for mutex %px", wait->object);
		break;
	case WAITS_FOR_READING:
	case WAITS_FOR_WRITING:
		say(" waits for rw_semaphore %px (%s)", wait->object, wait->call);
		break;
	case WAITS_FOR_KTHREAD:
		say(" is in %s() of %px", wait->call, wait->object);
		break;
	case WAITS_FOR_WORK:
		say(" is in %s() of item %px (%ps) on wq %s", wait->call, wait->object,
		    wait->func, (const char *)wait->name);
		break;
	case WAITS_FOR_QUEUE:
		say(" is in %s() of wq %s", wait->call, (const char *)wait->name);
		break;
	}
}

/* The number of each hopeless node in the report; 0 = not in it. */
static int numbers[GRAPH_NODES];	/* look_lock */

static void say_reason(const struct wait_edge *edge)
{
	static const char *const how[] = {
		[REASON_OWNS]		= ", held by",
		[REASON_IS_AWAITED]	= ", which needs",
		[REASON_RUNS]		= ", which is run by",
		[REASON_IS_BEFORE]	= ", which has to follow the run of",
		[REASON_HAS_SLOT]	= ", held back by",
		[REASON_ON_QUEUE]	= ", which needs the end of the run of",
	};

	say("%s [%d]", how[edge->reason], numbers[edge->node]);
}

/* Does the report follow this edge? All that could help, or one that has to. */
static bool is_followed(const struct wait_graph *graph, const struct wait_node *node, int i)
{
	int j;

	if (!graph->nodes[graph->edges[i].node].hopeless)
		return false;
	for (j = node->first; !node->all && j < i; j++)
		if (graph->nodes[graph->edges[j].node].hopeless)
			return false;
	return true;
}

/*
 * Number, in order, what is reached from node @at along followed edges. Returns the
 * last number given.
 */
static int number_from(const struct wait_graph *graph, int at, int last)
{
	const struct wait_node *node = &graph->nodes[at];
	int i;

	numbers[at] = ++last;
	for (i = node->first; i < node->first + node->nr; i++)
		if (is_followed(graph, node, i) && !numbers[graph->edges[i].node])
			last = number_from(graph, graph->edges[i].node, last);
	return last;
}

/* A node on a cycle: where the walk along first followed edges comes for the second time. */
static int find_cycle(const struct wait_graph *graph)
{
	bool seen[GRAPH_NODES] = { false };
	int at = 0;

	while (!seen[at]) {
		const struct wait_node *node = &graph->nodes[at];
		int i = node->first;

		seen[at] = true;
		while (!is_followed(graph, node, i))
			i++;
		at = graph->edges[i].node;
	}
	return at;
}

static void say_node(const struct wait_graph *graph, const struct wait_node *node, u64 now)
{
	u64 ms = now > node->wait.since ? (now - node->wait.since) / 1000000 : 0;
	char comm[TASK_COMM_LEN];
	int i;

	say(" [%d] %s/%d", numbers[node - graph->nodes], get_task_comm(comm, node->task),
	    task_pid_nr(node->task));
	say_run(node->task);
	say_target(&node->wait);
	for (i = node->first; i < node->first + node->nr; i++)
		if (is_followed(graph, node, i))
			say_reason(&graph->edges[i]);
	say(", for %llu ms\n", (unsigned long long)ms);
}

/* True: some of it has been reported. Otherwise it is now. */
static bool told_before(const struct wait_graph *graph)
{
	int i;

	for (i = 0; i < graph->nr_nodes; i++)
		if (numbers[i] && task_wait_get(&graph->nodes[i].task->wait, told) ==
		    graph->nodes[i].wait.gen)
			return true;
	for (i = 0; i < graph->nr_nodes; i++)
		if (numbers[i])
			task_wait_set(&graph->nodes[i].task->wait, told, graph->nodes[i].wait.gen);
	return false;
}

static void tell(const struct wait_graph *graph)
{
	/* not static: each deadlock shall be printed */
	struct uwq_warn_site site = { .file = __FILE__, .func = __func__, .line = __LINE__ };
	u64 now = uwq_mono_ns();
	int last, nr, i;

	memset(numbers, 0, sizeof(numbers));
	last = number_from(graph, find_cycle(graph), 0);
	if (told_before(graph))
		return;
	report.len = 0;
	if (last == 1)
		say("workqueue: deadlock: a task waits for itself\n");
	else
		say("workqueue: deadlock: %d tasks wait for each other, none can go on\n", last);
	for (nr = 1; nr <= last; nr++)
		for (i = 0; i < graph->nr_nodes; i++)
			if (numbers[i] == nr)
				say_node(graph, &graph->nodes[i], now);
	uwq_warn(&site, "%s", report.text);
}

/* ---- asking ---- */

static void look(void)
{
	if (wq_exiting() || !mutex_trylock(&look_lock))
		return;
	if (wait_graph_build(&first_look, current)) {
		TEST_POINT("deadlock_seen_once");
		if (wait_graph_build(&second_look, current) &&
		    wait_graph_same(&first_look, &second_look))
			tell(&second_look);
	}
	mutex_unlock(&look_lock);
	TEST_POINT("deadlock_looked");
}

__attribute__((__constructor__)) static void deadlock_init(void)
{
	__atomic_store_n(&task_wait_looker, look, __ATOMIC_RELEASE);
}

/**
 * wait_for_workers - wait for something that workers will do
 * @done: completed by a worker
 * @watch: of the wait, which has been published
 *
 * Now and then the waiter sees to it that there is a manager, who may be needed and
 * could not be made so far; and it asks whether the wait can end.
 *
 * Context: May sleep.
 */
void wait_for_workers(struct completion *done, struct task_wait_watch *watch)
{
	for (;;) {
		u64 pause = uwq_mono_ns() + MANAGER_RETRY_NS;
		bool due = watch->next && watch->next < pause;
		struct timespec until = uwq_deadline_ns(due ? watch->next : pause);

		manager_start();
		if (completion_wait_until(done, &until))
			return;
		if (due)
			task_wait_look(watch);
	}
}

/* A look of another thread is over in a forked child. */
void deadlock_fork_child(void)
{
	mutex_fork_child(&look_lock);
}
