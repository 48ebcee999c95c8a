// SPDX-License-Identifier: MIT
/*
 * rwsem.c - reader/writer semaphores
 *
 * A number and a queue under a small lock: readers inside, or -1 for a writer.
 * Who comes while somebody waits goes behind them; who leaves lets in from the
 * head whatever fits, one writer or the readers up to the next writer, and hands
 * the lock over to them (lock_waiter.h says how, and why the semaphore may be
 * freed by them).
 *
 * Locks: sem->wait_lock, a leaf. Context: task, may sleep, but for the trylocks,
 * the ups and downgrade_write().
 *
 * Differs from Linux: strictly in order of arrival; no writer steals the lock
 * from a queue, and readers behind a waiting writer do not pass it.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/rwsem.h>

#include "kernel-compat/lock_order.h"
#include "kernel-compat/lock_waiter.h"
#include "kernel-compat/task_wait.h"

/*
 * @owner: who is inside; it counts only if that is one alone, a writer or a reader.
 * OWNER/2: a task that leaves takes its name out first, see task_wait.c.
 */
static void set_count(struct rw_semaphore *sem, int count, struct task_struct *owner)
{
	if (count != 1 && count != -1)
		owner = NULL;
	/* released: a waiter reads the task through it, who may be new */
	__atomic_store_n(&sem->owner, owner, __ATOMIC_RELEASE);
	/* atomic for rwsem_is_locked(), which looks without the lock */
	__atomic_store_n(&sem->count, count, __ATOMIC_RELAXED);
}

/* Under wait_lock: let @task go in if those inside allow it. */
static bool enter(struct rw_semaphore *sem, bool exclusive, struct task_struct *task)
{
	futex_lock_assert_held(&sem->wait_lock);
	if (exclusive ? sem->count != 0 : sem->count < 0)
		return false;
	set_count(sem, exclusive ? -1 : sem->count + 1, task);
	return true;
}

/* Under wait_lock: let in from the head of the line whatever fits. */
static void let_in(struct rw_semaphore *sem, struct list_head *granted)
{
	while (!list_empty(&sem->wait_list)) {
		struct lock_waiter *first = list_first_entry(&sem->wait_list, struct lock_waiter,
							     link);

		if (!enter(sem, first->exclusive, first->task))
			return;
		lock_waiter_pick(first, granted);
	}
}

/* Go in, or stand in line if @waiter is given and there is no way in now. */
static bool enter_or_queue(struct rw_semaphore *sem, bool exclusive, struct lock_waiter *waiter)
{
	bool inside;

	futex_lock(&sem->wait_lock);
	inside = list_empty(&sem->wait_list) && enter(sem, exclusive, current);
	if (!inside && waiter)
		lock_waiter_enqueue(waiter, &sem->wait_list, exclusive);
	futex_unlock(&sem->wait_lock);
	return inside;
}

/* A wait ended early: leave the line, and let in whom we stood in the way of. */
static bool leave_line(struct rw_semaphore *sem, struct lock_waiter *waiter)
{
	LIST_HEAD(granted);
	bool left;

	TEST_POINT("lock_waiter:gives_up");
	futex_lock(&sem->wait_lock);
	left = lock_waiter_leave(waiter);
	if (left)
		let_in(sem, &granted);
	futex_unlock(&sem->wait_lock);
	lock_waiters_grant(&granted);
	return left;
}

/* Stand in line; now and then ask whether that can end. */
static int wait_in_line(struct rw_semaphore *sem, struct lock_waiter *waiter, unsigned int state)
{
	bool exclusive = waiter->exclusive;
	struct task_wait_watch watch;
	int ret;

	task_wait_begin(&watch, exclusive ? WAITS_FOR_WRITING : WAITS_FOR_READING,
			exclusive ? "down_write" : "down_read", sem, NULL);
	for (;;) {
		task_wait_see_owner(&watch, &sem->owner);
		ret = lock_waiter_wait(waiter, state, task_wait_until(&watch));
		if (ret != -ETIME)
			break;
		task_wait_look(&watch);
	}
	task_wait_end(&watch);
	return ret;
}

static int enter_waiting(struct rw_semaphore *sem, bool exclusive, unsigned int state)
{
	struct spin_budget spin = SPIN_BUDGET_INIT;
	struct lock_waiter waiter;
	int ret;

	do {
		if (enter_or_queue(sem, exclusive, NULL))
			return 0;
	} while (spin_once(&spin));

	if (enter_or_queue(sem, exclusive, &waiter))
		return 0;
	ret = wait_in_line(sem, &waiter, state);
	if (!ret || leave_line(sem, &waiter))
		return ret;
	return lock_waiter_wait(&waiter, TASK_UNINTERRUPTIBLE, NULL);
}

static int down_in_state(struct rw_semaphore *sem, bool exclusive, unsigned int state)
{
	int how = exclusive ? UWQ_LOCK_WRITE : UWQ_LOCK_READ;
	int ret;

	might_sleep();
	uwq_lock_wanted(sem, how);
	ret = enter_waiting(sem, exclusive, state);
	if (!ret) {
		uwq_lock_taken(sem, how);
		lock_order_taken(sem, exclusive);
	}
	return ret;
}

/* @leaving: how many readers go, or -1 for the writer */
static void leave(struct rw_semaphore *sem, int leaving)
{
	LIST_HEAD(granted);

	futex_lock(&sem->wait_lock);
	set_count(sem, sem->count - leaving, NULL);
	let_in(sem, &granted);
	futex_unlock(&sem->wait_lock);
	/* *sem may be gone from here on */
	lock_waiters_grant(&granted);
}

