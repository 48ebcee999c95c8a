/* SPDX-License-Identifier: MIT */
/*
 * paio_reads.h - the study of asynchronous reads, once for each way to make them
 *
 * Each program defines struct slot (one request), and
 *	bool open_all(int fd)			false: this machine does not let us
 *	void start(int slot, char *buf, off_t)	begin a read of 4 KiB
 *	int  finish(int oldest, ssize_t *n)	wait for one; which slot it was
 * and includes this. A file of -m MiB is read in random places with 1 to 64 requests in
 * flight, or as many as -n says, for -t seconds each: from the page cache; with -d without it
 * (O_DIRECT); with -u through it, but nothing is in there: it is dropped first, each page is
 * read once, and then it is dropped again, which is not timed. Each buffer is compared at its
 * start with what the file has there.
 *
 * Prints contestant, case, figure, value, unit, tab separated, as the bench does.
 */
#ifndef UWQ_BENCH_PAIO_READS_H
#define UWQ_BENCH_PAIO_READS_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE		4096
#define MAX_IN_FLIGHT	64

static bool open_all(int fd);
static void start(int slot, char *buf, off_t offset);
static int finish(int oldest, ssize_t *n);

static char *buffers;
static off_t offsets[MAX_IN_FLIGHT];
static long nr_pages;
static long *order;		/* with -u: the pages, each once; NULL: any, at any time */
static long next_in_order;
static __thread uint64_t seed = 88172645463325252ull;

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long random_below(long n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (long)(seed % n);
}

static off_t random_offset(void)
{
	return (off_t)(order ? order[next_in_order++] : random_below(nr_pages)) * PAGE;
}

/* ---- nothing is in the cache ---- */

static long nr_cached(int fd)
{
	unsigned char *resident = malloc(nr_pages);
	void *map = mmap(NULL, nr_pages * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	long i, nr = 0;

	if (map == MAP_FAILED || mincore(map, nr_pages * PAGE, resident))
		die("mincore");
	for (i = 0; i < nr_pages; i++)
		nr += resident[i] & 1;
	munmap(map, nr_pages * PAGE);
	free(resident);
	return nr;
}

static void shuffle(void)
{
	long i, j, page;

	for (i = nr_pages - 1; i > 0; i--) {
		j = random_below(i + 1);
		page = order[i];
		order[i] = order[j];
		order[j] = page;
	}
	next_in_order = 0;
}

static void drop_cache(int fd)
{
	if (fsync(fd) || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		die("posix_fadvise");
	if (nr_cached(fd)) {
		fprintf(stderr, "%ld pages stay in the cache\n", nr_cached(fd));
		exit(1);
	}
	shuffle();
}

static void prepare_order(void)
{
	long i;

	order = malloc(nr_pages * sizeof(*order));
	for (i = 0; i < nr_pages; i++)
		order[i] = i;
}

/* ---- reading ---- */

/* Each page begins with its own place. */
static int make_file(const char *dir, bool direct)
{
	char path[256], page[PAGE] = "";
	int fd, again;
	off_t at;

	snprintf(path, sizeof(path), "%s/paio_reads.XXXXXX", dir);
	fd = mkstemp(path);
	if (fd < 0)
		die(path);
	for (at = 0; at < nr_pages * PAGE; at += PAGE) {
		memcpy(page, &at, sizeof(at));
		if (write(fd, page, PAGE) != PAGE)
			die("write");
	}
	if (fsync(fd))
		die("fsync");
	again = open(path, O_RDONLY | (direct ? O_DIRECT : 0));
	unlink(path);
	close(fd);
	return again;
}

static void start_random(int slot)
{
	offsets[slot] = random_offset();
	start(slot, buffers + slot * PAGE, offsets[slot]);
}

static int finish_and_check(int oldest)
{
	ssize_t n;
	int slot = finish(oldest, &n);

	if (n != PAGE || memcmp(buffers + slot * PAGE, &offsets[slot], sizeof(off_t))) {
		fprintf(stderr, "wrong bytes at %ld (%zd)\n", (long)offsets[slot], n);
		exit(1);
	}
	return slot;
}

/* So many reads; returns how many seconds they took. */
static double read_many(int in_flight, long nr)
{
	double begin = now_s();
	int i, slot, oldest = 0;
	long started;

	for (started = 0; started < in_flight; started++)
		start_random((int)started);
	for (; started < nr; started++) {
		slot = finish_and_check(oldest);
		start_random(slot);
		oldest = (oldest + 1) % in_flight;
	}
	for (i = 0; i < in_flight; i++)
		finish_and_check((oldest + i) % in_flight);
	return now_s() - begin;
}

/* Reads in a second. */
static double rate(int fd, int in_flight, double seconds)
{
	long nr = order ? nr_pages : 4096, done = 0;
	double took = 0;

	do {
		if (order)
			drop_cache(fd);
		took += read_many(in_flight, nr);
		done += nr;
	} while (took < seconds);
	return done / took;
}

static int study(const char *name, int argc, char **argv)
{
	const char *dir = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", *how = "cached";
	int option, fd, n, only = 0;
	double seconds = 0.5;
	long mib = 64;

	while ((option = getopt(argc, argv, "dum:n:t:")) >= 0) {
		if (option == 'd')
			how = "direct";
		else if (option == 'u')
			how = "dropped";
		else if (option == 'm')
			mib = atol(optarg);
		else if (option == 'n')
			only = atoi(optarg);
		else if (option == 't')
			seconds = atof(optarg);
		else
			return 2;
	}
	nr_pages = mib * 256;
	if (only > MAX_IN_FLIGHT || nr_pages < MAX_IN_FLIGHT)
		return 2;
	fd = make_file(dir, !strcmp(how, "direct"));
	if (fd < 0 || !open_all(fd)) {
		fprintf(stderr, "%s: not possible here\n", name);
		return 0;
	}
	buffers = aligned_alloc(PAGE, MAX_IN_FLIGHT * PAGE);
	rate(fd, 16, 0.05);
	if (!strcmp(how, "dropped"))
		prepare_order();
	for (n = only ? only : 1; n <= (only ? only : MAX_IN_FLIGHT); n *= 4)
		printf("%s\tread-4k-%s-%d\trate\t%.0f\t1/s\n", name, how, n,
		       rate(fd, n, seconds));
	return 0;
}

#endif
