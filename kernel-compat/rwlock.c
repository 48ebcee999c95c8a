// SPDX-License-Identifier: MIT
/*
 * rwlock.c - one word shared by readers and writers
 *
 *	 31	  30	   29 ............ 0
 *	+--------+--------+-----------------+
 *	| WRITER | WAITED | readers inside  |
 *	+--------+--------+-----------------+
 *
 * WRITER: a writer is inside. WAITED: somebody sleeps, or is about to, until
 * the word changes. Set by who goes to sleep; taken away by the writer that
 * leaves, whose exchange clears the whole word.
 *
 * WAITED without WRITER means that a writer waits for readers to leave, for a
 * reader sets the bit only while a writer is inside. New readers then stay out;
 * the last reader wakes everybody, and that writer cannot miss it: it looks at
 * the word again before it sleeps.
 *
 * As with futex_lock, who releases does not touch the lock after the operation
 * that lets others in. Spinning is bounded; the wait is a plain futex wait that
 * no sched hook sees.
 *
 * Differs from Linux: no queue. Everybody is woken and the quickest wins, so
 * a stream of writers can hold readers off; a stream of readers cannot hold
 * off a writer.
 */
#include <limits.h>

#include <linux/export.h>
#include <linux/hardirq.h>
#include <linux/rwlock.h>
#include <asm/processor.h>

#include "kernel-compat/futex.h"
#include "kernel-compat/futex_lock.h"

#define WRITER		(1u << 31)
#define WAITED		(1u << 30)
#define READERS		(WAITED - 1)

static u32 word_of(const rwlock_t *lock)
{
	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED);
}

/* On success everything that the last writer, or reader, did is visible. */
static bool word_change(rwlock_t *lock, u32 from, u32 to)
{
	return __atomic_compare_exchange_n(&lock->word, &from, to, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/* @barred: bits that keep this reader out. */
static bool read_try(rwlock_t *lock, u32 barred)
{
	u32 word = word_of(lock);

	while (!(word & barred)) {
		if (word_change(lock, word, word + 1))
			return true;
		word = word_of(lock);
	}
	return false;
}

static bool write_try(rwlock_t *lock)
{
	u32 word = word_of(lock);

	while (!(word & (WRITER | READERS))) {
		if (word_change(lock, word, word | WRITER))
			return true;
		word = word_of(lock);
	}
	return false;
}

static u32 bars_for_reader(void)
{
	return in_interrupt() ? WRITER : WRITER | WAITED;
}

/**
 * uwq_read_lock - become a reader
 * @lock: the lock
 *
 * Context: any. Preemption count and flags are the caller's (linux/rwlock.h).
 */
void uwq_read_lock(rwlock_t *lock)
{
	u32 barred = bars_for_reader();
	struct spin_budget spin = SPIN_BUDGET_INIT;

	uwq_lock_wanted(lock, barred == WRITER ? UWQ_LOCK_READ | UWQ_LOCK_READ_AGAIN :
			UWQ_LOCK_READ);
	while (!read_try(lock, barred)) {
		u32 word = word_of(lock);

		if (!(word & barred) || spin_once(&spin))
			continue;
		if (!(word & WAITED)) {
			if (!word_change(lock, word, word | WAITED))
				continue;
			word |= WAITED;
		}
		futex_wait(&lock->word, word, NULL);
	}
	uwq_lock_taken(lock, UWQ_LOCK_READ);
}
EXPORT_SYMBOL(uwq_read_lock);

/**
 * uwq_read_unlock - leave as a reader
 * @lock: the lock; may be gone once the last one has left
 */
void uwq_read_unlock(rwlock_t *lock)
{
	uwq_lock_given_back(lock);
	if (__atomic_sub_fetch(&lock->word, 1, __ATOMIC_RELEASE) == WAITED)
		futex_wake(&lock->word, INT_MAX);
}
EXPORT_SYMBOL(uwq_read_unlock);

/**
 * uwq_read_trylock - become a reader if that needs no waiting
 * @lock: the lock
 *
 * Return: 1 = inside, 0 = a writer is inside or waits.
 */
int uwq_read_trylock(rwlock_t *lock)
{
	if (!read_try(lock, bars_for_reader()))
		return 0;
	uwq_lock_taken(lock, UWQ_LOCK_READ);
	return 1;
}
EXPORT_SYMBOL(uwq_read_trylock);

/**
 * uwq_write_lock - become the writer
 * @lock: the lock
 */
void uwq_write_lock(rwlock_t *lock)
{
	struct spin_budget spin = SPIN_BUDGET_INIT;

	uwq_lock_wanted(lock, UWQ_LOCK_WRITE);
	while (!write_try(lock)) {
		u32 word = word_of(lock);

		if (!(word & (WRITER | READERS)) || spin_once(&spin))
			continue;
		if (!(word & WAITED)) {
			if (!word_change(lock, word, word | WAITED))
				continue;
			word |= WAITED;
		}
		futex_wait(&lock->word, word, NULL);
	}
	uwq_lock_taken(lock, UWQ_LOCK_WRITE);
}
EXPORT_SYMBOL(uwq_write_lock);

/**
 * uwq_write_unlock - leave as the writer
 * @lock: the lock; may be gone from then on
 */
void uwq_write_unlock(rwlock_t *lock)
{
	uwq_lock_given_back(lock);
	if (__atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE) & WAITED)
		futex_wake(&lock->word, INT_MAX);
}
EXPORT_SYMBOL(uwq_write_unlock);

/**
 * uwq_write_trylock - become the writer if that needs no waiting
 * @lock: the lock
 *
 * Return: 1 = inside, 0 = somebody else is.
 */
int uwq_write_trylock(rwlock_t *lock)
{
	if (!write_try(lock))
		return 0;
	uwq_lock_taken(lock, UWQ_LOCK_WRITE);
	return 1;
}
EXPORT_SYMBOL(uwq_write_trylock);

/**
 * uwq_rwlock_is_locked - is anybody inside?
 * @lock: the lock
 */
int uwq_rwlock_is_locked(const rwlock_t *lock)
{
	return (word_of(lock) & (WRITER | READERS)) != 0;
}
EXPORT_SYMBOL(uwq_rwlock_is_locked);

/**
 * rwlock_is_contended - does somebody sleep for it?
 * @lock: the lock
 */
int rwlock_is_contended(const rwlock_t *lock)
{
	return (word_of(lock) & WAITED) != 0;
}
EXPORT_SYMBOL(rwlock_is_contended);
