/* SPDX-License-Identifier: MIT */
/*
 * crew.h - threads of the bench: where they run, how they start together, how they wait
 *
 * A crew is a number of producer threads that start together. They pin themselves; main()
 * never does, and workers are pinned only after their pool made them, from inside an
 * item: a new thread would inherit the pinning.
 *
 * What has run is counted by each thread for itself, so that counting costs every
 * contestant the same one store and no shared line. An event is one futex word.
 */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure.h"

/* ---- CPUs ---- */

static cpu_set_t bench_cpus;	/* what the process may use */

static inline int nr_cpus(void)
{
	return CPU_COUNT(&bench_cpus);
}

/* The calling thread stays on the @nth CPU, counted round and round. */
static inline void pin_self(int nth)
{
	cpu_set_t one;
	int cpu, left = nth % nr_cpus();

	for (cpu = 0; !CPU_ISSET(cpu, &bench_cpus) || left--; cpu++)
		;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* ---- events ---- */

enum { EVENT_CLEAR, EVENT_SET, EVENT_AWAITED };

struct event {
	int word;
};

static inline void futex(int *word, int op, int value)
{
	syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static inline void event_clear(struct event *event)
{
	__atomic_store_n(&event->word, EVENT_CLEAR, __ATOMIC_RELAXED);
}

/* No system call unless somebody sleeps. */
static inline void event_set(struct event *event)
{
	if (__atomic_exchange_n(&event->word, EVENT_SET, __ATOMIC_ACQ_REL) == EVENT_AWAITED)
		futex(&event->word, FUTEX_WAKE, 1);
}

static inline bool event_is_set(const struct event *event)
{
	return __atomic_load_n(&event->word, __ATOMIC_ACQUIRE) == EVENT_SET;
}

/* One waiter. It sleeps at once: whether to look for a while first is each library's own. */
static inline void event_wait(struct event *event)
{
	int clear = EVENT_CLEAR;

	if (!__atomic_compare_exchange_n(&event->word, &clear, (int)EVENT_AWAITED, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return;
	while (!event_is_set(event))
		futex(&event->word, FUTEX_WAIT, EVENT_AWAITED);
}

/*
 * The other side has had its time to fall asleep. Without it, who is quick to answer finds
 * nobody asleep, and what is measured is a system call that returns at once.
 */
static inline void pause_until_asleep(void)
{
	uint64_t until = now_ns() + 5000;

	while (now_ns() < until)
		relax();
}

/* ---- counting what has run ---- */

#define MAX_TALLIES	1024

struct tally {
	unsigned long n;
	char rest[BENCH_LINE - sizeof(long)];
} __attribute__((__aligned__(BENCH_LINE)));

static struct tally tallies[MAX_TALLIES];
static int nr_tallies;
static __thread struct tally *my_tally;

static inline struct tally *tally_join(void)
{
	int i = __atomic_fetch_add(&nr_tallies, 1, __ATOMIC_RELAXED);

	if (i >= MAX_TALLIES)
		bench_fail("too many threads");
	return my_tally = &tallies[i];
}

static inline void count_one(void)
{
	struct tally *t = my_tally;

	if (__builtin_expect(!t, 0))
		t = tally_join();
	__atomic_store_n(&t->n, t->n + 1, __ATOMIC_RELEASE);
}

static inline unsigned long counted(void)
{
	unsigned long sum = 0;

	for (int i = 0; i < MAX_TALLIES && i < __atomic_load_n(&nr_tallies, __ATOMIC_RELAXED); i++)
		sum += __atomic_load_n(&tallies[i].n, __ATOMIC_ACQUIRE);
	return sum;
}

/*
 * Look seldom as long as much is missing, or the looks are part of what is measured: they take the
 * CPU from those who count, and the system leaves a CPU that never rests for long to itself while
 * two threads share the other.
 */
static inline void await_count(unsigned long n)
{
	unsigned long first = counted(), sum;
	uint64_t began = now_ns();

	while ((sum = counted()) < n) {
		double spent = (double)(now_ns() - began) / 1000;
		double left = spent * (double)(n - sum) / (double)(sum - first + 1);
		double us = left / 8 < spent ? left / 8 : spent;

		nap_us(us < 20 ? 20 : (long)us);
	}
}

/* ---- producers ---- */

#define MAX_CREW	64

struct crew {
	void (*body)(struct crew *crew, int nth);
	int nr;
	bool pinned;		/* the nth thread stays on the nth CPU */
	int ready, go;
	uint64_t began[MAX_CREW], ended[MAX_CREW];
	pthread_t thread[MAX_CREW];
};

struct crew_seat {
	struct crew *crew;
	int nth;
};

static inline void *crew_thread(void *arg)
{
	struct crew_seat seat = *(struct crew_seat *)arg;
	struct crew *crew = seat.crew;

	if (crew->pinned)
		pin_self(seat.nth);
	__atomic_add_fetch(&crew->ready, 1, __ATOMIC_ACQ_REL);
	while (!__atomic_load_n(&crew->go, __ATOMIC_ACQUIRE))
		sched_yield();
	crew->began[seat.nth] = now_ns();
	crew->body(crew, seat.nth);
	crew->ended[seat.nth] = now_ns();
	return NULL;
}

/* Runs body in @nr threads that start together; back when all have ended. */
static inline void crew_run(struct crew *crew)
{
	struct crew_seat seats[MAX_CREW];

	for (int i = 0; i < crew->nr; i++) {
		seats[i].crew = crew;
		seats[i].nth = i;
		if (pthread_create(&crew->thread[i], NULL, crew_thread, &seats[i]))
			bench_fail("no thread");
	}
	while (__atomic_load_n(&crew->ready, __ATOMIC_ACQUIRE) < crew->nr)
		sched_yield();
	__atomic_store_n(&crew->go, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < crew->nr; i++)
		pthread_join(crew->thread[i], NULL);
}

static inline uint64_t crew_began(const struct crew *crew)
{
	uint64_t first = crew->began[0];

	for (int i = 1; i < crew->nr; i++)
		first = crew->began[i] < first ? crew->began[i] : first;
	return first;
}

static inline uint64_t crew_ended(const struct crew *crew)
{
	uint64_t last = crew->ended[0];

	for (int i = 1; i < crew->nr; i++)
		last = crew->ended[i] > last ? crew->ended[i] : last;
	return last;
}

#endif
