/* SPDX-License-Identifier: MIT */
/*
 * futex_lock.h - the library's own name for the lock behind spinlock_t
 *
 * The lock itself is in include/uwq/futex_lock.h, because modules take it
 * inline through spinlock_t. Library code includes this file, which adds what
 * the assertion needs: WARN_ON in debug builds.
 */
#ifndef UWQ_KERNEL_COMPAT_FUTEX_LOCK_H
#define UWQ_KERNEL_COMPAT_FUTEX_LOCK_H

#include <uwq/futex_lock.h>

#ifdef UWQ_DEBUG
#include <linux/bug.h>
#endif

#endif
