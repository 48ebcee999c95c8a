/* SPDX-License-Identifier: MIT */
/*
 * sched/debug.h - showing tasks
 */
#ifndef UWQ_LINUX_SCHED_DEBUG_H
#define UWQ_LINUX_SCHED_DEBUG_H

#include <linux/sched.h>

UWQ_API_BEGIN
void sched_show_task(struct task_struct *p);
UWQ_API_END

#endif
