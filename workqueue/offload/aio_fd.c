// SPDX-License-Identifier: MIT
/*
 * aio_fd.c - handlers of file descriptors in an event loop
 *
 * A table by descriptor holds the handlers; epoll gets descriptor and generation instead of a
 * pointer. So a handler that another one has removed, or replaced, since epoll_wait()
 * returned is not called, and its memory can be freed at once: callbacks are called with
 * copies of what the table says.
 *
 * Locks: ctx->lists guards the table, and covers epoll_ctl() so that both say the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "workqueue/offload/aio_internal.h"

struct aio_handler {
	unsigned int generation;
	IOHandler *io_read, *io_write;
	EventNotifierHandler *io_notify;	/* instead of these two */
	void *opaque;				/* or the notifier */
};

static struct aio_handler *find(AioContext *ctx, int fd)
{
	return fd < ctx->nr_handlers ? ctx->handlers[fd] : NULL;
}

/* Room for @fd in the table. ctx->lists is held. */
static int make_room(AioContext *ctx, int fd)
{
	int nr = max(fd + 1, 2 * ctx->nr_handlers);
	struct aio_handler **table;

	if (fd < ctx->nr_handlers)
		return 0;
	table = kcalloc(nr, sizeof(*table), GFP_ATOMIC);
	if (!table)
		return -ENOMEM;
	if (ctx->handlers)
		memcpy(table, ctx->handlers, ctx->nr_handlers * sizeof(*table));
	kfree(ctx->handlers);
	ctx->handlers = table;
	ctx->nr_handlers = nr;
	return 0;
}

/* The descriptor may have been closed and opened again without our knowing. */
static int tell_epoll(AioContext *ctx, int fd, const struct aio_handler *handler)
{
	struct epoll_event event = {
		.events = (handler->io_read || handler->io_notify ? EPOLLIN : 0) |
			  (handler->io_write ? EPOLLOUT : 0),
		.data.u64 = (u64)handler->generation << 32 | (u32)fd,
	};

	if (!epoll_ctl(ctx->epoll_fd, EPOLL_CTL_ADD, fd, &event))
		return 0;
	if (errno == EEXIST && !epoll_ctl(ctx->epoll_fd, EPOLL_CTL_MOD, fd, &event))
		return 0;
	return -errno;
}

