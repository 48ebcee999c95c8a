/* SPDX-License-Identifier: MIT */
/*
 * cases_late.h - delayed items and timers: what arming costs, and how late they are
 */
#ifndef BENCH_CASES_LATE_H
#define BENCH_CASES_LATE_H

/* Of @n values that are all at least a millisecond: how much more. */
static inline void emit_lateness(uint64_t *took, long n)
{
	for (long i = 0; i < n; i++) {
		if (took[i] < 1000000)
			bench_fail("too early");
		took[i] -= 1000000;
	}
	emit_spread(took, n, 1);
}

#ifdef HAS_LATE
static struct late *one_late;
static uint64_t late_stamp;
static struct event late_event;

static inline void stamp_late_fn(struct late *late)
{
	(void)late;
	late_stamp = now_ns();
	event_set(&late_event);
}

static inline double change_one(struct pool *pool, void (*change)(struct pool *pool, long i))
{
	long n = scaled(200000, 10);
	uint64_t t = now_ns();

	for (long i = 0; i < n; i++)
		change(pool, i);
	return (double)(now_ns() - t) / (double)n;
}

/* Each time another one: with many of them, a cache miss or two each. */
static inline double modify_random(struct pool *pool, struct late *late, long nr)
{
	long *order = shuffled(nr), n = nr < 100000 ? nr : 100000;
	uint64_t t = now_ns();

	for (long i = 0; i < n; i++)
		late_mod(pool, &late[order[i]], 3600000 + (unsigned int)(i % 100000));
	t = now_ns() - t;
	bench_free(order, sizeof(*order) * (size_t)nr);
	return (double)t / (double)n;
}

/* @others are armed an hour and more ahead while @change works on one. */
static inline void among_others(struct pool *pool, long others,
				void (*change)(struct pool *pool, long i), bool random)
{
	struct late *late = (struct late *)bench_alloc(sizeof(*late) * (size_t)(others + 1));

	for (long i = 0; i < others; i++) {
		late_init(&late[i], stamp_late_fn);
		late_arm(pool, &late[i], 3600000 + (unsigned int)(i % 100000));
	}
	one_late = &late[others];
	late_init(one_late, stamp_late_fn);
	emit("mean", change_one(pool, change), "ns");
	if (random)
		emit("random", modify_random(pool, late, others), "ns");
	for (long i = 0; i <= others; i++)
		late_cancel(pool, &late[i]);
	bench_free(late, sizeof(*late) * (size_t)(others + 1));
}

static inline void arm_and_cancel(struct pool *pool, long i)
{
	late_arm(pool, one_late, 60000 + (unsigned int)(i % 1000));
	late_cancel(pool, one_late);
}

static inline void modify(struct pool *pool, long i)
{
	late_mod(pool, one_late, 60000 + (unsigned int)(i % 1000));
}

static inline void run_arm_cancel(const struct bench_case *c)
{
	static struct pool pool;

	memset(&pool, 0, sizeof(pool));
	pool_open(&pool, 1);
	among_others(&pool, scaled(c->n, 10), arm_and_cancel, false);
	pool_close(&pool);
}

static inline void run_mod_delayed(const struct bench_case *c)
{
	static struct pool pool;

	memset(&pool, 0, sizeof(pool));
	pool_open(&pool, 1);
	among_others(&pool, scaled(c->n, 10), modify, true);
	pool_close(&pool);
}

/* Through the queue: from arming to the first line of the function. */
static inline void run_delayed_1ms(const struct bench_case *c)
{
	long n = scaled(c->n, 10);
	uint64_t *took = (uint64_t *)bench_alloc(sizeof(*took) * (size_t)n);
	struct late *late = (struct late *)bench_alloc(sizeof(*late));
	static struct pool pool;

	memset(&pool, 0, sizeof(pool));
	pool_open(&pool, 1);
	late_init(late, stamp_late_fn);
	for (long i = 0; i < n; i++) {
		uint64_t t = now_ns();

		event_clear(&late_event);
		late_arm(&pool, late, 1);
		run_loop(&pool);
		event_wait(&late_event);
		took[i] = late_stamp - t;
	}
	nap_us(200);
	pool_close(&pool);
	emit_lateness(took, n);
}
#endif

#ifdef HAS_TIMER
static uint64_t timer_stamp;
static struct event timer_event;

static inline void stamp_timer_fn(void)
{
	timer_stamp = now_ns();
	event_set(&timer_event);
}

/* The library's own call-back, without a queue behind it. */
static inline void run_timer_1ms(const struct bench_case *c)
{
	long n = scaled(c->n, 10);
	uint64_t *took = (uint64_t *)bench_alloc(sizeof(*took) * (size_t)n);

	for (long i = 0; i < n; i++) {
		uint64_t t = now_ns();

		event_clear(&timer_event);
		timer_start(1, stamp_timer_fn);
		event_wait(&timer_event);
		took[i] = timer_stamp - t;
	}
	emit_lateness(took, n);
}
#endif

#endif
