// SPDX-License-Identifier: MIT
/*
 * aio_poll.c - one turn of an event loop
 *
 * Wait, if asked to and nothing is due; then call bottom halves, handlers of descriptors and
 * timers. A callback may poll the same context: what the outer turn has not called yet the
 * inner one finds, because bottom halves and timers that are due stay on lists of the context,
 * and the events of descriptors are asked for again. The outer turn then drops the rest of its
 * events (ctx->polls tells): they may be out of date.
 *
 * Called by the context's thread. No lock is held during callbacks.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <linux/export.h>
#include <linux/timekeeping.h>

#include <uwq/blocking.h>

#include "kernel-compat/test_points.h"
#include "workqueue/offload/aio_internal.h"

#define MAX_EVENTS 64

/* @when: nanoseconds of CLOCK_MONOTONIC; S64_MAX: never */
static void arm_timer(AioContext *ctx, s64 when)
{
	struct itimerspec spec = { 0 };

	if (when == ctx->armed)
		return;
	if (when != S64_MAX) {
		/* all zero would mean never */
		spec.it_value.tv_sec = when > 0 ? when / NSEC_PER_SEC : 0;
		spec.it_value.tv_nsec = when > 0 ? when % NSEC_PER_SEC : 1;
	}
	timerfd_settime(ctx->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
	ctx->armed = when;
}

/* May a blocking poll sleep? Then the timer is armed. The caller counts as a sleeper. */
static bool nothing_due(AioContext *ctx)
{
	s64 first;

	if (__atomic_load_n(&ctx->notified, __ATOMIC_SEQ_CST) || aio_bh_due(ctx))
		return false;
	first = aio_timer_first(ctx);
	if (first != S64_MAX && first <= (s64)ktime_get_ns())
		return false;
	arm_timer(ctx, first);
	return true;
}

static int sleep_for_events(AioContext *ctx, struct epoll_event *events)
{
	int nr;

	TEST_POINT("aio_poll_sleeps");
	uwq_blocking_begin();
	do {
		nr = epoll_wait(ctx->epoll_fd, events, MAX_EVENTS, -1);
	} while (nr < 0 && errno == EINTR);
	uwq_blocking_end();
	return nr;
}

static int wait_for_events(AioContext *ctx, struct epoll_event *events, bool blocking)
{
	bool sleep = false;
	int nr;

	if (blocking) {
		/*
		 * NOTIFY/2: raise sleepers, then read notified and the lists.
		 * Pairs with NOTIFY/1 in aio_notify().
		 */
		__atomic_add_fetch(&ctx->sleepers, 1, __ATOMIC_SEQ_CST);
		sleep = nothing_due(ctx);
	}
	nr = sleep ? sleep_for_events(ctx, events) :
		     epoll_wait(ctx->epoll_fd, events, MAX_EVENTS, 0);
	if (blocking)
		__atomic_sub_fetch(&ctx->sleepers, 1, __ATOMIC_SEQ_CST);
	return nr > 0 ? nr : 0;
}

/*
 * Make the context's own descriptors quiet. The eventfd first, then the flag: the other way
 * round a notifier in between would set the flag and have its write swallowed, and all after
 * it would rely on that write.
 */
static void accept_wakeups(AioContext *ctx, const struct epoll_event *events, int nr)
{
	u64 expirations;

	for (int i = 0; i < nr; i++) {
		if (events[i].data.u64 == (u32)ctx->notifier.rfd)
			event_notifier_test_and_clear(&ctx->notifier);
		/* Setting it anew has made it quiet if there is nothing to read */
		if (events[i].data.u64 == (u32)ctx->timer_fd &&
		    read(ctx->timer_fd, &expirations, sizeof(expirations)) > 0)
			ctx->armed = S64_MAX;
	}
	TEST_POINT("aio_poll_accepts");
	if (__atomic_load_n(&ctx->notified, __ATOMIC_RELAXED))
		__atomic_exchange_n(&ctx->notified, 0, __ATOMIC_SEQ_CST);
}

/**
 * aio_poll - one turn of the loop
 * @ctx: context; the calling thread's own, or acquired
 * @blocking: wait until there is something to do, or aio_notify() is called
 *
 * Calls every bottom half that is scheduled, every handler whose descriptor is ready, and
 * every timer that is due, once. What these schedule is left for the next turn. They may call
 * aio_poll() on the same context.
 *
 * Context: May sleep if @blocking. A worker that sleeps here makes room for another.
 * Return: true: some callback was called. False: none was; with @blocking that means that
 * somebody called aio_notify(), waits for the context, or took back what it had scheduled.
 */
bool aio_poll(AioContext *ctx, bool blocking)
{
	unsigned int poll = __atomic_add_fetch(&ctx->polls, 1, __ATOMIC_RELAXED);
	struct epoll_event events[MAX_EVENTS];
	int nr = wait_for_events(ctx, events, blocking);
	bool progress;

	accept_wakeups(ctx, events, nr);
	progress = aio_bh_run(ctx);
	progress |= aio_fd_run(ctx, events, nr, poll);
	progress |= aio_timer_run(ctx);
	/* A timer that is set from here on wakes the foreign loop, see timer_mod_ns() */
	if (__atomic_load_n(&ctx->foreign, __ATOMIC_RELAXED))
		arm_timer(ctx, aio_timer_first(ctx));
	return progress;
}
EXPORT_SYMBOL(aio_poll);

/**
 * aio_context_get_fd - a descriptor for the loop of somebody else
 * @ctx: context; the caller is the thread that polls it
 *
 * Let that loop wait until the descriptor is readable, level-triggered, and then call
 * aio_dispatch(). It belongs to the context: neither read nor close it. From now on every
 * aio_notify() that is the first since the last turn writes an eventfd.
 *
 * Context: The thread that polls @ctx.
 * Return: descriptor.
 */
int aio_context_get_fd(AioContext *ctx)
{
	if (!__atomic_exchange_n(&ctx->foreign, 1, __ATOMIC_RELAXED)) {
		__atomic_add_fetch(&ctx->sleepers, 1, __ATOMIC_SEQ_CST);
		arm_timer(ctx, aio_timer_first(ctx));
		/* For all that is due already; much of it has told nobody */
		event_notifier_set(&ctx->notifier);
	}
	return ctx->epoll_fd;
}
EXPORT_SYMBOL(aio_context_get_fd);

/**
 * aio_dispatch - one turn on behalf of a foreign loop
 * @ctx: context whose descriptor, see aio_context_get_fd(), is readable; if it is not,
 *	 nothing happens
 *
 * Context: as aio_poll(), but never waits.
 * Return: true: some callback was called. A callback may run the foreign loop, and so this
 * function, again.
 */
bool aio_dispatch(AioContext *ctx)
{
	return aio_poll(ctx, false);
}
EXPORT_SYMBOL(aio_dispatch);
