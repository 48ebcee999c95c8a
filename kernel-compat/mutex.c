// SPDX-License-Identifier: MIT
/*
 * mutex.c - sleeping locks
 *
 * The word:
 *
 *	LOCKED	 somebody has it
 *	WAITERS	 somebody sleeps for it, or may: unlocking has to wake one
 *	HUNGRY	 a sleeper lost it several times: only those who have slept for
 *		 it may take it
 *
 * Without HUNGRY a mutex goes to whoever comes first after the unlock, and that
 * is usually the thread that had it, because waking takes 50 us: fast, but a
 * busy thread could keep a sleeper out for good. A sleeper that has lost
 * LOSSES_BEFORE_HUNGRY times sets the bit; newcomers then queue up behind it.
 *
 * HUNGRY on an unlocked mutex does not last: who set it is still in lock_slow(),
 * and its ways out are to take the mutex, which clears the bit, and give_up(),
 * which clears it too and wakes one who waited for that.
 *
 * Every sleep goes through schedule_on_state(). mutex_unlock() does not touch the
 * mutex after it let the next one in. Context of all: task, may sleep, except
 * mutex_trylock() and the questions.
 *
 * Differs from Linux: no spinning on a running owner beyond about 100 pauses;
 * which sleeper is woken is the system's choice (mostly the oldest).
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/sched.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/lock_order.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/task_wait.h"
#include "kernel-compat/test_points.h"

#define LOCKED	1u
#define WAITERS	2u
#define HUNGRY	4u

#define LOSSES_BEFORE_HUNGRY	4

static u32 word_of(const struct mutex *lock)
{
	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED);
}

static bool word_change(struct mutex *lock, u32 from, u32 to)
{
	return __atomic_compare_exchange_n(&lock->word, &from, to, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/* OWNER/2: the name is taken out before the mutex is given back, see task_wait.c */
/* Released: a waiter reads the task through it, who may be new (task_wait_see_owner()). */
static void set_owner(struct mutex *lock, struct task_struct *task)
{
	__atomic_store_n(&lock->owner, task, __ATOMIC_RELEASE);
}

/*
 * Take it if it is free for us. A thread that slept leaves WAITERS set, because
 * it cannot know whether it was the only one.
 */
static bool try_take(struct mutex *lock, bool slept)
{
	u32 word = word_of(lock);

	while (!(word & LOCKED) && (slept || !(word & HUNGRY))) {
		u32 mark = slept ? WAITERS : word & WAITERS;

		if (word_change(lock, word, LOCKED | mark))
			return true;
		word = word_of(lock);
	}
	return false;
}

/*
 * A signal ends the wait. The unlock that would have woken us wakes another, for
 * WAITERS is set. But those who came while the mutex was free and HUNGRY sleep
 * because of us, and nobody else would wake them.
 */
static int give_up(struct mutex *lock)
{
	TEST_POINT("mutex:gives_up");
	__atomic_and_fetch(&lock->word, ~HUNGRY, __ATOMIC_RELAXED);
	futex_wake(&lock->word, 1);
	return -EINTR;
}

/* Sleep while the word is @want; now and then ask whether that can end. */
static int sleep_for(struct mutex *lock, u32 want, unsigned int state)
{
	struct task_wait_watch watch;
	int ret;

	task_wait_begin(&watch, WAITS_FOR_MUTEX, "mutex_lock", lock, NULL);
	for (;;) {
		task_wait_see_owner(&watch, &lock->owner);
		ret = schedule_on_state(&lock->word, want, task_wait_until(&watch), state);
		/* free for so long: who was hungry has stayed behind in a fork */
		if (ret != -ETIMEDOUT || !(want & LOCKED))
			break;
		task_wait_look(&watch);
	}
	TEST_POINT("mutex:slept");
	task_wait_end(&watch);
	return ret;
}

/* @state: TASK_UNINTERRUPTIBLE, TASK_INTERRUPTIBLE or TASK_KILLABLE */
static int lock_slow(struct mutex *lock, unsigned int state)
{
	struct spin_budget spin = SPIN_BUDGET_INIT;
	int losses = 0;

	while (spin_once(&spin))
		if (try_take(lock, false))
			return 0;

	while (!try_take(lock, losses > 0)) {
		u32 word = word_of(lock);
		u32 want = word | WAITERS;

		if (losses >= LOSSES_BEFORE_HUNGRY)
			want |= HUNGRY;
		/* free, and not because others are hungrier: look again */
		if (!(word & LOCKED) && (losses || !(word & HUNGRY)))
			continue;
		if (word != want && !word_change(lock, word, want))
			continue;
		if (sleep_for(lock, want, state) == -EINTR)
			return give_up(lock);
		TEST_POINT("mutex:woken");
		losses++;
	}
	return 0;
}

