/* SPDX-License-Identifier: MIT */
/*
 * rculist.h - lists that are read under RCU while they are changed
 *
 * Writers exclude each other with a lock of theirs. A reader may meet an entry
 * that is just being removed, never a broken list: an entry is complete before
 * it is linked, and keeps its way on after it was unlinked. The memory of an
 * entry is reused only a grace period later.
 *
 * Readers load links with acquire, writers store them with release.
 *
 * Differs from Linux: nobody checks that a walk is inside a reader; conditions
 * that say what else protects it are accepted and not evaluated.
 */
#ifndef UWQ_LINUX_RCULIST_H
#define UWQ_LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>

#define UWQ_RCU_LINK(place, entry)	__atomic_store_n(&(place), (entry), __ATOMIC_RELEASE)
#define UWQ_RCU_FOLLOW(place)		__atomic_load_n(&(place), __ATOMIC_ACQUIRE)

#define list_next_rcu(list)	(*((struct list_head __rcu **)(&(list)->next)))
#define list_tail_rcu(head)	(*((struct list_head __rcu **)(&(head)->prev)))

/* A head that readers may look at already. */
static inline void INIT_LIST_HEAD_RCU(struct list_head *list)
{
	__atomic_store_n(&list->next, list, __ATOMIC_RELAXED);
	__atomic_store_n(&list->prev, list, __ATOMIC_RELAXED);
}

static inline void uwq_list_insert_rcu(struct list_head *entry, struct list_head *prev,
				       struct list_head *next)
{
	entry->next = next;
	entry->prev = prev;
	UWQ_RCU_LINK(prev->next, entry);
	next->prev = entry;
}

static inline void list_add_rcu(struct list_head *entry, struct list_head *head)
{
	uwq_list_insert_rcu(entry, head, head->next);
}

static inline void list_add_tail_rcu(struct list_head *entry, struct list_head *head)
{
	uwq_list_insert_rcu(entry, head->prev, head);
}

/* @entry keeps ->next, for readers that stand on it. */
static inline void list_del_rcu(struct list_head *entry)
{
	struct list_head *prev = entry->prev, *next = entry->next;

	next->prev = prev;
	UWQ_RCU_LINK(prev->next, next);
	entry->prev = (struct list_head *)LIST_POISON2;
}

/* @old keeps both links. */
static inline void list_replace_rcu(struct list_head *old, struct list_head *entry)
{
	entry->next = old->next;
	entry->prev = old->prev;
	UWQ_RCU_LINK(entry->prev->next, entry);
	entry->next->prev = entry;
	old->prev = (struct list_head *)LIST_POISON2;
}

/*
 * Move all of @list between @prev and @next, while readers may be walking @list.
 * @sync waits for them: they must leave before its entries lead elsewhere.
 */
static inline void uwq_list_splice_rcu(struct list_head *list, struct list_head *prev,
				       struct list_head *next, void (*sync)(void))
{
	struct list_head *first = list->next, *last = list->prev;

	INIT_LIST_HEAD_RCU(list);
	sync();
	__atomic_store_n(&last->next, next, __ATOMIC_RELAXED);
	first->prev = prev;
	UWQ_RCU_LINK(prev->next, first);
	next->prev = last;
}

static inline void list_splice_init_rcu(struct list_head *list, struct list_head *head,
					void (*sync)(void))
{
	if (!list_empty(list))
		uwq_list_splice_rcu(list, head, head->next, sync);
}

static inline void list_splice_tail_init_rcu(struct list_head *list, struct list_head *head,
					     void (*sync)(void))
{
	if (!list_empty(list))
		uwq_list_splice_rcu(list, head->prev, head, sync);
}

#define list_entry_rcu(ptr, type, member)				\
	container_of(UWQ_RCU_FOLLOW(ptr), type, member)

/* NULL when empty. Not twice on one list: the answers may differ. */
#define list_first_or_null_rcu(head, type, member) __extension__	\
({									\
	struct list_head *uwq_head = (head);				\
	struct list_head *uwq_first = UWQ_RCU_FOLLOW(uwq_head->next);	\
									\
	uwq_first != uwq_head ? container_of(uwq_first, type, member) : NULL; \
})

#define list_next_or_null_rcu(head, ptr, type, member) __extension__	\
({									\
	struct list_head *uwq_head = (head);				\
	struct list_head *uwq_next = UWQ_RCU_FOLLOW((ptr)->next);	\
									\
	uwq_next != uwq_head ? container_of(uwq_next, type, member) : NULL; \
})

#define UWQ_RCU_NEXT(pos, member)					\
	list_entry_rcu((pos)->member.next, __typeof__(*(pos)), member)

#define list_for_each_entry_rcu(pos, head, member, cond...)		\
	for ((pos) = list_entry_rcu((head)->next, __typeof__(*(pos)), member); \
	     &(pos)->member != (head);					\
	     (pos) = UWQ_RCU_NEXT(pos, member))
#define list_for_each_entry_srcu(pos, head, member, cond)		\
	list_for_each_entry_rcu(pos, head, member)
#define list_for_each_entry_lockless(pos, head, member)			\
	list_for_each_entry_rcu(pos, head, member)
