// SPDX-License-Identifier: MIT
/*
 * A spinlock has one holder at a time, in all its forms; the count and the flags
 * of the context are raised while it is held and as before afterwards.
 */
#include "../kselftest_harness.h"

#include <linux/atomic.h>
#include <linux/preempt.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

#include "lock_test.h"

static DEFINE_SPINLOCK(lock);
static DEFINE_RAW_SPINLOCK(raw_lock);
static long counter;		/* plain: the lock is what protects it */

#define THREADS		4
#define EACH		ROUNDS(100000)

static void *count_plain(void *arg)
{
	(void)arg;
	for (int i = 0; i < EACH; i++) {
		spin_lock(&lock);
		counter++;
		spin_unlock(&lock);
	}
	return NULL;
}

static void *count_mixed(void *arg)
{
	unsigned long flags;

	(void)arg;
	for (int i = 0; i < EACH; i++) {
		switch (i % 6) {
		case 0:
			spin_lock_bh(&lock);
			counter++;
			spin_unlock_bh(&lock);
			break;
		case 1:
			spin_lock_irq(&lock);
			counter++;
			spin_unlock_irq(&lock);
			break;
		case 2:
			spin_lock_irqsave(&lock, flags);
			counter++;
			spin_unlock_irqrestore(&lock, flags);
			break;
		case 3:
			while (!spin_trylock(&lock))
				;
			counter++;
			spin_unlock(&lock);
			break;
		case 4:
			while (!spin_trylock_irqsave(&lock, flags))
				;
			counter++;
			spin_unlock_irqrestore(&lock, flags);
			break;
		default:
			while (!spin_trylock_bh(&lock))
				;
			counter++;
			spin_unlock_bh(&lock);
		}
	}
	return NULL;
}

static void *count_raw(void *arg)
{
	unsigned long flags;

	(void)arg;
	for (int i = 0; i < EACH; i++) {
		raw_spin_lock_irqsave(&raw_lock, flags);
		counter++;
		raw_spin_unlock_irqrestore(&raw_lock, flags);
	}
	return NULL;
}

TEST(nothing_is_lost_between_threads)
{
	counter = 0;
	run_threads(THREADS, count_plain, NULL);
	EXPECT_EQ((long)THREADS * EACH, counter);
}

TEST(all_forms_are_the_same_lock)
{
	counter = 0;
	run_threads(THREADS, count_mixed, NULL);
	EXPECT_EQ((long)THREADS * EACH, counter);
}

TEST(raw_locks_exclude_too)
{
	counter = 0;
	run_threads(THREADS, count_raw, NULL);
	EXPECT_EQ((long)THREADS * EACH, counter);
}

TEST(context_is_raised_and_put_back)
{
	unsigned long flags;
	int before = preempt_count();

	spin_lock(&lock);
	EXPECT_TRUE(in_atomic());
	EXPECT_EQ(before + 1, preempt_count());
	EXPECT_FALSE(in_softirq());
	spin_unlock(&lock);
	EXPECT_EQ(before, preempt_count());

	spin_lock_bh(&lock);
	EXPECT_TRUE(in_softirq());
	EXPECT_TRUE(in_task());
	spin_unlock_bh(&lock);
	EXPECT_FALSE(in_softirq());

	spin_lock_irqsave(&lock, flags);
	EXPECT_TRUE(irqs_disabled());
	spin_unlock_irqrestore(&lock, flags);
	EXPECT_FALSE(irqs_disabled());

	local_irq_disable();
	spin_lock_irqsave(&lock, flags);
	spin_unlock_irqrestore(&lock, flags);
	EXPECT_TRUE(irqs_disabled());
	local_irq_enable();
	EXPECT_EQ(before, preempt_count());
}

static void *try_all(void *arg)
{
	unsigned long flags;
	int *got = arg;

	*got = spin_trylock(&lock) + spin_trylock_bh(&lock) + spin_trylock_irq(&lock) +
	       spin_trylock_irqsave(&lock, flags);
	*got += preempt_count() != 0 || irqs_disabled();
	return NULL;
}

TEST(a_failed_trylock_leaves_nothing_behind)
{
	int got = -1;

	spin_lock(&lock);
	EXPECT_TRUE(spin_is_locked(&lock));
	run_threads(1, try_all, &got);
	spin_unlock(&lock);
	EXPECT_EQ(0, got);
	EXPECT_FALSE(spin_is_locked(&lock));
	EXPECT_EQ(1, spin_trylock(&lock));
	spin_unlock(&lock);
}

TEST(initialisers_and_size)
{
	spinlock_t local = __SPIN_LOCK_UNLOCKED(local);
	spinlock_t made;

	spin_lock_init(&made);
	EXPECT_FALSE(spin_is_locked(&local));
	EXPECT_FALSE(spin_is_locked(&made));
	spin_lock(&made);
	spin_lock_nested(&local, 1);
	spin_unlock(&local);
	spin_unlock(&made);
	EXPECT_EQ(4, sizeof(spinlock_t));
}

static void *get_contended(void *arg)
{
	(void)arg;
	spin_lock(&lock);
	spin_unlock(&lock);
	return NULL;
}

TEST(a_sleeping_waiter_is_seen_and_woken)
{
	pthread_t thread;

	spin_lock(&lock);
	EXPECT_FALSE(spin_is_contended(&lock));
	thread = start_thread(get_contended, NULL);
	EXPECT_TRUE(COMES_TRUE(spin_is_contended(&lock)));
	spin_unlock(&lock);
	pthread_join(thread, NULL);
	EXPECT_FALSE(spin_is_locked(&lock));
}

static atomic_t users;
static refcount_t refs;
static int last_seen;

static void *drop_one(void *arg)
{
	unsigned long flags;

	(void)arg;
	if (atomic_dec_and_lock(&users, &lock)) {
		flag_add(&last_seen, atomic_read(&users) == 0 && spin_is_locked(&lock));
		spin_unlock(&lock);
	}
	if (refcount_dec_and_lock_irqsave(&refs, &lock, &flags)) {
		flag_add(&last_seen, irqs_disabled() && spin_is_locked(&lock));
		spin_unlock_irqrestore(&lock, flags);
	}
	return NULL;
}

TEST(the_last_count_and_no_other_takes_the_lock)
{
	for (int i = 0; i < 200; i++) {
		atomic_set(&users, THREADS);
		refcount_set(&refs, THREADS);
		last_seen = 0;
		run_threads(THREADS, drop_one, NULL);
		ASSERT_EQ(2, last_seen);
		ASSERT_FALSE(spin_is_locked(&lock));
	}
}

TEST_HARNESS_MAIN