/**
 * __init_rwsem - make a semaphore free, the function behind init_rwsem()
 * @sem: memory that nobody uses as a semaphore
 * @name: its name, @key: its class; neither is kept, see linux/lockdep.h
 */
void __init_rwsem(struct rw_semaphore *sem, const char *name, struct lock_class_key *key)
{
	(void)name;
	(void)key;
	INIT_LIST_HEAD(&sem->wait_list);
	futex_lock_init(&sem->wait_lock);
	set_count(sem, 0, NULL);
	lock_order_forget(sem);
}
EXPORT_SYMBOL(__init_rwsem);

/**
 * down_read - go in as a reader
 * @sem: the semaphore; must not be held by the caller in any way
 *
 * Ordering: sees everything done before the up_write() of earlier writers.
 */
void down_read(struct rw_semaphore *sem)
{
	down_in_state(sem, false, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL(down_read);

/**
 * down_read_interruptible - go in as a reader unless a signal comes first
 * @sem: the semaphore
 *
 * Return: 0 inside, -EINTR outside.
 */
int down_read_interruptible(struct rw_semaphore *sem)
{
	return down_in_state(sem, false, TASK_INTERRUPTIBLE);
}
EXPORT_SYMBOL(down_read_interruptible);

/**
 * down_read_killable - go in as a reader unless the task is killed first
 * @sem: the semaphore
 *
 * Return: 0 inside, -EINTR outside.
 */
int down_read_killable(struct rw_semaphore *sem)
{
	return down_in_state(sem, false, TASK_KILLABLE);
}
EXPORT_SYMBOL(down_read_killable);

/**
 * down_read_trylock - go in as a reader if that needs no waiting
 * @sem: the semaphore
 *
 * Return: 1 inside, 0 outside.
 */
int down_read_trylock(struct rw_semaphore *sem)
{
	if (!enter_or_queue(sem, false, NULL))
		return 0;
	uwq_lock_taken(sem, UWQ_LOCK_READ);
	return 1;
}
EXPORT_SYMBOL(down_read_trylock);

/**
 * down_read_non_owner - go in as a reader on behalf of another task
 * @sem: the semaphore; up_read_non_owner() may be called by any task
 */
void down_read_non_owner(struct rw_semaphore *sem)
{
	might_sleep();
	enter_waiting(sem, false, TASK_UNINTERRUPTIBLE);
	/* nobody in particular holds it */
	futex_lock(&sem->wait_lock);
	set_count(sem, sem->count, NULL);
	futex_unlock(&sem->wait_lock);
}
EXPORT_SYMBOL(down_read_non_owner);

/**
 * up_read - leave as a reader
 * @sem: the semaphore; may be gone once the last one has left
 */
void up_read(struct rw_semaphore *sem)
{
	uwq_lock_given_back(sem);
	leave(sem, 1);
}
EXPORT_SYMBOL(up_read);

/**
 * up_read_non_owner - leave as a reader that another task made
 * @sem: the semaphore
 */
void up_read_non_owner(struct rw_semaphore *sem)
{
	leave(sem, 1);
}
EXPORT_SYMBOL(up_read_non_owner);

/**
 * down_write - go in alone
 * @sem: the semaphore; must not be held by the caller in any way
 *
 * Ordering: sees everything done before the ups of all earlier holders.
 */
void down_write(struct rw_semaphore *sem)
{
	down_in_state(sem, true, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL(down_write);

/**
 * down_write_killable - go in alone unless the task is killed first
 * @sem: the semaphore
 *
 * Return: 0 inside, -EINTR outside.
 */
int down_write_killable(struct rw_semaphore *sem)
{
	return down_in_state(sem, true, TASK_KILLABLE);
}
EXPORT_SYMBOL(down_write_killable);

/**
 * down_write_trylock - go in alone if that needs no waiting
 * @sem: the semaphore
 *
 * Return: 1 inside, 0 outside.
 */
int down_write_trylock(struct rw_semaphore *sem)
{
	if (!enter_or_queue(sem, true, NULL))
		return 0;
	uwq_lock_taken(sem, UWQ_LOCK_WRITE);
	return 1;
}
EXPORT_SYMBOL(down_write_trylock);

/**
 * up_write - leave as the writer
 * @sem: the semaphore; may be gone from then on
 */
void up_write(struct rw_semaphore *sem)
{
	uwq_lock_given_back(sem);
	leave(sem, -1);
}
EXPORT_SYMBOL(up_write);

/**
 * downgrade_write - become a reader without letting a writer in between
 * @sem: the semaphore, held for writing
 */
void downgrade_write(struct rw_semaphore *sem)
{
	LIST_HEAD(granted);

	uwq_lock_given_back(sem);
	futex_lock(&sem->wait_lock);
	set_count(sem, 1, current);
	let_in(sem, &granted);
	futex_unlock(&sem->wait_lock);
	lock_waiters_grant(&granted);
	uwq_lock_taken(sem, UWQ_LOCK_READ);
}
EXPORT_SYMBOL(downgrade_write);

/**
 * rwsem_is_contended - does anybody wait?
 * @sem: the semaphore
 */
int rwsem_is_contended(struct rw_semaphore *sem)
{
	bool waiters;

	futex_lock(&sem->wait_lock);
	waiters = !list_empty(&sem->wait_list);
	futex_unlock(&sem->wait_lock);
	return waiters;
}
EXPORT_SYMBOL(rwsem_is_contended);
