/* SPDX-License-Identifier: MIT */
/*
 * params.h - what can be tuned, read-mostly; set by UWQ_CMDLINE before main()
 */
#ifndef UWQ_WORKQUEUE_PARAMS_H
#define UWQ_WORKQUEUE_PARAMS_H

#include <linux/types.h>

#define CPU_INTENSIVE_UNSET	(~0UL)	/* the default is not known yet */

struct wq_params {
	unsigned int idle_timeout_ms;	/* uwq.idle_timeout_ms: idle before a surplus worker leaves */
	unsigned int stall_ms;		/* uwq.stall_ms: longest wait behind busy unbound workers */
	unsigned int liveness_ms;	/* uwq.liveness_ms: longest standstill of any pool, 0 = off */
	unsigned int batch_ns;		/* uwq.batch_ns: runs that a worker takes at once, 0 = one */
	unsigned int create_retry_ms;	/* uwq.create_retry_ms: pause after a failed creation */
	unsigned int exit_wait_ms;	/* uwq.exit_wait_ms: wait for running items at exit */
	unsigned long cpu_intensive_thresh_us;	/* workqueue.*: see cpu_intensive.c */
	unsigned int cpu_intensive_warning_thresh; /* workqueue.*: hogs before a report, 0 = none */
	unsigned long watchdog_thresh_ms; /* workqueue.watchdog_thresh, in seconds there; 0 = off */
	bool power_efficient;		/* workqueue.power_efficient: such queues are unbound */
};

extern struct wq_params wq_params;

#endif
