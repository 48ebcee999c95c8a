// SPDX-License-Identifier: MIT
/*
 * scaling.c - more and more producers: on one unbound queue, for each affinity scope, and on
 * one pool of requests
 *
 *	scale-SCOPE-pN	mean: nanoseconds for one item, of N producers together
 *	scale-SCOPE-p16	crowd: the same by that of 4 producers; above 1 the queue gets slower
 *			by being used more. "-" on fewer than 16 CPUs, where producers that
 *			take turns on a CPU say nothing about it
 *	scale-requests-pN	the same of a threaded workqueue, which has a thread for each
 *			CPU: producers get a request, wait if none is free, and submit it
 *
 * Nobody is pinned: where an item runs is the scope's affair.
 */
#include <linux/workqueue.h>
#include <uwq/threaded_workqueue.h>

#define CONTESTANT "uwq"
#include "contestant.h"
#include "program.h"
#include "scopes.h"

#define MOST		16
#define FEWER		4
#define NR_RUNS		9

struct item {
	struct work_struct work;
	char rest[BENCH_LINE - sizeof(struct work_struct)];
} __attribute__((__aligned__(BENCH_LINE)));
bench_size_ok(item);

static struct scaling {
	struct crew crew;	/* first: body() gets it */
	long each;		/* items of one producer */
	struct workqueue_struct *wq;
	struct item *items;
	Threads *threads;
} scaling;

/* What N producers do, and what waits until all of it is done. */
struct kind {
	void (*produce)(struct crew *crew, int nth);
	void (*wait)(void);
};

/* ---- an unbound queue ---- */

static void count_fn(struct work_struct *work)
{
	(void)work;
	count_one();
}

static void queue_items(struct crew *crew, int nth)
{
	struct item *item = scaling.items + nth * scaling.each;

	(void)crew;
	for (long i = 0; i < scaling.each; i++)
		queue_work(scaling.wq, &item[i].work);
}

static void wait_for_queue(void)
{
	flush_workqueue(scaling.wq);
}

static const struct kind queue_kind = { queue_items, wait_for_queue };

/* ---- a pool of requests ---- */

static void count_request(void *request)
{
	(void)request;
	count_one();
}

static void submit_requests(struct crew *crew, int nth)
{
	(void)crew;
	(void)nth;
	for (long i = 0; i < scaling.each; i++) {
		void *request = threaded_workqueue_get_request_wait(scaling.threads);

		threaded_workqueue_submit_request(scaling.threads, request);
	}
}

static void wait_for_requests(void)
{
	threaded_workqueue_wait_for_requests(scaling.threads);
}

static const struct kind requests_kind = { submit_requests, wait_for_requests };

/* ---- measuring ---- */

/* Nanoseconds for one of @n items. */
static double flow(const struct kind *kind, int producers, long n)
{
	struct crew *crew = &scaling.crew;

	memset(crew, 0, sizeof(*crew));
	crew->nr = producers;
	crew->body = kind->produce;
	scaling.each = n / producers;
	crew_run(crew);
	kind->wait();
	return (double)(now_ns() - crew_began(crew)) / (double)(scaling.each * producers);
}

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_flow(const struct kind *kind, int producers, long n)
{
	double ns[NR_RUNS];

	for (int i = 0; i < NR_RUNS; i++)
		ns[i] = flow(kind, producers, n);
	qsort(ns, NR_RUNS, sizeof(ns[0]), cmp_double);
	return ns[NR_RUNS / 2];
}

static void measure(const struct kind *kind, int producers, long n)
{
	double ns;

	flow(kind, producers, n);	/* the first time starts threads */
	ns = median_flow(kind, producers, n);
	emit("mean", ns, "ns");
	if (producers == MOST && nr_cpus() >= MOST)
		emit("crowd", ns / median_flow(kind, FEWER, n), "x");
	else if (producers == MOST)
		emit_nothing("crowd", "x");
}

static void run_queue(const struct bench_case *c)
{
	long n = scaled(c->n, MOST);

	scaling.wq = open_scope(&scopes[c->workers]);
	scaling.items = (struct item *)bench_alloc(sizeof(struct item) * (size_t)n);
	for (long i = 0; i < n; i++)
		INIT_WORK(&scaling.items[i].work, count_fn);
	measure(&queue_kind, c->producers, n);
	destroy_workqueue(scaling.wq);
}

static void run_requests(const struct bench_case *c)
{
	static const ThreadedWorkqueueOps ops = {
		.thread_request_handler = count_request,
		.request_size = BENCH_LINE,
	};

	scaling.threads = threaded_workqueue_create("bench", 0, DEFAULT_THREAD_REQUEST_NR, &ops);
	if (!scaling.threads)
		bench_fail("no threads");
	measure(&requests_kind, c->producers, scaled(c->n, MOST));
	threaded_workqueue_destroy(scaling.threads);
}

/* ---- the cases ---- */

#define NR_STEPS	5	/* 1, 2, 4, 8, 16 */

#define NR_ROWS		((NR_SCOPES + 1) * NR_STEPS)

static char names[NR_ROWS][40];
static struct bench_case cases[NR_ROWS];

static int make_cases(void)
{
	int nr = 0;

	for (int s = 0; s < NR_SCOPES; s++)
		for (int p = 1; p <= MOST; p *= 2) {
			snprintf(names[nr], sizeof(names[nr]), "scale-%s-p%d", scopes[s].name, p);
			cases[nr] = (struct bench_case){ names[nr], run_queue, 48000, p, s };
			nr++;
		}
	for (int p = 1; p <= MOST; p *= 2, nr++) {
		snprintf(names[nr], sizeof(names[nr]), "scale-requests-p%d", p);
		cases[nr] = (struct bench_case){ names[nr], run_requests, 8000, p, 0 };
	}
	return nr;
}

int main(int argc, char **argv)
{
	return bench_main(argc, argv, cases, make_cases());
}
