// SPDX-License-Identifier: MIT
/*
 * wait_graph.c - can this task's wait end?
 *
 * Nodes are tasks that wait for something known; edges lead to the tasks that have to go
 * on first:
 *
 *	a lock			its owner
 *	a kthread		that thread
 *	an item that runs, or
 *	has to follow a run	the worker of that run
 *	an item without a slot	the workers of all items that have one, any of which
 *				would do
 *	everything on a queue	each worker that runs an item the flush is about, and
 *				all of them have to go on
 *
 * An item that waits for a worker needs nobody in particular: there will be one. A task
 * that waits for something else, or runs, is taken to go on. All nodes are called
 * hopeless at first, then those are acquitted that have a way out, until there are no
 * more; what is left has none.
 *
 * Nothing is stopped while this looks around. Each edge says which wait of the one task
 * and which wait and run of the other it is about, and holds until one of these numbers
 * changes. So if a second look finds the same numbers, all edges held at the moment
 * between the two: wait_graph_same().
 *
 * Locks: tries wq_pool_mutex and then a queue's mutex, takes one pool lock at a time. What
 * cannot be looked at counts as going on.
 */
#include <linux/string.h>

#include "workqueue/wait_graph.h"

#define LONG_LIST	16384	/* entries looked at, the rest is taken for a way out */

/* ---- nodes and edges ---- */

static bool leads_on(const struct uwq_task_wait *wait)
{
	return wait->kind != WAITS_FOR_SEMAPHORE && wait->kind != WAITS_FOR_COMPLETION;
}

/* The node of a task in its present wait; -1: it goes on, or there is no room. */
static int node_of(struct wait_graph *graph, struct task_struct *task, unsigned long *gen)
{
	struct wait_node *node;
	int i;

	for (i = 0; i < graph->nr_nodes; i++) {
		if (graph->nodes[i].task == task) {
			*gen = graph->nodes[i].wait.gen;
			return i;
		}
	}
	if (i == GRAPH_NODES)
		return -1;
	node = &graph->nodes[i];
	memset(node, 0, sizeof(*node));
	if (!task_wait_read(task, &node->wait) || !leads_on(&node->wait))
		return -1;
	node->task = task;
	/* what the reporter writes would make two looks differ */
	node->wait.told = 0;
	graph->nr_nodes++;
	*gen = node->wait.gen;
	return i;
}

/*
 * @node needs @task, perhaps because of @worker's run. False: that one goes on, or there
 * is no room; then nothing was added.
 */
static bool add_edge(struct wait_graph *graph, struct wait_node *node, struct task_struct *task,
		     struct worker *worker, enum wait_reason reason)
{
	struct wait_edge *edge = &graph->edges[graph->nr_edges];
	unsigned long gen;
	int target;

	if (!task || graph->nr_edges == GRAPH_EDGES)
		return false;
	target = node_of(graph, task, &gen);
	if (target < 0)
		return false;
	memset(edge, 0, sizeof(*edge));
	edge->task = task;
	edge->gen = gen;
	edge->worker = worker;
	edge->run = worker ? worker_run(worker) : 0;
	edge->reason = reason;
	edge->node = target;
	graph->nr_edges++;
	node->nr++;
	return true;
}

static bool add_worker(struct wait_graph *graph, struct wait_node *node, struct worker *worker,
		       enum wait_reason reason)
{
	return add_edge(graph, node, __atomic_load_n(&worker->task, __ATOMIC_ACQUIRE), worker,
			reason);
}

static void drop_edges(struct wait_graph *graph, struct wait_node *node)
{
	graph->nr_edges = node->first;
	node->nr = 0;
}

/* ---- locks ---- */

static void expand_lock(struct wait_graph *graph, struct wait_node *node)
{
	if (add_edge(graph, node, node->wait.task, NULL, REASON_OWNS) &&
	    graph->edges[node->first].gen != node->wait.task_gen)
		/* whether it owns the lock in this wait of its own is not known yet */
		drop_edges(graph, node);
}

/* ---- items ---- */

static bool is_on_list(const struct list_head *list, const void *mark)
{
	const struct list_head *entry;
	int left = LONG_LIST;

	list_for_each(entry, list) {
		if (list_entry(entry, struct work_struct, entry) == mark)
			return true;
		if (!left--)
			break;
	}
	return false;
}

/* The worker behind whose run @mark, a barrier of another task, stands. */
static struct worker *worker_before(struct worker_pool *pool, const void *mark)
{
	struct worker *worker;

