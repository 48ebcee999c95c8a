/* SPDX-License-Identifier: MIT */
/*
 * sched/signal.h - signals between tasks, as kernel threads use them
 *
 * A signal here is a bit in the task that send_sig() sets. A kthread drops all
 * but those that it allowed with allow_signal(); a foreign thread takes all but
 * those that the system ignores by default. A pending signal ends interruptible
 * sleeps (killable ones for SIGKILL) with -ERESTARTSYS.
 *
 * Differs from Linux: this has nothing to do with signal(7) of the process. A
 * SIGINT typed at the terminal reaches the program's handler and never a
 * kthread; send_sig() never runs a handler or ends a process. There is one set
 * per task, no queue and no siginfo, no process-wide signals.
 */
#ifndef UWQ_LINUX_SCHED_SIGNAL_H
#define UWQ_LINUX_SCHED_SIGNAL_H

#include <linux/sched.h>
#include <linux/signal.h>

UWQ_API_BEGIN

void allow_signal(int sig);
void allow_kernel_signal(int sig);
void disallow_signal(int sig);
int send_sig(int sig, struct task_struct *p, int priv);
int send_sig_info(int sig, struct kernel_siginfo *info, struct task_struct *p);
void flush_signals(struct task_struct *p);
int kernel_dequeue_signal(void);

UWQ_API_END

static inline int task_sigpending(struct task_struct *p)
{
	return __atomic_load_n(&p->sig_pending, __ATOMIC_SEQ_CST) != 0;
}

/* Also true for a kthread that kthread_stop() is waiting for. */
static inline int signal_pending(struct task_struct *p)
{
	return task_sigpending(p) || __atomic_load_n(&p->notify_signal, __ATOMIC_SEQ_CST) != 0;
}

static inline int __fatal_signal_pending(struct task_struct *p)
{
	return (__atomic_load_n(&p->sig_pending, __ATOMIC_SEQ_CST) >> (SIGKILL - 1)) & 1;
}

static inline int fatal_signal_pending(struct task_struct *p)
{
	return __fatal_signal_pending(p);
}

/* Would a sleep in @state end at once? */
static inline int signal_pending_state(unsigned int state, struct task_struct *p)
{
	if (!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) || !signal_pending(p))
		return 0;
	return (state & TASK_INTERRUPTIBLE) || __fatal_signal_pending(p);
}

#endif
