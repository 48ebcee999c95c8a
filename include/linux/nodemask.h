/* SPDX-License-Identifier: MIT */
/*
 * nodemask.h - sets of memory nodes
 *
 * As in Linux most operations are macros that take the set itself and pass its
 * address on. The machine's own sets are in kernel-compat/topology.c.
 *
 * Differs from Linux: a node is possible and online, with or without memory
 * and CPUs; no node comes or goes.
 */
#ifndef UWQ_LINUX_NODEMASK_H
#define UWQ_LINUX_NODEMASK_H

#include <linux/bitmap.h>
#include <linux/numa.h>
#include <uwq/api.h>

typedef struct {
	DECLARE_BITMAP(bits, MAX_NUMNODES);
} nodemask_t;

enum node_states {
	N_POSSIBLE,		/* could become online */
	N_ONLINE,
	N_NORMAL_MEMORY,
	N_HIGH_MEMORY = N_NORMAL_MEMORY,
	N_MEMORY,
	N_CPU,
	NR_NODE_STATES
};

UWQ_API_BEGIN
/* Defined in kernel-compat/topology.c and set before any other code of ours runs. */
extern nodemask_t node_states[NR_NODE_STATES];
extern unsigned int nr_node_ids;
UWQ_API_END

#define node_online_map		node_states[N_ONLINE]
#define node_possible_map	node_states[N_POSSIBLE]

#define NODE_MASK_NONE		{ { 0UL } }
#define NODE_MASK_ALL		{ { ~0UL } }
#define nodemask_pr_args(maskp)	MAX_NUMNODES, (maskp)->bits

#define node_set(node, dst)		set_bit((node), (dst).bits)
#define node_clear(node, dst)		clear_bit((node), (dst).bits)
#define node_isset(node, mask)		test_bit((node), (mask).bits)
#define node_test_and_set(node, mask)	test_and_set_bit((node), (mask).bits)
#define nodes_clear(dst)		bitmap_zero((dst).bits, MAX_NUMNODES)
#define nodes_setall(dst)		bitmap_fill((dst).bits, MAX_NUMNODES)
#define nodes_and(dst, a, b)		bitmap_and((dst).bits, (a).bits, (b).bits, MAX_NUMNODES)
#define nodes_or(dst, a, b)		bitmap_or((dst).bits, (a).bits, (b).bits, MAX_NUMNODES)
#define nodes_xor(dst, a, b)		bitmap_xor((dst).bits, (a).bits, (b).bits, MAX_NUMNODES)
#define nodes_andnot(dst, a, b)		bitmap_andnot((dst).bits, (a).bits, (b).bits, MAX_NUMNODES)
#define nodes_complement(dst, src)	bitmap_complement((dst).bits, (src).bits, MAX_NUMNODES)
#define nodes_equal(a, b)		bitmap_equal((a).bits, (b).bits, MAX_NUMNODES)
#define nodes_intersects(a, b)		bitmap_intersects((a).bits, (b).bits, MAX_NUMNODES)
#define nodes_subset(a, b)		bitmap_subset((a).bits, (b).bits, MAX_NUMNODES)
#define nodes_empty(src)		bitmap_empty((src).bits, MAX_NUMNODES)
#define nodes_full(src)			bitmap_full((src).bits, MAX_NUMNODES)
#define nodes_weight(src)		((int)bitmap_weight((src).bits, MAX_NUMNODES))

#define first_node(src)		((unsigned int)find_first_bit((src).bits, MAX_NUMNODES))
#define next_node(n, src)	((unsigned int)find_next_bit((src).bits, MAX_NUMNODES, (n) + 1))
#define next_node_in(n, src)	\
	((unsigned int)find_next_bit_wrap((src).bits, MAX_NUMNODES, (n) + 1))

#define for_each_node_mask(node, mask)	\
	for_each_set_bit(node, (mask).bits, MAX_NUMNODES)
#define for_each_node_state(node, state)	for_each_node_mask((node), node_states[state])
#define for_each_node(node)			for_each_node_state(node, N_POSSIBLE)
#define for_each_online_node(node)		for_each_node_state(node, N_ONLINE)

static inline int node_state(int node, enum node_states state)
{
	return node >= 0 && node < MAX_NUMNODES && node_isset(node, node_states[state]);
}

static inline int num_node_state(enum node_states state)
{
	return nodes_weight(node_states[state]);
}

#define node_online(node)	node_state((node), N_ONLINE)
#define node_possible(node)	node_state((node), N_POSSIBLE)
#define num_online_nodes()	num_node_state(N_ONLINE)
#define num_possible_nodes()	num_node_state(N_POSSIBLE)
#define first_online_node	first_node(node_states[N_ONLINE])
#define first_memory_node	first_node(node_states[N_MEMORY])
#define next_online_node(node)	next_node((node), node_states[N_ONLINE])

#endif
