// SPDX-License-Identifier: MIT
/*
 * How long after the last runnable worker of a CPU has blocked does the next item start:
 * when it blocks in a call of the library, inside a bracket, and in a raw system call that
 * the sampler has to find. How soon an unbound queue has a thread for each of many items
 * that block, and how few for tiny ones. How often the sampler wakes up while nothing
 * waits. Prints; decides nothing.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/workqueue.h>
#include <uwq/blocking.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000L + ts.tv_nsec;
}

static void nap_ms(long ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* ---- from one item to the next ---- */

static struct workqueue_struct *wq;
static struct work_struct blocks, next;
static struct completion done;
static int event;
static long blocked_at, started_at;

static void next_func(struct work_struct *work)
{
	uint64_t one = 1;

	(void)work;
	started_at = now_ns();
	complete(&done);
	if (write(event, &one, sizeof(one)) != sizeof(one))
		abort();
}

static void await_event(void)
{
	uint64_t count;

	if (read(event, &count, sizeof(count)) != sizeof(count))
		abort();
}

static void in_library(struct work_struct *work)
{
	(void)work;
	queue_work_on(0, wq, &next);
	blocked_at = now_ns();
	wait_for_completion(&done);
	await_event();
}

static void in_bracket(struct work_struct *work)
{
	(void)work;
	queue_work_on(0, wq, &next);
	blocked_at = now_ns();
	uwq_blocking_begin();
	await_event();
	uwq_blocking_end();
}

static void in_raw_read(struct work_struct *work)
{
	(void)work;
	queue_work_on(0, wq, &next);
	blocked_at = now_ns();
	await_event();
}

/* As above, but it has computed for a while, so that the sampler knows it already. */
static void in_raw_read_later(struct work_struct *work)
{
	long until = now_ns() + 2500000;

	(void)work;
	queue_work_on(0, wq, &next);
	while (now_ns() < until)
		;
	blocked_at = now_ns();
	await_event();
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static void measure(const char *how, work_func_t func, int rounds)
{
	long *ns = calloc((size_t)rounds, sizeof(*ns));

	for (int i = 0; i < rounds; i++) {
		INIT_WORK(&blocks, func);
		INIT_WORK(&next, next_func);
		init_completion(&done);
		queue_work_on(0, wq, &blocks);
		flush_workqueue(wq);
		ns[i] = started_at - blocked_at;
	}
	qsort(ns, (size_t)rounds, sizeof(*ns), compare);
	printf("%-34s median %8.1f us, p99 %8.1f us (%d times)\n", how,
	       (double)ns[rounds / 2] / 1000, (double)ns[rounds * 99 / 100] / 1000, rounds);
	free(ns);
}

/* ---- unbound queues ---- */

static int count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	int nr = 0;

	while (dir && readdir(dir))
		nr++;
	closedir(dir);
	return nr - 2;
}

static int here;	/* atomic */
static struct completion all_here;

static void tiny_func(struct work_struct *work)
{
	(void)work;
	__atomic_add_fetch(&here, 1, __ATOMIC_RELEASE);
}

static void guest_func(struct work_struct *work)
{
	(void)work;
	__atomic_add_fetch(&here, 1, __ATOMIC_RELEASE);
	wait_for_completion(&all_here);
}

static void many(const char *what, int nr, work_func_t func)
{
	struct workqueue_struct *unbound = alloc_workqueue("many", WQ_UNBOUND, 2048);
	struct work_struct *items = calloc((size_t)nr, sizeof(*items));
	int before = count_threads();
	long begin = now_ns();

	__atomic_store_n(&here, 0, __ATOMIC_RELEASE);
	init_completion(&all_here);
	for (int i = 0; i < nr; i++) {
		INIT_WORK(&items[i], func);
		queue_work(unbound, &items[i]);
	}
	while (__atomic_load_n(&here, __ATOMIC_ACQUIRE) < nr)
		nap_ms(1);
	printf("%6d %-27s %8.1f ms, %d more threads on %u CPUs\n", nr, what,
	       (double)(now_ns() - begin) / 1e6, count_threads() - before, num_online_cpus());
	complete_all(&all_here);
	destroy_workqueue(unbound);
	free(items);
}

/* ---- the sampler at rest ---- */

/* How often has the thread called @name gone to sleep? -1 = there is none. */
static long sleeps_of(const char *name)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	long sleeps = -1;

	while (dir && sleeps < 0 && (entry = readdir(dir))) {
		char path[300], line[128];
		bool right = false;
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
		file = fopen(path, "r");
		while (file && fgets(line, sizeof(line), file)) {
			if (!strncmp(line, "Name:", 5))
				right = strstr(line, name);
			if (right)
				sscanf(line, "voluntary_ctxt_switches: %ld", &sleeps);
		}
		if (file)
			fclose(file);
	}
	closedir(dir);
	return sleeps;
}

/* Items come and go, one at a time, @pause_us apart. */
static void watch_sampler(const char *what, bool busy, long pause_us)
{
	struct timespec pause = { .tv_nsec = pause_us * 1000 };
	long before, runs = 0, until;
	struct work_struct one;

	nap_ms(100);
	before = sleeps_of("kworker/sampler");
	INIT_WORK(&one, tiny_func);
	until = now_ns() + 2000000000L;
	while (now_ns() < until) {
		if (busy) {
			queue_work_on(0, wq, &one);
			flush_work(&one);
			runs++;
		}
		nanosleep(&pause, NULL);
	}
	printf("%s: %ld wake-ups of the sampler in 2 s, with %ld runs\n", what,
	       sleeps_of("kworker/sampler") - before, runs);
}

int main(void)
{
	wq = alloc_workqueue("bench", WQ_PERCPU, 0);
	event = eventfd(0, EFD_CLOEXEC);
	if (!wq || event < 0)
		return 1;
	measure("blocks in wait_for_completion()", in_library, 2000);
	measure("blocks inside a bracket", in_bracket, 2000);
	measure("blocks in read(), at once", in_raw_read, 300);
	measure("blocks in read(), after 2.5 ms", in_raw_read_later, 300);
	many("tiny items", 100000, tiny_func);
	many("items that all block", 100, guest_func);
	many("items that all block", 2048, guest_func);
	watch_sampler("nothing is queued", false, 1000);
	watch_sampler("nothing waits", true, 200);
	watch_sampler("each is queued when the one before has just run", true, 0);
	destroy_workqueue(wq);
	return 0;
}
