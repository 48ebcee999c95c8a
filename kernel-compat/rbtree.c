// SPDX-License-Identifier: MIT
/*
 * rbtree.c - red-black trees
 *
 * Rules: the root is black; a red node has no red child; every way from a node
 * down to a missing child passes the same number of black nodes. So no way is
 * more than twice as long as another.
 *
 * After a node was linked (red) or removed, one rule may be broken at one
 * place. Recolouring moves the place upwards; at most three rotations end it.
 * Nothing locks: the caller keeps others away.
 */
#include <linux/export.h>
#include <linux/rbtree.h>

#define BLACK	1UL

static bool is_red(const struct rb_node *node)
{
	return node && !(node->__rb_parent_color & BLACK);
}

static void set_parent(struct rb_node *node, const struct rb_node *parent)
{
	node->__rb_parent_color = (unsigned long)parent | (node->__rb_parent_color & BLACK);
}

static void set_red(struct rb_node *node)
{
	node->__rb_parent_color &= ~BLACK;
}

static void set_black(struct rb_node *node)
{
	node->__rb_parent_color |= BLACK;
}

/* Whatever pointed at @old, a child of @parent or the root, points at @node. */
static void put_in_place(const struct rb_node *old, struct rb_node *node, struct rb_node *parent,
			 struct rb_root *root)
{
	if (!parent)
		root->rb_node = node;
	else if (parent->rb_left == old)
		parent->rb_left = node;
	else
		parent->rb_right = node;
}

/* The right child comes up in the place of @node, which becomes its left child. */
static void rotate_left(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *up = node->rb_right, *parent = rb_parent(node);

	node->rb_right = up->rb_left;
	if (up->rb_left)
		set_parent(up->rb_left, node);
	up->rb_left = node;
	put_in_place(node, up, parent, root);
	set_parent(up, parent);
	set_parent(node, up);
}

static void rotate_right(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *up = node->rb_left, *parent = rb_parent(node);

	node->rb_left = up->rb_right;
	if (up->rb_right)
		set_parent(up->rb_right, node);
	up->rb_right = node;
	put_in_place(node, up, parent, root);
	set_parent(up, parent);
	set_parent(node, up);
}

/* @node and its parent are red and its uncle is black: two rotations at most. */
static void part_reds(struct rb_node *node, struct rb_node *parent, struct rb_node *grand,
		      struct rb_root *root)
{
	if (parent == grand->rb_left) {
		if (node == parent->rb_right) {
			rotate_left(parent, root);
			parent = node;
		}
		rotate_right(grand, root);
	} else {
		if (node == parent->rb_left) {
			rotate_right(parent, root);
			parent = node;
		}
		rotate_left(grand, root);
	}
	set_black(parent);
	set_red(grand);
}

/**
 * rb_insert_color - balance the tree after rb_link_node()
 * @node: the new node
 * @root: its tree
 */
void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent, *grand, *uncle;

	while (is_red(parent = rb_parent(node))) {
		/* a red node is not the root, so there is one above it */
		grand = rb_parent(parent);
		uncle = grand->rb_left == parent ? grand->rb_right : grand->rb_left;
		if (!is_red(uncle)) {
			part_reds(node, parent, grand, root);
			break;
		}
		set_black(parent);
		set_black(uncle);
		set_red(grand);
		node = grand;
	}
	set_black(root->rb_node);
}
EXPORT_SYMBOL(rb_insert_color);

/*
 * Ways through @node, a child of @parent on the left or not, have one black
 * node too few, and its sibling has a red child: rotate that one over.
 */
static void lend_black(struct rb_node *parent, bool left, struct rb_node *sibling,
		       struct rb_root *root)
{
	struct rb_node *outer = left ? sibling->rb_right : sibling->rb_left;

