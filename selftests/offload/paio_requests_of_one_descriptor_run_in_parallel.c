// SPDX-License-Identifier: MIT
/*
 * Proves: reads and writes of one descriptor are in their system calls at the same time, 64
 * of them and no more; a flush, which blocks, holds none of them up; reads of what is in
 * the cache need no more threads than there are CPUs; and each call that may block says so to
 * the engine, until it has returned.
 */
#include "paio_test.h"

#include <uwq/thread_state.h>

#define NR	80

static int inside;		/* atomic */
static struct gate go;
static struct qemu_paiocb many[NR];
static char buf[NR][512];

static bool meet(enum call call, struct iovec *iov, int *niov, ssize_t *ret)
{
	(void)iov;
	(void)niov;
	if (call == CALL_READ_NOWAIT)
		return fail_call(ret, EAGAIN);
	ADD(inside, 1);
	gate_wait(&go);
	return false;
}

static void all_meet(struct __test_metadata *_metadata, bool write)
{
	int fd = file_of(NR * 512, 0);

	SET(call_hook, meet);
	for (int i = 0; i < NR; i++)
		if (write)
			ASSERT_EQ(0, paio_write(&many[i], fd, buf[i], 512, i * 512));
		else
			ASSERT_EQ(0, paio_read(&many[i], fd, buf[i], 512, i * 512));
	EXPECT_TRUE(COMES_TRUE(GET(inside) == 64));
	nap_us(200000);
	EXPECT_EQ(64, GET(inside));
	gate_open(&go);
	for (int i = 0; i < NR; i++)
		EXPECT_EQ(512, result_of(&many[i]));
	close(fd);
}

TEST(reads)
{
	all_meet(_metadata, false);
}

TEST(writes)
{
	all_meet(_metadata, true);
}

static struct gate syncing;

int fdatasync(int fd)
{
	(void)fd;
	gate_open(&syncing);
	gate_wait(&go);
	return 0;
}

TEST(reads_beside_flushes)
{
	int fd = file_of(NR * 512, 0);
	struct qemu_paiocb acb = { .aio_flags = PAIO_BY_THREAD };

	for (int i = 0; i < 20; i++)
		ASSERT_EQ(0, paio_flush(&many[i], fd));
	gate_wait(&syncing);
	for (int i = 0; i < 100; i++) {
		ASSERT_EQ(0, paio_read(&acb, fd, buf[0], 512, 0));
		ASSERT_EQ(512, result_of(&acb));
	}
	EXPECT_EQ(EINPROGRESS, paio_error(&many[0]));
	gate_open(&go);
	for (int i = 0; i < 20; i++)
		EXPECT_EQ(0, result_of(&many[i]));
}

TEST(cached_reads_need_few_threads)
{
	int fd = file_of(NR * 512, 0), before, most = 0;
	struct qemu_paiocb acb = { .aio_flags = PAIO_BY_THREAD };

	/* the first one brings what the engine needs */
	ASSERT_EQ(0, paio_read(&acb, fd, buf[0], 512, 0));
	EXPECT_EQ(512, result_of(&acb));
	before = count_threads();
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < NR; i++) {
			many[i].aio_flags = PAIO_BY_THREAD;
			ASSERT_EQ(0, paio_read(&many[i], fd, buf[i], 512, i * 512));
		}
		for (int i = 0; i < NR; i++)
			ASSERT_EQ(512, result_of(&many[i]));
		if (count_threads() > most)
			most = count_threads();
	}
	/* workers and the engine's helpers; 80 in flight would otherwise bring 64 */
	EXPECT_GE(before + 10, most);
}

static int in_brackets, not_in_brackets, after_brackets;	/* atomic */

static bool note_bracket(enum call call, struct iovec *iov, int *niov, ssize_t *ret)
{
	(void)iov;
	(void)niov;
	if (call == CALL_READ_NOWAIT)
		return fail_call(ret, EAGAIN);
	ADD(*(uwq_thread.in_block ? &in_brackets : &not_in_brackets), 1);
	return false;
}

int fallocate(int fd, int mode, off_t offset, off_t len)
{
	(void)fd;
	(void)mode;
	(void)offset;
	(void)len;
	ADD(*(uwq_thread.in_block ? &in_brackets : &not_in_brackets), 1);
	return 0;
}

static void note_end(struct qemu_paiocb *acb)
{
	(void)acb;
	ADD(after_brackets, uwq_thread.in_block);
}

/* The sampler would find them, too, but later. */
TEST(what_may_block_says_so)
{
	int fd = file_of(4096, 0);
	struct qemu_paiocb acb = { .ev_notify = PAIO_CALLBACK, .ev_func = note_end };

	SET(call_hook, note_bracket);
	ASSERT_EQ(0, paio_read(&acb, fd, buf[0], 512, 0));
	EXPECT_EQ(512, result_of(&acb));
	ASSERT_EQ(0, paio_write(&acb, fd, buf[0], 512, 0));
	EXPECT_EQ(512, result_of(&acb));
	ASSERT_EQ(0, paio_fallocate(&acb, fd, 0, 0, 512));
	EXPECT_EQ(0, result_of(&acb));
	EXPECT_EQ(3, GET(in_brackets));
	EXPECT_EQ(0, GET(not_in_brackets));
	EXPECT_EQ(0, GET(after_brackets));
}

TEST_HARNESS_MAIN
