/* SPDX-License-Identifier: MIT */
/*
 * futex_lock.h - the library's own name for the lock behind spinlock_t
 *
 * The lock itself is in include/uwq/futex_lock.h, because modules take it
 * inline through spinlock_t. Library code includes this file, which adds what
 * the assertion needs (WARN_ON in debug builds) and the measure that all locks
 * use for spinning before they sleep.
 */
#ifndef UWQ_KERNEL_COMPAT_FUTEX_LOCK_H
#define UWQ_KERNEL_COMPAT_FUTEX_LOCK_H

#include <uwq/futex_lock.h>

#ifdef UWQ_DEBUG
#include <linux/bug.h>
#endif

/* How long one wait has spun. */
struct spin_budget {
	int gap;	/* pauses until the next look; doubles */
	int used;	/* pauses so far */
};

#define SPIN_BUDGET_INIT	{ .gap = 1 }

/*
 * Pause a little, longer each time, so that the holder keeps its cache line.
 * False, without a pause, once about 100 have been spent, or at once when the
 * process has one CPU: then it is time to sleep.
 */
bool spin_once(struct spin_budget *spin);

#endif
