// SPDX-License-Identifier: MIT
/*
 * A writer gets a rw_semaphore although overlapping readers never leave it free,
 * and a reader gets it although writers come one after the other.
 */
#include "../kselftest_harness.h"

#include <linux/rwsem.h>

#include "lock_test.h"

static DECLARE_RWSEM(sem);
static int stop;

static void *read_on_and_on(void *arg)
{
	(void)arg;
	while (!flag_get(&stop)) {
		down_read(&sem);
		nap_us(2000);
		up_read(&sem);
	}
	return NULL;
}

static void *write_on_and_on(void *arg)
{
	(void)arg;
	while (!flag_get(&stop)) {
		down_write(&sem);
		nap_us(500);
		up_write(&sem);
	}
	return NULL;
}

static void *write_ten(void *arg)
{
	for (int i = 0; i < 10; i++) {
		down_write(&sem);
		up_write(&sem);
	}
	flag_set(arg, 1);
	return NULL;
}

static void *read_ten(void *arg)
{
	for (int i = 0; i < 10; i++) {
		down_read(&sem);
		up_read(&sem);
	}
	flag_set(arg, 1);
	return NULL;
}

static bool gets_through(void *(*crowd)(void *), void *(*single)(void *))
{
	pthread_t threads[3], thread;
	int done = 0;
	bool through;

	for (int i = 0; i < 3; i++)
		threads[i] = start_thread(crowd, NULL);
	nap_us(5000);
	thread = start_thread(single, &done);
	through = COMES_TRUE(flag_get(&done));
	flag_set(&stop, 1);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	pthread_join(thread, NULL);
	return through;
}

TEST(a_writer_among_readers)
{
	EXPECT_TRUE(gets_through(read_on_and_on, write_ten));
}

TEST(a_reader_among_writers)
{
	EXPECT_TRUE(gets_through(write_on_and_on, read_ten));
}

/* Readers behind a waiting writer wait: that is what keeps it from starving. */
TEST(a_reader_does_not_pass_a_waiting_writer)
{
	pthread_t writer, reader;
	int written = 0, read = 0;

	down_read(&sem);
	writer = start_thread(write_ten, &written);
	EXPECT_TRUE(COMES_TRUE(rwsem_is_contended(&sem)));
	EXPECT_EQ(0, down_read_trylock(&sem));
	reader = start_thread(read_ten, &read);
	nap_us(20000);
	EXPECT_FALSE(flag_get(&read));
	up_read(&sem);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
	EXPECT_TRUE(written && read);
}

TEST_HARNESS_MAIN
