/* SPDX-License-Identifier: MIT */
/*
 * spinlock.h - spinlocks in all their forms
 *
 * Every form excludes every other thread and raises preempt_count; the _bh and
 * _irq forms also raise the softirq part of it or set the thread's "interrupts
 * off" flag, so that in_atomic(), in_softirq() and irqs_disabled() answer as
 * they do in the kernel.
 *
 * Differs from Linux:
 * - Timer callbacks, tasklets and "interrupts" run in threads of their own.
 *   The lock is what keeps them out; the _bh and _irq parts exclude nobody. So
 *   code that protects data by local_irq_disable() alone is not protected, and
 *   code that forgot an _irq does not deadlock here.
 * - A contended lock may sleep in the kernel (uwq/futex_lock.h). That is not
 *   schedule(): a worker in it counts as running.
 * - _nested forms drop the subclass: there is no lock class graph.
 * - assert_spin_locked() warns where the kernel would stop.
 */
#ifndef UWQ_LINUX_SPINLOCK_H
#define UWQ_LINUX_SPINLOCK_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <asm/barrier.h>
#include <linux/preempt.h>
#include <linux/irqflags.h>
#include <linux/bottom_half.h>
#include <linux/bug.h>
#include <linux/atomic.h>
#include <linux/lockdep.h>
#include <linux/cleanup.h>
#include <linux/spinlock_types.h>

#define raw_spin_lock_init(lockp)	futex_lock_init(&(lockp)->lock)
#define spin_lock_init(lockp)		raw_spin_lock_init(&(lockp)->rlock)

static inline void raw_spin_lock(raw_spinlock_t *lock)
{
	preempt_disable();
	futex_lock(&lock->lock);
}

static inline void raw_spin_lock_bh(raw_spinlock_t *lock)
{
	local_bh_disable();
	raw_spin_lock(lock);
}

static inline void raw_spin_lock_irq(raw_spinlock_t *lock)
{
	local_irq_disable();
	raw_spin_lock(lock);
}

static inline unsigned long uwq_raw_spin_lock_irqsave(raw_spinlock_t *lock)
{
	unsigned long flags;

	local_irq_save(flags);
	raw_spin_lock(lock);
	return flags;
}

static inline void raw_spin_unlock(raw_spinlock_t *lock)
{
	futex_unlock(&lock->lock);
	preempt_enable();
}

static inline void raw_spin_unlock_bh(raw_spinlock_t *lock)
{
	raw_spin_unlock(lock);
	local_bh_enable();
}

static inline void raw_spin_unlock_irq(raw_spinlock_t *lock)
{
	raw_spin_unlock(lock);
	local_irq_enable();
}

static inline void raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	raw_spin_unlock(lock);
	local_irq_restore(flags);
}

static inline int raw_spin_trylock(raw_spinlock_t *lock)
{
	preempt_disable();
	if (futex_trylock(&lock->lock))
		return 1;
	preempt_enable();
	return 0;
}

static inline int raw_spin_trylock_bh(raw_spinlock_t *lock)
{
	local_bh_disable();
	if (raw_spin_trylock(lock))
		return 1;
	local_bh_enable();
	return 0;
}

static inline int raw_spin_trylock_irq(raw_spinlock_t *lock)
{
	local_irq_disable();
	if (raw_spin_trylock(lock))
		return 1;
	local_irq_enable();
	return 0;
}

static inline int uwq_raw_spin_trylock_irqsave(raw_spinlock_t *lock, unsigned long *flags)
{
	unsigned long saved;

	local_irq_save(saved);
	*flags = saved;
	if (raw_spin_trylock(lock))
		return 1;
	local_irq_restore(saved);
	return 0;
}

static inline int raw_spin_is_locked(const raw_spinlock_t *lock)
{
	return futex_lock_is_locked(&lock->lock);
}

/* Only those who gave up spinning show; a thread that still spins does not. */
static inline int raw_spin_is_contended(const raw_spinlock_t *lock)
{
	return __atomic_load_n(&lock->lock.word, __ATOMIC_RELAXED) == 2;
}

static inline void spin_lock(spinlock_t *lock)
{
	raw_spin_lock(&lock->rlock);
}

static inline void spin_lock_bh(spinlock_t *lock)
{
	raw_spin_lock_bh(&lock->rlock);
}

static inline void spin_lock_irq(spinlock_t *lock)
{
	raw_spin_lock_irq(&lock->rlock);
}

static inline void spin_unlock(spinlock_t *lock)
{
	raw_spin_unlock(&lock->rlock);
}

static inline void spin_unlock_bh(spinlock_t *lock)
{
	raw_spin_unlock_bh(&lock->rlock);
}

static inline void spin_unlock_irq(spinlock_t *lock)
{
	raw_spin_unlock_irq(&lock->rlock);
}

static inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
{
	raw_spin_unlock_irqrestore(&lock->rlock, flags);
}

static inline int spin_trylock(spinlock_t *lock)
{
	return raw_spin_trylock(&lock->rlock);
}

static inline int spin_trylock_bh(spinlock_t *lock)
{
	return raw_spin_trylock_bh(&lock->rlock);
}

static inline int spin_trylock_irq(spinlock_t *lock)
{
	return raw_spin_trylock_irq(&lock->rlock);
}

