// SPDX-License-Identifier: MIT
/*
 * aio_bh.c - bottom halves: functions that an event loop is to call soon
 *
 * Scheduling must be possible in signal handlers, so it takes no lock: a flag in the bottom
 * half, and a push onto ctx->bh_new by whoever set BH_LISTED. The poller moves that list to
 * ctx->bh_ready, oldest first, and calls those that are still scheduled when their turn comes.
 * What a callback schedules goes to bh_new again and waits for the next poll; what it leaves on
 * bh_ready is there for a nested poll.
 *
 * A deleted bottom half goes the same way and is freed at its turn: so a delete needs not
 * know whether it is listed, or whether its callback runs right now.
 */
#include <errno.h>

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "workqueue/offload/aio_internal.h"

#define BH_SCHEDULED	1	/* to be called */
#define BH_LISTED	2	/* on bh_new or bh_ready */
#define BH_DELETED	4	/* to be freed; never called again */
#define BH_ONESHOT	8	/* freed when called */

struct QEMUBH {
	AioContext *ctx;
	QEMUBHFunc *cb;
	void *opaque;
	unsigned int flags;		/* A */
	struct llist_node node;		/* of bh_new */
	QEMUBH *next_ready;		/* L */
	QEMUBH *next, **prev;		/* L: of bh_all */
};

static QEMUBH *new_bh(AioContext *ctx, QEMUBHFunc *cb, void *opaque, unsigned int flags)
{
	QEMUBH *bh;

	if (!cb) {
		errno = EINVAL;
		return NULL;
	}
	bh = kzalloc(sizeof(*bh), GFP_KERNEL);
	if (!bh) {
		errno = ENOMEM;
		return NULL;
	}
	bh->ctx = ctx;
	bh->cb = cb;
	bh->opaque = opaque;
	bh->flags = flags;
	spin_lock(&ctx->lists);
	bh->next = ctx->bh_all;
	bh->prev = &ctx->bh_all;
	if (bh->next)
		bh->next->prev = &bh->next;
	ctx->bh_all = bh;
	spin_unlock(&ctx->lists);
	return bh;
}

static void free_bh(AioContext *ctx, QEMUBH *bh)
{
	spin_lock(&ctx->lists);
	*bh->prev = bh->next;
	if (bh->next)
		bh->next->prev = bh->prev;
	spin_unlock(&ctx->lists);
	kfree(bh);
}

/* Set @flags and see to it that the poller comes across it. Returns the flags before. */
static unsigned int list_bh(QEMUBH *bh, unsigned int flags)
{
	AioContext *ctx = bh->ctx;
	unsigned int old = __atomic_fetch_or(&bh->flags, flags | BH_LISTED, __ATOMIC_ACQ_REL);

	if (!(old & BH_LISTED))
		llist_add(&bh->node, &ctx->bh_new);
	/* *bh may be gone from here on: its callback may delete it */
	return old;
}

/*
 * And tell the poller. When that one has called the callback, the program may give back the
 * last reference: aio_context_unref() waits until we do not need the context any more.
 */
static void schedule_bh(QEMUBH *bh)
{
	AioContext *ctx = bh->ctx;

	/* list_bh() releases it together with the schedule */
	__atomic_add_fetch(&ctx->schedulers, 1, __ATOMIC_RELAXED);
	if (!(list_bh(bh, BH_SCHEDULED) & BH_SCHEDULED))
		aio_notify(ctx);
	__atomic_sub_fetch(&ctx->schedulers, 1, __ATOMIC_RELEASE);
}

/**
 * aio_bh_new - make a bottom half
 * @ctx: the context that will call it, which outlives it
 * @cb: function
 * @opaque: its argument
 *
 * Context: Any thread. May sleep.
 * Return: the bottom half, for qemu_bh_delete(); NULL with errno ENOMEM, or EINVAL if @cb
 * is NULL.
 */
QEMUBH *aio_bh_new(AioContext *ctx, QEMUBHFunc *cb, void *opaque)
{
	return new_bh(ctx, cb, opaque, 0);
}
EXPORT_SYMBOL(aio_bh_new);

/**
 * aio_bh_schedule_oneshot - have a function called once
 * @ctx: the context that will call it
 * @cb: function
 * @opaque: its argument
 *
 * Context: Any thread. May sleep.
 * Return: 0; -ENOMEM; -EINVAL if @cb is NULL: it will not be called.
 */
int aio_bh_schedule_oneshot(AioContext *ctx, QEMUBHFunc *cb, void *opaque)
{
	QEMUBH *bh = new_bh(ctx, cb, opaque, BH_ONESHOT);

	if (!bh)
		return -errno;
	schedule_bh(bh);
	return 0;
}
EXPORT_SYMBOL(aio_bh_schedule_oneshot);

