/* SPDX-License-Identifier: MIT */
/*
 * swait.h - simple wait queues: every waiter is exclusive, waking takes bounded time
 *
 * Differs from Linux: made of an ordinary wait queue whose entries are all
 * exclusive; what users see is the same. prepare_to_swait_*() and struct
 * swait_queue are absent, the swait_event forms are there.
 */
#ifndef UWQ_LINUX_SWAIT_H
#define UWQ_LINUX_SWAIT_H

#include <linux/wait.h>

struct swait_queue_head {
	struct wait_queue_head wq;
};

#define __SWAIT_QUEUE_HEAD_INITIALIZER(name)		\
	{ .wq = __WAIT_QUEUE_HEAD_INITIALIZER((name).wq) }
#define DECLARE_SWAIT_QUEUE_HEAD(name)			\
	struct swait_queue_head name = __SWAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_SWAIT_QUEUE_HEAD_ONSTACK(name)	DECLARE_SWAIT_QUEUE_HEAD(name)

#define init_swait_queue_head(q)	init_waitqueue_head(&(q)->wq)

static inline int swait_active(struct swait_queue_head *q)
{
	return waitqueue_active(&q->wq);
}

static inline bool swq_has_sleeper(struct swait_queue_head *q)
{
	return wq_has_sleeper(&q->wq);
}

static inline void swake_up_one(struct swait_queue_head *q)
{
	wake_up(&q->wq);
}

static inline void swake_up_all(struct swait_queue_head *q)
{
	wake_up_all(&q->wq);
}

#define swait_event_exclusive(head, condition)					\
do {										\
	if (!(condition))							\
		(void)uwq_wait_until((head).wq, condition, TASK_UNINTERRUPTIBLE, 1, schedule()); \
} while (0)
#define swait_event_idle_exclusive(head, condition)				\
do {										\
	if (!(condition))							\
		(void)uwq_wait_until((head).wq, condition, TASK_IDLE, 1, schedule()); \
} while (0)
#define swait_event_interruptible_exclusive(head, condition)			\
	uwq_wait_or_signal((head).wq, condition, TASK_INTERRUPTIBLE, 1, schedule())
#define swait_event_timeout_exclusive(head, condition, timeout)			\
	uwq_wait_timeout((head).wq, condition, TASK_UNINTERRUPTIBLE, 1, timeout, , )
#define swait_event_interruptible_timeout_exclusive(head, condition, timeout)	\
	uwq_wait_timeout((head).wq, condition, TASK_INTERRUPTIBLE, 1, timeout, , )
#define swait_event_idle_timeout_exclusive(head, condition, timeout)		\
	uwq_wait_timeout((head).wq, condition, TASK_IDLE, 1, timeout, , )

#endif
