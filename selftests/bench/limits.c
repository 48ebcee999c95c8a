// SPDX-License-Identifier: MIT
/*
 * limits.c - what the machine and the bare building blocks allow
 *
 * The same harness without a queue: pointers handed over by a stock ck_ring, bare
 * ping-pong over a cache line and over a futex, the one atomic operation that an item
 * cannot do without, a lock with a list, the system's own sleep, and plain work spread
 * over all CPUs. The table of targets says which case is held against which limit.
 */
#define CONTESTANT "limits"
#include "contestant.h"
#include "program.h"

#include <ck_ring.h>
#include <sys/prctl.h>

/* ---- handing pointers over: producer on the first CPU, consumer on the second ---- */

#define RING_SIZE	1024

static struct hand_over {
	struct crew crew;	/* first: body() gets it */
	long n;
	ck_ring_t ring __attribute__((__aligned__(BENCH_LINE)));
	ck_ring_buffer_t slots[RING_SIZE];
} hand_over;

static void spsc_body(struct crew *crew, int nth)
{
	struct hand_over *h = (struct hand_over *)crew;
	void *p;

	for (long i = 0; i < h->n; i++)
		if (nth == 0)
			while (!ck_ring_enqueue_spsc(&h->ring, h->slots, h))
				relax();
		else
			while (!ck_ring_dequeue_spsc(&h->ring, h->slots, &p))
				relax();
}

static void mpmc_body(struct crew *crew, int nth)
{
	struct hand_over *h = (struct hand_over *)crew;
	void *p;

	for (long i = 0; i < h->n; i++)
		if (nth == 0)
			while (!ck_ring_enqueue_mpmc(&h->ring, h->slots, h))
				relax();
		else
			while (!ck_ring_dequeue_mpmc(&h->ring, h->slots, &p))
				relax();
}

static void run_hand_over(const struct bench_case *c, void (*body)(struct crew *, int))
{
	struct hand_over *h = &hand_over;

	memset(h, 0, sizeof(*h));
	ck_ring_init(&h->ring, RING_SIZE);
	h->n = scaled(c->n, 64);
	h->crew.nr = 2;
	h->crew.pinned = true;
	h->crew.body = body;
	crew_run(&h->crew);
	emit("mean", (double)(crew_ended(&h->crew) - crew_began(&h->crew)) / (double)h->n, "ns");
}

static void run_ring_spsc(const struct bench_case *c)
{
	run_hand_over(c, spsc_body);
}

static void run_ring_mpmc(const struct bench_case *c)
{
	run_hand_over(c, mpmc_body);
}

/* ---- ping-pong of two threads on two CPUs ---- */

static struct ping_pong {
	struct crew crew;	/* first: body() gets it */
	long n;
	bool sleep;
	uint64_t *took;
	struct event ping __attribute__((__aligned__(BENCH_LINE)));
	struct event pong __attribute__((__aligned__(BENCH_LINE)));
	uint64_t stamp;
} ping_pong;

static void await_turn(struct ping_pong *p, struct event *event)
{
	if (p->sleep)
		event_wait(event);
	else
		while (!event_is_set(event))
			relax();
	event_clear(event);
}

/* A store is enough where nobody sleeps. */
static void give_turn(struct ping_pong *p, struct event *event)
{
	if (p->sleep)
		event_set(event);
	else
		__atomic_store_n(&event->word, EVENT_SET, __ATOMIC_RELEASE);
}

static void ping_pong_body(struct crew *crew, int nth)
{
	struct ping_pong *p = (struct ping_pong *)crew;

	for (long i = 0; i < p->n; i++) {
		uint64_t t;

		if (nth == 1) {
			await_turn(p, &p->ping);
			give_turn(p, &p->pong);
			continue;
		}
		if (p->sleep)
			pause_until_asleep();
		t = ticks();
		give_turn(p, &p->ping);
		await_turn(p, &p->pong);
		p->took[i] = ticks() - t;
	}
}

static void run_ping_pong(const struct bench_case *c, bool sleep)
{
	struct ping_pong *p = &ping_pong;

	memset(p, 0, sizeof(*p));
	p->n = scaled(c->n, 10);
	p->sleep = sleep;
	p->took = (uint64_t *)bench_alloc(sizeof(*p->took) * (size_t)p->n);
	p->crew.nr = 2;
	p->crew.pinned = true;
	p->crew.body = ping_pong_body;
	crew_run(&p->crew);
	emit_spread(p->took, p->n, ns_per_tick());
}

static void run_line_pingpong(const struct bench_case *c)
{
	run_ping_pong(c, false);
}

static void run_futex_pingpong(const struct bench_case *c)
{
	run_ping_pong(c, true);
}

/* ---- a sleeping thread is woken after a millisecond of nothing ---- */

static void futex_wake_body(struct crew *crew, int nth)
{
	struct ping_pong *p = (struct ping_pong *)crew;

	for (long i = 0; i < p->n; i++) {
		uint64_t t;

		if (nth == 1) {
			await_turn(p, &p->ping);
			p->stamp = now_ns();
			give_turn(p, &p->pong);
			continue;
		}
		nap_us(1000);
		t = now_ns();
		give_turn(p, &p->ping);
		await_turn(p, &p->pong);
		p->took[i] = p->stamp - t;
	}
}

