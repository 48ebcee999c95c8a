/* SPDX-License-Identifier: MIT */
/*
 * hrtimer_heap.h - active hrtimers, the earliest on top
 *
 * A pairing heap: every link is not later than its children, children form a
 * list. Adding takes constant time, taking one off O(log n) on average over many;
 * nothing is allocated. Equal times keep the order in which they were added.
 */
#ifndef UWQ_KERNEL_COMPAT_HRTIMER_HEAP_H
#define UWQ_KERNEL_COMPAT_HRTIMER_HEAP_H

#include <linux/hrtimer_types.h>

static inline bool heap_before(const struct uwq_hrtimer_link *a,
			       const struct uwq_hrtimer_link *b)
{
	return a->when != b->when ? a->when < b->when : a->turn < b->turn;
}

/* Join two heaps, of which the roots have no siblings; either may be NULL. */
static inline struct uwq_hrtimer_link *heap_meld(struct uwq_hrtimer_link *a,
						 struct uwq_hrtimer_link *b)
{
	struct uwq_hrtimer_link *child;

	if (!a || !b)
		return a ? a : b;
	if (heap_before(b, a)) {
		child = a;
		a = b;
		b = child;
	}
	child = a->child;
	b->next = child;
	b->prev = a;
	if (child)
		child->prev = b;
	a->child = b;
	return a;
}

/* Join a list of siblings: in pairs from the front, then all pairs from the back. */
static inline struct uwq_hrtimer_link *heap_meld_list(struct uwq_hrtimer_link *first)
{
	struct uwq_hrtimer_link *pairs = NULL, *root = NULL;

	while (first) {
		struct uwq_hrtimer_link *a = first, *b = first->next;

		first = b ? b->next : NULL;
		a->next = a->prev = NULL;
		if (b)
			b->next = b->prev = NULL;
		a = heap_meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		struct uwq_hrtimer_link *a = pairs;

		pairs = a->next;
		a->next = NULL;
		root = heap_meld(root, a);
	}
	return root;
}

static inline void heap_add(struct uwq_hrtimer_link **root, struct uwq_hrtimer_link *link)
{
	link->child = link->next = link->prev = NULL;
	*root = heap_meld(*root, link);
}

static inline void heap_del(struct uwq_hrtimer_link **root, struct uwq_hrtimer_link *link)
{
	struct uwq_hrtimer_link *below = heap_meld_list(link->child);

	link->child = NULL;
	if (*root == link) {
		*root = below;
		return;
	}
	if (link->prev->child == link)
		link->prev->child = link->next;
	else
		link->prev->next = link->next;
	if (link->next)
		link->next->prev = link->prev;
	*root = heap_meld(*root, below);
}

#endif
