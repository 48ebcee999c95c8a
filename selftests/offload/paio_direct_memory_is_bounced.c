// SPDX-License-Identifier: MIT
/*
 * Proves: with O_DIRECT, memory that Linux refuses is copied through memory that it takes,
 * in both directions, more than fits at once, in odd pieces; without being asked to it is
 * not; and an offset or length that Linux refuses stays refused, with its error.
 */
#include "paio_test.h"

#define SIZE	(3 * 1024 * 1024 + 8192)

static unsigned char *odd;	/* not even aligned to 2 */

FIXTURE(file) {
	int fd;
	struct qemu_paiocb acb;
};

FIXTURE_SETUP(file)
{
	memset(&self->acb, 0, sizeof(self->acb));
	self->fd = file_of(SIZE, O_DIRECT);
	odd = (unsigned char *)aligned_alloc(4096, SIZE + 4096) + 1;
}

FIXTURE_TEARDOWN(file)
{
	free(odd - 1);
	close(self->fd);
}

/* What Linux itself says to such a read. */
static ssize_t linux_says(int fd, size_t len, off_t pos)
{
	ssize_t n = pread(fd, odd, len, pos);

	return n < 0 ? -errno : n;
}

TEST_F(file, memory_that_linux_refuses)
{
	if (self->fd < 0 || linux_says(self->fd, 4096, 0) != -EINVAL)
		SKIP(return, "no O_DIRECT here, or it takes any memory");
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, odd, SIZE, 0));
	EXPECT_EQ(SIZE, result_of(&self->acb));
	EXPECT_TRUE(bytes_are(odd, 0, SIZE));
	fill_bytes(odd, 77, SIZE);
	ASSERT_EQ(0, paio_write(&self->acb, self->fd, odd, SIZE, 4096));
	EXPECT_EQ(SIZE, result_of(&self->acb));
	memset(odd, 0, SIZE);
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, odd, SIZE, 4096));
	EXPECT_EQ(SIZE, result_of(&self->acb));
	EXPECT_TRUE(bytes_are(odd, 77, SIZE));
}

TEST_F(file, odd_pieces_whose_sum_is_even)
{
	struct iovec iov[4];

	if (self->fd < 0)
		SKIP(return, "no O_DIRECT here");
	iov[0] = (struct iovec){ odd, 100 };
	iov[1] = (struct iovec){ odd + 100, 4000 };
	iov[2] = (struct iovec){ odd + 4100, 0 };
	iov[3] = (struct iovec){ odd + 4100, 8192 - 4100 };
	ASSERT_EQ(0, paio_readv(&self->acb, self->fd, iov, 4, 4096));
	EXPECT_EQ(8192, result_of(&self->acb));
	EXPECT_TRUE(bytes_are(odd, 4096, 8192));
	fill_bytes(odd, 5, 8192);
	ASSERT_EQ(0, paio_writev(&self->acb, self->fd, iov, 4, 0));
	EXPECT_EQ(8192, result_of(&self->acb));
	memset(odd, 0, 8192);
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, odd, 8192, 0));
	EXPECT_EQ(8192, result_of(&self->acb));
	EXPECT_TRUE(bytes_are(odd, 5, 8192));
}

TEST_F(file, not_if_the_program_does_not_want_it)
{
	ssize_t said;

	if (self->fd < 0)
		SKIP(return, "no O_DIRECT here");
	said = linux_says(self->fd, 4096, 0);
	self->acb.aio_flags = PAIO_NO_BOUNCE;
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, odd, 4096, 0));
	EXPECT_EQ(said, result_of(&self->acb));
}

TEST_F(file, offsets_and_lengths_that_linux_refuses)
{
	ssize_t said;

	if (self->fd < 0)
		SKIP(return, "no O_DIRECT here");
	said = linux_says(self->fd, 4096, 3);
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, odd, 4096, 3));
	EXPECT_EQ(said, result_of(&self->acb));
	said = linux_says(self->fd, 100, 0);
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, odd, 100, 0));
	EXPECT_EQ(said, result_of(&self->acb));
}

TEST_HARNESS_MAIN
