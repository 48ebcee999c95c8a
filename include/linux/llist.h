/* SPDX-License-Identifier: MIT */
/*
 * llist.h - a singly linked list that any number of threads add to without a lock
 *
 * Adding needs no lock. Taking everything (llist_del_all) needs none either.
 * Taking only the first needs one among those who do, because the first may
 * leave and come back while another looks at what follows it. The newest entry
 * comes first; llist_reverse_order() turns that around.
 *
 * Order: adding releases, taking acquires, both on the head.
 */
#ifndef UWQ_LINUX_LLIST_H
#define UWQ_LINUX_LLIST_H

#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/stddef.h>
#include <linux/types.h>

struct llist_head {
	struct llist_node *first;
};

struct llist_node {
	struct llist_node *next;
};

#define LLIST_HEAD_INIT(name)	{ NULL }
#define LLIST_HEAD(name)	struct llist_head name = LLIST_HEAD_INIT(name)

static inline void init_llist_head(struct llist_head *list)
{
	list->first = NULL;
}

/* A node that is on no list points at itself. */
static inline void init_llist_node(struct llist_node *node)
{
	WRITE_ONCE(node->next, node);
}

static inline bool llist_on_list(const struct llist_node *node)
{
	return READ_ONCE(node->next) != node;
}

#define llist_entry(ptr, type, member)	container_of(ptr, type, member)

static inline bool llist_empty(const struct llist_head *head)
{
	return !READ_ONCE(head->first);
}

static inline struct llist_node *llist_next(struct llist_node *node)
{
	return node->next;
}

/*
 * Adds the chain from @first to @last, which is in order already. True when
 * the list was empty before: the one who sees that has somebody to wake.
 */
static inline bool llist_add_batch(struct llist_node *first, struct llist_node *last,
				   struct llist_head *head)
{
	struct llist_node *old = READ_ONCE(head->first);

	/* LLIST/1: the chain is complete before the head shows it. Pairs with LLIST/2. */
	do {
		WRITE_ONCE(last->next, old);
	} while (!try_cmpxchg(&head->first, &old, first));
	return !old;
}

static inline bool llist_add(struct llist_node *node, struct llist_head *head)
{
	return llist_add_batch(node, node, head);
}

/* The same two for a list that nobody else can reach now. */
static inline bool __llist_add_batch(struct llist_node *first, struct llist_node *last,
				     struct llist_head *head)
{
	last->next = head->first;
	head->first = first;
	return !last->next;
}

static inline bool __llist_add(struct llist_node *node, struct llist_head *head)
{
	return __llist_add_batch(node, node, head);
}

/* LLIST/2: takes all, and sees what was stored before they were added. */
static inline struct llist_node *llist_del_all(struct llist_head *head)
{
	return xchg(&head->first, (struct llist_node *)NULL);
}

static inline struct llist_node *__llist_del_all(struct llist_head *head)
{
	struct llist_node *first = head->first;

	head->first = NULL;
	return first;
}

/* Takes the newest; the caller keeps other takers away. NULL when empty. */
static inline struct llist_node *llist_del_first(struct llist_head *head)
{
	struct llist_node *first = smp_load_acquire(&head->first);

	/* A failed exchange orders nothing: load the new first once more, with acquire. */
	while (first) {
		if (cmpxchg(&head->first, first, READ_ONCE(first->next)) == first)
			break;
		first = smp_load_acquire(&head->first);
	}
	return first;
}

/* llist_del_first(), and the node then counts as on no list. */
static inline struct llist_node *llist_del_first_init(struct llist_head *head)
{
	struct llist_node *node = llist_del_first(head);

	if (node)
		init_llist_node(node);
	return node;
}

/* Takes the first only if it is @node, where other takers are kept away. */
static inline bool llist_del_first_this(struct llist_head *head, struct llist_node *node)
{
	if (smp_load_acquire(&head->first) != node)
		return false;
	return cmpxchg(&head->first, node, READ_ONCE(node->next)) == node;
}

/* Turns around a chain that was taken off; returns its new first. */
static inline struct llist_node *llist_reverse_order(struct llist_node *head)
{
	struct llist_node *turned = NULL, *next;

	for (; head; head = next) {
		next = head->next;
		head->next = turned;
		turned = head;
	}
	return turned;
}

/* Over chains that were taken off. */
#define llist_for_each(pos, node)						\
	for ((pos) = (node); pos; (pos) = (pos)->next)
#define llist_for_each_safe(pos, n, node)					\
	for ((pos) = (node); (pos) && ((n) = (pos)->next, 1); (pos) = (n))

/* The entry around a node, or NULL for none. */
#define uwq_llist_entry_safe(ptr, type, member) __extension__			\
({										\
	struct llist_node *uwq_node = (ptr);					\
	uwq_node ? llist_entry(uwq_node, type, member) : (type *)NULL;		\
})
#define llist_for_each_entry(pos, node, member)					\
	for ((pos) = uwq_llist_entry_safe((node), __typeof__(*(pos)), member);	\
	     pos;								\
	     (pos) = uwq_llist_entry_safe((pos)->member.next, __typeof__(*(pos)), member))
/* The body may free @pos. */
#define llist_for_each_entry_safe(pos, n, node, member)				\
	for ((pos) = uwq_llist_entry_safe((node), __typeof__(*(pos)), member);	\
	     (pos) && ((n) = uwq_llist_entry_safe((pos)->member.next,		\
						  __typeof__(*(n)), member), 1); \
	     (pos) = (n))

#endif
