// SPDX-License-Identifier: MIT
/*
 * paio_bare.c - the same reads without anything around them: what the machine gives
 *
 * One thread that does nothing but pread(2) of cached data in a loop, and then as many as
 * there are CPUs. What makes a system call for each request gets no further than that.
 */
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "paio_reads.h"

#define MAX_THREADS	64

static int file;
static bool stop;		/* atomic */

static bool open_all(int fd)
{
	file = fd;
	return true;
}

static void start(int slot, char *buf, off_t offset)
{
	(void)slot;
	if (pread(file, buf, PAGE, offset) != PAGE)
		die("pread");
}

static int finish(int oldest, ssize_t *n)
{
	*n = PAGE;
	return oldest;
}

static void *read_until_told(void *arg)
{
	char *buf = aligned_alloc(PAGE, PAGE);
	long nr = 0;

	seed += (long)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		start(0, buf, random_offset());
		nr++;
	}
	free(buf);
	return (void *)nr;
}

static double rate_of_threads(long nr, double seconds)
{
	double begin = now_s();
	pthread_t threads[MAX_THREADS];
	long i, sum = 0;
	void *ret;

	__atomic_store_n(&stop, false, __ATOMIC_RELAXED);
	for (i = 0; i < nr; i++)
		if (pthread_create(&threads[i], NULL, read_until_told, (void *)i))
			die("pthread_create");
	usleep(seconds * 1e6);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < nr; i++) {
		pthread_join(threads[i], &ret);
		sum += (long)ret;
	}
	return sum / (now_s() - begin);
}

int main(int argc, char **argv)
{
	long nr, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int ret = study("bare", argc, argv);

	if (ret || !file)
		return ret;
	order = NULL;
	if (cpus > MAX_THREADS)
		cpus = MAX_THREADS;
	for (nr = 1; nr <= cpus; nr++)
		printf("bare\tread-4k-threads-%ld\trate\t%.0f\t1/s\n", nr,
		       rate_of_threads(nr, 0.5));
	return 0;
}
