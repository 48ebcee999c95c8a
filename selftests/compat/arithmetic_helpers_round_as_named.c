// SPDX-License-Identifier: MIT
/*
 * min, max, clamp, rounding, powers of two, divisions and overflow checks give
 * what their names promise, look at each argument once, and are constants when
 * their arguments are.
 */
#define __KERNEL__ 1
#include "../kselftest_harness.h"

#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/unaligned.h>

/* Constant enough for array sizes and initialisers. */
static char sizes[MAX(3, 4) + ilog2(4096) + roundup_pow_of_two(33) + order_base_2(9) +
		  DIV_ROUND_UP(7, 2) + ALIGN(5, 8) + BITS_TO_LONGS(65) + bits_per(8)];
static unsigned long masks[] = { BIT(3), GENMASK(7, 4), IS_ENABLED(CONFIG_SMP) };

static int asked;

static int ask(int val)
{
	asked++;
	return val;
}

TEST(constants)
{
	EXPECT_EQ(4 + 12 + 64 + 4 + 4 + 8 + 2 + 4, sizeof(sizes));
	EXPECT_EQ(8 + 0xf0 + 1, masks[0] + masks[1] + masks[2]);
	EXPECT_TRUE(IS_BUILTIN(CONFIG_SMP) && !IS_MODULE(CONFIG_SMP) && !IS_ENABLED(CONFIG_NONE));
}

TEST(each_argument_is_looked_at_once)
{
	EXPECT_EQ(3, min(ask(3), ask(4)));
	EXPECT_EQ(2, asked);
	EXPECT_EQ(5, clamp(ask(9), ask(1), ask(5)));
	EXPECT_EQ(5, asked);
	EXPECT_EQ(1, min3(ask(3), ask(1), ask(2)));
	EXPECT_EQ(8, asked);
	EXPECT_EQ(-1, max_t(signed char, ask(-1), ask(255)));
	EXPECT_EQ(7, abs(ask(-7)));
	EXPECT_EQ(4, min_not_zero(ask(0), ask(4)));
	EXPECT_EQ(13, asked);
}

TEST(smaller_and_larger)
{
	unsigned long long big = 1ULL << 40;
	unsigned int five = 5;
	u8 small = 200;
	char text[2], *first = text, *second = text + 1;
	long a = 1, b = 2;

	EXPECT_EQ(5, min(big, five));
	EXPECT_EQ(big, max(big, five));
	EXPECT_EQ(-1, min(-1, small));
	EXPECT_EQ(five, min(five, 7));
	EXPECT_EQ(second, max(first, second));
	EXPECT_EQ(0, clamp_val(five, 0, 0));
	EXPECT_EQ(255, clamp_t(u8, 255, 1, 255));
	EXPECT_EQ(5, umin(five, 7));
	EXPECT_TRUE(in_range(5, 5, 1) && !in_range(6, 5, 1) && !in_range(4, 5, 1));
	swap(a, b);
	EXPECT_TRUE(a == 2 && b == 1);
	EXPECT_EQ(LONG_MAX, abs(-LONG_MAX));
	EXPECT_EQ(32768, abs((short)-32768));
	EXPECT_EQ(3U, abs_diff(2U, 5U));
}

TEST(rounding)
{
	EXPECT_EQ(8, round_up(5, 8));
	EXPECT_EQ(0, round_up(0, 8));
	EXPECT_EQ(8, round_down(15, 8));
	EXPECT_EQ(15, roundup(11, 5));
	EXPECT_EQ(10, rounddown(14, 5));
	EXPECT_EQ(3, DIV_ROUND_CLOSEST(14, 5));
	EXPECT_EQ(-3, DIV_ROUND_CLOSEST(-14, 5));
	EXPECT_EQ(2, DIV_ROUND_CLOSEST(12U, 5U));
	EXPECT_EQ(1 << 20, DIV_ROUND_UP_ULL((1ULL << 40) - 5, 1 << 20));
	EXPECT_EQ(3ULL << 40, mult_frac(1ULL << 40, 3, 1));
	EXPECT_TRUE(IS_ALIGNED(64, 32) && !IS_ALIGNED(65, 2));
	EXPECT_EQ(0x1000, ALIGN_DOWN(0x1fff, 0x1000));
	EXPECT_EQ(0x2000, (long)PTR_ALIGN((char *)0x1001, 0x1000));
}

