/* SPDX-License-Identifier: MIT */
/*
 * cases_trip.h - one item or a few, and a thread that waits for them
 *
 * One thread drives all of it, on the first CPU; the worker stays on the second.
 */
#ifndef BENCH_CASES_TRIP_H
#define BENCH_CASES_TRIP_H

static struct trip {
	struct crew crew;	/* first: body() gets it */
	struct pool pool;
	long n;
	bool tight;		/* the next trip starts at once */
	struct event event;
	long left;
	uint64_t stamp;
} trip;

static inline void open_one_worker(struct pool *pool)
{
	pool_open(pool, 1);
}

/* Opens a pool, runs @body in the driving thread, closes. */
static inline void trip_run_in(void (*open)(struct pool *pool),
			       void (*body)(struct crew *crew, int nth), long n, bool spin)
{
	memset(&trip, 0, sizeof(trip));
	trip.n = n;
	trip.crew.nr = 1;
	trip.crew.pinned = true;
	trip.crew.body = body;
	pool_spin(spin);
	open(&trip.pool);
	muster_workers(&trip.pool, 1, 1);
	crew_run(&trip.crew);
	pool_close(&trip.pool);
	pool_spin(true);
}

static inline void trip_run(void (*body)(struct crew *crew, int nth), long n, bool spin)
{
	trip_run_in(open_one_worker, body, n, spin);
}

/* ---- submit one, wait for it ---- */

static inline void trip_event_fn(struct item *item)
{
	(void)item;
	trip.stamp = now_ns();
	event_set(&trip.event);
}

static inline void trip_wait(struct item *item)
{
#ifdef HAS_WAIT_ITEM
	wait_item(&trip.pool, item);
#else
	(void)item;
	event_wait(&trip.event);
#endif
}

static inline void trip_done_fn(struct item *item)
{
	(void)item;
#ifndef HAS_WAIT_ITEM
	event_set(&trip.event);
#endif
}

static inline void pingpong(struct crew *crew, int nth)
{
	uint64_t *took = (uint64_t *)bench_alloc(sizeof(*took) * (size_t)trip.n);
	struct item *item = make_items(1, trip_done_fn);
	uint64_t cpu;

	(void)crew, (void)nth;
	producer_begin(&trip.pool);
	cpu = cpu_time_ns();
	for (long i = 0; i < trip.n; i++) {
		uint64_t t;

		event_clear(&trip.event);
		if (!trip.tight)
			pause_until_asleep();
		t = ticks();
		submit(&trip.pool, item);
		trip_wait(item);
		took[i] = ticks() - t;
	}
	cpu = cpu_time_ns() - cpu;
	producer_end(&trip.pool);
	emit_spread(took, trip.n, ns_per_tick());
	emit("cpu", (double)cpu / (double)trip.n, "ns");
}

static inline void run_pingpong_spin(const struct bench_case *c)
{
	trip_run(pingpong, scaled(c->n, 10), true);
}

static inline void run_pingpong_nospin(const struct bench_case *c)
{
	trip_run(pingpong, scaled(c->n, 10), false);
}

static inline void pingpong_tight(struct crew *crew, int nth)
{
	trip.tight = true;
	pingpong(crew, nth);
}

/* Without a pause before the next trip, in which who does not poll falls asleep. */
static inline void run_pingpong_tight(const struct bench_case *c)
{
	trip_run(pingpong_tight, scaled(c->n, 10), true);
}

/* ---- from submit to the first line of the function, after a while of nothing ---- */

static inline void wake(unsigned int pause_us)
{
	uint64_t *took = (uint64_t *)bench_alloc(sizeof(*took) * (size_t)trip.n);
	struct item *item = make_items(1, trip_event_fn);
	uint64_t cpu = cpu_time_ns();

	producer_begin(&trip.pool);
	for (long i = 0; i < trip.n; i++) {
		uint64_t t;

		nap_us(pause_us);
		event_clear(&trip.event);
		t = now_ns();
		submit(&trip.pool, item);
		event_wait(&trip.event);
		took[i] = trip.stamp - t;
		trip_wait(item);
	}
	producer_end(&trip.pool);
	cpu = cpu_time_ns() - cpu;
	emit_spread(took, trip.n, 1);
	emit("cpu", (double)cpu / (double)trip.n, "ns");
}

static inline void wake_1ms(struct crew *crew, int nth)
{
	(void)crew, (void)nth;
	wake(1000);
}

static inline void wake_100us(struct crew *crew, int nth)
{
	(void)crew, (void)nth;
	wake(100);
}

static inline void run_wake_1ms(const struct bench_case *c)
{
	trip_run(wake_1ms, scaled(c->n, 5), true);
}

