// SPDX-License-Identifier: MIT
/*
 * kstrto*() takes a whole number that fits and nothing else, and leaves the
 * variable alone otherwise; the simple_ ones read as far as they can.
 */
#include "../kselftest_harness.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>

static const struct {
	const char *text;
	unsigned int base;
	int err;
	unsigned long long val;
} unsigned_texts[] = {
	{ "0", 0, 0, 0 },
	{ "1\n", 0, 0, 1 },
	{ "+7", 10, 0, 7 },
	{ "0x1f", 0, 0, 31 },
	{ "0X1F", 16, 0, 31 },
	{ "1f", 16, 0, 31 },
	{ "017", 0, 0, 15 },
	{ "017", 10, 0, 17 },
	{ "101", 2, 0, 5 },
	{ "18446744073709551615", 0, 0, ~0ULL },
	{ "0xffffffffffffffff", 0, 0, ~0ULL },
	{ "00000000000000000000000000001", 10, 0, 1 },
	{ "18446744073709551616", 0, -ERANGE, 0 },
	{ "0x10000000000000000", 0, -ERANGE, 0 },
	{ "99999999999999999999999999", 0, -ERANGE, 0 },
	{ "", 0, -EINVAL, 0 },
	{ "\n", 0, -EINVAL, 0 },
	{ "+", 0, -EINVAL, 0 },
	{ "-", 0, -EINVAL, 0 },
	{ "-1", 0, -EINVAL, 0 },
	{ "+-1", 0, -EINVAL, 0 },
	{ "++1", 0, -EINVAL, 0 },
	{ " 1", 0, -EINVAL, 0 },
	{ "1 ", 0, -EINVAL, 0 },
	{ "1\n\n", 0, -EINVAL, 0 },
	{ "1\nx", 0, -EINVAL, 0 },
	{ "0x", 0, -EINVAL, 0 },
	{ "0x", 16, -EINVAL, 0 },
	{ "0xg", 0, -EINVAL, 0 },
	{ "1a", 10, -EINVAL, 0 },
	{ "8", 8, -EINVAL, 0 },
	{ "089", 0, -EINVAL, 0 },
	{ "1.5", 0, -EINVAL, 0 },
};

TEST(unsigned_numbers)
{
	for (size_t i = 0; i < ARRAY_SIZE(unsigned_texts); i++) {
		unsigned long long val = 4711;

		EXPECT_EQ(unsigned_texts[i].err,
			  kstrtoull(unsigned_texts[i].text, unsigned_texts[i].base, &val)) {
			TH_LOG("text '%s'", unsigned_texts[i].text);
		}
		EXPECT_EQ(unsigned_texts[i].err ? 4711 : unsigned_texts[i].val, val);
	}
}

static const struct {
	const char *text;
	int err;
	long long val;
} signed_texts[] = {
	{ "-1", 0, -1 },
	{ "-0", 0, 0 },
	{ "-0x10\n", 0, -16 },
	{ "+9223372036854775807", 0, LLONG_MAX },
	{ "-9223372036854775808", 0, LLONG_MIN },
	{ "9223372036854775808", -ERANGE, 0 },
	{ "-9223372036854775809", -ERANGE, 0 },
	{ "--1", -EINVAL, 0 },
	{ "-+1", -EINVAL, 0 },
	{ "- 1", -EINVAL, 0 },
	{ "-", -EINVAL, 0 },
};

TEST(signed_numbers)
{
	for (size_t i = 0; i < ARRAY_SIZE(signed_texts); i++) {
		long long val = 4711;

		EXPECT_EQ(signed_texts[i].err, kstrtoll(signed_texts[i].text, 0, &val)) {
			TH_LOG("text '%s'", signed_texts[i].text);
		}
		EXPECT_EQ(signed_texts[i].err ? 4711 : signed_texts[i].val, val);
	}
}

#define CHECK_BOUNDS(kind, type, lowest, below, highest, above)	\
TEST(bounds_of_##kind)						\
{								\
	type val = 42;						\
								\
	EXPECT_NE(0, kstrto##kind(below, 0, &val));		\
	EXPECT_EQ(-ERANGE, kstrto##kind(above, 0, &val));	\
	EXPECT_EQ(42, val);					\
	EXPECT_EQ(0, kstrto##kind(#lowest, 0, &val));		\
	EXPECT_EQ((type)(lowest), val);				\
	EXPECT_EQ(0, kstrto##kind(#highest, 0, &val));		\
	EXPECT_EQ((type)(highest), val);			\
}

CHECK_BOUNDS(u8, u8, 0, "-1", 255, "256")
CHECK_BOUNDS(s8, s8, -128, "-129", 127, "128")
CHECK_BOUNDS(u16, u16, 0, "-1", 65535, "65536")
CHECK_BOUNDS(s16, s16, -32768, "-32769", 32767, "32768")
CHECK_BOUNDS(uint, unsigned int, 0, "-1", 4294967295, "4294967296")
CHECK_BOUNDS(int, int, -2147483648, "-2147483649", 2147483647, "2147483648")
CHECK_BOUNDS(ul, unsigned long, 0, "-1", 0xffffffffffffffff, "0x10000000000000000")
CHECK_BOUNDS(l, long, -0x7fffffffffffffff, "-0x8000000000000001", 0x7fffffffffffffff,
	     "0x8000000000000000")

TEST(yes_and_no)
{
	static const char *const yes[] = { "y", "Yes", "t", "1", "on", "ON", "1\n", "yak" };
	static const char *const no[] = { "n", "No", "f", "0", "off", "Of" };
	static const char *const neither[] = { "", "o", "ox", "2", " 1", "-1" };
	bool val;

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		val = false;
		EXPECT_EQ(0, kstrtobool(yes[i], &val));
		EXPECT_TRUE(val);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		val = true;
		EXPECT_EQ(0, kstrtobool(no[i], &val));
		EXPECT_FALSE(val);
	}
	for (size_t i = 0; i < ARRAY_SIZE(neither); i++)
		EXPECT_EQ(-EINVAL, kstrtobool(neither[i], &val));
	EXPECT_EQ(-EINVAL, kstrtobool(NULL, &val));
}

TEST(the_simple_ones_stop_at_the_first_strange_character)
{
	char *end;

	EXPECT_EQ(12, simple_strtoul("12ab", &end, 10));
	EXPECT_STREQ("ab", end);
	EXPECT_EQ(0x12ab, simple_strtoul("12ab", NULL, 16));
	EXPECT_EQ(-12, simple_strtol("-12", &end, 0));
	EXPECT_STREQ("", end);
	EXPECT_EQ(0, simple_strtol("x", &end, 0));
	EXPECT_STREQ("x", end);
}

TEST(command_line_values)
{
	int ints[6], one;
	char *rest, *p;

	EXPECT_EQ(64 << 10, memparse("64k", &rest));
	EXPECT_STREQ("", rest);
	EXPECT_EQ(16ULL << 30, memparse("0x10G,x", &rest));
	EXPECT_STREQ(",x", rest);
	EXPECT_EQ(5, memparse("5", NULL));
	EXPECT_STREQ("", get_options("1,4-6", 6, ints));
	EXPECT_EQ(4, ints[0]);
	EXPECT_TRUE(ints[1] == 1 && ints[2] == 4 && ints[3] == 5 && ints[4] == 6);
	p = (char *)"7,8";
	EXPECT_EQ(2, get_option(&p, &one));
	EXPECT_EQ(7, one);
	EXPECT_EQ(1, get_option(&p, &one));
	EXPECT_EQ(0, get_option(&p, &one));
}

TEST_HARNESS_MAIN
