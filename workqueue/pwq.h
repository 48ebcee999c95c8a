/* SPDX-License-Identifier: MIT */
/*
 * pwq.h - the inline half of pwq.c and node_active.c: counting an item in and out
 *
 * But for near_pwq() everything here is done once for each item, with the lock of the pool
 * held.
 */
#ifndef UWQ_WORKQUEUE_PWQ_H
#define UWQ_WORKQUEUE_PWQ_H

#include <linux/smp.h>

#include "workqueue/workqueue_internal.h"

/* The share of @wq to which this thread's items go, unless it was told otherwise. */
static inline struct pool_workqueue *near_pwq(const struct workqueue_struct *wq)
{
	struct pool_workqueue **cpu_pwq = __atomic_load_n(&wq->cpu_pwq, __ATOMIC_ACQUIRE);

	if (!cpu_pwq)
		return __atomic_load_n(&wq->dfl_pwq, __ATOMIC_ACQUIRE);
	return __atomic_load_n(&cpu_pwq[raw_smp_processor_id()], __ATOMIC_ACQUIRE);
}

/*
 * What items that get slots, or join a batch, leave behind: the first one on inactive_works does
 * not know who is before it. To tell it, activate() or take_from_list() would have to fetch its
 * line, in each hold of the pool lock and mostly from the other CPU, where several workers take
 * turns. The head and all other links are right. Who unlinks @work by its own links, and not by
 * the head, says this first. Pool lock held.
 * Test: first_waiting_item_can_be_taken_out.c; items_taken_at_once_can_be_taken_back.c,
 * one_behind_them_can_be_cancelled
 */
static inline void pwq_mend_first(struct pool_workqueue *pwq, struct work_struct *work)
{
	assert_pool_locked(pwq->pool);
	if (pwq->inactive_works.next == &work->entry)
		work->entry.prev = &pwq->inactive_works;
}

/* For a new item of a pwq without waiting ones: true if it may start. */
static inline bool pwq_take_slot(struct pool_workqueue *pwq)
{
	if (unlikely(pwq->node_active))
		return pwq_take_shared_slot(pwq);
	if (pwq->nr_active >= pwq->max_active)
		return false;
	pwq->nr_active++;
	return true;
}

/* The runs of @nr active items are over, or they were cancelled. */
static inline void pwq_give_slots(struct pool_workqueue *pwq, int nr)
{
	pwq->nr_active -= nr;
	if (unlikely(pwq->node_active))
		pwq_give_shared_slots(pwq, nr);
	else if (unlikely(!list_empty(&pwq->inactive_works)))
		pwq_activate_waiting(pwq);
}

/* Count @nr more items in. Returns the colour that they count under. */
static inline int pwq_count_in(struct pool_workqueue *pwq, unsigned int nr)
{
	int color = pwq->work_color;

	assert_pool_locked(pwq->pool);
	pwq->nr_in_flight[color] += (int)nr;
	pwq_set_total(pwq, pwq->nr_total + nr);
	pwq->nr_admitted += nr;
	return color;
}

/* One item comes in; true: it got an active slot. @color is what it counts under. */
static inline bool pwq_admit(struct pool_workqueue *pwq, int *color)
{
	*color = pwq_count_in(pwq, 1);
	return likely(list_empty(&pwq->inactive_works)) && pwq_take_slot(pwq);
}

/*
 * Is nothing of @pwq in flight? Then say from which number on its pool's inbox may have items
 * of it: all that had smaller ones are over. QUIET/1: this store (release) comes after what
 * they did; pairs with QUIET/2. Pool lock held.
 */
static inline void pwq_note_quiet(struct pool_workqueue *pwq)
{
	unsigned long next = pwq->pool->inbox.next;

	assert_pool_locked(pwq->pool);
	if (!pwq->nr_total && pwq->quiet_at != next)
		__atomic_store_n(&pwq->quiet_at, next, __ATOMIC_RELEASE);
}

/*
 * No lock held. True: all items of @pwq whose queueing the caller has seen are over, and it sees
 * what they did. They came through the inbox, or when that was full: if nothing was published
 * in it since, they all had smaller numbers. False: this may be out of date.
 * QUIET/2 (acquire): see QUIET/1.
 * Test: queue_that_was_quiet_is_flushed_again.c
 */
static inline bool pwq_is_quiet(const struct pool_workqueue *pwq, const struct worker_pool *pool)
{
	return inbox_ends_at(&pool->inbox, __atomic_load_n(&pwq->quiet_at, __ATOMIC_ACQUIRE));
}

/*
 * An item or barrier of @color is done, cancelled or refused. @active: it held a
 * slot. Returns what the caller completes after it dropped the lock: the leader
 * of a flush that was waiting for this. The leader cannot go away before that.
 */
static inline struct completion *pwq_done(struct pool_workqueue *pwq, int color, bool active)
{
	unsigned long total = pwq->nr_total - 1;

	assert_pool_locked(pwq->pool);
	if (likely(active))
		pwq_give_slots(pwq, 1);
	pwq_set_total(pwq, total);
	if (!total && unlikely(pwq->retired))
		manager_unplug(pwq);
	if (--pwq->nr_in_flight[color] || likely(pwq->flush_color != color))
		return NULL;
	return pwq_color_done(pwq);
}

#endif