static inline int spin_is_locked(const spinlock_t *lock)
{
	return raw_spin_is_locked(&lock->rlock);
}

static inline int spin_is_contended(const spinlock_t *lock)
{
	return raw_spin_is_contended(&lock->rlock);
}

/* Flags are assigned by name, as callers expect, so these stay macros */
#define raw_spin_lock_irqsave(lockp, flags)	((flags) = uwq_raw_spin_lock_irqsave(lockp))
#define spin_lock_irqsave(lockp, flags)		raw_spin_lock_irqsave(&(lockp)->rlock, flags)
#define raw_spin_trylock_irqsave(lockp, flags)	uwq_raw_spin_trylock_irqsave(lockp, &(flags))
#define spin_trylock_irqsave(lockp, flags)	raw_spin_trylock_irqsave(&(lockp)->rlock, flags)

/* The subclass is evaluated, and dropped: no class graph is kept */
#define raw_spin_lock_nested(lockp, subclass)	((void)(subclass), raw_spin_lock(lockp))
#define raw_spin_lock_nest_lock(lockp, nest)	((void)(nest), raw_spin_lock(lockp))
#define raw_spin_lock_irqsave_nested(lockp, flags, subclass)	\
	((void)(subclass), raw_spin_lock_irqsave(lockp, flags))
#define spin_lock_nested(lockp, subclass)	((void)(subclass), spin_lock(lockp))
#define spin_lock_bh_nested(lockp, subclass)	((void)(subclass), spin_lock_bh(lockp))
#define spin_lock_nest_lock(lockp, nest)	((void)(nest), spin_lock(lockp))
#define spin_lock_irqsave_nested(lockp, flags, subclass)	\
	((void)(subclass), spin_lock_irqsave(lockp, flags))

#define assert_raw_spin_locked(lockp)	((void)WARN_ON(!raw_spin_is_locked(lockp)))
#define assert_spin_locked(lockp)	((void)WARN_ON(!spin_is_locked(lockp)))

/* Should the holder make room? Used by cond_resched_lock(). */
static inline int spin_needbreak(spinlock_t *lock)
{
	return spin_is_contended(lock);
}

UWQ_API_BEGIN
int _atomic_dec_and_lock(atomic_t *counter, spinlock_t *lock);
int _atomic_dec_and_lock_irqsave(atomic_t *counter, spinlock_t *lock, unsigned long *flags);
int _atomic_dec_and_raw_lock(atomic_t *counter, raw_spinlock_t *lock);
int _atomic_dec_and_raw_lock_irqsave(atomic_t *counter, raw_spinlock_t *lock,
				     unsigned long *flags);
UWQ_API_END

/* Drop a count; if it was the last, come back true with the lock held */
#define atomic_dec_and_lock(counter, lockp)	_atomic_dec_and_lock(counter, lockp)
#define atomic_dec_and_lock_irqsave(counter, lockp, flags) \
	_atomic_dec_and_lock_irqsave(counter, lockp, &(flags))
#define atomic_dec_and_raw_lock(counter, lockp)	_atomic_dec_and_raw_lock(counter, lockp)
#define atomic_dec_and_raw_lock_irqsave(counter, lockp, flags) \
	_atomic_dec_and_raw_lock_irqsave(counter, lockp, &(flags))

#include <linux/rwlock.h>

#ifndef __cplusplus

DEFINE_LOCK_GUARD_1(raw_spinlock, raw_spinlock_t, raw_spin_lock(_T->lock),
		    raw_spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1_COND(raw_spinlock, _try, raw_spin_trylock(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_nested, raw_spinlock_t, raw_spin_lock(_T->lock),
		    raw_spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_irq, raw_spinlock_t, raw_spin_lock_irq(_T->lock),
		    raw_spin_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1_COND(raw_spinlock_irq, _try, raw_spin_trylock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_bh, raw_spinlock_t, raw_spin_lock_bh(_T->lock),
		    raw_spin_unlock_bh(_T->lock))
DEFINE_LOCK_GUARD_1_COND(raw_spinlock_bh, _try, raw_spin_trylock_bh(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_irqsave, raw_spinlock_t,
		    raw_spin_lock_irqsave(_T->lock, _T->flags),
		    raw_spin_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_LOCK_GUARD_1_COND(raw_spinlock_irqsave, _try,
			 raw_spin_trylock_irqsave(_T->lock, _T->flags))

DEFINE_LOCK_GUARD_1(spinlock, spinlock_t, spin_lock(_T->lock), spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1_COND(spinlock, _try, spin_trylock(_T->lock))
DEFINE_LOCK_GUARD_1(spinlock_irq, spinlock_t, spin_lock_irq(_T->lock),
		    spin_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1_COND(spinlock_irq, _try, spin_trylock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(spinlock_bh, spinlock_t, spin_lock_bh(_T->lock), spin_unlock_bh(_T->lock))
DEFINE_LOCK_GUARD_1_COND(spinlock_bh, _try, spin_trylock_bh(_T->lock))
DEFINE_LOCK_GUARD_1(spinlock_irqsave, spinlock_t, spin_lock_irqsave(_T->lock, _T->flags),
		    spin_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_LOCK_GUARD_1_COND(spinlock_irqsave, _try, spin_trylock_irqsave(_T->lock, _T->flags))

#endif /* !__cplusplus */
#endif
