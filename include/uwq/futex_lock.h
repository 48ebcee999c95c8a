/* SPDX-License-Identifier: MIT */
/*
 * futex_lock.h - a lock of four bytes that sleeps when spinning does not help
 *
 * What spinlock_t is made of, and what the engine uses under its own names. The
 * word is 0 (free), 1 (held) or 2 (held, and somebody may sleep in the kernel).
 * Taking a free lock is one compare-and-swap, giving it back one exchange; the
 * kernel is entered only when the word was 2.
 *
 * The holder can lose its CPU at any moment, so nobody spins for long: about
 * 100 pauses, then a futex wait. That wait is not a sleep in the sense of
 * schedule(): no sched hooks run, because the kernel's spinlocks do not block.
 *
 * After the exchange in futex_unlock() the lock is not read or written again:
 * whoever gets it next may free its memory at once. A late wake on that address
 * is harmless, see kernel-compat/futex.h.
 *
 * Ordering: acquire on taking, release on giving back, both on the word.
 * Not fair: a running thread may overtake one that sleeps.
 */
#ifndef UWQ_FUTEX_LOCK_H
#define UWQ_FUTEX_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <uwq/api.h>
#include <uwq/lock_debug.h>

struct futex_lock {
	uint32_t word;	/* atomic: 0, 1, 2 as above */
};

#define FUTEX_LOCK_INIT	{ 0 }

UWQ_API_BEGIN
void futex_lock_slow(struct futex_lock *lock);
void futex_unlock_slow(struct futex_lock *lock);
UWQ_API_END

/**
 * futex_lock_init - make a free lock
 * @lock: memory of the caller; nobody else knows it yet
 *
 * Context: Any.
 */
static inline void futex_lock_init(struct futex_lock *lock)
{
	__atomic_store_n(&lock->word, 0, __ATOMIC_RELAXED);
}

/**
 * futex_lock_is_locked - does anybody hold it?
 * @lock: lock
 *
 * Context: Any.
 * Return: true: somebody did; it may be old news, unless the caller holds it.
 */
static inline bool futex_lock_is_locked(const struct futex_lock *lock)
{
	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED) != 0;
}

/**
 * futex_trylock - take a lock if it is free
 * @lock: lock
 *
 * Context: Any. Never waits.
 * Ordering: acquire, if it was taken.
 * Return: true: taken.
 */
static inline bool futex_trylock(struct futex_lock *lock)
{
	uint32_t seen = 0;

	if (!__atomic_compare_exchange_n(&lock->word, &seen, 1, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return false;
	uwq_lock_taken(lock, UWQ_LOCK_WRITE);
	return true;
}

/**
 * futex_lock - take a lock
 * @lock: lock that the caller does not hold
 *
 * Context: Any thread. Waits for the holder, which the sched hooks do not see.
 * Ordering: acquire.
 */
static inline void futex_lock(struct futex_lock *lock)
{
	uint32_t seen = 0;

	uwq_lock_wanted(lock, UWQ_LOCK_WRITE);
	if (!__atomic_compare_exchange_n(&lock->word, &seen, 1, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		futex_lock_slow(lock);
	uwq_lock_taken(lock, UWQ_LOCK_WRITE);
}

/**
 * futex_unlock - give a lock back
 * @lock: held by the caller; whoever gets it next may free its memory at once
 *
 * Context: Any. Never waits.
 * Ordering: release.
 */
static inline void futex_unlock(struct futex_lock *lock)
{
	uwq_lock_given_back(lock);
	/* *lock may be gone from here on: only its address goes to the kernel */
	if (__atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE) == 2)
		futex_unlock_slow(lock);
}

/**
 * futex_lock_is_held - does the calling thread hold it?
 * @lock: lock
 *
 * Context: Any.
 * Return: true: yes. Builds without UWQ_DEBUG do not know who holds a lock and tell whether
 * anybody does.
 */
static inline bool futex_lock_is_held(const struct futex_lock *lock)
{
#ifdef UWQ_DEBUG
	return uwq_lock_held(lock, UWQ_LOCK_READ | UWQ_LOCK_WRITE);
#else
	return futex_lock_is_locked(lock);
#endif
}

/* Needs <linux/bug.h> where it is used, in UWQ_DEBUG builds; else it is nothing. */
#ifdef UWQ_DEBUG
#define futex_lock_assert_held(lock)	\
	((void)WARN(!futex_lock_is_held(lock), "this thread does not hold %s\n", #lock))
#else
#define futex_lock_assert_held(lock)	((void)(lock))
#endif

#endif
