// SPDX-License-Identifier: MIT
/*
 * paio_io.c - what a request of paio does, in the thread that runs it
 *
 * A read first asks for what is there without waiting (RWF_NOWAIT): cached data costs one
 * call, and no other thread is needed meanwhile. If it is little, the submitter asks itself:
 * to wake another thread takes longer. Whatever may block comes after uwq_blocking_begin(),
 * so that the next request starts at once.
 *
 * A transfer goes on after a part of it was done, or a signal. The buffers of the program
 * are only read: a cursor walks over them, and a window of them is copied for each call.
 *
 * O_DIRECT: Linux says -EINVAL for memory that it cannot take, and for the rest of a file
 * after a part of a block. The one is bounced, the other is the end of the file.
 *
 * Locks: none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uwq/blocking.h>

#include "workqueue/offload/paio_internal.h"

#define WINDOW		64
#define BLOCK		4096ul			/* enough for every device's alignment */
#define BOUNCE_MAX	(1024 * 1024ul)
#define CACHED_USES	31
#define CACHED_MAX	(32 * 1024ul)		/* takes no longer than waking a thread */

/* The rest of a request's memory. */
struct cursor {
	const struct iovec *iov;
	size_t skip;		/* of *iov */
	size_t left;		/* of all */
};

struct transfer {
	struct cursor rest;
	int fd;
	off_t pos;
	bool reading;
	bool blocking;		/* inside uwq_blocking_begin() */
	bool may_bounce;
	char *bounce;		/* not NULL: go through it */
	size_t bounce_size;
};

/* ---- the memory of the program ---- */

static struct iovec cursor_head(const struct cursor *rest)
{
	struct iovec head = {
		.iov_base = (char *)rest->iov->iov_base + rest->skip,
		.iov_len = rest->iov->iov_len - rest->skip,
	};

	if (head.iov_len > rest->left)
		head.iov_len = rest->left;
	return head;
}

static void cursor_next(struct cursor *rest, size_t len)
{
	rest->left -= len;
	rest->skip += len;
	while (rest->left && rest->skip >= rest->iov->iov_len) {
		rest->skip -= rest->iov->iov_len;
		rest->iov++;
	}
}

/* The next buffers; returns how many. One, and be it empty, if nothing is left. */
static int cursor_window(const struct cursor *rest, struct iovec *window)
{
	struct cursor at = *rest;
	int nr = 0;

	do {
		window[nr] = cursor_head(&at);
		cursor_next(&at, window[nr].iov_len);
	} while (++nr < WINDOW && at.left);
	return nr;
}

/* Call @fn for @len bytes of the memory, piece by piece, and be behind them. */
static void cursor_walk(struct cursor *rest, size_t len,
			void (*fn)(struct iovec piece, char **other), char *other)
{
	while (len) {
		struct iovec piece = cursor_head(rest);

		if (piece.iov_len > len)
			piece.iov_len = len;
		fn(piece, &other);
		len -= piece.iov_len;
		cursor_next(rest, piece.iov_len);
	}
}

static void copy_in(struct iovec piece, char **other)
{
	memcpy(piece.iov_base, *other, piece.iov_len);
	*other += piece.iov_len;
}

static void copy_out(struct iovec piece, char **other)
{
	memcpy(*other, piece.iov_base, piece.iov_len);
	*other += piece.iov_len;
}

static void fill_zero(struct iovec piece, char **other)
{
	(void)other;
	memset(piece.iov_base, 0, piece.iov_len);
}

static bool is_block_aligned(struct cursor rest)
{
	while (rest.left) {
		struct iovec piece = cursor_head(&rest);

		if (((uintptr_t)piece.iov_base | piece.iov_len) & (BLOCK - 1))
			return false;
		cursor_next(&rest, piece.iov_len);
	}
	return true;
}

/* ---- one call ---- */

