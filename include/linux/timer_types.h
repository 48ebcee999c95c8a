/* SPDX-License-Identifier: MIT */
/*
 * timer_types.h - what a timer is, for headers that embed one
 *
 * While a timer is armed its fields belong to the timer code and its lock
 * (kernel-compat/timer.c). Whoever needs to look reads timer_pending(), and
 * ->expires knowing that it may change under him (and be up to 10 ticks too late for a delayed
 * item, if very many of a second and more are armed). ->function is cleared by timer_shutdown().
 *
 * Differs from Linux: four bytes that are padding there hold a private number.
 */
#ifndef UWQ_LINUX_TIMER_TYPES_H
#define UWQ_LINUX_TIMER_TYPES_H

#include <linux/types.h>

struct timer_list {
	struct hlist_node entry;	/* pprev set: armed */
	unsigned long expires;		/* in jiffies */
	void (*function)(struct timer_list *timer);
	u32 flags;			/* TIMER_*, and the CPU of a pinned timer */
	u32 slot;			/* private: where in the wheel, while armed */
	u64 deadline;			/* private: when, in the wheel's own unit */
};

#endif