	assert_pool_locked(pool);
	list_for_each_entry(worker, &pool->workers, pool_node)
		if (worker_item(worker) && is_on_list(&worker->scheduled, mark))
			return worker;
	return NULL;
}

/* Items on @worker's list that have a slot of @pwq; -1: too many to count. */
static int slots_behind(const struct worker *worker, const struct pool_workqueue *pwq)
{
	const struct work_struct *work;
	int left = LONG_LIST;
	int nr = 0;

	list_for_each_entry(work, &worker->scheduled, entry) {
		unsigned long data = work_data(work);

		if (work_data_pwq(data) == pwq && !(data & WORK_STRUCT_INACTIVE))
			nr++;
		if (!left--)
			return -1;
	}
	return nr;
}

/*
 * Edges to all who have a slot of @pwq. False: one of these goes on. @found: counts
 * slots that there are.
 */
static bool add_slot_holders(struct wait_graph *graph, struct wait_node *node,
			     struct pool_workqueue *pwq, int *found)
{
	struct worker_pool *pool = pwq_pool(pwq);
	struct worker *worker;
	bool stuck = false;
	int nr = 0;

	pool_lock(pool);
	if (pwq_pool(pwq) != pool)
		goto out;
	list_for_each_entry(worker, &pool->workers, pool_node) {
		int behind;

		if (!worker_item(worker))
			continue;
		behind = slots_behind(worker, pwq);
		if (behind < 0)
			goto out;
		if (worker->current_pwq == pwq && worker->current_active)
			behind++;
		if (behind && !add_worker(graph, node, worker, REASON_HAS_SLOT))
			goto out;
		nr += behind;
	}
	/* others wait for a worker, and there will be one */
	stuck = nr == pwq->nr_active;
	*found += nr;
out:
	pool_unlock(pool);
	return stuck;
}

/*
 * How many slots @pwq's items share. 0: that is not what holds them back, the queue is
 * frozen for example.
 */
static int nr_slots(const struct pool_workqueue *pwq)
{
	return pwq->node_active ? __atomic_load_n(&pwq->node_active->max, __ATOMIC_SEQ_CST) :
				  pwq->max_active;
}

/* Edges to all who have one of @pwq's slots. As above. The queue's mutex is held. */
static bool add_all_slot_holders(struct wait_graph *graph, struct wait_node *node,
				 struct workqueue_struct *wq, struct pool_workqueue *pwq)
{
	struct pool_workqueue *other;
	int limit = nr_slots(pwq);
	int found = 0;

	list_for_each_entry(other, &wq->pwqs, pwqs_node)
		if ((other == pwq || (pwq->node_active && other->node_active == pwq->node_active)) &&
		    !add_slot_holders(graph, node, other, &found))
			return false;
	/* with one to spare the item is about to start */
	return limit && found >= limit;
}

/* The queue, with both mutexes held, if that needs no waiting and it is there. */
static struct workqueue_struct *try_lock_queue(const void *queue)
{
	struct workqueue_struct *wq;

	if (!mutex_trylock(&wq_pool_mutex))
		return NULL;
	list_for_each_entry(wq, &workqueues, list)
		if (wq == queue && mutex_trylock(&wq->mutex))
			return wq;
	mutex_unlock(&wq_pool_mutex);
	return NULL;
}

static void unlock_queue(struct workqueue_struct *wq)
{
	mutex_unlock(&wq->mutex);
	mutex_unlock(&wq_pool_mutex);
}

static void expand_held_back(struct wait_graph *graph, struct wait_node *node,
			     struct pool_workqueue *pwq)
{
	struct workqueue_struct *wq = try_lock_queue(pwq_wq(pwq));

	if (!wq)
		return;
	node->all = true;
	if (!add_all_slot_holders(graph, node, wq, pwq))
		drop_edges(graph, node);
	unlock_queue(wq);
}

static void expand_work(struct wait_graph *graph, struct wait_node *node)
{
	struct pool_workqueue *pwq = (struct pool_workqueue *)node->wait.place;
	struct worker_pool *pool = pwq_pool(pwq);
	bool held_back = false;
	struct worker *worker;

	pool_lock(pool);
	worker = worker_before(pool, node->wait.mark);
	if (worker)
		add_worker(graph, node, worker, worker_item(worker) == node->wait.object ?
			   REASON_RUNS : REASON_IS_BEFORE);
	else
		held_back = pwq_pool(pwq) == pool && is_on_list(&pwq->inactive_works, node->wait.mark);
	pool_unlock(pool);
	if (held_back)
		expand_held_back(graph, node, pwq);
}

