// SPDX-License-Identifier: MIT
/*
 * Proves: the callback of a request that names an AioContext is called by that loop, in the
 * loop's thread, once, and not before the submission has returned, whether the data was
 * cached or a thread read it; also for a cancelled request. It may free the request, submit
 * it again and poll the loop itself.
 */
#include "paio_test.h"

#include <uwq/aio_context.h>

#define NR	200

FIXTURE(loop) {
	AioContext *ctx;
	int fd;
};

FIXTURE_SETUP(loop)
{
	self->ctx = aio_context_new();
	ASSERT_NOT_NULL(self->ctx);
	self->fd = file_of(10000, 0);
}

FIXTURE_TEARDOWN(loop)
{
	aio_context_unref(self->ctx);
	close(self->fd);
}

static pthread_t loop_thread;
static int calls, submitting;

static void note(struct qemu_paiocb *acb)
{
	if (!pthread_equal(pthread_self(), loop_thread) || submitting ||
	    paio_error(acb) == EINPROGRESS)
		abort();
	calls++;
}

static void for_loop(struct qemu_paiocb *acb, AioContext *ctx, void (*func)(struct qemu_paiocb *))
{
	loop_thread = pthread_self();
	acb->ev_notify = PAIO_CONTEXT;
	acb->ev_ctx = ctx;
	acb->ev_func = func;
}

TEST_F(loop, once_and_in_its_thread)
{
	static struct qemu_paiocb many[NR];
	static unsigned char buf[NR][100];

	submitting = 1;
	for (int i = 0; i < NR; i++) {
		for_loop(&many[i], self->ctx, note);
		many[i].aio_flags = i % 2 ? PAIO_BY_THREAD : 0;
		ASSERT_EQ(0, paio_read(&many[i], self->fd, buf[i], 100, i));
	}
	for (int i = 0; i < NR; i++)
		ASSERT_EQ(0, paio_wait(&many[i]));
	submitting = 0;
	while (calls < NR)
		aio_poll(self->ctx, true);
	EXPECT_FALSE(aio_poll(self->ctx, false));
	EXPECT_EQ(NR, calls);
	for (int i = 0; i < NR; i++) {
		EXPECT_EQ(100, paio_return(&many[i]));
		EXPECT_TRUE(bytes_are(buf[i], i, 100));
	}
}

TEST_F(loop, for_what_was_cancelled)
{
	struct qemu_paiocb acb = { 0 };
	struct stopper stopper;
	ThreadletQueue queue;
	char buf[100];

	ASSERT_EQ(0, threadlet_queue_init(&queue, 1, 0));
	stopper_start(&stopper, &queue);
	for_loop(&acb, self->ctx, note);
	acb.aio_queue = &queue;
	ASSERT_EQ(0, paio_read(&acb, self->fd, buf, 100, 0));
	EXPECT_FALSE(aio_poll(self->ctx, false));
	EXPECT_EQ(0, paio_cancel(&acb));
	EXPECT_EQ(0, calls);
	EXPECT_TRUE(aio_poll(self->ctx, true));
	EXPECT_EQ(1, calls);
	EXPECT_EQ(ECANCELED, paio_error(&acb));
	stopper_end(&stopper);
	EXPECT_EQ(0, threadlet_queue_destroy(&queue));
}

static void free_it(struct qemu_paiocb *acb)
{
	note(acb);
	free(acb->ev_opaque);
	free(acb);
}

TEST_F(loop, that_free_the_request)
{
	for (int i = 0; i < NR; i++) {
		struct qemu_paiocb *acb = calloc(1, sizeof(*acb));

		for_loop(acb, self->ctx, free_it);
		acb->ev_opaque = malloc(100);
		acb->aio_flags = i % 2 ? PAIO_BY_THREAD : 0;
		ASSERT_EQ(0, paio_read(acb, self->fd, acb->ev_opaque, 100, i));
		aio_poll(self->ctx, false);
	}
	while (calls < NR)
		aio_poll(self->ctx, true);
	EXPECT_EQ(NR, calls);
}

static void again(struct qemu_paiocb *acb)
{
	note(acb);
	if (calls < NR) {
		submitting = 1;
		if (paio_submit(acb))
			abort();
		submitting = 0;
	}
	/* a nested turn */
	if (calls % 8 == 0 && calls < NR)
		aio_poll(acb->ev_ctx, true);
}

TEST_F(loop, that_submit_it_again)
{
	struct qemu_paiocb acb = { .aio_flags = PAIO_BY_THREAD };
	char buf[100];

	for_loop(&acb, self->ctx, again);
	ASSERT_EQ(0, paio_read(&acb, self->fd, buf, 100, 0));
	while (calls < NR - 1)
		aio_poll(self->ctx, true);
	paio_wait(&acb);
	while (calls < NR)
		aio_poll(self->ctx, true);
	EXPECT_EQ(NR, calls);
	EXPECT_EQ(100, paio_return(&acb));
}

TEST_F(loop, and_need_one)
{
	struct qemu_paiocb acb = { 0 };
	char buf[100];

	log_count("is refused");
	for_loop(&acb, NULL, note);
	EXPECT_EQ(-EINVAL, paio_read(&acb, self->fd, buf, 100, 0));
	for_loop(&acb, self->ctx, NULL);
	EXPECT_EQ(-EINVAL, paio_read(&acb, self->fd, buf, 100, 0));
	EXPECT_EQ(2, GET(log_hits));
	EXPECT_FALSE(aio_poll(self->ctx, false));
}

TEST_HARNESS_MAIN
