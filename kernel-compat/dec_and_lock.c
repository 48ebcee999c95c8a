// SPDX-License-Identifier: MIT
/*
 * dec_and_lock.c - drop a count, and take a lock if it was the last
 *
 * For objects that are found through a list under the lock: whoever drops the
 * last count holds the lock before anybody can find the object with count 0.
 * As long as others hold counts no lock is taken.
 *
 * Differs from Linux: nothing.
 */
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

/* Drop one that is not the last. */
static bool drop_surplus(atomic_t *counter)
{
	return atomic_add_unless(counter, -1, 1);
}

/**
 * _atomic_dec_and_lock - atomic_dec_and_lock() as a function
 * @counter: count to drop; the caller owns one
 * @lock: lock that protects the object's being found
 *
 * Return: 1 with @lock held if the count is zero now, else 0 without it.
 */
int _atomic_dec_and_lock(atomic_t *counter, spinlock_t *lock)
{
	if (drop_surplus(counter))
		return 0;
	spin_lock(lock);
	if (atomic_dec_and_test(counter))
		return 1;
	spin_unlock(lock);
	return 0;
}
EXPORT_SYMBOL(_atomic_dec_and_lock);

/**
 * _atomic_dec_and_lock_irqsave - atomic_dec_and_lock_irqsave() as a function
 * @counter: count to drop
 * @lock: the lock
 * @flags: set when 1 is returned, for spin_unlock_irqrestore()
 */
int _atomic_dec_and_lock_irqsave(atomic_t *counter, spinlock_t *lock, unsigned long *flags)
{
	if (drop_surplus(counter))
		return 0;
	spin_lock_irqsave(lock, *flags);
	if (atomic_dec_and_test(counter))
		return 1;
	spin_unlock_irqrestore(lock, *flags);
	return 0;
}
EXPORT_SYMBOL(_atomic_dec_and_lock_irqsave);

/**
 * _atomic_dec_and_raw_lock - the same for a raw spinlock
 * @counter: count to drop
 * @lock: the lock
 */
int _atomic_dec_and_raw_lock(atomic_t *counter, raw_spinlock_t *lock)
{
	if (drop_surplus(counter))
		return 0;
	raw_spin_lock(lock);
	if (atomic_dec_and_test(counter))
		return 1;
	raw_spin_unlock(lock);
	return 0;
}
EXPORT_SYMBOL(_atomic_dec_and_raw_lock);

/**
 * _atomic_dec_and_raw_lock_irqsave - the same with interrupts off
 * @counter: count to drop
 * @lock: the lock
 * @flags: set when 1 is returned
 */
int _atomic_dec_and_raw_lock_irqsave(atomic_t *counter, raw_spinlock_t *lock,
				     unsigned long *flags)
{
	if (drop_surplus(counter))
		return 0;
	raw_spin_lock_irqsave(lock, *flags);
	if (atomic_dec_and_test(counter))
		return 1;
	raw_spin_unlock_irqrestore(lock, *flags);
	return 0;
}
EXPORT_SYMBOL(_atomic_dec_and_raw_lock_irqsave);

/**
 * atomic_dec_and_mutex_lock - drop a count, and take a mutex if it was the last
 * @counter: count to drop
 * @lock: the mutex
 *
 * Context: may sleep.
 * Return: 1 with @lock held if the count is zero now, else 0 without it.
 */
int atomic_dec_and_mutex_lock(atomic_t *counter, struct mutex *lock)
{
	if (drop_surplus(counter))
		return 0;
	mutex_lock(lock);
	if (atomic_dec_and_test(counter))
		return 1;
	mutex_unlock(lock);
	return 0;
}
EXPORT_SYMBOL(atomic_dec_and_mutex_lock);

/**
 * refcount_dec_and_lock - drop a reference, and take a lock if it was the last
 * @counter: reference count
 * @lock: the lock
 *
 * Return: true with @lock held if the count is zero now, else false.
 */
bool refcount_dec_and_lock(refcount_t *counter, spinlock_t *lock)
{
	if (refcount_dec_not_one(counter))
		return false;
	spin_lock(lock);
	if (refcount_dec_and_test(counter))
		return true;
	spin_unlock(lock);
	return false;
}
EXPORT_SYMBOL(refcount_dec_and_lock);

/**
 * refcount_dec_and_lock_irqsave - the same with interrupts off
 * @counter: reference count
 * @lock: the lock
 * @flags: set when true is returned
 */
bool refcount_dec_and_lock_irqsave(refcount_t *counter, spinlock_t *lock, unsigned long *flags)
{
	if (refcount_dec_not_one(counter))
		return false;
	spin_lock_irqsave(lock, *flags);
	if (refcount_dec_and_test(counter))
		return true;
	spin_unlock_irqrestore(lock, *flags);
	return false;
}
EXPORT_SYMBOL(refcount_dec_and_lock_irqsave);

/**
 * refcount_dec_and_mutex_lock - drop a reference, and take a mutex if it was the last
 * @counter: reference count
 * @lock: the mutex
 *
 * Context: may sleep.
 */
bool refcount_dec_and_mutex_lock(refcount_t *counter, struct mutex *lock)
{
	if (refcount_dec_not_one(counter))
		return false;
	mutex_lock(lock);
	if (refcount_dec_and_test(counter))
		return true;
	mutex_unlock(lock);
	return false;
}
EXPORT_SYMBOL(refcount_dec_and_mutex_lock);
