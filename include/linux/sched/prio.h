/* SPDX-License-Identifier: MIT */
/*
 * prio.h - nice values and the kernel's priority scale
 *
 * Real-time priorities are 0 to 99, nice -20 to 19 is 100 to 139.
 */
#ifndef UWQ_LINUX_SCHED_PRIO_H
#define UWQ_LINUX_SCHED_PRIO_H

#define MAX_NICE	19
#define MIN_NICE	(-20)
#define NICE_WIDTH	(MAX_NICE - MIN_NICE + 1)

#define MAX_RT_PRIO	100
#define MAX_DL_PRIO	0
#define MAX_PRIO	(MAX_RT_PRIO + NICE_WIDTH)
#define DEFAULT_PRIO	(MAX_RT_PRIO + NICE_WIDTH / 2)

#define NICE_TO_PRIO(nice)	((nice) + DEFAULT_PRIO)
#define PRIO_TO_NICE(prio)	((prio) - DEFAULT_PRIO)

#endif