TEST(powers_of_two)
{
	for (unsigned int i = 0; i < 63; i++) {
		unsigned long n = 1UL << i;

		ASSERT_TRUE(is_power_of_2(n));
		ASSERT_EQ(i, ilog2(n));
		ASSERT_EQ(n, roundup_pow_of_two(n));
		ASSERT_EQ(n, rounddown_pow_of_two(n));
		ASSERT_EQ(i, order_base_2(n));
		ASSERT_EQ(i, get_count_order_long(n));
		ASSERT_EQ(i + 1, bits_per(n));
		if (i > 1) {
			ASSERT_FALSE(is_power_of_2(n + 1));
			ASSERT_EQ(2 * n, roundup_pow_of_two(n + 1));
			ASSERT_EQ(n / 2, rounddown_pow_of_two(n - 1));
			ASSERT_EQ(i + 1, order_base_2(n + 1));
			ASSERT_EQ(i - 1, ilog2(n - 1));
			ASSERT_EQ(i, bits_per(n - 1));
		}
	}
	EXPECT_FALSE(is_power_of_2(0));
	EXPECT_EQ(0, order_base_2(0));
	EXPECT_EQ(1, bits_per(0));
	EXPECT_EQ(-1, get_count_order(0));
}

TEST(roots_and_powers)
{
	for (u64 r = 1; r < 0xffffffffULL; r = r * 3 + 1) {
		ASSERT_EQ(r, int_sqrt64(r * r));
		ASSERT_EQ(r - 1, int_sqrt64(r * r - 1));
		ASSERT_EQ(r, int_sqrt64(r * r + 2 * r));
	}
	EXPECT_EQ(0xffffffff, int_sqrt(~0UL));
	EXPECT_EQ(0, int_sqrt(0));
	EXPECT_EQ(243, int_pow(3, 5));
	EXPECT_EQ(1, int_pow(7, 0));
	EXPECT_EQ(9, reciprocal_scale(~0U, 10));
}

TEST(wide_divisions)
{
	u64 n = 1000000000007ULL, rest64;
	s32 srest;
	u32 rest;

	EXPECT_EQ(7, do_div(n, 1000));
	EXPECT_EQ(1000000000ULL, n);
	EXPECT_EQ(3, div_u64_rem(23, 7, &rest));
	EXPECT_EQ(2, rest);
	EXPECT_EQ(-3, div_s64_rem(-23, 7, &srest));
	EXPECT_EQ(-2, srest);
	EXPECT_EQ(1, div64_u64_rem(~0ULL, ~0ULL - 1, &rest64));
	EXPECT_EQ(1, rest64);
	EXPECT_EQ(~0ULL, mul_u64_u64_div_u64(~0ULL, ~0ULL - 1, ~0ULL - 1));
	EXPECT_EQ(1ULL << 60, mul_u64_u64_shr(1ULL << 62, 1ULL << 62, 64));
	EXPECT_EQ(-4, mul_s64_u64_shr(-8, 1, 1));
	EXPECT_EQ(4, DIV64_U64_ROUND_UP(10, 3));
	EXPECT_EQ(3, DIV64_U64_ROUND_CLOSEST(10, 3));
}

