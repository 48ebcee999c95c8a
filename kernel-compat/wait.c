// SPDX-License-Identifier: MIT
/*
 * wait.c - wait queues: entering, leaving, waking
 *
 * A queue is a list of entries under a spinlock. Non-exclusive entries stand in
 * front, exclusive ones behind, so that a waker that stops after some exclusive
 * ones has passed all others. Entries are woken by calling their function.
 *
 * Locks: the queue's lock; the functions of entries are called with it held, and
 * what they do (waking a task) takes no lock.
 *
 * Differs from Linux: nothing that users see.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "kernel-compat/sched_internal.h"
#include "kernel-compat/test_points.h"

static bool queued(struct wait_queue_entry *entry)
{
	return !list_empty(&entry->entry);
}

/* Lock held. Exclusive entries to the end, others to the front. */
static void enqueue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	if (entry->flags & WQ_FLAG_EXCLUSIVE)
		__add_wait_queue_entry_tail(wq_head, entry);
	else
		__add_wait_queue(wq_head, entry);
}

/* ---- entries that the caller manages ---- */

/**
 * add_wait_queue - put an entry into a queue
 * @wq_head: the queue
 * @entry: initialised; stays until remove_wait_queue()
 *
 * Context: any.
 */
void add_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	unsigned long flags;

	entry->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq_head->lock, flags);
	enqueue(wq_head, entry);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}
EXPORT_SYMBOL(add_wait_queue);

/* The same, for one that is woken alone. */
void add_wait_queue_exclusive(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	unsigned long flags;

	entry->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq_head->lock, flags);
	enqueue(wq_head, entry);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}
EXPORT_SYMBOL(add_wait_queue_exclusive);

/* Exclusive, and asked before everybody else. */
void add_wait_queue_priority(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	unsigned long flags;

	entry->flags |= WQ_FLAG_EXCLUSIVE | WQ_FLAG_PRIORITY;
	spin_lock_irqsave(&wq_head->lock, flags);
	__add_wait_queue(wq_head, entry);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}
EXPORT_SYMBOL_GPL(add_wait_queue_priority);

/**
 * remove_wait_queue - take an entry out again
 * @wq_head: the queue it is in
 * @entry: the caller's again when this returns
 *
 * Context: any.
 */
void remove_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq_head->lock, flags);
	__remove_wait_queue(wq_head, entry);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}
EXPORT_SYMBOL(remove_wait_queue);

/* ---- waking ---- */

/* Lock held. @nr: exclusive entries to wake, 0 = all. Returns how many of @nr are left. */
static int wake_entries(struct wait_queue_head *wq_head, unsigned int mode, int nr, int flags,
			void *key)
{
	struct wait_queue_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &wq_head->head, entry) {
		bool exclusive = READ_ONCE(entry->flags) & WQ_FLAG_EXCLUSIVE;
		int ret = entry->func(entry, mode, flags, key);

		/* *entry may be gone from here on */
		if (ret < 0)
			break;
		if (ret && exclusive && !--nr)
			break;
	}
	return nr;
}

/**
 * __wake_up - wake who waits in a queue; behind wake_up() and its kin
 * @wq_head: the queue
 * @mode: states of tasks to wake
 * @nr: how many exclusive ones, 0 = all; others are woken in any case
 * @key: for the entries' functions
 *
 * Context: any.
 * Ordering: a full barrier before the state of a sleeper is read.
 * Return: exclusive ones woken.
 */
int __wake_up(struct wait_queue_head *wq_head, unsigned int mode, int nr, void *key)
{
	unsigned long flags;
	int left;

	spin_lock_irqsave(&wq_head->lock, flags);
	left = wake_entries(wq_head, mode, nr, 0, key);
	spin_unlock_irqrestore(&wq_head->lock, flags);
	return nr - left;
}
EXPORT_SYMBOL(__wake_up);

void __wake_up_sync_key(struct wait_queue_head *wq_head, unsigned int mode, void *key)
{
	__wake_up(wq_head, mode, 1, key);
}
EXPORT_SYMBOL_GPL(__wake_up_sync_key);

void __wake_up_sync(struct wait_queue_head *wq_head, unsigned int mode)
{
	__wake_up(wq_head, mode, 1, NULL);
}
EXPORT_SYMBOL_GPL(__wake_up_sync);

/* With the queue's lock held. */
void __wake_up_locked(struct wait_queue_head *wq_head, unsigned int mode, int nr)
{
	wake_entries(wq_head, mode, nr, 0, NULL);
}
EXPORT_SYMBOL_GPL(__wake_up_locked);

void __wake_up_locked_key(struct wait_queue_head *wq_head, unsigned int mode, void *key)
{
	wake_entries(wq_head, mode, 1, 0, key);
}
EXPORT_SYMBOL_GPL(__wake_up_locked_key);

int default_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	(void)flags;
	(void)key;
	return task_try_to_wake(entry->private, mode);
}
EXPORT_SYMBOL(default_wake_function);

/* Takes itself out, so that finish_wait() needs no lock. */
int autoremove_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags,
			     void *key)
{
	int ret = default_wake_function(entry, mode, flags, key);

	if (ret)
		list_del_init_careful(&entry->entry);
	return ret;
}
EXPORT_SYMBOL(autoremove_wake_function);

/* ---- the steps of wait_event() ---- */

/* An entry for the calling task that leaves the queue when it is woken. */
void init_wait_entry(struct wait_queue_entry *entry, int flags)
{
	entry->flags = (unsigned int)flags;
	entry->private = current;
	entry->func = autoremove_wake_function;
	INIT_LIST_HEAD(&entry->entry);
}
EXPORT_SYMBOL(init_wait_entry);

