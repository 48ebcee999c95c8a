// SPDX-License-Identifier: MIT
/*
 * What a reader of a seqlock keeps after read_seqretry() said "good" is whole:
 * all of one write and nothing of another. Readers wait for a writer at work,
 * and come to an end although it sleeps.
 */
#include "../kselftest_harness.h"

#include <linux/compiler.h>
#include <linux/preempt.h>
#include <linux/seqlock.h>

#include "lock_test.h"

#define WORDS	8

struct data {
	long word[WORDS];
};

static struct data data, copies[2];
static DEFINE_SEQLOCK(seqlock);
static DEFINE_SPINLOCK(lock);
static seqcount_spinlock_t counter = SEQCNT_SPINLOCK_ZERO(counter, &lock);
static seqcount_latch_t latch = SEQCNT_LATCH_ZERO(latch);
static int stop, torn;
static long rounds;

#define WRITES	ROUNDS(200000)

/* Plain on purpose: what a seqlock protects is accessed plainly on both sides. */
static noinline void put(struct data *to, long value)
{
	for (int i = 0; i < WORDS; i++)
		to->word[i] = value;
}

static noinline void get(const struct data *from, struct data *mine)
{
	*mine = *from;
}

static bool same(const struct data *mine)
{
	for (int i = 1; i < WORDS; i++)
		if (mine->word[i] != mine->word[0])
			return false;
	return true;
}

static bool whole(const struct data *from, struct data *mine)
{
	get(from, mine);
	return same(mine);
}

static void *read_seqlock(void *arg)
{
	struct data mine;

	(void)arg;
	while (!flag_get(&stop)) {
		unsigned int seq;
		bool good;

		do {
			seq = read_seqbegin(&seqlock);
			good = whole(&data, &mine);
		} while (read_seqretry(&seqlock, seq));
		if (!good)
			flag_set(&torn, 1);
	}
	return NULL;
}

static void *read_or_lock(void *arg)
{
	struct data mine;

	(void)arg;
	while (!flag_get(&stop)) {
		int seq = 0;
		bool good;

		for (;;) {
			read_seqbegin_or_lock(&seqlock, &seq);
			good = whole(&data, &mine);
			if (!need_seqretry(&seqlock, seq))
				break;
			seq = 1;
		}
		done_seqretry(&seqlock, seq);
		if (!good)
			flag_set(&torn, 1);
	}
	return NULL;
}

static void *write_seqlock_often(void *arg)
{
	unsigned long flags;

	(void)arg;
	for (long i = 0; i < WRITES; i++) {
		if (i & 1) {
			write_seqlock(&seqlock);
			put(&data, ++rounds);
			write_sequnlock(&seqlock);
		} else {
			write_seqlock_irqsave(&seqlock, flags);
			put(&data, ++rounds);
			write_sequnlock_irqrestore(&seqlock, flags);
		}
	}
	return NULL;
}

