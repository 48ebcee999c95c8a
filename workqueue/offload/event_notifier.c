// SPDX-License-Identifier: MIT
/*
 * event_notifier.c - an eventfd under the name that event loops give it
 *
 * Any number of sets before a clear are seen as one. Both ends are one descriptor, unless
 * the user brings one of their own.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/export.h>
#include <linux/types.h>

#include <uwq/aio_context.h>

/**
 * event_notifier_init - open a notifier
 * @notifier: memory of the caller
 * @active: not 0: as if it had been set already
 *
 * Context: Any thread.
 * Return: 0, or a negative errno, and then there is nothing to clean up.
 */
int event_notifier_init(EventNotifier *notifier, int active)
{
	int fd = eventfd(active ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	event_notifier_init_fd(notifier, fd);
	return 0;
}
EXPORT_SYMBOL(event_notifier_init);

/**
 * event_notifier_init_fd - make a notifier of an eventfd that is open
 * @notifier: memory of the caller
 * @fd: eventfd; non-blocking. event_notifier_cleanup() closes it
 *
 * Context: Any thread.
 */
void event_notifier_init_fd(EventNotifier *notifier, int fd)
{
	notifier->rfd = fd;
	notifier->wfd = fd;
}
EXPORT_SYMBOL(event_notifier_init_fd);

/**
 * event_notifier_cleanup - close a notifier
 * @notifier: no longer set as anybody's handler. Doing it twice is harmless.
 *
 * Context: Any thread, when nobody else uses the notifier.
 */
void event_notifier_cleanup(EventNotifier *notifier)
{
	if (notifier->rfd >= 0)
		close(notifier->rfd);
	if (notifier->wfd >= 0 && notifier->wfd != notifier->rfd)
		close(notifier->wfd);
	notifier->rfd = -1;
	notifier->wfd = -1;
}
EXPORT_SYMBOL(event_notifier_cleanup);

/**
 * event_notifier_get_fd - the descriptor to poll
 * @notifier: open
 *
 * Context: Any thread, and signal handlers.
 * Return: descriptor; readable while the notifier is set.
 */
int event_notifier_get_fd(EventNotifier *notifier)
{
	return notifier->rfd;
}
EXPORT_SYMBOL(event_notifier_get_fd);

/**
 * event_notifier_set - say that something has happened
 * @notifier: open
 *
 * Context: Any thread, any signal handler. Keeps errno.
 * Return: 0, also if it was set already; a negative errno.
 */
int event_notifier_set(EventNotifier *notifier)
{
	static const u64 one = 1;
	int saved = errno, err = 0;

	while (write(notifier->wfd, &one, sizeof(one)) != sizeof(one)) {
		if (errno == EINTR)
			continue;
		/* Full: whoever reads it next sees that it is set */
		err = errno == EAGAIN ? 0 : -errno;
		break;
	}
	errno = saved;
	return err;
}
EXPORT_SYMBOL(event_notifier_set);

/**
 * event_notifier_test_and_clear - was it set? It is not any longer.
 * @notifier: open
 *
 * Context: Any thread. Waits only if the descriptor is a blocking one.
 * Return: 1: it was set; 0: it was not.
 */
int event_notifier_test_and_clear(EventNotifier *notifier)
{
	char buffer[512];
	int was_set = 0;
	ssize_t len;

	/* A pipe may hold more than one read takes; an eventfd is empty after the first */
	do {
		len = read(notifier->rfd, buffer, sizeof(buffer));
		was_set |= len > 0;
	} while (len == sizeof(buffer) || (len < 0 && errno == EINTR));
	return was_set;
}
EXPORT_SYMBOL(event_notifier_test_and_clear);
