/* SPDX-License-Identifier: MIT */
/*
 * page_compression.h - the bench of the threaded workqueue: pages compressed by zlib
 *
 *	PROGRAM [-t THREADS] [-r REQUESTS] [-m GIB] [-c REPEATS] [-k KIND]
 *
 * One thread hands out 4 KiB pages, others compress them at level 1. Beside the runs the
 * same pages go through a plain loop in one thread, so that the efficiency, rate over
 * threads times the loop's rate, is of the same moment. What else runs on the machine slows
 * the kinds and not the loop, which leaves it a CPU. Without -t: 1, 2, .. up to twice the
 * CPUs. Prints medians, in the line format of measure.h, rate being min, max or rate:
 *
 *	KIND <TAB> page-compression-tN <TAB> rate <TAB> value <TAB> GB/s
 *	KIND <TAB> page-compression-tN <TAB> efficiency[-min|-max] <TAB> value <TAB> 1
 *
 * Each program defines kinds[], then PAGE_COMPRESSION_MAIN. Compiles as C11 and C++17.
 */
#ifndef BENCH_PAGE_COMPRESSION_H
#define BENCH_PAGE_COMPRESSION_H

#include <sched.h>
#include <unistd.h>
#include <zlib.h>

static const char *contestant = "page_compression";
#define CONTESTANT contestant
#include "measure.h"

#define PAGE_BYTES	4096
#define OUT_BYTES	(PAGE_BYTES + 64)
#define MAX_REPEATS	100
#define MAX_KINDS	4

/* What one request consists of: a page, and where it is compressed to. */
struct page_job {
	const unsigned char *page;
	z_stream stream;
	unsigned long compressed;
	unsigned char out[OUT_BYTES];
};

static unsigned char *pages;
static long nr_pages;
static int requests_each = 4;
static unsigned long total_out;	/* of the run under way, by the thread that hands out */

struct kind {
	const char *name;
	void (*run)(int threads);	/* all pages, once; makes and ends its threads */
};

static inline int job_init(struct page_job *job)
{
	memset(&job->stream, 0, sizeof(job->stream));
	return deflateInit(&job->stream, 1) == Z_OK ? 0 : -1;
}

static inline void job_compress(struct page_job *job)
{
	deflateReset(&job->stream);
	job->stream.next_in = (unsigned char *)job->page;
	job->stream.avail_in = PAGE_BYTES;
	job->stream.next_out = job->out;
	job->stream.avail_out = OUT_BYTES;
	job->compressed = deflate(&job->stream, Z_FINISH) == Z_STREAM_END ?
			  job->stream.total_out : 0;
}

static inline void job_count(struct page_job *job)
{
	if (!job->compressed)
		bench_fail("a page was not compressed");
	total_out += job->compressed;
}

static inline unsigned char *page_nr(long nr)
{
	return pages + nr * PAGE_BYTES;
}

/* What others are compared with. */
static inline void run_loop(int threads)
{
	struct page_job *job = (struct page_job *)malloc(sizeof(*job));

	(void)threads;
	if (!job || job_init(job))
		bench_fail("no memory");
	for (long i = 0; i < nr_pages; i++) {
		job->page = page_nr(i);
		job_compress(job);
		job_count(job);
	}
	deflateEnd(&job->stream);
	free(job);
}

/* Words of several lengths out of a small alphabet: compresses to about a half. */
static inline void fill_pages(double gib)
{
	uint64_t x = 88172645463325252u;

	nr_pages = (long)(gib * 1024 * 1024 * 1024 / PAGE_BYTES);
	if (nr_pages < 1)
		bench_fail("-m is too small");
	pages = (unsigned char *)bench_alloc((size_t)nr_pages * PAGE_BYTES);
	for (long i = 0; i < nr_pages * PAGE_BYTES; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		pages[i] = x % 7 ? (unsigned char)('a' + x / 7 % 19) : ' ';
	}
}

static inline double gb_per_s(void (*run)(int threads), int threads)
{
	uint64_t start = now_ns();

	total_out = 0;
	run(threads);
	return (double)nr_pages * PAGE_BYTES / (double)(now_ns() - start);
}

static inline int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), cmp_double);
	return v[n / 2];
}

/* What a kind has done so far with one number of threads. */
struct series {
	double rate[MAX_REPEATS], efficiency[MAX_REPEATS];
};

static inline void emit_series(const char *kind, struct series *series, int repeats)
{
	contestant = kind;
	emit("rate", median(series->rate, repeats), "GB/s");
	emit("min", series->rate[0], "GB/s");
	emit("max", series->rate[repeats - 1], "GB/s");
	emit("efficiency", median(series->efficiency, repeats), "1");
	emit("efficiency-min", series->efficiency[0], "1");
	emit("efficiency-max", series->efficiency[repeats - 1], "1");
}

/* All kinds take turns, so that what disturbs the machine for a while disturbs all of them. */
static inline void measure_kinds(const struct kind *kinds, int nr, const char *only, int threads,
				 int repeats)
{
	static struct series series[MAX_KINDS];
	static char name[64];

	snprintf(name, sizeof(name), "page-compression-t%d", threads);
	bench_case = name;
	for (int i = 0; i < repeats; i++) {
		double loop = gb_per_s(run_loop, 1);
		unsigned long expected = total_out;

		for (int k = 0; k < nr; k++) {
			if (only && strcmp(only, kinds[k].name))
				continue;
			contestant = kinds[k].name;
			series[k].rate[i] = gb_per_s(kinds[k].run, threads);
			series[k].efficiency[i] = series[k].rate[i] / loop / threads;
			if (total_out != expected)
				bench_fail("other pages came out than of the loop");
		}
	}
	for (int k = 0; k < nr; k++)
		if (!only || !strcmp(only, kinds[k].name))
			emit_series(kinds[k].name, &series[k], repeats);
}

static inline int nr_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
}

static inline int page_compression_main(int argc, char **argv, const struct kind *kinds, int nr)
{
	int threads = 0, repeats = 5, opt;
	const char *only = NULL;
	double gib = 1.0 / 64;

	while ((opt = getopt(argc, argv, "t:r:m:c:k:")) != -1) {
		switch (opt) {
		case 't': threads = atoi(optarg); break;
		case 'r': requests_each = atoi(optarg); break;
		case 'm': gib = atof(optarg); break;
		case 'c': repeats = atoi(optarg); break;
		case 'k': only = optarg; break;
		default: repeats = 0;
		}
	}
	if (repeats < 1 || repeats > MAX_REPEATS || requests_each < 1 || requests_each > 64 ||
	    threads < 0 || threads > 512) {
		fprintf(stderr, "usage: %s [-t THREADS] [-r REQUESTS, 1..64] [-m GIB] "
			"[-c REPEATS, 1..%d] [-k KIND]\n", argv[0], MAX_REPEATS);
		return 2;
	}
	fill_pages(gib);
	for (int t = threads ? threads : 1; t <= (threads ? threads : 2 * nr_cpus()); t++)
		measure_kinds(kinds, nr, only, t, repeats);
	return 0;
}

#define PAGE_COMPRESSION_MAIN							\
	int main(int argc, char **argv)						\
	{									\
		return page_compression_main(argc, argv, kinds,			\
					     (int)(sizeof(kinds) / sizeof(kinds[0]))); \
	}

#endif
