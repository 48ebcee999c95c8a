// SPDX-License-Identifier: MIT
/*
 * rcu_callbacks.c - call_rcu(), kfree_rcu() and rcu_barrier()
 *
 * A callback is pushed onto a list without a lock. One thread takes the whole
 * list, turns it round, waits for one grace period and runs all of it in the
 * order queued, counting as softirq. What is queued meanwhile is the next batch.
 *
 * The thread is started by the first callback. When none can be made, the
 * callbacks stay where they are, and whoever comes next tries again: a callback,
 * a timer a little later, or rcu_barrier(), which if it must does the thread's
 * work itself. So nothing is lost, and rcu_barrier() always returns.
 *
 * CB/1 (caller): link the callback, then read asleep. Pairs with CB/2 (thread):
 * set asleep, then read the list. Forbids: the thread sleeps and the caller does
 * not wake it, with a callback on the list. Both are sequentially consistent.
 *
 * Differs from Linux: one thread for the process, no batching by time.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/fork_gate.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/rcu_barrier.h"
#include "kernel-compat/rcu_internal.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/test_points.h"

#define RETRY_MS	10

/* Who takes callbacks off the list. */
enum drainer {
	DRAINER_NONE,
	DRAINER_BUSY,	/* somebody starts the thread, or drains for want of one */
	DRAINER_THREAD,
};

static struct rcu_head *pending;	/* atomic: newest first */
/*
 * What the drainer has taken, oldest first, and what it is calling. Changed by the
 * drainer alone, in sections of the fork gate, so that a forked child finds them whole.
 */
static struct rcu_head *batch;
static struct rcu_head *handed;		/* until its function said rcu_callback_begun() */
static rcu_callback_t handed_func;
static uint32_t asleep;			/* atomic: the thread's futex word, 1 = sleeps or is about to */
static int drainer;			/* atomic: enum drainer */

static void retry_start(struct timer_list *timer);
static DEFINE_TIMER(retry_timer, retry_start);

struct rcu_head *rcu_reverse(struct rcu_head *list)
{
	struct rcu_head *turned = NULL;

	while (list) {
		struct rcu_head *next = list->next;

		list->next = turned;
		turned = list;
		list = next;
	}
	return turned;
}

/* *@head may be gone afterwards. */
static void call_one(struct rcu_head *head)
{
	unsigned long offset = (unsigned long)head->func;

	if (offset < RCU_KVFREE_OFFSET_MAX)
		kvfree((char *)head - offset);
	else
		head->func(head);
}

void rcu_run_callbacks(struct rcu_head *list)
{
	uwq_context_enter_softirq();
	while (list) {
		struct rcu_head *head = list;

		list = head->next;
		call_one(head);
	}
	uwq_context_leave_softirq();
}

/* Set in whoever runs callbacks: he must not wait for more of them. */
static __thread bool draining __attribute__((__tls_model__("initial-exec")));

static struct rcu_head *next_of_batch(void)
{
	struct rcu_head *head;

	fork_gate_enter();
	head = batch;
	handed = head;
	if (head) {
		handed_func = head->func;
		batch = head->next;
	}
	fork_gate_leave();
	return head;
}

void rcu_callback_begun(void)
{
	if (draining)
		handed = NULL;
}

static void run_batch(void)
{
	struct rcu_head *head;

	uwq_context_enter_softirq();
	draining = true;
	while ((head = next_of_batch()))
		call_one(head);
	draining = false;
	uwq_context_leave_softirq();
}

/* One batch; false if there was nothing to do. */
static bool drain(void)
{
	fork_gate_enter();
	batch = rcu_reverse(__atomic_exchange_n(&pending, NULL, __ATOMIC_ACQUIRE));
	fork_gate_leave();
	if (!batch)
		return false;
	TEST_POINT("rcu-batch-taken");
	synchronize_rcu();
	run_batch();
	return true;
}

static void rcu_thread(void *arg)
{
	u32 generation = uwq_fork_generation;

	(void)arg;
	for (;;) {
		bool drained = drain();

		/* a callback has forked, and this is the child */
		if (unlikely(uwq_fork_generation != generation))
			fork_end_child();
		if (drained)
			continue;
		__atomic_store_n(&asleep, 1, __ATOMIC_SEQ_CST);		/* CB/2 */
		if (!__atomic_load_n(&pending, __ATOMIC_SEQ_CST))
			schedule_on(&asleep, 1, NULL);
		__atomic_store_n(&asleep, 0, __ATOMIC_RELAXED);
	}
}

