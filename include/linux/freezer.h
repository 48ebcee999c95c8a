/* SPDX-License-Identifier: MIT */
/*
 * freezer.h - kthreads that stand still while the program asks for it
 *
 * A kthread that has called set_freezable() stops in try_to_freeze() and in
 * wait_event_freezable() and its kin (linux/wait.h), from freeze_kernel_threads() to
 * thaw_kernel_threads(), which freeze and thaw workqueues as well. Others are not touched.
 *
 * Differs from Linux: there is no suspend; the program calls the two. Its own threads
 * are never frozen.
 */
#ifndef UWQ_LINUX_FREEZER_H
#define UWQ_LINUX_FREEZER_H

#include <linux/sched.h>
#include <linux/wait.h>
#include <uwq/api.h>

UWQ_API_BEGIN

bool freezing(struct task_struct *p);
bool frozen(struct task_struct *p);
bool set_freezable(void);
bool try_to_freeze(void);
bool kthread_freezable_should_stop(bool *was_frozen);
int freeze_kernel_threads(void);
void thaw_kernel_threads(void);

UWQ_API_END

#endif
