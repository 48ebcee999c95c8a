/* SPDX-License-Identifier: MIT */
/*
 * smp.h - which CPU is this?
 *
 * A thread that was bound to one CPU (kthread_bind(), a per-CPU worker) is on
 * that CPU, virtual ones included. Any other is where the system runs it at this
 * moment, told by rseq without a system call and translated to a CPU number of
 * ours, which is always below nr_cpu_ids.
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
#include <linux/threads.h>
#include <linux/cpumask.h>
#include <linux/preempt.h>
#include <uwq/api.h>

UWQ_API_BEGIN
int uwq_this_cpu(void);
UWQ_API_END

#define raw_smp_processor_id()	uwq_this_cpu()
#define smp_processor_id()	uwq_this_cpu()
#define __smp_processor_id()	uwq_this_cpu()

/* A hint as all answers are, but preempt_count() is raised until put_cpu(). */
#define get_cpu() __extension__ ({ preempt_disable(); uwq_this_cpu(); })
#define put_cpu()		preempt_enable()

#endif