#define list_entry_lockless(ptr, type, member)	list_entry_rcu(ptr, type, member)
#define list_for_each_rcu(pos, head)					\
	for ((pos) = UWQ_RCU_FOLLOW((head)->next); (pos) != (head);	\
	     (pos) = UWQ_RCU_FOLLOW((pos)->next))
/* From the entry after @pos; @pos was found in the same reader. */
#define list_for_each_entry_continue_rcu(pos, head, member)		\
	for ((pos) = UWQ_RCU_NEXT(pos, member); &(pos)->member != (head); \
	     (pos) = UWQ_RCU_NEXT(pos, member))
#define list_for_each_entry_from_rcu(pos, head, member)			\
	for (; &(pos)->member != (head); (pos) = UWQ_RCU_NEXT(pos, member))

/* ---- hlist ---- */

#define hlist_first_rcu(head)	(*((struct hlist_node __rcu **)(&(head)->first)))
#define hlist_next_rcu(node)	(*((struct hlist_node __rcu **)(&(node)->next)))
#define hlist_pprev_rcu(node)	(*((struct hlist_node __rcu **)((node)->pprev)))

static inline void uwq_hlist_unlink_rcu(struct hlist_node *n)
{
	struct hlist_node *next = n->next;

	UWQ_RCU_LINK(*n->pprev, next);
	if (next)
		next->pprev = n->pprev;
}

/* @n keeps ->next, for readers that stand on it. */
static inline void hlist_del_rcu(struct hlist_node *n)
{
	uwq_hlist_unlink_rcu(n);
	n->pprev = (struct hlist_node **)LIST_POISON2;
}

static inline void hlist_del_init_rcu(struct hlist_node *n)
{
	if (!n->pprev)
		return;
	uwq_hlist_unlink_rcu(n);
	n->pprev = NULL;
}

static inline void hlist_replace_rcu(struct hlist_node *old, struct hlist_node *n)
{
	n->next = old->next;
	n->pprev = old->pprev;
	UWQ_RCU_LINK(*n->pprev, n);
	if (n->next)
		n->next->pprev = &n->next;
	old->pprev = (struct hlist_node **)LIST_POISON2;
}

/* @n in front of what *@place leads to. */
static inline void uwq_hlist_insert_rcu(struct hlist_node *n, struct hlist_node **place)
{
	n->next = *place;
	n->pprev = place;
	UWQ_RCU_LINK(*place, n);
	if (n->next)
		n->next->pprev = &n->next;
}

static inline void hlist_add_head_rcu(struct hlist_node *n, struct hlist_head *h)
{
	uwq_hlist_insert_rcu(n, &h->first);
}

static inline void hlist_add_tail_rcu(struct hlist_node *n, struct hlist_head *h)
{
	struct hlist_node **end = &h->first;

	while (*end)
		end = &(*end)->next;
	uwq_hlist_insert_rcu(n, end);
}

static inline void hlist_add_before_rcu(struct hlist_node *n, struct hlist_node *next)
{
	uwq_hlist_insert_rcu(n, next->pprev);
}

static inline void hlist_add_behind_rcu(struct hlist_node *n, struct hlist_node *prev)
{
	uwq_hlist_insert_rcu(n, &prev->next);
}

/* NULL for a NULL link. */
#define UWQ_HLIST_ENTRY_RCU(link, type, member) __extension__		\
({									\
	struct hlist_node *uwq_node = UWQ_RCU_FOLLOW(link);		\
									\
	uwq_node ? container_of(uwq_node, type, member) : NULL;		\
})

#define hlist_for_each_entry_rcu(pos, head, member, cond...)		\
	for ((pos) = UWQ_HLIST_ENTRY_RCU((head)->first, __typeof__(*(pos)), member); \
	     (pos);							\
	     (pos) = UWQ_HLIST_ENTRY_RCU((pos)->member.next, __typeof__(*(pos)), member))
#define hlist_for_each_entry_srcu(pos, head, member, cond)		\
	hlist_for_each_entry_rcu(pos, head, member)
#define hlist_for_each_entry_rcu_notrace(pos, head, member)		\
	hlist_for_each_entry_rcu(pos, head, member)
#define hlist_for_each_entry_rcu_bh(pos, head, member)			\
	hlist_for_each_entry_rcu(pos, head, member)
#define hlist_for_each_entry_continue_rcu(pos, member)			\
	for ((pos) = UWQ_HLIST_ENTRY_RCU((pos)->member.next, __typeof__(*(pos)), member); \
	     (pos);							\
	     (pos) = UWQ_HLIST_ENTRY_RCU((pos)->member.next, __typeof__(*(pos)), member))
#define hlist_for_each_entry_from_rcu(pos, member)			\
	for (; (pos);							\
	     (pos) = UWQ_HLIST_ENTRY_RCU((pos)->member.next, __typeof__(*(pos)), member))
#define __hlist_for_each_rcu(pos, head)					\
	for ((pos) = UWQ_RCU_FOLLOW((head)->first); (pos);		\
	     (pos) = UWQ_RCU_FOLLOW((pos)->next))

#endif
