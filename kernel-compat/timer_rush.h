/* SPDX-License-Identifier: MIT */
/*
 * timer_rush.h - is there a rush of long delays, in which the clock is read once for many?
 *
 * Reading the clock is half of what arming a timer costs, and of long delays most are cancelled
 * soon. So in a rush a long delay is kept as it is, in ticks ("undated"), and counted from the
 * next reading that is made with the lock held, which is not before the arming. Whoever arms
 * reads after so many such timers, and the thread does when it comes by: at the latest after 10
 * ticks, if it gets a CPU and no callback holds it up. All are counted from one reading, in the
 * order of their arming: equal delays stay in order.
 *
 * Why not a coarse clock, which is cheap to read? Nothing bounds by how much it is behind; a
 * virtual machine that lost a CPU for a while has been seen two ticks of the system behind,
 * and a timer counted from there would be early.
 *
 * Here is decided when a rush begins and ends, and who reads. Not locked, reads no clock and
 * knows no timer: timer.c does that. Moments are grains, as in timer_wheel.h.
 * Test: timers_of_a_rush_are_never_early.c
 */
#ifndef UWQ_KERNEL_COMPAT_TIMER_RUSH_H
#define UWQ_KERNEL_COMPAT_TIMER_RUSH_H

#include <linux/jiffies.h>
#include <linux/types.h>

#include "kernel-compat/timer_wheel.h"

/* Delays of so many ticks and more are long. */
#define RUSH_LONG	HZ

struct timer_rush {
	u64 until;		/* when the thread comes by; WHEEL_NONE: no rush */
	unsigned long tick;	/* jiffies at that time */
	u32 left;		/* so many timers may be kept undated before the next reading */
	u32 armed;		/* long delays since .window, while there is no rush */
	u64 window;		/* a moment not long before the last of them */
	u64 last;		/* of a rush: when somebody arming had to read */
};

#define TIMER_RUSH_INIT	{ .until = WHEEL_NONE }

/* May a long delay be kept undated? If not, who arms it reads and calls timer_rush_read(). */
static inline bool timer_rush_keeps(struct timer_rush *rush)
{
	if (!rush->left)
		return false;
	rush->left--;
	return true;
}

/*
 * A long delay was counted from a reading at @now, and with it all that were undated. True: it
 * is time for timer_rush_begin(), if there is a thread to come by at .until.
 */
bool timer_rush_read(struct timer_rush *rush, u64 now);
void timer_rush_begin(struct timer_rush *rush, u64 now);

/* The thread came by @now, and counted all that were undated: does the rush go on? */
void timer_rush_pass(struct timer_rush *rush, u64 now);

#endif
