/* SPDX-License-Identifier: MIT */
/*
 * clock_thread.h - a thread that calls functions when their time has come
 *
 * timer.c and hrtimer.c each have one. It is started by the first arming, sleeps
 * until the earliest deadline that it knows of, and is woken only for an earlier
 * one. Which timers exist and which is next is the owner's business: this file
 * knows one lock, one deadline, and whose callback is being called.
 *
 * Letters: L = changed under lock; A = atomic, any thread; S = the thread itself only.
 */
#ifndef UWQ_KERNEL_COMPAT_CLOCK_THREAD_H
#define UWQ_KERNEL_COMPAT_CLOCK_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/compiler.h>

#include "kernel-compat/futex_lock.h"

#define CLOCK_NEVER	UINT64_MAX

enum clock_thread_state {
	CLOCK_THREAD_NONE,
	CLOCK_THREAD_STARTING,
	CLOCK_THREAD_STARTING_ASKED,	/* ... and somebody armed a timer meanwhile */
	CLOCK_THREAD_RUNS,
};

struct clock_thread {
	struct futex_lock lock;
	uint32_t word;		/* A: the thread sleeps on it; bumped under lock to wake it */
	uint64_t due;		/* L: ns; nothing is due before, CLOCK_NEVER: nothing at all */
	uint32_t lead;		/* S: how much earlier than due it asks to be woken, ns */
	bool asleep;		/* L: sleeps, or is about to, and must be woken for an earlier due */
	const void *running;	/* L: timer whose callback is being called, NULL none */
	const void *handed;	/* L: the same, until clock_thread_begun() was called */
	uint32_t finished;	/* A: bumped under lock when a callback that somebody awaits returned */
	bool awaited;		/* L: somebody waits for that */
	struct task_struct *task;	/* A: the thread, once it runs */
	int state;		/* A: enum clock_thread_state */
	uint64_t settled;	/* L: the thread found nothing due at that time; fake clock only */
	uint32_t settlings;	/* A: bumped when settled grows */

	const char *name;
	/*
	 * Call what is due at @now (ns) and set due. Lock held on entry and exit,
	 * dropped around each callback.
	 */
	void (*expire)(uint64_t now);
};

#define CLOCK_THREAD_INIT(thread_name, expire_fn) {	\
	.lock = FUTEX_LOCK_INIT,			\
	.due = CLOCK_NEVER,				\
	.name = (thread_name),				\
	.expire = (expire_fn),				\
}

/* Inside of clock_thread_kick(). */
void clock_thread_wake(struct clock_thread *ct);
void clock_thread_need(struct clock_thread *ct);

/*
 * Lock held: something is due at @due. True: pass it on to clock_thread_kick()
 * after unlocking.
 */
static inline bool clock_thread_arm(struct clock_thread *ct, uint64_t due)
{
	if (due >= ct->due)
		return false;
	ct->due = due;
	if (!ct->asleep)
		return false;
	ct->asleep = false;
	__atomic_fetch_add(&ct->word, 1, __ATOMIC_RELEASE);
	return true;
}

static inline bool clock_thread_runs(struct clock_thread *ct)
{
	return likely(__atomic_load_n(&ct->state, __ATOMIC_ACQUIRE) == CLOCK_THREAD_RUNS);
}

/* No lock held: wake the thread if @wake, and see to it that there is one. */
static inline void clock_thread_kick(struct clock_thread *ct, bool wake)
{
	if (wake)
		clock_thread_wake(ct);
	if (!clock_thread_runs(ct))
		clock_thread_need(ct);
}

/*
 * Around the call of @timer's callback, by expire(): begin drops the lock, end
 * takes it, and tells whether somebody waited for this callback. *@timer may be
 * gone when the callback returned.
 */
void clock_thread_begin(struct clock_thread *ct, const void *timer);
bool clock_thread_end(struct clock_thread *ct);

/*
 * In a section of the fork gate, by a callback that hands the timer's object on: from
 * here on a child of a fork need not care for it. Nothing in other threads.
 */
void clock_thread_begun(struct clock_thread *ct);

/* In a child of a fork, with the lock held: there is no thread and nothing armed. */
void clock_thread_fork_child(struct clock_thread *ct);

/* Is this code running in the thread itself, that is, inside a callback? */
bool clock_thread_is_me(const struct clock_thread *ct);

/*
 * Lock held on entry, not on exit: wait until the callback that runs now has
 * returned. Sleeps; in atomic context without schedule(), since the kernel's
 * form of this is a busy loop that may be used there.
 */
void clock_thread_wait_running(struct clock_thread *ct);

/* The threads there are: timer.c's and hrtimer.c's. */
extern struct clock_thread uwq_timer_thread, uwq_hrtimer_thread;

#ifdef UWQ_TEST
/* Look at the clock again; then wait until nothing is due at @now. */
void clock_thread_settle(struct clock_thread *ct, uint64_t now);
bool clock_thread_has_due(struct clock_thread *ct, uint64_t now);
#endif

#endif