/**
 * qemu_bh_schedule - have the callback called by the next aio_poll()
 * @bh: not deleted. If it is scheduled already, that one call is all there will be
 *
 * Context: Any thread, any signal handler; its own callback, and then it is called again
 * by the poll after this one.
 * Ordering: the callback sees what was stored before.
 */
void qemu_bh_schedule(QEMUBH *bh)
{
	schedule_bh(bh);
}
EXPORT_SYMBOL(qemu_bh_schedule);

/*
 * By the thread that polls, from a callback, for a nested poll: that one finds it by itself.
 * The loop of somebody else, run by a callback, does not.
 */
void aio_bh_schedule_unnoticed(QEMUBH *bh)
{
	AioContext *ctx = bh->ctx;

	list_bh(bh, BH_SCHEDULED);
	if (__atomic_load_n(&ctx->foreign, __ATOMIC_RELAXED))
		aio_notify(ctx);
}

/**
 * qemu_bh_cancel - take a schedule back
 * @bh: scheduled or not
 *
 * A callback that runs meanwhile in another thread is not waited for.
 *
 * Context: Any thread, any signal handler.
 */
void qemu_bh_cancel(QEMUBH *bh)
{
	__atomic_fetch_and(&bh->flags, ~BH_SCHEDULED, __ATOMIC_ACQ_REL);
}
EXPORT_SYMBOL(qemu_bh_cancel);

/**
 * qemu_bh_delete - the end of a bottom half
 * @bh: scheduled or not; may be gone when this returns. It is not called any more, but a
 *	call that runs meanwhile in another thread is not waited for
 *
 * Context: Any thread; its own callback.
 */
void qemu_bh_delete(QEMUBH *bh)
{
	list_bh(bh, BH_DELETED);
}
EXPORT_SYMBOL(qemu_bh_delete);

/* Move what is new behind what is ready. ctx->lists is held. */
static void collect(AioContext *ctx)
{
	struct llist_node *node = llist_reverse_order(llist_del_all(&ctx->bh_new));

	while (node) {
		QEMUBH *bh = llist_entry(node, QEMUBH, node);

		node = llist_next(node);
		bh->next_ready = NULL;
		*ctx->bh_ready_end = bh;
		ctx->bh_ready_end = &bh->next_ready;
	}
}

/* Is there one that would be called now? */
bool aio_bh_due(AioContext *ctx)
{
	bool due = false;

	spin_lock(&ctx->lists);
	collect(ctx);
	for (QEMUBH *bh = ctx->bh_ready; bh && !due; bh = bh->next_ready)
		due = (__atomic_load_n(&bh->flags, __ATOMIC_ACQUIRE) &
		       (BH_SCHEDULED | BH_DELETED)) == BH_SCHEDULED;
	spin_unlock(&ctx->lists);
	return due;
}

static QEMUBH *take_ready(AioContext *ctx)
{
	QEMUBH *bh;

	spin_lock(&ctx->lists);
	bh = ctx->bh_ready;
	if (bh) {
		ctx->bh_ready = bh->next_ready;
		if (!ctx->bh_ready)
			ctx->bh_ready_end = &ctx->bh_ready;
	}
	spin_unlock(&ctx->lists);
	return bh;
}

/* Its turn has come. True: it was called. */
static bool run_bh(AioContext *ctx, QEMUBH *bh)
{
	QEMUBHFunc *cb = bh->cb;
	void *opaque = bh->opaque;
	/* From here on others may list it again */
	unsigned int flags = __atomic_fetch_and(&bh->flags, ~(BH_LISTED | BH_SCHEDULED),
						__ATOMIC_ACQ_REL);

	if (flags & (BH_DELETED | BH_ONESHOT))
		free_bh(ctx, bh);
	if ((flags & (BH_SCHEDULED | BH_DELETED)) != BH_SCHEDULED)
		return false;
	cb(opaque);
	return true;
}

/* Call those that are scheduled now. True: there were some. */
bool aio_bh_run(AioContext *ctx)
{
	bool progress = false;
	QEMUBH *bh;

	spin_lock(&ctx->lists);
	collect(ctx);
	spin_unlock(&ctx->lists);
	while ((bh = take_ready(ctx)))
		progress |= run_bh(ctx, bh);
	return progress;
}

/* The context ends. */
void aio_bh_free_all(AioContext *ctx)
{
	WARN(aio_bh_due(ctx), "an AioContext ended with bottom halves still to be called\n");
	while (ctx->bh_all)
		free_bh(ctx, ctx->bh_all);
}
