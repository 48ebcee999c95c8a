/* SPDX-License-Identifier: MIT */
/*
 * wait_spin.h - looking for a moment before going to sleep
 *
 * A sleep and the wake-up that ends it cost 5 to 60 us; what a thread waits for is often
 * there after one. So it looks for a while first:
 *
 *	struct wait_spin spin;
 *
 *	if (wait_spin_begin(&spin))
 *		do {
 *			if (it is there) {
 *				wait_spin_found();
 *				return;
 *			}
 *		} while (wait_spin_again(&spin));
 *	sleep;
 *
 * How long, each thread learns from its own waits: uwq.spin_us at first, half of it
 * after each time for nothing, and then not at all but for a try now and then. A
 * success makes it the whole time again.
 *
 * Nobody looks who has to tell others that it sleeps (a worker in its function), nor in
 * a process with one CPU, nor with uwq.spin_us=0.
 */
#ifndef UWQ_KERNEL_COMPAT_WAIT_SPIN_H
#define UWQ_KERNEL_COMPAT_WAIT_SPIN_H

#include <stdbool.h>

#include <linux/types.h>

/* uwq.spin_us: how long idle workers and waiters look before they sleep, 0 = not at all */
extern unsigned int uwq_spin_us;

struct wait_spin {
	u64 until;		/* ns; 0: the clock has not been asked yet */
	unsigned int pauses;	/* before the next look */
	unsigned int looks;
};

/* False: sleep at once. */
bool wait_spin_begin(struct wait_spin *spin);
/* Pause a little. False: it has taken too long, sleep. */
bool wait_spin_again(struct wait_spin *spin);
/* It has not. */
void wait_spin_found(void);

#endif
