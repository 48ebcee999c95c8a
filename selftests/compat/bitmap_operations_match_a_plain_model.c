// SPDX-License-Identifier: MIT
/*
 * Bitmap operations of every size agree with a model that goes bit by bit, and
 * write no word behind the bitmap; sets of CPUs follow nr_cpu_ids.
 */
#include "../kselftest_harness.h"

#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/nodemask.h>
#include <linux/prandom.h>

#define MAX_BITS	200
#define WORDS		(BITS_TO_LONGS(MAX_BITS) + 1)
#define CANARY		0xdeadbeefcafef00dUL

static struct rnd_state rnd;

static __attribute__((constructor)) void seed(void)
{
	prandom_seed_state(&rnd, 3);
}

/* A bitmap with a word behind it that nobody may write. */
struct guarded {
	unsigned long bits[WORDS];
	unsigned int nbits;
};

static bool bit(const struct guarded *g, unsigned int i)
{
	return g->bits[i / 64] >> (i % 64) & 1;
}

/* Sparse, dense or mixed; bits behind the last are set, as they may be. */
static void randomize(struct guarded *g, unsigned int nbits)
{
	u32 kind = prandom_u32_state(&rnd) % 4;

	g->nbits = nbits;
	for (unsigned int i = 0; i < WORDS; i++) {
		u64 word = (u64)prandom_u32_state(&rnd) << 32 | prandom_u32_state(&rnd);

		if (kind < 2)
			word &= (u64)prandom_u32_state(&rnd) << 20 & prandom_u32_state(&rnd);
		g->bits[i] = kind == 1 ? ~word : kind == 3 ? 0 : word;
	}
	g->bits[BITS_TO_LONGS(nbits)] = CANARY;
}

static bool guard_holds(const struct guarded *g)
{
	return g->bits[BITS_TO_LONGS(g->nbits)] == CANARY;
}

/* Bit @i of an operation's result, from the bits of its operands. */
typedef bool (*model_t)(const struct guarded *a, const struct guarded *b, unsigned int i);

static bool model_and(const struct guarded *a, const struct guarded *b, unsigned int i)
{
	return bit(a, i) && bit(b, i);
}

static bool model_andnot(const struct guarded *a, const struct guarded *b, unsigned int i)
{
	return bit(a, i) && !bit(b, i);
}

static bool model_or(const struct guarded *a, const struct guarded *b, unsigned int i)
{
	return bit(a, i) || bit(b, i);
}

static bool model_xor(const struct guarded *a, const struct guarded *b, unsigned int i)
{
	return bit(a, i) != bit(b, i);
}

static bool model_not(const struct guarded *a, const struct guarded *b, unsigned int i)
{
	(void)b;
	return !bit(a, i);
}

static unsigned int shift;

static bool model_right(const struct guarded *a, const struct guarded *b, unsigned int i)
{
	(void)b;
	return i + shift < a->nbits && bit(a, i + shift);
}

static bool model_left(const struct guarded *a, const struct guarded *b, unsigned int i)
{
	(void)b;
	return i >= shift && bit(a, i - shift);
}

static int differs(const struct guarded *r, const struct guarded *a, const struct guarded *b,
		   model_t model)
{
	for (unsigned int i = 0; i < r->nbits; i++)
		if (bit(r, i) != model(a, b, i))
			return i + 1;
	return guard_holds(r) ? 0 : -1;
}

static unsigned int weight(const struct guarded *a, const struct guarded *b, model_t model)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < a->nbits; i++)
		sum += model(a, b, i);
	return sum;
}

#define EACH_SIZE(n)	for (unsigned int n = 1; n <= MAX_BITS; n++) \
				for (int turn_ = 0; turn_ < 8; turn_++)

TEST(combining)
{
	struct guarded a, b, r;

	EACH_SIZE(n) {
		randomize(&a, n);
		randomize(&b, n);
		randomize(&r, n);
		ASSERT_EQ(!!weight(&a, &b, model_and), bitmap_and(r.bits, a.bits, b.bits, n));
		ASSERT_EQ(0, differs(&r, &a, &b, model_and));
		ASSERT_EQ(!!weight(&a, &b, model_andnot),
			  bitmap_andnot(r.bits, a.bits, b.bits, n));
		ASSERT_EQ(0, differs(&r, &a, &b, model_andnot));
		bitmap_or(r.bits, a.bits, b.bits, n);
		ASSERT_EQ(0, differs(&r, &a, &b, model_or));
		ASSERT_TRUE(bitmap_or_equal(a.bits, b.bits, r.bits, n));
		bitmap_xor(r.bits, a.bits, b.bits, n);
		ASSERT_EQ(0, differs(&r, &a, &b, model_xor));
		bitmap_complement(r.bits, a.bits, n);
		ASSERT_EQ(0, differs(&r, &a, &b, model_not));
		shift = prandom_u32_state(&rnd) % (n + 2);
		bitmap_shift_right(r.bits, a.bits, shift, n);
		ASSERT_EQ(0, differs(&r, &a, &b, model_right));
		bitmap_shift_left(r.bits, a.bits, shift, n);
		ASSERT_EQ(0, differs(&r, &a, &b, model_left));
		r = a;
		bitmap_shift_right(r.bits, r.bits, shift, n);
		ASSERT_EQ(0, differs(&r, &a, &b, model_right));
		r = a;
		bitmap_shift_left(r.bits, r.bits, shift, n);
		ASSERT_EQ(0, differs(&r, &a, &b, model_left));
	}
}

