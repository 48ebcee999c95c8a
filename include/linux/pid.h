/* SPDX-License-Identifier: MIT */
/*
 * pid.h - kinds of process ids
 *
 * Differs from Linux: there is no struct pid to look up or to hold; a task's
 * numbers are those of the system (gettid(2), getpid(2)), read with
 * task_pid_nr() and task_tgid_nr() of linux/sched.h.
 */
#ifndef UWQ_LINUX_PID_H
#define UWQ_LINUX_PID_H

#include <linux/types.h>

enum pid_type {
	PIDTYPE_PID,
	PIDTYPE_TGID,
	PIDTYPE_PGID,
	PIDTYPE_SID,
	PIDTYPE_MAX,
};

#endif
