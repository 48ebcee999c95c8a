/* SPDX-License-Identifier: MIT */
/*
 * thread_stack.h - what another thread of the library is doing just now
 */
#ifndef UWQ_KERNEL_COMPAT_THREAD_STACK_H
#define UWQ_KERNEL_COMPAT_THREAD_STACK_H

#include <sys/types.h>

struct task_struct;

/*
 * The signal that makes a thread of ours show its stack, which such threads do not
 * block; 0 = there is none.
 */
int thread_stack_signal(void);

/*
 * The return addresses of @task, a thread that uwq_thread_start() made and to which the
 * caller holds a reference, innermost first. Waits a moment for it. Returns how many;
 * 0: it does not answer.
 */
unsigned int thread_stack_save(struct task_struct *task, unsigned long *store,
			       unsigned int size);

/* The same into the log, with @task's name; what the system knows of it if it does not answer. */
void thread_stack_show(struct task_struct *task);

#endif
