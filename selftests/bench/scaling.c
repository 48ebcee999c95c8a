// SPDX-License-Identifier: MIT
/*
 * scaling.c - more and more producers on one unbound queue, for each affinity scope
 *
 *	scale-SCOPE-pN	mean: nanoseconds for one item, of N producers together
 *	scale-SCOPE-p16	crowd: the same by that of 4 producers; above 1 the queue gets slower
 *			by being used more. "-" on fewer than 16 CPUs, where producers that
 *			take turns on a CPU say nothing about it
 *
 * Nobody is pinned: where an item runs is the scope's affair.
 */
#include <linux/workqueue.h>

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
	struct workqueue_struct *wq;
	struct item *items;
	long each;
} scaling;

static void count_fn(struct work_struct *work)
{
	(void)work;
	count_one();
}

static void produce(struct crew *crew, int nth)
{
	struct item *item = scaling.items + nth * scaling.each;

	(void)crew;
	for (long i = 0; i < scaling.each; i++)
		queue_work(scaling.wq, &item[i].work);
}

/* Nanoseconds for one of @n items. */
static double flow(int producers, long n)
{
	struct crew *crew = &scaling.crew;

	memset(crew, 0, sizeof(*crew));
	crew->nr = producers;
	crew->body = produce;
	scaling.each = n / producers;
	crew_run(crew);
	flush_workqueue(scaling.wq);
	return (double)(now_ns() - crew_began(crew)) / (double)(scaling.each * producers);
}

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_flow(int producers, long n)
{
	double ns[NR_RUNS];

	for (int i = 0; i < NR_RUNS; i++)
		ns[i] = flow(producers, n);
	qsort(ns, NR_RUNS, sizeof(ns[0]), cmp_double);
	return ns[NR_RUNS / 2];
}

static void run_scaling(const struct bench_case *c)
{
	long n = scaled(c->n, MOST);
	double ns;

	scaling.wq = open_scope(&scopes[c->workers]);
	scaling.items = (struct item *)bench_alloc(sizeof(struct item) * (size_t)n);
	for (long i = 0; i < n; i++)
		INIT_WORK(&scaling.items[i].work, count_fn);
	flow(c->producers, n);	/* the first time starts threads */
	ns = median_flow(c->producers, n);
	emit("mean", ns, "ns");
	if (c->producers == MOST && nr_cpus() >= MOST)
		emit("crowd", ns / median_flow(FEWER, n), "x");
	else if (c->producers == MOST)
		emit_nothing("crowd", "x");
	destroy_workqueue(scaling.wq);
}

/* ---- the cases ---- */

#define NR_STEPS	5	/* 1, 2, 4, 8, 16 */

static char names[NR_SCOPES * NR_STEPS][40];
static struct bench_case cases[NR_SCOPES * NR_STEPS];

static int make_cases(void)
{
	int nr = 0;

	for (int s = 0; s < NR_SCOPES; s++)
		for (int p = 1; p <= MOST; p *= 2) {
			snprintf(names[nr], sizeof(names[nr]), "scale-%s-p%d", scopes[s].name, p);
			cases[nr] = (struct bench_case){ names[nr], run_scaling, 48000, p, s };
			nr++;
		}
	return nr;
}

int main(int argc, char **argv)
{
	return bench_main(argc, argv, cases, make_cases());
}
