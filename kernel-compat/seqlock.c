// SPDX-License-Identifier: MIT
/*
 * seqlock.c - a reader that meets a writer at work
 *
 * The writer may have lost its CPU with the counter odd, and nothing would wake
 * a reader that slept on it: writers are to stay as cheap as two stores. So the
 * reader backs off instead: it spins like all locks do, yields a few times, then
 * naps for 50 us at a time. Neither is a sleep in the sense of schedule().
 *
 * Differs from Linux: there a reader spins, because a writer cannot be preempted.
 */
#include <sched.h>
#include <time.h>

#include <linux/export.h>
#include <linux/seqlock.h>

#include "kernel-compat/futex_lock.h"

#define YIELDS		16
#define NAP_NS		50000

static void back_off(struct spin_budget *spin, int *yields)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	if (spin_once(spin))
		return;
	if (*yields < YIELDS) {
		(*yields)++;
		sched_yield();
	} else {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
	}
}

/**
 * uwq_seqcount_wait_even - wait until no writer is at work
 * @s: the counter, just seen odd
 *
 * Context: any; never waits for more than the writer at work.
 * Return: an even value, loaded with acquire (SEQ/1 in linux/seqlock.h).
 */
unsigned int uwq_seqcount_wait_even(const seqcount_t *s)
{
	struct spin_budget spin = SPIN_BUDGET_INIT;
	int yields = 0;
	unsigned int seq;

	while ((seq = raw_read_seqcount(s)) & 1)
		back_off(&spin, &yields);
	return seq;
}
EXPORT_SYMBOL(uwq_seqcount_wait_even);
