/* SPDX-License-Identifier: MIT */
/*
 * uapi/linux/sched/types.h - the same as linux/sched/types.h
 */
#ifndef UWQ_UAPI_LINUX_SCHED_TYPES_H
#define UWQ_UAPI_LINUX_SCHED_TYPES_H

#include <linux/sched/types.h>

#endif
