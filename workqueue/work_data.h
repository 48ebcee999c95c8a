/* SPDX-License-Identifier: MIT */
/*
 * work_data.h - the packed word work->data
 *
 *	       63..48	    47..21	 20..5	       4      3	       2    1	     0
 * off queue  [last worker][pool id   ][disable depth][BH  ][ARMED  ][0  ][0	   ][PENDING]
 * on queue   [last worker][pwq address, 47..8 ][colour 7..4 ][LINKED ][1  ][INACTIVE][PENDING]
 *
 * PENDING	set by fetch_or, or by compare-and-swap of a word without it: whoever turns
 *		it from 0 to 1 owns the item's next run and is the only one who may store
 *		to the word; cleared by the worker that starts the run (full exchange, or
 *		a store if it has kept the item) or by the owner who gives up (exchange, or
 *		a store under the lock of the pool, or of the timers). While it is set
 *		neither of the two changes anything, so the owner's plain stores cannot be
 *		lost.
 * PWQ		set by the owner when the item goes to a queue. From the moment the
 *		item is visible in the pool (inbox or list) the owner is whoever holds
 *		the lock of that pool.
 * INACTIVE	pool lock: the item is on its pwq's inactive list; on a barrier: it
 *		takes no active slot.
 * LINKED	pool lock: the next entry of the list is a barrier on this item.
 * ARMED	owner: the item waits in the timer of the delayed_work around it. As long
 *		as that is armed, the owner is whoever holds the lock of the timers. It
 *		shares a bit with LINKED, which has no meaning off queue.
 * colour	pool lock: flush colour, given when the item leaves the inbox.
 * KEPT		the worker that runs the item has kept it for its next run (requeue.c):
 *		INACTIVE and LINKED, and colour 0. On a list an item may look the same.
 * depth	owner: how many disables are in force. Nothing with a depth is queued,
 *		therefore the field needs no room on queue.
 * last worker	id of the worker that ran the item last: 0 = never, 0xffff = more than
 *		one worker of different pools may be running it, ask them all. Survives
 *		queueing, so "is it running, and where?" is one load; INIT_WORK forgets
 *		it, so a recycled address is never taken for the old item.
 */
#ifndef UWQ_WORKQUEUE_WORK_DATA_H
#define UWQ_WORKQUEUE_WORK_DATA_H

#include <linux/workqueue.h>
#include <uwq/annotate.h>

#include "kernel-compat/test_points.h"

#define WORK_LAST_SHIFT		48
#define WORK_LAST_MASK		(~0ul << WORK_LAST_SHIFT)
#define WORKER_ID_NONE		0u
#define WORKER_ID_MANY		0xffffu
#define WORK_OFFQ_ARMED		((unsigned long)WORK_STRUCT_LINKED)
#define WORK_DATA_KEPT		((unsigned long)WORK_STRUCT_INACTIVE | WORK_STRUCT_LINKED)
#define WORK_OFFQ_POOL_MASK	(WORK_OFFQ_POOL_NONE << WORK_OFFQ_POOL_SHIFT)

struct pool_workqueue;

/* OWNER/2: see work_set_data(). */
static inline unsigned long work_data(const struct work_struct *work)
{
	return (unsigned long)atomic_long_read_acquire(&work->data);
}

/*
 * OWNER/1: release. Pairs with OWNER/2, the acquire in work_data(): a rival that meets the
 * item under the lock of its new pool, not published there yet, reads its links. They were
 * changed under the lock of another pool.
 * Test: rival_sees_the_item_as_it_was_left.c
 */
static inline void work_set_data(struct work_struct *work, unsigned long data)
{
	atomic_long_set_release(&work->data, (long)data);
}

/* Or it waits for a slot, and a barrier with it. */
static inline bool work_data_is_kept(unsigned long data)
{
	return (data & ((1ul << WORK_STRUCT_PWQ_SHIFT) - 1)) ==
	       (WORK_STRUCT_PENDING | WORK_STRUCT_PWQ | WORK_DATA_KEPT);
}

/* ---- requeue.c ---- */

bool requeue_met(struct work_struct *work, unsigned long data);

/*
 * This thread's fetch_or has just found PENDING set. True: a run that begins after the call sees
 * all that the caller has stored. False: it is off by now.
 */
static inline bool work_stays_pending(struct work_struct *work)
{
	unsigned long data = work_data(work);

	/* REQUEUE/6 */
	if (unlikely(work_data_is_kept(data)))
		return requeue_met(work, data);
	return data & WORK_STRUCT_PENDING;
}

