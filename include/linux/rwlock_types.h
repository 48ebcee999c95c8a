/* SPDX-License-Identifier: MIT */
/*
 * rwlock_types.h - what a reader/writer spinlock is
 *
 * One futex word: a count of readers, a bit for the writer, a bit for "somebody
 * waits". kernel-compat/rwlock.c draws it.
 */
#ifndef UWQ_LINUX_RWLOCK_TYPES_H
#define UWQ_LINUX_RWLOCK_TYPES_H

#include <stdint.h>

typedef struct uwq_rwlock {
	uint32_t word;	/* atomic: see kernel-compat/rwlock.c */
} rwlock_t;

#define __RW_LOCK_INITIALIZER(name)	{ 0 }

#ifdef __cplusplus
#define __RW_LOCK_UNLOCKED(name)	(rwlock_t __RW_LOCK_INITIALIZER(name))
#else
#define __RW_LOCK_UNLOCKED(name)	((rwlock_t)__RW_LOCK_INITIALIZER(name))
#endif

#define DEFINE_RWLOCK(name)	rwlock_t name = __RW_LOCK_INITIALIZER(name)

#endif
