// SPDX-License-Identifier: MIT
/*
 * Proves: a read over the end of the file returns what is there, or all with zeros at the
 * end if it was asked to; through many buffers too, and with O_DIRECT, where Linux refuses
 * to go on after a part of a block.
 */
#include "paio_test.h"

#define SIZE	5000

static unsigned char buf[16384] __attribute__((aligned(4096)));

static ssize_t read_past(int fd, unsigned int flags, off_t offset, struct qemu_paiocb *acb)
{
	memset(acb, 0, sizeof(*acb));
	memset(buf, 0xee, sizeof(buf));
	acb->aio_flags = flags;
	if (paio_read(acb, fd, buf, 12288, offset))
		return -1;
	return result_of(acb);
}

static bool is_all(const unsigned char *bytes, size_t len, unsigned char value)
{
	while (len--)
		if (*bytes++ != value)
			return false;
	return true;
}

static void check(struct __test_metadata *_metadata, int fd)
{
	struct qemu_paiocb acb;

	EXPECT_EQ(SIZE, read_past(fd, 0, 0, &acb));
	EXPECT_EQ(0, paio_error(&acb));
	EXPECT_TRUE(bytes_are(buf, 0, SIZE));
	EXPECT_TRUE(is_all(buf + 12288, 4096, 0xee));
	EXPECT_EQ(12288, read_past(fd, PAIO_ZERO_FILL, 0, &acb));
	EXPECT_EQ(SIZE, paio_done(&acb));
	EXPECT_TRUE(bytes_are(buf, 0, SIZE));
	EXPECT_TRUE(is_all(buf + SIZE, 12288 - SIZE, 0));
	EXPECT_TRUE(is_all(buf + 12288, 4096, 0xee));
	/* wholly behind it */
	EXPECT_EQ(0, read_past(fd, 0, 8192, &acb));
	EXPECT_EQ(0, paio_error(&acb));
	EXPECT_EQ(12288, read_past(fd, PAIO_ZERO_FILL, 8192, &acb));
	EXPECT_EQ(0, paio_done(&acb));
	EXPECT_TRUE(is_all(buf, 12288, 0));
}

TEST(of_a_file)
{
	int fd = file_of(SIZE, 0);

	ASSERT_LE(0, fd);
	check(_metadata, fd);
}

TEST(of_a_file_without_the_cache)
{
	int fd = file_of(SIZE, O_DIRECT);

	if (fd < 0)
		SKIP(return, "no O_DIRECT here");
	check(_metadata, fd);
}

static int turn;		/* atomic */

/* As file systems do that want whole blocks: what follows a part of one is refused. */
static bool refuse_the_rest(enum call call, struct iovec *iov, int *niov, ssize_t *ret)
{
	(void)call;
	(void)iov;
	(void)niov;
	return ADD(turn, 1) % 2 ? false : fail_call(ret, EINVAL);
}

TEST(where_the_rest_of_a_block_is_refused)
{
	struct qemu_paiocb acb;
	int fd = file_of(SIZE, O_DIRECT);

	if (fd < 0)
		SKIP(return, "no O_DIRECT here");
	SET(call_hook, refuse_the_rest);
	EXPECT_EQ(SIZE, read_past(fd, PAIO_NO_BOUNCE, 0, &acb));
	EXPECT_EQ(2, GET(turn));
	EXPECT_EQ(12288, read_past(fd, PAIO_NO_BOUNCE | PAIO_ZERO_FILL, 0, &acb));
	EXPECT_EQ(4, GET(turn));
	EXPECT_TRUE(bytes_are(buf, 0, SIZE));
	EXPECT_TRUE(is_all(buf + SIZE, 12288 - SIZE, 0));
}

TEST(of_many_buffers)
{
	struct qemu_paiocb acb = { .aio_flags = PAIO_ZERO_FILL };
	struct iovec iov[90];
	int fd = file_of(SIZE, 0);

	for (int i = 0; i < 90; i++)
		iov[i] = (struct iovec){ buf + i * 100, i == 60 ? 0 : 100 };
	memset(buf, 0xee, sizeof(buf));
	ASSERT_EQ(0, paio_readv(&acb, fd, iov, 90, 0));
	EXPECT_EQ(8900, result_of(&acb));
	EXPECT_EQ(SIZE, paio_done(&acb));
	EXPECT_TRUE(bytes_are(buf, 0, SIZE));
	EXPECT_TRUE(is_all(buf + 6000, 100, 0xee));
	EXPECT_TRUE(is_all(buf + 6100, 2900, 0));
}

TEST_HARNESS_MAIN
