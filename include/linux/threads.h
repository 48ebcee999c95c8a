/* SPDX-License-Identifier: MIT */
/* threads.h - how many CPUs and processes there can be */
#ifndef UWQ_LINUX_THREADS_H
#define UWQ_LINUX_THREADS_H

#include <linux/kconfig.h>

#define NR_CPUS			CONFIG_NR_CPUS
#define PID_MAX_DEFAULT		0x8000
#define PID_MAX_LIMIT		(4 * 1024 * 1024)

#endif
