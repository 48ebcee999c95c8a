/* SPDX-License-Identifier: MIT */
/*
 * aio_context.h - an event loop that several threads may take turns with
 *
 * A context has file descriptors with handlers, event notifiers, bottom halves (functions
 * to be called soon) and timers. aio_poll() waits for something to happen and calls what
 * is due, in the calling thread. Handlers may poll the same context again, and may add and
 * remove anything, themselves included.
 *
 * Who may call what: qemu_bh_schedule(), qemu_bh_cancel() and aio_notify() any thread, and
 * signal handlers; bottom halves and one-shots are made and deleted, handlers set and
 * timers changed by any thread. aio_poll() and aio_dispatch() belong to one thread at
 * a time: to the context's own, or to one between aio_context_acquire() and _release().
 *
 * A foreign loop (epoll, GLib, libuv) waits until aio_context_get_fd() is readable, then
 * calls aio_dispatch(). See Documentation/examples/aio_in_*.c
 *
 * The names and prototypes are those of QEMU 2.1. See Documentation/offload.rst for what
 * later and earlier versions called differently. For C and C++.
 */
#ifndef UWQ_AIO_CONTEXT_H
#define UWQ_AIO_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <uwq/api.h>
#include <uwq/rfifolock.h>

typedef struct AioContext AioContext;
typedef struct QEMUBH QEMUBH;
typedef struct QEMUTimer QEMUTimer;
typedef struct EventNotifier EventNotifier;

typedef void QEMUBHFunc(void *opaque);
typedef void IOHandler(void *opaque);
typedef void QEMUTimerCB(void *opaque);
typedef void EventNotifierHandler(EventNotifier *notifier);

/* An eventfd: set any number of times, seen once. */
struct EventNotifier {
	int rfd, wfd;	/* the same descriptor, or the ends of a pipe of the user's */
};

/* What time a timer follows. */
typedef enum {
	QEMU_CLOCK_REALTIME,	/* CLOCK_MONOTONIC */
	QEMU_CLOCK_VIRTUAL,	/* the same: nothing here stops and continues */
	QEMU_CLOCK_HOST,	/* CLOCK_REALTIME, as it is when the timer is set */
} QEMUClockType;

#define SCALE_NS	1
#define SCALE_US	1000
#define SCALE_MS	1000000

UWQ_API_BEGIN

AioContext *aio_context_new(void);
void aio_context_ref(AioContext *ctx);
void aio_context_unref(AioContext *ctx);
void aio_context_acquire(AioContext *ctx);
void aio_context_release(AioContext *ctx);
int aio_context_get_fd(AioContext *ctx);

bool aio_poll(AioContext *ctx, bool blocking);
bool aio_dispatch(AioContext *ctx);
void aio_notify(AioContext *ctx);

int aio_set_fd_handler(AioContext *ctx, int fd, IOHandler *io_read, IOHandler *io_write,
		       void *opaque);
int aio_set_event_notifier(AioContext *ctx, EventNotifier *notifier,
			   EventNotifierHandler *io_read);

int event_notifier_init(EventNotifier *notifier, int active);
void event_notifier_init_fd(EventNotifier *notifier, int fd);
void event_notifier_cleanup(EventNotifier *notifier);
int event_notifier_get_fd(EventNotifier *notifier);
int event_notifier_set(EventNotifier *notifier);
int event_notifier_test_and_clear(EventNotifier *notifier);

QEMUBH *aio_bh_new(AioContext *ctx, QEMUBHFunc *cb, void *opaque);
int aio_bh_schedule_oneshot(AioContext *ctx, QEMUBHFunc *cb, void *opaque);
void qemu_bh_schedule(QEMUBH *bh);
void qemu_bh_cancel(QEMUBH *bh);
void qemu_bh_delete(QEMUBH *bh);

QEMUTimer *aio_timer_new(AioContext *ctx, QEMUClockType type, int scale, QEMUTimerCB *cb,
			 void *opaque);
bool aio_timer_pending(QEMUTimer *timer);
void timer_mod(QEMUTimer *timer, int64_t expire_time);
void timer_mod_ns(QEMUTimer *timer, int64_t expire_time);
void timer_del(QEMUTimer *timer);
void timer_free(QEMUTimer *timer);
int64_t qemu_clock_get_ns(QEMUClockType type);

UWQ_API_END

/**
 * qemu_clock_get_us - what time it is; as qemu_clock_get_ns()
 * @type: which clock
 *
 * Return: microseconds.
 */
static inline int64_t qemu_clock_get_us(QEMUClockType type)
{
	return qemu_clock_get_ns(type) / SCALE_US;
}

/**
 * qemu_clock_get_ms - what time it is; as qemu_clock_get_ns()
 * @type: which clock
 *
 * Return: milliseconds.
 */
static inline int64_t qemu_clock_get_ms(QEMUClockType type)
{
	return qemu_clock_get_ns(type) / SCALE_MS;
}

#endif
