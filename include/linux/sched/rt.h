/* SPDX-License-Identifier: MIT */
/*
 * sched/rt.h - questions about real-time priorities
 */
#ifndef UWQ_LINUX_SCHED_RT_H
#define UWQ_LINUX_SCHED_RT_H

#include <linux/sched.h>

static inline int rt_prio(int prio)
{
	return prio < MAX_RT_PRIO;
}

#endif
