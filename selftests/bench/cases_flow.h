/* SPDX-License-Identifier: MIT */
/*
 * cases_flow.h - many distinct items, from the first submit until the last has run
 *
 * Prepared before the clock starts; each counts itself when it runs. One producer with
 * one worker: they stay on CPUs of their own, or the wake-up rules of the system decide
 * more than the queue. Otherwise threads go where the system puts them.
 */
#ifndef BENCH_CASES_FLOW_H
#define BENCH_CASES_FLOW_H

struct flow {
	struct crew crew;	/* first: body() gets it */
	struct pool *pools;
	int nr_pools;		/* the nth producer uses the nth, round and round */
	struct item *items;
	long each;		/* items of one producer */
};

static inline void flow_fn(struct item *item)
{
	(void)item;
	count_one();
}

static inline void flow_200ns_fn(struct item *item)
{
	compute_200ns((uint64_t)(uintptr_t)item);
	count_one();
}

static inline void flow_produce(struct crew *crew, int nth)
{
	struct flow *flow = (struct flow *)crew;
	struct pool *pool = &flow->pools[nth % flow->nr_pools];
	struct item *item = flow->items + nth * flow->each;

	producer_begin(pool);
	for (long i = 0; i < flow->each; i++)
		submit(pool, &item[i]);
#ifdef CALLER_RUNS_ITEMS
	wait_all(pool);
#endif
	producer_end(pool);
}

/* Nanoseconds for one item. */
static inline double flow_once(struct flow *flow)
{
	unsigned long all = (unsigned long)(flow->each * flow->crew.nr), before = counted();

	flow->crew.body = flow_produce;
	flow->crew.ready = flow->crew.go = 0;
	crew_run(&flow->crew);
	await_count(before + all);
	return (double)(now_ns() - crew_began(&flow->crew)) / (double)all;
}

static inline void flow_report(struct flow *flow, long n, item_fn fn)
{
	flow->each = n / flow->crew.nr;
	flow->items = make_items(n, fn);
	emit("mean", flow_once(flow), "ns");
	free_items(flow->items, n);
}

static inline void run_flow(const struct bench_case *c)
{
	bool apart = c->producers == 1 && c->workers == 1;
	static struct pool pool;
	static struct flow flow;

	memset(&pool, 0, sizeof(pool));
	memset(&flow, 0, sizeof(flow));
	flow.pools = &pool;
	flow.nr_pools = 1;
	flow.crew.nr = c->producers;
	flow.crew.pinned = apart;
	pool_open(&pool, c->workers);
	muster_workers(&pool, c->workers, apart ? 1 : ANYWHERE);
	flow_report(&flow, scaled(c->n, 64), flow_fn);
	pool_close(&pool);
}

static inline void run_ordered_flow(const struct bench_case *c)
{
	static struct pool pool;
	static struct flow flow;

	memset(&pool, 0, sizeof(pool));
	memset(&flow, 0, sizeof(flow));
	flow.pools = &pool;
	flow.nr_pools = 1;
	flow.crew.nr = 1;
	flow.crew.pinned = true;
	pool_open_ordered(&pool);
	muster_workers(&pool, 1, 1);
	flow_report(&flow, scaled(c->n, 64), flow_fn);
	pool_close(&pool);
}

/* Work worth about 200 ns each, with a worker for each CPU beside the producer. */
static inline void run_fanout(const struct bench_case *c)
{
	static struct pool pool;
	static struct flow flow;

	memset(&pool, 0, sizeof(pool));
	memset(&flow, 0, sizeof(flow));
	flow.pools = &pool;
	flow.nr_pools = 1;
	flow.crew.nr = c->producers;
	pool_open(&pool, nr_cpus());
	muster_workers(&pool, nr_cpus(), ANYWHERE);
	flow_report(&flow, scaled(c->n, 64), flow_200ns_fn);
	pool_close(&pool);
}

/* ---- each producer on its CPU with a worker on the same one ---- */

#define MAX_POOLS	2

static inline void run_percpu_flow(const struct bench_case *c)
{
	static struct pool pools[MAX_POOLS];
	static struct flow flow;

	memset(pools, 0, sizeof(pools));
	memset(&flow, 0, sizeof(flow));
	flow.pools = pools;
	flow.crew.nr = c->producers;
	flow.crew.pinned = true;
#ifdef HAS_PERCPU
	flow.nr_pools = 1;
	pool_open_percpu(&pools[0]);
#else
	flow.nr_pools = c->producers;
	for (int i = 0; i < flow.nr_pools; i++) {
		pool_open(&pools[i], 1);
		muster_workers(&pools[i], 1, i);
	}
#endif
	flow_report(&flow, scaled(c->n, 64), flow_fn);
	for (int i = 0; i < flow.nr_pools; i++)
		pool_close(&pools[i]);
}

/* ---- more producers than CPUs: many short runs, and the slowest of them ---- */

#define CROWD_RUNS	20

static inline int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline void run_crowd(const struct bench_case *c)
{
	static struct pool pool;
	static struct flow flow;
	double ns[CROWD_RUNS];
	long n = scaled(c->n, 64) / c->producers * c->producers;

	memset(&pool, 0, sizeof(pool));
	memset(&flow, 0, sizeof(flow));
	flow.pools = &pool;
	flow.nr_pools = 1;
	flow.crew.nr = c->producers;
	flow.each = n / c->producers;
	flow.items = make_items(n, flow_fn);
	pool_open(&pool, c->workers);
	muster_workers(&pool, c->workers, ANYWHERE);
	for (int i = 0; i < CROWD_RUNS; i++)
		ns[i] = flow_once(&flow);
	qsort(ns, CROWD_RUNS, sizeof(ns[0]), cmp_double);
	emit("mean", ns[CROWD_RUNS / 2], "ns");
	emit("slowest", ns[CROWD_RUNS - 1] / ns[CROWD_RUNS / 2], "x");
	pool_close(&pool);
	free_items(flow.items, n);
}

#endif