static int remove_handler(AioContext *ctx, int fd)
{
	struct aio_handler *old;

	spin_lock(&ctx->lists);
	old = find(ctx, fd);
	if (old) {
		ctx->handlers[fd] = NULL;
		/* Fails if the descriptor is closed: then the kernel has done it */
		epoll_ctl(ctx->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	}
	spin_unlock(&ctx->lists);
	kfree(old);
	return 0;
}

static int set_handler(AioContext *ctx, int fd, const struct aio_handler *wanted)
{
	struct aio_handler *new, *unused;
	int err;

	/* So that the table grows for what exists only */
	if (fcntl(fd, F_GETFD) < 0)
		return -EBADF;
	new = kmemdup(wanted, sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	unused = new;
	spin_lock(&ctx->lists);
	err = make_room(ctx, fd);
	if (err)
		goto out;
	/* 0 is for the context's own descriptors */
	if (!++ctx->generation)
		ctx->generation = 1;
	new->generation = ctx->generation;
	err = tell_epoll(ctx, fd, new);
	if (err)
		goto out;
	unused = ctx->handlers[fd];
	ctx->handlers[fd] = new;
out:
	spin_unlock(&ctx->lists);
	kfree(unused);
	return err;
}

/**
 * aio_set_fd_handler - have functions called when a descriptor is ready
 * @ctx: context
 * @fd: descriptor that can be polled
 * @io_read: called when it can be read, or is at its end, or broken; NULL: is not of interest
 * @io_write: called when it can be written, or is broken; NULL: is not of interest
 * @opaque: their argument
 *
 * Replaces what was set before. With neither function the handler is removed; do that before
 * closing the descriptor. A removed handler is not called any more, but a call that runs in
 * another thread is not waited for. Handlers should not block: between the event and the call
 * another one may have read what there was.
 *
 * Context: Any thread. May be called by the handler itself.
 * Return: 0; -EBADF: no such descriptor; -EPERM: one that cannot be polled, such as a regular
 * file (uwq/thread_pool.h is for these); -ELOOP: the context's own; -ENOMEM. After an error
 * the handlers are as they were.
 */
int aio_set_fd_handler(AioContext *ctx, int fd, IOHandler *io_read, IOHandler *io_write,
		       void *opaque)
{
	struct aio_handler wanted = {
		.io_read = io_read, .io_write = io_write, .opaque = opaque,
	};

	if (fd < 0)
		return -EBADF;
	if (fd == ctx->epoll_fd || fd == ctx->timer_fd || fd == ctx->notifier.rfd)
		return -ELOOP;
	if (!io_read && !io_write)
		return remove_handler(ctx, fd);
	return set_handler(ctx, fd, &wanted);
}
EXPORT_SYMBOL(aio_set_fd_handler);

/**
 * aio_set_event_notifier - have a function called when a notifier is set
 * @ctx: context
 * @notifier: open. The function has to clear it (event_notifier_test_and_clear())
 * @io_read: gets the notifier; NULL: is removed
 *
 * Return: as aio_set_fd_handler().
 */
int aio_set_event_notifier(AioContext *ctx, EventNotifier *notifier,
			   EventNotifierHandler *io_read)
{
	struct aio_handler wanted = { .io_notify = io_read, .opaque = notifier };

	if (notifier->rfd < 0)
		return -EBADF;
	if (!io_read)
		return remove_handler(ctx, notifier->rfd);
	return set_handler(ctx, notifier->rfd, &wanted);
}
EXPORT_SYMBOL(aio_set_event_notifier);

/* The handler that @event is for, if it is still set. */
static bool look_up(AioContext *ctx, const struct epoll_event *event, struct aio_handler *copy)
{
	struct aio_handler *handler;
	bool found;

	spin_lock(&ctx->lists);
	handler = find(ctx, (int)(u32)event->data.u64);
	found = handler && handler->generation == event->data.u64 >> 32;
	if (found)
		*copy = *handler;
	spin_unlock(&ctx->lists);
	return found;
}

static bool call_reader(const struct aio_handler *handler)
{
	if (handler->io_notify)
		handler->io_notify(handler->opaque);
	else if (handler->io_read)
		handler->io_read(handler->opaque);
	return handler->io_notify || handler->io_read;
}

static bool call_writer(const struct aio_handler *handler)
{
	if (handler->io_write)
		handler->io_write(handler->opaque);
	return handler->io_write;
}

/*
 * Call the handlers of @nr events that turn number @poll of the loop has got. After each call
 * things may have changed: handlers are looked up anew, and a nested turn ends this one.
 */
bool aio_fd_run(AioContext *ctx, const struct epoll_event *events, int nr, unsigned int poll)
{
	struct aio_handler handler;
	bool progress = false;

	for (int i = 0; i < 2 * nr; i++) {
		const struct epoll_event *event = &events[i / 2];
		u32 mask = (i % 2 ? EPOLLOUT : EPOLLIN) | EPOLLHUP | EPOLLERR;

		if (__atomic_load_n(&ctx->polls, __ATOMIC_RELAXED) != poll)
			break;
		if (event->events & mask && look_up(ctx, event, &handler))
			progress |= i % 2 ? call_writer(&handler) : call_reader(&handler);
	}
	return progress;
}

void aio_fd_free_all(AioContext *ctx)
{
	for (int fd = 0; fd < ctx->nr_handlers; fd++)
		kfree(ctx->handlers[fd]);
	kfree(ctx->handlers);
}
