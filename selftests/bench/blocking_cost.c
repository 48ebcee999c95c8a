// SPDX-License-Identifier: MIT
/*
 * What a wait costs the thread that waits: its own CPU time for one flush of an item that
 * runs, one mutex_lock() and one wait_for_completion() that block, with the record of the
 * wait and, for the first two, the time limit after which it asks why it lasts
 * (uwq.deadlock_check=0 in UWQ_CMDLINE: without). Median (min..max) of the rounds, argument:
 * how many (default 9). Prints; decides nothing.
 */
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/sort.h>
#include <linux/workqueue.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WAITS		2000
#define HOLD_NS		60000	/* longer than anybody spins */
#define MAX_ROUNDS	101

static int rounds = 9;
static double results[MAX_ROUNDS];

static double clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void compute(double ns)
{
	double end = clock_ns(CLOCK_MONOTONIC) + ns;

	while (clock_ns(CLOCK_MONOTONIC) < end)
		;
}

/* ---- the other side, which the waiter waits for ---- */

static struct completion go, done;
static DEFINE_MUTEX(lock);

static void compute_func(struct work_struct *work)
{
	(void)work;
	complete(&go);
	compute(HOLD_NS);
}
static DECLARE_WORK(item, compute_func);

static void *holder(void *arg)
{
	for (int i = 0; i < WAITS; i++) {
		mutex_lock(&lock);
		complete(&go);
		compute(HOLD_NS);
		mutex_unlock(&lock);
		wait_for_completion(&done);
	}
	return arg;
}

static void *completer(void *arg)
{
	for (int i = 0; i < WAITS; i++) {
		wait_for_completion(&go);
		compute(HOLD_NS);
		complete(&done);
	}
	return arg;
}

/* ---- the waiter ---- */

static double flushes(void)
{
	double cpu = 0;

	for (int i = 0; i < WAITS; i++) {
		queue_work(system_dfl_wq, &item);
		wait_for_completion(&go);
		cpu -= clock_ns(CLOCK_THREAD_CPUTIME_ID);
		flush_work(&item);
		cpu += clock_ns(CLOCK_THREAD_CPUTIME_ID);
	}
	return cpu / WAITS;
}

static double locks(void)
{
	pthread_t thread;
	double cpu = 0;

	if (pthread_create(&thread, NULL, holder, NULL))
		return 0;
	for (int i = 0; i < WAITS; i++) {
		wait_for_completion(&go);
		cpu -= clock_ns(CLOCK_THREAD_CPUTIME_ID);
		mutex_lock(&lock);
		cpu += clock_ns(CLOCK_THREAD_CPUTIME_ID);
		mutex_unlock(&lock);
		complete(&done);
	}
	pthread_join(thread, NULL);
	return cpu / WAITS;
}

static double completions(void)
{
	pthread_t thread;
	double cpu = 0;

	if (pthread_create(&thread, NULL, completer, NULL))
		return 0;
	for (int i = 0; i < WAITS; i++) {
		complete(&go);
		cpu -= clock_ns(CLOCK_THREAD_CPUTIME_ID);
		wait_for_completion(&done);
		cpu += clock_ns(CLOCK_THREAD_CPUTIME_ID);
	}
	pthread_join(thread, NULL);
	return cpu / WAITS;
}

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *name, double (*run)(void))
{
	for (int i = 0; i < rounds; i++)
		results[i] = run();
	sort(results, rounds, sizeof(results[0]), cmp_double, NULL);
	printf("%-32s %8.0f ns of CPU (%.0f..%.0f)\n", name, results[rounds / 2], results[0],
	       results[rounds - 1]);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		rounds = atoi(argv[1]);
	if (rounds < 1 || rounds > MAX_ROUNDS)
		rounds = 9;
	init_completion(&go);
	init_completion(&done);
	report("flush_work() of a running item", flushes);
	report("mutex_lock() that blocks", locks);
	report("wait_for_completion()", completions);
	return 0;
}
