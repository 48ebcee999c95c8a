// SPDX-License-Identifier: MIT
/*
 * Proves: a transfer that the system cut short goes on where it stopped, through one and
 * many buffers; one that a signal interrupted is repeated; what is not in the cache is
 * waited for; an error after a part is reported, and paio_done() tells the part.
 */
#include "paio_test.h"

#define SIZE	100000

static int turn;		/* atomic */
static int fail_at, fail_with;

/* At most 777 bytes of the first buffer; every third call is interrupted. */
static bool in_parts(enum call call, struct iovec *iov, int *niov, ssize_t *ret)
{
	int nr = ADD(turn, 1);

	(void)call;
	if (fail_at && nr >= fail_at)
		return fail_call(ret, fail_with);
	if (nr % 3 == 0)
		return fail_call(ret, EINTR);
	*niov = 1;
	if (iov->iov_len > 777)
		iov->iov_len = 777;
	return false;
}

/* The same, and nothing is in the cache. */
static bool in_parts_uncached(enum call call, struct iovec *iov, int *niov, ssize_t *ret)
{
	if (call == CALL_READ_NOWAIT)
		return fail_call(ret, EAGAIN);
	return in_parts(call, iov, niov, ret);
}

FIXTURE(file) {
	int fd;
	unsigned char *buf;
	struct qemu_paiocb acb;
};

FIXTURE_SETUP(file)
{
	memset(&self->acb, 0, sizeof(self->acb));
	self->fd = file_of(SIZE, 0);
	ASSERT_LE(0, self->fd);
	self->buf = calloc(1, SIZE);
	SET(call_hook, in_parts);
}

FIXTURE_TEARDOWN(file)
{
	free(self->buf);
	close(self->fd);
}

TEST_F(file, a_read)
{
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, self->buf, SIZE, 0));
	EXPECT_EQ(SIZE, result_of(&self->acb));
	EXPECT_TRUE(bytes_are(self->buf, 0, SIZE));
	EXPECT_LE(SIZE / 777, GET(turn));
}

TEST_F(file, a_read_of_what_is_not_cached)
{
	SET(call_hook, in_parts_uncached);
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, self->buf, SIZE, 0));
	EXPECT_EQ(SIZE, result_of(&self->acb));
	EXPECT_TRUE(bytes_are(self->buf, 0, SIZE));
}

TEST_F(file, many_buffers)
{
	struct iovec iov[100];

	for (int i = 0; i < 100; i++)
		iov[i] = (struct iovec){ self->buf + i * 1000, 1000 };
	ASSERT_EQ(0, paio_readv(&self->acb, self->fd, iov, 100, 0));
	EXPECT_EQ(SIZE, result_of(&self->acb));
	EXPECT_TRUE(bytes_are(self->buf, 0, SIZE));
}

TEST_F(file, a_write)
{
	fill_bytes(self->buf, 5, SIZE);
	ASSERT_EQ(0, paio_write(&self->acb, self->fd, self->buf, SIZE, 1000));
	EXPECT_EQ(SIZE, result_of(&self->acb));
	SET(call_hook, NULL);
	memset(self->buf, 0, SIZE);
	ASSERT_EQ(SIZE, pread(self->fd, self->buf, SIZE, 1000));
	EXPECT_TRUE(bytes_are(self->buf, 5, SIZE));
}

TEST_F(file, an_error_after_a_part)
{
	struct iovec first = { self->buf, 1 };

	/* where the system cannot tell what is cached, the refused question is not a part */
	SET(call_hook, NULL);
	if (preadv2(self->fd, &first, 1, 0, RWF_NOWAIT) == 1)
		SET(call_hook, in_parts);
	else
		SET(call_hook, in_parts_uncached);
	fail_at = 5;
	fail_with = EIO;
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, self->buf, SIZE, 0));
	EXPECT_EQ(-EIO, result_of(&self->acb));
	EXPECT_EQ(EIO, paio_error(&self->acb));
	/* calls 1, 2 and 4 were good */
	EXPECT_EQ(3 * 777, paio_done(&self->acb));
	EXPECT_TRUE(bytes_are(self->buf, 0, 3 * 777));
	EXPECT_EQ(0, self->buf[3 * 777]);
}

static bool takes_nothing(enum call call, struct iovec *iov, int *niov, ssize_t *ret)
{
	(void)call;
	(void)iov;
	(void)niov;
	*ret = 0;
	return true;
}

TEST_F(file, a_write_that_takes_nothing_does_not_go_on_for_ever)
{
	SET(call_hook, takes_nothing);
	ASSERT_EQ(0, paio_write(&self->acb, self->fd, self->buf, 100, 0));
	EXPECT_EQ(-ENOSPC, result_of(&self->acb));
}

static int syncs;		/* atomic */

int fdatasync(int fd)
{
	if (ADD(syncs, 1) < 3) {
		errno = EINTR;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

TEST_F(file, a_flush)
{
	ASSERT_EQ(0, paio_flush(&self->acb, self->fd));
	EXPECT_EQ(0, result_of(&self->acb));
	EXPECT_EQ(3, GET(syncs));
}

TEST_HARNESS_MAIN
