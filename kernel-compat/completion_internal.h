/* SPDX-License-Identifier: MIT */
/*
 * completion_internal.h - the two halves of a wait: looking for a moment, and sleeping
 */
#ifndef UWQ_KERNEL_COMPAT_COMPLETION_INTERNAL_H
#define UWQ_KERNEL_COMPAT_COMPLETION_INTERNAL_H

#include <stdbool.h>
#include <time.h>

struct completion;

/* Take it if it is done soon (wait_spin.h). False: it was not, or this thread must not look. */
bool completion_spin(struct completion *x);

/*
 * Sleep until it is done and take it, but not beyond @deadline, a time and not a number of
 * ticks; NULL = for ever. False: the time was over first.
 */
bool completion_wait_until(struct completion *x, const struct timespec *deadline);

#endif
