// SPDX-License-Identifier: MIT
/*
 * clock_thread.c - the threads behind timers and hrtimers, see clock_thread.h
 *
 * Starting: the first arming that finds no thread starts it, outside the lock.
 * If that fails, timers stay armed and every later arming tries again; it is
 * logged once. Callbacks that were due meanwhile are then called late.
 *
 * Sleeping: with the lock held the thread notes the value of its word and sets
 * asleep; whoever arms something earlier bumps the word, so that a futex wait
 * which has not begun yet returns at once. Only the first of many wakes.
 *
 * Being on time: a sleep that ends by the clock ends late, by what the system needs
 * to get the thread running, some 5 to 40 us. The thread learns the least of it and
 * asks to be woken so much earlier. Where it comes too early for once, it waits for
 * the rest awake: a few us, seldom, because that lowers the lead at once. Nothing is
 * ever called early, since the clock is read again before.
 */
#include <errno.h>
#include <limits.h>
#include <sys/prctl.h>

#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <asm/processor.h>

#include "kernel-compat/clock_thread.h"
#include "kernel-compat/fake_clock.h"
#include "kernel-compat/fork.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/test_points.h"
#include "kernel-compat/time_internal.h"

/* The most that a sleep is shortened by, and so the longest wait awake */
#define LEAD_MAX_NS	30000u
/* A later wake-up raises the lead by this part of the difference */
#define LEAD_RISE	8

/* Does the thread's next sleep end by the clock? */
static bool ends_by_clock(uint64_t due)
{
#ifdef UWQ_TEST
	/* The fake clock wakes us when it moves. */
	if (uwq_fake_clock_active())
		return false;
#endif
	return due != CLOCK_NEVER;
}

/* A sleep ended @late ns after what was asked for. */
static void learn_lead(struct clock_thread *ct, uint64_t late)
{
	uint32_t lead = (uint32_t)min_t(uint64_t, late, LEAD_MAX_NS);

	if (lead > ct->lead)
		lead = ct->lead + (lead - ct->lead) / LEAD_RISE;
	ct->lead = lead;
}

static bool was_bumped(const struct clock_thread *ct, uint32_t word)
{
	return __atomic_load_n(&ct->word, __ATOMIC_ACQUIRE) != word;
}

/* Until @due, or until somebody bumps the word. */
static void sleep_until(struct clock_thread *ct, uint32_t word, uint64_t due, uint64_t now)
{
	uint64_t wake = due - now > ct->lead ? due - ct->lead : due;
	struct timespec deadline = uwq_deadline_ns(wake);

	if (schedule_on(&ct->word, word, &deadline) != -ETIMEDOUT)
		return;
	now = uwq_mono_ns();
	learn_lead(ct, now > wake ? now - wake : 0);
	if (now < due)
		TEST_POINT("clock_thread_early");
	while (now < due && !was_bumped(ct, word)) {
		cpu_relax();
		now = uwq_mono_ns();
	}
}

static void note_settled(struct clock_thread *ct, uint64_t now)
{
#ifdef UWQ_TEST
	if (!uwq_fake_clock_active())
		return;
	ct->settled = now;
	__atomic_fetch_add(&ct->settlings, 1, __ATOMIC_RELEASE);
	futex_wake(&ct->settlings, INT_MAX);
#else
	(void)ct;
	(void)now;
#endif
}

static void clock_thread_main(void *arg)
{
	struct clock_thread *ct = arg;

	__atomic_store_n(&ct->task, current, __ATOMIC_RELEASE);
	/* To the microsecond: others may be late by the default slack, 50 us. */
	prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0);

	futex_lock(&ct->lock);
	for (;;) {
		uint64_t now = uwq_mono_ns(), due = ct->due;
		uint32_t word;

		if (due <= now) {
			ct->expire(now);
			continue;
		}
		note_settled(ct, now);
		word = __atomic_load_n(&ct->word, __ATOMIC_RELAXED);
		ct->asleep = true;
		futex_unlock(&ct->lock);

		if (ends_by_clock(due))
			sleep_until(ct, word, due, now);
		else
			schedule_on(&ct->word, word, NULL);

		futex_lock(&ct->lock);
		ct->asleep = false;
	}
}

