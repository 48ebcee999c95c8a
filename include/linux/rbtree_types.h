/* SPDX-License-Identifier: MIT */
/* rbtree_types.h - what a red-black tree is made of, for headers that embed one */
#ifndef UWQ_LINUX_RBTREE_TYPES_H
#define UWQ_LINUX_RBTREE_TYPES_H

#include <linux/stddef.h>

struct rb_node {
	unsigned long __rb_parent_color;	/* parent; bit 0 set: black */
	struct rb_node *rb_right;
	struct rb_node *rb_left;
} __attribute__((__aligned__(sizeof(long))));

struct rb_root {
	struct rb_node *rb_node;
};

/* Knows its first node. */
struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};

#ifdef __cplusplus
#define RB_ROOT		rb_root{ NULL }
#define RB_ROOT_CACHED	rb_root_cached{ { NULL }, NULL }
#else
#define RB_ROOT		(struct rb_root){ NULL, }
#define RB_ROOT_CACHED	(struct rb_root_cached){ { NULL, }, NULL }
#endif

#endif