TEST(asking)
{
	struct guarded a, b;

	EACH_SIZE(n) {
		randomize(&a, n);
		randomize(&b, n);
		ASSERT_EQ(weight(&a, &a, model_and), bitmap_weight(a.bits, n));
		ASSERT_EQ(weight(&a, &b, model_and), bitmap_weight_and(a.bits, b.bits, n));
		ASSERT_EQ(weight(&a, &b, model_andnot), bitmap_weight_andnot(a.bits, b.bits, n));
		ASSERT_EQ(!!weight(&a, &b, model_and), bitmap_intersects(a.bits, b.bits, n));
		ASSERT_EQ(!weight(&a, &b, model_andnot), bitmap_subset(a.bits, b.bits, n));
		ASSERT_EQ(!weight(&a, &b, model_xor), bitmap_equal(a.bits, b.bits, n));
		ASSERT_EQ(!weight(&a, &a, model_and), bitmap_empty(a.bits, n));
		ASSERT_EQ(!weight(&a, &a, model_not), bitmap_full(a.bits, n));
		bitmap_copy(b.bits, a.bits, n);
		ASSERT_TRUE(bitmap_equal(a.bits, b.bits, n));
		ASSERT_TRUE(guard_holds(&b));
	}
}

static unsigned int next_bit(const struct guarded *g, unsigned int from, bool value)
{
	while (from < g->nbits && bit(g, from) != value)
		from++;
	return from < g->nbits ? from : g->nbits;
}

TEST(finding)
{
	struct guarded a, b;
	unsigned int last, nth;

	EACH_SIZE(n) {
		randomize(&a, n);
		randomize(&b, n);
		last = n;
		for (unsigned int i = 0; i <= n; i++) {
			ASSERT_EQ(next_bit(&a, i, true), find_next_bit(a.bits, n, i));
			ASSERT_EQ(next_bit(&a, i, false), find_next_zero_bit(a.bits, n, i));
			if (i < n && bit(&a, i))
				last = i;
		}
		ASSERT_EQ(last, find_last_bit(a.bits, n));
		nth = bitmap_weight(a.bits, n);
		ASSERT_EQ(n, find_nth_bit(a.bits, n, nth));
		if (nth)
			ASSERT_EQ(last, find_nth_bit(a.bits, n, nth - 1));
	}
}

TEST(walks_that_wrap_see_every_bit_once)
{
	struct guarded a;
	unsigned int seen, i, start;

	EACH_SIZE(n) {
		randomize(&a, n);
		start = prandom_u32_state(&rnd) % n;
		seen = 0;
		for_each_set_bit_wrap(i, a.bits, n, start) {
			ASSERT_LT(i, n);
			ASSERT_TRUE(bit(&a, i));
			ASSERT_LE(++seen, n);
		}
		ASSERT_EQ(bitmap_weight(a.bits, n), seen);
	}
}

TEST(runs_and_areas)
{
	struct guarded a, before;

	EACH_SIZE(n) {
		unsigned int start = prandom_u32_state(&rnd) % n;
		unsigned int len = prandom_u32_state(&rnd) % (n - start + 1);
		unsigned long place;

		randomize(&a, n);
		before = a;
		bitmap_set(a.bits, start, len);
		for (unsigned int i = 0; i < n; i++)
			ASSERT_EQ(bit(&before, i) || (i >= start && i < start + len), bit(&a, i));
		bitmap_clear(a.bits, start, len);
		for (unsigned int i = 0; i < n; i++)
			ASSERT_EQ(bit(&before, i) && !(i >= start && i < start + len), bit(&a, i));
		ASSERT_TRUE(guard_holds(&a));
		if (len) {
			place = bitmap_find_next_zero_area(a.bits, n, 0, len, 0);
			ASSERT_LE(place, start);
			ASSERT_EQ(place + len, find_next_bit(a.bits, place + len, place));
			place = bitmap_find_next_zero_area(a.bits, n, 0, len, 7);
			if (place <= n)
				ASSERT_EQ(0, place & 7);
		}
	}
	bitmap_zero(a.bits, 64);
	EXPECT_EQ(0, bitmap_find_free_region(a.bits, 64, 3));
	EXPECT_EQ(8, bitmap_find_free_region(a.bits, 64, 2));
	EXPECT_EQ(16, bitmap_find_free_region(a.bits, 64, 3));
	EXPECT_EQ(-EBUSY, bitmap_allocate_region(a.bits, 8, 2));
	bitmap_release_region(a.bits, 8, 2);
	EXPECT_EQ(0, bitmap_allocate_region(a.bits, 8, 2));
	EXPECT_EQ(-ENOMEM, bitmap_find_free_region(a.bits, 64, 6));
}

