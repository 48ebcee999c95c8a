/* SPDX-License-Identifier: MIT */
/*
 * hrtimer_types.h - what a high-resolution timer is, for headers that embed one
 *
 * While it is active its fields belong to kernel-compat/hrtimer.c. Outside of it
 * ->function may be read, and the expiry through hrtimer_get_expires().
 */
#ifndef UWQ_LINUX_HRTIMER_TYPES_H
#define UWQ_LINUX_HRTIMER_TYPES_H

#include <linux/types.h>

struct hrtimer;
struct hrtimer_clock_base;

/* What the callback wants: to be called again at the expiry it has set, or not. */
enum hrtimer_restart {
	HRTIMER_NORESTART,
	HRTIMER_RESTART,
};

/* private: place in a heap; see kernel-compat/hrtimer_heap.h */
struct uwq_hrtimer_link {
	struct uwq_hrtimer_link *child;
	struct uwq_hrtimer_link *next;
	struct uwq_hrtimer_link *prev;	/* or the parent of a first child */
	ktime_t when;			/* on the monotonic clock */
	u64 turn;			/* order among equal ones */
};

struct timerqueue_node {
	struct uwq_hrtimer_link node;
	ktime_t expires;		/* on the timer's own clock, latest wanted moment */
};

struct hrtimer {
	struct timerqueue_node node;
	ktime_t _softexpires;		/* earliest wanted moment */
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	const struct hrtimer_clock_base *base;
	u8 state;			/* HRTIMER_STATE_*; read without the lock */
	u8 is_rel;
	u8 is_soft;
	u8 is_hard;
};

#endif
