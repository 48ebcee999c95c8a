// SPDX-License-Identifier: MIT
/*
 * Proves: handlers of descriptors are called when these can be read or written, or are
 * broken; one that another handler removed or replaced in the same turn is not called; a
 * nested poll that consumed an event leaves no stale one behind; descriptors that were closed
 * and opened again work; event notifiers are seen once, those of a descriptor that the user
 * brings too, and tell it; bad descriptors get their errors.
 */
#include "offload_test.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <uwq/aio_context.h>

FIXTURE(fd) {
	AioContext *ctx;
	int a[2], b[2];
};

FIXTURE_SETUP(fd)
{
	self->ctx = aio_context_new();
	ASSERT_NOT_NULL(self->ctx);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, self->a));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, self->b));
}

FIXTURE_TEARDOWN(fd)
{
	aio_context_unref(self->ctx);
}

struct side {
	AioContext *ctx;
	int fd, n, writes, nested;
	struct side *other;
};

static void put(int fd)
{
	if (write(fd, "x", 1) != 1)
		abort();
}

/* The descriptors block: a stale event would hang the test. */
static void take(void *opaque)
{
	struct side *side = opaque;
	char byte;

	if (read(side->fd, &byte, 1) == 1)
		side->n++;
}

static void can_write(void *opaque)
{
	((struct side *)opaque)->writes++;
}

TEST_F(fd, reader_is_called)
{
	struct side a = { .fd = self->a[0] };

	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, a.fd, take, NULL, &a));
	EXPECT_FALSE(aio_poll(self->ctx, false));
	put(self->a[1]);
	put(self->a[1]);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.n);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(2, a.n);
	EXPECT_FALSE(aio_poll(self->ctx, false));
	put(self->a[1]);
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, a.fd, NULL, NULL, NULL));
	EXPECT_FALSE(aio_poll(self->ctx, false));
	EXPECT_EQ(2, a.n);
}

TEST_F(fd, writer_is_called_while_there_is_room)
{
	struct side a = { .fd = self->a[0] };

	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, a.fd, take, can_write, &a));
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.writes);
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, a.fd, take, NULL, &a));
	EXPECT_FALSE(aio_poll(self->ctx, false));
	EXPECT_EQ(1, a.writes);
}

TEST_F(fd, end_of_file_is_told_to_the_reader)
{
	struct side a = { .fd = self->a[0] };

	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, a.fd, take, NULL, &a));
	close(self->a[1]);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(0, a.n);
}

/* A hang-up that nobody is told of would keep the loop turning. */
TEST_F(fd, a_broken_one_is_told_to_a_lone_writer)
{
	struct side a = { .fd = open("/dev/ptmx", O_RDWR | O_NOCTTY) };
	char name[64];
	int slave;

	if (a.fd < 0 || grantpt(a.fd) || unlockpt(a.fd) || ptsname_r(a.fd, name, sizeof(name)))
		SKIP(return, "no pseudo terminal here");
	slave = open(name, O_RDWR | O_NOCTTY);
	ASSERT_LE(0, slave);
	/* A stopped terminal takes no more */
	ASSERT_EQ(0, fcntl(a.fd, F_SETFL, O_NONBLOCK));
	while (write(a.fd, name, sizeof(name)) > 0)
		;
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, a.fd, NULL, can_write, &a));
	close(slave);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.writes);
	close(a.fd);
}

static void remove_both(void *opaque)
{
	struct side *side = opaque;

	side->n++;
	aio_set_fd_handler(side->ctx, side->fd, NULL, NULL, NULL);
	aio_set_fd_handler(side->ctx, side->other->fd, NULL, NULL, NULL);
}

/* Both are ready; whichever comes first removes the other. */
TEST_F(fd, removed_in_the_same_turn_is_not_called)
{
	struct side a = { .ctx = self->ctx, .fd = self->a[0] };
	struct side b = { .ctx = self->ctx, .fd = self->b[0], .other = &a };

	a.other = &b;
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, a.fd, remove_both, NULL, &a));
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, b.fd, remove_both, NULL, &b));
	put(self->a[1]);
	put(self->b[1]);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.n + b.n);
	EXPECT_FALSE(aio_poll(self->ctx, false));
}

static void replace_other(void *opaque)
{
	struct side *side = opaque;

	side->n++;
	aio_set_fd_handler(side->ctx, side->fd, NULL, NULL, NULL);
	aio_set_fd_handler(side->ctx, side->other->fd, NULL, can_write, side->other);
	aio_set_fd_handler(side->ctx, side->other->fd, take, NULL, side->other);
}

/* The event was for a handler that is no longer set; the new one gets its own, next turn. */
TEST_F(fd, replaced_in_the_same_turn_waits_for_the_next)
{
	struct side a = { .ctx = self->ctx, .fd = self->a[0] };
	struct side b = { .ctx = self->ctx, .fd = self->b[0], .other = &a };

	a.other = &b;
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, a.fd, replace_other, NULL, &a));
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, b.fd, replace_other, NULL, &b));
	put(self->a[1]);
	put(self->b[1]);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.n + b.n);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(2, a.n + b.n);
	EXPECT_EQ(0, a.writes + b.writes);
}

static void nest(void *opaque)
{
	struct side *side = opaque;

	take(opaque);
	if (!side->other->nested) {
		side->nested = 1;
		while (!side->other->n)
			aio_poll(side->ctx, true);
	}
}

