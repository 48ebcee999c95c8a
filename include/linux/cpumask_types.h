/* SPDX-License-Identifier: MIT */
/*
 * cpumask_types.h - a set of CPUs
 *
 * cpumask_var_t is an array of one mask, as in a Linux without
 * CONFIG_CPUMASK_OFFSTACK: 128 bytes are nothing on a stack of userspace, and
 * an allocation that does not happen cannot fail or leak. Code written for
 * either configuration compiles and works.
 */
#ifndef UWQ_LINUX_CPUMASK_TYPES_H
#define UWQ_LINUX_CPUMASK_TYPES_H

#include <linux/types.h>
#include <linux/threads.h>

#define DECLARE_BITMAP(name, bits)	unsigned long name[((bits) + 63) / 64]

typedef struct cpumask {
	DECLARE_BITMAP(bits, NR_CPUS);
} cpumask_t;

#define cpumask_bits(maskp)	((maskp)->bits)

typedef struct cpumask cpumask_var_t[1];

#endif
