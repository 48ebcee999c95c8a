// SPDX-License-Identifier: MIT
/*
 * Proves: cached reads of a thread that submits very many are shared with another one, and
 * each is read and notified once, whatever the other does: also while it leaves. If it stands
 * still, who waits for a read that it has not begun does that itself, and such a read can be
 * cancelled; who waits for one that ended comes back after its notification; and the child of
 * a fork, which has no such thread, misses nothing. A thread that waits for each of its reads
 * wakes nobody.
 */
#include "paio_test.h"

#include <sys/eventfd.h>
#include <linux/cpumask.h>

#include "../workqueue/fork_test.h"
#include "workqueue/offload/paio_internal.h"

#define NR	16
#define SIZE	256
#define LIMIT	40000		/* ms */

static struct qemu_paiocb many[NR];
static unsigned char bufs[NR][SIZE];
static size_t at[NR];
static pthread_t me;
static int by_other;		/* atomic: reads of other threads */
static int fd = -1;

static int last_by_other = -1;	/* atomic: which of many */

static bool note_reader(enum call call, struct iovec *iov, int *niov, ssize_t *ret)
{
	(void)call;
	(void)niov;
	(void)ret;
	if (pthread_equal(me, pthread_self()))
		return false;
	ADD(by_other, 1);
	SET(last_by_other, (int)(((unsigned char *)iov->iov_base - bufs[0]) / SIZE));
	return false;
}

static struct gate reader_held, reader_go;

static void hold_other(void)
{
	if (pthread_equal(me, pthread_self()))
		return;
	gate_open(&reader_held);
	gate_wait(&reader_go);
}

static bool hold_reader(enum call call, struct iovec *iov, int *niov, ssize_t *ret)
{
	note_reader(call, iov, niov, ret);
	hold_other();
	return false;
}

static int submit(int i, size_t pos)
{
	at[i] = pos % 5000;
	memset(bufs[i], 0, SIZE);
	return paio_read(&many[i], fd, bufs[i], SIZE, at[i]);
}

/* It has ended well: all its bytes are there. */
static bool is_good(int i)
{
	return paio_return(&many[i]) == SIZE && bytes_are(bufs[i], at[i], SIZE);
}

static bool all_end(void)
{
	long until = now_ms() + LIMIT;
	int i;

	for (i = 0; i < NR; i++)
		while (paio_error(&many[i]) == EINPROGRESS)
			if (now_ms() > until)
				return false;
	return true;
}

/* Read until @flag is there; the reads that have ended are good. */
static bool read_until(bool (*flag)(void))
{
	long until = now_ms() + LIMIT;
	int i;

	for (i = 0; i < NR; i++)
		submit(i, i);
	for (i = 0; !flag(); i++) {
		if (i % 1024 == 0 && now_ms() > until)
			return false;
		if (paio_error(&many[i % NR]) == EINPROGRESS)
			continue;
		if (!is_good(i % NR) || submit(i % NR, i)) {
			fprintf(stderr, "# read %d has a wrong end\n", i);
			return false;
		}
	}
	return true;
}

static bool is_held(void)
{
	return GET(reader_held.open);
}

static bool others_read(void)
{
	return GET(by_other) > 500;
}

#define NEEDS_TWO_CPUS() do {							\
	struct iovec iov = { bufs[0], SIZE };					\
	me = pthread_self();							\
	/* on a loaded machine both get a CPU seldom: the other stays all the same */ \
	paio_shelf_look_us = 1000000;						\
	paio_shelf_alone_most = UINT_MAX / 2;					\
	fd = file_of(10000, 0);							\
	ASSERT_LE(0, fd);							\
	if (preadv2(fd, &iov, 1, 0, RWF_NOWAIT) != SIZE)			\
		SKIP(return, "this file system cannot tell what is cached");	\
	if (num_online_cpus() < 2)						\
		SKIP(return, "with one CPU nothing is shared");			\
} while (0)

TEST_TIMEOUT(each_is_read_once, 100)
{
	NEEDS_TWO_CPUS();
	SET(call_hook, note_reader);
	EXPECT_TRUE(read_until(others_read));
	EXPECT_TRUE(all_end());
	for (int i = 0; i < NR; i++)
		EXPECT_TRUE(is_good(i));
}

TEST_TIMEOUT(each_is_notified_once, 100)
{
	uint64_t sum = 0, count, submitted = NR;
	int event = eventfd(0, EFD_NONBLOCK);
	long until = now_ms() + LIMIT;

	NEEDS_TWO_CPUS();
	SET(call_hook, note_reader);
	for (int i = 0; i < NR; i++) {
		many[i].ev_notify = PAIO_EVENTFD;
		many[i].ev_fd = event;
		ASSERT_EQ(0, submit(i, i));
	}
	while (GET(by_other) < 300 && now_ms() < until)
		for (int i = 0; i < NR; i++)
			if (paio_error(&many[i]) != EINPROGRESS) {
				ASSERT_TRUE(is_good(i));
				ASSERT_EQ(0, submit(i, submitted++));
			}
	EXPECT_LE(300, GET(by_other));
	for (int i = 0; i < NR; i++)
		paio_wait(&many[i]);
	while (read(event, &count, 8) == 8)
		sum += count;
	EXPECT_EQ(submitted, sum);
}

