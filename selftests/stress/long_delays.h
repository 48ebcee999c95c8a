/* SPDX-License-Identifier: MIT */
/*
 * long_delays.h - bursts of delays of a second and more, moved and cancelled at once
 *
 * So many that the library reads the clock once for many of them (kernel-compat/timer_rush.h).
 * Some are left armed until the next burst, or until they are due.
 */
#ifndef UWQ_SELFTESTS_STRESS_LONG_DELAYS_H
#define UWQ_SELFTESTS_STRESS_LONG_DELAYS_H

#include "items.h"

#include <linux/jiffies.h>

#include "kernel-compat/timer_internal.h"
#include "kernel-compat/timer_wheel.h"

#define NR_LATE		24	/* such items of one thread */
#define BURST		3000	/* steps */

static unsigned long bursts, rushes;	/* atomic */

/* Does it wait for somebody to read the clock? */
static bool is_undated(struct timer_list *timer)
{
	bool undated;

	if (!timer_lock_armed(timer))
		return false;
	undated = timer->slot == WHEEL_UNDATED;
	timer_unlock();
	return undated;
}

static void step_late(struct item *item, unsigned int *seed)
{
	unsigned long delay = HZ + rnd(seed) % 3;

	switch (rnd(seed) % 8) {
	case 0:
		accept_if(item, queue_delayed_work(queues[item->queue], &item->dwork, delay));
		break;
	case 1:
		cancelled_if(item, cancel_delayed_work(&item->dwork));
		break;
	case 2:
		cancelled_if(item, cancel_delayed_work_sync(&item->dwork));
		check_quiet(item, "cancel_delayed_work_sync");
		break;
	case 3:
		if (rnd(seed) % 64 == 0)
			flush_delayed_work(&item->dwork);
		break;
	default:
		modify(item, delay);
		break;
	}
}

/* Other threads may have one at the same time. */
static void burst_of_long_delays(struct item *late, unsigned int *seed)
{
	bool rush = false;
	int i;

	for (i = 0; i < BURST; i++) {
		struct item *item = &late[rnd(seed) % NR_LATE];

		step_late(item, seed);
		rush = rush || (i % 64 == 0 && is_undated(&item->dwork.timer));
	}
	add(&bursts, 1);
	add(&rushes, rush);
}

#endif
