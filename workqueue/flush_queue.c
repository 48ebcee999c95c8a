// SPDX-License-Identifier: MIT
/*
 * flush_queue.c - waiting for everything that a queue had
 *
 * Items carry the colour that their queue had when they left the inbox. A flush
 * gives the queue a new colour and waits until nothing of the old one is in flight
 * in any pwq. Several flushes can be open at the same time, each with a colour of
 * its own:
 *
 *	flush_color		 work_color
 *	     | open | open | open |			(in a circle of 16)
 *
 * Only the oldest open colour is being counted: each pwq that has items of it
 * takes part in nr_pwqs_to_flush, and the last one releases the leader, a caller
 * of that colour. The leader releases the others of its colour and starts the count
 * of the next. Callers that find no colour free wait without one and get one
 * together when a colour becomes free (C41).
 *
 * Before a pwq changes colour its pool's inbox is emptied under the lock, so
 * everything queued before has the old colour and everything later the new one.
 *
 * Locks: wq->mutex; inside it one pool lock at a time.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/smp.h>

#include "kernel-compat/completion_internal.h"
#include "kernel-compat/lock_order.h"
#include "kernel-compat/task_wait.h"
#include "kernel-compat/wait_spin.h"
#include "workqueue/backoff.h"
#include "workqueue/pwq.h"
#include "workqueue/workqueue_internal.h"

#define REAL_LOOK_EVERY	16	/* of a waiter's looks one is at what the worker writes */

/*
 * It seems so. The inbox first: while items are there, the counters of the pwq belong to
 * the worker's cache.
 */
static bool looks_quiet(const struct pool_workqueue *pwq, const struct worker_pool *pool)
{
	return !inbox_maybe_nonempty(&pool->inbox) &&
	       !__atomic_load_n(&pwq->nr_total, __ATOMIC_RELAXED);
}

/*
 * Look for a moment, without a lock, whether everything seems to be over. Only a delay:
 * what comes afterwards takes nobody's word for it. The worker that has nothing more to do says
 * so; until then its lines are left to it, but for a look now and then, because it may go on
 * with items of another queue.
 */
static void spin_until_quiet(const struct pool_workqueue *pwq, const struct worker_pool *pool)
{
	struct wait_spin spin;
	unsigned int looks = 0;

	if (pwq_is_quiet(pwq, pool) || looks_quiet(pwq, pool) || !wait_spin_begin(&spin))
		return;
	wait_spin_closely(&spin);
	do {
		if (pwq_is_quiet(pwq, pool) ||
		    (++looks % REAL_LOOK_EVERY == 0 && looks_quiet(pwq, pool))) {
			wait_spin_found();
			return;
		}
	} while (wait_spin_again(&spin));
}

static bool queue_is_quiet(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;
	bool quiet = true;

	lockdep_assert_held(&wq->mutex);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		if (likely(pwq_is_quiet(pwq, pwq->pool)))
			continue;
		pool_lock(pwq->pool);
		pool_drain_inbox(pwq->pool);
		pwq_note_quiet(pwq);
		if (pwq->nr_total)
			quiet = false;
		pool_unlock_and_wake(pwq->pool);
		if (!quiet)
			break;
	}
	return quiet;
}

/* New items of @wq get the next colour. There is one: the caller has looked. */
static int open_color(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;
	int color = wq->work_color;

	wq->work_color = next_color(color);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pool_lock(pwq->pool);
		pool_drain_inbox(pwq->pool);
		pwq->work_color = wq->work_color;
		pool_unlock_and_wake(pwq->pool);
	}
	return color;
}

static bool color_is_free(const struct workqueue_struct *wq)
{
	return next_color(wq->work_color) != wq->flush_color;
}

/*
 * Count the pwqs that have items of the oldest open colour. @leader is told when
 * they are done. False: there are none, nobody will be told.
 */
static bool start_count(struct workqueue_struct *wq, struct wq_flusher *leader)
{
	struct pool_workqueue *pwq;

	__atomic_store_n(&wq->leader, leader, __ATOMIC_RELEASE);
	/* one for us, so that nobody reaches zero before all are counted */
	atomic_set(&wq->nr_pwqs_to_flush, 1);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		pool_lock(pwq->pool);
		if (pwq->nr_in_flight[wq->flush_color]) {
			pwq->flush_color = wq->flush_color;
			atomic_inc(&wq->nr_pwqs_to_flush);
		}
		pool_unlock(pwq->pool);
	}
	if (!atomic_dec_and_test(&wq->nr_pwqs_to_flush))
		return true;
	__atomic_store_n(&wq->leader, NULL, __ATOMIC_RELEASE);
	return false;
}

static struct wq_flusher *first_of_color(struct workqueue_struct *wq, int color)
{
	struct wq_flusher *flusher = list_first_entry_or_null(&wq->flushers, struct wq_flusher,
							      list);

	return flusher && flusher->color == color ? flusher : NULL;
}

static void release_color(struct workqueue_struct *wq, int color)
{
	struct wq_flusher *flusher;

	while ((flusher = first_of_color(wq, color))) {
		list_del_init(&flusher->list);
		complete(&flusher->done);
		/* @flusher is gone from here on */
	}
}

/* A colour became free: those who wait without one share it. */
static void serve_colorless(struct workqueue_struct *wq)
{
	struct wq_flusher *flusher;
	int color = -1;

	list_for_each_entry(flusher, &wq->flushers, list) {
		if (flusher->color >= 0)
			continue;
		if (color < 0)
			color = open_color(wq);
		flusher->color = color;
	}
}

