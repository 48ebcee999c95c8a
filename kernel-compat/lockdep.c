// SPDX-License-Identifier: MIT
/*
 * lockdep.c - the list of locks that a thread holds
 *
 * UWQ_DEBUG builds only; see uwq/lock_debug.h for who reports here. The list is
 * thread-local, so nothing here needs a lock and nothing can race. A thread
 * that holds more locks than the list has room for is no longer judged until
 * it has given the surplus back: silence instead of false alarms.
 *
 * Offences are WARNs of this file: all counted, the first of each kind printed.
 * Printing takes locks of its own; meanwhile the thread's list is still kept,
 * but nothing more is judged.
 *
 * Differs from Linux: who holds what, no order between classes (lock_order.c knows a
 * little about items). A recursion is
 * reported and then deadlocks, as it does in the kernel.
 */
#ifdef UWQ_DEBUG

#include <linux/bug.h>
#include <linux/debug_locks.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include <uwq/lock_debug.h>

#include "kernel-compat/lockdep_internal.h"

#define MAX_HELD	48

struct held_lock {
	const void *lock;
	const void *where;	/* code that took it */
	int how;		/* UWQ_LOCK_READ or UWQ_LOCK_WRITE */
};

/* S: all of it belongs to one thread */
static __thread struct {
	struct held_lock list[MAX_HELD];
	int count;
	int surplus;		/* held but not in the list */
	bool reporting;
} mine;

static struct held_lock *find_held(const void *lock, int how)
{
	for (int i = mine.count; i-- > 0; )
		if (mine.list[i].lock == lock && (mine.list[i].how & how))
			return &mine.list[i];
	return NULL;
}

/**
 * uwq_lock_wanted - this thread is about to wait for a lock
 * @lock: address of the lock
 * @how: UWQ_LOCK_READ or UWQ_LOCK_WRITE, UWQ_LOCK_READ_AGAIN added where a
 *	 reader may read again
 *
 * Warns when the thread holds the lock in a way that makes it wait for itself.
 *
 * Context: Any; the locks call it.
 */
void uwq_lock_wanted(const void *lock, int how)
{
	int clash = UWQ_LOCK_READ | UWQ_LOCK_WRITE;
	struct held_lock *held;

	if (how & UWQ_LOCK_READ_AGAIN)
		clash = UWQ_LOCK_WRITE;
	held = find_held(lock, clash);
	if (!held || mine.reporting)
		return;
	mine.reporting = true;
	WARN(1, "possible recursive locking: lock %p is wanted by the thread that took it at %pS\n",
	     lock, held->where);
	mine.reporting = false;
}
EXPORT_SYMBOL(uwq_lock_wanted);

/**
 * uwq_lock_taken - this thread got a lock
 * @lock: address of the lock
 * @how: UWQ_LOCK_READ or UWQ_LOCK_WRITE
 *
 * Context: Any; the locks call it.
 */
void uwq_lock_taken(const void *lock, int how)
{
	if (mine.count == MAX_HELD) {
		mine.surplus++;
		return;
	}
	mine.list[mine.count++] = (struct held_lock){
		.lock = lock,
		.where = __builtin_return_address(0),
		.how = how & (UWQ_LOCK_READ | UWQ_LOCK_WRITE),
	};
}
EXPORT_SYMBOL(uwq_lock_taken);

/**
 * uwq_lock_given_back - this thread is about to release a lock
 * @lock: address of the lock
 *
 * Warns when the thread does not hold it.
 *
 * Context: Any; the locks call it.
 */
void uwq_lock_given_back(const void *lock)
{
	struct held_lock *held = find_held(lock, UWQ_LOCK_READ | UWQ_LOCK_WRITE);

	if (held) {
		mine.count--;
		for (; held < &mine.list[mine.count]; held++)
			held[0] = held[1];
	} else if (mine.surplus) {
		mine.surplus--;
	} else if (!mine.reporting) {
		mine.reporting = true;
		WARN(1, "bad unlock: lock %p is given back by a thread that does not hold it\n",
		     lock);
		mine.reporting = false;
	}
}
EXPORT_SYMBOL(uwq_lock_given_back);

/**
 * uwq_lock_held - does this thread hold a lock?
 * @lock: address of the lock
 * @how: UWQ_LOCK_READ, UWQ_LOCK_WRITE or both or-ed
 *
 * Context: Any.
 * Return: 1 if it does, or may for all we know (list overflow); else 0.
 */
int uwq_lock_held(const void *lock, int how)
{
	return mine.surplus || find_held(lock, how);
}
EXPORT_SYMBOL(uwq_lock_held);

/**
 * uwq_locks_held - how many locks does this thread hold?
 *
 * Read sides count once per acquisition.
 */
int uwq_locks_held(void)
{
	return mine.count + mine.surplus;
}
EXPORT_SYMBOL(uwq_locks_held);

const void *lockdep_held_lock(int index, bool *alone)
{
	if (index >= mine.count)
		return NULL;
	*alone = mine.list[index].how == UWQ_LOCK_WRITE;
	return mine.list[index].lock;
}

/**
 * debug_show_held_locks - print the locks of the calling thread
 * @task: current; nothing is known about other tasks and nothing printed
 */
void debug_show_held_locks(struct task_struct *task)
{
	if (task != current || !uwq_locks_held())
		return;
	pr_warn("%d locks held by %s/%d:\n", uwq_locks_held(), task->comm, task->pid);
	for (int i = 0; i < mine.count; i++)
		pr_warn(" #%d: %p (%s), at: %pS\n", i, mine.list[i].lock,
			mine.list[i].how == UWQ_LOCK_READ ? "read" : "write", mine.list[i].where);
}
EXPORT_SYMBOL_GPL(debug_show_held_locks);

/**
 * debug_check_no_locks_held - warn when the calling thread holds a lock
 *
 * For places where a thread must have given everything back, as at its end.
 */
void debug_check_no_locks_held(void)
{
	if (!uwq_locks_held())
		return;
	WARN(1, "%s/%d still holds locks\n", current->comm, current->pid);
	debug_show_held_locks(current);
}
EXPORT_SYMBOL_GPL(debug_check_no_locks_held);

#else
typedef int lock_lists_are_for_debug_builds;
#endif
