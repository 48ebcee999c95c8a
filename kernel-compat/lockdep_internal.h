/* SPDX-License-Identifier: MIT */
/*
 * lockdep_internal.h - the locks that the calling thread holds, one by one (UWQ_DEBUG)
 */
#ifndef UWQ_KERNEL_COMPAT_LOCKDEP_INTERNAL_H
#define UWQ_KERNEL_COMPAT_LOCKDEP_INTERNAL_H

#include <stdbool.h>

/* The @index-th, oldest first, NULL behind the last; @alone: not as a reader. */
const void *lockdep_held_lock(int index, bool *alone);

#endif
