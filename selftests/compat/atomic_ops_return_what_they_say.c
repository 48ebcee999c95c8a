// SPDX-License-Identifier: MIT
/*
 * Every atomic operation changes the value and answers as its name says, in
 * each width and strength; concurrent ones lose nothing; release and acquire
 * hand over what was stored before.
 */
#include "../kselftest_harness.h"

#include <limits.h>
#include <pthread.h>

#include <linux/atomic.h>
#include <linux/bitops.h>

/* The same checks for each type: @p is the prefix of the operations. */
#define CHECK_TYPE(name, p, T, I, PI, min)					\
TEST(name##_operations)								\
{										\
	T v = { 5 };								\
	I old;									\
										\
	EXPECT_EQ(5, p##read(&v));						\
	p##set(&v, 7);								\
	EXPECT_EQ(7, p##read_acquire(&v));					\
	p##set_release(&v, 8);							\
	p##add(3, &v); p##sub(1, &v); p##inc(&v); p##dec(&v);			\
	EXPECT_EQ(10, p##read(&v));						\
	p##or(5, &v); EXPECT_EQ(15, p##read(&v));				\
	p##and(12, &v); EXPECT_EQ(12, p##read(&v));				\
	p##xor(6, &v); EXPECT_EQ(10, p##read(&v));				\
	p##andnot(2, &v); EXPECT_EQ(8, p##read(&v));				\
	EXPECT_EQ(10, p##add_return(2, &v));					\
	EXPECT_EQ(7, p##sub_return_acquire(3, &v));				\
	EXPECT_EQ(7, p##fetch_add_release(1, &v));				\
	EXPECT_EQ(8, p##fetch_sub_relaxed(2, &v));				\
	EXPECT_EQ(6, p##fetch_or(1, &v));					\
	EXPECT_EQ(7, p##fetch_and(5, &v));					\
	EXPECT_EQ(5, p##fetch_xor(1, &v));					\
	EXPECT_EQ(4, p##fetch_andnot(4, &v));					\
	EXPECT_EQ(1, p##inc_return(&v));					\
	EXPECT_EQ(0, p##dec_return_relaxed(&v));				\
	EXPECT_EQ(0, p##fetch_inc(&v));						\
	EXPECT_EQ(1, p##fetch_dec_acquire(&v));					\
	EXPECT_EQ(0, p##xchg(&v, 3));						\
	EXPECT_EQ(3, p##cmpxchg(&v, 2, 9));					\
	EXPECT_EQ(3, p##cmpxchg_release(&v, 3, 4));				\
	old = 3;								\
	EXPECT_FALSE(p##try_cmpxchg(&v, (PI *)&old, 6));			\
	EXPECT_EQ(4, old);							\
	EXPECT_TRUE(p##try_cmpxchg_acquire(&v, (PI *)&old, 1));			\
	EXPECT_FALSE(p##sub_and_test(2, &v));					\
	EXPECT_TRUE(p##inc_and_test(&v));					\
	EXPECT_TRUE(p##add_negative(-1, &v));					\
	EXPECT_FALSE(p##inc_unless_negative(&v));				\
	EXPECT_TRUE(p##dec_unless_positive(&v));				\
	EXPECT_EQ(-2, p##read(&v));						\
	p##set(&v, 1);								\
	EXPECT_FALSE(p##dec_unless_positive(&v));				\
	EXPECT_TRUE(p##inc_unless_negative(&v));				\
	EXPECT_EQ(1, p##dec_if_positive(&v));					\
	EXPECT_EQ(0, p##dec_if_positive(&v));					\
	EXPECT_EQ(-1, p##dec_if_positive(&v));					\
	EXPECT_EQ(0, p##read(&v));						\
	EXPECT_FALSE(p##inc_not_zero(&v));					\
	EXPECT_TRUE(p##add_unless(&v, 4, 1));					\
	EXPECT_EQ(4, p##fetch_add_unless(&v, 4, 4));				\
	EXPECT_TRUE(p##inc_not_zero(&v));					\
	EXPECT_FALSE(p##dec_and_test(&v));					\
	p##set(&v, 1);								\
	EXPECT_TRUE(p##dec_and_test(&v));					\
	p##set(&v, min);							\
	EXPECT_GT(p##sub_return(1, &v), 0);					\
	EXPECT_EQ(5, p##cond_read_acquire(&(T){ 5 }, VAL > 3));		\
}

CHECK_TYPE(atomic, atomic_, atomic_t, int, int, INT_MIN)
CHECK_TYPE(atomic64, atomic64_, atomic64_t, s64, s64, LLONG_MIN)
CHECK_TYPE(atomic_long, atomic_long_, atomic_long_t, long, long, LONG_MIN)

#define CHECK_WORD(bits)							\
TEST(plain_words_of_##bits##_bits)						\
{										\
	struct { u##bits before, v, after; } s = { 1, 2, 3 };			\
	u##bits old = 9;							\
										\
	EXPECT_EQ(2, xchg(&s.v, 4));						\
	EXPECT_EQ(4, cmpxchg(&s.v, 3, 5));					\
	EXPECT_EQ(4, cmpxchg_relaxed(&s.v, 4, 5));				\
	EXPECT_FALSE(try_cmpxchg(&s.v, &old, 6));				\
	EXPECT_EQ(5, old);							\
	EXPECT_TRUE(try_cmpxchg_release(&s.v, &old, 6));			\
	EXPECT_EQ(6, xchg_acquire(&s.v, (u##bits)-1));				\
	smp_store_release(&s.v, 8);						\
	EXPECT_EQ(8, smp_load_acquire(&s.v));					\
	smp_store_mb(s.v, 9);							\
	EXPECT_EQ(9, READ_ONCE(s.v));						\
	WRITE_ONCE(s.v, 10);							\
	EXPECT_EQ(10, smp_cond_load_acquire(&s.v, VAL));			\
	EXPECT_TRUE(s.before == 1 && s.after == 3);				\
}

CHECK_WORD(8)
CHECK_WORD(16)
CHECK_WORD(32)
CHECK_WORD(64)

TEST(once_works_for_structs_pointers_and_const)
{
	struct pair { u16 a, b; } __attribute__((aligned(4))) pair = { 1, 2 }, copy;
	const double half = 0.5;
	int target = 3, *p = NULL;

	copy = READ_ONCE(pair);
	EXPECT_TRUE(copy.a == 1 && copy.b == 2);
	copy.b = 7;
	WRITE_ONCE(pair, copy);
	EXPECT_EQ(7, pair.b);
	EXPECT_TRUE(READ_ONCE(half) == 0.5);
	WRITE_ONCE(p, &target);
	EXPECT_EQ(3, *READ_ONCE(p));
	EXPECT_EQ(&target, cmpxchg(&p, &target, NULL));
	EXPECT_EQ(NULL, p);
}

TEST(bits)
{
	unsigned long map[3] = { 0 };

	set_bit(70, map);
	EXPECT_EQ(1UL << 6, map[1]);
	EXPECT_TRUE(test_bit(70, map));
	EXPECT_TRUE(test_and_set_bit(70, map));
	EXPECT_FALSE(test_and_set_bit(0, map));
	change_bit(1, map);
	EXPECT_EQ(3, map[0]);
	EXPECT_TRUE(test_and_clear_bit(1, map));
	EXPECT_FALSE(test_and_change_bit(63, map));
	EXPECT_EQ(1UL << 63 | 1, map[0]);
	EXPECT_FALSE(test_and_set_bit_lock(128, map));
	EXPECT_TRUE(test_and_set_bit_lock(128, map));
	clear_bit_unlock(128, map);
	EXPECT_EQ(0, map[2]);
	EXPECT_EQ(1UL << 63 | 1, set_mask_bits(&map[0], 1, 6));
	EXPECT_EQ(1UL << 63 | 6, map[0]);
	EXPECT_TRUE(fls(0) == 0 && fls(1) == 1 && fls(0x80000000u) == 32 && fls64(1ULL << 40) == 41);
	EXPECT_TRUE(__ffs(8) == 3 && __fls(9) == 3 && ffz(7) == 3 && ffs(0) == 0 && ffs(4) == 3);
	EXPECT_EQ(0x23456781, rol32(0x12345678, 4));
	EXPECT_EQ(0x12345678, ror32(0x12345678, 32));
	EXPECT_EQ(-1, sign_extend32(0xff, 7));
	EXPECT_EQ(127, sign_extend64(0x7f, 7));
	EXPECT_EQ(0x1f0, GENMASK(8, 4));
	EXPECT_EQ(~0ULL, GENMASK_ULL(63, 0));
	EXPECT_EQ(5, fns(0x2d, 3));
}

/* --- concurrency ------------------------------------------------------------------ */

#define THREADS	4
#define EACH	50000

static atomic_t sum;
static atomic_long_t by_compare;
static atomic64_t bounded;
static unsigned long word;

static void *all_at_once(void *arg)
{
	unsigned long mine = 1UL << (long)arg;
	long old;

	for (int i = 0; i < EACH; i++) {
		atomic_inc(&sum);
		old = atomic_long_read(&by_compare);
		while (!atomic_long_try_cmpxchg(&by_compare, &old, old + 1))
			;
		atomic64_add_unless(&bounded, 1, 1000);
		if (test_and_change_bit((long)arg, &word) != !!(i & 1))
			return (void *)mine;
	}
	return NULL;
}

TEST(nothing_is_lost_among_threads)
{
	pthread_t thread[THREADS];
	void *wrong;

	for (long i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, all_at_once, (void *)i);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &wrong);
		EXPECT_EQ(NULL, wrong);
	}
	EXPECT_EQ(THREADS * EACH, atomic_read(&sum));
	EXPECT_EQ(THREADS * EACH, atomic_long_read(&by_compare));
	EXPECT_EQ(1000, atomic64_read(&bounded));
	EXPECT_EQ(0, word);
}

/*
 * Store buffering: in each round a side stores its own and then looks at the
 * other's. With a full barrier between, at least one of the two sees the store.
 * A side that is ahead waits a little for the other, so that rounds meet; the
 * answers are compared at the end.
 */
#define LITMUS	20000

static int stored[2][LITMUS], saw[2][LITMUS], at[2];
static void (*barrier_between)(void);
static atomic_t any, ready;

static void by_fence(void)
{
	smp_mb();
}

static void by_atomic(void)
{
	atomic_fetch_add(0, &any);
}

static void by_void_atomic(void)
{
	atomic_inc(&any);
	smp_mb__after_atomic();
}

static void *store_then_look(void *arg)
{
	long me = (long)arg;

	atomic_inc(&ready);
	while (atomic_read_acquire(&ready) < 2)
		sched_yield();
	for (int i = 0; i < LITMUS; i++) {
		WRITE_ONCE(at[me], i);
		for (int spin = 0; spin < 200 && READ_ONCE(at[!me]) < i; spin++)
			cpu_relax();
		WRITE_ONCE(stored[me][i], 1);
		barrier_between();
		saw[me][i] = READ_ONCE(stored[!me][i]);
	}
	return NULL;
}

static int both_missed(void (*between)(void))
{
	pthread_t thread[2];
	int missed = 0;

	for (int turn = 0; turn < 4; turn++) {
		barrier_between = between;
		atomic_set(&ready, 0);
		memset(stored, 0, sizeof(stored));
		at[0] = at[1] = 0;
		for (long i = 0; i < 2; i++)
			pthread_create(&thread[i], NULL, store_then_look, (void *)i);
		for (int i = 0; i < 2; i++)
			pthread_join(thread[i], NULL);
		for (int i = 0; i < LITMUS; i++)
			missed += !saw[0][i] && !saw[1][i];
	}
	return missed;
}

TEST(full_barriers_order_a_store_and_a_load)
{
	EXPECT_EQ(0, both_missed(by_fence));
	EXPECT_EQ(0, both_missed(by_atomic));
	EXPECT_EQ(0, both_missed(by_void_atomic));
}

#define HAND_OVERS	20000
#define MOST_SECONDS	5	/* two threads that take turns on one CPU are slow */
#define OVER		INT_MAX	/* instead of a number */

/* Plain data behind a flag: the thread sanitizer checks the hand-over as well. */
static int payload, flag;
static bool with_fences;

static void *consume(void *arg)
{
	(void)arg;
	for (int i = 1;; i++) {
		int seen;

		while ((seen = with_fences ? READ_ONCE(flag) : smp_load_acquire(&flag)) != i) {
			if (seen == OVER)
				return NULL;
			sched_yield();
		}
		if (with_fences)
			smp_rmb();
		if (payload != i)
			return (void *)1;
		smp_store_release(&flag, -i);
	}
}

static void *produce_for(bool fences)
{
	time_t until = time(NULL) + MOST_SECONDS;
	pthread_t thread;
	void *wrong;

	with_fences = fences;
	flag = 0;
	pthread_create(&thread, NULL, consume, NULL);
	for (int i = 1; i <= HAND_OVERS && time(NULL) < until; i++) {
		payload = i;
		if (fences) {
			smp_wmb();
			WRITE_ONCE(flag, i);
		} else {
			smp_store_release(&flag, i);
		}
		while (smp_load_acquire(&flag) != -i)
			sched_yield();
	}
	smp_store_release(&flag, OVER);
	pthread_join(thread, &wrong);
	return wrong;
}

TEST(what_was_stored_before_a_release_is_seen_after_the_acquire)
{
	EXPECT_EQ(NULL, produce_for(false));
}

TEST(fences_hand_over_as_well)
{
	EXPECT_EQ(NULL, produce_for(true));
}

TEST_HARNESS_MAIN