static void block(struct transfer *t)
{
	if (!t->blocking)
		uwq_blocking_begin();
	t->blocking = true;
}

static ssize_t move_window(struct transfer *t)
{
	struct iovec window[WINDOW];
	int nr = cursor_window(&t->rest, window);
	ssize_t n;

	if (!t->reading)
		n = pwritev(t->fd, window, nr, t->pos);
	else if (t->blocking)
		n = preadv(t->fd, window, nr, t->pos);
	else
		n = preadv2(t->fd, window, nr, t->pos, RWF_NOWAIT);
	if (n < 0)
		return -errno;
	cursor_next(&t->rest, n);
	return n;
}

static ssize_t move_bounced(struct transfer *t)
{
	size_t len = t->rest.left < t->bounce_size ? t->rest.left : t->bounce_size;
	struct cursor copied = t->rest;
	ssize_t n;

	if (t->reading) {
		n = pread(t->fd, t->bounce, len, t->pos);
		if (n > 0)
			cursor_walk(&t->rest, n, copy_in, t->bounce);
	} else {
		cursor_walk(&copied, len, copy_out, t->bounce);
		n = pwrite(t->fd, t->bounce, len, t->pos);
		if (n > 0)
			cursor_next(&t->rest, n);
	}
	return n < 0 ? -errno : n;
}

/* ---- O_DIRECT ---- */

static bool is_direct(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && flags & O_DIRECT;
}

/*
 * Does a read go without the cache, so that Linux waits for the device whatever we say? To
 * ask costs a good part of a cached read, so the answer is kept for the next uses of the
 * request. If the descriptor becomes another file meanwhile, a few reads wait.
 */
static bool goes_direct(struct qemu_paiocb *acb)
{
	if (acb->priv.cached_fd == acb->aio_fildes + 1 && acb->priv.cached_uses) {
		acb->priv.cached_uses--;
		return false;
	}
	acb->priv.cached_fd = acb->aio_fildes + 1;
	acb->priv.cached_uses = is_direct(acb->aio_fildes) ? 0 : CACHED_USES;
	return !acb->priv.cached_uses;
}

/* ---- what an error means ---- */

/* After a read that ended within the last block. */
static bool is_past_end(int fd, off_t pos)
{
	struct stat stat;

	return !fstat(fd, &stat) && S_ISREG(stat.st_mode) && pos >= stat.st_size;
}

/* 0: try again, through the other memory. */
static ssize_t start_bouncing(struct transfer *t)
{
	if (t->bounce || !t->may_bounce || is_block_aligned(t->rest))
		return -EINVAL;
	t->bounce_size = t->rest.left < BOUNCE_MAX ? t->rest.left : BOUNCE_MAX;
	t->bounce_size = (t->bounce_size + BLOCK - 1) & ~(BLOCK - 1);
	t->bounce = aligned_alloc(BLOCK, t->bounce_size);
	return t->bounce ? 0 : -ENOMEM;
}

/* A call has failed; 0: go on, 1: it was the end of the file. */
static ssize_t recover(struct transfer *t, ssize_t err, size_t done)
{
	if (err == -EINTR)
		return 0;
	/* nothing there, or no such question known here: wait for it */
	if (t->reading && !t->blocking && (err == -EAGAIN || err == -EOPNOTSUPP)) {
		block(t);
		return 0;
	}
	if (err != -EINVAL || !is_direct(t->fd))
		return err;
	if (t->reading && done && is_past_end(t->fd, t->pos))
		return 1;
	return start_bouncing(t);
}

/* ---- reading and writing ---- */

/* Until all is done; 0, or an error. */
static ssize_t move_all(struct transfer *t, size_t *done)
{
	ssize_t n;

	do {
		n = t->bounce ? move_bounced(t) : move_window(t);
		if (n > 0) {
			t->pos += n;
			*done += n;
			continue;
		}
		if (!n && t->reading)
			return 0;
		if (!n)
			return t->rest.left ? -ENOSPC : 0;
		n = recover(t, n, *done);
		if (n)
			return n < 0 ? n : 0;
	} while (t->rest.left);
	return 0;
}

