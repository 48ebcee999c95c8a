/* SPDX-License-Identifier: MIT */
/*
 * mutex_types.h - what a mutex is, for headers that embed one
 */
#ifndef UWQ_LINUX_MUTEX_TYPES_H
#define UWQ_LINUX_MUTEX_TYPES_H

#include <stddef.h>
#include <stdint.h>

struct task_struct;

struct mutex {
	uint32_t word;			/* atomic: see kernel-compat/mutex.c */
	struct task_struct *owner;	/* atomic; written by the holder, for reports only */
};

#define __MUTEX_INITIALIZER(name)	{ 0, NULL }

#define DEFINE_MUTEX(name)	struct mutex name = __MUTEX_INITIALIZER(name)

#endif
