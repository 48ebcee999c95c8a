// SPDX-License-Identifier: MIT
/*
 * timer_rush.c - see timer_rush.h for the idea
 *
 * Many hundred long delays within 10 ticks are a rush; a burst of fewer is not, so that it neither
 * costs the thread a look nor shifts a timer. It goes on as long as somebody arming has to read
 * at least once between two looks of the thread.
 *
 * Locks: the caller's.
 */
#include "kernel-compat/timer_rush.h"

#define DATED_WITHIN	(10 * WHEEL_GRAINS_PER_TICK)
#define RUSH_MOST	64
#define RUSH_BEGINS	(10 * RUSH_MOST)

static void go_on(struct timer_rush *rush, u64 now)
{
	rush->until = now + DATED_WITHIN;
	rush->tick = INITIAL_JIFFIES + rush->until / WHEEL_GRAINS_PER_TICK;
	rush->left = RUSH_MOST;
}

bool timer_rush_read(struct timer_rush *rush, u64 now)
{
	if (rush->until != WHEEL_NONE) {
		rush->last = now;
		rush->left = RUSH_MOST;
		return false;
	}
	if (now - rush->window > DATED_WITHIN) {
		rush->window = now;
		rush->armed = 0;
	}
	if (++rush->armed < RUSH_BEGINS)
		return false;
	rush->armed = 0;
	return true;
}

void timer_rush_begin(struct timer_rush *rush, u64 now)
{
	rush->last = now;
	go_on(rush, now);
}

void timer_rush_pass(struct timer_rush *rush, u64 now)
{
	if (now < rush->until)
		return;
	if (now - rush->last < DATED_WITHIN)
		go_on(rush, now);
	else
		*rush = (struct timer_rush)TIMER_RUSH_INIT;
}
