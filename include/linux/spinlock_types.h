/* SPDX-License-Identifier: MIT */
/*
 * spinlock_types.h - what a spinlock is, for headers that embed one
 *
 * Differs from Linux: four bytes that lead to a futex (uwq/futex_lock.h).
 * spinlock_t and raw_spinlock_t are different types, as in the kernel, and
 * behave alike. No lockdep_map inside; debug builds keep their list elsewhere.
 */
#ifndef UWQ_LINUX_SPINLOCK_TYPES_H
#define UWQ_LINUX_SPINLOCK_TYPES_H

#include <uwq/futex_lock.h>

typedef struct raw_spinlock {
	struct futex_lock lock;
} raw_spinlock_t;

typedef struct spinlock {
	struct raw_spinlock rlock;
} spinlock_t;

#define __RAW_SPIN_LOCK_INITIALIZER(name)	{ FUTEX_LOCK_INIT }
#define __SPIN_LOCK_INITIALIZER(name)		{ __RAW_SPIN_LOCK_INITIALIZER(name) }

#ifdef __cplusplus
#define __RAW_SPIN_LOCK_UNLOCKED(name)	(raw_spinlock_t __RAW_SPIN_LOCK_INITIALIZER(name))
#define __SPIN_LOCK_UNLOCKED(name)	(spinlock_t __SPIN_LOCK_INITIALIZER(name))
#else
#define __RAW_SPIN_LOCK_UNLOCKED(name)	((raw_spinlock_t)__RAW_SPIN_LOCK_INITIALIZER(name))
#define __SPIN_LOCK_UNLOCKED(name)	((spinlock_t)__SPIN_LOCK_INITIALIZER(name))
#endif

#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name = __RAW_SPIN_LOCK_INITIALIZER(name)
#define DEFINE_SPINLOCK(name)	spinlock_t name = __SPIN_LOCK_INITIALIZER(name)

#include <linux/rwlock_types.h>

#endif
