// SPDX-License-Identifier: MIT
/*
 * Proves: the contention callback of an RFifoLock runs once for each acquire that waits,
 * in the thread that waits, while the holder holds: the holder cannot give the lock back
 * before the callback has returned. It does not run for a free lock or a nested acquire,
 * and a wait that sees several owners come and go does not repeat it.
 */
#include "offload_test.h"

#include <uwq/rfifolock.h>

static RFifoLock lock;
static int calls, in_callback, held_by_main, not_held;	/* atomic */
static struct gate callback_reached, callback_goes;
static __thread int my_calls;

static void count_calls(void *opaque)
{
	ADD(*(int *)opaque, 1);
	my_calls++;
}

static void *lock_and_unlock(void *arg)
{
	(void)arg;
	rfifolock_lock(&lock);
	rfifolock_unlock(&lock);
	return NULL;
}

TEST(not_without_contention)
{
	rfifolock_init(&lock, count_calls, &calls);
	lock_and_unlock(NULL);
	rfifolock_lock(&lock);
	lock_and_unlock(NULL);
	rfifolock_unlock(&lock);
	EXPECT_EQ(0, calls);
	rfifolock_destroy(&lock);
}

static void *expect_one_call(void *arg)
{
	(void)arg;
	my_calls = 0;
	lock_and_unlock(NULL);
	return (void *)(long)my_calls;
}

/* The last of the line waits through 15 changes of owner. */
TEST(once_however_long_the_line)
{
	pthread_t threads[16];
	void *nr;

	rfifolock_init(&lock, count_calls, &calls);
	rfifolock_lock(&lock);
	for (int i = 0; i < 16; i++) {
		threads[i] = start_thread(expect_one_call, NULL);
		ASSERT_TRUE(COMES_TRUE(GET(calls) == i + 1));
	}
	rfifolock_unlock(&lock);
	for (int i = 0; i < 16; i++) {
		pthread_join(threads[i], &nr);
		EXPECT_EQ(1, (long)nr);
	}
	EXPECT_EQ(16, calls);
	rfifolock_destroy(&lock);
}

static void stay_in_callback(void *opaque)
{
	(void)opaque;
	SET(in_callback, 1);
	gate_open(&callback_reached);
	gate_wait(&callback_goes);
	if (!GET(held_by_main))
		ADD(not_held, 1);
	SET(in_callback, 0);
}

static void *open_soon(void *arg)
{
	(void)arg;
	nap_us(50000);
	gate_open(&callback_goes);
	return NULL;
}

TEST(the_holder_holds_until_it_has_returned)
{
	pthread_t waiter, opener;

	rfifolock_init(&lock, stay_in_callback, NULL);
	rfifolock_lock(&lock);
	SET(held_by_main, 1);
	waiter = start_thread(lock_and_unlock, NULL);
	gate_wait(&callback_reached);
	opener = start_thread(open_soon, NULL);
	rfifolock_unlock(&lock);
	EXPECT_EQ(0, GET(in_callback));
	SET(held_by_main, 0);
	pthread_join(waiter, NULL);
	pthread_join(opener, NULL);
	EXPECT_EQ(0, GET(not_held));
	rfifolock_destroy(&lock);
}

/* An event loop's use: the callback wakes the holder out of a sleep in the kernel. */
static void write_pipe(void *opaque)
{
	char byte = 0;

	if (write(((int *)opaque)[1], &byte, 1) != 1)
		abort();
}

TEST(it_can_wake_the_holder)
{
	pthread_t waiter;
	int fds[2];
	char byte;

	ASSERT_EQ(0, pipe(fds));
	rfifolock_init(&lock, write_pipe, fds);
	rfifolock_lock(&lock);
	waiter = start_thread(lock_and_unlock, NULL);
	EXPECT_EQ(1, read(fds[0], &byte, 1));
	rfifolock_unlock(&lock);
	pthread_join(waiter, NULL);
	rfifolock_destroy(&lock);
}

TEST_HARNESS_MAIN
