/* SPDX-License-Identifier: MIT */
/*
 * cases.h - what is measured; included last by each contestant, see contestant.h
 *
 * cases_flow.h	  many items: throughput, fan-out, crowds of producers
 * cases_trip.h	  one item or a few, and a thread that waits for them
 * cases_call.h	  what submitting, cancelling and waiting for nothing cost the caller
 * cases_late.h	  delayed items and timers
 */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include "program.h"

/* ---- what a contestant may leave out ---- */

#ifndef HAS_PRODUCERS
static inline void producer_begin(struct pool *pool)
{
	(void)pool;
}

static inline void producer_end(struct pool *pool)
{
	(void)pool;
}
#endif

#ifndef HAS_CANCEL_END
static inline void cancel_end(struct pool *pool)
{
	(void)pool;
}
#endif

#ifndef HAS_LOOP
static inline void run_loop(struct pool *pool)
{
	(void)pool;
}
#endif

#ifndef HAS_SPIN
static inline void pool_spin(bool on)
{
	(void)on;
}
#endif

#ifndef HAS_USUAL
static inline void pool_open_usual(struct pool *pool)
{
	pool_open(pool, 1);
}
#endif

#ifndef HAS_ORDERED
static inline void pool_open_ordered(struct pool *pool)
{
	pool_open(pool, 1);
}
#endif

/* ---- every worker runs one item at the same time, and is placed ---- */

#define ANYWHERE	(-1)
#define MUSTER_MS	500

static struct muster {
	int wanted, arrived, left;
	int first_cpu;		/* the nth to arrive stays nth CPUs further; or ANYWHERE */
	struct item items[MAX_CREW];
} muster;

static inline void muster_fn(struct item *item)
{
	int nth = __atomic_fetch_add(&muster.arrived, 1, __ATOMIC_ACQ_REL);
	uint64_t until = now_ns() + MUSTER_MS * 1000000ull;

	(void)item;
	while (__atomic_load_n(&muster.arrived, __ATOMIC_ACQUIRE) < muster.wanted &&
	       now_ns() < until)
		sched_yield();
	if (muster.first_cpu != ANYWHERE)
		pin_self(muster.first_cpu + nth);
	__atomic_add_fetch(&muster.left, 1, __ATOMIC_RELEASE);
}

/* All @workers of @pool are there and warm afterwards. */
static inline void muster_workers(struct pool *pool, int workers, int first_cpu)
{
#ifdef CALLER_RUNS_ITEMS
	/* The caller takes one of the places, and there is one for each CPU. */
	if (workers >= nr_cpus())
		workers = nr_cpus() - 1;
#endif
	memset(&muster, 0, sizeof(muster));
	muster.wanted = workers;
	muster.first_cpu = first_cpu;
	producer_begin(pool);
	for (int i = 0; i < workers; i++) {
		item_init(&muster.items[i], muster_fn);
		submit(pool, &muster.items[i]);
	}
	producer_end(pool);
	while (__atomic_load_n(&muster.left, __ATOMIC_ACQUIRE) < workers)
		nap_us(200);
	nap_us(200);	/* the last one leaves its function */
}

static inline struct item *make_items(long n, item_fn fn)
{
	struct item *items = (struct item *)bench_alloc(sizeof(*items) * (size_t)n);

	for (long i = 0; i < n; i++)
		item_init(&items[i], fn);
	return items;
}

static inline void free_items(struct item *items, long n)
{
	bench_free(items, sizeof(*items) * (size_t)n);
}

#include "cases_flow.h"
#include "cases_trip.h"
#include "cases_call.h"
#include "cases_late.h"

