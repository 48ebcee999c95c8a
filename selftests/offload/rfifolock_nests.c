// SPDX-License-Identifier: MIT
/*
 * Proves: the owner of an RFifoLock may take it again, without waiting behind those who
 * wait, and it is free only after as many unlocks; an unlock by somebody else and the
 * destruction of a held lock are reported and change nothing; one that gets the lock sees
 * what the one before stored.
 */
#include "offload_test.h"

#include <uwq/rfifolock.h>

static RFifoLock lock;
static int contended, got;	/* atomic */
static long sum;		/* under lock */

static void count_contended(void *opaque)
{
	(void)opaque;
	ADD(contended, 1);
}

static void *take(void *arg)
{
	(void)arg;
	rfifolock_lock(&lock);
	SET(got, 1);
	rfifolock_unlock(&lock);
	return NULL;
}

TEST(free_after_as_many_unlocks)
{
	pthread_t other;

	rfifolock_init(&lock, count_contended, NULL);
	rfifolock_lock(&lock);
	other = start_thread(take, NULL);
	ASSERT_TRUE(COMES_TRUE(GET(contended) == 1));
	for (int i = 0; i < 1000; i++)
		rfifolock_lock(&lock);
	for (int i = 0; i < 1000; i++) {
		rfifolock_unlock(&lock);
		ASSERT_EQ(0, GET(got));
	}
	rfifolock_unlock(&lock);
	pthread_join(other, NULL);
	EXPECT_EQ(1, GET(got));
	EXPECT_EQ(1, GET(contended));
	EXPECT_EQ(0, uwq_warn_count());
	rfifolock_destroy(&lock);
}

static void *unlock_only(void *arg)
{
	(void)arg;
	rfifolock_unlock(&lock);
	return NULL;
}

TEST(misuse_is_reported_and_refused)
{
	rfifolock_init(&lock, NULL, NULL);
	log_count("rfifolock_");
	rfifolock_unlock(&lock);
	EXPECT_EQ(1, GET(log_hits));
	rfifolock_lock(&lock);
	run_threads(1, unlock_only, NULL);
	EXPECT_EQ(2, uwq_warn_count());
	EXPECT_EQ(1, lock.nesting);
	rfifolock_destroy(&lock);
	EXPECT_EQ(3, uwq_warn_count());
	EXPECT_EQ(2, GET(log_hits));
	rfifolock_unlock(&lock);
	rfifolock_destroy(&lock);
	EXPECT_EQ(3, uwq_warn_count());
}

static void *add_up(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(10000); i++) {
		rfifolock_lock(&lock);
		rfifolock_lock(&lock);
		sum++;
		rfifolock_unlock(&lock);
		rfifolock_unlock(&lock);
	}
	return NULL;
}

TEST_TIMEOUT(nothing_is_lost_under_contention, 60)
{
	rfifolock_init(&lock, NULL, NULL);
	run_threads(8, add_up, NULL);
	EXPECT_EQ(8 * ROUNDS(10000), sum);
	rfifolock_destroy(&lock);
}

TEST_HARNESS_MAIN