/* ---- queues ---- */

/* The colours that a flusher waits for, as bits. wq->mutex held; 0: it waits no more. */
static unsigned int colors_awaited(const struct workqueue_struct *wq, const void *mark)
{
	const struct wq_flusher *flusher = wq->leader == mark ? wq->leader : NULL;
	const struct wq_flusher *each;
	unsigned int colors = 0;
	int color;

	list_for_each_entry(each, &wq->flushers, list)
		if (each == mark)
			flusher = each;
	if (!flusher)
		return 0;
	for (color = wq->flush_color; color != wq->work_color; color = next_color(color)) {
		colors |= 1u << color;
		/* one without a colour waits for the oldest to become free */
		if (color == flusher->color || flusher->color < 0)
			break;
	}
	return colors;
}

/* Does a run of @worker, or what follows it, keep @wq's @colors in flight? */
static bool keeps_in_flight(const struct worker *worker, const struct workqueue_struct *wq,
			    unsigned int colors)
{
	const struct work_struct *work;
	int left = LONG_LIST;

	if (!worker_item(worker))
		return false;
	if (worker->current_pwq->wq == wq && (colors & 1u << worker->current_color))
		return true;
	list_for_each_entry(work, &worker->scheduled, entry) {
		unsigned long data = work_data(work);

		if (work_data_pwq(data)->wq == wq && (colors & 1u << work_data_color(data)))
			return true;
		if (!left--)
			break;
	}
	return false;
}

static void expand_queue(struct wait_graph *graph, struct wait_node *node)
{
	struct workqueue_struct *wq = try_lock_queue(node->wait.object);
	struct pool_workqueue *pwq;
	unsigned int colors;

	if (!wq)
		return;
	colors = colors_awaited(wq, node->wait.mark);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		struct worker_pool *pool = pwq->pool;
		struct worker *worker;

		pool_lock(pool);
		if (pwq->nr_total)
			list_for_each_entry(worker, &pool->workers, pool_node)
				if (keeps_in_flight(worker, wq, colors))
					add_worker(graph, node, worker, REASON_ON_QUEUE);
		pool_unlock(pool);
	}
	unlock_queue(wq);
}

/* ---- the whole ---- */

static void expand(struct wait_graph *graph, struct wait_node *node)
{
	node->first = graph->nr_edges;
	switch (node->wait.kind) {
	case WAITS_FOR_MUTEX:
	case WAITS_FOR_READING:
	case WAITS_FOR_WRITING:
		expand_lock(graph, node);
		break;
	case WAITS_FOR_KTHREAD:
		add_edge(graph, node, node->wait.task, NULL, REASON_IS_AWAITED);
		break;
	case WAITS_FOR_WORK:
		expand_work(graph, node);
		break;
	case WAITS_FOR_QUEUE:
		expand_queue(graph, node);
		break;
	}
}

static bool has_way_out(const struct wait_graph *graph, const struct wait_node *node)
{
	int nr_stuck = 0;
	int i;

	for (i = node->first; i < node->first + node->nr; i++)
		nr_stuck += graph->nodes[graph->edges[i].node].hopeless;
	return node->all ? nr_stuck < node->nr || !nr_stuck : !nr_stuck;
}

static void acquit(struct wait_graph *graph)
{
	bool again = true;
	int i;

	for (i = 0; i < graph->nr_nodes; i++)
		graph->nodes[i].hopeless = true;
	while (again) {
		again = false;
		for (i = 0; i < graph->nr_nodes; i++) {
			struct wait_node *node = &graph->nodes[i];

			if (node->hopeless && has_way_out(graph, node)) {
				node->hopeless = false;
				again = true;
			}
		}
	}
}

bool wait_graph_build(struct wait_graph *graph, struct task_struct *task)
{
	unsigned long gen;
	int i;

	graph->nr_nodes = 0;
	graph->nr_edges = 0;
	if (node_of(graph, task, &gen) < 0)
		return false;
	for (i = 0; i < graph->nr_nodes; i++)
		expand(graph, &graph->nodes[i]);
	acquit(graph);
	return graph->nodes[0].hopeless;
}

bool wait_graph_same(const struct wait_graph *a, const struct wait_graph *b)
{
	return a->nr_nodes == b->nr_nodes && a->nr_edges == b->nr_edges &&
	       !memcmp(a->nodes, b->nodes, a->nr_nodes * sizeof(a->nodes[0])) &&
	       !memcmp(a->edges, b->edges, a->nr_edges * sizeof(a->edges[0]));
}
