/* SPDX-License-Identifier: MIT */
/*
 * rfifolock.h - a recursive lock that is given to its waiters in order of arrival
 *
 * For a thread that holds a lock nearly always and gives it back for moments only, as an
 * event loop does around its poll: with an ordinary lock those who want it in between
 * may never get it. Here who unlocks hands over to the one that waits longest, and nobody
 * who comes later gets in between. The holder may lock again; it has to unlock as often.
 *
 * The contention callback tells the holder that somebody waits: it is called in the thread
 * that waits, once for each acquire that has to wait, after its place in the line is
 * certain and before the holder can give the lock back. It must be short (an eventfd
 * written, say) and must not take or give back this lock.
 *
 * Waiting is seen by the workqueues: a worker that waits here makes room for another.
 */
#ifndef UWQ_RFIFOLOCK_H
#define UWQ_RFIFOLOCK_H

#include <pthread.h>

#include <uwq/api.h>
#include <uwq/futex_lock.h>

struct rfifolock_waiter;

typedef struct RFifoLock {
	struct futex_lock lock;			/* guards all that follows */
	unsigned int nesting;			/* depth of the owner's locking; 0 = free */
	pthread_t owner;			/* valid while nesting > 0 */
	unsigned int head;			/* ticket of the owner, or of the next one */
	unsigned int tail;			/* ticket that is drawn next */
	struct rfifolock_waiter *first, *last;	/* who waits, in order of arrival */
	void (*cb)(void *opaque);		/* fixed at init */
	void *cb_opaque;
} RFifoLock;

UWQ_API_BEGIN
void rfifolock_init(RFifoLock *lock, void (*cb)(void *opaque), void *opaque);
void rfifolock_destroy(RFifoLock *lock);
void rfifolock_lock(RFifoLock *lock);
void rfifolock_unlock(RFifoLock *lock);
UWQ_API_END

#endif
