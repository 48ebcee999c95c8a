/* SPDX-License-Identifier: MIT */
/*
 * rwlock.h - spinlocks that many readers may share
 *
 * Same context rules as spinlock.h. A waiting writer holds new readers back, so
 * it gets its turn. A reader in interrupt context (a timer callback, a tasklet)
 * passes a waiting writer, because it may have interrupted a reader; a reader
 * in task context must not read again under its own read lock, as in the kernel.
 *
 * Differs from Linux: readers and writers are not queued in order.
 */
#ifndef UWQ_LINUX_RWLOCK_H
#define UWQ_LINUX_RWLOCK_H

#include <linux/types.h>
#include <linux/preempt.h>
#include <linux/irqflags.h>
#include <linux/bottom_half.h>
#include <linux/cleanup.h>
#include <linux/rwlock_types.h>
#include <uwq/api.h>
#include <uwq/lock_debug.h>

UWQ_API_BEGIN
void uwq_read_lock(rwlock_t *lock);
void uwq_read_unlock(rwlock_t *lock);
int uwq_read_trylock(rwlock_t *lock);
void uwq_write_lock(rwlock_t *lock);
void uwq_write_unlock(rwlock_t *lock);
int uwq_write_trylock(rwlock_t *lock);
int uwq_rwlock_is_locked(const rwlock_t *lock);
int rwlock_is_contended(const rwlock_t *lock);
UWQ_API_END

static inline void rwlock_init(rwlock_t *lock)
{
	__atomic_store_n(&lock->word, 0, __ATOMIC_RELAXED);
}

static inline int rwlock_is_locked(const rwlock_t *lock)
{
	return uwq_rwlock_is_locked(lock);
}

static inline int rwlock_needbreak(const rwlock_t *lock)
{
	return rwlock_is_contended(lock);
}

/*
 * The forms of a side differ only in what surrounds them, and the two sides
 * only in a name; spelled out they would be sixteen copies.
 */
#define UWQ_RWLOCK_SIDE(side)						\
	static inline void side##_lock(rwlock_t *lock)			\
	{								\
		preempt_disable();					\
		uwq_##side##_lock(lock);				\
	}								\
									\
	static inline void side##_unlock(rwlock_t *lock)		\
	{								\
		uwq_##side##_unlock(lock);				\
		preempt_enable();					\
	}								\
									\
	static inline int side##_trylock(rwlock_t *lock)		\
	{								\
		preempt_disable();					\
		if (uwq_##side##_trylock(lock))				\
			return 1;					\
		preempt_enable();					\
		return 0;						\
	}								\
									\
	static inline void side##_lock_bh(rwlock_t *lock)		\
	{								\
		local_bh_disable();					\
		side##_lock(lock);					\
	}								\
									\
	static inline void side##_unlock_bh(rwlock_t *lock)		\
	{								\
		side##_unlock(lock);					\
		local_bh_enable();					\
	}								\
									\
	static inline void side##_lock_irq(rwlock_t *lock)		\
	{								\
		local_irq_disable();					\
		side##_lock(lock);					\
	}								\
									\
	static inline void side##_unlock_irq(rwlock_t *lock)		\
	{								\
		side##_unlock(lock);					\
		local_irq_enable();					\
	}								\
									\
	static inline unsigned long uwq_##side##_lock_irqsave(rwlock_t *lock) \
	{								\
		unsigned long flags;					\
									\
		local_irq_save(flags);					\
		side##_lock(lock);					\
		return flags;						\
	}								\
									\
	static inline void side##_unlock_irqrestore(rwlock_t *lock,	\
						    unsigned long flags) \
	{								\
		side##_unlock(lock);					\
		local_irq_restore(flags);				\
	}

UWQ_RWLOCK_SIDE(read)
UWQ_RWLOCK_SIDE(write)
#undef UWQ_RWLOCK_SIDE

static inline int uwq_write_trylock_irqsave(rwlock_t *lock, unsigned long *flags)
{
	unsigned long saved;

	local_irq_save(saved);
	*flags = saved;
	if (write_trylock(lock))
		return 1;
	local_irq_restore(saved);
	return 0;
}

#define read_lock_irqsave(lock, flags)		((flags) = uwq_read_lock_irqsave(lock))
#define write_lock_irqsave(lock, flags)		((flags) = uwq_write_lock_irqsave(lock))
#define write_trylock_irqsave(lock, flags)	uwq_write_trylock_irqsave(lock, &(flags))
#define write_lock_nested(lock, subclass)	((void)(subclass), write_lock(lock))

#ifndef __cplusplus

DEFINE_LOCK_GUARD_1(read_lock, rwlock_t, read_lock(_T->lock), read_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(read_lock_irq, rwlock_t, read_lock_irq(_T->lock), read_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(read_lock_irqsave, rwlock_t, read_lock_irqsave(_T->lock, _T->flags),
		    read_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_LOCK_GUARD_1(write_lock, rwlock_t, write_lock(_T->lock), write_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(write_lock_irq, rwlock_t, write_lock_irq(_T->lock),
		    write_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(write_lock_irqsave, rwlock_t, write_lock_irqsave(_T->lock, _T->flags),
		    write_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)

#endif /* !__cplusplus */
#endif
