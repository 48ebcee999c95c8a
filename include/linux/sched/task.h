/* SPDX-License-Identifier: MIT */
/*
 * sched/task.h - references to tasks, the end of a thread
 */
#ifndef UWQ_LINUX_SCHED_TASK_H
#define UWQ_LINUX_SCHED_TASK_H

#include <linux/sched.h>

UWQ_API_BEGIN
void __attribute__((__noreturn__)) do_exit(long code);
struct task_struct *tryget_task_struct(struct task_struct *p);
UWQ_API_END

#endif
