/* SPDX-License-Identifier: MIT */
/*
 * measure.h - clocks, percentiles, and the one line that is printed for each figure
 *
 *	contestant <TAB> case <TAB> figure <TAB> value <TAB> unit
 *
 * Included by every program of the bench. Compiles as C11 and as C++17.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

static double bench_scale = 1;	/* -s: all counts are multiplied by it */
static const char *bench_case;	/* the one that runs */

static inline long scaled(long n, long least)
{
	long m = (long)((double)n * bench_scale);

	return m > least ? m : least;
}

static inline void bench_fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", CONTESTANT, bench_case ? bench_case : "start", what);
	exit(1);
}

/* ---- clocks ---- */

static inline uint64_t clock_read_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static inline uint64_t now_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

/* All threads of the process together. */
static inline uint64_t cpu_time_ns(void)
{
	return clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static inline void nap_us(unsigned int us)
{
	struct timespec ts = { us / 1000000, (long)(us % 1000000) * 1000 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

/* For what takes a few nanoseconds: the CPU's own counter where there is one. */
static inline uint64_t ticks(void)
{
#ifdef __x86_64__
	return __builtin_ia32_rdtsc();
#else
	return now_ns();
#endif
}

static inline double ns_per_tick(void)
{
	static double ratio;

	if (ratio == 0) {
		uint64_t t = ticks(), ns = now_ns();

		nap_us(5000);
		ratio = (double)(now_ns() - ns) / (double)(ticks() - t);
	}
	return ratio;
}

static inline void relax(void)
{
#ifdef __x86_64__
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield" ::: "memory");
#endif
}

/* ---- memory ---- */

/* Zeroed and present, so that no page fault is measured. */
static inline void *bench_alloc(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		bench_fail("no memory");
	return p;
}

static inline void bench_free(void *p, size_t size)
{
	munmap(p, size);
}

/* ---- figures ---- */

static inline void emit(const char *figure, double value, const char *unit)
{
	printf("%s\t%s\t%s\t%.6g\t%s\n", CONTESTANT, bench_case, figure, value, unit);
	fflush(stdout);
}

/* It cannot be measured on this machine. */
static inline void emit_nothing(const char *figure, const char *unit)
{
	printf("%s\t%s\t%s\t-\t%s\n", CONTESTANT, bench_case, figure, unit);
	fflush(stdout);
}

static inline int cmp_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* @sorted, not empty */
static inline uint64_t percentile(const uint64_t *sorted, long n, int p)
{
	return sorted[n * p / 100 < n ? n * p / 100 : n - 1];
}

/* @v is sorted here; every value counts @factor nanoseconds. */
static inline void emit_spread(uint64_t *v, long n, double factor)
{
	qsort(v, (size_t)n, sizeof(*v), cmp_u64);
	emit("p50", (double)percentile(v, n, 50) * factor, "ns");
	emit("p99", (double)percentile(v, n, 99) * factor, "ns");
}

/* ---- the same order in every program and every run ---- */

static inline long *shuffled(long n)
{
	long *order = (long *)bench_alloc(sizeof(*order) * (size_t)n);
	uint64_t state = 88172645463325252u;

	for (long i = 0; i < n; i++)
		order[i] = i;
	for (long i = n - 1; i > 0; i--) {
		long j, t = order[i];

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		j = (long)(state % (uint64_t)(i + 1));
		order[i] = order[j];
		order[j] = t;
	}
	return order;
}

/* About 200 ns of work that no compiler shortens, the same for everybody. */
#define COMPUTE_ROUNDS	206

static inline uint64_t compute_200ns(uint64_t x)
{
	for (int i = 0; i < COMPUTE_ROUNDS; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		__asm__ __volatile__("" : "+r"(x));
	}
	return x;
}

#endif