TEST(overflow)
{
	int i;
	u8 byte;
	s8 sbyte;
	size_t n;
	struct flex { long head; int tail[]; } *p = NULL;

	EXPECT_TRUE(check_add_overflow(INT_MAX, 1, &i));
	EXPECT_EQ(INT_MIN, i);
	EXPECT_FALSE(check_add_overflow(200, 55, &byte));
	EXPECT_TRUE(check_add_overflow(200, 56, &byte));
	EXPECT_EQ(0, byte);
	EXPECT_TRUE(check_sub_overflow(0, 1, &byte));
	EXPECT_TRUE(check_mul_overflow(1UL << 40, 1UL << 40, &n));
	EXPECT_FALSE(check_shl_overflow(1, 7, &byte));
	EXPECT_EQ(128, byte);
	EXPECT_TRUE(check_shl_overflow(1, 7, &sbyte));
	EXPECT_TRUE(check_shl_overflow(1, 8, &byte));
	EXPECT_TRUE(check_shl_overflow(3, 7, &byte));
	EXPECT_TRUE(check_shl_overflow(1, -1, &i));
	EXPECT_TRUE(check_shl_overflow(-1, 1, &i));
	EXPECT_FALSE(check_shl_overflow(0, 31, &i));
	EXPECT_TRUE(overflows_type(256, byte) && !overflows_type(255, byte));
	EXPECT_TRUE(overflows_type(-1, u64));
	EXPECT_EQ(8 + 40, struct_size(p, tail, 10));
	EXPECT_EQ(SIZE_MAX, struct_size(p, tail, SIZE_MAX / 2));
	EXPECT_EQ(SIZE_MAX, size_add(SIZE_MAX, 1));
	EXPECT_EQ(SIZE_MAX, size_sub(1, 2));
	EXPECT_EQ(SIZE_MAX, size_sub(SIZE_MAX, 2));
	EXPECT_EQ(SIZE_MAX, array3_size(1UL << 30, 1UL << 30, 1UL << 30));
	EXPECT_EQ(44, wrapping_add(u8, 200, 100));
}

TEST(fields_of_a_register)
{
	u32 reg = 0x12345678;

	EXPECT_EQ(0x56, FIELD_GET(0xff00, reg));
	EXPECT_EQ(0x1, FIELD_GET(0xf0000000u, reg));
	EXPECT_EQ(0x50, FIELD_PREP(0xf0, 5));
	EXPECT_EQ(7, FIELD_MAX(0x70));
	EXPECT_TRUE(FIELD_FIT(0x70, 7) && !FIELD_FIT(0x70, 8));
	FIELD_MODIFY(0xff, &reg, 0xab);
	EXPECT_EQ(0x123456ab, reg);
	EXPECT_EQ(1, FIELD_GET(1ULL << 63, ~0ULL));
}

TEST(byte_order)
{
	u8 raw[9] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8 };
	__le32 le = cpu_to_le32(0x01020304);
	__be32 be = cpu_to_be32(0x01020304);

	EXPECT_TRUE(((u8 *)&le)[0] == 4 && ((u8 *)&be)[0] == 1);
	EXPECT_EQ(0x04030201, get_unaligned_le32(raw + 1));
	EXPECT_EQ(0x0102030405060708ULL, get_unaligned_be64(raw + 1));
	EXPECT_EQ(0x010203, get_unaligned_be24(raw + 1));
	put_unaligned_be16(0xabcd, raw + 3);
	EXPECT_TRUE(raw[3] == 0xab && raw[4] == 0xcd);
	put_unaligned(0x11223344, (u32 *)(raw + 5));
	EXPECT_EQ(0x11223344, get_unaligned((u32 *)(raw + 5)));
	EXPECT_EQ(0x04030201, swab32(0x01020304));
	EXPECT_EQ(0x0102, ntohs(htons(0x0102)));
	EXPECT_EQ(0x03040102, swahw32(0x01020304));
	be32_add_cpu(&be, 1);
	EXPECT_EQ(0x01020305, be32_to_cpu(be));
	EXPECT_TRUE(upper_32_bits(0x1122334455667788ULL) == 0x11223344 &&
		    lower_32_bits(0x1122334455667788ULL) == 0x55667788);
}

TEST_HARNESS_MAIN
