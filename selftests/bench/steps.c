// SPDX-License-Identifier: MIT
/*
 * steps.c - many times one step of an item's life, for a counter of instructions
 *
 *	steps STEP	prints how many
 *
 * The script "instructions" runs it under callgrind, which counts only between COUNT_ON
 * and COUNT_OFF and only the thread that says so: the caller, or for "run" the worker
 * from the first item's function to the last one's. The only worker is kept in a function
 * while items are queued, so no step is mixed with another. Status 3: built without
 * valgrind's header, or with a sanitizer.
 */
#include <linux/completion.h>
#include <linux/workqueue.h>
#include <uwq/param.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if __has_include(<valgrind/callgrind.h>) && !defined(UWQ_SANITIZE)
#include <valgrind/callgrind.h>
#define COUNT_ON	CALLGRIND_TOGGLE_COLLECT
#define COUNT_OFF	CALLGRIND_TOGGLE_COLLECT
#else
#define NOT_COUNTED
#define COUNT_ON	((void)0)
#define COUNT_OFF	((void)0)
#endif

#define NR_STEPS	500	/* fewer than the inbox holds */

static struct workqueue_struct *wq;
static struct work_struct items[NR_STEPS];
static struct delayed_work late;
static struct work_struct holder;
static struct completion inside, go, all_done;
static int nr_run;
static bool count_runs;

static void count_fn(struct work_struct *work)
{
	(void)work;
	if (++nr_run == 1 && count_runs)
		COUNT_ON;
	if (nr_run == NR_STEPS) {
		if (count_runs)
			COUNT_OFF;
		complete(&all_done);
	}
}

static void holder_fn(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	wait_for_completion(&go);
}

static void hold_worker(void)
{
	INIT_WORK(&holder, holder_fn);
	queue_work(wq, &holder);
	wait_for_completion(&inside);
}

static void queue_all(void)
{
	for (int i = 0; i < NR_STEPS; i++)
		queue_work(wq, &items[i]);
}

static void queue(void)
{
	hold_worker();
	COUNT_ON;
	queue_all();
	COUNT_OFF;
}

static void run(void)
{
	hold_worker();
	queue_all();
	count_runs = true;
	complete(&go);
	wait_for_completion(&all_done);
}

static void cancel(void)
{
	hold_worker();
	queue_all();
	COUNT_ON;
	for (int i = 0; i < NR_STEPS; i++)
		cancel_work_sync(&items[i]);
	COUNT_OFF;
}

static void flush_idle_item(void)
{
	COUNT_ON;
	for (int i = 0; i < NR_STEPS; i++)
		flush_work(&items[0]);
	COUNT_OFF;
}

static void flush_idle_queue(void)
{
	COUNT_ON;
	for (int i = 0; i < NR_STEPS; i++)
		flush_workqueue(wq);
	COUNT_OFF;
}

static void arm_and_cancel(void)
{
	COUNT_ON;
	for (int i = 0; i < NR_STEPS; i++) {
		queue_delayed_work(wq, &late, 60 * HZ);
		cancel_delayed_work(&late);
	}
	COUNT_OFF;
}

static const struct step {
	const char *name;
	void (*take)(void);
} steps[] = {
	{ "queue", queue },
	{ "run", run },
	{ "cancel", cancel },
	{ "flush-item", flush_idle_item },
	{ "flush-queue", flush_idle_queue },
	{ "arm-cancel", arm_and_cancel },
};

/* Nothing that is counted happens for the first time. */
static void warm_up(void)
{
	nr_run = NR_STEPS + 1;
	queue_work(wq, &items[0]);
	flush_work(&items[0]);
	queue_delayed_work(wq, &late, 60 * HZ);
	cancel_delayed_work(&late);
	nr_run = 0;
}

int main(int argc, char **argv)
{
#ifdef NOT_COUNTED
	return 3;
#endif
	uwq_param_set("uwq.spin_us", "0");
	wq = alloc_workqueue("steps", WQ_UNBOUND, 1);
	if (argc != 2 || !wq)
		return 2;
	init_completion(&inside);
	init_completion(&go);
	init_completion(&all_done);
	for (int i = 0; i < NR_STEPS; i++)
		INIT_WORK(&items[i], count_fn);
	INIT_DELAYED_WORK(&late, count_fn);
	warm_up();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!strcmp(steps[i].name, argv[1])) {
			steps[i].take();
			printf("%d\n", NR_STEPS);
			fflush(stdout);
			_exit(0);
		}
	return 2;
}