/* A failure is the armers' to hear of: true if one of them came while we tried. */
static bool start_failed(struct clock_thread *ct, long err)
{
	int seen = CLOCK_THREAD_STARTING;

	pr_err_once("%s: no thread for timers (error %ld); they wait until one can be started\n",
		    ct->name, err);
	TEST_POINT("clock_thread_failed");
	if (__atomic_compare_exchange_n(&ct->state, &seen, CLOCK_THREAD_NONE, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return false;
	__atomic_store_n(&ct->state, CLOCK_THREAD_STARTING, __ATOMIC_RELEASE);
	return true;
}

/* One caller at a time gets here, see clock_thread_kick(). */
static void start_thread(struct clock_thread *ct)
{
	struct task_struct *task;

	do {
		task = uwq_thread_start(NULL, ct->name, clock_thread_main, ct, 0, NULL, -1);
	} while (IS_ERR(task) && start_failed(ct, PTR_ERR(task)));

	if (IS_ERR(task))
		return;
	/* The thread never ends, and keeps its own reference. */
	put_task_struct(task);
	__atomic_store_n(&ct->state, CLOCK_THREAD_RUNS, __ATOMIC_RELEASE);
}

void clock_thread_need(struct clock_thread *ct)
{
	int seen = __atomic_load_n(&ct->state, __ATOMIC_ACQUIRE);

	while (seen == CLOCK_THREAD_NONE || seen == CLOCK_THREAD_STARTING) {
		int next = seen + 1;

		if (!__atomic_compare_exchange_n(&ct->state, &seen, next, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE))
			continue;
		if (next == CLOCK_THREAD_STARTING)
			start_thread(ct);
		return;
	}
}

void clock_thread_wake(struct clock_thread *ct)
{
	futex_wake(&ct->word, 1);
}

void clock_thread_begin(struct clock_thread *ct, const void *timer)
{
	ct->running = timer;
	ct->handed = timer;
	futex_unlock(&ct->lock);
	TEST_POINT("clock_thread_begin");
}

void clock_thread_begun(struct clock_thread *ct)
{
	if (clock_thread_is_me(ct))
		ct->handed = NULL;
}

void clock_thread_fork_child(struct clock_thread *ct)
{
	ct->due = CLOCK_NEVER;
	ct->asleep = false;
	ct->running = NULL;
	ct->handed = NULL;
	ct->awaited = false;
	__atomic_store_n(&ct->task, NULL, __ATOMIC_RELAXED);
	__atomic_store_n(&ct->state, CLOCK_THREAD_NONE, __ATOMIC_RELAXED);
}

bool clock_thread_end(struct clock_thread *ct)
{
	/* the callback has forked, and this is the child: another thread has our place */
	if (unlikely(!clock_thread_is_me(ct)))
		fork_end_child();
	futex_lock(&ct->lock);
	ct->running = NULL;
	ct->handed = NULL;
	if (likely(!ct->awaited))
		return false;
	ct->awaited = false;
	__atomic_fetch_add(&ct->finished, 1, __ATOMIC_RELEASE);
	futex_wake(&ct->finished, INT_MAX);
	return true;
}

bool clock_thread_is_me(const struct clock_thread *ct)
{
	return uwq_thread.task && uwq_thread.task == __atomic_load_n(&ct->task, __ATOMIC_ACQUIRE);
}

void clock_thread_wait_running(struct clock_thread *ct)
{
	uint32_t finished = __atomic_load_n(&ct->finished, __ATOMIC_RELAXED);

	ct->awaited = true;
	futex_unlock(&ct->lock);
	while (__atomic_load_n(&ct->finished, __ATOMIC_ACQUIRE) == finished) {
		if (preempt_count() || irqs_disabled())
			futex_wait(&ct->finished, finished, NULL);
		else
			schedule_on(&ct->finished, finished, NULL);
	}
}

#ifdef UWQ_TEST
bool clock_thread_has_due(struct clock_thread *ct, uint64_t now)
{
	bool runs = __atomic_load_n(&ct->state, __ATOMIC_ACQUIRE) == CLOCK_THREAD_RUNS;
	bool due;

	futex_lock(&ct->lock);
	due = ct->due <= now;
	futex_unlock(&ct->lock);
	return due && runs;
}

void clock_thread_settle(struct clock_thread *ct, uint64_t now)
{
	bool runs;

	futex_lock(&ct->lock);
	ct->asleep = false;
	__atomic_fetch_add(&ct->word, 1, __ATOMIC_RELEASE);
	do {
		uint32_t seen = __atomic_load_n(&ct->settlings, __ATOMIC_RELAXED);
		bool busy = ct->due <= now || ct->running;

		futex_unlock(&ct->lock);
		futex_wake(&ct->word, 1);
		if (!busy)
			return;
		clock_thread_need(ct);
		runs = __atomic_load_n(&ct->state, __ATOMIC_ACQUIRE) != CLOCK_THREAD_NONE;
		if (runs)
			futex_wait(&ct->settlings, seen, NULL);
		futex_lock(&ct->lock);
	} while (runs && ct->settled < now);
	futex_unlock(&ct->lock);
}
#endif
