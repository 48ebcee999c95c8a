// SPDX-License-Identifier: MIT
/*
 * cancel.c - taking items back: cancel, disable, enable
 *
 * grab.c finds the item. A cancellation tries a straight way first, for an item that is on a
 * list (grab.h) or in its timer, and gives it back in the same hold of the lock.
 *
 * cancel_*_sync() of an item that runs is disable + wait + enable: while it waits, every
 * attempt to queue the item is refused (C58). Of an item that does not run it is one step.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/preempt.h>

#include "kernel-compat/lock_order.h"
#include "kernel-compat/timer_internal.h"
#include "workqueue/backoff.h"
#include "workqueue/grab.h"
#include "workqueue/workqueue_internal.h"

#define DISABLE_MAX	((1u << WORK_OFFQ_DISABLE_BITS) - 1)

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
static noinline bool grab_and_wait(struct work_struct *work, bool is_dwork, const char *call)
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

static noinline bool grab_and_release(struct work_struct *work, bool is_dwork, const char *call)
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

/*
 * The item was queued in @pool with @data a moment ago, and there is more to do than to
 * unlink it, or it is not listed. The lock is held, and dropped.
 */
static noinline bool cancel_locked_and_wait(struct work_struct *work, unsigned long data,
					    struct worker_pool *pool, bool is_dwork,
					    const char *call)
{
	struct pool_workqueue *pwq = work_data_pwq(data);

	pool_recall_for_another(pool);
	/* while it is queued, who holds the lock owns it: the look is RUN/2 here as well */
	data = work_data(work);
	if (!is_queued_in(data, pwq, pool) || running_after_id(work, work_data_last(data), 0)) {
		pool_unlock(pool);
		return grab_and_wait(work, is_dwork, call);
	}
	if (!grab_locked(work, pwq, pool, 0, &data))
		return grab_and_wait(work, is_dwork, call);
	check_context(work, data, call);
	lock_order_wait(work, (void *)work->func);
	return true;
}

static noinline bool cancel_locked(struct work_struct *work, unsigned long data,
				   struct worker_pool *pool, bool is_dwork, const char *call)
{
	pool_recall_for_another(pool);
	return grab_locked(work, work_data_pwq(data), pool, 0, &data) ||
	       grab_and_release(work, is_dwork, call);
}

/*
 * The straight way of an item in its timer, at no time of which this thread owns the item
 * without the lock of the timers. While that is held and the timer armed, nobody else does: the
 * thread of the timers takes the timer off its wheel under it before it calls it, and so does
 * whoever else wants the item, and a fork. So a look at @data is RUN/2. False, and nothing was
 * done: the timer has just let go of the item, or the item runs and is @awaited.
 */
static noinline bool take_back_armed(struct work_struct *work, bool awaited, unsigned long *data)
{
	struct timer_list *timer = &to_delayed_work(work)->timer;
	bool take;

	if (!timer_lock_armed(timer))
		return false;
	*data = work_data(work) & ~(WORK_OFFQ_ARMED | (unsigned long)WORK_STRUCT_PENDING);
	take = !awaited || !last_worker_has(work_data_last(*data), work);
	if (take) {
		timer_take_locked(timer);
		work_release_pending_locked(work, *data);
		/* @work may be gone from here on */
	}
	TEST_POINT("take_back_armed");
	timer_unlock();
	/* PENDING/1. Test: refused_call_is_seen_by_who_takes_the_item_from_its_timer */
	smp_mb__after_atomic();
	return take;
}

static noinline bool cancel_delayed(struct work_struct *work, const char *call)
{
	unsigned long data;

	return take_back_armed(work, false, &data) || grab_and_release(work, true, call);
}

static noinline bool cancel_delayed_and_wait(struct work_struct *work, const char *call)
{
	unsigned long data;

	if (!take_back_armed(work, true, &data))
		return grab_and_wait(work, true, call);
	check_context(work, data, call);
	lock_order_wait(work, (void *)work->func);
	return true;
}

/* The lock is held. What else a synchronous one has to look at: RUN/2, and bottom halves. */
static __always_inline bool is_to_be_waited_for(struct work_struct *work, unsigned long data,
						const struct worker_pool *pool)
{
	return last_worker_has(work_data_last(data), work) || pool->offq & WORK_OFFQ_BH;
}

/* Of a listed item that does not run, all is over when it is taken back: see grab_and_wait(). */
static __always_inline bool cancel_and_wait(struct work_struct *work, bool is_dwork,
					    const char *call)
{
	unsigned long data = work_data(work);
	struct worker_pool *pool;

	if (is_dwork && is_in_timer(data))
		return cancel_delayed_and_wait(work, call);
	if (!work_data_queued(data))
		return grab_and_wait(work, is_dwork, call);
	fetch_neighbours(work);
	pool = pool_seen(data);
	if (unlikely(!futex_trylock(&pool->lock)))
		return grab_and_wait(work, is_dwork, call);
	if (unlikely(!is_simply_listed(work, data, pool) || is_to_be_waited_for(work, data, pool)))
		return cancel_locked_and_wait(work, data, pool, is_dwork, call);
	take_back_and_unlock(work, data, pool);
	/* no bottom half */
	check_context(work, 0, call);
	lock_order_wait(work, (void *)work->func);
	return true;
}

static __always_inline bool cancel(struct work_struct *work, bool is_dwork, const char *call)
{
	unsigned long data = work_data(work);
	struct worker_pool *pool;

	if (is_dwork && is_in_timer(data))
		return cancel_delayed(work, call);
	if (!work_data_queued(data))
		return grab_and_release(work, is_dwork, call);
	fetch_neighbours(work);
	pool = pool_seen(data);
	if (unlikely(!futex_trylock(&pool->lock)))
		return grab_and_release(work, is_dwork, call);
	if (unlikely(!is_simply_listed(work, data, pool)))
		return cancel_locked(work, data, pool, is_dwork, call);
	take_back_and_unlock(work, data, pool);
	return true;
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
		if (work_try_pending(work, &data))
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