/* Nobody could help it: nobody is woken. */
TEST_TIMEOUT(who_waits_for_each_is_left_alone, 100)
{
	int before;

	NEEDS_TWO_CPUS();
	SET(call_hook, note_reader);
	before = count_threads();
	for (int i = 0; i < 5000; i++) {
		ASSERT_EQ(0, submit(0, i));
		ASSERT_EQ(0, paio_error(&many[0]));
		ASSERT_EQ(0, paio_wait(&many[0]));
		ASSERT_TRUE(is_good(0));
	}
	EXPECT_EQ(0, GET(by_other));
	EXPECT_EQ(before, count_threads());
}

static int nr_closed;		/* atomic */

/* Give the submitter time to put something there just now. */
static void closes_slowly(const char *name)
{
	int nr;

	if (strcmp(name, "paio_shelf_closes"))
		return;
	for (nr = ADD(nr_closed, 1) * 5 % 64; nr; nr--)
		sched_yield();
}

/* Now and then nothing comes for a while. */
static bool closed_often(void)
{
	static int last;

	if (GET(by_other) > last + 8) {
		last = GET(by_other);
		nap_us(30);
	}
	return GET(nr_closed) >= 12;
}

TEST_TIMEOUT(nothing_is_left_when_the_other_leaves, 100)
{
	NEEDS_TWO_CPUS();
	paio_shelf_look_us = 20;
	SET(uwq_test_point_hook, closes_slowly);
	SET(call_hook, note_reader);
	EXPECT_TRUE(read_until(closed_often));
	EXPECT_TRUE(all_end());
}

/* All but those that the other has, or has before it; how many these are. */
static int submit_again(void)
{
	int i, nr = 0;

	for (i = 0; i < NR; i++)
		if (paio_error(&many[i]) != EINPROGRESS)
			submit(i, i);
	for (i = 0; i < NR; i++)
		nr += paio_error(&many[i]) == EINPROGRESS;
	return nr;
}

/* Hold the other in a read, with two more before it. It might be about to leave: again. */
static bool hold_it_with_two_more(void)
{
	int tries;

	SET(call_hook, hold_reader);
	for (tries = 0; tries < 50; tries++) {
		if (!read_until(is_held))
			return false;
		if (submit_again() == 3)
			return true;
		gate_open(&reader_go);
		if (!all_end())
			return false;
		gate_close(&reader_held);
		gate_close(&reader_go);
	}
	return false;
}

/* One of those that it has before it. */
static int any_before_it(void)
{
	int i;

	for (i = 0; i < NR; i++)
		if (i != GET(last_by_other) && paio_error(&many[i]) == EINPROGRESS)
			return i;
	return -1;
}

TEST_TIMEOUT(what_was_not_begun_is_done_by_who_waits_or_cancelled, 100)
{
	int i;

	NEEDS_TWO_CPUS();
	ASSERT_TRUE(hold_it_with_two_more());
	i = any_before_it();
	EXPECT_EQ(0, paio_wait(&many[i]));
	EXPECT_TRUE(is_good(i));
	i = any_before_it();
	ASSERT_LE(0, i);
	EXPECT_EQ(0, paio_cancel(&many[i]));
	EXPECT_EQ(ECANCELED, paio_error(&many[i]));
	EXPECT_EQ(0, bufs[i][1]);
	EXPECT_EQ(-1, any_before_it());
	EXPECT_EQ(EINPROGRESS, paio_error(&many[GET(last_by_other)]));
	gate_open(&reader_go);
	EXPECT_TRUE(all_end());
	EXPECT_TRUE(is_good(GET(last_by_other)));
}

static struct qemu_paiocb fresh[NR];

static void read_in_child(void)
{
	static unsigned char buf[NR][SIZE];
	long until = now_ms() + 8000;
	int i;

	SET(call_hook, NULL);
	for (i = 0; i < 20 * NR; i++) {
		struct qemu_paiocb *acb = &fresh[i % NR];

		CHECK(!paio_read(acb, fd, buf[i % NR], SIZE, i));
		while (paio_error(acb) == EINPROGRESS && now_ms() < until)
			;
		CHECK(paio_return(acb) == SIZE);
		CHECK(bytes_are(buf[i % NR], i, SIZE));
	}
}

TEST_TIMEOUT(a_child_does_its_reads_itself, 100)
{
	int i;

	NEEDS_TWO_CPUS();
	ASSERT_TRUE(hold_it_with_two_more());
	/* there is room now, which the child must not use */
	while ((i = any_before_it()) >= 0)
		ASSERT_EQ(0, paio_cancel(&many[i]));
	EXPECT_EQ(0, IN_CHILD(read_in_child));
	gate_open(&reader_go);
	EXPECT_TRUE(all_end());
}

static void hold_before_the_notification(const char *name)
{
	if (!strcmp(name, "paio_ended"))
		hold_other();
}

static int came_back;		/* atomic */

static void *wait_for_it(void *arg)
{
	paio_wait(arg);
	SET(came_back, 1);
	return NULL;
}

TEST_TIMEOUT(who_waits_comes_back_after_the_notification, 100)
{
	int event = eventfd(0, EFD_NONBLOCK);
	pthread_t waiter;

	NEEDS_TWO_CPUS();
	for (int i = 0; i < NR; i++) {
		many[i].ev_notify = PAIO_EVENTFD;
		many[i].ev_fd = event;
	}
	SET(call_hook, note_reader);
	SET(uwq_test_point_hook, hold_before_the_notification);
	ASSERT_TRUE(read_until(is_held));
	waiter = start_thread(wait_for_it, &many[GET(last_by_other)]);
	nap_us(50000);
	EXPECT_EQ(0, GET(came_back));
	gate_open(&reader_go);
	pthread_join(waiter, NULL);
	EXPECT_TRUE(all_end());
}

TEST_HARNESS_MAIN
