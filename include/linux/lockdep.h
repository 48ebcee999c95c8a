/* SPDX-License-Identifier: MIT */
/*
 * lockdep.h - assertions about locks and context
 *
 * With UWQ_DEBUG they are checked: each thread knows which locks it holds
 * (uwq/lock_debug.h), so lockdep_assert_held() warns when *this* thread does
 * not hold the lock, even if another one does. Without UWQ_DEBUG nothing is
 * recorded; assertions vanish, and lockdep_is_held() answers "yes" for want of
 * knowledge, so that an assertion built on it stays quiet.
 *
 * Differs from Linux: only what a thread holds is known, not the order in which
 * classes of locks are taken. Whatever names a class, sets a subclass, registers
 * a key or pins a lock therefore does nothing: it would only feed that graph,
 * and no answer of any function here depends on it.
 */
#ifndef UWQ_LINUX_LOCKDEP_H
#define UWQ_LINUX_LOCKDEP_H

#include <linux/types.h>
#include <linux/lockdep_types.h>
#include <linux/preempt.h>
#include <linux/irqflags.h>
#include <linux/bug.h>
#include <linux/debug_locks.h>
#include <uwq/lock_debug.h>

#ifdef UWQ_DEBUG

#define lockdep_is_held(lock)	uwq_lock_held(lock, UWQ_LOCK_READ | UWQ_LOCK_WRITE)
/* @read: 0 = held for writing, 1 = for reading, -1 = either */
#define lockdep_is_held_type(lock, read)				\
	uwq_lock_held(lock, (read) < 0 ? UWQ_LOCK_READ | UWQ_LOCK_WRITE : \
		      (read) ? UWQ_LOCK_READ : UWQ_LOCK_WRITE)
#define lockdep_depth(task)	((void)(task), uwq_locks_held())

#define UWQ_LOCKDEP_WARN(bad, ...)	((void)WARN(bad, __VA_ARGS__))

