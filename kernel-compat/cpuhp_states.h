/* SPDX-License-Identifier: MIT */
/*
 * cpuhp_states.h - the callbacks that cpu_hotplug.c takes a CPU through
 */
#ifndef UWQ_KERNEL_COMPAT_CPUHP_STATES_H
#define UWQ_KERNEL_COMPAT_CPUHP_STATES_H

#include <linux/cpuhotplug.h>

/* How far CPU @cpu has come. Stored under cpus_write_lock(), read under either. */
extern enum cpuhp_state cpuhp_state_of[];

/* Call what is registered for @state; 0 or what it answered. Either lock held. */
int cpuhp_call(unsigned int cpu, enum cpuhp_state state, bool up);

#endif
