// SPDX-License-Identifier: MIT
/*
 * grab.c - taking an item from wherever it is
 *
 * grab_pending() makes the caller the owner of an item wherever it is: idle, in a
 * timer, in an inbox, on any list. An item in a pool is found in constant time: the
 * inbox is emptied into the lists under the pool lock, then the item is unlinked
 * from whichever it is on. After that the pool knows no pointer to it, so it may be
 * freed at once.
 *
 * Who meets whom, and what decides:
 *
 *   grab and queue	who sets PENDING. Who is second, and grabs, finds the
 *			item in a pool a moment later.
 *   grab and start	the pool lock. A worker unlinks the item, says that it runs it and
 *			clears PENDING in one hold, so a canceller with the lock finds all
 *			of that or nothing. An item that a worker took along with others
 *			(batch.c) is back on a list then, or begun: pool_lock() waits for that.
 *   grab and run	RUN/1 and RUN/2, see running.c. The word of whoever owns PENDING
 *			names the worker of the last run.
 *   grab and flush	the pool lock. A barrier stays when its item goes.
 *
 * Called by cancel.c, and by delayed.c to change a timer.
 */
#include <linux/bug.h>
#include <linux/timer.h>

#include "workqueue/backoff.h"
#include "workqueue/grab.h"
#include "workqueue/pwq.h"
#include "workqueue/workqueue_internal.h"

/*
 * Unlink a listed item and undo its accounting; what is in it then is @left. Barriers that
 * hang on it stay and release their waiters when a worker reaches them; those on an inactive
 * item go to the worklist, because they must not wait for a slot (C35).
 */
static struct completion *take_listed(struct worker_pool *pool, struct work_struct *work,
				      unsigned long data, unsigned long left)
{
	bool active = !(data & WORK_STRUCT_INACTIVE);

	assert_pool_locked(pool);
	if (!active)
		pwq_mend_first(work_data_pwq(data), work);
	if ((data & WORK_STRUCT_LINKED) && !active)
		move_linked(work, &pool->worklist);
	list_del_init(&work->entry);
	if (left & WORK_STRUCT_PENDING)
		work_set_data(work, left);
	else
		work_release_pending_locked(work, left);
	return pwq_done(work_data_pwq(data), work_data_color(data), active);
}

/*
 * The item was in @pwq, a share in @pool, a moment ago; the lock of @pool is held, and
 * dropped. True: it was taken out of its pool, and @data is what it has now: off queue, with
 * @pending. The caller owns it then, and is in a section of the fork gate; or that is 0, and
 * the item was given back at once.
 */
bool grab_locked(struct work_struct *work, struct pool_workqueue *pwq,
		 struct worker_pool *pool, unsigned long pending, unsigned long *data)
{
	struct completion *flushed = NULL;
	unsigned long seen = work_data(work);
	bool taken = false;

	/*
	 * Not listed after the drain means that its submitter has not published it yet:
	 * INBOX/3 and INBOX/4. That one's queue call has not returned.
	 */
	if (is_queued_in(seen, pwq, pool)) {
		if (list_empty(&work->entry))
			pool_drain_inbox(pool);
		if (!list_empty(&work->entry)) {
			seen = work_data(work);
			*data = data_off_queue(pool, seen) | pending;
			flushed = take_listed(pool, work, seen, *data);
			taken = true;
		}
	}
	if (pool_has_work(pool))
		pool_unlock_and_wake(pool);
	else
		pool_unlock(pool);
	/* PENDING/1, if it was given back */
	smp_mb__after_atomic();
	if (unlikely(flushed))
		complete(flushed);
	return taken;
}

static noinline bool grab_queued(struct work_struct *work, unsigned long *data)
{
	struct pool_workqueue *pwq = work_data_pwq(*data);
	struct worker_pool *pool = pool_seen(*data);

	pool_lock(pool);
	return grab_locked(work, pwq, pool, WORK_STRUCT_PENDING, data);
}

enum grab { GRAB_IDLE, GRAB_PENDING, GRAB_OWNED };

/* GRAB_OWNED: somebody is between two steps, and @data is the word as it was seen last. */
static __always_inline enum grab try_grab(struct work_struct *work, bool is_dwork,
					  unsigned long *data)
{
	if (is_dwork && timer_delete(&to_delayed_work(work)->timer)) {
		*data = work_data(work) & ~WORK_OFFQ_ARMED;
		return GRAB_PENDING;
	}
	/*
	 * Queued, it belongs to whoever holds the lock, and PENDING is set already. If
	 * somebody queues it before PENDING is asked for, the next round finds it.
	 */
	*data = work_data(work);
	if (work_data_queued(*data))
		return grab_queued(work, data) ? GRAB_PENDING : GRAB_OWNED;
	return work_try_pending(work, data) ? GRAB_IDLE : GRAB_OWNED;
}

/* As grab_pending(), which did not get it: @data is what try_grab() saw. */
static noinline bool grab_pending_again(struct work_struct *work, bool is_dwork,
					unsigned long *data)
{
	struct backoff backoff = BACKOFF_INIT;
	enum grab grab;

	do {
		/*
		 * U30: the plain form on a delayed_work whose timer is armed. The kernel spins
		 * until the timer fires; here it is reported and the timer taken.
		 */
		if (!is_dwork && is_in_timer(*data)) {
			WARN_ONCE(1, "workqueue: item %p (%ps) is in the timer of a delayed_work; use the delayed form\n",
				  work, (void *)work->func);
			is_dwork = true;
		} else {
			TEST_POINT("grab_backoff");
			/* the owner may be waiting for a fork, which waits for us */
			fork_gate_leave();
			backoff_wait(&backoff);
			fork_gate_enter();
		}
		grab = try_grab(work, is_dwork, data);
	} while (grab == GRAB_OWNED);
	return grab == GRAB_PENDING;
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
	enum grab grab = try_grab(work, is_dwork, data);

	if (unlikely(grab == GRAB_OWNED))
		return grab_pending_again(work, is_dwork, data);
	return grab == GRAB_PENDING;
}
