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
 * How long, each thread learns from its own waits, and a pool from those of its idle
 * workers: uwq.spin_us at first, half of it after each time for nothing, and then not at
 * all but for a try now and then. A success makes it the whole time again. A worker that
 * does not look takes a glance all the same: if that is one, the waits that were not to look
 * still pass first, because a stream of items, which a glance always finds, says nothing
 * about the time that a wake-up takes.
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

/* What has been learnt; all zero: nothing. Its owner alone changes it. */
struct spin_habit {
	unsigned int misses;	/* times the time was halved */
	unsigned int skip;	/* waits that will not look */
	unsigned int skipped;	/* what skip began with; 0 = looking pays */
};

/* A wait begins. False: it does not look. */
bool spin_habit_begin(struct spin_habit *habit);
/* How long it does, in ns. */
u64 spin_habit_ns(const struct spin_habit *habit);
/* Was it of use? */
void spin_habit_end(struct spin_habit *habit, bool found);

struct wait_spin {
	u64 until;		/* ns; 0: the clock has not been asked yet */
	unsigned int pauses;	/* before the next look */
	unsigned int most;	/* these grow to, at most */
	unsigned int looks;
};

/* False: sleep at once. */
bool wait_spin_begin(struct wait_spin *spin);
/* The looks disturb nobody: let them follow each other closely all the time. */
void wait_spin_closely(struct wait_spin *spin);
/* Pause a little. False: it has taken too long, sleep. */
bool wait_spin_again(struct wait_spin *spin);
/* It has not. */
void wait_spin_found(void);

#endif