static inline void run_wake_100us(const struct bench_case *c)
{
	trip_run(wake_100us, scaled(c->n, 5), true);
}

#ifdef HAS_SPIN
static inline void run_wake_1ms_nospin(const struct bench_case *c)
{
	trip_run(wake_1ms, scaled(c->n, 5), false);
}

static inline void run_wake_100us_nospin(const struct bench_case *c)
{
	trip_run(wake_100us, scaled(c->n, 5), false);
}
#endif

/* ---- submit a batch, wait for all of it ---- */

#define BATCH	64

static inline void batch_fn(struct item *item)
{
	(void)item;
#ifndef HAS_WAIT_ALL
	if (__atomic_sub_fetch(&trip.left, 1, __ATOMIC_ACQ_REL) == 0)
		event_set(&trip.event);
#endif
}

static inline void batch_wait(void)
{
#ifdef HAS_WAIT_ALL
	wait_all(&trip.pool);
#else
	event_wait(&trip.event);
#endif
}

static inline void batchwait(struct crew *crew, int nth)
{
	uint64_t *took = (uint64_t *)bench_alloc(sizeof(*took) * (size_t)trip.n);
	struct item *items = make_items(BATCH, batch_fn);
	uint64_t start;

	(void)crew, (void)nth;
	producer_begin(&trip.pool);
	start = now_ns();
	for (long i = 0; i < trip.n; i++) {
		uint64_t t = ticks();

		trip.left = BATCH;
		event_clear(&trip.event);
		for (int k = 0; k < BATCH; k++)
			submit(&trip.pool, &items[k]);
		batch_wait();
		took[i] = ticks() - t;
	}
	emit("mean", (double)(now_ns() - start) / (double)trip.n / BATCH, "ns");
	producer_end(&trip.pool);
	emit_spread(took, trip.n, ns_per_tick() / BATCH);
}

static inline void run_batchwait(const struct bench_case *c)
{
	trip_run(batchwait, scaled(c->n, 10), true);
}

/* ---- an item that submits itself ---- */

static inline void requeue_fn(struct item *item)
{
	if (--trip.left > 0)
		submit(&trip.pool, item);
	else
		event_set(&trip.event);
}

static inline void self_requeue(struct crew *crew, int nth)
{
	struct item *item = make_items(1, requeue_fn);
	uint64_t start;

	(void)crew, (void)nth;
	trip.left = trip.n;
	producer_begin(&trip.pool);
	start = now_ns();
	submit(&trip.pool, item);
	event_wait(&trip.event);
	emit("mean", (double)(now_ns() - start) / (double)trip.n, "ns");
	producer_end(&trip.pool);
}

static inline void run_self_requeue(const struct bench_case *c)
{
	trip_run_in(pool_open_usual, self_requeue, scaled(c->n, 10), true);
}

/* ---- from the end of the last function until the waiter is back ---- */

static inline void end_stamp_fn(struct item *item)
{
	for (int i = 0; i < 10; i++)
		compute_200ns((uint64_t)(uintptr_t)item);
	__atomic_store_n(&trip.stamp, now_ns(), __ATOMIC_RELAXED);
}

static inline void flush_busy(struct crew *crew, int nth, int nr_items, bool all)
{
	uint64_t *took = (uint64_t *)bench_alloc(sizeof(*took) * (size_t)trip.n);
	struct item *items = make_items(nr_items, end_stamp_fn);

	(void)crew, (void)nth, (void)all;
	producer_begin(&trip.pool);
	for (long i = 0; i < trip.n; i++) {
		for (int k = 0; k < nr_items; k++)
			submit(&trip.pool, &items[k]);
#ifdef HAS_WAIT_ALL
		if (all)
			wait_all(&trip.pool);
#endif
#ifdef HAS_WAIT_ITEM
		if (!all)
			wait_item(&trip.pool, &items[nr_items - 1]);
#endif
		took[i] = now_ns() - __atomic_load_n(&trip.stamp, __ATOMIC_RELAXED);
	}
	producer_end(&trip.pool);
	emit_spread(took, trip.n, 1);
}

static inline void flush_busy_item(struct crew *crew, int nth)
{
	flush_busy(crew, nth, 1, false);
}

static inline void run_flush_busy_item(const struct bench_case *c)
{
	trip_run(flush_busy_item, scaled(c->n, 10), true);
}

static inline void flush_busy_queue(struct crew *crew, int nth)
{
	flush_busy(crew, nth, 4, true);
}

static inline void run_flush_busy_queue(const struct bench_case *c)
{
	trip_run(flush_busy_queue, scaled(c->n, 10), true);
}

#endif
