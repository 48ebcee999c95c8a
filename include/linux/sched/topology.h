/* SPDX-License-Identifier: MIT */
/* sched/topology.h - cpus_share_cache() */
#ifndef UWQ_LINUX_SCHED_TOPOLOGY_H
#define UWQ_LINUX_SCHED_TOPOLOGY_H

#include <linux/topology.h>

#endif
