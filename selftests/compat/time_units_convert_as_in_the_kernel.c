// SPDX-License-Identifier: MIT
/*
 * jiffies, ktime_t and timespec64: what the kernel's rounding gives with HZ 1000,
 * order of times that wrap, saturation, clocks that do not go back, and times of one that
 * are translated to another.
 */
#include "../kselftest_harness.h"

#include <limits.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/sched/clock.h>
#include <linux/time.h>
#include <linux/timekeeping.h>

#include "kernel-compat/test_points.h"
#include "time_test.h"

TEST(jiffies_begin_five_minutes_before_32_bits_wrap)
{
	EXPECT_EQ(0xfffb6c20ul, INITIAL_JIFFIES);
	EXPECT_LT(jiffies - INITIAL_JIFFIES, 60 * HZ);
	EXPECT_GE((u64)jiffies, (u64)INITIAL_JIFFIES);
	EXPECT_TRUE(READ_ONCE(jiffies) <= get_jiffies_64());
	EXPECT_TRUE(time_after_eq64(get_jiffies_64(), (u64)INITIAL_JIFFIES));
}

TEST(to_jiffies)
{
	EXPECT_EQ(0, msecs_to_jiffies(0));
	EXPECT_EQ(1, msecs_to_jiffies(1));
	EXPECT_EQ(2147483647ul, msecs_to_jiffies(INT_MAX));
	EXPECT_EQ(MAX_JIFFY_OFFSET, msecs_to_jiffies((unsigned int)-1));
	EXPECT_EQ(0, usecs_to_jiffies(0));
	EXPECT_EQ(1, usecs_to_jiffies(1));
	EXPECT_EQ(1, usecs_to_jiffies(1000));
	EXPECT_EQ(2, usecs_to_jiffies(1001));
	EXPECT_EQ(0, nsecs_to_jiffies(999999));
	EXPECT_EQ(1, nsecs_to_jiffies(1999999));
	EXPECT_EQ(1, nsecs_to_jiffies64(1000000));
	EXPECT_EQ(3000, secs_to_jiffies(3));
	EXPECT_EQ(20, clock_t_to_jiffies(2));
	EXPECT_EQ(1501, timespec64_to_jiffies(&(struct timespec64) { 1, 500000001 }));
	EXPECT_EQ(MAX_JIFFY_OFFSET, timespec64_to_jiffies(&(struct timespec64) { TIME64_MAX, 0 }));
}

TEST(from_jiffies)
{
	struct timespec64 ts;

	EXPECT_EQ(1234, jiffies_to_msecs(1234));
	EXPECT_EQ(1234000, jiffies_to_usecs(1234));
	EXPECT_EQ(1234000000ull, jiffies_to_nsecs(1234));
	EXPECT_EQ(1234000000ull, jiffies64_to_nsecs(1234));
	EXPECT_EQ(123, jiffies_to_clock_t(1234));
	EXPECT_EQ(0, jiffies_delta_to_msecs(-5));
	jiffies_to_timespec64(2345, &ts);
	EXPECT_EQ(2, ts.tv_sec);
	EXPECT_EQ(345000000, ts.tv_nsec);
}

TEST(order_of_times_that_wrap)
{
	unsigned long old = ULONG_MAX - 5, young = 5;

	EXPECT_TRUE(time_after(young, old));
	EXPECT_FALSE(time_after(old, young));
	EXPECT_FALSE(time_after(old, old));
	EXPECT_TRUE(time_after_eq(old, old));
	EXPECT_TRUE(time_before(old, young));
	EXPECT_TRUE(time_before_eq(old, old));
	EXPECT_TRUE(time_in_range(young, old, young));
	EXPECT_FALSE(time_in_range_open(young, old, young));
	EXPECT_TRUE(time_after64((u64)3, (u64)-3));
	EXPECT_TRUE(time_is_before_jiffies(jiffies - 10));
	EXPECT_TRUE(time_is_after_jiffies(jiffies + 10000));
	EXPECT_TRUE(time_after32(3u, 0xfffffff0u));
	EXPECT_TRUE(time_after(uwq_jiffies_after(ULONG_MAX), jiffies));
	EXPECT_TRUE(time_after(uwq_jiffies_after(LONG_MAX), jiffies));
}

