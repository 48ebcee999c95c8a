// SPDX-License-Identifier: MIT
/*
 * Proves: a small read of what is cached has ended when its submission returns, is notified,
 * and needs no thread, unless very many come (paio_shared_reads_end_once); one that is not
 * cached, or goes without the cache, does not hold the submitter up; and what asks for
 * another thread, or has a callback, gets one.
 */
#include "paio_test.h"

#include <sys/eventfd.h>

static unsigned char buf[65536] __attribute__((aligned(4096)));

FIXTURE(file) {
	int fd;
	struct qemu_paiocb acb;
};

FIXTURE_SETUP(file)
{
	struct iovec iov = { buf, 4096 };

	memset(&self->acb, 0, sizeof(self->acb));
	self->fd = file_of(200000, 0);
	ASSERT_LE(0, self->fd);
	if (preadv2(self->fd, &iov, 1, 0, RWF_NOWAIT) != 4096)
		SKIP(return, "this file system cannot tell what is cached");
}

FIXTURE_TEARDOWN(file)
{
	close(self->fd);
}

TEST_F(file, without_a_thread)
{
	int before = count_threads();
	uint64_t count = 0;

	self->acb.ev_notify = PAIO_EVENTFD;
	self->acb.ev_fd = eventfd(0, EFD_NONBLOCK);
	for (int i = 0; i < 60; i++) {
		ASSERT_EQ(0, paio_read(&self->acb, self->fd, buf, 4096, i));
		ASSERT_EQ(0, paio_error(&self->acb));
		ASSERT_EQ(4096, paio_return(&self->acb));
		ASSERT_TRUE(bytes_are(buf, i, 4096));
	}
	EXPECT_EQ(8, read(self->acb.ev_fd, &count, 8));
	EXPECT_EQ(60, count);
	EXPECT_EQ(before, count_threads());
	EXPECT_EQ(1, paio_cancel(&self->acb));
}

TEST_F(file, not_what_is_not_cached)
{
	SET(call_hook, hold_call);
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, buf, 4096, 0));
	gate_wait(&call_inside);
	EXPECT_EQ(EINPROGRESS, paio_error(&self->acb));
	gate_open(&call_go);
	EXPECT_EQ(4096, result_of(&self->acb));
	EXPECT_TRUE(bytes_are(buf, 0, 4096));
}

static pthread_t reader;

static bool note_reader(enum call call, struct iovec *iov, int *niov, ssize_t *ret)
{
	(void)call;
	(void)iov;
	(void)niov;
	(void)ret;
	reader = pthread_self();
	return false;
}

static void count_call(struct qemu_paiocb *acb)
{
	ADD(*(int *)acb->ev_opaque, 1);
}

TEST_F(file, not_in_the_callers_thread)
{
	int calls = 0, direct = file_of(8192, O_DIRECT);
	pthread_t me = pthread_self();

	SET(call_hook, note_reader);
	self->acb.aio_flags = PAIO_BY_THREAD;
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, buf, 4096, 0));
	EXPECT_EQ(4096, result_of(&self->acb));
	EXPECT_FALSE(pthread_equal(reader, me));
	reader = me;
	self->acb.aio_flags = 0;
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, buf, 65536, 0));
	EXPECT_EQ(65536, result_of(&self->acb));
	EXPECT_FALSE(pthread_equal(reader, me));
	reader = me;
	self->acb.ev_notify = PAIO_CALLBACK;
	self->acb.ev_func = count_call;
	self->acb.ev_opaque = &calls;
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, buf, 4096, 0));
	EXPECT_EQ(4096, result_of(&self->acb));
	EXPECT_EQ(1, GET(calls));
	EXPECT_FALSE(pthread_equal(reader, me));
	self->acb.ev_notify = PAIO_DEFAULT;
	if (direct < 0)
		return;
	reader = me;
	ASSERT_EQ(0, paio_read(&self->acb, direct, buf, 4096, 0));
	EXPECT_EQ(4096, result_of(&self->acb));
	EXPECT_FALSE(pthread_equal(reader, me));
}

TEST_HARNESS_MAIN
