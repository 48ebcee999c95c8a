// SPDX-License-Identifier: MIT
/*
 * Proves: paio_cancel() takes a request back that waits for a thread, which then ends with
 * ECANCELED, has touched nothing and is notified once; it waits for one that runs, asleep
 * and not by looking again and again; of several cancels one wins; whatever races with the
 * thread that takes the request, ends and notifications add up.
 */
#include "paio_test.h"

#include <sys/eventfd.h>
#include <sys/resource.h>

static int called;		/* atomic */
static pthread_t caller;

static void note_call(struct qemu_paiocb *acb)
{
	(void)acb;
	caller = pthread_self();
	ADD(called, 1);
}

FIXTURE(queued) {
	ThreadletQueue queue;
	struct stopper stopper;
	struct qemu_paiocb acb;
	int fd;
};

/* A queue whose one thread is held. */
FIXTURE_SETUP(queued)
{
	memset(&self->acb, 0, sizeof(self->acb));
	self->fd = file_of(10000, 0);
	ASSERT_EQ(0, threadlet_queue_init(&self->queue, 1, 0));
	stopper_start(&self->stopper, &self->queue);
	self->acb.aio_queue = &self->queue;
}

FIXTURE_TEARDOWN(queued)
{
	stopper_end(&self->stopper);
	EXPECT_EQ(0, threadlet_queue_destroy(&self->queue));
	close(self->fd);
}

TEST_F(queued, one_that_waits_is_taken_back)
{
	unsigned char buf[100] = { 0 };

	self->acb.ev_notify = PAIO_CALLBACK;
	self->acb.ev_func = note_call;
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, buf, 100, 1));
	EXPECT_EQ(EINPROGRESS, paio_error(&self->acb));
	EXPECT_EQ(0, paio_cancel(&self->acb));
	EXPECT_EQ(ECANCELED, paio_error(&self->acb));
	EXPECT_EQ(-ECANCELED, paio_return(&self->acb));
	EXPECT_EQ(0, paio_done(&self->acb));
	EXPECT_EQ(1, GET(called));
	EXPECT_TRUE(pthread_equal(caller, pthread_self()));
	EXPECT_EQ(1, paio_cancel(&self->acb));
	EXPECT_EQ(0, paio_wait(&self->acb));
	EXPECT_EQ(ECANCELED, paio_error(&self->acb));
	/* once more, to the end */
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, buf, 100, 1));
	EXPECT_EQ(0, buf[0]);
	gate_open(&self->stopper.go);
	EXPECT_EQ(100, result_of(&self->acb));
	EXPECT_TRUE(bytes_are(buf, 1, 100));
	EXPECT_EQ(1, paio_cancel(&self->acb));
	EXPECT_EQ(100, paio_return(&self->acb));
	EXPECT_EQ(2, GET(called));
}

TEST_F(queued, its_eventfd_hears_of_it)
{
	uint64_t count = 0;
	char buf[100];

	self->acb.ev_notify = PAIO_EVENTFD;
	self->acb.ev_fd = eventfd(0, EFD_NONBLOCK);
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, buf, 100, 1));
	EXPECT_GT(0, read(self->acb.ev_fd, &count, 8));
	EXPECT_EQ(0, paio_cancel(&self->acb));
	EXPECT_EQ(8, read(self->acb.ev_fd, &count, 8));
	EXPECT_EQ(1, count);
	close(self->acb.ev_fd);
}

static void *wait_for_it(void *arg)
{
	paio_wait(arg);
	return (void *)(long)paio_error(arg);
}

TEST_F(queued, those_who_wait_hear_of_it)
{
	pthread_t threads[8];
	char buf[100];
	void *error;

	ASSERT_EQ(0, paio_read(&self->acb, self->fd, buf, 100, 1));
	for (int i = 0; i < 8; i++)
		threads[i] = start_thread(wait_for_it, &self->acb);
	nap_us(20000);
	EXPECT_EQ(0, paio_cancel(&self->acb));
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &error);
		EXPECT_EQ(ECANCELED, (long)error);
	}
}

static struct gate begin;
static int won;			/* atomic */

static void *cancel_at_once(void *arg)
{
	gate_wait(&begin);
	if (!paio_cancel(arg))
		ADD(won, 1);
	return (void *)(long)paio_error(arg);
}

TEST_F(queued, of_several_one_wins)
{
	pthread_t threads[8];
	char buf[100];
	void *error;

	self->acb.ev_notify = PAIO_CALLBACK;
	self->acb.ev_func = note_call;
	ASSERT_EQ(0, paio_read(&self->acb, self->fd, buf, 100, 1));
	for (int i = 0; i < 8; i++)
		threads[i] = start_thread(cancel_at_once, &self->acb);
	gate_open(&begin);
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &error);
		EXPECT_EQ(ECANCELED, (long)error);
	}
	EXPECT_EQ(1, GET(won));
	EXPECT_EQ(1, GET(called));
}

/* ---- one that runs ---- */

static struct rusage used;	/* by the canceller */

static void *cancel_running(void *arg)
{
	long ret = paio_cancel(arg);

	getrusage(RUSAGE_THREAD, &used);
	return (void *)ret;
}

TEST(one_that_runs_is_waited_for_asleep)
{
	struct qemu_paiocb acb = { .ev_notify = PAIO_CALLBACK, .ev_func = note_call };
	int fd = file_of(10000, 0);
	pthread_t thread;
	char buf[100];
	void *ret;

	SET(call_hook, hold_call);
	ASSERT_EQ(0, paio_read(&acb, fd, buf, 100, 0));
	gate_wait(&call_inside);
	thread = start_thread(cancel_running, &acb);
	nap_us(1000000);
	EXPECT_EQ(EINPROGRESS, paio_error(&acb));
	EXPECT_EQ(0, GET(called));
	gate_open(&call_go);
	pthread_join(thread, &ret);
	EXPECT_EQ(1, (long)ret);
	EXPECT_EQ(100, paio_return(&acb));
	EXPECT_EQ(1, GET(called));
	/* a second of looking would be a second of CPU, or thousands of naps */
	EXPECT_GT(500000, used.ru_utime.tv_sec * 1000000L + used.ru_utime.tv_usec +
			  used.ru_stime.tv_sec * 1000000L + used.ru_stime.tv_usec);
	EXPECT_GT(50, used.ru_nvcsw);
}

TEST(ends_add_up)
{
	struct qemu_paiocb acb = { .ev_notify = PAIO_CALLBACK, .ev_func = note_call };
	int fd = file_of(10000, 0), cancelled = 0, round;
	long until = now_ms() + 8000;
	char buf[100];

	for (round = 0; go_on(round, ROUNDS(50000), until); round++) {
		int ret;

		ASSERT_EQ(0, paio_read(&acb, fd, buf, 100, 0));
		for (int spin = rand() % 2000; spin; spin--)
			__asm__ __volatile__("");
		ret = paio_cancel(&acb);
		ASSERT_EQ(ret ? 100 : -ECANCELED, paio_return(&acb));
		ASSERT_EQ(round + 1, GET(called));
		cancelled += !ret;
	}
	ksft_print_msg("%d of %d were taken back\n", cancelled, round);
}

TEST_HARNESS_MAIN
