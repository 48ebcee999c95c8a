/* SPDX-License-Identifier: MIT */
/*
 * params.h - what can be tuned, read-mostly; set by UWQ_CMDLINE before main()
 */
#ifndef UWQ_WORKQUEUE_PARAMS_H
#define UWQ_WORKQUEUE_PARAMS_H

#include <linux/types.h>

struct wq_params {
	unsigned int spin_us;		/* uwq.spin_us: longest poll of an idle worker, 0 = off */
	unsigned int idle_timeout_ms;	/* uwq.idle_timeout_ms: idle before a surplus worker leaves */
	unsigned int stall_ms;		/* uwq.stall_ms: longest wait behind busy unbound workers */
	unsigned int hog_ms;		/* uwq.hog_ms: the same for per-CPU pools */
	unsigned int create_retry_ms;	/* uwq.create_retry_ms: pause after a failed creation */
	unsigned int exit_wait_ms;	/* uwq.exit_wait_ms: wait for running items at exit */
	bool power_efficient;		/* workqueue.power_efficient: such queues are unbound */
};

extern struct wq_params wq_params;

#endif
