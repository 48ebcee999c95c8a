// SPDX-License-Identifier: MIT
/*
 * completion.c - waiting for the end of something
 *
 * The word of a completion: low half how often it was completed, high half how
 * many wait. Both change together, by one compare-and-swap:
 *
 *	complete()	done + 1; wakes one sleeper if waiters was not 0
 *	a waiter comes	waiters + 1, and only while done is 0
 *	a waiter goes	waiters - 1, with done - 1 if it was let go, or with done
 *			still 0 if it gave up
 *
 * So nobody gives up on a completion that is done, and complete() knows from the
 * word it replaced whether somebody may be asleep. Its swap is the last time it
 * looks at the completion: the waiter may return, and its stack be something
 * else, before the wake-up is sent. Wake-ups that arrive at a stranger's word
 * are harmless (futex.h); a sleeper that is woken for nothing sleeps again.
 *
 * No wake-up is missing: a sleeper stays asleep only as long as done is 0 for
 * the system's look at it, and each increment with waiters wakes one of those
 * asleep at that time. If it picks one of two, the other finds done at 0 again.
 *
 * Ordering: release in complete(), acquire in whoever takes the count.
 *
 * Differs from Linux: waiters are not served in the order in which they came.
 */
#include <limits.h>

#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "kernel-compat/completion_internal.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/task_wait.h"
#include "kernel-compat/test_points.h"
#include "kernel-compat/time_internal.h"
#include "kernel-compat/wait_spin.h"

#define ONE_WAITER	(1ULL << 32)
#define ALL		UINT_MAX	/* done: for everybody, for good */

static unsigned int done_of(u64 word)
{
	return (unsigned int)word;
}

static u64 word_of(struct completion *x)
{
	return __atomic_load_n(&x->word, __ATOMIC_RELAXED);
}

static bool swap_word(struct completion *x, u64 *old, u64 word, int order)
{
	return __atomic_compare_exchange_n(&x->word, old, word, true, order, __ATOMIC_RELAXED);
}

/* Take one off the count, and @waiters off the waiters. False: it is 0. */
static bool take(struct completion *x, u64 waiters)
{
	u64 old = word_of(x);
	u64 word;

	do {
		if (!done_of(old))
			return false;
		word = old - waiters - (done_of(old) == ALL ? 0 : 1);
	} while (!swap_word(x, &old, word, __ATOMIC_ACQUIRE));
	return true;
}

/* True: the caller is a waiter now. False: it is done, or was a moment ago. */
static bool enter(struct completion *x)
{
	u64 old = word_of(x);

	do {
		if (done_of(old))
			return false;
	} while (!swap_word(x, &old, old + ONE_WAITER, __ATOMIC_RELAXED));
	return true;
}

/* Give up. False: it was done in the meantime, and so the count is there to take. */
static bool leave(struct completion *x)
{
	u64 old = word_of(x);

	do {
		if (done_of(old))
			return false;
	} while (!swap_word(x, &old, old - ONE_WAITER, __ATOMIC_RELAXED));
	return true;
}

/* The caller is a waiter: until it is let go, or gives up. */
static int sleep_for(struct completion *x, const struct timespec *deadline, unsigned int state)
{
	int ret = 0;

	for (;;) {
		if (take(x, ONE_WAITER))
			return 0;
		if (ret && leave(x))
			return ret == -EINTR ? -ERESTARTSYS : ret;
		ret = schedule_on_state(&x->done, 0, deadline, state);
	}
}

bool completion_spin(struct completion *x)
{
	struct wait_spin spin;

	if (!wait_spin_begin(&spin))
		return false;
	do {
		if (take(x, 0)) {
			wait_spin_found();
			return true;
		}
	} while (wait_spin_again(&spin));
	return false;
}

/* 0, -ERESTARTSYS or -ETIMEDOUT. @x may be gone when this returned 0. */
static int wait_asleep(struct completion *x, const struct timespec *deadline, unsigned int state)
{
	struct task_wait_watch watch;
	int ret;

	for (;;) {
		if (take(x, 0))
			return 0;
		if (enter(x))
			break;
	}
	TEST_POINT("completion:entered");
	/* who will complete it is not known, so nothing is looked for */
	task_wait_begin(&watch, WAITS_FOR_COMPLETION, "wait_for_completion", x, NULL);
	ret = sleep_for(x, deadline, state);
	task_wait_end(&watch);
	return ret;
}

/* The same for what is likely to be over soon. */
static int wait_common(struct completion *x, const struct timespec *deadline, unsigned int state)
{
	might_sleep();
	if (take(x, 0))
		return 0;
	if (!signal_pending_state(state, current) && completion_spin(x))
		return 0;
	return wait_asleep(x, deadline, state);
}

bool completion_wait_until(struct completion *x, const struct timespec *deadline)
{
	might_sleep();
	return wait_asleep(x, deadline, TASK_UNINTERRUPTIBLE) == 0;
}

/* Jiffies left, at least 1; 0 when time ran out; -ERESTARTSYS. */
static long wait_timeout(struct completion *x, unsigned long timeout, unsigned int state)
{
	unsigned long expire = jiffies + timeout;
	struct timespec deadline;
	long left;
	int ret;

	if (timeout > MAX_SCHEDULE_TIMEOUT)
		timeout = MAX_SCHEDULE_TIMEOUT;
	ret = wait_common(x, uwq_deadline_ticks(timeout, &deadline) ? &deadline : NULL, state);
	if (ret == -ETIMEDOUT)
		return 0;
	if (ret)
		return ret;
	if (timeout == MAX_SCHEDULE_TIMEOUT)
		return MAX_SCHEDULE_TIMEOUT;
	left = (long)(expire - jiffies);
	return left < 1 ? 1 : left;
}

