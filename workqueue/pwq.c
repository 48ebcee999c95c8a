// SPDX-License-Identifier: MIT
/*
 * pwq.c - a queue's share in one pool: active slots, waiting items, colours
 *
 * Every item that leaves the inbox is counted in flight under the colour of the
 * moment, until its run ends or it is cancelled: flush_workqueue() waits for that.
 * Up to max_active items hold a slot and may be started; the others wait in order
 * on inactive_works. All of it under the lock of the pool.
 *
 * pwqs are kept when their queue dies and used again: a canceller that read an
 * old pointer from work->data finds a pwq, locks its pool, and sees in the item
 * that it came too late.
 *
 * What is done for each item is inline, in pwq.h.
 */
#include <linux/slab.h>

#include "workqueue/fork.h"
#include "workqueue/pwq.h"
#include "workqueue/workqueue_internal.h"

static struct futex_lock pwq_free_lock = FUTEX_LOCK_INIT;
static struct pool_workqueue *free_pwqs;	/* pwq_free_lock */
static struct pool_workqueue *first_made, *last_made; /* A, pwq_free_lock */

static struct pool_workqueue *take_free(void)
{
	struct pool_workqueue *pwq;

	futex_lock(&pwq_free_lock);
	pwq = free_pwqs;
	if (pwq)
		free_pwqs = pwq->free_next;
	futex_unlock(&pwq_free_lock);
	return pwq;
}

/* Every pwq that there ever was, oldest first; goes on with next_pwq_made(). */
struct pool_workqueue *first_pwq_made(void)
{
	return __atomic_load_n(&first_made, __ATOMIC_ACQUIRE);
}

struct pool_workqueue *next_pwq_made(struct pool_workqueue *pwq)
{
	return __atomic_load_n(&pwq->made_next, __ATOMIC_ACQUIRE);
}

static void remember(struct pool_workqueue *pwq)
{
	struct pool_workqueue **end;

	futex_lock(&pwq_free_lock);
	end = last_made ? &last_made->made_next : &first_made;
	__atomic_store_n(end, pwq, __ATOMIC_RELEASE);
	last_made = pwq;
	futex_unlock(&pwq_free_lock);
}

/*
 * Memory for a pwq; never given back, so the block itself need not be remembered. @is_new:
 * nobody has seen it before.
 */
static struct pool_workqueue *pwq_memory(bool *is_new)
{
	struct pool_workqueue *pwq = take_free();
	void *raw = pwq ? NULL : kzalloc(sizeof(*pwq) + PWQ_ALIGN, GFP_KERNEL);

	*is_new = raw;
	if (raw)
		pwq = PTR_ALIGN(raw, PWQ_ALIGN);
	return pwq;
}

/* A pwq of @wq in @pool, not yet linked anywhere; NULL: no memory. wq_pool_mutex held. */
struct pool_workqueue *pwq_new(struct workqueue_struct *wq, struct worker_pool *pool)
{
	struct wq_node_nr_active *account = NULL;
	struct pool_workqueue *pwq;
	bool is_new;

	if (wq_flags(wq) & WQ_UNBOUND) {
		account = node_account(wq, pool->node);
		if (!account)
			return NULL;
	}
	pwq = pwq_memory(&is_new);
	if (!pwq)
		return NULL;
	pwq->counted_out = (wq_flags(wq) & WQ_CPU_INTENSIVE) && pool->cpu >= 0;
	pwq->nr_active = 0;
	pwq->max_active = wq->max_active;
	pwq->nr_repatriated = 0;
	pwq->work_color = wq->work_color;
	pwq->flush_color = -1;
	pwq->plugged = false;
	pwq->nr_started = 0;
	/* in a new inbox, or one that had items: true, or never; who looks for a moment has no lock */
	__atomic_store_n(&pwq->quiet_at, 0, __ATOMIC_RELAXED);
	pwq->cpu_ns = 0;
	pwq->cpu_intensive = 0;
	pwq->cm_wakeup = 0;
	pwq->retired = false;
	pwq->nr_mayday = 0;
	pwq->nr_rescued = 0;
	INIT_LIST_HEAD(&pwq->mayday_node);
	INIT_LIST_HEAD(&pwq->inactive_works);
	INIT_LIST_HEAD(&pwq->pwqs_node);
	INIT_LIST_HEAD(&pwq->pending_node);
	__atomic_store_n(&pwq->account, account, __ATOMIC_RELAXED);
	__atomic_store_n(&pwq->node_active, NULL, __ATOMIC_RELAXED);
	pool_get(pool);
	__atomic_store_n(&pwq->pool, pool, __ATOMIC_RELEASE);
	/* last: running_for_wq() goes on to the pool when it sees its own queue here */
	__atomic_store_n(&pwq->wq, wq, __ATOMIC_RELEASE);
	if (is_new)
		remember(pwq);
	return pwq;
}

/*
 * Nothing of the queue is in flight there any more. Whoever holds the pool lock and sees
 * pwq->wq may look at the queue, so it is taken away under the lock. wq_pool_mutex held.
 */
void pwq_recycle(struct pool_workqueue *pwq)
{
	struct worker_pool *pool = pwq->pool;

	pwq_stop_pending(pwq);
	pool_lock(pool);
	workers_forget_pwq(pwq);
	__atomic_store_n(&pwq->wq, NULL, __ATOMIC_RELEASE);
	pool_unlock(pool);
	pool_put(pool);
	futex_lock(&pwq_free_lock);
	pwq->free_next = free_pwqs;
	free_pwqs = pwq;
	futex_unlock(&pwq_free_lock);
}

/* Move @work and the barriers that hang on it to the end of @to. */
void move_linked(struct work_struct *work, struct list_head *to)
{
	bool linked;

	do {
		struct work_struct *next = list_next_entry(work, entry);

		linked = work_data(work) & WORK_STRUCT_LINKED;
		list_move_tail(&work->entry, to);
		work = next;
	} while (linked);
}

/* Nothing of the colour that is being flushed is left: see pwq_done(). */
struct completion *pwq_color_done(struct pool_workqueue *pwq)
{
	struct workqueue_struct *wq = pwq->wq;

	pwq->flush_color = -1;
	/* fully ordered: the leader was set before the count */
	if (!atomic_dec_and_test(&wq->nr_pwqs_to_flush))
		return NULL;
	return &__atomic_load_n(&wq->leader, __ATOMIC_ACQUIRE)->done;
}

void pwq_fork(enum fork_step step)
{
	fork_step_lock(&pwq_free_lock, step);
}