	if (!is_red(outer)) {
		outer = sibling;
		sibling = left ? sibling->rb_left : sibling->rb_right;
		set_black(sibling);
		set_red(outer);
		if (left)
			rotate_right(outer, root);
		else
			rotate_left(outer, root);
	}
	if (is_red(parent))
		set_red(sibling);
	else
		set_black(sibling);
	set_black(parent);
	set_black(outer);
	if (left)
		rotate_left(parent, root);
	else
		rotate_right(parent, root);
}

/* Ways through @node (may be NULL), a child of @parent, lack one black node. */
static void add_black(struct rb_node *node, struct rb_node *parent, struct rb_root *root)
{
	struct rb_node *sibling;
	bool left;

	while (parent && !is_red(node)) {
		left = parent->rb_left == node;
		sibling = left ? parent->rb_right : parent->rb_left;
		if (is_red(sibling)) {
			set_black(sibling);
			set_red(parent);
			if (left)
				rotate_left(parent, root);
			else
				rotate_right(parent, root);
			sibling = left ? parent->rb_right : parent->rb_left;
		}
		if (is_red(sibling->rb_left) || is_red(sibling->rb_right)) {
			lend_black(parent, left, sibling, root);
			return;
		}
		set_red(sibling);
		node = parent;
		parent = rb_parent(node);
	}
	if (node)
		set_black(node);
}

/* Takes @node, which has at most one child, out of the tree. */
static void unlink_node(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *child = node->rb_left ? node->rb_left : node->rb_right;
	struct rb_node *parent = rb_parent(node);

	put_in_place(node, child, parent, root);
	if (child)
		set_parent(child, parent);
	if (!is_red(node))
		add_black(child, parent, root);
}

/**
 * rb_erase - take a node out of its tree
 * @node: the node; what is in it afterwards means nothing
 * @root: its tree
 */
void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *next;

	if (node->rb_left && node->rb_right) {
		/* The next one has no left child: unlink that, and let it stand in. */
		next = rb_next(node);
		unlink_node(next, root);
		rb_replace_node(node, next, root);
	} else {
		unlink_node(node, root);
	}
}
EXPORT_SYMBOL(rb_erase);

void rb_replace_node(struct rb_node *victim, struct rb_node *node, struct rb_root *root)
{
	*node = *victim;
	if (node->rb_left)
		set_parent(node->rb_left, node);
	if (node->rb_right)
		set_parent(node->rb_right, node);
	put_in_place(victim, node, rb_parent(victim), root);
}
EXPORT_SYMBOL(rb_replace_node);

static struct rb_node *leftmost(struct rb_node *node)
{
	while (node && node->rb_left)
		node = node->rb_left;
	return node;
}

static struct rb_node *rightmost(struct rb_node *node)
{
	while (node && node->rb_right)
		node = node->rb_right;
	return node;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return leftmost(root->rb_node);
}
EXPORT_SYMBOL(rb_first);

struct rb_node *rb_last(const struct rb_root *root)
{
	return rightmost(root->rb_node);
}
EXPORT_SYMBOL(rb_last);

struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->rb_right)
		return leftmost(node->rb_right);
	while ((parent = rb_parent(node)) && node == parent->rb_right)
		node = parent;
	return parent;
}
EXPORT_SYMBOL(rb_next);

struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->rb_left)
		return rightmost(node->rb_left);
	while ((parent = rb_parent(node)) && node == parent->rb_left)
		node = parent;
	return parent;
}
EXPORT_SYMBOL(rb_prev);

/* The deepest node on the way that keeps left. */
static struct rb_node *deepest_left(struct rb_node *node)
{
	while (node && (node->rb_left || node->rb_right))
		node = node->rb_left ? node->rb_left : node->rb_right;
	return node;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return deepest_left(root->rb_node);
}
EXPORT_SYMBOL(rb_first_postorder);

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent = node ? rb_parent(node) : NULL;

	if (parent && node == parent->rb_left && parent->rb_right)
		return deepest_left(parent->rb_right);
	return parent;
}
EXPORT_SYMBOL(rb_next_postorder);
