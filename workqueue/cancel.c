// SPDX-License-Identifier: MIT
/*
 * cancel.c - taking items back: cancel, disable, enable
 *
 * grab_pending() makes the caller the owner of an item wherever it is: idle, in a
 * timer, in an inbox, on any list. An item in a pool is found in constant time: the
 * inbox is emptied into the lists under the pool lock, then the item is unlinked
 * from whichever it is on. After that the pool knows no pointer to it, so it may be
 * freed at once.
 *
 * Who meets whom, and what decides:
 *
 *   cancel and queue	whose fetch_or sets PENDING. Who is second, and is the canceller,
 *			finds the item in a pool a moment later.
 *   cancel and start	the pool lock. A worker unlinks the item, says that it runs it and
 *			clears PENDING in one hold, so a canceller with the lock finds all
 *			of that or nothing. An item that a worker took along with others
 *			(batch.c) is back on a list then, or begun: pool_lock() waits for that.
 *   cancel and run	RUN/1 and RUN/2, see running.c. The word of whoever owns PENDING
 *			names the worker of the last run.
 *   cancel and flush	the pool lock. A barrier stays when its item goes.
 *
 * cancel_*_sync() of an item that runs is disable + wait + enable: while it waits, every
 * attempt to queue the item is refused (C58). Of an item that does not run it is one step.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/timer.h>

#include "kernel-compat/lock_order.h"
#include "workqueue/backoff.h"
#include "workqueue/pwq.h"
#include "workqueue/workqueue_internal.h"

#define DISABLE_MAX	((1u << WORK_OFFQ_DISABLE_BITS) - 1)

/*
 * Unlink a listed item and undo its accounting; it stays PENDING and belongs to the
 * caller, with @new_data in it. Barriers that hang on it stay and release their waiters when a worker
 * reaches them; those on an inactive item go to the worklist, because they must not
 * wait for a slot (C35).
 */
static struct completion *take_listed(struct worker_pool *pool, struct work_struct *work,
				      unsigned long data, unsigned long *new_data)
{
	struct pool_workqueue *pwq = work_data_pwq(data);
	bool active = !(data & WORK_STRUCT_INACTIVE);

	assert_pool_locked(pool);
	if ((data & WORK_STRUCT_LINKED) && !active)
		move_linked(work, &pool->worklist);
	list_del_init(&work->entry);
	*new_data = work_data_offq(work_data_last(data), pool->id, WORK_STRUCT_PENDING |
				   (pool->flags & POOL_BH ? WORK_OFFQ_BH : 0));
	work_set_data(work, *new_data);
	return pwq_done(pwq, work_data_color(data), active);
}

/*
 * The item was in @pwq a moment ago. True: it was taken out of its pool, and @new_data is
 * what it has now.
 */
static bool grab_queued(struct work_struct *work, struct pool_workqueue *pwq,
			unsigned long *new_data)
{
	struct completion *flushed = NULL;
	struct worker_pool *pool;
	bool taken = false;
	unsigned long data;

	TEST_POINT("grab_seen_queued");
	pool = pwq_pool(pwq);
	TEST_POINT("grab_seen_pool");
	pool_lock(pool);
	data = work_data(work);
	/*
	 * Still there? While it is, its pwq cannot have changed pools; before, it may have,
	 * and changes again under another lock than the one held here. Not listed after
	 * the drain means that its submitter has not published it yet: INBOX/3 and
	 * INBOX/4. That one's queue call has not returned.
	 */
	if (work_data_queued(data) && work_data_pwq(data) == pwq && pwq_pool(pwq) == pool) {
		if (!inbox_empty_locked(&pool->inbox))
			pool_drain_inbox(pool);
		if (!list_empty(&work->entry)) {
			flushed = take_listed(pool, work, work_data(work), new_data);
			taken = true;
		}
	}
	if (pool_has_work(pool))
		pool_unlock_and_wake(pool);
	else
		pool_unlock(pool);
	if (unlikely(flushed))
		complete(flushed);
	return taken;
}