/* The outer turn has an event for the other side too, which the inner one consumes. */
TEST_F(fd, nested_poll_leaves_no_stale_event)
{
	struct side a = { .ctx = self->ctx, .fd = self->a[0] };
	struct side b = { .ctx = self->ctx, .fd = self->b[0], .other = &a };

	a.other = &b;
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, a.fd, nest, NULL, &a));
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, b.fd, nest, NULL, &b));
	put(self->a[1]);
	put(self->b[1]);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.n);
	EXPECT_EQ(1, b.n);
	EXPECT_EQ(1, a.nested + b.nested);
}

TEST_F(fd, closed_and_opened_again)
{
	struct side a = { .fd = self->a[0] };
	int fds[2];

	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, a.fd, take, NULL, &a));
	close(self->a[0]);
	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(self->a[0], fds[0]);
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, fds[0], take, NULL, &a));
	put(fds[1]);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, a.n);
}

struct notified {
	EventNotifier notifier;
	int n;
};

static void clear(EventNotifier *notifier)
{
	container_of(notifier, struct notified, notifier)->n +=
		event_notifier_test_and_clear(notifier);
}

static void *set(void *notifier)
{
	event_notifier_set(notifier);
	return NULL;
}

TEST_F(fd, notifiers_are_seen_once)
{
	struct notified e = { .n = 0 };

	EXPECT_EQ(0, event_notifier_init(&e.notifier, true));
	EXPECT_EQ(1, event_notifier_test_and_clear(&e.notifier));
	EXPECT_EQ(0, event_notifier_test_and_clear(&e.notifier));
	EXPECT_EQ(0, aio_set_event_notifier(self->ctx, &e.notifier, clear));
	EXPECT_FALSE(aio_poll(self->ctx, false));
	run_threads(3, set, &e.notifier);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, e.n);
	EXPECT_FALSE(aio_poll(self->ctx, false));
	EXPECT_EQ(0, event_notifier_set(&e.notifier));
	EXPECT_EQ(0, aio_set_event_notifier(self->ctx, &e.notifier, NULL));
	EXPECT_FALSE(aio_poll(self->ctx, false));
	event_notifier_cleanup(&e.notifier);
	event_notifier_cleanup(&e.notifier);
	EXPECT_EQ(-EBADF, aio_set_event_notifier(self->ctx, &e.notifier, clear));
}

static bool readable(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return poll(&pollfd, 1, 0) == 1 && pollfd.revents == POLLIN;
}

/* It is readable while the notifier is set, and the cleanup closes it. */
TEST_F(fd, notifiers_take_a_descriptor_and_tell_it)
{
	struct notified e = { .n = 0 };
	int fd = eventfd(0, EFD_NONBLOCK);

	ASSERT_LE(0, fd);
	event_notifier_init_fd(&e.notifier, fd);
	EXPECT_EQ(fd, event_notifier_get_fd(&e.notifier));
	EXPECT_EQ(0, aio_set_event_notifier(self->ctx, &e.notifier, clear));
	EXPECT_FALSE(readable(fd));
	EXPECT_EQ(0, eventfd_write(fd, 1));
	EXPECT_EQ(0, event_notifier_set(&e.notifier));
	EXPECT_TRUE(readable(event_notifier_get_fd(&e.notifier)));
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, e.n);
	EXPECT_FALSE(readable(fd));
	EXPECT_EQ(0, aio_set_event_notifier(self->ctx, &e.notifier, NULL));
	event_notifier_cleanup(&e.notifier);
	EXPECT_EQ(-1, fcntl(fd, F_GETFD));
	EXPECT_EQ(-1, event_notifier_get_fd(&e.notifier));
}

TEST_F(fd, notifiers_have_a_descriptor_that_others_can_poll)
{
	EventNotifier e;

	EXPECT_EQ(0, event_notifier_init(&e, false));
	EXPECT_FALSE(readable(event_notifier_get_fd(&e)));
	EXPECT_EQ(0, event_notifier_set(&e));
	EXPECT_TRUE(readable(event_notifier_get_fd(&e)));
	EXPECT_EQ(1, event_notifier_test_and_clear(&e));
	EXPECT_FALSE(readable(event_notifier_get_fd(&e)));
	event_notifier_cleanup(&e);
}

TEST_F(fd, bad_descriptors_are_refused)
{
	struct side a = { .fd = self->a[0] };
	int file = open("/proc/self/exe", O_RDONLY);

	ASSERT_LE(0, file);
	EXPECT_EQ(-EBADF, aio_set_fd_handler(self->ctx, -1, take, NULL, &a));
	EXPECT_EQ(-EBADF, aio_set_fd_handler(self->ctx, 1000, take, NULL, &a));
	EXPECT_EQ(-EBADF, aio_set_fd_handler(self->ctx, INT_MAX, take, NULL, &a));
	EXPECT_EQ(-EPERM, aio_set_fd_handler(self->ctx, file, take, NULL, &a));
	EXPECT_EQ(-ELOOP, aio_set_fd_handler(self->ctx, aio_context_get_fd(self->ctx), take,
					     NULL, &a));
	EXPECT_EQ(0, aio_set_fd_handler(self->ctx, 1000, NULL, NULL, NULL));
	EXPECT_FALSE(aio_poll(self->ctx, false));
	close(file);
}

TEST_HARNESS_MAIN
