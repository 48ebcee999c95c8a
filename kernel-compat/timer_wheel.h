/* SPDX-License-Identifier: MIT */
/*
 * timer_wheel.h - armed timers, sorted by deadline in constant time
 *
 * Deadlines are counts of grains, a microsecond each, since jiffies began. Written
 * in base 64 a deadline is a row of digits. A timer hangs at the level of the
 * highest digit in which its deadline differs from the wheel's clock, in the
 * slot of that digit:
 *
 *	level 0	    64 slots of 1 grain
 *	level 1	    64 slots of 64 grains
 *	level 2	    64 slots of 4096 grains, about 4 ticks
 *	...	    level 10 reaches the end of 64 bits
 *
 * When the clock enters a slot of a higher level, its timers are hung again,
 * now at lower levels: each timer moves at most 10 times, and the moment at
 * which it leaves is exact however far away it was. Timers of one deadline are
 * always in one slot, in the order of their arming.
 *
 * Not locked: timer.c does that.
 */
#ifndef UWQ_KERNEL_COMPAT_TIMER_WHEEL_H
#define UWQ_KERNEL_COMPAT_TIMER_WHEEL_H

#include <linux/timer_types.h>

#define WHEEL_GRAINS_PER_TICK	1000u
#define WHEEL_LEVELS		11
#define WHEEL_SLOTS		64
#define WHEEL_NONE		UINT64_MAX

/* A queue in hlist form: tail is where the next pointer goes, NULL when empty. */
struct wheel_slot {
	struct hlist_node *first;
	struct hlist_node **tail;
};

struct timer_wheel {
	u64 clock;	/* every deadline up to and including it was collected */
	u64 next;	/* no occupied slot begins before it */
	u32 levels;	/* bit n: level n has an occupied slot */
	u64 busy[WHEEL_LEVELS];	/* bit n: slot n of the level is occupied */
	/* the last is the queue of collected timers, still armed, to be called */
	struct wheel_slot slots[WHEEL_LEVELS * WHEEL_SLOTS + 1];
};

#define TIMER_WHEEL_INIT	{ .next = WHEEL_NONE }

/* Time is @now: lets the clock follow where that needs no work. */
void timer_wheel_follow(struct timer_wheel *wheel, u64 now);

/* Hang a timer by its ->deadline; one that the clock has reached is due next. */
void timer_wheel_add(struct timer_wheel *wheel, struct timer_list *timer);

/* Take an armed timer off, collected ones included. */
void timer_wheel_del(struct timer_wheel *wheel, struct timer_list *timer);

/* Move the clock to @now and all timers due by then to the queue of collected ones. */
void timer_wheel_collect(struct timer_wheel *wheel, u64 now);

/* The first collected timer, NULL if there is none; still armed. */
struct timer_list *timer_wheel_collected(struct timer_wheel *wheel);

/* Earliest moment at which something can be due; WHEEL_NONE: nothing is armed. */
u64 timer_wheel_next_due(const struct timer_wheel *wheel);

/* Show every armed timer to @fn. */
void timer_wheel_walk(struct timer_wheel *wheel,
		      void (*fn)(struct timer_list *timer, void *arg), void *arg);

#endif
