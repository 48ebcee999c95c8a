/* SPDX-License-Identifier: MIT */
/*
 * cpu.h - how the library's CPUs lie on the machine's
 */
#ifndef UWQ_CPU_H
#define UWQ_CPU_H

#include <uwq/api.h>

UWQ_API_BEGIN

int uwq_cpu_to_real(int cpu);

UWQ_API_END

#endif
