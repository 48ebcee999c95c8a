// SPDX-License-Identifier: MIT
/*
 * CRC-32 gives the published check values, agrees with a bit-by-bit one at
 * every length and alignment, and joins the checksums of pieces.
 */
#include "../kselftest_harness.h"

#include <linux/crc32.h>
#include <linux/crc32c.h>
#include <linux/prandom.h>

/* The definition: divide bit by bit. */
static u32 reflected(u32 crc, const unsigned char *p, size_t len, u32 poly)
{
	while (len--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? poly : 0);
	}
	return crc;
}

static u32 high_bit_first(u32 crc, const unsigned char *p, size_t len)
{
	while (len--) {
		crc ^= (u32)*p++ << 24;
		for (int i = 0; i < 8; i++)
			crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
	}
	return crc;
}

static const unsigned char digits[] = "123456789";

TEST(published_check_values)
{
	EXPECT_EQ(0xcbf43926, ~crc32_le(~0U, digits, 9));
	EXPECT_EQ(0xe3069283, ~crc32c(~0U, digits, 9));
	EXPECT_EQ(0x0376e6e7, crc32_be(~0U, digits, 9));
	EXPECT_EQ(0xe8b7be43, ~crc32(~0U, "a", 1));
	EXPECT_EQ(0x352441c2, ~crc32(~0U, "abc", 3));
	EXPECT_EQ(0x414fa339, ~crc32(~0U, "The quick brown fox jumps over the lazy dog", 43));
	EXPECT_EQ(0, ~crc32(~0U, "", 0));
}

static unsigned char data[4096];

TEST(every_length_and_alignment)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 1);
	prandom_bytes_state(&rnd, data, sizeof(data));
	for (int offset = 0; offset < 17; offset++) {
		for (size_t len = 0; len < 150; len++) {
			u32 seed = prandom_u32_state(&rnd);
			const unsigned char *p = data + offset;

			ASSERT_EQ(reflected(seed, p, len, 0xedb88320), crc32_le(seed, p, len));
			ASSERT_EQ(reflected(seed, p, len, 0x82f63b78), __crc32c_le(seed, p, len));
			ASSERT_EQ(high_bit_first(seed, p, len), crc32_be(seed, p, len));
		}
	}
	ASSERT_EQ(reflected(5, data, sizeof(data), 0xedb88320), crc32_le(5, data, sizeof(data)));
}

TEST(pieces_join)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 2);
	prandom_bytes_state(&rnd, data, sizeof(data));
	for (int i = 0; i < 500; i++) {
		size_t len = prandom_u32_state(&rnd) % sizeof(data);
		size_t cut = len ? prandom_u32_state(&rnd) % len : 0;

		ASSERT_EQ(crc32_le(i, data, len),
			  crc32_le_combine(crc32_le(i, data, cut),
					   crc32_le(0, data + cut, len - cut), len - cut));
		ASSERT_EQ(__crc32c_le(i, data, len),
			  __crc32c_le_combine(__crc32c_le(i, data, cut),
					      __crc32c_le(0, data + cut, len - cut), len - cut));
	}
	/* the checksum of 2^40 zeros cannot be had the slow way */
	EXPECT_EQ(crc32_le_shift(crc32_le_shift(77, 1UL << 39), 1UL << 39),
		  crc32_le_shift(77, 1UL << 40));
}

TEST_HARNESS_MAIN