/* Raise done by one, or to ALL; the waiters that were there. @x may be gone afterwards. */
static unsigned int raise_done(struct completion *x, bool all)
{
	u64 old = word_of(x);
	u64 word;

	do {
		if (all)
			word = old | ALL;
		else
			word = done_of(old) == ALL ? old : old + 1;
		/* a count one below ALL stays there: ALL means something else */
		if (!all && done_of(word) == ALL)
			word = old;
	} while (!swap_word(x, &old, word, __ATOMIC_RELEASE));
	return (unsigned int)(old >> 32);
}

/**
 * complete - let one waiter go, now or when it comes
 * @x: the completion; may be gone once a waiter is let go
 *
 * Context: any.
 * Ordering: the waiter that it lets go sees all stores before it.
 */
void complete(struct completion *x)
{
	unsigned int *word = &x->done;

	if (!raise_done(x, false))
		return;
	/* @x may be gone from here on: only its address goes to the kernel */
	TEST_POINT("completion:raised");
	futex_wake(word, 1);
}
EXPORT_SYMBOL(complete);

/**
 * complete_on_current_cpu - complete()
 * @x: the completion
 *
 * Where the waiter runs next is the system's choice.
 */
void complete_on_current_cpu(struct completion *x)
{
	complete(x);
}

/**
 * complete_all - let all waiters go, those to come too
 * @x: the completion; stays done until reinit_completion()
 *
 * Context: any. @x may be gone once the waiters are let go.
 */
void complete_all(struct completion *x)
{
	unsigned int *word = &x->done;

	if (raise_done(x, true))
		futex_wake(word, INT_MAX);
}
EXPORT_SYMBOL(complete_all);

/**
 * reinit_completion - make a completion not done
 * @x: the completion; nobody completes it or comes to wait at the same time
 */
void reinit_completion(struct completion *x)
{
	__atomic_fetch_and(&x->word, ~(u64)UINT_MAX, __ATOMIC_RELAXED);
}
EXPORT_SYMBOL(reinit_completion);

/**
 * wait_for_completion - sleep until complete(), however long that takes
 * @x: the completion; the caller's own again when this returns
 *
 * Context: may sleep.
 */
void wait_for_completion(struct completion *x)
{
	wait_common(x, NULL, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL(wait_for_completion);

void wait_for_completion_io(struct completion *x)
{
	wait_common(x, NULL, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL(wait_for_completion_io);

/**
 * wait_for_completion_state - wait_for_completion() in a state of choice
 * @x: the completion
 * @state: TASK_UNINTERRUPTIBLE, _INTERRUPTIBLE, _KILLABLE, _IDLE
 *
 * Context: may sleep.
 * Return: 0, or -ERESTARTSYS when a signal ended the wait.
 */
int wait_for_completion_state(struct completion *x, unsigned int state)
{
	return wait_common(x, NULL, state);
}
EXPORT_SYMBOL(wait_for_completion_state);

int wait_for_completion_interruptible(struct completion *x)
{
	return wait_common(x, NULL, TASK_INTERRUPTIBLE);
}
EXPORT_SYMBOL(wait_for_completion_interruptible);

int wait_for_completion_killable(struct completion *x)
{
	return wait_common(x, NULL, TASK_KILLABLE);
}
EXPORT_SYMBOL(wait_for_completion_killable);

/**
 * wait_for_completion_timeout - wait_for_completion() for a limited time
 * @x: the completion; after 0 complete() may still come
 * @timeout: jiffies
 *
 * Context: may sleep.
 * Return: jiffies left, at least 1; 0 when the time was over first.
 */
unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
{
	return (unsigned long)wait_timeout(x, timeout, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL(wait_for_completion_timeout);

unsigned long wait_for_completion_io_timeout(struct completion *x, unsigned long timeout)
{
	return (unsigned long)wait_timeout(x, timeout, TASK_UNINTERRUPTIBLE);
}
EXPORT_SYMBOL(wait_for_completion_io_timeout);

/**
 * wait_for_completion_interruptible_timeout - until complete(), a signal or the end of time
 * @x: the completion; after 0 or an error complete() may still come
 * @timeout: jiffies
 *
 * Context: may sleep.
 * Return: jiffies left, at least 1; 0; or -ERESTARTSYS.
 */
long wait_for_completion_interruptible_timeout(struct completion *x, unsigned long timeout)
{
	return wait_timeout(x, timeout, TASK_INTERRUPTIBLE);
}
EXPORT_SYMBOL(wait_for_completion_interruptible_timeout);

long wait_for_completion_killable_timeout(struct completion *x, unsigned long timeout)
{
	return wait_timeout(x, timeout, TASK_KILLABLE);
}
EXPORT_SYMBOL(wait_for_completion_killable_timeout);

/**
 * try_wait_for_completion - take a completion that is done
 * @x: the completion
 *
 * Context: any; does not sleep.
 * Return: true if it was done; the count is one lower then.
 */
bool try_wait_for_completion(struct completion *x)
{
	return take(x, 0);
}
EXPORT_SYMBOL(try_wait_for_completion);

/**
 * completion_done - is it done?
 * @x: the completion; may be freed at once when this said true
 *
 * Context: any.
 */
bool completion_done(struct completion *x)
{
	return done_of(__atomic_load_n(&x->word, __ATOMIC_ACQUIRE)) != 0;
}
EXPORT_SYMBOL(completion_done);
