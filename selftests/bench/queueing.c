// SPDX-License-Identifier: MIT
/*
 * queueing.c - what queueing, cancelling and waiting cost
 *
 * Prints one line for each case: nanoseconds for one item, median (min..max) of the
 * rounds. Never fails because of a figure. Argument: rounds (default 7).
 *
 *   throughput	  distinct items from one thread, until the last has run
 *   queue	  the call alone, while the only slot is taken by a sleeping function
 *   cancel	  cancel_work_sync() of n queued items in random order
 *   flush	  of an idle item, of an idle queue
 *   round trip	  queue one item and wait until it has run, p50
 *   arm, cancel  of a delayed item among n armed ones
 */
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <stdio.h>
#include <stdlib.h>

#define MAX_ROUNDS	101
#define NR_THROUGHPUT	1000000

static int rounds = 7;
static double results[MAX_ROUNDS];

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *name, long n)
{
	char label[64];

	sort(results, rounds, sizeof(results[0]), cmp_double, NULL);
	snprintf(label, sizeof(label), n ? "%s, %ld" : "%s", name, n);
	printf("%-40s %10.1f ns (%.1f..%.1f)\n", label, results[rounds / 2], results[0],
	       results[rounds - 1]);
}

/* ---- items ---- */

struct item {
	struct work_struct work;
	char rest[32];
};

static long done;
static long wanted;
static struct completion all_done;

static void count_func(struct work_struct *work)
{
	(void)work;
	if (__atomic_add_fetch(&done, 1, __ATOMIC_ACQ_REL) == wanted)
		complete(&all_done);
}

static struct completion inside, go;

static void hold_func(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	wait_for_completion(&go);
}

/* Keeps the only slot of @wq until release(). */
static struct work_struct holder;

static void hold(struct workqueue_struct *wq)
{
	init_completion(&inside);
	init_completion(&go);
	INIT_WORK(&holder, hold_func);
	queue_work(wq, &holder);
	wait_for_completion(&inside);
}

static void release(struct workqueue_struct *wq)
{
	complete(&go);
	flush_workqueue(wq);
}

static struct item *make_items(long n)
{
	struct item *items = kvcalloc(n, sizeof(*items), GFP_KERNEL);
	long i;

	if (!items) {
		fprintf(stderr, "no memory for %ld items\n", n);
		exit(1);
	}
	for (i = 0; i < n; i++)
		INIT_WORK(&items[i].work, count_func);
	return items;
}

static void shuffle(long *order, long n)
{
	unsigned long state = 88172645463325252UL;
	long i;

	for (i = 0; i < n; i++)
		order[i] = i;
	for (i = n - 1; i > 0; i--) {
		long j, t = order[i];

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		j = state % (i + 1);
		order[i] = order[j];
		order[j] = t;
	}
}

/* ---- cases ---- */

static void throughput(const char *name, struct workqueue_struct *wq)
{
	struct item *items = make_items(NR_THROUGHPUT);
	int round;
	long i;

	for (round = 0; round < rounds; round++) {
		u64 start;

		done = 0;
		wanted = NR_THROUGHPUT;
		init_completion(&all_done);
		start = ktime_get_ns();
		for (i = 0; i < NR_THROUGHPUT; i++)
			queue_work(wq, &items[i].work);
		wait_for_completion(&all_done);
		results[round] = (double)(ktime_get_ns() - start) / NR_THROUGHPUT;
		flush_workqueue(wq);
	}
	report(name, 0);
	kvfree(items);
}

