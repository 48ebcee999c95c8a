/* SPDX-License-Identifier: MIT */
/*
 * lock_debug.h - which locks does this thread hold? (UWQ_DEBUG builds)
 *
 * Every lock reports to these functions when it is asked for, got and given
 * back. A build with UWQ_DEBUG keeps a small list per thread (lockdep.c); other
 * builds compile the reports away. The list is outside the locks, so no lock
 * changes its size: debug and other objects can be linked together as far as
 * memory layout goes. What they cannot share is knowledge: code compiled
 * without UWQ_DEBUG takes spinlocks inline and unreported, so a debug library
 * wants debug modules.
 *
 * Reported by WARN: asking for a lock that the same thread holds, and giving
 * back one that it does not hold.
 */
#ifndef UWQ_LOCK_DEBUG_H
#define UWQ_LOCK_DEBUG_H

#include <uwq/api.h>

/* How a lock is held. In a question they can be or-ed. */
#define UWQ_LOCK_READ		1
#define UWQ_LOCK_WRITE		2
/* In a request only: the same thread may be a reader already */
#define UWQ_LOCK_READ_AGAIN	4

#ifdef UWQ_DEBUG

UWQ_API_BEGIN
void uwq_lock_wanted(const void *lock, int how);
void uwq_lock_taken(const void *lock, int how);
void uwq_lock_given_back(const void *lock);
int uwq_lock_held(const void *lock, int how);
UWQ_API_END

#else

static inline void uwq_lock_wanted(const void *lock, int how)
{
	(void)lock;
	(void)how;
}

static inline void uwq_lock_taken(const void *lock, int how)
{
	(void)lock;
	(void)how;
}

static inline void uwq_lock_given_back(const void *lock)
{
	(void)lock;
}

#endif
#endif
