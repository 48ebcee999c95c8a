/* SPDX-License-Identifier: MIT */
/*
 * asm/current.h - the task of the calling thread
 *
 * Every thread has one. Threads that the library did not start get theirs on
 * the first use of `current`, and lose it when they end; code that keeps such a
 * pointer longer takes a reference with get_task_struct().
 */
#ifndef UWQ_ASM_CURRENT_H
#define UWQ_ASM_CURRENT_H

#include <linux/compiler.h>
#include <uwq/api.h>
#include <uwq/thread_state.h>

struct task_struct;

UWQ_API_BEGIN
struct task_struct *uwq_adopt_current(void);
UWQ_API_END

static __always_inline struct task_struct *get_current(void)
{
	struct task_struct *task = uwq_thread.task;

	return likely(task) ? task : uwq_adopt_current();
}

#define current	get_current()

#endif
