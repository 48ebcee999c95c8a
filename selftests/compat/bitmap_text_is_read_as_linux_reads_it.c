// SPDX-License-Identifier: MIT
/*
 * The hexadecimal and the list form of a bitmap: what is printed, what is
 * accepted, and with which error the rest is refused.
 */
#include "../kselftest_harness.h"

#include <linux/array_size.h>
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/prandom.h>
#include <asm/page.h>

static const char *text(bool list, const unsigned long *map, int nbits)
{
	static char buf[4096];

	uwq_bitmap_format(list, buf, sizeof(buf), map, nbits);
	return buf;
}

TEST(printing)
{
	unsigned long map[2] = { 0x8000000000000f01UL, 3 };

	EXPECT_STREQ("3,80000000,00000f01", text(false, map, 66));
	EXPECT_STREQ("1,80000000,00000f01", text(false, map, 65));
	EXPECT_STREQ("1", text(false, map, 1));
	EXPECT_STREQ("01", text(false, map, 8));
	EXPECT_STREQ("0,8-11,63-65", text(true, map, 128));
	EXPECT_STREQ("0,8-9", text(true, map, 10));
	map[0] = 0;
	EXPECT_STREQ("", text(true, map, 60));
	EXPECT_STREQ("0000", text(false, map, 13));
}

TEST(printing_stops_at_the_end_of_the_buffer)
{
	unsigned long map[1] = { ~0UL };
	char buf[8] = "xxxxxxx";

	EXPECT_EQ(3, uwq_bitmap_format(false, buf, 4, map, 64));
	EXPECT_STREQ("fff", buf);
	EXPECT_EQ('x', buf[4]);
	EXPECT_EQ(0, uwq_bitmap_format(false, buf, 0, map, 64));
}

TEST(a_page_ends_with_a_newline)
{
	static char page[PAGE_SIZE] __attribute__((aligned(4096)));
	unsigned long map[1] = { 0xb };

	EXPECT_EQ(6, bitmap_print_to_pagebuf(true, page, map, 8));
	EXPECT_STREQ("0-1,3\n", page);
	EXPECT_EQ(3, bitmap_print_to_pagebuf(false, page, map, 8));
	EXPECT_STREQ("0b\n", page);
	EXPECT_EQ(3, bitmap_print_to_pagebuf(false, page + PAGE_SIZE - 4, map, 8));
}

static const struct {
	const char *text;
	int nbits, err;
	const char *list;
} hexadecimal[] = {
	{ "0", 8, 0, "" },
	{ "", 8, 0, "" },
	{ "f", 8, 0, "0-3" },
	{ "0f\n", 8, 0, "0-3" },
	{ "0f\njunk", 8, 0, "0-3" },
	{ " ,8,\n", 8, 0, "3" },
	{ "1,00000000", 64, 0, "32" },
	{ "1,0", 64, 0, "32" },
	{ "FFFFFFFF", 32, 0, "0-31" },
	{ "8,00000000,00000001", 72, 0, "0,67" },
	{ "100", 8, -EOVERFLOW, NULL },
	{ "1,0", 32, -EOVERFLOW, NULL },
	{ "123456789", 64, -EOVERFLOW, NULL },
	{ "000000000", 64, -EOVERFLOW, NULL },
	{ "0x1", 8, -EINVAL, NULL },
	{ "g", 8, -EINVAL, NULL },
	{ "1-2", 8, -EINVAL, NULL },
};

TEST(reading_hexadecimal)
{
	unsigned long map[2];

	for (size_t i = 0; i < ARRAY_SIZE(hexadecimal); i++) {
		EXPECT_EQ(hexadecimal[i].err,
			  bitmap_parse(hexadecimal[i].text, UINT_MAX, map, hexadecimal[i].nbits)) {
			TH_LOG("text '%s'", hexadecimal[i].text);
		}
		if (hexadecimal[i].list)
			EXPECT_STREQ(hexadecimal[i].list, text(true, map, hexadecimal[i].nbits));
	}
	EXPECT_EQ(0, bitmap_parse("ff", 1, map, 8));
	EXPECT_EQ(0xf, map[0]);
}

