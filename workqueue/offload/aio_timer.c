// SPDX-License-Identifier: MIT
/*
 * aio_timer.c - timers of an event loop
 *
 * Armed timers are in a tree by time, in nanoseconds of CLOCK_MONOTONIC. A turn of the loop
 * takes those that are due to a list first, and calls them from there: one that a callback
 * sets to the past waits for the next turn, and a nested turn finds the rest. The loop's
 * timerfd is set only when a poll is about to sleep.
 *
 * Locks: ctx->lists guards tree, list and the fields of timers.
 */
#include <errno.h>
#include <time.h>

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "workqueue/offload/aio_internal.h"

enum where { NOWHERE, IN_TREE, IN_LIST };

struct QEMUTimer {
	AioContext *ctx;
	QEMUClockType type;
	int scale;
	QEMUTimerCB *cb;
	void *opaque;
	enum where where;		/* L, as the rest */
	s64 when;
	struct rb_node node;
	struct list_head due;
};

/**
 * qemu_clock_get_ns - what time it is
 * @type: which clock, see aio_context.h
 *
 * Context: Any thread, and signal handlers.
 * Return: nanoseconds since a moment in the past.
 */
int64_t qemu_clock_get_ns(QEMUClockType type)
{
	struct timespec now;

	if (type != QEMU_CLOCK_HOST)
		return (s64)ktime_get_ns();
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}
EXPORT_SYMBOL(qemu_clock_get_ns);

/**
 * aio_timer_new - make a timer
 * @ctx: the context that will call it; the timer keeps a reference
 * @type: clock
 * @scale: nanoseconds in a unit of timer_mod(): SCALE_NS, SCALE_US, SCALE_MS
 * @cb: function
 * @opaque: its argument
 *
 * Context: Any thread. May sleep.
 * Return: the timer, not set, for timer_free(); NULL with errno ENOMEM, or EINVAL if @cb is
 * NULL, @scale below 1, or @type unknown.
 */
QEMUTimer *aio_timer_new(AioContext *ctx, QEMUClockType type, int scale, QEMUTimerCB *cb,
			 void *opaque)
{
	QEMUTimer *timer;

	if (!cb || scale < 1 || (unsigned int)type > QEMU_CLOCK_HOST) {
		errno = EINVAL;
		return NULL;
	}
	timer = kzalloc(sizeof(*timer), GFP_KERNEL);
	if (!timer) {
		errno = ENOMEM;
		return NULL;
	}
	aio_context_ref(ctx);
	timer->ctx = ctx;
	timer->type = type;
	timer->scale = scale;
	timer->cb = cb;
	timer->opaque = opaque;
	return timer;
}
EXPORT_SYMBOL(aio_timer_new);

static bool earlier(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, QEMUTimer, node)->when < rb_entry(b, QEMUTimer, node)->when;
}

/* ctx->lists is held. */
static void take_out(QEMUTimer *timer)
{
	if (timer->where == IN_TREE)
		rb_erase_cached(&timer->node, &timer->ctx->timers);
	else if (timer->where == IN_LIST)
		list_del(&timer->due);
	timer->where = NOWHERE;
}

/* Never too early: a thread that loses its CPU between the two clocks takes more for less. */
static s64 host_to_monotonic(s64 time)
{
	s64 ahead = ktime_mono_to_any(0, TK_OFFS_REAL), when;

	if (__builtin_sub_overflow(time, ahead, &when))
		when = time > 0 ? S64_MAX : 0;
	return when;
}

/**
 * timer_mod_ns - set a timer, or set it anew
 * @timer: timer
 * @expire_time: when it is to be called, in nanoseconds of its clock; in the past: at the
 *		 next turn of the loop. Never called earlier
 *
 * Context: Any thread; its own callback.
 */