static const struct bench_case bench_cases[] = {
	/* name, function, n, producers, workers */
	{ "tput-1p", run_flow, 2000000, 1, 1 },
	{ "tput-1p2w", run_flow, 2000000, 1, 2 },
	{ "tput-2p2w", run_flow, 2000000, 2, 2 },
#if defined(HAS_PERCPU) || !defined(ONE_POOL_ONLY)
	{ "tput-2p2w-percpu", run_percpu_flow, 2000000, 2, 2 },
#endif
	{ "ordered", run_ordered_flow, 1000000, 1, 1 },
	{ "max-active-1", run_flow, 1000000, 2, 1 },
	{ "fanout-200ns", run_fanout, 2000000, 1, 0 },
	{ "prod4-w1", run_crowd, 100000, 4, 1 },
	{ "prod8-w1", run_crowd, 100000, 8, 1 },
	{ "prod16-w1", run_crowd, 100000, 16, 1 },
	{ "prod4-w4", run_crowd, 100000, 4, 4 },
	{ "prod8-w4", run_crowd, 100000, 8, 4 },
	{ "prod16-w4", run_crowd, 100000, 16, 4 },
	{ "batchwait", run_batchwait, 10000, 1, 1 },
	{ "pingpong-spin", run_pingpong_spin, 4000, 1, 1 },
	{ "pingpong-nospin", run_pingpong_nospin, 4000, 1, 1 },
	{ "pingpong-tight", run_pingpong_tight, 4000, 1, 1 },
	{ "wake-idle", run_wake_1ms, 200, 1, 1 },
	{ "wake-100us", run_wake_100us, 1000, 1, 1 },
#ifdef HAS_SPIN
	{ "wake-idle-nospin", run_wake_1ms_nospin, 200, 1, 1 },
	{ "wake-100us-nospin", run_wake_100us_nospin, 1000, 1, 1 },
#endif
	{ "queue-only", run_queue_only, 200000, 1, 1 },
	{ "queue-held-1k", run_queue_held, 2000, 1, 1 },
	{ "queue-held-100k", run_queue_held, 200000, 1, 1 },
#ifndef NO_SUBMIT_FROM_ITEM
	{ "self-requeue", run_self_requeue, 1000000, 1, 1 },
#endif
#ifdef HAS_CANCEL
	{ "cancel-10k", run_cancel, 10000, 1, 1 },
	{ "cancel-100k", run_cancel, 100000, 1, 1 },
	{ "cancel-1m", run_cancel, 1000000, 1, 1 },
#endif
#ifdef HAS_WAIT_ITEM
	{ "flush-idle-item", run_flush_idle_item, 300000, 1, 1 },
	{ "flush-busy-item", run_flush_busy_item, 4000, 1, 1 },
#endif
#ifdef HAS_WAIT_ALL
	{ "flush-idle-queue", run_flush_idle_queue, 300000, 1, 1 },
	{ "flush-busy-queue", run_flush_busy_queue, 4000, 1, 1 },
#ifdef HAS_PERCPU
	{ "flush-idle-percpu", run_flush_idle_percpu, 300000, 1, 1 },
#endif
#endif
#ifdef HAS_LATE
	{ "arm-cancel-10", run_arm_cancel, 10, 1, 1 },
	{ "arm-cancel-1k", run_arm_cancel, 1000, 1, 1 },
	{ "arm-cancel-100k", run_arm_cancel, 100000, 1, 1 },
	{ "arm-cancel-1m", run_arm_cancel, 1000000, 1, 1 },
	{ "mod-delayed-10", run_mod_delayed, 10, 1, 1 },
	{ "mod-delayed-1k", run_mod_delayed, 1000, 1, 1 },
	{ "mod-delayed-100k", run_mod_delayed, 100000, 1, 1 },
	{ "mod-delayed-1m", run_mod_delayed, 1000000, 1, 1 },
	{ "delayed-1ms", run_delayed_1ms, 300, 1, 1 },
#endif
#ifdef HAS_TIMER
	{ "timer-1ms", run_timer_1ms, 300, 1, 1 },
#endif
};

int main(int argc, char **argv)
{
	return bench_main(argc, argv, bench_cases,
			  (int)(sizeof(bench_cases) / sizeof(bench_cases[0])));
}

#endif
