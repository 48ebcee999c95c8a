/* SPDX-License-Identifier: MIT */
/*
 * thread_state.h - what a thread knows about itself without asking anybody
 *
 * One thread-local record, reached by one load from the thread pointer, so that
 * `current`, preempt_count() and spin_lock() cost no call. Only the thread
 * itself reads or writes it. Kernel code uses the names in linux/preempt.h,
 * linux/irqflags.h and linux/sched.h, never this record.
 */
#ifndef UWQ_THREAD_STATE_H
#define UWQ_THREAD_STATE_H

#include <uwq/api.h>

struct task_struct;

struct uwq_thread_state {
	unsigned int preempt_count;	/* layout: linux/preempt.h */
	unsigned int irqs_off;		/* what irqs_disabled() answers */
	struct task_struct *task;	/* NULL until `current` is first asked for */
	unsigned int in_block;		/* depth of brackets and hooks: hooks are not called */
	unsigned long resched_tick;	/* coarse clock at the last yield, see need_resched() */
};

UWQ_API_BEGIN
extern __thread struct uwq_thread_state uwq_thread __attribute__((__tls_model__("initial-exec")));
UWQ_API_END

#endif
