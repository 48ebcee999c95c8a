// SPDX-License-Identifier: MIT
/*
 * aio_context.c - the birth and end of an event loop, who may use it, and how it is woken
 *
 * A context is one epoll descriptor that holds the user's descriptors and two of its own:
 * an eventfd to be woken by, and a timerfd. The poll itself is in aio_poll.c.
 *
 * Locks: see aio_internal.h; ctx->lock is the user's, nothing here takes it by itself.
 */
#include <errno.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "kernel-compat/test_points.h"
#include "workqueue/offload/aio_internal.h"

/* Somebody waits for the context: let the one who polls come back. */
static void wake_holder(void *opaque)
{
	TEST_POINT("aio_acquire_waits");
	aio_notify(opaque);
}

/*
 * Did others wait in line before the caller got the context? They have told its holder of
 * then, who has used that up. Who comes later tells the caller.
 */
static bool others_wait(const RFifoLock *lock)
{
	return __atomic_load_n(&lock->tail, __ATOMIC_RELAXED) - lock->head > 1;
}

static int watch(int epoll_fd, int fd)
{
	/* No handler has generation 0: aio_fd_run() passes these over */
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = (u32)fd };

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int open_descriptors(AioContext *ctx)
{
	ctx->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (ctx->epoll_fd < 0)
		return -errno;
	ctx->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (ctx->timer_fd < 0)
		goto close_epoll;
	if (event_notifier_init(&ctx->notifier, false))
		goto close_timer;
	if (watch(ctx->epoll_fd, ctx->timer_fd) || watch(ctx->epoll_fd, ctx->notifier.rfd))
		goto close_notifier;
	return 0;

close_notifier:
	event_notifier_cleanup(&ctx->notifier);
close_timer:
	close(ctx->timer_fd);
close_epoll:
	close(ctx->epoll_fd);
	return -EMFILE;
}

/**
 * aio_context_new - make an event loop
 *
 * Context: May sleep.
 * Return: the context with one reference, the caller's; NULL: no memory or no descriptor
 * is left.
 */
AioContext *aio_context_new(void)
{
	AioContext *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);

	if (!ctx)
		return NULL;
	if (open_descriptors(ctx)) {
		kfree(ctx);
		return NULL;
	}
	rfifolock_init(&ctx->lock, wake_holder, ctx);
	spin_lock_init(&ctx->lists);
	ctx->bh_ready_end = &ctx->bh_ready;
	ctx->timers = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&ctx->timers_due);
	ctx->armed = S64_MAX;
	ctx->refs = 1;
	return ctx;
}
EXPORT_SYMBOL(aio_context_new);

/**
 * aio_context_ref - take a reference
 * @ctx: alive
 *
 * Context: Any thread.
 */
void aio_context_ref(AioContext *ctx)
{
	__atomic_add_fetch(&ctx->refs, 1, __ATOMIC_RELAXED);
}
EXPORT_SYMBOL(aio_context_ref);

/**
 * aio_context_unref - give a reference back; the last one ends the context
 * @ctx: with the last reference nobody may poll or wait for it. Bottom halves that were not
 *	 deleted are freed, and reported if they were still to run. Descriptors stay open
 *
 * Context: Any thread. May sleep if it is the last reference.
 */
void aio_context_unref(AioContext *ctx)
{
	if (__atomic_sub_fetch(&ctx->refs, 1, __ATOMIC_ACQ_REL))
		return;
	/* Who has scheduled a bottom half that was called may be about to write the eventfd */
	while (__atomic_load_n(&ctx->schedulers, __ATOMIC_ACQUIRE))
		sched_yield();
	aio_bh_free_all(ctx);
	aio_fd_free_all(ctx);
	rfifolock_destroy(&ctx->lock);
	event_notifier_cleanup(&ctx->notifier);
	close(ctx->timer_fd);
	close(ctx->epoll_fd);
	kfree(ctx);
}
EXPORT_SYMBOL(aio_context_unref);

/**
 * aio_context_acquire - have the context for oneself
 * @ctx: context; the caller may have it already, then it has it once more
 *
 * Those who wait get it in order of arrival. A holder's aio_poll() that sleeps, or else its
 * next one, returns when somebody waits, and then it should release.
 *
 * Context: May sleep.
 */
void aio_context_acquire(AioContext *ctx)
{
	rfifolock_lock(&ctx->lock);
	if (others_wait(&ctx->lock))
		aio_notify(ctx);
}
EXPORT_SYMBOL(aio_context_acquire);

/**
 * aio_context_release - the counterpart of aio_context_acquire()
 * @ctx: acquired by the calling thread
 *
 * Context: The thread that acquired it.
 */
void aio_context_release(AioContext *ctx)
{
	rfifolock_unlock(&ctx->lock);
}
EXPORT_SYMBOL(aio_context_release);

/**
 * aio_notify - let a blocking aio_poll() look again, or not block
 * @ctx: context
 *
 * The poll that sleeps, or else the next one, returns without waiting. No system call is
 * made unless one sleeps, or a foreign loop waits for the descriptor.
 *
 * Context: Any thread, any signal handler.
 * Ordering: what the caller stored before is seen by the callbacks of that poll.
 */
void aio_notify(AioContext *ctx)
{
	/*
	 * NOTIFY/1: set notified, then read sleepers.
	 * Pairs with NOTIFY/2 in aio_poll(): raise sleepers, then read notified.
	 * Forbids: we see no sleeper AND the poller sees nothing to look at.
	 * Test: notify_is_never_lost.c
	 */
	if (__atomic_exchange_n(&ctx->notified, 1, __ATOMIC_SEQ_CST))
		return;
	TEST_POINT("aio_notify_asks");
	if (__atomic_load_n(&ctx->sleepers, __ATOMIC_SEQ_CST)) {
		TEST_POINT("aio_notify_writes");
		event_notifier_set(&ctx->notifier);
	}
}
EXPORT_SYMBOL(aio_notify);
