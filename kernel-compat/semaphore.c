// SPDX-License-Identifier: MIT
/*
 * semaphore.c - counting semaphores
 *
 * A count and a list under a spinlock. up() hands the unit to the oldest waiter,
 * if there is one, instead of counting: lock_waiter.h says how, and why the
 * semaphore may be freed by who comes out of down().
 *
 * Locks: sem->lock, a leaf; nothing is called under it. It is used without the
 * preemption count around it, because nothing under it can look.
 * Differs from Linux: nothing that callers see.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/semaphore.h>

#include "kernel-compat/lock_waiter.h"
#include "kernel-compat/task_wait.h"
#include "kernel-compat/time_internal.h"

/**
 * sema_init - make a semaphore
 * @sem: memory that nobody uses as a semaphore
 * @count: how many down() succeed without waiting
 */
void sema_init(struct semaphore *sem, int count)
{
	futex_lock_init(&sem->lock.lock);
	sem->count = count;
	INIT_LIST_HEAD(&sem->wait_list);
}
EXPORT_SYMBOL(sema_init);

/* Under sem->lock. Nobody waits while there is something to take. */
static bool take_unit(struct semaphore *sem)
{
	futex_lock_assert_held(&sem->lock.lock);
	if (!sem->count)
		return false;
	sem->count--;
	return true;
}

static int down_in_state(struct semaphore *sem, unsigned int state,
			 const struct timespec *deadline)
{
	struct task_wait_watch watch;
	struct lock_waiter waiter;
	bool left;
	int ret;

	futex_lock(&sem->lock.lock);
	if (take_unit(sem)) {
		futex_unlock(&sem->lock.lock);
		return 0;
	}
	lock_waiter_enqueue(&waiter, &sem->wait_list, true);
	futex_unlock(&sem->lock.lock);

	/* anybody may call up(), so nothing is looked for */
	task_wait_begin(&watch, WAITS_FOR_SEMAPHORE, "down", sem, NULL);
	ret = lock_waiter_wait(&waiter, state, deadline);
	task_wait_end(&watch);
	if (!ret)
		return 0;
	TEST_POINT("lock_waiter:gives_up");
	futex_lock(&sem->lock.lock);
	left = lock_waiter_leave(&waiter);
	futex_unlock(&sem->lock.lock);
	if (left)
		return ret;
	return lock_waiter_wait(&waiter, TASK_UNINTERRUPTIBLE, NULL);
}

/**
 * down - take a unit, sleeping until there is one
 * @sem: the semaphore
 *
 * Context: task, may sleep.
 * Ordering: sees everything done before the up() that made the unit.
 */
void down(struct semaphore *sem)
{
	might_sleep();
	down_in_state(sem, TASK_UNINTERRUPTIBLE, NULL);
}
EXPORT_SYMBOL(down);

/**
 * down_interruptible - take a unit unless a signal comes first
 * @sem: the semaphore
 *
 * Return: 0 with a unit, -EINTR without.
 */
int down_interruptible(struct semaphore *sem)
{
	might_sleep();
	return down_in_state(sem, TASK_INTERRUPTIBLE, NULL);
}
EXPORT_SYMBOL(down_interruptible);

/**
 * down_killable - take a unit unless the task is killed first
 * @sem: the semaphore
 *
 * Return: 0 with a unit, -EINTR without.
 */
int down_killable(struct semaphore *sem)
{
	might_sleep();
	return down_in_state(sem, TASK_KILLABLE, NULL);
}
EXPORT_SYMBOL(down_killable);

/**
 * down_timeout - take a unit within a time
 * @sem: the semaphore
 * @timeout: longest wait in jiffies; MAX_SCHEDULE_TIMEOUT = no limit, 0 or less = none
 *
 * Return: 0 with a unit, -ETIME without.
 */
int down_timeout(struct semaphore *sem, long timeout)
{
	struct timespec deadline;
	bool limited = uwq_deadline_ticks(timeout > 0 ? timeout : 0, &deadline);

	might_sleep();
	return down_in_state(sem, TASK_UNINTERRUPTIBLE, limited ? &deadline : NULL);
}
EXPORT_SYMBOL(down_timeout);

/**
 * down_trylock - take a unit if there is one
 * @sem: the semaphore
 *
 * Context: any.
 * Return: 0 with a unit, 1 without: the other way round than mutex_trylock().
 */
int down_trylock(struct semaphore *sem)
{
	bool taken;

	futex_lock(&sem->lock.lock);
	taken = take_unit(sem);
	futex_unlock(&sem->lock.lock);
	return !taken;
}
EXPORT_SYMBOL(down_trylock);

/**
 * up - give a unit, to the oldest waiter if there is one
 * @sem: the semaphore; may be gone as soon as a down() can return
 *
 * Context: any.
 */
void up(struct semaphore *sem)
{
	LIST_HEAD(granted);

	futex_lock(&sem->lock.lock);
	if (list_empty(&sem->wait_list))
		sem->count++;
	else
		lock_waiter_pick(list_first_entry(&sem->wait_list, struct lock_waiter, link),
				 &granted);
	futex_unlock(&sem->lock.lock);
	/* *sem may be gone from here on */
	lock_waiters_grant(&granted);
}
EXPORT_SYMBOL(up);
