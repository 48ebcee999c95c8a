// SPDX-License-Identifier: MIT
/*
 * threaded_submitters.c - many submitters of one threaded workqueue: how fast, how fair
 *
 *	threaded_submitters [-t THREADS] [-r REQUESTS] [-w STEPS] [-s SECONDS] [-c REPEATS]
 *
 * 1, 2, 4, 8 and 16 threads get and submit requests as fast as they can; each one is STEPS
 * of computing for the handler, about a nanosecond each. "wait": they sleep until there is a
 * request; "poll": they ask again, and yield the CPU in between; "mixed": every second one
 * polls. Prints requests per second, and what the worst and the best of the submitters got,
 * in parts of an equal share: medians of REPEATS runs, and in parentheses the least. In
 * "mixed" these are the worst and the best of those who wait.
 */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <unistd.h>

#include <uwq/threaded_workqueue.h>

#define CONTESTANT "threaded"
#include "measure.h"

#define MAX_SUBMITTERS	16
#define MAX_REPEATS	50

static unsigned int nr_threads, requests_each = DEFAULT_THREAD_REQUEST_NR;
static long work_steps = 500;
static double seconds = 0.1;

static Threads *threads;
static bool go, stop;	/* atomic */

struct submitter {
	pthread_t thread;
	bool polls;
	unsigned long n;	/* requests submitted; read after the thread's end */
} __attribute__((aligned(128)));

struct result {
	double rate, worst, best;
};

static void compute(void *request)
{
	unsigned long *x = request;

	for (long i = 0; i < work_steps; i++)
		*(volatile unsigned long *)x = *x * 25214903917 + 11;
}

static const ThreadedWorkqueueOps ops = {
	.thread_request_handler = compute,
	.request_size = sizeof(unsigned long),
};

static void *get(const struct submitter *me)
{
	void *request;

	if (!me->polls)
		return threaded_workqueue_get_request_wait(threads);
	while (!(request = threaded_workqueue_get_request(threads)) &&
	       !__atomic_load_n(&stop, __ATOMIC_RELAXED))
		sched_yield();
	return request;
}

static void *submit_many(void *arg)
{
	struct submitter *me = arg;
	void *request;

	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
		usleep(100);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED) && (request = get(me))) {
		threaded_workqueue_submit_request(threads, request);
		me->n++;
	}
	return NULL;
}

/* Shares of those who wait, or of all if nobody does. */
static struct result sum_up(const struct submitter *s, int nr, double elapsed)
{
	unsigned long total = 0, least = ~0UL, most = 0;
	bool all = s[0].polls;

	for (int i = 0; i < nr; i++) {
		total += s[i].n;
		if (s[i].polls && !all)
			continue;
		least = s[i].n < least ? s[i].n : least;
		most = s[i].n > most ? s[i].n : most;
	}
	return (struct result) {
		.rate = (double)total / elapsed,
		.worst = (double)least * nr / (double)total,
		.best = (double)most * nr / (double)total,
	};
}

/* @polling: 0 nobody, 1 everybody, 2 every second one; the first one waits then */
static struct result run(int nr, int polling)
{
	struct submitter s[MAX_SUBMITTERS] = { 0 };
	uint64_t start;

	threads = threaded_workqueue_create("bench", nr_threads, requests_each, &ops);
	if (!threads)
		bench_fail("no threads");
	go = stop = false;
	for (int i = 0; i < nr; i++) {
		s[i].polls = polling == 1 || (polling == 2 && i % 2);
		if (pthread_create(&s[i].thread, NULL, submit_many, &s[i]))
			bench_fail("no thread");
	}
	start = now_ns();
	__atomic_store_n(&go, true, __ATOMIC_RELEASE);
	usleep((useconds_t)(seconds * 1e6));
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < nr; i++)
		pthread_join(s[i].thread, NULL);
	start = now_ns() - start;
	threaded_workqueue_destroy(threads);
	return sum_up(s, nr, (double)start / 1e9);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const char *kind, int nr, int polling, int repeats)
{
	double rate[MAX_REPEATS], worst[MAX_REPEATS], best[MAX_REPEATS];

	for (int i = 0; i < repeats; i++) {
		struct result result = run(nr, polling);

		rate[i] = result.rate;
		worst[i] = result.worst;
		best[i] = result.best;
	}
	qsort(rate, (size_t)repeats, sizeof(*rate), compare);
	qsort(worst, (size_t)repeats, sizeof(*worst), compare);
	qsort(best, (size_t)repeats, sizeof(*best), compare);
	printf("%-6s %10d %8.0f (%.0f..%.0f)  worst %.2f (%.2f)  best %.2f\n", kind, nr,
	       rate[repeats / 2] / 1e3, rate[0] / 1e3, rate[repeats - 1] / 1e3,
	       worst[repeats / 2], worst[0], best[repeats / 2]);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "wait", "poll", "mixed" };
	int repeats = 5, opt;

	while ((opt = getopt(argc, argv, "t:r:w:s:c:")) != -1) {
		switch (opt) {
		case 't': nr_threads = (unsigned int)atoi(optarg); break;
		case 'r': requests_each = (unsigned int)atoi(optarg); break;
		case 'w': work_steps = atol(optarg); break;
		case 's': seconds = atof(optarg); break;
		case 'c': repeats = atoi(optarg); break;
		default: repeats = 0;
		}
	}
	if (repeats < 1 || repeats > MAX_REPEATS || work_steps < 0 || seconds <= 0) {
		fprintf(stderr, "usage: %s [-t THREADS] [-r REQUESTS, 1..64] [-w STEPS] "
			"[-s SECONDS] [-c REPEATS, 1..%d]\n", argv[0], MAX_REPEATS);
		return 2;
	}
	bench_case = "submitters";
	printf("kind   submitters  thousand requests/s, share of an equal one\n");
	for (int kind = 0; kind < 3; kind++)
		for (int nr = kind == 2 ? 2 : 1; nr <= MAX_SUBMITTERS; nr *= 2)
			measure(kinds[kind], nr, kind, repeats);
	return 0;
}
