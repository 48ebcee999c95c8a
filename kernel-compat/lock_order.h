/* SPDX-License-Identifier: MIT */
/*
 * lock_order.h - locks that a run takes, and locks that are held while it is waited for
 *
 * UWQ_DEBUG builds report a pair of both, for it can deadlock, even if it has not
 * (lock_order.c). Other builds compile all of it away.
 */
#ifndef UWQ_KERNEL_COMPAT_LOCK_ORDER_H
#define UWQ_KERNEL_COMPAT_LOCK_ORDER_H

#include <stdbool.h>

#ifdef UWQ_DEBUG

/* This thread got @lock, for which it would have slept; @alone: not as a reader. */
void lock_order_taken(const void *lock, bool alone);
/* A function begins to run in this thread: that of @work, for @queue; then it ends. */
void lock_order_run_begins(const void *work, const void *func, const void *queue);
void lock_order_run_ends(void);
/* This thread waits, or would, for @object: an item with @func, or a queue and NULL. */
void lock_order_wait(const void *object, const void *func);
/* What was at @address is no more: a lock, or a queue. */
void lock_order_forget(const void *address);
/* In a forked child: no other thread is at the table. */
void lock_order_fork_child(void);

#else

static inline void lock_order_taken(const void *lock, bool alone)
{
	(void)lock;
	(void)alone;
}

static inline void lock_order_run_begins(const void *work, const void *func, const void *queue)
{
	(void)work;
	(void)func;
	(void)queue;
}

static inline void lock_order_run_ends(void)
{
}

static inline void lock_order_wait(const void *object, const void *func)
{
	(void)object;
	(void)func;
}

static inline void lock_order_forget(const void *address)
{
	(void)address;
}

static inline void lock_order_fork_child(void)
{
}

#endif
#endif