TEST(ktime_saturates)
{
	EXPECT_EQ(KTIME_MAX, ktime_set(KTIME_SEC_MAX, 0));
	EXPECT_EQ(3000000007ll, ktime_set(3, 7));
	EXPECT_EQ(KTIME_MAX, ktime_add_safe(KTIME_MAX, 1));
	EXPECT_EQ(KTIME_MAX, ktime_add_safe(KTIME_MAX - 5, 6));
	EXPECT_EQ(11, ktime_add_safe(5, 6));
	EXPECT_EQ(KTIME_MAX, timespec64_to_ns(&(struct timespec64) { TIME64_MAX, 0 }));
	EXPECT_EQ(-1, ktime_to_us(-1999));
	EXPECT_EQ(5, ktime_ms_delta(ms_to_ktime(15), ms_to_ktime(10)));
	EXPECT_LT(ktime_compare(1, 2), 0);
	EXPECT_TRUE(ktime_before(1, 2));
}

TEST(timespec64_is_normalized)
{
	struct timespec64 a = { 5, 900000000 }, b = { 2, 200000000 }, c;

	c = timespec64_add(a, b);
	EXPECT_EQ(8, c.tv_sec);
	EXPECT_EQ(100000000, c.tv_nsec);
	c = timespec64_sub(b, a);
	EXPECT_EQ(-4, c.tv_sec);
	EXPECT_EQ(300000000, c.tv_nsec);
	c = ns_to_timespec64(-1);
	EXPECT_EQ(-1, c.tv_sec);
	EXPECT_EQ(999999999, c.tv_nsec);
	EXPECT_GT(timespec64_compare(&a, &b), 0);
	EXPECT_FALSE(timespec64_valid(&(struct timespec64) { 0, 1000000000 }));
	c = timespec64_add_safe((struct timespec64) { TIME64_MAX, 0 }, a);
	EXPECT_EQ(TIME64_MAX, c.tv_sec);
}

TEST(dates)
{
	EXPECT_EQ(0, mktime64(1970, 1, 1, 0, 0, 0));
	EXPECT_EQ(951782400, mktime64(2000, 2, 29, 0, 0, 0));
	EXPECT_EQ(951868800, mktime64(2000, 3, 1, 0, 0, 0));
	EXPECT_EQ(4102444799, mktime64(2099, 12, 31, 23, 59, 59));
}

TEST(whole_seconds)
{
	unsigned long base = jiffies / HZ * HZ + 100 * HZ, now;

	EXPECT_EQ(base, round_jiffies(base + HZ / 4 - 1));
	EXPECT_EQ(base + HZ, round_jiffies(base + HZ / 4));
	EXPECT_EQ(base + HZ, round_jiffies_up(base + 1));
	/* Never into the past */
	now = jiffies;
	EXPECT_TRUE(time_after_eq(round_jiffies(now + 1), now));
	EXPECT_GT(round_jiffies_relative(HZ), HZ / 2);
}

TEST(clocks_go_forward_and_agree)
{
	ktime_t last = ktime_get();
	unsigned long last_jiffies = jiffies;
	struct timespec64 ts;

	for (int i = 0; i < 100000; i++) {
		ktime_t now = ktime_get();
		unsigned long j = jiffies;

		ASSERT_GE(now, last);
		ASSERT_FALSE(time_before(j, last_jiffies));
		last = now;
		last_jiffies = j;
	}
	ktime_get_real_ts64(&ts);
	EXPECT_LE(labs(time(NULL) - ts.tv_sec), 20);
	EXPECT_GE(local_clock(), (u64)last);
	EXPECT_LE(ktime_get_seconds() - ktime_to_ms(last) / 1000, 20);
}

/* Is it what the other clock said at that moment, to a millisecond? */
static bool translates_well(void)
{
	ktime_t before = ktime_get_boottime(), mono = ktime_get(), after = ktime_get_boottime();
	ktime_t boot = ktime_mono_to_any(mono, TK_OFFS_BOOT);

	return before - (ktime_t)MS <= boot && boot <= after + (ktime_t)MS;
}

TEST(a_time_is_translated_to_another_clock)
{
	for (int i = 0; i < 1000; i++)
		ASSERT_TRUE(translates_well());
}

static int lost;

static void lose_the_cpu_once(const char *name)
{
	if (!strcmp(name, "between_two_clocks") && add(&lost, 1) == 1)
		nap_us(10000);
}

TEST(also_by_a_thread_that_loses_its_cpu_between_the_two)
{
	__atomic_store_n(&uwq_test_point_hook, lose_the_cpu_once, __ATOMIC_RELEASE);
	EXPECT_TRUE(translates_well());
	EXPECT_LE(2, load(&lost));
}

TEST_HARNESS_MAIN
