/* SPDX-License-Identifier: MIT */
/*
 * cpu.h - how the library's CPUs lie on the machine's
 */
#ifndef UWQ_CPU_H
#define UWQ_CPU_H

#include <uwq/api.h>

UWQ_API_BEGIN

/*
 * The machine's CPU that CPU @cpu of ours runs on. The same number, unless
 * uwq.nr_cpus asked for virtual CPUs. -1: there is no such CPU.
 */
int uwq_cpu_to_real(int cpu);

UWQ_API_END

#endif
