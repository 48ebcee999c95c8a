// SPDX-License-Identifier: MIT
/*
 * Random numbers stay within the bounds asked for, reach all of them, do not
 * repeat in a forked child; seeded ones repeat, with values computed apart.
 */
#include "../kselftest_harness.h"

#include <linux/hash.h>
#include <linux/random.h>
#include <linux/uuid.h>

TEST(every_number_below_the_bound_comes)
{
	unsigned int seen[10] = { 0 };

	for (int i = 0; i < 10000; i++) {
		u32 r = get_random_u32_below(10);

		ASSERT_LT(r, 10);
		seen[r]++;
		ASSERT_GT(get_random_u32_above(0xfffffffd), 0xfffffffd);
		r = get_random_u32_inclusive(5, 6);
		ASSERT_TRUE(r == 5 || r == 6);
		ASSERT_EQ(0, get_random_u32_below(1));
	}
	for (int i = 0; i < 10; i++) {
		EXPECT_GT(seen[i], 700);
		EXPECT_LT(seen[i], 1300);
	}
}

TEST(all_bits_take_part)
{
	u64 ones = 0, zeros = 0;
	u8 bytes[1000], all = 0;

	for (int i = 0; i < 200; i++) {
		u64 r = get_random_u64();

		ones |= r;
		zeros |= ~r;
	}
	EXPECT_EQ(~0ULL, ones);
	EXPECT_EQ(~0ULL, zeros);
	memset(bytes, 0, sizeof(bytes));
	get_random_bytes(bytes, sizeof(bytes));
	for (size_t i = 900; i < sizeof(bytes); i++)
		all |= bytes[i];
	EXPECT_EQ(0xff, all);
	get_random_bytes(bytes, 0);
}

TEST(a_child_does_not_repeat_its_parent)
{
	u64 *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	ASSERT_TRUE(shared != MAP_FAILED);
	get_random_u64();
	child = fork();
	if (!child) {
		shared[0] = get_random_u64();
		_exit(0);
	}
	waitpid(child, NULL, 0);
	EXPECT_NE(shared[0], get_random_u64());
	EXPECT_NE(0, shared[0]);
}

TEST(a_seed_repeats)
{
	struct rnd_state a, b;
	u8 bytes[7], again[7];

	prandom_seed_state(&a, 42);
	prandom_seed_state(&b, 42);
	for (int i = 0; i < 1000; i++)
		ASSERT_EQ(prandom_u32_state(&a), prandom_u32_state(&b));
	prandom_bytes_state(&a, bytes, sizeof(bytes));
	prandom_bytes_state(&b, again, sizeof(again));
	EXPECT_EQ(0, memcmp(bytes, again, sizeof(bytes)));
	/* computed apart from this code by the formulas of L'Ecuyer's paper */
	a = (struct rnd_state){ 12345, 12345, 12345, 12345 };
	EXPECT_EQ(0xc6f8d8aa, prandom_u32_state(&a));
	EXPECT_EQ(0x0d8bbc98, prandom_u32_state(&a));
	EXPECT_EQ(0x7603004e, prandom_u32_state(&a));
}

TEST(identifiers)
{
	const char *text = "00112233-4455-4677-8899-aabbccddeeff";
	uuid_t u, v;
	guid_t g;

	EXPECT_EQ(0, uuid_parse(text, &u));
	v = UUID_INIT(0x00112233, 0x4455, 0x4677, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff);
	EXPECT_TRUE(uuid_equal(&u, &v));
	EXPECT_EQ(0, guid_parse(text, &g));
	EXPECT_TRUE(g.b[0] == 0x33 && g.b[5] == 0x44 && g.b[7] == 0x46 && g.b[8] == 0x88);
	EXPECT_EQ(-EINVAL, uuid_parse("00112233-4455-6677-8899-aabbccddeef", &u));
	EXPECT_EQ(-EINVAL, uuid_parse("0011223304455-6677-8899-aabbccddeeff", &u));
	EXPECT_TRUE(uuid_equal(&u, &v));
	uuid_gen(&u);
	uuid_gen(&v);
	EXPECT_FALSE(uuid_equal(&u, &v));
	EXPECT_FALSE(uuid_is_null(&u));
	EXPECT_TRUE((u.b[6] & 0xf0) == 0x40 && (u.b[8] & 0xc0) == 0x80);
	guid_gen(&g);
	EXPECT_TRUE((g.b[7] & 0xf0) == 0x40 && (g.b[8] & 0xc0) == 0x80);
}

TEST(hashes)
{
	EXPECT_EQ(0, hash_32(0, 8));
	EXPECT_EQ(0x61, hash_32(1, 8));
	EXPECT_EQ(0x61, hash_64(1, 8));
	EXPECT_LT(hash_ptr(&errno, 5), 32);
}

TEST_HARNESS_MAIN
