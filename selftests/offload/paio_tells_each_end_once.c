// SPDX-License-Identifier: MIT
/*
 * Proves: each end of a request is told once in the way it was asked for: to an eventfd, by
 * a signal (also in the way of the original, by ev_signo alone), by a callback, which may
 * free the request, submit it again, and wait for it; whoever waits for a request with a
 * callback comes back after that.
 */
#include "paio_test.h"

#include <sys/eventfd.h>

FIXTURE(file) {
	int fd;
};

FIXTURE_SETUP(file)
{
	self->fd = file_of(10000, 0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(file)
{
	close(self->fd);
}

#define NR	500

static struct qemu_paiocb many[NR];

TEST_F(file, to_an_eventfd)
{
	uint64_t sum = 0, count;
	static char buf[NR][100];
	int event = eventfd(0, 0);

	for (int i = 0; i < NR; i++) {
		many[i].ev_notify = PAIO_EVENTFD;
		many[i].ev_fd = event;
		many[i].aio_flags = i % 2 ? PAIO_BY_THREAD : 0;
		ASSERT_EQ(0, paio_read(&many[i], self->fd, buf[i], 100, i));
	}
	while (sum < NR) {
		ASSERT_EQ(8, read(event, &count, 8));
		sum += count;
	}
	for (int i = 0; i < NR; i++)
		EXPECT_EQ(100, paio_return(&many[i]));
	EXPECT_EQ(NR, sum);
	close(event);
}

static int signals;		/* atomic */

static void on_signal(int signo)
{
	(void)signo;
	ADD(signals, 1);
}

TEST_F(file, by_a_signal)
{
	struct qemu_paiocb acb = { .ev_notify = PAIO_SIGNAL, .ev_signo = SIGUSR2 };
	char buf[100];

	signal(SIGUSR2, on_signal);
	for (int i = 1; i <= 200; i++) {
		/* as the original's programs did */
		if (i == 100)
			acb.ev_notify = PAIO_DEFAULT;
		acb.aio_flags = i % 2 ? PAIO_BY_THREAD : 0;
		ASSERT_EQ(0, paio_read(&acb, self->fd, buf, 100, 0));
		ASSERT_TRUE(COMES_TRUE(GET(signals) == i));
		ASSERT_EQ(100, result_of(&acb));
	}
	nap_us(20000);
	EXPECT_EQ(200, GET(signals));
}

static int calls;		/* atomic */

static void free_it(struct qemu_paiocb *acb)
{
	if (paio_return(acb) == 100)
		ADD(calls, 1);
	free(acb->ev_opaque);
	free(acb);
}

TEST_F(file, by_a_callback_that_frees_the_request)
{
	for (int i = 0; i < NR; i++) {
		struct qemu_paiocb *acb = calloc(1, sizeof(*acb));

		acb->ev_notify = PAIO_CALLBACK;
		acb->ev_func = free_it;
		acb->ev_opaque = malloc(100);
		ASSERT_EQ(0, paio_read(acb, self->fd, acb->ev_opaque, 100, i));
	}
	EXPECT_TRUE(COMES_TRUE(GET(calls) == NR));
}

static int own_waits;		/* atomic */

static void again(struct qemu_paiocb *acb)
{
	/* of itself it says what is so, and does not wait */
	if (!paio_wait(acb) && paio_cancel(acb) == 1 && paio_error(acb) == 0)
		ADD(own_waits, 1);
	if (ADD(calls, 1) < 100)
		paio_submit(acb);
}

TEST_F(file, by_a_callback_that_submits_it_again)
{
	struct qemu_paiocb acb = { .ev_notify = PAIO_CALLBACK, .ev_func = again };
	char buf[100];

	ASSERT_EQ(0, paio_read(&acb, self->fd, buf, 100, 0));
	EXPECT_TRUE(COMES_TRUE(GET(calls) == 100));
	EXPECT_EQ(100, result_of(&acb));
	EXPECT_EQ(100, GET(own_waits));
	EXPECT_EQ(100, GET(calls));
}

static void slow(struct qemu_paiocb *acb)
{
	(void)acb;
	nap_us(20000);
	ADD(calls, 1);
}

TEST_F(file, before_those_who_wait_come_back)
{
	struct qemu_paiocb acb = { .ev_notify = PAIO_CALLBACK, .ev_func = slow };
	char buf[100];

	for (int i = 1; i <= 20; i++) {
		ASSERT_EQ(0, paio_read(&acb, self->fd, buf, 100, 0));
		/* at once, or when it has ended and is in its callback */
		while (i % 2 && paio_error(&acb) == EINPROGRESS)
			;
		ASSERT_EQ(0, paio_wait(&acb));
		ASSERT_EQ(i, GET(calls));
	}
}

TEST_HARNESS_MAIN
