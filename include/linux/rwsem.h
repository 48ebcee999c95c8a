/* SPDX-License-Identifier: MIT */
/*
 * rwsem.h - a sleeping lock that many readers may share
 *
 * Task context. Served in order of arrival: a reader that comes after a waiting
 * writer waits behind it, so neither side starves, and a reader must not read
 * again under its own read lock.
 *
 * Differs from Linux: the lock may be freed by the task that an up_ let in.
 * _nested and _nest_lock forms drop what would go into lockdep's graph.
 */
#ifndef UWQ_LINUX_RWSEM_H
#define UWQ_LINUX_RWSEM_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/bug.h>
#include <linux/lockdep.h>
#include <linux/cleanup.h>
#include <uwq/api.h>
#include <uwq/futex_lock.h>

struct rw_semaphore {
	struct list_head wait_list;	/* under wait_lock: oldest first */
	struct futex_lock wait_lock;
	int count;			/* written under wait_lock: readers inside, -1 = a writer */
	struct task_struct *owner;	/* the same: who is inside, if alone and known; for reports */
};

#define __RWSEM_INITIALIZER(name)	\
	{ LIST_HEAD_INIT((name).wait_list), FUTEX_LOCK_INIT, 0, NULL }

#define DECLARE_RWSEM(name)	struct rw_semaphore name = __RWSEM_INITIALIZER(name)

UWQ_API_BEGIN
void __init_rwsem(struct rw_semaphore *sem, const char *name, struct lock_class_key *key);
void down_read(struct rw_semaphore *sem);
int __must_check down_read_interruptible(struct rw_semaphore *sem);
int __must_check down_read_killable(struct rw_semaphore *sem);
int down_read_trylock(struct rw_semaphore *sem);
void down_read_non_owner(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void up_read_non_owner(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
int __must_check down_write_killable(struct rw_semaphore *sem);
int down_write_trylock(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
void downgrade_write(struct rw_semaphore *sem);
int rwsem_is_contended(struct rw_semaphore *sem);
UWQ_API_END

#define init_rwsem(sem)		__init_rwsem(sem, #sem, NULL)

static inline int rwsem_is_locked(const struct rw_semaphore *sem)
{
	return __atomic_load_n(&sem->count, __ATOMIC_RELAXED) != 0;
}

#define down_read_nested(sem, subclass)		((void)(subclass), down_read(sem))
#define down_read_killable_nested(sem, subclass)	\
	((void)(subclass), down_read_killable(sem))
#define down_write_nested(sem, subclass)	((void)(subclass), down_write(sem))
#define down_write_killable_nested(sem, subclass)	\
	((void)(subclass), down_write_killable(sem))
#define down_write_nest_lock(sem, nest)		((void)(nest), down_write(sem))

/* Without UWQ_DEBUG all that can be told is whether anybody holds it */
#ifdef UWQ_DEBUG
#define rwsem_assert_held(sem)		lockdep_assert_held(sem)
#define rwsem_assert_held_write(sem)	lockdep_assert_held_write(sem)
#else
#define rwsem_assert_held(sem)		((void)WARN_ON(!rwsem_is_locked(sem)))
#define rwsem_assert_held_write(sem)	\
	((void)WARN_ON(__atomic_load_n(&(sem)->count, __ATOMIC_RELAXED) != -1))
#endif

#ifndef __cplusplus

DEFINE_GUARD(rwsem_read, struct rw_semaphore *, down_read(_T), up_read(_T))
DEFINE_GUARD_COND(rwsem_read, _try, down_read_trylock(_T))
DEFINE_GUARD_COND(rwsem_read, _intr, down_read_interruptible(_T) == 0)

DEFINE_GUARD(rwsem_write, struct rw_semaphore *, down_write(_T), up_write(_T))
DEFINE_GUARD_COND(rwsem_write, _try, down_write_trylock(_T))
DEFINE_GUARD_COND(rwsem_write, _kill, down_write_killable(_T) == 0)

#endif /* !__cplusplus */
#endif
