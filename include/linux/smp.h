/* SPDX-License-Identifier: MIT */
/*
 * smp.h - which CPU is this?
 *
 * A thread that was bound to one CPU (kthread_bind(), a per-CPU worker) is on
 * that CPU, virtual ones included. Any other is where the system runs it at this
 * moment, told by rseq without a system call and translated to a CPU number of
 * ours, which is always online, whatever the system's CPU is to us.
 *
 * Differs from Linux: threads are preempted and moved at any time. The answer
 * is a hint, also between get_cpu() and put_cpu() for a thread that is not
 * bound, and several threads may be on one CPU at once: per-CPU data needs
 * atomic operations or a lock. smp_call_function() and its kin are absent,
 * because nothing can interrupt another thread.
 */
#ifndef UWQ_LINUX_SMP_H
#define UWQ_LINUX_SMP_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/threads.h>
#include <linux/cpumask.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <uwq/api.h>

UWQ_API_BEGIN

/* CPU of ours for each of the system's: always an online one */
extern unsigned short uwq_cpu_of_real[NR_CPUS];

/* Where rseq says nothing: an old libc, a debugger's emulation. Asks the system. */
int uwq_ask_cpu(void);

/* libc's: where struct rseq is, from the thread pointer; absent from old ones */
extern const ptrdiff_t __rseq_offset __attribute__((__weak__));

UWQ_API_END

/* struct rseq has cpu_id at 4. Negative: not registered. */
static inline int uwq_rseq_cpu(void)
{
#if __has_builtin(__builtin_thread_pointer)
	const char *thread = (const char *)__builtin_thread_pointer();

	if (likely(&__rseq_offset != NULL))
		return __atomic_load_n((const int *)(thread + __rseq_offset + 4),
				       __ATOMIC_RELAXED);
#endif
	return -1;
}

static inline int uwq_this_cpu(void)
{
	const struct task_struct *task = uwq_thread.task;
	int cpu;

	if (task) {
		cpu = __atomic_load_n(&task->bound_cpu, __ATOMIC_RELAXED);
		if (cpu >= 0)
			return cpu;
	}
	cpu = uwq_rseq_cpu();
	if (unlikely((unsigned int)cpu >= NR_CPUS))
		return uwq_ask_cpu();
	return __atomic_load_n(&uwq_cpu_of_real[cpu], __ATOMIC_RELAXED);
}

#define raw_smp_processor_id()	uwq_this_cpu()
#define smp_processor_id()	uwq_this_cpu()
#define __smp_processor_id()	uwq_this_cpu()

/* A hint as all answers are, but preempt_count() is raised until put_cpu(). */
#define get_cpu() __extension__ ({ preempt_disable(); uwq_this_cpu(); })
#define put_cpu()		preempt_enable()

#endif
