/* SPDX-License-Identifier: MIT */
/*
 * completion_internal.h - a wait with a deadline that is a time and not a number of ticks
 */
#ifndef UWQ_KERNEL_COMPAT_COMPLETION_INTERNAL_H
#define UWQ_KERNEL_COMPAT_COMPLETION_INTERNAL_H

#include <stdbool.h>
#include <time.h>

struct completion;

/* wait_for_completion() until @deadline, NULL = for ever. False: the time was over first. */
bool completion_wait_until(struct completion *x, const struct timespec *deadline);

#endif
