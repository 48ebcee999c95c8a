// SPDX-License-Identifier: MIT
/*
 * What arming and cancelling a timer costs with 10 to 1,000,000 others armed, and
 * how late a 1 ms timer is, next to a bare clock_nanosleep() of 1 ms. Prints;
 * decides nothing.
 */
#include <linux/jiffies.h>
#include <linux/timer.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SAMPLES	2000

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void do_nothing(struct timer_list *timer)
{
	(void)timer;
}

static void cost(unsigned int others)
{
	struct timer_list *timers = calloc(others, sizeof(*timers)), one;
	const unsigned int rounds = 1000000;
	unsigned int i;
	double begin, arm, pair, cancel;

	if (!timers)
		return;
	for (i = 0; i < others; i++)
		timer_setup(&timers[i], do_nothing, 0);
	timer_setup(&one, do_nothing, 0);
	srand(1);

	begin = now_ns();
	for (i = 0; i < others; i++)
		mod_timer(&timers[i], jiffies + 100000 + (unsigned long)rand() % 100000000);
	arm = (now_ns() - begin) / others;

	begin = now_ns();
	for (i = 0; i < rounds; i++) {
		mod_timer(&one, jiffies + 50000 + i % 1024);
		timer_delete(&one);
	}
	pair = (now_ns() - begin) / rounds;

	begin = now_ns();
	for (i = 0; i < others; i++)
		timer_delete(&timers[i]);
	cancel = (now_ns() - begin) / others;
	printf("%8u armed: arm %6.1f ns  cancel %6.1f ns  one more, arm and cancel %6.1f ns\n",
	       others, arm, cancel, pair);
	free(timers);
}

static double late_us[SAMPLES], armed_at;
static int nr_late;

static void measure(struct timer_list *timer)
{
	late_us[nr_late] = (now_ns() - armed_at) / 1e3 - 1000;
	if (__atomic_add_fetch(&nr_late, 1, __ATOMIC_RELEASE) == SAMPLES)
		return;
	armed_at = now_ns();
	mod_timer(timer, jiffies + 1);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *what)
{
	qsort(late_us, SAMPLES, sizeof(*late_us), by_value);
	printf("%-28s late by p50 %6.1f us  p99 %6.1f us  max %6.1f us\n", what,
	       late_us[SAMPLES / 2], late_us[SAMPLES * 99 / 100], late_us[SAMPLES - 1]);
}

static void lateness(void)
{
	struct timespec ms = { 0, 1000000 };
	struct timer_list timer;

	for (int i = 0; i < SAMPLES; i++) {
		double begin = now_ns();

		clock_nanosleep(CLOCK_MONOTONIC, 0, &ms, NULL);
		late_us[i] = (now_ns() - begin) / 1e3 - 1000;
	}
	report("clock_nanosleep of 1 ms:");

	timer_setup(&timer, measure, 0);
	armed_at = now_ns();
	mod_timer(&timer, jiffies + 1);
	while (__atomic_load_n(&nr_late, __ATOMIC_ACQUIRE) < SAMPLES)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec) { 0, 50000000 }, NULL);
	report("timer of 1 tick:");
}

int main(void)
{
	static const unsigned int others[] = { 10, 1000, 100000, 1000000 };

	for (int i = 0; i < 4; i++)
		cost(others[i]);
	lateness();
	return 0;
}