/*
 * U30: the plain form on a delayed_work whose timer is armed. The kernel spins until
 * the timer fires; here it is reported and the timer taken.
 */
static bool is_armed_delayed(unsigned long data)
{
	return !(data & WORK_STRUCT_PWQ) && (data & WORK_OFFQ_ARMED);
}

/**
 * grab_pending - become the owner of an item, wherever it is
 * @work: item
 * @is_dwork: it is the inner item of a delayed_work
 * @data: set to its off-queue data, for work_release_pending() or queueing
 *
 * Context: Any; in a section of the fork gate, which ends after the item was given on
 * or back. May wait for another owner who is between two steps, outside the section.
 * Return: true if a pending instance was removed, false if the item was idle.
 */
bool grab_pending(struct work_struct *work, bool is_dwork, unsigned long *data)
{
	struct backoff backoff = BACKOFF_INIT;

	for (;;) {
		if (is_dwork && timer_delete(&to_delayed_work(work)->timer)) {
			*data = work_data(work) & ~WORK_OFFQ_ARMED;
			return true;
		}
		/*
		 * Queued, it belongs to whoever holds the lock, and PENDING is set already. If
		 * it comes between this look and the fetch_or, the next round finds it.
		 */
		*data = work_data(work);
		if (work_data_queued(*data)) {
			if (grab_queued(work, work_data_pwq(*data), data))
				return true;
		} else if (work_try_pending(work, data)) {
			return false;
		} else if (!is_dwork && is_armed_delayed(*data)) {
			WARN_ONCE(1, "workqueue: item %p (%ps) is in the timer of a delayed_work; use the delayed form\n",
				  work, (void *)work->func);
			is_dwork = true;
			continue;
		}
		TEST_POINT("grab_backoff");
		/* the owner may be waiting for a fork, which waits for us */
		fork_gate_leave();
		backoff_wait(&backoff);
		fork_gate_enter();
	}
}

/* C61: an item that was only zeroed has nothing to cancel. */
static bool is_initialised(struct work_struct *work, const char *call)
{
	return !WARN(!work->func, "workqueue: %s() on item %p, which was never initialised\n",
		     call, work);
}

/* The caller owns the item, with @data, and gives it back. */
static void release_disabled(struct work_struct *work, unsigned long data)
{
	unsigned int depth = work_data_depth(data);

	if (depth < DISABLE_MAX)
		depth++;
	else
		WARN_ONCE(1, "workqueue: item %p (%ps) is disabled %u times, not counting further\n",
			  work, (void *)work->func, depth);
	work_release_pending(work, work_data_set_depth(data, depth));
}

static bool disable_owned(struct work_struct *work, bool is_dwork)
{
	unsigned long data;
	bool was_pending;

	fork_gate_enter();
	was_pending = grab_pending(work, is_dwork, &data);
	release_disabled(work, data);
	fork_gate_leave();
	return was_pending;
}

/* U26: waiting for oneself is reported, and not done. */
static bool is_own_item(struct work_struct *work, const char *call)
{
	return WARN_ONCE(running_here(work),
			 "workqueue: %s() of item %p (%ps) from inside its own function; not waiting\n",
			 call, work, (void *)work->func);
}

/*
 * May this thread wait for a run? Bottom halves are waited for in any context but that of
 * an interrupt (C64). @data: off queue, after the last run.
 */
static void check_context(struct work_struct *work, unsigned long data, const char *call)
{
	TEST_POINT("cancel_gave_back");
	if (data & WORK_OFFQ_BH)
		WARN_ONCE(in_hardirq(),
			  "workqueue: %s() of bottom half %p (%ps) in a hard interrupt\n",
			  call, work, (void *)work->func);
	else
		might_sleep();
}