TEST(words_of_32_bits)
{
	struct guarded a, b;
	u32 words[WORDS * 2];

	EACH_SIZE(n) {
		randomize(&a, n);
		randomize(&b, n);
		bitmap_to_arr32(words, a.bits, n);
		bitmap_from_arr32(b.bits, words, n);
		ASSERT_TRUE(bitmap_equal(a.bits, b.bits, n));
		ASSERT_TRUE(guard_holds(&b));
	}
}

TEST(allocated_bitmaps)
{
	unsigned long *map = bitmap_zalloc(1000, GFP_KERNEL);

	ASSERT_TRUE(map != NULL);
	EXPECT_TRUE(bitmap_empty(map, 1000));
	bitmap_fill(map, 1000);
	EXPECT_EQ(1000, bitmap_weight(map, 1000));
	bitmap_free(map);
}

TEST(sets_of_cpus)
{
	cpumask_var_t a, b;
	unsigned int cpu, n = 0;
	int walker;

	ASSERT_LE(1, nr_cpu_ids);
	ASSERT_TRUE(zalloc_cpumask_var(&a, GFP_KERNEL));
	ASSERT_TRUE(alloc_cpumask_var(&b, GFP_KERNEL));
	EXPECT_EQ(nr_cpu_ids, cpumask_first(a));
	cpumask_setall(b);
	EXPECT_EQ(nr_cpu_ids, cpumask_weight(b));
	EXPECT_TRUE(cpumask_full(b));
	EXPECT_TRUE(cpumask_subset(cpu_online_mask, cpu_possible_mask));
	EXPECT_TRUE(cpumask_subset(cpu_possible_mask, b));
	for_each_cpu(walker, b)
		n++;
	EXPECT_EQ(nr_cpu_ids, n);
	n = 0;
	for_each_online_cpu(cpu) {
		EXPECT_TRUE(cpu_online(cpu));
		n++;
	}
	EXPECT_EQ(num_online_cpus(), n);
	EXPECT_LE(1, n);
	EXPECT_FALSE(cpu_online(nr_cpu_ids));
	EXPECT_FALSE(cpu_possible(100000));
	cpumask_set_cpu(0, a);
	EXPECT_TRUE(cpumask_equal(a, cpumask_of(0)));
	EXPECT_EQ(nr_cpu_ids, cpumask_any_but(a, 0));
	EXPECT_TRUE(cpumask_and(b, b, a));
	EXPECT_FALSE(cpumask_andnot(b, b, a));
	EXPECT_TRUE(cpumask_empty(b));
	free_cpumask_var(a);
	free_cpumask_var(b);
}

TEST(the_set_of_one_cpu)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		const struct cpumask *one = cpumask_of(cpu);

		ASSERT_TRUE(cpumask_test_cpu(cpu, one));
		ASSERT_EQ(1, bitmap_weight(cpumask_bits(one), NR_CPUS));
	}
	EXPECT_EQ(NR_CPUS, bitmap_weight(cpumask_bits(cpu_all_mask), NR_CPUS));
	EXPECT_TRUE(cpumask_empty(cpu_none_mask));
}

TEST(going_around_with_next_wrap)
{
	struct cpumask mask;
	unsigned int saved = nr_cpu_ids, n = 0;
	int cpu, start = 3;

	nr_cpu_ids = 8;
	cpumask_setall(&mask);
	cpumask_clear_cpu(5, &mask);
	for (cpu = cpumask_next_wrap(start - 1, &mask, start, false);
	     (unsigned int)cpu < nr_cpu_ids;
	     cpu = cpumask_next_wrap(cpu, &mask, start, true))
		ASSERT_LE(++n, 7);
	EXPECT_EQ(7, n);
	n = 0;
	for (int i = 0; i < 70; i++)
		n |= 1U << cpumask_any_distribute(&mask);
	EXPECT_EQ(0xdf, n);
	nr_cpu_ids = saved;
}

TEST(nodes)
{
	nodemask_t mask = NODE_MASK_NONE;
	int node, n = 0;

	EXPECT_LE(1, num_online_nodes());
	EXPECT_TRUE(node_online(first_online_node));
	EXPECT_FALSE(node_online(NUMA_NO_NODE));
	for_each_online_node(node)
		n++;
	EXPECT_EQ(num_online_nodes(), n);
	node_set(63, mask);
	EXPECT_EQ(63, first_node(mask));
	EXPECT_EQ(1, nodes_weight(mask));
}

TEST_HARNESS_MAIN
