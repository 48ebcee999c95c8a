// SPDX-License-Identifier: MIT
/*
 * Proves: requests with wrong fields are refused at submission with the documented error
 * and a message, nothing is notified, and the request can be mended and submitted; one in
 * flight is not submitted twice, and goes on as it was; waiting for and cancelling what was
 * never submitted is an error.
 */
#include "paio_test.h"

#include <limits.h>
#include <signal.h>

#include <uwq/aio_context.h>

static char buf[100];
static struct iovec iov = { buf, 100 };
static int calls;		/* atomic */

static void count_call(struct qemu_paiocb *acb)
{
	(void)acb;
	ADD(calls, 1);
}

static struct qemu_paiocb good_request(int fd)
{
	return (struct qemu_paiocb){
		.aio_fildes = fd, .aio_type = QEMU_AIO_READ, .aio_iov = &iov, .aio_niov = 1,
		.ev_notify = PAIO_CALLBACK, .ev_func = count_call,
	};
}

#define REFUSED(error, change) do {				\
	struct qemu_paiocb acb = good_request(fd);		\
	acb.change;						\
	EXPECT_EQ(-(error), paio_submit(&acb));			\
	EXPECT_EQ(EINVAL, paio_error(&acb));			\
	EXPECT_EQ(++nr, GET(log_hits));				\
} while (0)

TEST(wrong_fields)
{
	int fd = file_of(1000, 0), nr = 0;
	struct iovec huge[2] = { { buf, SSIZE_MAX }, { buf, 2 } };
	AioContext *ctx = aio_context_new();
	struct qemu_paiocb acb;

	log_count("is refused");
	REFUSED(EBADF, aio_fildes = -1);
	REFUSED(EINVAL, aio_type = 0);
	REFUSED(EINVAL, aio_type = 0x80);
	REFUSED(EINVAL, aio_iov = NULL);
	REFUSED(EINVAL, aio_niov = 0);
	REFUSED(EINVAL, aio_niov = -1);
	REFUSED(EINVAL, aio_offset = -1);
	REFUSED(EINVAL, aio_nbytes = 101);
	REFUSED(EINVAL, aio_flags = 0x100);
	REFUSED(EINVAL, ev_func = NULL);
	REFUSED(EINVAL, ev_notify = (enum paio_notify)77);
	REFUSED(EINVAL, ev_notify = PAIO_SIGNAL);
	REFUSED(EINVAL, ev_notify = PAIO_SIGNAL; acb.ev_signo = SIGRTMAX + 1);
	REFUSED(EINVAL, ev_notify = PAIO_CONTEXT);
	REFUSED(EINVAL, ev_notify = PAIO_CONTEXT; acb.ev_ctx = ctx; acb.ev_func = NULL);
	REFUSED(EBADF, ev_notify = PAIO_EVENTFD; acb.ev_fd = -1);
	REFUSED(EINVAL, aio_iov = huge; acb.aio_niov = 2);
	REFUSED(EINVAL, aio_type = QEMU_AIO_DISCARD; acb.aio_nbytes = (size_t)SSIZE_MAX + 1);
	REFUSED(EINVAL, aio_type = QEMU_AIO_DISCARD; acb.aio_nbytes = 1; acb.ev_func = NULL);
	REFUSED(EINVAL, aio_type = QEMU_AIO_FLUSH; acb.ev_func = NULL);
	aio_context_unref(ctx);
	acb = good_request(fd);
	EXPECT_EQ(-EBADF, paio_flush(&acb, -1));
	EXPECT_EQ(-EBADF, paio_ioctl(&acb, -1, 0, NULL));
	EXPECT_EQ(-EINVAL, paio_discard(&acb, fd, 0, 0));
	EXPECT_EQ(-EINVAL, paio_fallocate(&acb, fd, 0, -1, 10));
	EXPECT_EQ(nr + 4, GET(log_hits));
	EXPECT_EQ(0, GET(calls));
	/* mended */
	EXPECT_EQ(0, paio_read(&acb, fd, buf, 100, 0));
	EXPECT_EQ(100, result_of(&acb));
	EXPECT_EQ(1, GET(calls));
}

TEST(no_request)
{
	struct qemu_paiocb never = { 0 };

	log_count("no request");
	EXPECT_EQ(-EINVAL, paio_submit(NULL));
	EXPECT_EQ(-EINVAL, paio_read(NULL, 0, buf, 1, 0));
	EXPECT_EQ(-EINVAL, paio_flush(NULL, 0));
	EXPECT_EQ(-EINVAL, paio_wait(NULL));
	EXPECT_EQ(-EINVAL, paio_cancel(NULL));
	EXPECT_EQ(5, GET(log_hits));
	log_count("never submitted");
	EXPECT_EQ(-EINVAL, paio_wait(&never));
	EXPECT_EQ(-EINVAL, paio_cancel(&never));
	EXPECT_EQ(2, GET(log_hits));
}

#define STAYS(call) do {					\
	EXPECT_EQ(-EBUSY, call);				\
	EXPECT_EQ(QEMU_AIO_READ, acb.aio_type);			\
	EXPECT_TRUE(acb.aio_iov == &iov);			\
	EXPECT_EQ(0, acb.aio_offset);				\
} while (0)

TEST(one_in_flight)
{
	int fd = file_of(1000, 0);
	struct qemu_paiocb acb = good_request(fd);
	char other[10];

	log_count("in flight already");
	SET(call_hook, hold_call);
	ASSERT_EQ(0, paio_submit(&acb));
	gate_wait(&call_inside);
	EXPECT_EQ(-EBUSY, paio_submit(&acb));
	STAYS(paio_read(&acb, fd, other, 10, 5));
	STAYS(paio_write(&acb, fd, other, 10, 5));
	STAYS(paio_readv(&acb, fd, &iov, 1, 5));
	STAYS(paio_writev(&acb, fd, &iov, 1, 5));
	STAYS(paio_flush(&acb, fd));
	STAYS(paio_ioctl(&acb, fd, 5, other));
	STAYS(paio_discard(&acb, fd, 5, 10));
	STAYS(paio_fallocate(&acb, fd, 0, 5, 10));
	EXPECT_LE(1, GET(log_hits));
	gate_open(&call_go);
	EXPECT_EQ(100, result_of(&acb));
	EXPECT_TRUE(bytes_are((unsigned char *)buf, 0, 100));
	EXPECT_EQ(1, GET(calls));
	/* one look into the cache, which a callback leaves to the thread, and one read */
	EXPECT_EQ(2, GET(nr_calls));
}

TEST(a_queue_that_is_none)
{
	int fd = file_of(1000, 0);
	struct qemu_paiocb acb = good_request(fd);
	ThreadletQueue queue = { 0 };

	log_count("no queue");
	acb.aio_queue = &queue;
	EXPECT_EQ(-EINVAL, paio_submit(&acb));
	EXPECT_EQ(1, GET(log_hits));
	EXPECT_EQ(EINVAL, paio_error(&acb));
	acb.aio_queue = NULL;
	EXPECT_EQ(0, paio_submit(&acb));
	EXPECT_EQ(100, result_of(&acb));
}

TEST_HARNESS_MAIN
