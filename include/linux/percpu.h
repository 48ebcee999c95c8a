/* SPDX-License-Identifier: MIT */
/*
 * percpu.h - memory of which each CPU has its own
 *
 * What alloc_percpu() returns is a name for all copies: only per_cpu_ptr(),
 * this_cpu_ptr() and the operations of percpu-defs.h may follow it. All copies
 * begin as zeroes.
 */
#ifndef UWQ_LINUX_PERCPU_H
#define UWQ_LINUX_PERCPU_H

#include <linux/types.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/percpu-defs.h>
#include <linux/topology.h>
#include <uwq/api.h>

/* Largest size and alignment of one allocation */
#define PCPU_MIN_UNIT_SIZE	(1ul << 20)

UWQ_API_BEGIN

void *__alloc_percpu(size_t size, size_t align);
void *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp);
void free_percpu(void *ptr);

UWQ_API_END

#ifndef __cplusplus

#define alloc_percpu_gfp(type, gfp)					\
	((__typeof__(type) *)__alloc_percpu_gfp(sizeof(type), __alignof__(type), gfp))
#define alloc_percpu(type)						\
	((__typeof__(type) *)__alloc_percpu(sizeof(type), __alignof__(type)))

/* The sum of all copies of a number; each is read once, at another moment. */
#define per_cpu_sum(ptr) __extension__					\
({									\
	__typeof__(*(ptr)) uwq_pcp_sum = 0;				\
	int uwq_pcp_cpu;						\
	for_each_possible_cpu(uwq_pcp_cpu)				\
		uwq_pcp_sum += READ_ONCE(*per_cpu_ptr(ptr, uwq_pcp_cpu)); \
	uwq_pcp_sum;							\
})

DEFINE_FREE(free_percpu, void *, free_percpu(_T))

#endif

#endif