static bool claim_drainer(void)
{
	int none = DRAINER_NONE;

	return __atomic_load_n(&drainer, __ATOMIC_ACQUIRE) == DRAINER_NONE &&
	       __atomic_compare_exchange_n(&drainer, &none, DRAINER_BUSY, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* Called by whoever claimed it. False: still claimed, without a thread. */
static bool start_thread(void)
{
	struct task_struct *task = uwq_thread_start(NULL, "rcu_callbacks", rcu_thread, NULL, 0,
						    NULL, -1);

	if (IS_ERR(task)) {
		pr_err_once("RCU: no thread for callbacks (%pe); they wait until there is one\n",
			    task);
		return false;
	}
	TEST_POINT("rcu-thread-started");
	/* the thread never ends, and keeps its own reference */
	put_task_struct(task);
	__atomic_store_n(&drainer, DRAINER_THREAD, __ATOMIC_RELEASE);
	return true;
}

/* There is no thread. What came meanwhile has left itself to us. */
static void give_claim_back(void)
{
	__atomic_store_n(&drainer, DRAINER_NONE, __ATOMIC_RELEASE);
	mod_timer(&retry_timer, jiffies + msecs_to_jiffies(RETRY_MS));
}

/* See to it that somebody will drain the list. */
static void need_thread(void)
{
	if (claim_drainer() && !start_thread())
		give_claim_back();
}

static void retry_start(struct timer_list *timer)
{
	(void)timer;
	need_thread();
}

static void wake_thread(void)
{
	if (__atomic_load_n(&asleep, __ATOMIC_SEQ_CST) &&		/* CB/1 */
	    __atomic_exchange_n(&asleep, 0, __ATOMIC_ACQ_REL))
		futex_wake(&asleep, 1);
}

static void push(struct rcu_head *head)
{
	struct rcu_head *first = __atomic_load_n(&pending, __ATOMIC_RELAXED);

	do {
		head->next = first;
	} while (!__atomic_compare_exchange_n(&pending, &first, head, true, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));	/* CB/1 */
	/* *head may be gone from here on */
	if (__atomic_load_n(&drainer, __ATOMIC_ACQUIRE) != DRAINER_THREAD)
		need_thread();
	/* Also while it is being started: it may have done its first batch and sleep already */
	wake_thread();
}

/**
 * call_rcu - call a function after a grace period
 * @head: inside the object, the library's until @func is called with it
 * @func: runs in softirq context: must not sleep, may call_rcu() again
 *
 * Context: any, readers included. Never fails, allocates nothing.
 * Ordering: @func sees what the caller stored before, and all that readers did
 * which were running at the call.
 */
void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	int saved = errno;

	__atomic_store_n(&head->func, func, __ATOMIC_RELAXED);
	push(head);
	errno = saved;
}
EXPORT_SYMBOL_GPL(call_rcu);

/* A block without an rcu_head of its own, on its way to kvfree(). */
struct headless {
	struct rcu_head head;
	void *ptr;
};

static void free_headless(struct rcu_head *head)
{
	struct headless *item = (struct headless *)head;

	kvfree(item->ptr);
	free(item);
}

/**
 * kvfree_call_rcu - kvfree() after a grace period; use kfree_rcu()
 * @head: in the first 4 KiB of the block at @ptr; NULL: it has none
 * @ptr: block
 *
 * Context: any; with @head NULL it may sleep.
 */
void kvfree_call_rcu(struct rcu_head *head, void *ptr)
{
	int saved = errno;
	struct headless *item;

	if (head) {
		call_rcu(head, (rcu_callback_t)((char *)head - (char *)ptr));
		return;
	}
	item = test_alloc_fails() ? NULL : malloc(sizeof(*item));
	if (item) {
		item->ptr = ptr;
		call_rcu(&item->head, free_headless);
	} else {
		synchronize_rcu();
		kvfree(ptr);
	}
	errno = saved;
}
EXPORT_SYMBOL_GPL(kvfree_call_rcu);

/* Without a thread and unable to make one: be it, for one batch. */
static void drain_instead(void)
{
	if (!claim_drainer())
		return;
	if (start_thread())
		return;
	drain();
	give_claim_back();
}

/**
 * rcu_barrier - wait for callbacks
 *
 * Context: sleeps; not from a callback. Returns when every callback that was
 * given to call_rcu() or kfree_rcu() before, by any thread, has run.
 * Ordering: the caller sees what those callbacks did.
 */
void rcu_barrier(void)
{
	struct barrier_callback barrier = { .waiter = &draining };
	int saved = errno;

	if (WARN(draining, "rcu_barrier() in an RCU callback: it would wait for itself\n"))
		return;
	WARN_ONCE(in_atomic(), "rcu_barrier() in a context that must not sleep\n");
	call_rcu(&barrier.head, barrier_reached);
	while (!__atomic_load_n(&barrier.reached, __ATOMIC_ACQUIRE)) {
		struct timespec soon = rcu_deadline(1000000);

		if (__atomic_load_n(&drainer, __ATOMIC_ACQUIRE) == DRAINER_THREAD) {
			schedule_on(&barrier.reached, 0, NULL);
			continue;
		}
		drain_instead();
		if (!__atomic_load_n(&barrier.reached, __ATOMIC_ACQUIRE))
			schedule_on(&barrier.reached, 0, &soon);
	}
	errno = saved;
}
EXPORT_SYMBOL_GPL(rcu_barrier);

/* One head for all that poll: on its way while somebody waits for a later state. */
static struct rcu_head poll_head;
static bool poll_queued;		/* atomic */
static unsigned long poll_wanted;	/* atomic: latest state handed out */

static void poll_reached(struct rcu_head *head);

static void poll_on(void)
{
	if (!__atomic_exchange_n(&poll_queued, true, __ATOMIC_SEQ_CST))	/* POLL/1 */
		call_rcu(&poll_head, poll_reached);
}

/*
 * POLL/1 (asker): raise poll_wanted, then look at poll_queued. Pairs with POLL/2
 * (callback): clear poll_queued, then look at poll_wanted. Forbids: the asker
 * relies on a callback that does not know of him.
 */
static void poll_reached(struct rcu_head *head)
{
	(void)head;
	__atomic_store_n(&poll_queued, false, __ATOMIC_SEQ_CST);	/* POLL/2 */
	if (!poll_state_synchronize_rcu(__atomic_load_n(&poll_wanted, __ATOMIC_SEQ_CST)))
		poll_on();
}

/**
 * start_poll_synchronize_rcu - remember this moment, and have a grace period begin
 *
 * Context: any. Return: a state for poll_state_synchronize_rcu().
 */
unsigned long start_poll_synchronize_rcu(void)
{
	unsigned long state = get_state_synchronize_rcu();
	unsigned long seen = __atomic_load_n(&poll_wanted, __ATOMIC_RELAXED);
	int saved = errno;

	while (seen < state &&
	       !__atomic_compare_exchange_n(&poll_wanted, &seen, state, true, __ATOMIC_SEQ_CST,
					    __ATOMIC_RELAXED))
		;
	poll_on();
	errno = saved;
	return state;
}
EXPORT_SYMBOL_GPL(start_poll_synchronize_rcu);

/* ---- fork: all of it in the child, while no other thread exists ---- */

/* Put what the drainer had taken back, so that there is one list, oldest first. */
static struct rcu_head *take_everything(void)
{
	struct rcu_head *list = batch, **end = &list;

	while (*end)
		end = &(*end)->next;
	*end = rcu_reverse(pending);
	batch = NULL;
	pending = NULL;
	return list;
}

void rcu_fork_take(rcu_callback_t func, void (*fn)(struct rcu_head *head))
{
	struct rcu_head *list = take_everything(), *kept = NULL;

	if (handed && handed_func == func) {
		fn(handed);
		handed = NULL;
	}
	while (list) {
		struct rcu_head *head = list;

		list = head->next;
		if (head->func == func) {
			fn(head);
			continue;
		}
		head->next = kept;
		kept = head;
	}
	pending = kept;
}

/* Waiters of other threads do not exist; what they waited behind is still to be done. */
static void forget_dead_barriers(void)
{
	struct rcu_head *list = take_everything(), *kept = NULL;

	while (list) {
		struct rcu_head *head = list;

		list = head->next;
		if (is_barrier_of_another(head, &draining))
			continue;
		head->next = kept;
		kept = head;
	}
	pending = kept;
}

/* The thread stayed in the parent; the next callback starts another. */
void rcu_fork_callbacks(enum fork_step step)
{
	if (step != FORK_CHILD)
		return;
	forget_dead_barriers();
	handed = NULL;
	drainer = DRAINER_NONE;
	asleep = 0;
}
