/* SPDX-License-Identifier: MIT */
/*
 * sched_internal.h - what the library itself needs of the scheduler layer
 *
 * For kernel-compat and the engine; not installed. The one place where a thread
 * sleeps, the hooks that let a subsystem see it, the one function that starts a
 * thread, and the end of a thread.
 */
#ifndef UWQ_KERNEL_COMPAT_SCHED_INTERNAL_H
#define UWQ_KERNEL_COMPAT_SCHED_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <linux/preempt.h>
#include <linux/sched.h>
#include <uwq/tasks.h>

struct task_struct;
struct cpumask;

/*
 * A subsystem that wants to know when a task of its own blocks sets
 * task->sched_hooks. Both run in the context of that task, outside all library
 * locks, exactly once around each sleep; they must not sleep themselves.
 */
struct sched_hooks {
	void (*sleeping)(struct task_struct *task);
	void (*running)(struct task_struct *task);
};

/*
 * schedule_on - sleep while *word == val: every sleep of the library ends here
 *
 * Calls the hooks of current, then futex_wait(). @deadline is absolute on
 * CLOCK_MONOTONIC, NULL = none. May return early; callers look again.
 * Returns 0, or -ETIMEDOUT. Signals to the process do not end it (-EINTR is
 * turned into 0). Warns when called in atomic context.
 */
int schedule_on(const uint32_t *word, uint32_t val, const struct timespec *deadline);

/*
 * schedule_on_state - schedule_on() for a sleep that send_sig() may end
 * @state: TASK_INTERRUPTIBLE or TASK_KILLABLE sleeps hear signals, others do not
 *
 * Returns -EINTR, without sleeping, if such a signal is pending; one that comes
 * during the sleep ends it with 0, so a caller that loops learns of it in its
 * next call. No signal is lost between the two.
 */
int schedule_on_state(const uint32_t *word, uint32_t val, const struct timespec *deadline,
		      unsigned int state);

/* Wake @p if its state is in @mask; true if it was asleep. A full barrier in any case. */
bool task_try_to_wake(struct task_struct *p, unsigned int mask);

/*
 * A signal was made pending for @p: end sleeps of the kinds in @mask, of either
 * sort (schedule() and schedule_on_state()). The caller has a reference.
 */
void task_signal_wake(struct task_struct *p, unsigned int mask);

/* A task that is not running yet, with one reference; NULL without memory. */
struct task_struct *uwq_task_alloc(const char *name);

/*
 * uwq_thread_start - the only maker of threads
 * @task: a new, not yet started task from uwq_task_alloc(), or NULL to have one made
 * @name: up to 15 bytes are shown by the system, TASK_COMM_LEN - 1 kept in task->comm
 * @fn, @arg: body
 * @nice: wanted nice value; a refusal is not an error
 * @cpus: wanted affinity, NULL = all the process may use
 * @bound_cpu: the one CPU that it shall be bound to instead, -1 = none
 *
 * A CPU that is not online does no harm: the thread runs elsewhere until it comes.
 * Signals blocked but SEGV, BUS, FPE, ILL, TRAP; default policy; cancellation
 * off; stack uwq.stack_kb (default 256 KiB); detached: the end of a thread is
 * seen through its task. Returns the task with a reference for the caller, or
 * ERR_PTR(-EAGAIN / -ENOMEM); then a task that the caller gave stays the
 * caller's, unstarted. The thread holds a reference of its own until it is over.
 */
struct task_struct *uwq_thread_start(struct task_struct *task, const char *name,
				     void (*fn)(void *arg), void *arg, int nice,
				     const struct cpumask *cpus, int bound_cpu);

/* Sleep until the thread of @p has left its body for good; the caller has a reference. */
void uwq_task_wait_exit(struct task_struct *p);

/* Asleep in the sense of schedule_on() just now? Old news when it returns. */
bool uwq_task_is_asleep(struct task_struct *p);

/* From inside a hook nothing is told to hooks. */
static inline void sched_call_hook(struct task_struct *task,
				   void (*hook)(struct task_struct *task))
{
	uwq_thread.in_block++;
	hook(task);
	uwq_thread.in_block--;
}

/* Close the brackets of uwq/blocking.h that a function has left open; how many. */
unsigned int uwq_blocking_close(void);

/* What the library's threads put around callbacks that kernel code takes for interrupts. */
static inline void uwq_context_enter_softirq(void)
{
	preempt_count_add(SOFTIRQ_OFFSET);
}

static inline void uwq_context_leave_softirq(void)
{
	preempt_count_sub(SOFTIRQ_OFFSET);
}

static inline void uwq_context_enter_hardirq(void)
{
	preempt_count_add(HARDIRQ_OFFSET);
	uwq_thread.irqs_off++;
}

static inline void uwq_context_leave_hardirq(void)
{
	uwq_thread.irqs_off--;
	preempt_count_sub(HARDIRQ_OFFSET);
}

/* Between the files of this room */
struct kthread;
void sched_report_atomic(struct task_struct *task) __attribute__((__cold__));
bool task_bind_thread(struct task_struct *task);	/* the calling thread is @task from now on */
void task_thread_over(struct task_struct *task);	/* and now it ends */
void kthread_thread_over(struct kthread *kthread);	/* the same, for what kthread.c keeps */
void kthread_release(struct kthread *kthread);		/* last reference of the task is gone */
void kthread_bury(struct kthread *kthread);		/* in a forked child: its thread is gone */
void task_apply_comm(const char *name);			/* show the system the caller's name */
void task_for_each(void (*fn)(struct task_struct *p, void *arg), void *arg);
void task_give_cpus(struct task_struct *p, const struct cpumask *mask);
void task_take_place(struct task_struct *p);
void task_bind(struct task_struct *p, const struct cpumask *mask);
void task_keep_cpus(struct task_struct *p, bool keep);

/* Its thread runs: the system can be asked. With pi_lock held. */
static inline bool task_has_thread(struct task_struct *p)
{
	return task_pid_nr(p) && !__atomic_load_n(&p->exit_state, __ATOMIC_RELAXED);
}

#endif
