/* SPDX-License-Identifier: MIT */
/*
 * backoff.h - wait for a state that only one other thread can end
 *
 * Used where an item is on its way between two states and its owner is a few
 * instructions from finishing, unless it was descheduled there. First pauses,
 * then sleeps that grow to a millisecond, so that a waiter of higher priority
 * never keeps the owner from running (C10, U2). May be used in any context.
 */
#ifndef UWQ_WORKQUEUE_BACKOFF_H
#define UWQ_WORKQUEUE_BACKOFF_H

#include <asm/processor.h>

#include "kernel-compat/futex.h"

#define BACKOFF_PAUSES	64
#define BACKOFF_MAX_NS	1000000L

struct backoff {
	unsigned int pauses;
	long ns;
};

#define BACKOFF_INIT	{ 0, 20000L }

static inline void backoff_wait(struct backoff *backoff)
{
	uint32_t nobody_wakes = 0;
	struct timespec until;

	if (backoff->pauses < BACKOFF_PAUSES) {
		backoff->pauses++;
		cpu_relax();
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += backoff->ns;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	futex_wait(&nobody_wakes, 0, &until);
	if (backoff->ns < BACKOFF_MAX_NS)
		backoff->ns *= 2;
}

#endif
