/* SPDX-License-Identifier: MIT */
/*
 * lock_waiter.h - a place in the queue of a semaphore or rw_semaphore
 *
 * Both are a few numbers and a list under a futex_lock, and hand themselves
 * over: who gives back decides who is next, takes those waiters off the list,
 * updates the numbers on their behalf and tells each "granted". Order is the
 * order of arrival, and no newcomer passes the list, so nobody starves.
 *
 * A waiter lives on its thread's stack and is gone the moment "granted" is set;
 * the lock itself may be gone then too, because the new owner may free it. So
 * the giver moves waiters to a list of its own, unlocks, and only then grants:
 * the semaphore is not touched after the first grant, nor a waiter after its.
 */
#ifndef UWQ_KERNEL_COMPAT_LOCK_WAITER_H
#define UWQ_KERNEL_COMPAT_LOCK_WAITER_H

#include <linux/errno.h>
#include <linux/list.h>
#include <linux/sched.h>

#include "kernel-compat/futex.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/test_points.h"

struct lock_waiter {
	struct list_head link;	/* in the lock's list, under its futex_lock; then the giver's */
	bool in_line;		/* under the futex_lock: still in the lock's list */
	bool exclusive;		/* wants to be alone; of use to rw_semaphore only */
	struct task_struct *task; /* who waits; the same */
	u32 granted;		/* atomic, futex word: 1 = it is ours; the giver's last act */
};

/* Wait in line with the lock's list locked; lock_waiter_wait() comes after unlocking it. */
static inline void lock_waiter_enqueue(struct lock_waiter *waiter, struct list_head *list,
				       bool exclusive)
{
	waiter->in_line = true;
	waiter->exclusive = exclusive;
	waiter->task = current;
	waiter->granted = 0;
	list_add_tail(&waiter->link, list);
}

/*
 * Sleep until granted: 0. A signal that @state listens to: -EINTR; @deadline
 * reached: -ETIME. After an error the waiter may still be in the list, or be
 * granted this instant: the caller finds out under the lock.
 */
static inline int lock_waiter_wait(struct lock_waiter *waiter, unsigned int state,
				   const struct timespec *deadline)
{
	/* GRANT/1: pairs with GRANT/2 in lock_waiters_grant() */
	while (!__atomic_load_n(&waiter->granted, __ATOMIC_ACQUIRE)) {
		int ret = schedule_on_state(&waiter->granted, 0, deadline, state);

		if (ret)
			return ret == -ETIMEDOUT ? -ETIME : ret;
	}
	return 0;
}

/*
 * After an error of lock_waiter_wait(), with the lock's list locked. True: the
 * waiter was still in line and is out now. False: a giver has taken it off, so
 * the lock is the caller's after one more lock_waiter_wait() without a way out.
 */
static inline bool lock_waiter_leave(struct lock_waiter *waiter)
{
	if (!waiter->in_line)
		return false;
	list_del(&waiter->link);
	return true;
}

/* With the lock's list locked and its numbers changed: @waiter is next. */
static inline void lock_waiter_pick(struct lock_waiter *waiter, struct list_head *granted)
{
	waiter->in_line = false;
	list_move_tail(&waiter->link, granted);
}

/* Tell everybody in the giver's own list; the lock's list is unlocked. */
static inline void lock_waiters_grant(struct list_head *granted)
{
	struct lock_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, granted, link) {
		/* GRANT/2: all that the previous owner did is visible to the next */
		__atomic_store_n(&waiter->granted, 1, __ATOMIC_RELEASE);
		/* *waiter may be gone from here on: only its address goes to the kernel */
		futex_wake(&waiter->granted, 1);
	}
}

#endif
