// SPDX-License-Identifier: MIT
/*
 * paio_check.c - does a request say what can be done?
 *
 * What Linux will say about its descriptor, memory and place is left to Linux.
 *
 * Locks: none.
 */
#define pr_fmt(fmt) "paio: " fmt

#include <linux/printk.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>

#include "workqueue/offload/paio_internal.h"

#define PAIO_FLAGS	(QEMU_AIO_SECTOR_ALIGNED | PAIO_ZERO_FILL | PAIO_NO_BOUNCE | \
			 PAIO_BY_THREAD)

enum paio_notify paio_notify_of(const struct qemu_paiocb *acb)
{
	if (acb->ev_notify == PAIO_DEFAULT && acb->ev_signo)
		return PAIO_SIGNAL;
	return acb->ev_notify;
}

static int check_notify(const struct qemu_paiocb *acb)
{
	switch (paio_notify_of(acb)) {
	case PAIO_DEFAULT:
		return 0;
	case PAIO_SIGNAL:
		return acb->ev_signo > 0 && acb->ev_signo <= SIGRTMAX ? 0 : -EINVAL;
	case PAIO_EVENTFD:
		return acb->ev_fd >= 0 ? 0 : -EBADF;
	case PAIO_CALLBACK:
		return acb->ev_func ? 0 : -EINVAL;
	case PAIO_CONTEXT:
		return acb->ev_func && acb->ev_ctx ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

/* The memory of a read or write: is there any, and can its size be told? */
static int check_memory(const struct qemu_paiocb *acb)
{
	size_t sum = 0;
	int i;

	if (!acb->aio_iov || acb->aio_niov < 1 || acb->aio_offset < 0)
		return -EINVAL;
	for (i = 0; i < acb->aio_niov; i++)
		if (acb->aio_iov[i].iov_len > SSIZE_MAX - sum)
			return -EINVAL;
		else
			sum += acb->aio_iov[i].iov_len;
	return acb->aio_nbytes <= sum ? 0 : -EINVAL;
}

static int check_fields(const struct qemu_paiocb *acb)
{
	if (acb->aio_fildes < 0)
		return -EBADF;
	if (acb->aio_flags & ~PAIO_FLAGS)
		return -EINVAL;
	switch (acb->aio_type) {
	case QEMU_AIO_READ:
	case QEMU_AIO_WRITE:
		return check_memory(acb) ?: check_notify(acb);
	case QEMU_AIO_DISCARD:
	case PAIO_FALLOCATE:
		if (acb->aio_offset < 0 || !acb->aio_nbytes || acb->aio_nbytes > SSIZE_MAX)
			return -EINVAL;
		return check_notify(acb);
	case QEMU_AIO_IOCTL:
	case QEMU_AIO_FLUSH:
		return check_notify(acb);
	default:
		return -EINVAL;
	}
}

int paio_check(const struct qemu_paiocb *acb)
{
	int err = check_fields(acb);

	if (err)
		pr_err("request %p (type %#x, fd %d) is refused: error %d\n", (const void *)acb,
		       acb->aio_type, acb->aio_fildes, -err);
	return err;
}