static const struct {
	const char *text;
	int nbits, err;
	const char *list;
} lists[] = {
	{ "", 8, 0, "" },
	{ "\n", 8, 0, "" },
	{ "3", 8, 0, "3" },
	{ "0-3,5\n", 8, 0, "0-3,5" },
	{ "5,0-3", 8, 0, "0-3,5" },
	{ " 1 , 2\t4", 8, 0, "1-2,4" },
	{ "0-15:2/4", 16, 0, "0-1,4-5,8-9,12-13" },
	{ "2-9:1/3", 16, 0, "2,5,8" },
	{ "0-9:3/4", 16, 0, "0-2,4-6,8-9" },
	{ "all", 5, 0, "0-4" },
	{ "ALL:1/2", 5, 0, "0,2,4" },
	{ "N", 5, 0, "4" },
	{ "2-N", 5, 0, "2-4" },
	{ "0-0", 5, 0, "0" },
	{ "8", 8, -ERANGE, NULL },
	{ "0-8", 8, -ERANGE, NULL },
	{ "4-2", 8, -EINVAL, NULL },
	{ "-1", 8, -EINVAL, NULL },
	{ "1-", 8, -EINVAL, NULL },
	{ "a", 8, -EINVAL, NULL },
	{ "0-7:2", 8, -EINVAL, NULL },
	{ "0-7:2/", 8, -EINVAL, NULL },
	{ "0-7:3/2", 8, -EINVAL, NULL },
	{ "0-7:0/0", 8, -EINVAL, NULL },
	{ "1.2", 8, -EINVAL, NULL },
	{ "0x1", 8, -EINVAL, NULL },
	{ "99999999999", 8, -EOVERFLOW, NULL },
};

TEST(reading_lists)
{
	unsigned long map[2];

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		EXPECT_EQ(lists[i].err, bitmap_parselist(lists[i].text, map, lists[i].nbits)) {
			TH_LOG("text '%s'", lists[i].text);
		}
		if (lists[i].list)
			EXPECT_STREQ(lists[i].list, text(true, map, lists[i].nbits));
	}
}

TEST(what_is_printed_reads_back)
{
	struct rnd_state rnd;
	unsigned long map[4], back[4];
	char buf[1024];

	prandom_seed_state(&rnd, 7);
	for (int nbits = 1; nbits <= 256; nbits++) {
		prandom_bytes_state(&rnd, map, sizeof(map));
		uwq_bitmap_format(false, buf, sizeof(buf), map, nbits);
		ASSERT_EQ(0, bitmap_parse(buf, UINT_MAX, back, nbits));
		ASSERT_TRUE(bitmap_equal(map, back, nbits));
		uwq_bitmap_format(true, buf, sizeof(buf), map, nbits);
		ASSERT_EQ(0, bitmap_parselist(buf, back, nbits));
		ASSERT_TRUE(bitmap_equal(map, back, nbits));
	}
}

TEST(cpus_behind_the_last_are_refused)
{
	struct cpumask mask;
	char buf[32];

	snprintf(buf, sizeof(buf), "0-%u", nr_cpu_ids);
	EXPECT_EQ(-ERANGE, cpulist_parse(buf, &mask));
	snprintf(buf, sizeof(buf), "0-%u", nr_cpu_ids - 1);
	EXPECT_EQ(0, cpulist_parse(buf, &mask));
	EXPECT_TRUE(cpumask_full(&mask));
	EXPECT_EQ(0, cpumask_parse("1", &mask));
	EXPECT_TRUE(cpumask_equal(&mask, cpumask_of(0)));
}

TEST_HARNESS_MAIN