void timer_mod_ns(QEMUTimer *timer, int64_t expire_time)
{
	AioContext *ctx = timer->ctx;
	s64 when = expire_time;
	bool first;

	if (timer->type == QEMU_CLOCK_HOST)
		when = host_to_monotonic(expire_time);
	spin_lock(&ctx->lists);
	take_out(timer);
	timer->when = min(when, S64_MAX - 1);
	timer->where = IN_TREE;
	first = rb_add_cached(&timer->node, &ctx->timers, earlier);
	spin_unlock(&ctx->lists);
	/*
	 * Who sleeps until another time has to think again. A poll that counts itself later
	 * looks at the tree later too, so the lock orders the two; telling that one would
	 * only make it return with nothing done.
	 */
	if (first && __atomic_load_n(&ctx->sleepers, __ATOMIC_SEQ_CST))
		aio_notify(ctx);
}
EXPORT_SYMBOL(timer_mod_ns);

/**
 * timer_mod - set a timer, in its own unit
 * @timer: timer
 * @expire_time: as for timer_mod_ns(), in units of the timer's scale
 *
 * Context: as timer_mod_ns().
 */
void timer_mod(QEMUTimer *timer, int64_t expire_time)
{
	s64 ns;

	if (__builtin_mul_overflow(expire_time, timer->scale, &ns))
		ns = expire_time > 0 ? S64_MAX - 1 : 0;
	timer_mod_ns(timer, ns);
}
EXPORT_SYMBOL(timer_mod);

/**
 * timer_del - take a timer back
 * @timer: set or not. A call that runs in another thread is not waited for
 *
 * Context: Any thread; its own callback.
 */
void timer_del(QEMUTimer *timer)
{
	AioContext *ctx = timer->ctx;

	spin_lock(&ctx->lists);
	take_out(timer);
	spin_unlock(&ctx->lists);
}
EXPORT_SYMBOL(timer_del);

/**
 * timer_free - the end of a timer
 * @timer: may be NULL; if it is set, it is taken back
 *
 * Context: as timer_del(). May sleep if it is the last user of its context.
 */
void timer_free(QEMUTimer *timer)
{
	if (!timer)
		return;
	timer_del(timer);
	aio_context_unref(timer->ctx);
	kfree(timer);
}
EXPORT_SYMBOL(timer_free);

/**
 * aio_timer_pending - is it set? timer_pending() is the kernel's name for its own
 * @timer: timer
 *
 * Context: Any thread.
 * Return: true until its callback begins.
 */
bool aio_timer_pending(QEMUTimer *timer)
{
	AioContext *ctx = timer->ctx;
	bool pending;

	spin_lock(&ctx->lists);
	pending = timer->where != NOWHERE;
	spin_unlock(&ctx->lists);
	return pending;
}
EXPORT_SYMBOL(aio_timer_pending);

/* When is the first one due? 0: now; S64_MAX: there is none. */
s64 aio_timer_first(AioContext *ctx)
{
	struct rb_node *node;
	s64 when = S64_MAX;

	spin_lock(&ctx->lists);
	node = rb_first_cached(&ctx->timers);
	if (!list_empty(&ctx->timers_due))
		when = 0;
	else if (node)
		when = rb_entry(node, QEMUTimer, node)->when;
	spin_unlock(&ctx->lists);
	return when;
}

/* ctx->lists is held. */
static void collect_due(AioContext *ctx)
{
	s64 now = (s64)ktime_get_ns();
	struct rb_node *node;

	while ((node = rb_first_cached(&ctx->timers))) {
		QEMUTimer *timer = rb_entry(node, QEMUTimer, node);

		if (timer->when > now)
			break;
		take_out(timer);
		timer->where = IN_LIST;
		list_add_tail(&timer->due, &ctx->timers_due);
	}
}

/* Call what is due now. True: there was something. */
bool aio_timer_run(AioContext *ctx)
{
	bool progress = false;
	QEMUTimer *timer;

	spin_lock(&ctx->lists);
	if (rb_first_cached(&ctx->timers))
		collect_due(ctx);
	while ((timer = list_first_entry_or_null(&ctx->timers_due, QEMUTimer, due))) {
		QEMUTimerCB *cb = timer->cb;
		void *opaque = timer->opaque;

		take_out(timer);
		spin_unlock(&ctx->lists);
		/* *timer may be gone from here on */
		cb(opaque);
		progress = true;
		spin_lock(&ctx->lists);
	}
	spin_unlock(&ctx->lists);
	return progress;
}
