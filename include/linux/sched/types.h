/* SPDX-License-Identifier: MIT */
/*
 * sched/types.h - struct sched_param and struct sched_attr
 *
 * sched_attr is the system's. sched_param exists twice, in the system's header
 * and in libc's <sched.h>; libc's is taken, so that both can be included in any
 * order, and the system's is made to define another name.
 */
#ifndef UWQ_LINUX_SCHED_TYPES_H
#define UWQ_LINUX_SCHED_TYPES_H

#if __has_include(<bits/types/struct_sched_param.h>)
#include <bits/types/struct_sched_param.h>
#pragma push_macro("sched_param")
#undef sched_param
#define sched_param uwq_uapi_sched_param
#include_next <linux/sched/types.h>
#undef sched_param
#pragma pop_macro("sched_param")
#else
#include_next <linux/sched/types.h>
#endif

#endif