static void run_futex_wake(const struct bench_case *c)
{
	struct ping_pong *p = &ping_pong;

	memset(p, 0, sizeof(*p));
	p->n = scaled(c->n, 5);
	p->sleep = true;
	p->took = (uint64_t *)bench_alloc(sizeof(*p->took) * (size_t)p->n);
	p->crew.nr = 2;
	p->crew.pinned = true;
	p->crew.body = futex_wake_body;
	crew_run(&p->crew);
	emit_spread(p->took, p->n, 1);
}

/* ---- one atomic operation and a call ---- */

struct inline_item {
	unsigned long data;
	void (*fn)(struct inline_item *item);
	long left;
};

static void inline_fn(struct inline_item *item)
{
	item->left--;
}

/* What a requeue cannot do without: take the item's bit, call; a store gives it back. */
static void run_inline_requeue(const struct bench_case *c)
{
	long n = scaled(c->n, 64);
	struct inline_item item = { 0, inline_fn, n };
	uint64_t t = now_ns();

	while (item.left) {
		if (__atomic_fetch_or(&item.data, 1, __ATOMIC_SEQ_CST) & 1)
			bench_fail("somebody else has the item");
		__asm__ __volatile__("" : "+m"(item));
		__atomic_store_n(&item.data, 0, __ATOMIC_RELEASE);
		item.fn(&item);
	}
	emit("mean", (double)(now_ns() - t) / (double)n, "ns");
}

/* ---- a lock that nobody else wants, and a list ---- */

struct linked {
	struct linked *next, *prev;
	char rest[BENCH_LINE - 2 * sizeof(void *)];
} __attribute__((__aligned__(BENCH_LINE)));

static void unlink_locked(int *lock, struct linked *one)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		relax();
	one->prev->next = one->next;
	one->next->prev = one->prev;
	one->next = one->prev = one;
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

static void run_lock_unlink(const struct bench_case *c)
{
	long n = scaled(c->n, 10), *order = shuffled(n), passes = n < 100000 ? 100000 / n : 1;
	struct linked *all = (struct linked *)bench_alloc(sizeof(*all) * (size_t)(n + 1));
	uint64_t sum = 0;
	int lock = 0;

	for (long pass = 0; pass < passes; pass++) {
		uint64_t t;

		for (long i = 0; i <= n; i++) {
			all[i].next = &all[i == n ? 0 : i + 1];
			all[i].prev = &all[i == 0 ? n : i - 1];
		}
		t = now_ns();
		for (long i = 0; i < n; i++)
			unlink_locked(&lock, &all[order[i]]);
		sum += now_ns() - t;
	}
	emit("mean", (double)sum / (double)(n * passes), "ns");
}

/* ---- the system's own sleep of a millisecond ---- */

static void run_nanosleep(const struct bench_case *c)
{
	long n = scaled(c->n, 10);
	uint64_t *took = (uint64_t *)bench_alloc(sizeof(*took) * (size_t)n);

	for (long i = 0; i < n; i++) {
		uint64_t t = now_ns();

		nap_us(1000);
		took[i] = now_ns() - t - 1000000;
	}
	emit_spread(took, n, 1);
}

/* The same where the program has asked the system not to gather wake-ups. */
static void run_nanosleep_exact(const struct bench_case *c)
{
	prctl(PR_SET_TIMERSLACK, 1);
	run_nanosleep(c);
}

/* ---- all CPUs do the work of fanout-200ns, and nothing else ---- */

static void ideal_body(struct crew *crew, int nth)
{
	long n = scaled(2000000, 64) / crew->nr;

	for (long i = 0; i < n; i++)
		compute_200ns((uint64_t)(i + nth));
}

static void run_ideal(const struct bench_case *c)
{
	static struct crew crew;
	long n = scaled(c->n, 64);

	memset(&crew, 0, sizeof(crew));
	crew.nr = nr_cpus() < MAX_CREW ? nr_cpus() : MAX_CREW;
	crew.pinned = true;
	crew.body = ideal_body;
	crew_run(&crew);
	emit("mean", (double)(crew_ended(&crew) - crew_began(&crew)) / (double)n, "ns");
}

static const struct bench_case limit_cases[] = {
	{ "ring-spsc", run_ring_spsc, 2000000, 1, 1 },
	{ "ring-mpmc", run_ring_mpmc, 2000000, 1, 1 },
	{ "line-pingpong", run_line_pingpong, 200000, 1, 1 },
	{ "futex-pingpong", run_futex_pingpong, 4000, 1, 1 },
	{ "futex-wake", run_futex_wake, 200, 1, 1 },
	{ "inline-requeue", run_inline_requeue, 5000000, 1, 1 },
	{ "lock-unlink-10k", run_lock_unlink, 10000, 1, 1 },
	{ "lock-unlink-100k", run_lock_unlink, 100000, 1, 1 },
	{ "lock-unlink-1m", run_lock_unlink, 1000000, 1, 1 },
	{ "nanosleep-1ms", run_nanosleep, 300, 1, 1 },
	{ "nanosleep-1ms-exact", run_nanosleep_exact, 300, 1, 1 },
	{ "ideal-200ns", run_ideal, 2000000, 1, 1 },
};

int main(int argc, char **argv)
{
	return bench_main(argc, argv, limit_cases,
			  (int)(sizeof(limit_cases) / sizeof(limit_cases[0])));
}
