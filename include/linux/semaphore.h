/* SPDX-License-Identifier: MIT */
/*
 * semaphore.h - a counter that is waited for while it is zero
 *
 * up() may be called in any context and by anybody, not only by who called
 * down(). Waiters are served in order of arrival.
 *
 * Differs from Linux: DEFINE_SEMAPHORE(name) with one argument, as before 6.4,
 * works beside DEFINE_SEMAPHORE(name, count) and means a count of 1.
 */
#ifndef UWQ_LINUX_SEMAPHORE_H
#define UWQ_LINUX_SEMAPHORE_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/spinlock_types.h>
#include <uwq/api.h>

struct semaphore {
	raw_spinlock_t lock;
	unsigned int count;		/* under lock: how many down() need not wait */
	struct list_head wait_list;	/* under lock: oldest first */
};

#define __SEMAPHORE_INITIALIZER(name, n)				\
	{								\
		__RAW_SPIN_LOCK_INITIALIZER((name).lock),		\
		(n),							\
		LIST_HEAD_INIT((name).wait_list)			\
	}

#define DEFINE_SEMAPHORE(name, ...)	UWQ_DEFINE_SEMAPHORE(name, ##__VA_ARGS__, 1, 0)
#define UWQ_DEFINE_SEMAPHORE(name, n, ...)	\
	struct semaphore name = __SEMAPHORE_INITIALIZER(name, n)

UWQ_API_BEGIN
void sema_init(struct semaphore *sem, int count);
void down(struct semaphore *sem);
int __must_check down_interruptible(struct semaphore *sem);
int __must_check down_killable(struct semaphore *sem);
int __must_check down_trylock(struct semaphore *sem);
int __must_check down_timeout(struct semaphore *sem, long timeout);
void up(struct semaphore *sem);
UWQ_API_END

#endif