#define lockdep_assert(cond)		((void)WARN_ON(!(cond)))
#define lockdep_assert_once(cond)	((void)WARN_ON_ONCE(!(cond)))
#define lockdep_assert_held(lock)	\
	UWQ_LOCKDEP_WARN(!lockdep_is_held(lock), "this thread does not hold %s\n", #lock)
#define lockdep_assert_held_write(lock)	\
	UWQ_LOCKDEP_WARN(!lockdep_is_held_type(lock, 0),	\
			 "this thread does not hold %s for writing\n", #lock)
#define lockdep_assert_held_read(lock)	\
	UWQ_LOCKDEP_WARN(!lockdep_is_held_type(lock, 1),	\
			 "this thread does not hold %s for reading\n", #lock)
#define lockdep_assert_not_held(lock)	\
	UWQ_LOCKDEP_WARN(lockdep_is_held(lock), "this thread holds %s\n", #lock)
#define lockdep_assert_none_held_once()	\
	UWQ_LOCKDEP_WARN(uwq_locks_held(), "this thread holds %d locks\n", uwq_locks_held())

/* A lock that may be taken here must not be held already */
#define might_lock(lock)		uwq_lock_wanted(lock, UWQ_LOCK_WRITE)
#define might_lock_read(lock)		\
	uwq_lock_wanted(lock, UWQ_LOCK_READ | UWQ_LOCK_READ_AGAIN)

#else

#define lockdep_is_held(lock)			((void)(lock), 1)
#define lockdep_is_held_type(lock, read)	((void)(lock), (void)(read), 1)
#define lockdep_depth(task)			((void)(task), 0)

/* Conditions are not evaluated: they may name what only debug builds have */
#define lockdep_assert(cond)			((void)0)
#define lockdep_assert_once(cond)		((void)0)
#define UWQ_LOCKDEP_WARN(bad, ...)		((void)0)
#define lockdep_assert_held(lock)		((void)(lock))
#define lockdep_assert_held_write(lock)		((void)(lock))
#define lockdep_assert_held_read(lock)		((void)(lock))
#define lockdep_assert_not_held(lock)		((void)(lock))
#define lockdep_assert_none_held_once()		((void)0)

#define might_lock(lock)			((void)(lock))
#define might_lock_read(lock)			((void)(lock))

#endif

#define lockdep_assert_held_once(lock)		lockdep_assert_held(lock)

#define LOCK_STATE_UNKNOWN	(-1)
#define LOCK_STATE_NOT_HELD	0
#define LOCK_STATE_HELD		1

/* ---- context ---- */

#define lockdep_assert_irqs_enabled()		\
	UWQ_LOCKDEP_WARN(irqs_disabled(), "interrupts are disabled\n")
#define lockdep_assert_irqs_disabled()		\
	UWQ_LOCKDEP_WARN(!irqs_disabled(), "interrupts are not disabled\n")
#define lockdep_assert_in_irq()			\
	UWQ_LOCKDEP_WARN(!in_hardirq(), "not in a hard interrupt\n")
#define lockdep_assert_no_hardirq()		\
	UWQ_LOCKDEP_WARN(in_hardirq() || irqs_disabled(), "in a hard interrupt\n")
#define lockdep_assert_in_softirq()		\
	UWQ_LOCKDEP_WARN(!in_softirq() || in_hardirq(), "not in a softirq\n")
#define lockdep_assert_preemption_enabled()	\
	UWQ_LOCKDEP_WARN(preempt_count() || irqs_disabled(), "preemption is disabled\n")
#define lockdep_assert_preemption_disabled()	\
	UWQ_LOCKDEP_WARN(!preempt_count() && !irqs_disabled(), "preemption is not disabled\n")
#define lockdep_hardirqs_enabled()		(!irqs_disabled())

/* ---- maps: things that are held without being locks ---- */

#define STATIC_LOCKDEP_MAP_INIT(_name, _key)	{ (_name), (struct lock_class_key *)(_key) }

static inline void lockdep_init_map(struct lockdep_map *map, const char *name,
				    struct lock_class_key *key, int subclass)
{
	(void)subclass;
	map->name = name;
	map->key = key;
}

#define lock_map_acquire(map)			\
	(uwq_lock_wanted(map, UWQ_LOCK_WRITE), uwq_lock_taken(map, UWQ_LOCK_WRITE))
#define lock_map_acquire_try(map)		uwq_lock_taken(map, UWQ_LOCK_WRITE)
#define lock_map_acquire_read(map)		\
	(uwq_lock_wanted(map, UWQ_LOCK_READ | UWQ_LOCK_READ_AGAIN),	\
	 uwq_lock_taken(map, UWQ_LOCK_READ))
#define lock_map_acquire_tryread(map)		uwq_lock_taken(map, UWQ_LOCK_READ)
#define lock_map_release(map)			uwq_lock_given_back(map)

/* ---- class bookkeeping: no graph, see above ---- */

#define lockdep_set_class(lock, key)			((void)(lock), (void)(key))
#define lockdep_set_class_and_name(lock, key, name)	\
	((void)(lock), (void)(key), (void)(name))
#define lockdep_set_class_and_subclass(lock, key, sub)	\
	((void)(lock), (void)(key), (void)(sub))
#define lockdep_set_subclass(lock, sub)			((void)(lock), (void)(sub))
#define lockdep_set_novalidate_class(lock)		((void)(lock))
#define lockdep_set_notrack_class(lock)			((void)(lock))

static inline void lockdep_register_key(struct lock_class_key *key)
{
	(void)key;
}

static inline void lockdep_unregister_key(struct lock_class_key *key)
{
	(void)key;
}

/* Pinning says "nobody drops this in between": only lockdep itself would check */
#define lockdep_pin_lock(lock)			((void)(lock), (struct pin_cookie){ 0 })
#define lockdep_repin_lock(lock, cookie)	((void)(lock), (void)(cookie))
#define lockdep_unpin_lock(lock, cookie)	((void)(lock), (void)(cookie))

#endif