static bool disable_and_wait(struct work_struct *work, bool is_dwork, const char *call)
{
	bool was_pending;

	if (!is_initialised(work, call))
		return false;
	was_pending = disable_owned(work, is_dwork);
	/* disabled, it stays off queue */
	check_context(work, work_data(work), call);
	if (!is_own_item(work, call))
		wait_for_runs(work, call, false);
	return was_pending;
}

/* A disable that lasts as long as a cancel waits: none of a child without that thread. */
struct cancel {
	struct fork_undo undo;
	struct work_struct *work;
};

static void undo_disable(struct fork_undo *undo)
{
	struct work_struct *work = container_of(undo, struct cancel, undo)->work;
	unsigned long data = work_data(work);
	unsigned int depth = work_data_depth(data);

	work_set_data(work, work_data_set_depth(data, depth ? depth - 1 : 0));
}

/* It runs, and the caller owns it with @data: nobody shall queue it until that is over. */
static void wait_disabled(struct work_struct *work, unsigned long data, const char *call)
{
	struct cancel cancel = { .undo.undo = undo_disable, .work = work };

	release_disabled(work, data);
	fork_undo_add(&cancel.undo);
	fork_gate_leave();
	check_context(work, data, call);
	if (!is_own_item(work, call))
		wait_for_runs(work, call, false);
	/* the two are one step for a fork */
	fork_gate_enter();
	fork_undo_del(&cancel.undo);
	enable_work(work);
	fork_gate_leave();
}

/*
 * While this thread owns the item, nobody can queue or start it. So if it does not run then,
 * all is over at that moment, and there is no time in which others have to be kept from
 * queueing it. The look is RUN/2: @data is the word that the last run's exchange left, or one
 * that a later owner made of it, so a run that is not seen is over, with all that it did.
 * Before PENDING was taken, or after it was given back, the answer would be worth nothing.
 * Test: cancel_sync_decides_while_it_owns_the_item.c
 */
static bool cancel_and_wait(struct work_struct *work, bool is_dwork, const char *call)
{
	unsigned long data;
	bool was_pending;

	if (!is_initialised(work, call))
		return false;
	fork_gate_enter();
	was_pending = grab_pending(work, is_dwork, &data);
	if (work_data_last(data) != WORKER_ID_NONE &&
	    unlikely(running_after_id(work, work_data_last(data), 0))) {
		wait_disabled(work, data, call);
		return was_pending;
	}
	work_release_pending(work, data);
	fork_gate_leave();
	check_context(work, data, call);
	lock_order_wait(work, (void *)work->func);
	return was_pending;
}

static bool cancel(struct work_struct *work, bool is_dwork, const char *call)
{
	unsigned long data;
	bool was_pending;

	if (!is_initialised(work, call))
		return false;
	fork_gate_enter();
	was_pending = grab_pending(work, is_dwork, &data);
	work_release_pending(work, data);
	fork_gate_leave();
	return was_pending;
}

/**
 * cancel_work - take a pending instance back
 * @work: item; may be running, that run is not affected
 *
 * Context: Any; may wait a moment for somebody who is just queueing the item.
 * Return: true if a pending instance was removed; it will not run.
 */
bool cancel_work(struct work_struct *work)
{
	return cancel(work, false, __func__);
}
EXPORT_SYMBOL(cancel_work);

/**
 * cancel_work_sync - take a pending instance back and wait for running ones
 * @work: item; need not be pending. On return it is neither pending nor running, in
 *	  any pool, and may be freed, provided that nobody queues it afterwards
 *
 * While it waits, queueing the item is refused, also by its own function. From
 * inside its own function it does not wait; that is reported.
 *
 * Context: May sleep. For an item that last ran on a bottom-half queue it may be
 * called in atomic context.
 * Ordering: sees everything that the runs did.
 * Return: true if a pending instance was removed.
 */
bool cancel_work_sync(struct work_struct *work)
{
	return cancel_and_wait(work, false, __func__);
}
EXPORT_SYMBOL_GPL(cancel_work_sync);

/**
 * cancel_delayed_work - take a delayed item back, from its timer or its queue
 * @dwork: item; may be running, that run is not affected
 *
 * Context: Any; as cancel_work().
 * Return: true if an armed or queued instance was removed.
 */
