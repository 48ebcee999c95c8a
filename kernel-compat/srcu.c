// SPDX-License-Identifier: MIT
/*
 * srcu.c - grace periods for readers that sleep
 *
 * Two halves of counters. A reader counts in, in the half that idx names, and
 * counts out in the same half; each half has one pair of counters per shard, so
 * that readers of different threads do not fight for a cache line. A half is
 * empty when as many have left as have entered.
 *
 * SRCU/1 (reader): count in, then read the protected data. Pairs with SRCU/2
 * (grace period): after the updater's stores, add up "out", then add up "in".
 * Forbids: the updater sees nobody inside AND the reader sees the old data. "out"
 * comes first, so that a reader who leaves in between is not taken for one who
 * never came.
 *
 * A reader may read idx, lose the CPU, and count in only after the halves were
 * swapped. So each grace period looks at both halves: at the one not in use, for
 * such late comers, then swaps, then at the one that was in use.
 *
 * Nobody wakes a waiting grace period: a reader must not touch the domain after
 * it has counted out, because it may be freed then. So it looks again, more and
 * more rarely.
 *
 * Callbacks: ssp->callbacks is NULL when there are none and no thread, RUNNING
 * when a thread serves an empty list. Whoever changes it from NULL owes a thread.
 *
 * Differs from Linux: see linux/srcu.h.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/srcu.h>
#include <uwq/thread_state.h>

#include "kernel-compat/futex.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/rcu_internal.h"
#include "kernel-compat/sched_internal.h"

#define RUNNING		((struct rcu_head *)1)

int init_srcu_struct(struct srcu_struct *ssp)
{
	memset(ssp, 0, sizeof(*ssp));
	return 0;
}
EXPORT_SYMBOL_GPL(init_srcu_struct);

static struct uwq_srcu_shard *my_shard(struct srcu_struct *ssp)
{
	return &ssp->shard[((uintptr_t)&uwq_thread >> 12) % UWQ_SRCU_SHARDS];
}

/**
 * __srcu_read_lock - begin a reader of @ssp; use srcu_read_lock()
 * @ssp: domain
 *
 * Context: any. Never waits. The reader may sleep, and end in another thread.
 * Return: what srcu_read_unlock() wants.
 */
int __srcu_read_lock(struct srcu_struct *ssp)
{
	int idx = (int)__atomic_load_n(&ssp->idx, __ATOMIC_ACQUIRE) & 1;

	__atomic_fetch_add(&my_shard(ssp)->in[idx], 1, __ATOMIC_SEQ_CST);
	smp_mb();	/* SRCU/1 */
	return idx;
}
EXPORT_SYMBOL_GPL(__srcu_read_lock);

void __srcu_read_unlock(struct srcu_struct *ssp, int idx)
{
	__atomic_fetch_add(&my_shard(ssp)->out[idx & 1], 1, __ATOMIC_SEQ_CST);
	/* *ssp may be gone from here on */
}
EXPORT_SYMBOL_GPL(__srcu_read_unlock);

static bool half_empty(struct srcu_struct *ssp, int half)
{
	unsigned long in = 0, out = 0;

	for (int i = 0; i < UWQ_SRCU_SHARDS; i++)
		out += __atomic_load_n(&ssp->shard[i].out[half], __ATOMIC_ACQUIRE);
	smp_mb();	/* SRCU/2 */
	for (int i = 0; i < UWQ_SRCU_SHARDS; i++)
		in += __atomic_load_n(&ssp->shard[i].in[half], __ATOMIC_ACQUIRE);
	return in == out;
}

/* Sleep until a moment; a word of our own that nobody changes. */
static void pause_ns(uint64_t ns)
{
	struct timespec deadline = rcu_deadline(ns);
	uint32_t word = 0;

	schedule_on(&word, 0, &deadline);
}

static void wait_half_empty(struct srcu_struct *ssp, int half)
{
	uint64_t ns = 20000;

	for (int i = 0; i < 100; i++) {
		if (half_empty(ssp, half))
			return;
		cpu_relax();
	}
	while (!half_empty(ssp, half)) {
		pause_ns(ns);
		if (ns < 1000000)
			ns *= 2;
	}
}

/* gp_lock held. */
static void run_grace_period(struct srcu_struct *ssp)
{
	unsigned long number = __atomic_add_fetch(&ssp->gp_started, 1, __ATOMIC_SEQ_CST);
	int used = (int)__atomic_load_n(&ssp->idx, __ATOMIC_RELAXED) & 1;

	smp_mb();	/* SRCU/2: the updater's stores come before the sums */
	wait_half_empty(ssp, !used);
	__atomic_store_n(&ssp->idx, !used, __ATOMIC_RELEASE);
	smp_mb();	/* whoever still counts into the old half did read the old idx */
	wait_half_empty(ssp, used);
	smp_mb();	/* what the caller does now comes after all those readers */
	__atomic_store_n(&ssp->gp_done, number, __ATOMIC_RELEASE);
}

