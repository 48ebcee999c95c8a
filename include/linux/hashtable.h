/* SPDX-License-Identifier: MIT */
/*
 * hashtable.h - a hash table of 2^bits hlist heads, its size known when compiled
 *
 * Nothing locks; the _rcu forms are for readers under rcu_read_lock().
 */
#ifndef UWQ_LINUX_HASHTABLE_H
#define UWQ_LINUX_HASHTABLE_H

#include <linux/array_size.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/rculist.h>
#include <linux/types.h>

#define DECLARE_HASHTABLE(name, bits)	struct hlist_head name[1 << (bits)]
/* An empty head is a NULL pointer. */
#define DEFINE_HASHTABLE(name, bits)	DECLARE_HASHTABLE(name, bits) = { HLIST_HEAD_INIT }
#define DEFINE_READ_MOSTLY_HASHTABLE(name, bits)	DEFINE_HASHTABLE(name, bits)

#define HASH_SIZE(name)		(ARRAY_SIZE(name))
#define HASH_BITS(name)		ilog2(HASH_SIZE(name))

#define hash_min(val, bits)	\
	(sizeof(val) <= 4 ? hash_32((val), (bits)) : hash_long((val), (bits)))

static inline void __hash_init(struct hlist_head *ht, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		INIT_HLIST_HEAD(&ht[i]);
}

static inline bool __hash_empty(struct hlist_head *ht, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++) {
		if (!hlist_empty(&ht[i]))
			return false;
	}
	return true;
}

static inline bool hash_hashed(struct hlist_node *node)
{
	return !hlist_unhashed(node);
}

static inline void hash_del(struct hlist_node *node)
{
	hlist_del_init(node);
}

static inline void hash_del_rcu(struct hlist_node *node)
{
	hlist_del_init_rcu(node);
}

#define hash_init(table)		__hash_init((table), HASH_SIZE(table))
#define hash_empty(table)		__hash_empty((table), HASH_SIZE(table))
#define uwq_bucket(table, key)		(&(table)[hash_min((key), HASH_BITS(table))])
#define hash_add(table, node, key)	hlist_add_head((node), uwq_bucket(table, key))
#define hash_add_rcu(table, node, key)	hlist_add_head_rcu((node), uwq_bucket(table, key))

/* All entries; @bkt is an int of the caller's. Leave with care: two loops in one. */
#define hash_for_each(name, bkt, obj, member)				\
	for ((bkt) = 0, obj = NULL; obj == NULL && (size_t)(bkt) < HASH_SIZE(name); (bkt)++) \
		hlist_for_each_entry(obj, &(name)[bkt], member)
#define hash_for_each_safe(name, bkt, tmp, obj, member)			\
	for ((bkt) = 0, obj = NULL; obj == NULL && (size_t)(bkt) < HASH_SIZE(name); (bkt)++) \
		hlist_for_each_entry_safe(obj, tmp, &(name)[bkt], member)
#define hash_for_each_rcu(name, bkt, obj, member)			\
	for ((bkt) = 0, obj = NULL; obj == NULL && (size_t)(bkt) < HASH_SIZE(name); (bkt)++) \
		hlist_for_each_entry_rcu(obj, &(name)[bkt], member)

/* All entries that may have @key; compare it. */
#define hash_for_each_possible(name, obj, member, key)			\
	hlist_for_each_entry(obj, uwq_bucket(name, key), member)
#define hash_for_each_possible_safe(name, obj, tmp, member, key)	\
	hlist_for_each_entry_safe(obj, tmp, uwq_bucket(name, key), member)
#define hash_for_each_possible_rcu(name, obj, member, key)		\
	hlist_for_each_entry_rcu(obj, uwq_bucket(name, key), member)

#endif
