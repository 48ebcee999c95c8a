// SPDX-License-Identifier: MIT
/*
 * Proves: read, write, readv and writev (with more buffers than one system call takes, odd
 * and empty ones), flush, ioctl, fallocate and discard have the effect and the result of
 * the system call, on files and on a block device; and what Linux refuses ends with Linux'
 * error.
 */
#include "paio_test.h"

#include <linux/falloc.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

#define SIZE	300000

FIXTURE(file) {
	int fd;
};

FIXTURE_SETUP(file)
{
	self->fd = file_of(SIZE, 0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(file)
{
	close(self->fd);
}

TEST_F(file, one_buffer)
{
	struct qemu_paiocb acb = { 0 };
	unsigned char buf[10000];

	ASSERT_EQ(0, paio_read(&acb, self->fd, buf, sizeof(buf), 12345));
	EXPECT_EQ(10000, result_of(&acb));
	EXPECT_EQ(0, paio_error(&acb));
	EXPECT_EQ(10000, paio_done(&acb));
	EXPECT_TRUE(bytes_are(buf, 12345, 10000));
	/* written where it was read, one byte further */
	ASSERT_EQ(0, paio_write(&acb, self->fd, buf, sizeof(buf), 12346));
	EXPECT_EQ(10000, result_of(&acb));
	ASSERT_EQ(0, paio_flush(&acb, self->fd));
	EXPECT_EQ(0, result_of(&acb));
	ASSERT_EQ(10000, pread(self->fd, buf, 10000, 12346));
	EXPECT_TRUE(bytes_are(buf, 12345, 10000));
	ASSERT_EQ(0, paio_read(&acb, self->fd, buf, 0, 0));
	EXPECT_EQ(0, result_of(&acb));
}

#define NIOV	3000

/* Pieces of 0..150 bytes, one after the other in @mem; returns their sum. */
static size_t cut(struct iovec *iov, unsigned char *mem)
{
	size_t at = 0;

	for (int i = 0; i < NIOV; i++) {
		iov[i].iov_base = mem + at;
		iov[i].iov_len = i * 37 % 151;
		at += iov[i].iov_len;
	}
	return at;
}

TEST_F(file, more_buffers_than_one_call_takes)
{
	static unsigned char mem[NIOV * 151];
	static struct iovec iov[NIOV], kept[NIOV];
	struct qemu_paiocb acb = { 0 };
	size_t sum = cut(iov, mem);

	memcpy(kept, iov, sizeof(iov));
	ASSERT_EQ(0, paio_readv(&acb, self->fd, iov, NIOV, 99));
	EXPECT_EQ((ssize_t)sum, result_of(&acb));
	EXPECT_TRUE(bytes_are(mem, 99, sum));
	ASSERT_EQ(0, paio_writev(&acb, self->fd, iov, NIOV, SIZE));
	EXPECT_EQ((ssize_t)sum, result_of(&acb));
	EXPECT_EQ(0, memcmp(kept, iov, sizeof(iov)));
	memset(mem, 0, sizeof(mem));
	ASSERT_EQ((ssize_t)sum, pread(self->fd, mem, sum, SIZE));
	EXPECT_TRUE(bytes_are(mem, 99, sum));
}

TEST_F(file, as_much_as_nbytes_says)
{
	unsigned char buf[300] = { 0 };
	struct iovec iov[3] = { { buf, 100 }, { buf + 100, 100 }, { buf + 200, 100 } };
	struct qemu_paiocb acb = {
		.aio_fildes = self->fd, .aio_type = QEMU_AIO_READ, .aio_iov = iov, .aio_niov = 3,
		.aio_nbytes = 150, .aio_offset = 5,
	};

	ASSERT_EQ(0, paio_submit(&acb));
	EXPECT_EQ(150, result_of(&acb));
	EXPECT_TRUE(bytes_are(buf, 5, 150));
	for (int i = 150; i < 300; i++)
		EXPECT_EQ(0, buf[i]);
}

TEST_F(file, a_queue_of_the_program)
{
	struct qemu_paiocb acb = { 0 };
	unsigned char buf[100];
	ThreadletQueue queue;

	ASSERT_EQ(0, threadlet_queue_init(&queue, 3, 0));
	acb.aio_queue = &queue;
	ASSERT_EQ(0, paio_read(&acb, self->fd, buf, 100, 1));
	EXPECT_EQ(100, result_of(&acb));
	EXPECT_TRUE(bytes_are(buf, 1, 100));
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

TEST_F(file, space_is_taken_and_given_back)
{
	struct qemu_paiocb acb = { 0 };
	unsigned char buf[8192];
	struct stat stat;

	ASSERT_EQ(0, paio_fallocate(&acb, self->fd, 0, SIZE, 1 << 20));
	if (result_of(&acb) == -EOPNOTSUPP)
		SKIP(return, "no fallocate() here");
	EXPECT_EQ(0, paio_return(&acb));
	ASSERT_EQ(0, fstat(self->fd, &stat));
	EXPECT_EQ(SIZE + (1 << 20), stat.st_size);
	ASSERT_EQ(0, paio_fallocate(&acb, self->fd, FALLOC_FL_ZERO_RANGE, 0, 10));
	paio_wait(&acb);
	ASSERT_EQ(0, paio_discard(&acb, self->fd, 8192, 4096));
	ASSERT_EQ(0, result_of(&acb));
	ASSERT_EQ(8192, pread(self->fd, buf, 8192, 8192));
	for (int i = 0; i < 4096; i++)
		ASSERT_EQ(0, buf[i]);
	EXPECT_TRUE(bytes_are(buf + 4096, 8192 + 4096, 4096));
	ASSERT_EQ(0, fstat(self->fd, &stat));
	EXPECT_EQ(SIZE + (1 << 20), stat.st_size);
}

TEST_F(file, what_linux_refuses)
{
	struct qemu_paiocb acb = { 0 };
	char buf[10];
	int pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, paio_read(&acb, pipes[0], buf, 10, 0));
	EXPECT_EQ(-ESPIPE, result_of(&acb));
	EXPECT_EQ(ESPIPE, paio_error(&acb));
	EXPECT_EQ(0, paio_done(&acb));
	ASSERT_EQ(0, paio_read(&acb, 9999, buf, 10, 0));
	EXPECT_EQ(-EBADF, result_of(&acb));
	ASSERT_EQ(0, paio_flush(&acb, pipes[0]));
	EXPECT_EQ(-EINVAL, result_of(&acb));
	ASSERT_EQ(0, paio_discard(&acb, pipes[0], 0, 10));
	EXPECT_GT(0, result_of(&acb));
	ASSERT_EQ(0, paio_read(&acb, self->fd, (void *)16, 10, 0));
	EXPECT_EQ(-EFAULT, result_of(&acb));
}

TEST(an_ioctl)
{
	struct qemu_paiocb acb = { 0 };
	int pipes[2], nr = -1;

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(5, write(pipes[1], "12345", 5));
	ASSERT_EQ(0, paio_ioctl(&acb, pipes[0], FIONREAD, &nr));
	EXPECT_EQ(0, result_of(&acb));
	EXPECT_EQ(5, nr);
	ASSERT_EQ(0, paio_ioctl(&acb, pipes[0], TIOCGWINSZ, &nr));
	EXPECT_EQ(-ENOTTY, result_of(&acb));
}

/* A loop device on @fd; negative: there is none to be had. */
static int loop_on(int fd)
{
	int control = open("/dev/loop-control", O_RDWR), nr, loop;
	char name[40];

	nr = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	snprintf(name, sizeof(name), "/dev/loop%d", nr);
	loop = nr < 0 ? -1 : open(name, O_RDWR);
	if (loop >= 0 && ioctl(loop, LOOP_SET_FD, fd)) {
		close(loop);
		return -1;
	}
	return loop;
}

TEST(a_block_device)
{
	static unsigned char buf[8192] __attribute__((aligned(4096)));
	struct qemu_paiocb acb = { 0 };
	int fd = file_of(1 << 20, 0), loop = loop_on(fd);

	if (loop < 0)
		SKIP(return, "no loop device");
	EXPECT_EQ(0, paio_read(&acb, loop, buf, 8192, 4096));
	EXPECT_EQ(8192, result_of(&acb));
	EXPECT_TRUE(bytes_are(buf, 4096, 8192));
	EXPECT_EQ(0, paio_write(&acb, loop, buf, 8192, 65536));
	EXPECT_EQ(8192, result_of(&acb));
	EXPECT_EQ(0, paio_flush(&acb, loop));
	EXPECT_EQ(0, result_of(&acb));
	EXPECT_EQ(0, paio_discard(&acb, loop, 8192, 4096));
	EXPECT_EQ(0, result_of(&acb));
	EXPECT_EQ(0, paio_read(&acb, loop, buf, 8192, 4096));
	EXPECT_EQ(8192, result_of(&acb));
	EXPECT_TRUE(bytes_are(buf, 4096, 4096));
	for (int i = 4096; i < 8192; i++)
		EXPECT_EQ(0, buf[i]);
	ioctl(loop, LOOP_CLR_FD, 0);
	close(loop);
	ASSERT_EQ(8192, pread(fd, buf, 8192, 65536));
	EXPECT_TRUE(bytes_are(buf, 4096, 8192));
}

TEST_HARNESS_MAIN
