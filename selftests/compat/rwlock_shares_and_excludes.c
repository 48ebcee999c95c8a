// SPDX-License-Identifier: MIT
/*
 * A rwlock admits many readers or one writer; a waiting writer gets its turn
 * although readers never leave it free; readers in interrupt context pass it.
 */
#include "../kselftest_harness.h"

#include <linux/preempt.h>
#include <linux/spinlock.h>

#include "lock_test.h"

static DEFINE_RWLOCK(lock);
static long left, right;	/* equal whenever no writer is inside */
static int torn, readers_inside, most_readers, stop;

#define EACH	ROUNDS(50000)

static void *read_some(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++) {
		unsigned long flags;

		read_lock_irqsave(&lock, flags);
		if (left != right)
			flag_set(&torn, 1);
		read_unlock_irqrestore(&lock, flags);
	}
	return NULL;
}

static void *write_some(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++) {
		if (i & 1) {
			write_lock_bh(&lock);
		} else {
			while (!write_trylock(&lock))
				;
			local_bh_disable();
		}
		left++;
		right++;
		write_unlock_bh(&lock);
	}
	return NULL;
}

static void *half_reads_half_writes(void *arg)
{
	int *turn = arg;

	return flag_add(turn, 1) & 1 ? read_some(NULL) : write_some(NULL);
}

TEST(writers_are_alone)
{
	int turn = 0;

	run_threads(4, half_reads_half_writes, &turn);
	EXPECT_EQ(2L * EACH, left);
	EXPECT_EQ(left, right);
	EXPECT_FALSE(torn);
	EXPECT_FALSE(rwlock_is_locked(&lock));
}

static void *read_together(void *arg)
{
	(void)arg;
	read_lock(&lock);
	flag_add(&readers_inside, 1);
	if (COMES_TRUE(flag_get(&readers_inside) == 3))
		flag_set(&most_readers, 3);
	read_unlock(&lock);
	return NULL;
}

TEST(readers_share)
{
	run_threads(3, read_together, NULL);
	EXPECT_EQ(3, most_readers);
}

/* Two of these overlap, so that the lock is hardly ever free of readers. */
static void *read_on_and_on(void *arg)
{
	(void)arg;
	while (!flag_get(&stop)) {
		read_lock(&lock);
		nap_us(2000);
		read_unlock(&lock);
	}
	return NULL;
}

static void *write_once(void *arg)
{
	write_lock(&lock);
	flag_set(arg, 1);
	write_unlock(&lock);
	return NULL;
}

TEST(readers_do_not_starve_a_writer)
{
	pthread_t readers[3], writer;
	int written = 0;

	for (int i = 0; i < 3; i++)
		readers[i] = start_thread(read_on_and_on, NULL);
	nap_us(5000);
	writer = start_thread(write_once, &written);
	EXPECT_TRUE(COMES_TRUE(flag_get(&written)));
	flag_set(&stop, 1);
	for (int i = 0; i < 3; i++)
		pthread_join(readers[i], NULL);
	pthread_join(writer, NULL);
}

static void *try_readers(void *arg)
{
	int *got = arg;

	got[0] = read_trylock(&lock);
	if (got[0])
		read_unlock(&lock);
	local_bh_disable();
	got[1] = read_trylock(&lock);
	if (got[1])
		read_unlock(&lock);
	local_bh_enable();
	return NULL;
}

TEST(only_interrupts_pass_a_waiting_writer)
{
	int got[2] = { -1, -1 };
	int written = 0;
	pthread_t writer;

	read_lock(&lock);
	writer = start_thread(write_once, &written);
	EXPECT_TRUE(COMES_TRUE(rwlock_is_contended(&lock)));
	run_threads(1, try_readers, got);
	EXPECT_EQ(0, got[0]);
	EXPECT_EQ(1, got[1]);
	EXPECT_FALSE(flag_get(&written));
	read_unlock(&lock);
	pthread_join(writer, NULL);
	EXPECT_TRUE(written);
	EXPECT_FALSE(rwlock_is_locked(&lock));
	EXPECT_EQ(0, preempt_count());
}

TEST_HARNESS_MAIN
