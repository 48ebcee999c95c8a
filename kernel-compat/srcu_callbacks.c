// SPDX-License-Identifier: MIT
/*
 * srcu_callbacks.c - call_srcu(), srcu_barrier() and the end of a domain
 *
 * ssp->callbacks is NULL when there are none and no thread, RUNNING when a thread serves
 * an empty list. Whoever changes it from NULL owes a thread. The thread takes the list as a
 * batch, waits for a grace period, and calls one after the other; it ends when there is
 * nothing left. What it has taken hangs on ssp->batch, where a forked child finds it.
 *
 * Differs from Linux: see linux/srcu.h.
 */
#include <errno.h>
#include <limits.h>

#include <linux/bug.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/srcu.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/fork_gate.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/rcu_barrier.h"
#include "kernel-compat/rcu_internal.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/srcu_internal.h"

#define RUNNING		((struct rcu_head *)1)

/* Newest first, up to the mark that a thread left. */
static struct rcu_head *without_mark(struct rcu_head *list)
{
	struct rcu_head **end = &list;

	while (*end && *end != RUNNING)
		end = &(*end)->next;
	*end = NULL;
	return list;
}

/* Take what there is, and leave the mark. In one piece for a child that is forked now. */
static bool take_batch(struct srcu_struct *ssp)
{
	struct rcu_head *list;

	fork_gate_enter();
	list = __atomic_exchange_n(&ssp->callbacks, RUNNING, __ATOMIC_ACQ_REL);
	ssp->batch = rcu_reverse(without_mark(list));
	fork_gate_leave();
	return ssp->batch;
}

/* False: a callback has forked, and this is the child. */
static bool run_batch(struct srcu_struct *ssp)
{
	unsigned int generation = uwq_fork_generation;
	struct rcu_head *head;

	while ((head = ssp->batch)) {
		ssp->batch = head->next;
		head->next = NULL;
		rcu_run_callbacks(head);
		if (unlikely(uwq_fork_generation != generation))
			return false;
	}
	return true;
}

/* Serves the list until it is empty; *ssp may be gone then. False: as run_batch(). */
static bool serve(struct srcu_struct *ssp)
{
	for (;;) {
		struct rcu_head *running = RUNNING;

		if (take_batch(ssp)) {
			synchronize_srcu(ssp);
			if (!run_batch(ssp))
				return false;
		}
		if (__atomic_compare_exchange_n(&ssp->callbacks, &running, NULL, false,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return true;
	}
}

static void serve_thread(void *arg)
{
	if (!serve(arg))
		fork_end_child();
}

static void start_thread(struct srcu_struct *ssp)
{
	struct task_struct *task = uwq_thread_start(NULL, "srcu_callbacks", serve_thread, ssp, 0,
						    NULL, -1);

	if (IS_ERR(task))
		__atomic_store_n(&ssp->want_thread, true, __ATOMIC_RELEASE);
	else
		put_task_struct(task);
}

/**
 * call_srcu - call a function after a grace period of @ssp
 * @ssp: domain
 * @head: inside the object
 * @func: runs in softirq context: must not sleep
 *
 * Context: any. When no thread can be made, the callback waits until the next
 * call_srcu() or srcu_barrier() of the domain, which try again.
 */
void call_srcu(struct srcu_struct *ssp, struct rcu_head *head, rcu_callback_t func)
{
	struct rcu_head *first;
	int saved = errno;

	srcu_in_this_process(ssp);
	__atomic_store_n(&head->func, func, __ATOMIC_RELAXED);
	first = __atomic_load_n(&ssp->callbacks, __ATOMIC_RELAXED);
	do {
		head->next = first;
	} while (!__atomic_compare_exchange_n(&ssp->callbacks, &first, head, true,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (!first || __atomic_exchange_n(&ssp->want_thread, false, __ATOMIC_ACQ_REL))
		start_thread(ssp);
	errno = saved;
}
EXPORT_SYMBOL_GPL(call_srcu);

void srcu_barrier(struct srcu_struct *ssp)
{
	struct barrier_callback barrier = { .waiter = &srcu_mine };
	int saved = errno;

	WARN_ONCE(in_atomic(), "srcu_barrier() in a context that must not sleep\n");
	call_srcu(ssp, &barrier.head, barrier_reached);
	while (!__atomic_load_n(&barrier.reached, __ATOMIC_ACQUIRE)) {
		struct timespec soon = rcu_deadline(1000000);

		/* no thread to be had: be it; in a child of a callback, begin anew */
		srcu_in_this_process(ssp);
		if (__atomic_exchange_n(&ssp->want_thread, false, __ATOMIC_ACQ_REL))
			serve(ssp);
		else
			schedule_on(&barrier.reached, 0, &soon);
	}
	errno = saved;
}
EXPORT_SYMBOL_GPL(srcu_barrier);

/* Frees nothing: it waits until no thread knows of @ssp any more. */
void cleanup_srcu_struct(struct srcu_struct *ssp)
{
	srcu_in_this_process(ssp);
	if (WARN(!srcu_half_empty(ssp, 0) || !srcu_half_empty(ssp, 1),
		 "cleanup_srcu_struct: there are readers\n"))
		return;
	if (__atomic_load_n(&ssp->callbacks, __ATOMIC_ACQUIRE))
		srcu_barrier(ssp);
	while (__atomic_load_n(&ssp->callbacks, __ATOMIC_ACQUIRE))
		srcu_pause(50000);
}
EXPORT_SYMBOL_GPL(cleanup_srcu_struct);

/* ---- fork ---- */

void srcu_callbacks_fork_child(struct srcu_struct *ssp, const void *forker)
{
	struct rcu_head *list = ssp->batch, **end = &list, *kept = NULL;

	while (*end)
		end = &(*end)->next;
	*end = rcu_reverse(without_mark(ssp->callbacks));
	while (list) {
		struct rcu_head *head = list;

		list = head->next;
		if (is_barrier_of_another(head, forker))
			continue;
		head->next = kept;
		kept = head;
	}
	ssp->batch = NULL;
	ssp->callbacks = kept;
	ssp->want_thread = kept;
}
