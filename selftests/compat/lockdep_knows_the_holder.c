// SPDX-License-Identifier: MIT
/*
 * In a debug build lockdep_assert_held() is about the calling thread, not about
 * anybody, and a lock that is taken twice or given back by a stranger is
 * reported. In other builds the assertions are nothing and never warn.
 */
#include "../kselftest_harness.h"

#include <linux/debug_locks.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <uwq/warn.h>

#include "kernel-compat/futex_lock.h"
#include "lock_test.h"

static DEFINE_SPINLOCK(spin);
static DEFINE_MUTEX(mutex);
static DEFINE_RWLOCK(rw);
static DECLARE_RWSEM(sem);
static struct futex_lock plain = FUTEX_LOCK_INIT;

/* So many in a debug build, none in others. */
#ifdef UWQ_DEBUG
#define IN_DEBUG(n)	(n)
#else
#define IN_DEBUG(n)	0
#endif

#define WARNS(statement)						\
	__extension__({							\
		unsigned long before_ = uwq_warn_count();		\
									\
		statement;						\
		uwq_warn_count() - before_;				\
	})

static void take_all(void)
{
	mutex_lock(&mutex);
	down_read(&sem);
	read_lock(&rw);
	spin_lock(&spin);
	futex_lock(&plain);
}

static void give_all(void)
{
	futex_unlock(&plain);
	spin_unlock(&spin);
	read_unlock(&rw);
	up_read(&sem);
	mutex_unlock(&mutex);
}

static void assert_all(void)
{
	lockdep_assert_held(&mutex);
	lockdep_assert_held(&sem);
	lockdep_assert_held_read(&sem);
	lockdep_assert_held(&rw);
	lockdep_assert_held(&spin);
	lockdep_assert_held_write(&spin);
	futex_lock_assert_held(&plain);
}

TEST(the_holder_passes_every_assertion)
{
	take_all();
	EXPECT_EQ(0, WARNS(assert_all()));
	EXPECT_TRUE(lockdep_is_held(&mutex));
	give_all();
	EXPECT_EQ(0, WARNS(lockdep_assert_not_held(&mutex)));
	EXPECT_EQ(0, WARNS(lockdep_assert_none_held_once()));
	EXPECT_EQ(0, lockdep_depth(current));
}

static void *assert_elsewhere(void *arg)
{
	*(long *)arg = (long)WARNS(assert_all());
	return NULL;
}

TEST(a_stranger_fails_every_assertion)
{
	long warned = 0;

	take_all();
	EXPECT_EQ(IN_DEBUG(5), lockdep_depth(current));
	run_threads(1, assert_elsewhere, &warned);
	EXPECT_EQ(IN_DEBUG(7), warned);
	give_all();
	EXPECT_EQ(IN_DEBUG(7), WARNS(assert_all()));
}

TEST(readers_are_not_writers)
{
	down_read(&sem);
	EXPECT_EQ(IN_DEBUG(1), WARNS(lockdep_assert_held_write(&sem)));
	EXPECT_EQ(IN_DEBUG(1), WARNS(lockdep_assert_not_held(&sem)));
	up_read(&sem);
	down_write(&sem);
	EXPECT_EQ(0, WARNS(lockdep_assert_held_write(&sem)));
	EXPECT_EQ(IN_DEBUG(1), WARNS(lockdep_assert_held_read(&sem)));
	downgrade_write(&sem);
	EXPECT_EQ(0, WARNS(lockdep_assert_held_read(&sem)));
	up_read(&sem);
}

static int got_it;

static void *take_twice(void *arg)
{
	(void)arg;
	mutex_lock(&mutex);
	mutex_lock(&mutex);	/* reported, then waits as in the kernel */
	flag_set(&got_it, 1);
	return NULL;
}

TEST(recursion_is_reported_before_it_hangs)
{
	unsigned long before = uwq_warn_count();
	pthread_t thread;

	thread = start_thread(take_twice, NULL);
	EXPECT_TRUE(COMES_TRUE(mutex_is_locked(&mutex)));
	EXPECT_TRUE(COMES_TRUE(uwq_warn_count() == before + IN_DEBUG(1)));
	nap_us(10000);
	EXPECT_FALSE(flag_get(&got_it));
	/* the stranger's unlock is reported too, and does unlock */
	EXPECT_EQ(IN_DEBUG(1), WARNS(mutex_unlock(&mutex)));
	EXPECT_TRUE(COMES_TRUE(flag_get(&got_it)));
	pthread_join(thread, NULL);
}

static void *unlock_elsewhere(void *arg)
{
	*(long *)arg = (long)WARNS(spin_unlock(&spin));
	return NULL;
}

TEST(a_stranger_that_unlocks_is_reported)
{
	long warned = 0;

	spin_lock(&spin);
	run_threads(1, unlock_elsewhere, &warned);
	EXPECT_EQ(IN_DEBUG(1), warned);
	EXPECT_FALSE(spin_is_locked(&spin));
}

TEST(more_locks_than_can_be_noted_are_not_judged)
{
	static spinlock_t many[60];

	for (int i = 0; i < 60; i++)
		spin_lock_init(&many[i]);
	EXPECT_EQ(0, WARNS(for (int i = 0; i < 60; i++) spin_lock(&many[i])));
	EXPECT_EQ(0, WARNS(lockdep_assert_held(&many[59])));
	EXPECT_EQ(0, WARNS(for (int i = 0; i < 60; i++) spin_unlock(&many[i])));
	EXPECT_EQ(0, lockdep_depth(current));
}

TEST(context_assertions)
{
	unsigned long flags;

	EXPECT_EQ(0, WARNS(lockdep_assert_irqs_enabled()));
	EXPECT_EQ(0, WARNS(lockdep_assert_preemption_enabled()));
	spin_lock_irqsave(&spin, flags);
	EXPECT_EQ(0, WARNS(lockdep_assert_irqs_disabled()));
	EXPECT_EQ(0, WARNS(lockdep_assert_preemption_disabled()));
	spin_unlock_irqrestore(&spin, flags);
	EXPECT_EQ(IN_DEBUG(1), WARNS(lockdep_assert_irqs_disabled()));
	EXPECT_EQ(IN_DEBUG(1), WARNS(lockdep_assert_in_softirq()));
}

static struct lock_class_key key;
static struct lockdep_map map = STATIC_LOCKDEP_MAP_INIT("map", &key);

TEST(maps_are_held_like_locks)
{
	lockdep_init_map(&map, "again", &key, 0);
	lock_map_acquire(&map);
	EXPECT_EQ(0, WARNS(lockdep_assert_held(&map)));
	lock_map_release(&map);
	lockdep_set_class(&spin, &key);
	might_lock(&spin);
	EXPECT_EQ(IN_DEBUG(1), WARNS(lockdep_assert_held(&map)));
	spin_lock(&spin);
	EXPECT_EQ(IN_DEBUG(1), WARNS(might_lock(&spin)));
	spin_unlock(&spin);
}

TEST_HARNESS_MAIN
