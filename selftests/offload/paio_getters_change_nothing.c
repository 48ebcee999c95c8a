// SPDX-License-Identifier: MIT
/*
 * Proves: paio_error(), paio_return() and paio_done() say what is, as often as they are
 * asked, by any number of threads, and wake or end nothing; and once they have said that a
 * request has ended, the library does not touch it any more: it can be freed at once.
 */
#include "paio_test.h"

TEST(before_while_and_after)
{
	struct qemu_paiocb acb = { 0 };
	int fd = file_of(10000, 0);
	char buf[100];

	EXPECT_EQ(EINVAL, paio_error(&acb));
	EXPECT_EQ(-EINVAL, paio_return(&acb));
	EXPECT_EQ(-EINVAL, paio_return(NULL));
	EXPECT_EQ(0, paio_done(NULL));
	SET(call_hook, hold_call);
	ASSERT_EQ(0, paio_read(&acb, fd, buf, 100, 0));
	gate_wait(&call_inside);
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(EINPROGRESS, paio_error(&acb));
		EXPECT_EQ(-EINPROGRESS, paio_return(&acb));
		EXPECT_EQ(0, paio_done(&acb));
	}
	gate_open(&call_go);
	EXPECT_EQ(0, paio_wait(&acb));
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(0, paio_error(&acb));
		EXPECT_EQ(100, paio_return(&acb));
		EXPECT_EQ(100, paio_done(&acb));
	}
}

static void *ask_until_it_ends(void *arg)
{
	struct qemu_paiocb *acb = arg;

	while (paio_error(acb) == EINPROGRESS)
		sched_yield();
	return (void *)paio_return(acb);
}

TEST(many_threads_ask)
{
	struct qemu_paiocb acb = { 0 };
	int fd = file_of(10000, 0);
	pthread_t threads[8];
	char buf[100];
	void *ret;

	SET(call_hook, hold_call);
	ASSERT_EQ(0, paio_read(&acb, fd, buf, 100, 0));
	for (int i = 0; i < 8; i++)
		threads[i] = start_thread(ask_until_it_ends, &acb);
	nap_us(10000);
	gate_open(&call_go);
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &ret);
		EXPECT_EQ(100, (long)ret);
	}
}

TEST(freed_as_soon_as_it_has_ended)
{
	int fd = file_of(10000, 0);
	long until = now_ms() + 8000;

	for (int round = 0; go_on(round, ROUNDS(50000), until); round++) {
		struct qemu_paiocb *acb = calloc(1, sizeof(*acb));
		unsigned char *buf = malloc(200);

		acb->aio_flags = round % 8 ? PAIO_BY_THREAD : 0;
		ASSERT_EQ(0, paio_read(acb, fd, buf, 200, round % 1000));
		while (paio_error(acb) == EINPROGRESS)
			if (round % 4 == 0)
				sched_yield();
		ASSERT_EQ(200, paio_return(acb));
		ASSERT_TRUE(bytes_are(buf, round % 1000, 200));
		memset(acb, 0xee, sizeof(*acb));
		free(acb);
		free(buf);
	}
}

TEST_HARNESS_MAIN
