/* SPDX-License-Identifier: MIT */
/* numa.h - how many memory nodes there can be, and the number that means none */
#ifndef UWQ_LINUX_NUMA_H
#define UWQ_LINUX_NUMA_H

#include <linux/kconfig.h>

#define NODES_SHIFT	CONFIG_NODES_SHIFT
#define MAX_NUMNODES	(1 << NODES_SHIFT)
#define NUMA_NO_NODE	(-1)

#endif
