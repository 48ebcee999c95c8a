/* SPDX-License-Identifier: MIT */
/*
 * paio_reads.h - the study of asynchronous reads, once for each way to make them
 *
 * Each program defines struct slot (one request), and
 *	bool open_all(int fd)			false: this machine does not let us
 *	void start(int slot, char *buf, off_t)	begin a read of 4 KiB
 *	int  finish(int oldest, ssize_t *n)	wait for one; which slot it was
 * and includes this. A file of -m MiB is read in random places with 1 to 64 requests in
 * flight for -t seconds each: from the page cache, or with -d without it (O_DIRECT). Each
 * buffer is compared at its start with what the file has there.
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
static uint64_t seed = 88172645463325252ull;

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static off_t random_offset(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (off_t)(seed % nr_pages) * PAGE;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

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

/* Reads in a second. */
static double rate(int in_flight, double seconds)
{
	double begin = now_s(), end = begin + seconds;
	int i, slot, oldest = 0;
	long done = 0;

	for (i = 0; i < in_flight; i++)
		start_random(i);
	do {
		for (i = 0; i < 64; i++, done++) {
			slot = finish_and_check(oldest);
			start_random(slot);
			oldest = (oldest + 1) % in_flight;
		}
	} while (now_s() < end);
	seconds = now_s() - begin;
	for (i = 0; i < in_flight; i++)
		finish_and_check((oldest + i) % in_flight);
	return done / seconds;
}

static int study(const char *name, int argc, char **argv)
{
	const char *dir = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	double seconds = 0.5;
	bool direct = false;
	int option, fd, n;
	long mib = 64;

	while ((option = getopt(argc, argv, "dm:t:")) >= 0) {
		if (option == 'd')
			direct = true;
		else if (option == 'm')
			mib = atol(optarg);
		else if (option == 't')
			seconds = atof(optarg);
		else
			return 2;
	}
	nr_pages = mib * 256;
	fd = make_file(dir, direct);
	if (fd < 0 || !open_all(fd)) {
		fprintf(stderr, "%s: not possible here\n", name);
		return 0;
	}
	buffers = aligned_alloc(PAGE, MAX_IN_FLIGHT * PAGE);
	rate(16, 0.05);
	for (n = 1; n <= MAX_IN_FLIGHT; n *= 4)
		printf("%s\tread-4k-%s-%d\trate\t%.0f\t1/s\n", name,
		       direct ? "direct" : "cached", n, rate(n, seconds));
	return 0;
}

#endif