static void race(void *(*reader)(void *), void *(*writer)(void *), int writers)
{
	pthread_t readers[2];

	flag_set(&stop, 0);
	for (int i = 0; i < 2; i++)
		readers[i] = start_thread(reader, NULL);
	run_threads(writers, writer, NULL);
	flag_set(&stop, 1);
	for (int i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
}

TEST(seqlock_with_two_writers)
{
	race(read_seqlock, write_seqlock_often, 2);
	EXPECT_FALSE(torn);
	EXPECT_EQ(2L * WRITES, rounds);
}

TEST(readers_that_lock_after_the_first_try)
{
	race(read_or_lock, write_seqlock_often, 2);
	EXPECT_FALSE(torn);
}

static void *read_seqcount(void *arg)
{
	struct data mine;

	(void)arg;
	while (!flag_get(&stop)) {
		unsigned int seq = raw_seqcount_begin(&counter);
		bool good = whole(&data, &mine);

		if (!read_seqcount_retry(&counter, seq) && !good)
			flag_set(&torn, 1);
	}
	return NULL;
}

static void *write_seqcount_often(void *arg)
{
	(void)arg;
	for (long i = 0; i < WRITES; i++) {
		spin_lock(&lock);
		write_seqcount_begin(&counter);
		put(&data, i);
		write_seqcount_end(&counter);
		spin_unlock(&lock);
	}
	return NULL;
}

TEST(seqcount_with_a_lock_of_its_own)
{
	race(read_seqcount, write_seqcount_often, 2);
	EXPECT_FALSE(torn);
}

static void *read_latch(void *arg)
{
	struct data mine;

	(void)arg;
	while (!flag_get(&stop)) {
		unsigned int seq;
		bool good;

		do {
			seq = raw_read_seqcount_latch(&latch);
			for (int i = 0; i < WORDS; i++)
				mine.word[i] = READ_ONCE(copies[seq & 1].word[i]);
			good = same(&mine);
		} while (raw_read_seqcount_latch_retry(&latch, seq));
		if (!good)
			flag_set(&torn, 1);
	}
	return NULL;
}

static void put_copy(struct data *to, long value)
{
	for (int i = 0; i < WORDS; i++)
		WRITE_ONCE(to->word[i], value);
}

static void *write_latch_often(void *arg)
{
	(void)arg;
	for (long i = 0; i < WRITES; i++) {
		raw_write_seqcount_latch(&latch);
		put_copy(&copies[0], i);
		raw_write_seqcount_latch(&latch);
		put_copy(&copies[1], i);
	}
	return NULL;
}

TEST(latch)
{
	race(read_latch, write_latch_often, 1);
	EXPECT_FALSE(torn);
}

static void *read_once(void *arg)
{
	struct data mine;
	unsigned int seq;
	bool good;

	do {
		seq = read_seqbegin(&seqlock);
		good = whole(&data, &mine);
	} while (read_seqretry(&seqlock, seq));
	flag_set(arg, good ? 1 : -1);
	return NULL;
}

TEST(a_reader_waits_for_a_writer_that_lost_its_cpu)
{
	pthread_t reader;
	int done = 0;

	write_seqlock(&seqlock);
	data.word[0] = -1;
	reader = start_thread(read_once, &done);
	nap_us(20000);
	EXPECT_FALSE(flag_get(&done));
	put(&data, -1);
	write_sequnlock(&seqlock);
	pthread_join(reader, NULL);
	EXPECT_EQ(1, done);
}

TEST(the_small_forms)
{
	unsigned int seq;
	seqcount_t plain;
	unsigned long flags;

	seqcount_init(&plain);
	seq = read_seqcount_begin(&plain);
	EXPECT_FALSE(read_seqcount_retry(&plain, seq));
	write_seqcount_invalidate(&plain);
	EXPECT_TRUE(read_seqcount_retry(&plain, seq));
	seq = read_seqcount_begin(&plain);
	raw_write_seqcount_barrier(&plain);
	EXPECT_TRUE(read_seqcount_retry(&plain, seq));

	raw_write_seqcount_begin(&plain);
	seq = raw_seqcount_begin(&plain);
	EXPECT_TRUE(read_seqcount_retry(&plain, seq));
	raw_write_seqcount_end(&plain);

	write_seqcount_begin(&plain);
	EXPECT_TRUE(in_atomic());
	write_seqcount_end(&plain);
	EXPECT_FALSE(in_atomic());

	seq = read_seqbegin(&seqlock);
	read_seqlock_excl_irqsave(&seqlock, flags);
	EXPECT_TRUE(irqs_disabled());
	read_sequnlock_excl_irqrestore(&seqlock, flags);
	EXPECT_FALSE(read_seqretry(&seqlock, seq));
	write_seqlock_bh(&seqlock);
	write_sequnlock_bh(&seqlock);
	write_seqlock_irq(&seqlock);
	write_sequnlock_irq(&seqlock);
	EXPECT_TRUE(read_seqretry(&seqlock, seq));
}

TEST_HARNESS_MAIN
