// SPDX-License-Identifier: MIT
/*
 * Guards, classes and __free pointers are undone at the end of their scope, on
 * every way out of it, in reverse order, and exactly once.
 */
#include "../kselftest_harness.h"

#include <linux/cleanup.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>

#include "lock_test.h"

static DEFINE_MUTEX(mutex_lock_);
static DEFINE_SPINLOCK(spin);
static DEFINE_RAW_SPINLOCK(raw);
static DEFINE_RWLOCK(rw);
static DECLARE_RWSEM(sem);

static int freed;

DEFINE_FREE(counted, void *, if (_T) { free(_T); freed++; })

static bool inner_block_holds(void)
{
	guard(spinlock)(&spin);
	return spin_is_locked(&spin) && in_atomic();
}

static bool outer_block_holds(void)
{
	guard(mutex)(&mutex_lock_);
	return mutex_is_locked(&mutex_lock_) && inner_block_holds() &&
	       !spin_is_locked(&spin) && mutex_is_locked(&mutex_lock_);
}

TEST(a_guard_holds_its_lock_to_the_end_of_the_block)
{
	EXPECT_TRUE(outer_block_holds());
	EXPECT_FALSE(mutex_is_locked(&mutex_lock_));
	EXPECT_FALSE(in_atomic());
}

static int leave_early(int how)
{
	guard(mutex)(&mutex_lock_);
	if (how == 1)
		return 10;
	if (how == 2)
		goto out;
	return 30;
out:
	return 20;
}

TEST(every_way_out_releases)
{
	for (int how = 1; how <= 3; how++) {
		EXPECT_EQ(how * 10, leave_early(how));
		ASSERT_FALSE(mutex_is_locked(&mutex_lock_));
	}
	for (int i = 0; i < 3; i++) {
		guard(spinlock_irq)(&spin);
		EXPECT_TRUE(irqs_disabled());
		if (i == 1)
			continue;
		if (i == 2)
			break;
	}
	EXPECT_FALSE(spin_is_locked(&spin));
	EXPECT_FALSE(irqs_disabled());
}

static int inside_of(void)
{
	scoped_guard(mutex, &mutex_lock_) {
		return mutex_is_locked(&mutex_lock_);
	}
}

TEST(scoped_guard_covers_one_statement)
{
	int rounds = 0;

	scoped_guard(spinlock_irqsave, &spin) {
		rounds++;
		EXPECT_TRUE(spin_is_locked(&spin));
		EXPECT_TRUE(irqs_disabled());
	}
	EXPECT_FALSE(spin_is_locked(&spin));
	EXPECT_FALSE(irqs_disabled());

	scoped_guard(mutex, &mutex_lock_) {
		rounds++;
		if (rounds)
			break;
		rounds += 100;
	}
	for (int i = 0; i < 2; i++) {
		scoped_guard(mutex, &mutex_lock_) {
			rounds++;
			continue;
		}
		EXPECT_FALSE(mutex_is_locked(&mutex_lock_));
	}
	EXPECT_EQ(4, rounds);
	EXPECT_EQ(1, inside_of());
	EXPECT_FALSE(mutex_is_locked(&mutex_lock_));
}

static int try_it(void)
{
	scoped_cond_guard(mutex_try, return -16, &mutex_lock_) {
		return 1;
	}
	return 2;
}

static void *try_elsewhere(void *arg)
{
	int *got = arg;
	int entered = 0;

	got[0] = try_it();
	scoped_guard(spinlock_try, &spin)
		entered = 1;
	got[1] = entered;
	got[2] = preempt_count();
	return NULL;
}

TEST(a_conditional_guard_that_fails_releases_nothing)
{
	int got[3];

	mutex_lock(&mutex_lock_);
	spin_lock(&spin);
	run_threads(1, try_elsewhere, got);
	EXPECT_EQ(-16, got[0]);
	EXPECT_EQ(0, got[1]);
	EXPECT_EQ(0, got[2]);
	EXPECT_TRUE(mutex_is_locked(&mutex_lock_));
	EXPECT_TRUE(spin_is_locked(&spin));
	spin_unlock(&spin);
	mutex_unlock(&mutex_lock_);
	run_threads(1, try_elsewhere, got);
	EXPECT_EQ(1, got[0]);
	EXPECT_EQ(1, got[1]);
	EXPECT_FALSE(mutex_is_locked(&mutex_lock_));
	EXPECT_FALSE(spin_is_locked(&spin));
}

TEST(all_guards_of_locks)
{
	{
		guard(raw_spinlock)(&raw);
		EXPECT_TRUE(raw_spin_is_locked(&raw));
	}
	{
		guard(raw_spinlock_irqsave)(&raw);
		EXPECT_TRUE(irqs_disabled());
	}
	{
		guard(spinlock_bh)(&spin);
		EXPECT_TRUE(in_softirq());
	}
	{
		guard(read_lock)(&rw);
		EXPECT_TRUE(rwlock_is_locked(&rw));
	}
	{
		guard(write_lock_irqsave)(&rw);
		EXPECT_TRUE(irqs_disabled());
	}
	{
		guard(rwsem_read)(&sem);
		EXPECT_TRUE(rwsem_is_locked(&sem));
	}
	{
		guard(rwsem_write)(&sem);
		EXPECT_TRUE(rwsem_is_locked(&sem));
	}
	{
		guard(preempt)();
		EXPECT_TRUE(in_atomic());
	}
	scoped_guard(mutex_intr, &mutex_lock_)
		EXPECT_TRUE(mutex_is_locked(&mutex_lock_));
	EXPECT_FALSE(raw_spin_is_locked(&raw) || spin_is_locked(&spin) ||
		     rwlock_is_locked(&rw) || rwsem_is_locked(&sem) ||
		     mutex_is_locked(&mutex_lock_));
	EXPECT_EQ(0, preempt_count());
	EXPECT_FALSE(irqs_disabled());
}

static void *make(bool keep)
{
	void *made __free(counted) = malloc(16);

	if (!keep)
		return NULL;
	return_ptr(made);
}

static bool moves(void *kept)
{
	void *again __free(counted) = kept;
	void *moved __free(counted) = no_free_ptr(again);

	return again == NULL && moved == kept;
}

TEST(a_free_pointer_is_freed_unless_taken)
{
	void *kept;

	freed = 0;
	EXPECT_EQ(NULL, make(false));
	EXPECT_EQ(1, freed);
	kept = make(true);
	EXPECT_NE(NULL, kept);
	EXPECT_EQ(1, freed);
	EXPECT_TRUE(moves(kept));
	EXPECT_EQ(2, freed);
}

static char order[8];

static char note(char c)
{
	size_t n = 0;

	while (order[n])
		n++;
	order[n] = c;
	return c;
}

DEFINE_CLASS(noted, char, note(_T), note(c), char c)

TEST(classes_end_in_reverse_order)
{
	{
		CLASS(noted, a)('a');
		CLASS(noted, b)('b');

		EXPECT_EQ('a', a);
		EXPECT_EQ('b', b);
	}
	EXPECT_STREQ("abba", order);
}

TEST_HARNESS_MAIN