bool cancel_delayed_work(struct delayed_work *dwork)
{
	return cancel(&dwork->work, true, __func__);
}
EXPORT_SYMBOL(cancel_delayed_work);

/**
 * cancel_delayed_work_sync - cancel_work_sync() for a delayed item
 * @dwork: item
 *
 * Context: May sleep.
 * Return: true if an armed or queued instance was removed.
 */
bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	return cancel_and_wait(&dwork->work, true, __func__);
}
EXPORT_SYMBOL(cancel_delayed_work_sync);

/**
 * disable_work - take a pending instance back and refuse further queueing
 * @work: item; each disable needs one enable_work()
 *
 * Context: Any; as cancel_work().
 * Return: true if a pending instance was removed.
 */
bool disable_work(struct work_struct *work)
{
	return is_initialised(work, __func__) && disable_owned(work, false);
}
EXPORT_SYMBOL_GPL(disable_work);

/**
 * disable_work_sync - disable_work(), then wait for running instances
 * @work: item
 *
 * Context: May sleep.
 * Return: true if a pending instance was removed.
 */
bool disable_work_sync(struct work_struct *work)
{
	return disable_and_wait(work, false, __func__);
}
EXPORT_SYMBOL_GPL(disable_work_sync);

/**
 * disable_delayed_work - disable_work() for a delayed item
 * @dwork: item
 *
 * Context: Any; as cancel_work().
 * Return: true if an armed or queued instance was removed.
 */
bool disable_delayed_work(struct delayed_work *dwork)
{
	return is_initialised(&dwork->work, __func__) && disable_owned(&dwork->work, true);
}
EXPORT_SYMBOL_GPL(disable_delayed_work);

/**
 * disable_delayed_work_sync - disable_work_sync() for a delayed item
 * @dwork: item
 *
 * Context: May sleep.
 * Return: true if an armed or queued instance was removed.
 */
bool disable_delayed_work_sync(struct delayed_work *dwork)
{
	return disable_and_wait(&dwork->work, true, __func__);
}
EXPORT_SYMBOL_GPL(disable_delayed_work_sync);

/**
 * enable_work - undo one disable
 * @work: item
 *
 * Nothing is queued: requests that were refused meanwhile are lost. Without a
 * disable to undo it is reported once, and a pending instance is left alone (U27;
 * the kernel removes it).
 *
 * Context: Any; may wait a moment for somebody who just holds the item.
 * Return: true if the item can be queued now.
 */
bool enable_work(struct work_struct *work)
{
	struct backoff backoff = BACKOFF_INIT;
	unsigned long data;
	unsigned int depth;

	fork_gate_enter();
	for (;;) {
		data = work_data(work);
		depth = data & WORK_STRUCT_PWQ ? 0 : work_data_depth(data);
		if (WARN_ONCE(!depth, "workqueue: enable of item %p (%ps), which is not disabled\n",
			      work, (void *)work->func)) {
			fork_gate_leave();
			return true;
		}
		/* only a depth makes it ours to take: a disabled item is never queued or armed */
		data = work_take_pending(work);
		if (!(data & WORK_STRUCT_PENDING))
			break;
		/* the owner is in a section, or woken into one: a fork waits for us both */
		backoff_wait(&backoff);
	}
	depth = work_data_depth(data);
	if (depth)
		depth--;
	work_release_pending(work, work_data_set_depth(data, depth));
	fork_gate_leave();
	return !depth;
}
EXPORT_SYMBOL_GPL(enable_work);

/**
 * enable_delayed_work - enable_work() for a delayed item
 * @dwork: item; a timer that the disable removed stays removed
 *
 * Context: Any.
 * Return: true if the item can be queued now.
 */
bool enable_delayed_work(struct delayed_work *dwork)
{
	return enable_work(&dwork->work);
}
EXPORT_SYMBOL_GPL(enable_delayed_work);
