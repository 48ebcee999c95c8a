/* SPDX-License-Identifier: MIT */
/*
 * freezer.h - kthreads that stand still while the program asks for it
 *
 * A kthread that has called set_freezable() stops in try_to_freeze() and in the waits
 * below, from freeze_kernel_threads() to thaw_kernel_threads(), which freeze and thaw
 * workqueues as well. Others are not touched.
 *
 * Differs from Linux: there is no suspend; the program calls the two. Its own threads
 * are never frozen. A condition of wait_event_freezable() may be looked at while frozen,
 * only the return from it waits for the thaw.
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

/* Around a wait during which the caller counts as frozen. */
void uwq_freezable_begin(void);
void uwq_freezable_end(void);

UWQ_API_END

#define uwq_freezable_wait(type, wait) __extension__			\
	({								\
		type freezable_ret_;					\
									\
		uwq_freezable_begin();					\
		freezable_ret_ = (wait);				\
		uwq_freezable_end();					\
		freezable_ret_;						\
	})

/* As wait_event_interruptible() and its kin; while frozen they do not return. */
#define wait_event_freezable(wq, condition)				\
	uwq_freezable_wait(int, wait_event_interruptible(wq, condition))
#define wait_event_freezable_timeout(wq, condition, timeout)		\
	uwq_freezable_wait(long, wait_event_interruptible_timeout(wq, condition, timeout))
#define wait_event_freezable_exclusive(wq, condition)			\
	uwq_freezable_wait(int, wait_event_interruptible_exclusive(wq, condition))
#define wait_event_freezekillable(wq, condition)			\
	uwq_freezable_wait(int, wait_event_killable(wq, condition))
#define wait_event_freezekillable_unsafe(wq, condition)			\
	wait_event_freezekillable(wq, condition)

#endif
