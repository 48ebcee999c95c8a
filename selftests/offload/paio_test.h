/* SPDX-License-Identifier: MIT */
/*
 * paio_test.h - files with known bytes, and system calls that do what a test wants
 *
 * The library calls preadv2(), preadv() and pwritev() of this program, which ask a hook
 * first: so a test can cut transfers short, interrupt them, refuse them and hold them.
 */
#ifndef UWQ_SELFTESTS_PAIO_TEST_H
#define UWQ_SELFTESTS_PAIO_TEST_H

#include "threadlet_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <uwq/paio.h>

enum call { CALL_READ_NOWAIT, CALL_READ, CALL_WRITE };

/* False: go on as usual, with *iov and *niov as they are now. */
typedef bool (*call_hook_t)(enum call call, struct iovec *iov, int *niov, ssize_t *ret);

static call_hook_t call_hook;	/* atomic */
static int nr_calls;		/* atomic */

static inline ssize_t hooked(long nr, enum call call, int fd, const struct iovec *iov, int niov,
			     off_t pos, int flags)
{
	call_hook_t hook = GET(call_hook);
	struct iovec mine[64];
	ssize_t ret;

	ADD(nr_calls, 1);
	memcpy(mine, iov, niov * sizeof(*iov));
	if (hook && hook(call, mine, &niov, &ret))
		return ret;
	return syscall(nr, fd, mine, (unsigned long)niov, pos, 0ul, flags);
}

ssize_t preadv2(int fd, const struct iovec *iov, int niov, off_t pos, int flags)
{
	return hooked(SYS_preadv2, flags ? CALL_READ_NOWAIT : CALL_READ, fd, iov, niov, pos,
		      flags);
}

ssize_t preadv(int fd, const struct iovec *iov, int niov, off_t pos)
{
	return hooked(SYS_preadv2, CALL_READ, fd, iov, niov, pos, 0);
}

ssize_t pwritev(int fd, const struct iovec *iov, int niov, off_t pos)
{
	return hooked(SYS_pwritev2, CALL_WRITE, fd, iov, niov, pos, 0);
}

static inline bool fail_call(ssize_t *ret, int error)
{
	*ret = -1;
	errno = error;
	return true;
}

static struct gate call_inside, call_go;

/* A hook: nothing is cached, and the call waits until the test lets it go. */
static inline bool hold_call(enum call call, struct iovec *iov, int *niov, ssize_t *ret)
{
	(void)iov;
	(void)niov;
	if (call == CALL_READ_NOWAIT)
		return fail_call(ret, EAGAIN);
	gate_open(&call_inside);
	gate_wait(&call_go);
	return false;
}

/* ---- files ---- */

static inline unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 7 + i / 4096);
}

static inline void fill_bytes(unsigned char *buf, size_t pos, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = byte_at(pos + i);
}

static inline bool bytes_are(const unsigned char *buf, size_t pos, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (buf[i] != byte_at(pos + i))
			return false;
	return true;
}

/* A file of @size known bytes without a name, opened with @flags; negative: why not. */
static inline int file_of(size_t size, int flags)
{
	const char *dir = getenv("TMPDIR");
	unsigned char *bytes = malloc(size + 1);
	char path[256];
	int fd, again;

	snprintf(path, sizeof(path), "%s/paio.XXXXXX", dir ? dir : "/tmp");
	fd = mkstemp(path);
	if (fd < 0)
		return -errno;
	fill_bytes(bytes, 0, size);
	if (write(fd, bytes, size) != (ssize_t)size || fsync(fd))
		perror(path);
	free(bytes);
	again = open(path, O_RDWR | flags);
	if (again < 0)
		again = -errno;
	unlink(path);
	close(fd);
	return again;
}

/* Wait for a request and give its result. */
static inline ssize_t result_of(struct qemu_paiocb *acb)
{
	paio_wait(acb);
	return paio_return(acb);
}

#endif
