// SPDX-License-Identifier: MIT
/*
 * paio_calls.c - the calls of paio that fill a request in and submit it
 *
 * They set what their arguments say and leave the rest, so flags, notification and queue
 * are the program's. A request in flight is refused before a field is changed.
 *
 * Locks: none.
 */
#include "workqueue/offload/paio_internal.h"

static int submit_rw(struct qemu_paiocb *acb, int type, int fd, const struct iovec *iov, int niov,
		     off_t offset)
{
	acb->aio_type = type;
	acb->aio_fildes = fd;
	acb->aio_iov = (struct iovec *)iov;
	acb->aio_niov = niov;
	acb->aio_nbytes = 0;
	acb->aio_offset = offset;
	return paio_submit(acb);
}

static int submit_one(struct qemu_paiocb *acb, int type, int fd, void *buf, size_t nbytes,
		      off_t offset)
{
	int err = paio_check_free(acb);

	if (err)
		return err;
	acb->priv.iov.iov_base = buf;
	acb->priv.iov.iov_len = nbytes;
	return submit_rw(acb, type, fd, &acb->priv.iov, 1, offset);
}

/**
 * paio_read - start a read into one buffer
 * @acb: request, zeroed before its first use; flags, notification and queue may be set
 * @fd: file or block device
 * @buf: memory
 * @nbytes: size
 * @offset: where in the file
 *
 * Return: as paio_submit().
 */
int paio_read(struct qemu_paiocb *acb, int fd, void *buf, size_t nbytes, off_t offset)
{
	return submit_one(acb, QEMU_AIO_READ, fd, buf, nbytes, offset);
}

/**
 * paio_write - start a write from one buffer; as paio_read()
 * @acb: request
 * @fd: file or block device
 * @buf: memory
 * @nbytes: size
 * @offset: where in the file
 */
int paio_write(struct qemu_paiocb *acb, int fd, const void *buf, size_t nbytes, off_t offset)
{
	return submit_one(acb, QEMU_AIO_WRITE, fd, (void *)buf, nbytes, offset);
}

/**
 * paio_readv - start a read into several buffers; as paio_read()
 * @acb: request
 * @fd: file or block device
 * @iov: buffers; any number, also more than readv(2) takes
 * @niov: how many
 * @offset: where in the file
 */
int paio_readv(struct qemu_paiocb *acb, int fd, const struct iovec *iov, int niov, off_t offset)
{
	int err = paio_check_free(acb);

	return err ? err : submit_rw(acb, QEMU_AIO_READ, fd, iov, niov, offset);
}

/**
 * paio_writev - start a write from several buffers; as paio_readv()
 * @acb: request
 * @fd: file or block device
 * @iov: buffers
 * @niov: how many
 * @offset: where in the file
 */
int paio_writev(struct qemu_paiocb *acb, int fd, const struct iovec *iov, int niov, off_t offset)
{
	int err = paio_check_free(acb);

	return err ? err : submit_rw(acb, QEMU_AIO_WRITE, fd, iov, niov, offset);
}

/**
 * paio_flush - start an fdatasync(2)
 * @acb: request
 * @fd: file or block device
 *
 * It covers the writes that have ended before, not those in flight.
 *
 * Return: as paio_submit(). The result is 0 or an error.
 */
int paio_flush(struct qemu_paiocb *acb, int fd)
{
	int err = paio_check_free(acb);

	if (err)
		return err;
	acb->aio_type = QEMU_AIO_FLUSH;
	acb->aio_fildes = fd;
	return paio_submit(acb);
}

/**
 * paio_ioctl - start an ioctl(2)
 * @acb: request
 * @fd: device
 * @cmd: command
 * @buf: its argument
 *
 * Of all requests only these are not repeated after EINTR: a command may have had its
 * effect already.
 *
 * Return: as paio_submit(). The result is what ioctl() returned, or an error.
 */
int paio_ioctl(struct qemu_paiocb *acb, int fd, unsigned long cmd, void *buf)
{
	int err = paio_check_free(acb);

	if (err)
		return err;
	acb->aio_type = QEMU_AIO_IOCTL;
	acb->aio_fildes = fd;
	acb->aio_ioctl_cmd = cmd;
	acb->aio_ioctl_buf = buf;
	return paio_submit(acb);
}

/**
 * paio_fallocate - start an fallocate(2)
 * @acb: request
 * @fd: file
 * @mode: FALLOC_FL_ flags
 * @offset: where in the file
 * @nbytes: how much, not 0
 *
 * Return: as paio_submit(). The result is 0 or an error.
 */
int paio_fallocate(struct qemu_paiocb *acb, int fd, int mode, off_t offset, size_t nbytes)
{
	int err = paio_check_free(acb);

	if (err)
		return err;
	acb->aio_type = PAIO_FALLOCATE;
	acb->aio_fildes = fd;
	acb->aio_mode = mode;
	acb->aio_offset = offset;
	acb->aio_nbytes = nbytes;
	return paio_submit(acb);
}

/**
 * paio_discard - give the space of a part of a file or block device back
 * @acb: request
 * @fd: file, in which a hole is punched, or block device
 * @offset: where
 * @nbytes: how much, not 0
 *
 * Return: as paio_submit(). The result is 0 or an error, -EOPNOTSUPP if it cannot be done.
 */
int paio_discard(struct qemu_paiocb *acb, int fd, off_t offset, size_t nbytes)
{
	int err = paio_check_free(acb);

	if (err)
		return err;
	acb->aio_type = QEMU_AIO_DISCARD;
	acb->aio_fildes = fd;
	acb->aio_offset = offset;
	acb->aio_nbytes = nbytes;
	return paio_submit(acb);
}