static int lock_in_state(struct mutex *lock, unsigned int state)
{
	int ret = 0;

	might_sleep();
	uwq_lock_wanted(lock, UWQ_LOCK_WRITE);
	if (!word_change(lock, 0, LOCKED))
		ret = lock_slow(lock, state);
	if (ret)
		return ret;
	set_owner(lock, current);
	uwq_lock_taken(lock, UWQ_LOCK_WRITE);
	lock_order_taken(lock, true);
	return 0;
}

/**
 * __mutex_init - make a mutex unlocked, the function behind mutex_init()
 * @lock: memory of a mutex that nobody uses
 * @name: its name, @key: its class; neither is kept, see linux/lockdep.h
 */
void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	(void)name;
	(void)key;
	__atomic_store_n(&lock->word, 0, __ATOMIC_RELAXED);
	set_owner(lock, NULL);
	lock_order_forget(lock);
}
EXPORT_SYMBOL(__mutex_init);

/**
 * mutex_destroy - say that a mutex will not be used again
 * @lock: the mutex; debug builds warn when somebody holds it
 */
void mutex_destroy(struct mutex *lock)
{
	lockdep_assert(!mutex_is_locked(lock));
	(void)lock;
}
EXPORT_SYMBOL(mutex_destroy);

/**
 * mutex_lock - take a mutex, sleeping until that is possible
 * @lock: the mutex; must not be held by the caller
 *
 * Ordering: sees everything done before the matching mutex_unlock().
 */
void mutex_lock(struct mutex *lock)
{
	lock_in_state(lock, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL(mutex_lock);

/**
 * mutex_lock_interruptible - take a mutex unless a signal comes first
 * @lock: the mutex
 *
 * Return: 0 with the mutex held, or -EINTR without.
 */
int mutex_lock_interruptible(struct mutex *lock)
{
	return lock_in_state(lock, TASK_INTERRUPTIBLE);
}
EXPORT_SYMBOL(mutex_lock_interruptible);

/**
 * mutex_lock_killable - take a mutex unless the task is killed first
 * @lock: the mutex
 *
 * Return: 0 with the mutex held, or -EINTR without.
 */
int mutex_lock_killable(struct mutex *lock)
{
	return lock_in_state(lock, TASK_KILLABLE);
}
EXPORT_SYMBOL(mutex_lock_killable);

/**
 * mutex_trylock - take a mutex if it is free
 * @lock: the mutex
 *
 * Return: 1 with the mutex held, 0 without. Mind that down_trylock() answers
 * the other way round.
 */
int mutex_trylock(struct mutex *lock)
{
	if (!try_take(lock, false))
		return 0;
	set_owner(lock, current);
	uwq_lock_taken(lock, UWQ_LOCK_WRITE);
	return 1;
}
EXPORT_SYMBOL(mutex_trylock);

/**
 * mutex_unlock - give a mutex back
 * @lock: the mutex, held by the caller. May be gone when this returns, and as
 *	  soon as another task could take it.
 *
 * Debug builds warn when the caller is not the owner.
 */
void mutex_unlock(struct mutex *lock)
{
	u32 word = LOCKED;

	uwq_lock_given_back(lock);
	set_owner(lock, NULL);
	if (__atomic_compare_exchange_n(&lock->word, &word, 0, false, __ATOMIC_RELEASE,
					__ATOMIC_RELAXED))
		return;
	/* WAITERS is set again by who wakes and finds it locked, or takes it */
	while (!__atomic_compare_exchange_n(&lock->word, &word, word & HUNGRY, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
	/* *lock may be gone from here on */
	futex_wake(&lock->word, 1);
}
EXPORT_SYMBOL(mutex_unlock);

/**
 * mutex_is_locked - does anybody hold it?
 * @lock: the mutex
 */
bool mutex_is_locked(struct mutex *lock)
{
	return (word_of(lock) & LOCKED) != 0;
}
EXPORT_SYMBOL(mutex_is_locked);

void mutex_fork_child(struct mutex *lock)
{
	struct task_struct *owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
	bool mine = owner && owner == uwq_thread.task;

	__atomic_store_n(&lock->word, mine ? LOCKED : 0, __ATOMIC_RELAXED);
	if (!mine)
		set_owner(lock, NULL);
}
