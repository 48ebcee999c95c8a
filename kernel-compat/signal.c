// SPDX-License-Identifier: MIT
/*
 * signal.c - signals between tasks: bits that end interruptible sleeps
 *
 * See linux/sched/signal.h for what they are. A kthread drops a signal unless it
 * asked for it, and picks them up itself; nobody is killed by one.
 *
 * How a signal ends a sleep: in schedule() the task's own state is the futex
 * word, so the sender just wakes the task. A sleep on another word (completion,
 * mutex) cannot be told by that word; the sender repeats the wake until the
 * sleeper has left that very sleep, which it does as it sees the pending bit.
 *
 * Locks: none, so a signal can be sent from any context.
 *
 * Differs from Linux: kernel_dequeue_signal() takes the lowest number first, as
 * there, and a signal sent twice before that is one. Without a lock, a task may take a
 * signal before its sender wakes it: that wake-up then ends a later bare sleep early, as
 * any stray one may.
 */
#include <errno.h>
#include <limits.h>
#include <time.h>

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "kernel-compat/futex.h"
#include "kernel-compat/sched_internal.h"

#define NR_SIGNALS	64

static bool valid(int sig)
{
	return sig >= 1 && sig <= NR_SIGNALS;
}

static u64 bit_of(int sig)
{
	return 1ULL << (sig - 1);
}

/* A few looks at once, then ever longer naps, as the sleeper needs a CPU to leave. */
static void nap(unsigned int round)
{
	struct timespec ts = { .tv_nsec = 2000 };

	if (round > 8)
		ts.tv_nsec = round < 40 ? 50000 : 1000000;
	nanosleep(&ts, NULL);
}

void task_signal_wake(struct task_struct *p, unsigned int mask)
{
	unsigned int gen, round;

	task_try_to_wake(p, mask);
	/*
	 * SIGNAL/2: the signal is pending; read the sleep's number. Pairs with
	 * SIGNAL/1 in sleep_on_word(). Even: awake, and it will look for signals
	 * before it sleeps. Odd: it may have looked already, and be anywhere
	 * before, in or behind its wait. One wake would come too early for
	 * "before", so we repeat it until the number says that this sleep ended.
	 */
	gen = __atomic_load_n(&p->sleep_gen, __ATOMIC_SEQ_CST);
	for (round = 0; gen & 1; round++) {
		const unsigned int *word = __atomic_load_n(&p->sleeping_on, __ATOMIC_ACQUIRE);
		unsigned int state = __atomic_load_n(&p->sleep_state, __ATOMIC_RELAXED);

		if (__atomic_load_n(&p->sleep_gen, __ATOMIC_SEQ_CST) != gen)
			return;
		/* Not a sleep for this signal; or schedule(), whose word was changed above */
		if (!(state & mask) || word == &p->__state)
			return;
		/* *word may be gone: only its address goes to the kernel */
		futex_wake(word, INT_MAX);
		if (__atomic_load_n(&p->sleep_gen, __ATOMIC_SEQ_CST) == gen)
			nap(round);
	}
}

/**
 * send_sig_info - send a signal to a task
 * @sig: 1 to 64; 0 only asks whether the task is there
 * @info: SEND_SIG_NOINFO or SEND_SIG_PRIV (from kernel code); nothing else is read
 * @p: the task; the caller keeps it alive
 *
 * Dropped, with success, unless the task takes that signal. The sleep of the
 * task has ended, or is about to, when this returns; if it sleeps on a lock or
 * a completion this waits a moment for it.
 *
 * Context: any.
 * Return: 0, -EINVAL, -ESRCH if the task is over.
 */
int send_sig_info(int sig, struct kernel_siginfo *info, struct task_struct *p)
{
	u64 *taken = info == SEND_SIG_PRIV ? &p->sig_kernel : &p->sig_allowed;

	if (sig != 0 && !valid(sig))
		return -EINVAL;
	if (__atomic_load_n(&p->exit_state, __ATOMIC_ACQUIRE))
		return -ESRCH;
	if (sig == 0 || !(__atomic_load_n(taken, __ATOMIC_ACQUIRE) & bit_of(sig)))
		return 0;
	__atomic_fetch_or(&p->sig_pending, bit_of(sig), __ATOMIC_SEQ_CST);
	task_signal_wake(p, TASK_INTERRUPTIBLE | (sig == SIGKILL ? TASK_WAKEKILL : 0));
	return 0;
}
EXPORT_SYMBOL(send_sig_info);

/**
 * send_sig - send_sig_info() without info
 * @sig: as there
 * @p: as there
 * @priv: not 0: as from kernel code
 *
 * Return: as send_sig_info().
 */
int send_sig(int sig, struct task_struct *p, int priv)
{
	return send_sig_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, p);
}
EXPORT_SYMBOL(send_sig);

/**
 * allow_signal - let the calling task take a signal
 * @sig: 1 to 64; anything else is ignored
 */
void allow_signal(int sig)
{
	if (!valid(sig))
		return;
	__atomic_fetch_or(&current->sig_allowed, bit_of(sig), __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&current->sig_kernel, bit_of(sig), __ATOMIC_SEQ_CST);
}
EXPORT_SYMBOL(allow_signal);

/**
 * allow_kernel_signal - allow_signal(), for signals sent with priv only
 * @sig: 1 to 64; anything else is ignored
 */
void allow_kernel_signal(int sig)
{
	if (!valid(sig))
		return;
	__atomic_fetch_and(&current->sig_allowed, ~bit_of(sig), __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&current->sig_kernel, bit_of(sig), __ATOMIC_SEQ_CST);
}
EXPORT_SYMBOL(allow_kernel_signal);

/**
 * disallow_signal - let the calling task drop a signal, also one that is pending
 * @sig: 1 to 64; anything else is ignored
 */
void disallow_signal(int sig)
{
	if (!valid(sig))
		return;
	__atomic_fetch_and(&current->sig_allowed, ~bit_of(sig), __ATOMIC_SEQ_CST);
	__atomic_fetch_and(&current->sig_kernel, ~bit_of(sig), __ATOMIC_SEQ_CST);
	__atomic_fetch_and(&current->sig_pending, ~bit_of(sig), __ATOMIC_SEQ_CST);
}
EXPORT_SYMBOL(disallow_signal);

/**
 * flush_signals - forget all signals that are pending
 * @p: the task; the caller keeps it alive
 */
void flush_signals(struct task_struct *p)
{
	__atomic_store_n(&p->sig_pending, 0, __ATOMIC_SEQ_CST);
}
EXPORT_SYMBOL(flush_signals);

/**
 * kernel_dequeue_signal - take one signal that is pending for the calling task
 *
 * Return: its number, 0 if there is none.
 */
int kernel_dequeue_signal(void)
{
	struct task_struct *task = current;
	u64 pending = __atomic_load_n(&task->sig_pending, __ATOMIC_SEQ_CST);

	while (pending) {
		u64 lowest = pending & -pending;

		if (__atomic_fetch_and(&task->sig_pending, ~lowest, __ATOMIC_SEQ_CST) & lowest)
			return __builtin_ctzll(lowest) + 1;
		pending = __atomic_load_n(&task->sig_pending, __ATOMIC_SEQ_CST);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(kernel_dequeue_signal);
