// SPDX-License-Identifier: MIT
/*
 * kernel_shape.c - the measurement that the kernel makes of its own unbound queues
 *
 * So that figures can be put next to each other: each of some threads prepares a
 * completion and an item, queues it and waits for it, again and again. Only the call of
 * queue_work() is timed for the percentiles; the rate counts all of it, threads together.
 * One case for each affinity scope and number of threads: 1, 2, 4 ... and the CPUs.
 *
 *	kernel-shape-SCOPE-tN	rate (items/s), p50, p90, p95 (ns)
 */
#include <linux/completion.h>
#include <linux/workqueue.h>

#define CONTESTANT "uwq"
#include "contestant.h"
#include "program.h"
#include "scopes.h"

struct seat {
	struct work_struct work;
	struct completion done;
} __attribute__((__aligned__(BENCH_LINE)));

static struct shape {
	struct crew crew;	/* first: body() gets it */
	struct workqueue_struct *wq;
	struct seat seats[MAX_CREW];
	uint64_t *took;		/* of all threads, one after the other */
	long each;
} shape;

static void complete_fn(struct work_struct *work)
{
	complete(&container_of(work, struct seat, work)->done);
}

static void one_thread(struct crew *crew, int nth)
{
	struct seat *seat = &shape.seats[nth];
	uint64_t *took = shape.took + nth * shape.each;

	(void)crew;
	init_completion(&seat->done);
	for (long i = 0; i < shape.each; i++) {
		uint64_t t;

		reinit_completion(&seat->done);
		INIT_WORK(&seat->work, complete_fn);
		t = ticks();
		queue_work(shape.wq, &seat->work);
		took[i] = ticks() - t;
		wait_for_completion(&seat->done);
	}
}

static void run_shape(const struct bench_case *c)
{
	int nr = c->producers;
	long all;

	memset(&shape, 0, sizeof(shape));
	shape.wq = open_scope(&scopes[c->workers]);
	shape.each = scaled(c->n, 20);
	all = shape.each * nr;
	shape.took = bench_alloc(sizeof(*shape.took) * (size_t)all);
	shape.crew.nr = nr;
	shape.crew.body = one_thread;
	crew_run(&shape.crew);
	emit("rate", (double)all * 1e9 /
	     (double)(crew_ended(&shape.crew) - crew_began(&shape.crew)), "items/s");
	qsort(shape.took, (size_t)all, sizeof(*shape.took), cmp_u64);
	emit("p50", (double)percentile(shape.took, all, 50) * ns_per_tick(), "ns");
	emit("p90", (double)percentile(shape.took, all, 90) * ns_per_tick(), "ns");
	emit("p95", (double)percentile(shape.took, all, 95) * ns_per_tick(), "ns");
	destroy_workqueue(shape.wq);
}

/* ---- the cases of this machine ---- */

#define MAX_STEPS	8

static char names[NR_SCOPES * MAX_STEPS][40];
static struct bench_case cases[NR_SCOPES * MAX_STEPS];

static int make_cases(void)
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN), nr = 0;

	cpus = cpus < MAX_CREW ? cpus : MAX_CREW;
	for (int s = 0; s < NR_SCOPES; s++)
		for (int step = 0, t = 1, last = 0; !last && step < MAX_STEPS; step++, t *= 2) {
			last = t >= cpus;
			t = last ? cpus : t;
			snprintf(names[nr], sizeof(names[nr]), "kernel-shape-%s-t%d",
				 scopes[s].name, t);
			cases[nr] = (struct bench_case){ names[nr], run_shape, 2000, t, s };
			nr++;
		}
	return nr;
}

int main(int argc, char **argv)
{
	return bench_main(argc, argv, cases, make_cases());
}
