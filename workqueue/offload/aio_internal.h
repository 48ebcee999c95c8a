/* SPDX-License-Identifier: MIT */
/*
 * aio_internal.h - what the files of the event loop share
 *
 * Letters: I fixed at birth; L ctx->lists; P only the thread that polls (aio_context.h
 * says which that is); A atomic.
 *
 * Waking a poller. ctx->notified says "look again before you sleep", ctx->sleepers how many
 * would not see that by themselves: pollers about to sleep, and a foreign loop at all times
 * (even during a dispatch: a callback may run it again). Only when there are some does
 * aio_notify() write the eventfd, and only who set ctx->notified does it.
 */
#ifndef UWQ_OFFLOAD_AIO_INTERNAL_H
#define UWQ_OFFLOAD_AIO_INTERNAL_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <uwq/aio_context.h>

struct aio_handler;

struct AioContext {
	RFifoLock lock;			/* aio_context_acquire() */
	int refs;			/* A */
	int epoll_fd;			/* I: readable when something is to be done */
	int timer_fd;			/* I */
	EventNotifier notifier;		/* I */
	int notified;			/* A */
	int sleepers;			/* A */
	int foreign;			/* A: aio_context_get_fd() was called */
	int schedulers;			/* A: threads that are telling of a bottom half */
	unsigned int polls;		/* A: counts; tells a handler's caller of nested ones */

	struct llist_head bh_new;	/* A: scheduled or deleted since the last look */
	struct QEMUBH *bh_ready, **bh_ready_end;	/* L: looked at, oldest first */
	struct QEMUBH *bh_all;		/* L */

	spinlock_t lists;
	struct aio_handler **handlers;	/* L: by descriptor */
	int nr_handlers;		/* L: size of that table */
	unsigned int generation;	/* L: of the handler set last */
	struct rb_root_cached timers;	/* L: armed, by time */
	struct list_head timers_due;	/* L: taken out of there, to be called */
	s64 armed;			/* P: what timer_fd is set to; S64_MAX = nothing */
};

/* aio_bh.c */
bool aio_bh_due(AioContext *ctx);
bool aio_bh_run(AioContext *ctx);
void aio_bh_free_all(AioContext *ctx);
void aio_bh_schedule_unnoticed(QEMUBH *bh);

/* aio_fd.c */
struct epoll_event;
bool aio_fd_run(AioContext *ctx, const struct epoll_event *events, int nr, unsigned int poll);
void aio_fd_free_all(AioContext *ctx);

/* aio_timer.c */
s64 aio_timer_first(AioContext *ctx);
bool aio_timer_run(AioContext *ctx);

#endif
