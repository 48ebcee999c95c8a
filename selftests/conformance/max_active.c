// SPDX-License-Identifier: MIT
/*
 * max_active.c - how many items of a queue run at once (C7, C88, C89, C92, C93)
 */
#include "ktap.h"

#define NR_ITEMS	10

static struct gate_work g[NR_ITEMS];

static int nr_started(void)
{
	int i, n = 0;

	for (i = 0; i < NR_ITEMS; i++)
		n += atomic_read(&g[i].runs);
	return n;
}

static void queue_all(struct workqueue_struct *wq)
{
	int i;

	for (i = 0; i < NR_ITEMS; i++) {
		gate_init(&g[i]);
		CHECK(queue_work_on(0, wq, &g[i].work));
	}
}

static void release_all(struct workqueue_struct *wq)
{
	int i, ended = 0;

	for (i = 0; i < NR_ITEMS; i++)
		complete_all(&g[i].go);
	destroy_workqueue(wq);
	for (i = 0; i < NR_ITEMS; i++)
		ended += atomic_read(&g[i].ended);
	CHECK_EQ(NR_ITEMS, ended);
}

static void exactly(int limit, unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_limit", flags, limit);

	queue_all(wq);
	CHECK(BECOMES(nr_started() == limit));
	CHECK(STAYS(nr_started() == limit, A_WHILE));
	release_all(wq);
}

static void c89_percpu(void)
{
	exactly(3, KTAP_PERCPU);
}

static void c89_unbound(void)
{
	exactly(3, WQ_UNBOUND);
}

static void c89_highpri(void)
{
	exactly(2, WQ_HIGHPRI | KTAP_PERCPU);
}

static void c89_cpu_intensive(void)
{
	exactly(2, WQ_CPU_INTENSIVE | KTAP_PERCPU);
}

/* The limit counts for each CPU. */
static void c89_each_cpu(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_each", KTAP_PERCPU, 1);
	static struct gate_work on[8];
	int cpu, n = 0;

	for_each_online_cpu(cpu) {
		if (n == ARRAY_SIZE(on))
			break;
		gate_init(&on[n]);
		CHECK(queue_work_on(cpu, wq, &on[n].work));
		WAIT(&on[n].started);		/* while those of the other CPUs block */
		n++;
	}
	while (n--)
		complete_all(&on[n].go);
	destroy_workqueue(wq);
}

/* Whatever the limit does, those that have started are the first of the queue. */
static void c7_order_across_changed_limits(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_change", WQ_UNBOUND, 1);
	int i, k, limit, expected = 1;

	queue_all(wq);
	for (i = 0; i < NR_ITEMS; i++) {
		limit = 1 + i % 3;
		workqueue_set_max_active(wq, limit);
		expected = max(expected, min(i + limit, NR_ITEMS));
		CHECK(BECOMES(nr_started() == expected));
		for (k = 0; k < NR_ITEMS; k++)
			CHECK_EQ(k < expected, atomic_read(&g[k].runs));
		complete(&g[i].go);
		CHECK(BECOMES(atomic_read(&g[i].ended) == 1));
		expected = max(expected, min(i + 1 + limit, NR_ITEMS));
		CHECK(BECOMES(nr_started() == expected));
	}
	release_all(wq);
}

static void c92_raising_starts_waiting_items(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_raise", WQ_UNBOUND, 1);
	int i;

	queue_all(wq);
	WAIT(&g[0].started);
	CHECK(STAYS(nr_started() == 1, A_WHILE));
	workqueue_set_max_active(wq, 8);
	CHECK(BECOMES(nr_started() == 8));
	CHECK(STAYS(nr_started() == 8, A_WHILE));
	for (i = 0; i < 8; i++)
		CHECK_EQ(1, atomic_read(&g[i].runs));	/* the eight that came first */
	release_all(wq);
}

static void c92_percpu(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_raise_p", KTAP_PERCPU, 1);

	queue_all(wq);
	WAIT(&g[0].started);
	workqueue_set_max_active(wq, 4);
	CHECK(BECOMES(nr_started() == 4));
	CHECK(STAYS(nr_started() == 4, A_WHILE));
	release_all(wq);
}

static void c93_lowering_stops_nothing(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_lower", WQ_UNBOUND, 4);
	int i;

	queue_all(wq);
	CHECK(BECOMES(nr_started() == 4));
	workqueue_set_max_active(wq, 2);
	CHECK_EQ(4, nr_started());
	for (i = 0; i < 2; i++) {
		complete(&g[i].go);
		CHECK(BECOMES(atomic_read(&g[i].ended) == 1));
	}
	CHECK(STAYS(nr_started() == 4, A_WHILE));	/* two are running, that is the limit */
	complete(&g[2].go);
	WAIT(&g[4].started);
	CHECK(STAYS(nr_started() == 5, A_WHILE));
	release_all(wq);
}

static const struct ktap_case cases[] = {
	{ "C89 per-CPU: as many as the limit run", c89_percpu },
	{ "C89 unbound: as many as the limit run", c89_unbound },
	{ "C89 highpri: as many as the limit run", c89_highpri },
	{ "C89 CPU-intensive: as many as the limit run", c89_cpu_intensive },
	{ "C89 the limit of a per-CPU queue is per CPU", c89_each_cpu },
	{ "C7 queueing order is kept while the limit changes", c7_order_across_changed_limits },
	{ "C92 raising the limit starts waiting items at once", c92_raising_starts_waiting_items },
	{ "C92 raising the limit of a per-CPU queue", c92_percpu },
	{ "C93 lowering the limit stops nothing and starts nothing", c93_lowering_stops_nothing },
};

KTAP_MODULE(cases, "limits");
