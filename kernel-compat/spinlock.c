// SPDX-License-Identifier: MIT
/*
 * spinlock.c - what happens to a spinlock when somebody else has it
 *
 * The fast halves are inline in include/uwq/futex_lock.h; here a thread spins a
 * little and then sleeps in the kernel. Neither is visible to the scheduler
 * layer: a spinlock does not block, as far as a work function can tell.
 *
 * Differs from Linux: the holder may be off its CPU, so waiting ends in a futex
 * wait; there is no queue of waiters and no fairness between them.
 */
#define _GNU_SOURCE
#include <sched.h>

#include <linux/export.h>
#include <linux/types.h>
#include <asm/processor.h>

#include "kernel-compat/futex.h"
#include "kernel-compat/futex_lock.h"

#define SPIN_PAUSES	100

/* I: 0 on a machine, or in a process, with one CPU: there the holder cannot be running */
static int spin_pauses = SPIN_PAUSES;

__attribute__((constructor(101))) static void spin_budget_init(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) == 1)
		spin_pauses = 0;
}

bool spin_once(struct spin_budget *spin)
{
	if (spin->used >= spin_pauses)
		return false;
	for (int i = 0; i < spin->gap; i++)
		cpu_relax();
	spin->used += spin->gap;
	spin->gap *= 2;
	return true;
}

/**
 * futex_lock_slow - take a lock that was not free
 * @lock: the lock
 *
 * A thread that slept takes the lock as "2", because it cannot know whether
 * others sleep still; the price is at most one wake for nothing.
 *
 * Context: any; does not count as sleeping.
 */
void futex_lock_slow(struct futex_lock *lock)
{
	struct spin_budget spin = SPIN_BUDGET_INIT;

	while (spin_once(&spin)) {
		u32 seen = 0;

		if (!futex_lock_is_locked(lock) &&
		    __atomic_compare_exchange_n(&lock->word, &seen, 1, false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return;
	}
	while (__atomic_exchange_n(&lock->word, 2, __ATOMIC_ACQUIRE) != 0)
		futex_wait(&lock->word, 2, NULL);
}
EXPORT_SYMBOL(futex_lock_slow);

/**
 * futex_unlock_slow - wake one who sleeps for a lock already given back
 * @lock: its address; the memory is not touched and may be gone
 *
 * Context: Any. Does not sleep.
 */
void futex_unlock_slow(struct futex_lock *lock)
{
	futex_wake(&lock->word, 1);
}
EXPORT_SYMBOL(futex_unlock_slow);
