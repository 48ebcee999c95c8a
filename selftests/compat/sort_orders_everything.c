// SPDX-License-Identifier: MIT
/*
 * sort() and list_sort() give the right order for every shape and size of
 * input, with any element size; list_sort() keeps equal entries in order.
 */
#include "../kselftest_harness.h"

#include <linux/array_size.h>
#include <linux/bsearch.h>
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/prandom.h>
#include <linux/sort.h>
#include <linux/string.h>

static long compared, swapped;

static int compare_ints(const void *a, const void *b)
{
	compared++;
	return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b;
}

static void swap_ints(void *a, void *b, int size)
{
	int tmp = *(int *)a;

	swapped++;
	if (size != sizeof(int))
		swapped = -1000000;
	*(int *)a = *(int *)b;
	*(int *)b = tmp;
}

enum shape { RANDOM, UP, DOWN, EQUAL, TWO_VALUES, SAW, NR_SHAPES };

static struct rnd_state rnd;

static __attribute__((constructor)) void seed(void)
{
	prandom_seed_state(&rnd, 4);
}

static int shaped(enum shape shape, int i, int n)
{
	switch (shape) {
	case UP: return i;
	case DOWN: return n - i;
	case EQUAL: return 3;
	case TWO_VALUES: return prandom_u32_state(&rnd) & 1;
	case SAW: return i % 7;
	default: return (int)prandom_u32_state(&rnd);
	}
}

#define MAX	300

TEST(arrays_of_every_shape_and_size)
{
	int v[MAX + 1], seen[MAX], key;
	unsigned int sum, after;

	for (int shape = 0; shape < NR_SHAPES; shape++) {
		for (int n = 0; n <= MAX; n++) {
			sum = after = 0;
			for (int i = 0; i < n; i++) {
				v[i] = seen[i] = shaped(shape, i, n);
				sum += v[i] * 2654435761u ^ v[i];
			}
			v[n] = 12345;
			sort(v, n, sizeof(int), compare_ints, n & 1 ? swap_ints : NULL);
			for (int i = 0; i < n; i++) {
				after += v[i] * 2654435761u ^ v[i];
				if (i)
					ASSERT_LE(v[i - 1], v[i]);
			}
			ASSERT_EQ(sum, after);
			ASSERT_EQ(12345, v[n]);
			if (n) {
				key = seen[n / 2];
				ASSERT_TRUE(bsearch(&key, v, n, sizeof(int), compare_ints) != NULL);
			}
		}
	}
	EXPECT_LT(0, swapped);
}

TEST(comparisons_stay_within_n_log_n)
{
	static int v[1 << 14];

	for (int shape = 0; shape < NR_SHAPES; shape++) {
		for (size_t i = 0; i < ARRAY_SIZE(v); i++)
			v[i] = shaped(shape, i, ARRAY_SIZE(v));
		compared = 0;
		sort(v, ARRAY_SIZE(v), sizeof(int), compare_ints, NULL);
		EXPECT_LT(compared, 2 * 14 * (1 << 14));
	}
}

struct odd {
	char key;
	char rest[76];
};

static int compare_odd(const void *a, const void *b, const void *priv)
{
	int d = ((const struct odd *)a)->key - ((const struct odd *)b)->key;

	return *(const int *)priv * d;
}

TEST(elements_of_odd_size_with_private_data)
{
	struct odd v[50];
	int up = 1, down = -1;

	for (int i = 0; i < 50; i++) {
		v[i].key = (char)(i * 37 % 50);
		memset(v[i].rest, v[i].key, sizeof(v[i].rest));
	}
	sort_r(v, 50, sizeof(v[0]), compare_odd, NULL, &up);
	for (int i = 0; i < 50; i++) {
		ASSERT_EQ(i, v[i].key);
		ASSERT_TRUE(memchr_inv(v[i].rest, i, sizeof(v[i].rest)) == NULL);
	}
	sort_r(v, 50, sizeof(v[0]), compare_odd, NULL, &down);
	EXPECT_EQ(49, v[0].key);
	EXPECT_EQ(0, v[49].key);
}

struct entry {
	int key, place;
	struct list_head node;
};

static int compare_entries(void *priv, const struct list_head *a, const struct list_head *b)
{
	int x = list_entry(a, struct entry, node)->key;
	int y = list_entry(b, struct entry, node)->key;

	compared++;
	if (priv)
		return x > y;
	return x < y ? -1 : x > y;
}

TEST(lists_are_sorted_and_equal_entries_keep_their_order)
{
	static struct entry e[MAX];
	struct entry *p, *before;
	LIST_HEAD(list);
	int n, count;

	for (int round = 0; round < NR_SHAPES * (MAX + 1); round++) {
		n = round / NR_SHAPES;
		INIT_LIST_HEAD(&list);
		for (int i = 0; i < n; i++) {
			e[i].key = shaped(round % NR_SHAPES, i, n);
			e[i].place = i;
			list_add_tail(&e[i].node, &list);
		}
		list_sort(round & 1 ? &list : NULL, &list, compare_entries);
		count = 0;
		before = NULL;
		list_for_each_entry(p, &list, node) {
			ASSERT_TRUE(p->node.next->prev == &p->node);
			if (before) {
				ASSERT_LE(before->key, p->key);
				if (before->key == p->key)
					ASSERT_LT(before->place, p->place);
			}
			before = p;
			count++;
		}
		ASSERT_EQ(n, count);
	}
}

TEST_HARNESS_MAIN