static void queue_and_cancel(struct workqueue_struct *wq, long n)
{
	static double queue_results[MAX_ROUNDS];
	struct item *items = make_items(n);
	long *order = kvcalloc(n, sizeof(*order), GFP_KERNEL);
	int round, passes = n < 10000 ? 10000 / n : 1;
	long i;

	shuffle(order, n);
	hold(wq);
	for (round = 0; round < rounds; round++) {
		u64 queueing = 0, cancelling = 0;
		int pass;

		for (pass = 0; pass < passes; pass++) {
			u64 start = ktime_get_ns(), middle;

			for (i = 0; i < n; i++)
				queue_work(wq, &items[i].work);
			middle = ktime_get_ns();
			for (i = 0; i < n; i++)
				cancel_work_sync(&items[order[i]].work);
			cancelling += ktime_get_ns() - middle;
			queueing += middle - start;
		}
		queue_results[round] = (double)queueing / n / passes;
		results[round] = (double)cancelling / n / passes;
	}
	report("cancel in random order, queued", n);
	memcpy(results, queue_results, sizeof(results));
	report("queue, slot taken, queued", n);
	release(wq);
	kvfree(order);
	kvfree(items);
}

static void flush_idle(struct workqueue_struct *wq)
{
	struct item *item = make_items(1);
	int round, i;

	queue_work(wq, &item->work);
	flush_work(&item->work);
	for (round = 0; round < rounds; round++) {
		u64 start = ktime_get_ns();

		for (i = 0; i < 100000; i++)
			flush_work(&item->work);
		results[round] = (ktime_get_ns() - start) / 1e5;
	}
	report("flush_work of an idle item", 0);
	for (round = 0; round < rounds; round++) {
		u64 start = ktime_get_ns();

		for (i = 0; i < 100000; i++)
			flush_workqueue(wq);
		results[round] = (ktime_get_ns() - start) / 1e5;
	}
	report("flush_workqueue of an idle queue", 0);
	kvfree(item);
}

static void round_trip(const char *name, struct workqueue_struct *wq)
{
	static double one[10001];
	struct item *item = make_items(1);
	int round, i;

	wanted = -1;
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < 10001; i++) {
			u64 start = ktime_get_ns();

			queue_work(wq, &item->work);
			flush_work(&item->work);
			one[i] = ktime_get_ns() - start;
		}
		sort(one, 10001, sizeof(one[0]), cmp_double, NULL);
		results[round] = one[5000];
	}
	report(name, 0);
	kvfree(item);
}

static void arm_and_cancel(struct workqueue_struct *wq, long n)
{
	struct delayed_work *armed = kvcalloc(n, sizeof(*armed), GFP_KERNEL);
	struct delayed_work dwork;
	int round, i;
	long k;

	for (k = 0; k < n; k++) {
		INIT_DELAYED_WORK(&armed[k], count_func);
		queue_delayed_work(wq, &armed[k], HZ * 3600 + k % 100000);
	}
	INIT_DELAYED_WORK(&dwork, count_func);
	for (round = 0; round < rounds; round++) {
		u64 start = ktime_get_ns();

		for (i = 0; i < 100000; i++) {
			queue_delayed_work(wq, &dwork, HZ * 60 + i % 1000);
			cancel_delayed_work(&dwork);
		}
		results[round] = (ktime_get_ns() - start) / 1e5;
	}
	report("arm and cancel, armed", n);
	for (k = 0; k < n; k++)
		cancel_delayed_work_sync(&armed[k]);
	kvfree(armed);
}

int main(int argc, char **argv)
{
	struct workqueue_struct *unbound = alloc_workqueue("bench_u", WQ_UNBOUND, 0);
	struct workqueue_struct *percpu = alloc_workqueue("bench_p", WQ_PERCPU, 0);
	struct workqueue_struct *ordered = alloc_ordered_workqueue("bench_o", 0);
	long n;

	if (argc > 1)
		rounds = clamp(atoi(argv[1]), 1, MAX_ROUNDS);
	if (!unbound || !percpu || !ordered)
		return 1;
	throughput("throughput, unbound", unbound);
	throughput("throughput, per-CPU", percpu);
	throughput("throughput, ordered", ordered);
	for (n = 10; n <= 1000000; n *= 10)
		queue_and_cancel(ordered, n);
	flush_idle(unbound);
	round_trip("round trip, unbound", unbound);
	round_trip("round trip, per-CPU", percpu);
	for (n = 10; n <= 1000000; n *= 10)
		arm_and_cancel(unbound, n);
	destroy_workqueue(unbound);
	destroy_workqueue(percpu);
	destroy_workqueue(ordered);
	return 0;
}
