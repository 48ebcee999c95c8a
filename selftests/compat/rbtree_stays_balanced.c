// SPDX-License-Identifier: MIT
/*
 * A red-black tree keeps its rules and its order through any sequence of
 * insertions, removals and replacements, and every walk sees every node.
 */
#include "../kselftest_harness.h"

#include <linux/prandom.h>
#include <linux/rbtree.h>

struct item {
	int key, nr;
	bool in;
	struct rb_node node;
};

#define NR	400
static struct item item[NR];
static struct rb_root_cached tree = RB_ROOT_CACHED;

static int key_of(const struct rb_node *node)
{
	return rb_entry(node, struct item, node)->key;
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return key_of(a) < key_of(b);
}

static int compare_key(const void *key, const struct rb_node *node)
{
	return *(const int *)key - key_of(node);
}

static int compare_nodes(struct rb_node *a, const struct rb_node *b)
{
	return key_of(a) - key_of(b);
}

static bool red(const struct rb_node *node)
{
	return node && !(node->__rb_parent_color & 1);
}

/* Black nodes on each way down from @node; -1 when a rule is broken. */
static int black_height(const struct rb_node *node, const struct rb_node *parent)
{
	int left, right;

	if (!node)
		return 0;
	if (rb_parent(node) != parent || (red(node) && (red(parent) || !parent)))
		return -1;
	left = black_height(node->rb_left, node);
	right = black_height(node->rb_right, node);
	return left < 0 || left != right ? -1 : left + !red(node);
}

/* Nodes seen in order; -1 when the tree is not what it should be. */
static int check(void)
{
	const struct rb_node *node, *before = NULL;
	int n = 0, back = 0, post = 0;
	struct item *pos, *next;

	if (black_height(tree.rb_root.rb_node, NULL) < 0 ||
	    rb_first_cached(&tree) != rb_first(&tree.rb_root))
		return -1;
	for (node = rb_first(&tree.rb_root); node; before = node, node = rb_next(node), n++)
		if (before && (key_of(before) > key_of(node) || rb_prev(node) != before))
			return -1;
	for (node = rb_last(&tree.rb_root); node; node = rb_prev(node))
		back++;
	rbtree_postorder_for_each_entry_safe(pos, next, &tree.rb_root, node)
		post++;
	return n == back && n == post ? n : -1;
}

TEST(random_insertions_and_removals)
{
	struct rnd_state rnd;
	struct rb_node *spare;
	int in = 0;

	prandom_seed_state(&rnd, 5);
	for (int step = 0; step < 20000; step++) {
		/* small at times, large at times */
		int i = prandom_u32_state(&rnd) % (step / 4000 % 2 ? NR : NR / 20);
		struct item *it = &item[i];

		if (it->in) {
			spare = rb_first_cached(&tree) == &it->node ? rb_next(&it->node) : NULL;
			ASSERT_EQ(spare, rb_erase_cached(&it->node, &tree));
			in--;
		} else {
			it->key = (int)(prandom_u32_state(&rnd) % 200);
			spare = rb_add_cached(&it->node, &tree, less);
			ASSERT_TRUE(!spare || spare == rb_first(&tree.rb_root));
			in++;
		}
		it->in = !it->in;
		if (in < 50 || step % 16 == 0)
			ASSERT_EQ(in, check());
	}
	for (int i = 0; i < NR; i++)
		if (item[i].in)
			rb_erase_cached(&item[i].node, &tree);
	EXPECT_TRUE(RB_EMPTY_ROOT(&tree.rb_root));
	EXPECT_EQ(NULL, rb_first_cached(&tree));
}

TEST(rising_and_falling_keys)
{
	for (int down = 0; down < 2; down++) {
		for (int i = 0; i < NR; i++) {
			item[i].key = down ? NR - i : i;
			rb_add_cached(&item[i].node, &tree, less);
			ASSERT_EQ(i + 1, check());
		}
		for (int i = 0; i < NR; i++) {
			rb_erase_cached(&item[i].node, &tree);
			ASSERT_EQ(NR - 1 - i, check());
		}
	}
}

TEST(finding_and_replacing)
{
	struct rb_node *node;
	int key, n = 0;

	for (int i = 0; i < 90; i++) {
		item[i].key = i / 3;
		item[i].nr = i;
		rb_add_cached(&item[i].node, &tree, less);
	}
	key = 7;
	EXPECT_EQ(7, key_of(rb_find(&key, &tree.rb_root, compare_key)));
	/* equal keys in the order they came in */
	rb_for_each(node, &key, &tree.rb_root, compare_key)
		EXPECT_EQ(21 + n++, rb_entry(node, struct item, node)->nr);
	EXPECT_EQ(3, n);
	key = 30;
	EXPECT_EQ(NULL, rb_find(&key, &tree.rb_root, compare_key));
	item[100].key = 7;
	EXPECT_EQ(7, key_of(rb_find_add(&item[100].node, &tree.rb_root, compare_nodes)));
	EXPECT_EQ(90, check());
	item[100].key = 0;
	rb_replace_node_cached(&item[0].node, &item[100].node, &tree);
	EXPECT_EQ(90, check());
	EXPECT_EQ(&item[100].node, rb_first_cached(&tree));
	RB_CLEAR_NODE(&item[0].node);
	EXPECT_TRUE(RB_EMPTY_NODE(&item[0].node));
	EXPECT_EQ(NULL, rb_next(&item[0].node));
}

TEST_HARNESS_MAIN
