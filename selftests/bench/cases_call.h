/* SPDX-License-Identifier: MIT */
/*
 * cases_call.h - what a call costs its caller: submitting, cancelling, waiting for nothing
 *
 * Driven like the cases of cases_trip.h: the worker has a CPU of its own.
 */
#ifndef BENCH_CASES_CALL_H
#define BENCH_CASES_CALL_H

/* ---- the only worker is kept in a function ---- */

static struct item *holder;
static struct event holder_inside, holder_go;

static inline void holder_fn(struct item *item)
{
	(void)item;
	event_set(&holder_inside);
	event_wait(&holder_go);
}

static inline void hold_worker(void)
{
	if (!holder)
		holder = make_items(1, holder_fn);
	event_clear(&holder_inside);
	event_clear(&holder_go);
	submit(&trip.pool, holder);
	event_wait(&holder_inside);
}

static inline void let_worker_go(void)
{
	event_set(&holder_go);
}

/* ---- what submit() costs its caller ---- */

struct submit_cost {
	uint64_t *took;		/* call by call, with the clock's own cost */
	long nr_took;
	uint64_t whole;		/* of others that were not timed one by one */
	long nr_whole;
};

static inline void submit_half_each(struct submit_cost *cost, struct item *items, long half)
{
	uint64_t start = now_ns();

	for (long i = 0; i < half; i++)
		submit(&trip.pool, &items[i]);
	cost->whole += now_ns() - start;
	cost->nr_whole += half;
	for (long i = 0; i < half; i++) {
		uint64_t t = ticks();

		submit(&trip.pool, &items[half + i]);
		cost->took[cost->nr_took++] = ticks() - t;
	}
}

/* One pass: all items are submitted, and have run when it is over. */
static inline void submit_pass(struct submit_cost *cost, struct item *items, bool held)
{
	unsigned long before = counted();
	long half = trip.n / 2;

	producer_begin(&trip.pool);
	if (held)
		hold_worker();
	submit_half_each(cost, items, half);
	if (held)
		let_worker_go();
#ifdef CALLER_RUNS_ITEMS
	wait_all(&trip.pool);
#endif
	producer_end(&trip.pool);
	await_count(before + 2 * (unsigned long)half);
	nap_us(200);
}

static inline void submit_cost(bool held)
{
	long passes = bench_scale < 1 ? 1 : 200000 / trip.n;
	size_t size = sizeof(uint64_t) * (size_t)(trip.n * (passes + 1));
	struct submit_cost cost = { (uint64_t *)bench_alloc(size), 0, 0, 0 };
	struct item *items = make_items(trip.n, flow_fn);

	/* the first time starts threads */
	submit_pass(&cost, items, held);
	cost.nr_took = cost.nr_whole = 0;
	cost.whole = 0;
	for (long i = 0; i < passes; i++)
		submit_pass(&cost, items, held);
	emit("mean", (double)cost.whole / (double)cost.nr_whole, "ns");
	emit_spread(cost.took, cost.nr_took, ns_per_tick());
	bench_free(cost.took, size);
	free_items(items, trip.n);
}

static inline void queue_running(struct crew *crew, int nth)
{
	(void)crew, (void)nth;
	submit_cost(false);
}

static inline void queue_held(struct crew *crew, int nth)
{
	(void)crew, (void)nth;
	submit_cost(true);
}

/* The worker runs what comes, as fast as it can. */
static inline void run_queue_only(const struct bench_case *c)
{
	trip_run(queue_running, scaled(c->n, 100), true);
}

static inline void run_queue_held(const struct bench_case *c)
{
	trip_run(queue_held, scaled(c->n, 100), true);
}

/* ---- cancelling in random order ---- */

#ifdef HAS_CANCEL
static inline void cancel_all(struct crew *crew, int nth)
{
	struct item *items = make_items(trip.n, flow_fn);
	long *order = shuffled(trip.n), passes = trip.n < 100000 ? 100000 / trip.n : 1;
	uint64_t sum = 0;

	(void)crew, (void)nth;
	if (bench_scale < 1)
		passes = 1;
	producer_begin(&trip.pool);
	hold_worker();
	for (long pass = 0; pass < passes; pass++) {
		uint64_t t;

		for (long i = 0; i < trip.n; i++)
			submit(&trip.pool, &items[i]);
		t = now_ns();
		for (long i = 0; i < trip.n; i++)
			if (!cancel(&trip.pool, &items[order[i]]))
				bench_fail("an item was not there to be cancelled");
		cancel_end(&trip.pool);
		sum += now_ns() - t;
	}
	let_worker_go();
	producer_end(&trip.pool);
	emit("mean", (double)sum / (double)(trip.n * passes), "ns");
	bench_free(order, sizeof(*order) * (size_t)trip.n);
	free_items(items, trip.n);
}

static inline void run_cancel(const struct bench_case *c)
{
	trip_run(cancel_all, scaled(c->n, 10), true);
}
#endif

/* ---- waiting with nothing to wait for ---- */

#ifdef HAS_WAIT_ITEM
static inline void flush_idle_item(struct crew *crew, int nth)
{
	struct item *item = make_items(1, trip_done_fn);
	uint64_t t;

	(void)crew, (void)nth;
	producer_begin(&trip.pool);
	submit(&trip.pool, item);
	wait_item(&trip.pool, item);
	t = now_ns();
	for (long i = 0; i < trip.n; i++)
		wait_item(&trip.pool, item);
	emit("mean", (double)(now_ns() - t) / (double)trip.n, "ns");
	producer_end(&trip.pool);
}

static inline void run_flush_idle_item(const struct bench_case *c)
{
	trip_run(flush_idle_item, scaled(c->n, 10), true);
}
#endif

#ifdef HAS_WAIT_ALL
static inline double idle_wait_all(struct pool *pool, long n)
{
	uint64_t t = now_ns();

	for (long i = 0; i < n; i++)
		wait_all(pool);
	return (double)(now_ns() - t) / (double)n;
}

static inline void flush_idle_queue(struct crew *crew, int nth)
{
	(void)crew, (void)nth;
	producer_begin(&trip.pool);
	emit("mean", idle_wait_all(&trip.pool, trip.n), "ns");
	producer_end(&trip.pool);
}

static inline void run_flush_idle_queue(const struct bench_case *c)
{
	trip_run(flush_idle_queue, scaled(c->n, 10), true);
}

#ifdef HAS_PERCPU
/* For each of the queue's pools. */
static inline void run_flush_idle_percpu(const struct bench_case *c)
{
	static struct pool pool;

	memset(&pool, 0, sizeof(pool));
	pool_open_percpu(&pool);
	emit("mean", idle_wait_all(&pool, scaled(c->n, 10)) / nr_cpus(), "ns");
	pool_close(&pool);
}
#endif
#endif

#endif
