// SPDX-License-Identifier: MIT
/*
 * params.c - what can be tuned, with its names in UWQ_CMDLINE
 */
#define KBUILD_MODNAME "uwq"
#include <linux/moduleparam.h>

#include "workqueue/params.h"

struct wq_params wq_params = {
	.idle_timeout_ms = 300 * 1000,
	.stall_ms = 1,
	.liveness_ms = 100,
	.batch_ns = 4000,
	.create_retry_ms = 1000,
	.exit_wait_ms = 100,
	.cpu_intensive_thresh_us = CPU_INTENSIVE_UNSET,
	.cpu_intensive_warning_thresh = 4,
	.watchdog_thresh_ms = 30 * 1000,
};

module_param_named(idle_timeout_ms, wq_params.idle_timeout_ms, uint, 0644);
MODULE_PARM_DESC(idle_timeout_ms, "idle time after which a surplus worker leaves");
module_param_named(stall_ms, wq_params.stall_ms, uint, 0644);
MODULE_PARM_DESC(stall_ms, "how long items wait behind busy unbound workers before one more comes");
module_param_named(liveness_ms, wq_params.liveness_ms, uint, 0644);
MODULE_PARM_DESC(liveness_ms, "standstill of any list after which one more worker comes, 0 = off");
module_param_named(batch_ns, wq_params.batch_ns, uint, 0644);
MODULE_PARM_DESC(batch_ns, "how long the runs last that a worker takes at once, 0 = one by one");
module_param_named(create_retry_ms, wq_params.create_retry_ms, uint, 0644);
MODULE_PARM_DESC(create_retry_ms, "pause after a worker could not be created");
module_param_named(exit_wait_ms, wq_params.exit_wait_ms, uint, 0644);
MODULE_PARM_DESC(exit_wait_ms, "how long exit() waits for running items");
