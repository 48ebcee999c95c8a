/* SPDX-License-Identifier: MIT */
/*
 * wait_graph.h - who waits for whom, as far as one task's wait leads
 */
#ifndef UWQ_WORKQUEUE_WAIT_GRAPH_H
#define UWQ_WORKQUEUE_WAIT_GRAPH_H

#include "kernel-compat/task_wait.h"
#include "workqueue/workqueue_internal.h"

#define GRAPH_NODES	64
#define GRAPH_EDGES	256

/* Why the wait of one task needs something of another. */
enum wait_reason {
	REASON_OWNS,		/* the lock */
	REASON_IS_AWAITED,	/* the kthread itself */
	REASON_RUNS,		/* the item */
	REASON_IS_BEFORE,	/* the item has to follow this worker's run */
	REASON_HAS_SLOT,	/* the item waits for an active slot */
	REASON_ON_QUEUE,	/* it works for the queue */
};

/* All of it comes from one look, and two looks are compared byte by byte. */
struct wait_edge {
	struct task_struct *task;	/* who has to go on */
	unsigned long	 gen;		/* which wait that one is in */
	struct worker	 *worker;	/* whose run it is, or NULL */
	unsigned long	 run;		/* number of that run */
	enum wait_reason reason;
	int		 node;		/* of @task; -1 = it does not wait for anything known */
};

struct wait_node {
	struct task_struct *task;
	struct uwq_task_wait wait;
	int		 first, nr;	/* edges */
	bool		 all;		/* one of them that goes on is enough; else all have to */
	bool		 hopeless;
};

struct wait_graph {
	int		 nr_nodes, nr_edges;
	struct wait_node nodes[GRAPH_NODES];	/* [0]: the task that asked */
	struct wait_edge edges[GRAPH_EDGES];
};

/* True: @task waits, and cannot go on unless somebody from outside helps. */
bool wait_graph_build(struct wait_graph *graph, struct task_struct *task);
bool wait_graph_same(const struct wait_graph *a, const struct wait_graph *b);

#endif
