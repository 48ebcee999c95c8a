/* SPDX-License-Identifier: MIT */
/*
 * debug_locks.h - what a thread still holds, for reports
 *
 * Differs from Linux: only the calling thread's locks are known, and only in
 * UWQ_DEBUG builds. Another task's list is not shown, and a build that records
 * nothing prints nothing: in the kernel, too, the list is a debug facility.
 */
#ifndef UWQ_LINUX_DEBUG_LOCKS_H
#define UWQ_LINUX_DEBUG_LOCKS_H

#include <uwq/api.h>

struct task_struct;

#ifdef UWQ_DEBUG

UWQ_API_BEGIN
int uwq_locks_held(void);
void debug_show_held_locks(struct task_struct *task);
void debug_check_no_locks_held(void);
UWQ_API_END

#else

static inline void debug_show_held_locks(struct task_struct *task)
{
	(void)task;
}

static inline void debug_check_no_locks_held(void)
{
}

#endif
#endif