static size_t size_of(const struct qemu_paiocb *acb)
{
	size_t sum = 0;
	int i;

	if (acb->aio_nbytes)
		return acb->aio_nbytes;
	for (i = 0; i < acb->aio_niov; i++)
		sum += acb->aio_iov[i].iov_len;
	return sum;
}

static ssize_t read_or_write(struct qemu_paiocb *acb, size_t *done)
{
	struct transfer t = {
		.rest = { .iov = acb->aio_iov, .left = size_of(acb) },
		.fd = acb->aio_fildes,
		.pos = acb->aio_offset,
		.reading = acb->aio_type == QEMU_AIO_READ,
		.may_bounce = !(acb->aio_flags & PAIO_NO_BOUNCE),
	};
	ssize_t ret;

	if (!t.reading || acb->priv.missed || goes_direct(acb))
		block(&t);
	cursor_next(&t.rest, 0);	/* empty buffers at the start */
	ret = move_all(&t, done);
	if (t.blocking)
		uwq_blocking_end();
	free(t.bounce);
	if (ret)
		return ret;
	ret = *done;
	if (t.reading && acb->aio_flags & PAIO_ZERO_FILL) {
		ret += t.rest.left;
		cursor_walk(&t.rest, t.rest.left, fill_zero, NULL);
	}
	return ret;
}

bool paio_is_small(struct qemu_paiocb *acb)
{
	/* without the cache, Linux would wait for the device */
	return acb->aio_niov <= WINDOW && size_of(acb) <= CACHED_MAX && !goes_direct(acb);
}

bool paio_read_cached(const struct qemu_paiocb *acb, size_t *done)
{
	size_t size = size_of(acb);
	ssize_t n;

	n = preadv2(acb->aio_fildes, acb->aio_iov, acb->aio_niov, acb->aio_offset, RWF_NOWAIT);
	*done = size;
	return n > 0 && (size_t)n == size;
}

/* ---- everything else ---- */

static int allocate(int fd, int mode, off_t offset, size_t nbytes)
{
	int ret;

	do
		ret = fallocate(fd, mode, offset, nbytes);
	while (ret && errno == EINTR);
	return ret;
}

static int discard(const struct qemu_paiocb *acb)
{
	uint64_t range[2] = { acb->aio_offset, acb->aio_nbytes };
	struct stat stat;

	if (fstat(acb->aio_fildes, &stat))
		return -1;
	if (S_ISBLK(stat.st_mode))
		return ioctl(acb->aio_fildes, BLKDISCARD, range);
	return allocate(acb->aio_fildes, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			acb->aio_offset, acb->aio_nbytes);
}

static int flush(int fd)
{
	int ret;

	do
		ret = fdatasync(fd);
	while (ret && errno == EINTR);
	return ret;
}

static int perform_other(const struct qemu_paiocb *acb)
{
	switch (acb->aio_type) {
	case QEMU_AIO_FLUSH:
		return flush(acb->aio_fildes);
	case QEMU_AIO_IOCTL:
		return ioctl(acb->aio_fildes, acb->aio_ioctl_cmd, acb->aio_ioctl_buf);
	case QEMU_AIO_DISCARD:
		return discard(acb);
	default:
		return allocate(acb->aio_fildes, acb->aio_mode, acb->aio_offset,
				acb->aio_nbytes);
	}
}

ssize_t paio_perform(struct qemu_paiocb *acb, size_t *done)
{
	int ret;

	if (acb->aio_type == QEMU_AIO_READ || acb->aio_type == QEMU_AIO_WRITE)
		return read_or_write(acb, done);
	uwq_blocking_begin();
	ret = perform_other(acb);
	uwq_blocking_end();
	return ret < 0 ? -errno : ret;
}