/**
 * prepare_to_wait - enter a queue and set the state, before a look at the condition
 * @wq_head: the queue
 * @entry: of DEFINE_WAIT() or init_wait(); entering twice does nothing
 * @state: TASK_*
 *
 * Context: any; the caller sleeps next, or calls finish_wait().
 * Ordering: full barrier after the state is set. WAIT/2, pairs with WAIT/1 in
 * wq_has_sleeper().
 */
void prepare_to_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *entry, int state)
{
	unsigned long flags;

	entry->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq_head->lock, flags);
	if (!queued(entry))
		enqueue(wq_head, entry);
	set_current_state(state);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}
EXPORT_SYMBOL(prepare_to_wait);

/* The same, to be woken alone. Return: true if the queue was empty. */
bool prepare_to_wait_exclusive(struct wait_queue_head *wq_head, struct wait_queue_entry *entry,
			       int state)
{
	bool was_empty = false;
	unsigned long flags;

	entry->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq_head->lock, flags);
	if (!queued(entry)) {
		was_empty = list_empty(&wq_head->head);
		enqueue(wq_head, entry);
	}
	set_current_state(state);
	spin_unlock_irqrestore(&wq_head->lock, flags);
	return was_empty;
}
EXPORT_SYMBOL(prepare_to_wait_exclusive);

/**
 * prepare_to_wait_event - prepare_to_wait(), unless a signal is pending
 * @wq_head: the queue
 * @entry: of init_wait_entry()
 * @state: TASK_*
 *
 * With a signal the entry leaves the queue, under the lock: a wake-up that was
 * meant for one sleeper is either seen by the caller's next look at the
 * condition, or goes to another.
 *
 * Return: 0, or -ERESTARTSYS.
 */
long prepare_to_wait_event(struct wait_queue_head *wq_head, struct wait_queue_entry *entry,
			   int state)
{
	unsigned long flags;
	long ret = 0;

	spin_lock_irqsave(&wq_head->lock, flags);
	if (signal_pending_state((unsigned int)state, current)) {
		list_del_init(&entry->entry);
		ret = -ERESTARTSYS;
	} else {
		if (!queued(entry))
			enqueue(wq_head, entry);
		set_current_state(state);
	}
	spin_unlock_irqrestore(&wq_head->lock, flags);
	TEST_POINT("wait:prepared");
	return ret;
}
EXPORT_SYMBOL(prepare_to_wait_event);

/**
 * finish_wait - leave a queue and run on
 * @wq_head: the queue
 * @entry: the caller's again when this returns
 *
 * Context: any.
 */
void finish_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	/*
	 * LEAVE/1: both pointers say "not in a list", read with acquire. Pairs
	 * with list_del_init_careful() in autoremove_wake_function(), the waker's
	 * last access to the entry. Seeing anything else, we ask under the lock.
	 */
	if (list_empty_careful(&entry->entry))
		return;
	spin_lock_irqsave(&wq_head->lock, flags);
	list_del_init(&entry->entry);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}
EXPORT_SYMBOL(finish_wait);

/* One step of wait_event_interruptible_locked(): the queue's lock is held, but for the sleep. */
int do_wait_intr(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	if (!queued(entry))
		__add_wait_queue_entry_tail(wq_head, entry);
	set_current_state(TASK_INTERRUPTIBLE);
	if (signal_pending(current))
		return -ERESTARTSYS;
	spin_unlock(&wq_head->lock);
	schedule();
	spin_lock(&wq_head->lock);
	return 0;
}
EXPORT_SYMBOL(do_wait_intr);

int do_wait_intr_irq(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	if (!queued(entry))
		__add_wait_queue_entry_tail(wq_head, entry);
	set_current_state(TASK_INTERRUPTIBLE);
	if (signal_pending(current))
		return -ERESTARTSYS;
	spin_unlock_irq(&wq_head->lock);
	schedule();
	spin_lock_irq(&wq_head->lock);
	return 0;
}
EXPORT_SYMBOL(do_wait_intr_irq);

/* ---- wait_woken(): the sleeper may do as it likes between looks ---- */

/**
 * wait_woken - sleep unless the entry was woken since the last call
 * @entry: queued, with woken_wake_function()
 * @mode: TASK_*
 * @timeout: jiffies
 *
 * Context: may sleep.
 * Return: jiffies left.
 */
long wait_woken(struct wait_queue_entry *entry, unsigned int mode, long timeout)
{
	/*
	 * WOKEN/1: state, full barrier, flag. Pairs with WOKEN/2 in
	 * woken_wake_function(): flag, full barrier in the wake-up, state.
	 * Forbids: we see no flag AND the waker sees no sleeper.
	 */
	set_current_state(mode);
	if (!(__atomic_load_n(&entry->flags, __ATOMIC_SEQ_CST) & WQ_FLAG_WOKEN) &&
	    !kthread_should_stop_or_park())
		timeout = schedule_timeout(timeout);
	__set_current_state(TASK_RUNNING);
	/*
	 * Full barrier: the caller reads its condition after the flag is off, so a
	 * waker whose condition it does not see turns the flag on again.
	 */
	__atomic_fetch_and(&entry->flags, ~WQ_FLAG_WOKEN, __ATOMIC_SEQ_CST);
	return timeout;
}
EXPORT_SYMBOL(wait_woken);

int woken_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	/* WOKEN/2: pairs with WOKEN/1 in wait_woken() */
	__atomic_fetch_or(&entry->flags, WQ_FLAG_WOKEN, __ATOMIC_SEQ_CST);
	return default_wake_function(entry, mode, flags, key);
}
EXPORT_SYMBOL(woken_wake_function);
