/* SPDX-License-Identifier: MIT */
/*
 * sched_internal.h - what the library itself needs of the scheduler layer
 *
 * For kernel-compat and the engine; not installed. Three things: the one place
 * where a thread sleeps, the hooks that let a subsystem see it, and the one
 * function that starts a thread.
 */
#ifndef UWQ_KERNEL_COMPAT_SCHED_INTERNAL_H
#define UWQ_KERNEL_COMPAT_SCHED_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

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
 * uwq_thread_start - the only maker of threads
 * @task: a new, not yet started task from uwq_task_alloc(), or NULL to have one made
 * @name: up to 15 bytes are shown by the system, TASK_COMM_LEN - 1 kept in task->comm
 * @fn, @arg: body
 * @nice: wanted nice value; a refusal is not an error
 * @cpus: wanted affinity, NULL = all the process may use
 * @bound_cpu: virtual CPU the thread counts as being on, -1 = none
 *
 * Signals blocked but SEGV, BUS, FPE, ILL, TRAP; default policy; cancellation
 * off; stack uwq.stack_kb (default 256 KiB); detached: the end of a thread is
 * seen through its task. Returns the task with a reference for the caller, or
 * ERR_PTR(-EAGAIN / -ENOMEM).
 */
struct task_struct *uwq_thread_start(struct task_struct *task, const char *name,
				     void (*fn)(void *arg), void *arg, int nice,
				     const struct cpumask *cpus, int bound_cpu);

#endif
