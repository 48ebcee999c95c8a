/* SPDX-License-Identifier: MIT */
/*
 * might_sleep.h - might_sleep(), for linux/kernel.h, linux/sched.h and linux/wait.h
 *
 * In UWQ_DEBUG builds it really looks: a function that may sleep was called
 * with preemption, softirqs or interrupts off, and that is reported once per
 * place. Otherwise it is nothing, as in a kernel without the debug option; an
 * actual sleep in such a context is reported in every build, by schedule().
 */
#ifndef UWQ_MIGHT_SLEEP_H
#define UWQ_MIGHT_SLEEP_H

#include <uwq/api.h>
#include <uwq/thread_state.h>

UWQ_API_BEGIN
void __might_sleep(const char *file, int line);
UWQ_API_END

#ifdef UWQ_DEBUG
#define uwq_check_may_sleep()						\
	((void)((uwq_thread.preempt_count || uwq_thread.irqs_off) ?	\
		(__might_sleep(__FILE__, __LINE__), 0) : 0))
#else
#define uwq_check_may_sleep()	((void)0)
#endif

#define might_sleep()		uwq_check_may_sleep()
#define might_sleep_if(cond)	\
	((void)((cond) ? (uwq_check_may_sleep(), 0) : 0))
/* Marks a place that must not sleep; the sleep itself is what gets reported */
#define cant_sleep()		((void)0)

#endif