/* The oldest open colour is done; the leader goes on to the first one that is not. */
static void close_colors(struct workqueue_struct *wq)
{
	struct wq_flusher *leader;

	lockdep_assert_held(&wq->mutex);
	for (;;) {
		release_color(wq, wq->flush_color);
		wq->flush_color = next_color(wq->flush_color);
		serve_colorless(wq);
		if (wq->flush_color == wq->work_color)
			return;
		/* every open colour has the caller that opened it */
		leader = first_of_color(wq, wq->flush_color);
		list_del_init(&leader->list);
		if (start_count(wq, leader))
			return;
		complete(&leader->done);
	}
}

/* Say in the task that it waits for @wq. */
static void record_wait(struct task_wait_watch *watch, const struct workqueue_struct *wq,
			const struct wq_flusher *flusher, const char *call)
{
	struct uwq_task_wait *wait = task_wait_open(watch);

	if (wait) {
		task_wait_set(wait, kind, WAITS_FOR_QUEUE);
		task_wait_set(wait, call, call);
		task_wait_set(wait, object, wq);
		task_wait_set(wait, mark, flusher);
		task_wait_set_name(wait, wq->name);
	}
	task_wait_publish(watch);
}

static void sleep_for_color(const struct workqueue_struct *wq, struct wq_flusher *flusher,
			    const char *call)
{
	struct task_wait_watch watch;

	record_wait(&watch, wq, flusher, call);
	wait_for_workers(&flusher->done, &watch);
	task_wait_end(&watch);
}

/* Wait with a colour that is open now. @spin: what goes on may end without this CPU. */
static void wait_for_color(struct workqueue_struct *wq, struct wq_flusher *flusher,
			   const char *call, bool spin)
{
	mutex_unlock(&wq->mutex);
	if (!may_wait_for_queue(wq))
		report_flush_dependency(wq->name, NULL);
	if (!spin || !completion_spin(&flusher->done))
		sleep_for_color(wq, flusher, call);
	/* only the leader of the oldest colour finds itself here */
	if (__atomic_load_n(&wq->leader, __ATOMIC_ACQUIRE) != flusher)
		return;
	mutex_lock(&wq->mutex);
	__atomic_store_n(&wq->leader, NULL, __ATOMIC_RELEASE);
	close_colors(wq);
	mutex_unlock(&wq->mutex);
}

static bool is_running(const struct workqueue_struct *wq)
{
	unsigned int id;

	for (id = 1; id < worker_id_limit(); id++) {
		struct worker *worker = worker_by_id(id);
		struct pool_workqueue *pwq;

		if (!__atomic_load_n(&worker->current_work, __ATOMIC_ACQUIRE))
			continue;
		pwq = __atomic_load_n(&worker->current_pwq, __ATOMIC_RELAXED);
		if (pwq && pwq_wq(pwq) == wq)
			return true;
	}
	return false;
}

/*
 * An exit handler that comes after ours wants @wq to be empty. What is queued does not
 * start any more (U12), so there are only runs to wait for.
 */
static void flush_at_exit(const struct workqueue_struct *wq)
{
	struct backoff backoff = BACKOFF_INIT;

	exit_await_choices();
	while (is_running(wq))
		backoff_wait(&backoff);
}

/* flush_workqueue() as part of @call. Not from a function that runs on @wq. */
void wq_flush(struct workqueue_struct *wq, const char *call)
{
	struct wq_flusher flusher = { .color = -1 };
	struct pool_workqueue *near = near_pwq(wq);
	struct worker_pool *pool = pwq_pool(near);
	bool spin = !pool_serves_here(pool);

	lock_order_wait(wq, NULL);
	if (wq_exiting()) {
		flush_at_exit(wq);
		return;
	}
	if (spin)
		spin_until_quiet(near, pool);
	INIT_LIST_HEAD(&flusher.list);
	init_completion(&flusher.done);
	mutex_lock(&wq->mutex);
	if (wq->flush_color == wq->work_color) {
		/* no flush is open: this caller leads, if there is anything */
		if (queue_is_quiet(wq)) {
			mutex_unlock(&wq->mutex);
			return;
		}
		flusher.color = open_color(wq);
		if (!start_count(wq, &flusher)) {
			close_colors(wq);
			mutex_unlock(&wq->mutex);
			return;
		}
	} else {
		if (color_is_free(wq))
			flusher.color = open_color(wq);
		list_add_tail(&flusher.list, &wq->flushers);
	}
	wait_for_color(wq, &flusher, call, spin);
}

/**
 * __flush_workqueue - wait until everything queued before has run
 * @wq: queue
 *
 * Items whose timer is armed are not seen; items queued after the call are not
 * waited for. From a function that runs on @wq it is refused and reported (U26).
 * Called through flush_workqueue(), which warns about queues shared by everybody.
 *
 * Context: May sleep.
 * Ordering: sees everything that the items did.
 */
void __flush_workqueue(struct workqueue_struct *wq)
{
	if (!refuse_own_queue(wq, "flush_workqueue"))
		wq_flush(wq, "flush_workqueue");
}
EXPORT_SYMBOL(__flush_workqueue);

/**
 * __warn_flushing_systemwide_wq - say that a shared queue is being flushed
 *
 * Such a flush waits for the items of strangers, and deadlocks when one of them
 * needs something that the caller holds.
 */
void __warn_flushing_systemwide_wq(void)
{
	WARN_ONCE(1, "workqueue: a system-wide workqueue is being flushed; use a queue of your own\n");
}
EXPORT_SYMBOL(__warn_flushing_systemwide_wq);
