/* SPDX-License-Identifier: MIT */
/*
 * mutex.h - a lock whose waiters sleep
 *
 * Task context only; the task that locked it unlocks it. A worker that waits
 * here is seen sleeping by its pool, as in the kernel.
 *
 * Differs from Linux: mutex_unlock() does not touch the mutex after it let the
 * next one in, so that one may free it; the kernel forbids that. _nested and
 * _nest_lock forms drop what would go into lockdep's graph, which we lack.
 */
#ifndef UWQ_LINUX_MUTEX_H
#define UWQ_LINUX_MUTEX_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/atomic.h>
#include <linux/spinlock_types.h>
#include <linux/lockdep.h>
#include <linux/cleanup.h>
#include <linux/mutex_types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key);
void mutex_destroy(struct mutex *lock);
void mutex_lock(struct mutex *lock);
int __must_check mutex_lock_interruptible(struct mutex *lock);
int __must_check mutex_lock_killable(struct mutex *lock);
int mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(struct mutex *lock);
int atomic_dec_and_mutex_lock(atomic_t *counter, struct mutex *lock);
UWQ_API_END

#define mutex_init(lock)			__mutex_init(lock, #lock, NULL)
#define mutex_init_with_key(lock, key)		__mutex_init(lock, #lock, key)

#define mutex_lock_io(lock)			mutex_lock(lock)
#define mutex_lock_nested(lock, subclass)	((void)(subclass), mutex_lock(lock))
#define mutex_lock_io_nested(lock, subclass)	((void)(subclass), mutex_lock(lock))
#define mutex_lock_nest_lock(lock, nest)	((void)(nest), mutex_lock(lock))
#define mutex_lock_interruptible_nested(lock, subclass)	\
	((void)(subclass), mutex_lock_interruptible(lock))
#define mutex_lock_killable_nested(lock, subclass)	\
	((void)(subclass), mutex_lock_killable(lock))

#ifndef __cplusplus

DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))
DEFINE_GUARD_COND(mutex, _try, mutex_trylock(_T))
DEFINE_GUARD_COND(mutex, _intr, mutex_lock_interruptible(_T) == 0)

#endif /* !__cplusplus */
#endif
