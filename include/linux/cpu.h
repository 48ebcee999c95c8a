/* SPDX-License-Identifier: MIT */
/*
 * cpu.h - taking CPUs offline and online, and holding that off
 *
 * cpus_read_lock() keeps the online mask as it is. The masks are in
 * linux/cpumask.h, callbacks in linux/cpuhotplug.h.
 *
 * Differs from Linux: cpus_read_lock() may sleep, as there, and is not
 * recursive when somebody waits to write. No struct device for CPUs.
 */
#ifndef UWQ_LINUX_CPU_H
#define UWQ_LINUX_CPU_H

#include <linux/types.h>
#include <linux/cleanup.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include <uwq/api.h>
#include <uwq/cpu.h>

UWQ_API_BEGIN

void cpus_read_lock(void);
int cpus_read_trylock(void);
void cpus_read_unlock(void);
void cpus_write_lock(void);
void cpus_write_unlock(void);
void lockdep_assert_cpus_held(void);

int add_cpu(unsigned int cpu);
int remove_cpu(unsigned int cpu);
void cpu_hotplug_disable(void);
void cpu_hotplug_enable(void);

UWQ_API_END

/* Names of older kernels */
#define get_online_cpus()	cpus_read_lock()
#define put_online_cpus()	cpus_read_unlock()

#ifndef __cplusplus
DEFINE_LOCK_GUARD_0(cpus_read_lock, cpus_read_lock(), cpus_read_unlock())
#endif

#endif