/*
 * Take PENDING: true, and @old is the word without it, which nobody else changes from then on.
 * False: the item is pending, and its run sees what the caller has stored. Fully ordered in both
 * cases: one side of C14. Nobody else sets the bit, so that none who finds it set forgets to ask
 * whether it stays.
 *
 * The word is read first, because a load of what a locked instruction has just written takes
 * nearly as long as that did. So the line may be wanted twice; who expects it from another CPU
 * asks for it before. If PENDING was seen set, or somebody was quicker, it takes one instruction
 * that wants the line once and is ordered whatever it finds.
 * Test: one_true_is_one_run.c, disable_refuses_until_enabled.c
 */
static inline bool work_try_pending(struct work_struct *work, unsigned long *old)
{
	long seen = atomic_long_read(&work->data);

	TEST_POINT("pending_looked");
	if (likely(!(seen & WORK_STRUCT_PENDING)) &&
	    likely(atomic_long_try_cmpxchg(&work->data, &seen, seen | WORK_STRUCT_PENDING))) {
		*old = (unsigned long)seen;
		return true;
	}
	while (unlikely(atomic_long_fetch_or(WORK_STRUCT_PENDING, &work->data) &
			WORK_STRUCT_PENDING))
		if (work_stays_pending(work))
			return false;
	*old = (unsigned long)atomic_long_read(&work->data) & ~(unsigned long)WORK_STRUCT_PENDING;
	return true;
}

/*
 * Give PENDING back together with the whole word. The exchange is a full barrier:
 * PENDING/1 of C14. A queue call that found PENDING set stored its condition
 * before; everything that the new owner or the starting function reads after
 * this exchange sees it. Pairs with the fetch_or in work_try_pending().
 * Test: lost_queue_call_is_seen_by_the_run.c
 */
static inline void work_release_pending(struct work_struct *work, unsigned long data)
{
	atomic_long_xchg(&work->data, (long)(data & ~(unsigned long)WORK_STRUCT_PENDING));
}

/*
 * The same by the holder of the lock that the item is under, of its pool or of the timers, who
 * drops it next, with an exchange of its word, and then says smp_mb__after_atomic(): these are
 * the full barrier, and this may be a store.
 * @data: without PENDING. The race detector is told of the calls that found it set.
 */
static inline void work_release_pending_locked(struct work_struct *work, unsigned long data)
{
	UWQ_TSAN_ACQUIRE(&work->data);
	work_set_data(work, data);
}

/*
 * The same by the worker that has kept the item and begins it now: REQUEUE/5, see requeue.c. There
 * is no barrier; whoever finds PENDING set makes up for it.
 */
static inline void work_release_pending_kept(struct work_struct *work, unsigned long data)
{
	UWQ_TSAN_ACQUIRE(&work->data);
	work_set_data(work, data);
	barrier();
}

static inline unsigned int work_data_last(unsigned long data)
{
	return data >> WORK_LAST_SHIFT;
}

static inline struct pool_workqueue *work_data_pwq(unsigned long data)
{
	return (struct pool_workqueue *)(data & WORK_STRUCT_PWQ_MASK);
}

static inline int work_data_color(unsigned long data)
{
	return (data >> WORK_STRUCT_COLOR_SHIFT) & (WORK_NR_COLORS - 1);
}

static inline unsigned int work_data_depth(unsigned long data)
{
	return (data & WORK_OFFQ_DISABLE_MASK) >> WORK_OFFQ_DISABLE_SHIFT;
}

static inline unsigned long work_data_set_depth(unsigned long data, unsigned int depth)
{
	return (data & ~WORK_OFFQ_DISABLE_MASK) |
	       ((unsigned long)depth << WORK_OFFQ_DISABLE_SHIFT);
}

/* In a pool, or on the last steps into one; false for an idle or armed item. */
static inline bool work_data_queued(unsigned long data)
{
	return (data & (WORK_STRUCT_PENDING | WORK_STRUCT_PWQ)) ==
	       (WORK_STRUCT_PENDING | WORK_STRUCT_PWQ);
}

/* In the timer of the delayed_work around it, or on the last steps into or out of it. */
static inline bool is_in_timer(unsigned long data)
{
	return !(data & WORK_STRUCT_PWQ) && (data & WORK_OFFQ_ARMED);
}

static inline unsigned long work_data_offq(unsigned int last, unsigned int pool_id,
					   unsigned long flags)
{
	return ((unsigned long)last << WORK_LAST_SHIFT) |
	       ((unsigned long)pool_id << WORK_OFFQ_POOL_SHIFT) | flags;
}

static inline unsigned long work_data_onq(unsigned int last, struct pool_workqueue *pwq,
					  unsigned long flags)
{
	return ((unsigned long)last << WORK_LAST_SHIFT) | (unsigned long)pwq | flags |
	       WORK_STRUCT_PENDING | WORK_STRUCT_PWQ;
}

static inline int next_color(int color)
{
	return (color + 1) % WORK_NR_COLORS;
}

#endif