/* Held through a grace period, so who waits for it sleeps as one who waits for that. */
static void take_gp_lock(struct srcu_struct *ssp)
{
	for (uint64_t ns = 20000; !futex_trylock(&ssp->gp_lock); ns = ns < 1000000 ? 2 * ns : ns)
		pause_ns(ns);
}

unsigned long get_state_synchronize_srcu(struct srcu_struct *ssp)
{
	return __atomic_fetch_add(&ssp->gp_started, 0, __ATOMIC_SEQ_CST) + 1;
}
EXPORT_SYMBOL_GPL(get_state_synchronize_srcu);

bool poll_state_synchronize_srcu(struct srcu_struct *ssp, unsigned long cookie)
{
	return __atomic_load_n(&ssp->gp_done, __ATOMIC_ACQUIRE) >= cookie;
}
EXPORT_SYMBOL_GPL(poll_state_synchronize_srcu);

/**
 * synchronize_srcu - wait for all readers of @ssp that are running now
 * @ssp: domain
 *
 * Context: sleeps; not inside a reader of @ssp.
 */
void synchronize_srcu(struct srcu_struct *ssp)
{
	unsigned long wanted = get_state_synchronize_srcu(ssp);
	int saved = errno;

	WARN_ONCE(in_atomic(), "synchronize_srcu() in a context that must not sleep\n");
	take_gp_lock(ssp);
	if (!poll_state_synchronize_srcu(ssp, wanted))
		run_grace_period(ssp);
	futex_unlock(&ssp->gp_lock);
	errno = saved;
}
EXPORT_SYMBOL_GPL(synchronize_srcu);

/* ---- callbacks ---- */

/* Newest first, up to the mark that a thread left. */
static struct rcu_head *without_mark(struct rcu_head *list)
{
	struct rcu_head **end = &list;

	while (*end && *end != RUNNING)
		end = &(*end)->next;
	*end = NULL;
	return list;
}

/* Serves the list until it is empty; *ssp may be gone when it returns. */
static void serve(struct srcu_struct *ssp)
{
	for (;;) {
		struct rcu_head *list, *running = RUNNING;

		list = __atomic_exchange_n(&ssp->callbacks, RUNNING, __ATOMIC_ACQ_REL);
		list = without_mark(list);
		if (list) {
			synchronize_srcu(ssp);
			rcu_run_callbacks(rcu_reverse(list));
		}
		if (__atomic_compare_exchange_n(&ssp->callbacks, &running, NULL, false,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return;
	}
}

static void serve_thread(void *arg)
{
	serve(arg);
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
	struct rcu_head *first = __atomic_load_n(&ssp->callbacks, __ATOMIC_RELAXED);
	int saved = errno;

	__atomic_store_n(&head->func, func, __ATOMIC_RELAXED);
	do {
		head->next = first;
	} while (!__atomic_compare_exchange_n(&ssp->callbacks, &first, head, true,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (!first || __atomic_exchange_n(&ssp->want_thread, false, __ATOMIC_ACQ_REL))
		start_thread(ssp);
	errno = saved;
}
EXPORT_SYMBOL_GPL(call_srcu);

struct barrier {
	struct rcu_head head;
	uint32_t reached;	/* atomic, futex word */
};

static void barrier_reached(struct rcu_head *head)
{
	uint32_t *word = &((struct barrier *)head)->reached;

	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	/* the waiter's stack may be gone: only its address is used */
	futex_wake(word, INT_MAX);
}

void srcu_barrier(struct srcu_struct *ssp)
{
	struct barrier barrier = { .reached = 0 };
	int saved = errno;

	WARN_ONCE(in_atomic(), "srcu_barrier() in a context that must not sleep\n");
	call_srcu(ssp, &barrier.head, barrier_reached);
	while (!__atomic_load_n(&barrier.reached, __ATOMIC_ACQUIRE)) {
		struct timespec soon = rcu_deadline(1000000);

		/* no thread to be had: be it */
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
	if (WARN(!half_empty(ssp, 0) || !half_empty(ssp, 1),
		 "cleanup_srcu_struct: there are readers\n"))
		return;
	if (__atomic_load_n(&ssp->callbacks, __ATOMIC_ACQUIRE))
		srcu_barrier(ssp);
	while (__atomic_load_n(&ssp->callbacks, __ATOMIC_ACQUIRE))
		pause_ns(50000);
}
EXPORT_SYMBOL_GPL(cleanup_srcu_struct);
