/* SPDX-License-Identifier: MIT */
/*
 * thread_look.h - what the system says about another thread of this process
 *
 * For the sampler of the engine. A thread id may have ended, or belong to another
 * thread by now: the caller makes sure afterwards that it still looks at the same one.
 */
#ifndef UWQ_KERNEL_COMPAT_THREAD_LOOK_H
#define UWQ_KERNEL_COMPAT_THREAD_LOOK_H

#include <linux/types.h>

/* Has it given its CPU away, or does it want one? */
enum thread_activity { THREAD_UNKNOWN, THREAD_ON_CPU, THREAD_ASLEEP };

/* CPU time that thread @tid has had, in ns; false: there is no such thread. */
bool uwq_thread_cpu_ns(pid_t tid, u64 *ns);

/* THREAD_UNKNOWN also where /proc is not there or numbers threads otherwise. */
enum thread_activity uwq_thread_activity(pid_t tid);

#endif
