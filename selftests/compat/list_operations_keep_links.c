// SPDX-License-Identifier: MIT
/*
 * Whatever is done to a list, its links agree in both directions and it holds
 * the right entries in the right order: list_head, hlist and llist.
 */
#include "../kselftest_harness.h"

#include <pthread.h>

#include <linux/list.h>
#include <linux/llist.h>

struct item {
	int id;
	struct list_head node;
	struct hlist_node hash;
	struct llist_node chain;
};

#define NR	8
static struct item item[NR];

/* Entries of @head as digits; 0 when the links disagree. */
static long shape(struct list_head *head)
{
	struct list_head *p;
	long digits = 1;

	list_for_each(p, head) {
		if (p->next->prev != p || p->prev->next != p)
			return 0;
		digits = digits * 10 + list_entry(p, struct item, node)->id;
	}
	return head->next->prev == head && head->prev->next == head ? digits : 0;
}

static void fill(struct list_head *head, int from, int to)
{
	INIT_LIST_HEAD(head);
	for (int i = from; i <= to; i++) {
		item[i].id = i;
		list_add_tail(&item[i].node, head);
	}
}

TEST(adding_and_removing)
{
	LIST_HEAD(list);

	EXPECT_TRUE(list_empty(&list));
	fill(&list, 1, 3);
	EXPECT_EQ(1123, shape(&list));
	item[0].id = 9;
	list_add(&item[0].node, &list);
	EXPECT_EQ(19123, shape(&list));
	list_del(&item[2].node);
	EXPECT_EQ(1913, shape(&list));
	EXPECT_TRUE(item[2].node.next == LIST_POISON1 && item[2].node.prev == LIST_POISON2);
	list_del_init(&item[0].node);
	EXPECT_TRUE(list_empty(&item[0].node));
	EXPECT_EQ(2, list_count_nodes(&list));
	list_del_init_careful(&item[1].node);
	EXPECT_TRUE(list_empty_careful(&item[1].node));
	EXPECT_TRUE(list_is_singular(&list));
	EXPECT_FALSE(list_empty_careful(&list));
}

TEST(moving_and_replacing)
{
	LIST_HEAD(list);
	LIST_HEAD(other);

	fill(&list, 1, 5);
	list_move(&item[4].node, &list);
	EXPECT_EQ(141235, shape(&list));
	list_move_tail(&item[4].node, &list);
	EXPECT_EQ(112354, shape(&list));
	item[6].id = 6;
	list_replace_init(&item[2].node, &item[6].node);
	EXPECT_EQ(116354, shape(&list));
	EXPECT_TRUE(list_empty(&item[2].node));
	list_rotate_left(&list);
	EXPECT_EQ(163541, shape(&list));
	list_rotate_to_front(&item[5].node, &list);
	EXPECT_EQ(154163, shape(&list));
	list_bulk_move_tail(&list, &item[4].node, &item[6].node);
	EXPECT_EQ(153416, shape(&list));
	list_move_tail(&item[3].node, &other);
	EXPECT_EQ(15416, shape(&list));
	EXPECT_EQ(13, shape(&other));
}

TEST(swapping_neighbours_and_strangers)
{
	LIST_HEAD(list);

	fill(&list, 1, 4);
	list_swap(&item[1].node, &item[2].node);
	EXPECT_EQ(12134, shape(&list));
	list_swap(&item[1].node, &item[2].node);
	EXPECT_EQ(11234, shape(&list));
	list_swap(&item[2].node, &item[1].node);
	EXPECT_EQ(12134, shape(&list));
	list_swap(&item[2].node, &item[4].node);
	EXPECT_EQ(14132, shape(&list));
}

TEST(cutting_and_joining)
{
	LIST_HEAD(list);
	LIST_HEAD(front);

	fill(&list, 1, 5);
	list_cut_position(&front, &list, &item[2].node);
	EXPECT_EQ(112, shape(&front));
	EXPECT_EQ(1345, shape(&list));
	list_splice_init(&front, &list);
	EXPECT_EQ(112345, shape(&list));
	EXPECT_TRUE(list_empty(&front));
	list_cut_before(&front, &list, &item[4].node);
	EXPECT_EQ(1123, shape(&front));
	EXPECT_EQ(145, shape(&list));
	list_splice_tail_init(&front, &list);
	EXPECT_EQ(145123, shape(&list));
	list_splice(&front, &list);
	EXPECT_EQ(145123, shape(&list));
	list_cut_before(&front, &list, &item[4].node);
	EXPECT_TRUE(list_empty(&front));
	list_cut_position(&front, &list, &list);
	EXPECT_TRUE(list_empty(&front));
	EXPECT_EQ(145123, shape(&list));
	list_cut_position(&front, &list, &item[3].node);
	EXPECT_EQ(145123, shape(&front));
	EXPECT_TRUE(list_empty(&list));
}

TEST(walking_every_way)
{
	LIST_HEAD(list);
	struct item *p, *n;
	long seen = 0;

	fill(&list, 1, 5);
	list_for_each_entry_reverse(p, &list, node)
		seen = seen * 10 + p->id;
	EXPECT_EQ(54321, seen);

	seen = 0;
	p = &item[2];
	list_for_each_entry_continue(p, &list, node)
		seen = seen * 10 + p->id;
	EXPECT_EQ(345, seen);

	seen = 0;
	p = &item[3];
	list_for_each_entry_continue_reverse(p, &list, node)
		seen = seen * 10 + p->id;
	EXPECT_EQ(21, seen);

	seen = 0;
	p = &item[4];
	list_for_each_entry_from(p, &list, node)
		seen = seen * 10 + p->id;
	EXPECT_EQ(45, seen);

	EXPECT_EQ(1, list_next_entry_circular(&item[5], &list, node)->id);
	EXPECT_EQ(5, list_prev_entry_circular(&item[1], &list, node)->id);
	EXPECT_EQ(1, list_first_entry_or_null(&list, struct item, node)->id);
	EXPECT_EQ(5, list_last_entry(&list, struct item, node)->id);

	list_for_each_entry_safe(p, n, &list, node)
		if (p->id & 1)
			list_del(&p->node);
	EXPECT_EQ(124, shape(&list));
	list_for_each_entry_safe_reverse(p, n, &list, node)
		list_del_init(&p->node);
	EXPECT_TRUE(list_empty(&list));
	EXPECT_EQ(NULL, list_first_entry_or_null(&list, struct item, node));
}

static long hash_shape(struct hlist_head *head)
{
	struct hlist_node **link = &head->first;
	long digits = 1;

	for (; *link; link = &(*link)->next) {
		if ((*link)->pprev != link)
			return 0;
		digits = digits * 10 + hlist_entry(*link, struct item, hash)->id;
	}
	return digits;
}

TEST(hash_lists)
{
	HLIST_HEAD(head);
	HLIST_HEAD(other);
	struct hlist_node *n;
	struct item *p;

	for (int i = 0; i < NR; i++)
		item[i].id = i;
	hlist_add_head(&item[3].hash, &head);
	EXPECT_TRUE(hlist_is_singular_node(&item[3].hash, &head));
	hlist_add_head(&item[1].hash, &head);
	hlist_add_before(&item[2].hash, &item[3].hash);
	hlist_add_behind(&item[4].hash, &item[3].hash);
	EXPECT_EQ(11234, hash_shape(&head));
	EXPECT_EQ(4, hlist_count_nodes(&head));
	hlist_del_init(&item[1].hash);
	hlist_del_init(&item[1].hash);
	EXPECT_TRUE(hlist_unhashed(&item[1].hash));
	hlist_del(&item[4].hash);
	EXPECT_EQ(123, hash_shape(&head));
	hlist_move_list(&head, &other);
	EXPECT_TRUE(hlist_empty(&head));
	hlist_add_head(&item[5].hash, &head);
	hlist_splice_init(&other, &item[3].hash, &head);
	EXPECT_EQ(1235, hash_shape(&head));
	hlist_for_each_entry_safe(p, n, &head, hash)
		hlist_del(&p->hash);
	EXPECT_TRUE(hlist_empty(&head));
	hlist_add_fake(&item[6].hash);
	EXPECT_TRUE(hlist_fake(&item[6].hash));
	hlist_del_init(&item[6].hash);
}

TEST(newest_comes_first_in_an_llist)
{
	LLIST_HEAD(head);
	struct llist_node *all;
	struct item *p, *n;
	long seen = 0;

	for (int i = 0; i < NR; i++)
		item[i].id = i;
	EXPECT_TRUE(llist_add(&item[1].chain, &head));
	EXPECT_FALSE(llist_add(&item[2].chain, &head));
	item[4].chain.next = &item[3].chain;
	EXPECT_FALSE(llist_add_batch(&item[4].chain, &item[3].chain, &head));
	EXPECT_FALSE(llist_del_first_this(&head, &item[1].chain));
	EXPECT_TRUE(llist_del_first_this(&head, &item[4].chain));
	EXPECT_EQ(&item[3].chain, llist_del_first_init(&head));
	EXPECT_FALSE(llist_on_list(&item[3].chain));
	llist_add(&item[5].chain, &head);
	all = llist_reverse_order(llist_del_all(&head));
	EXPECT_TRUE(llist_empty(&head));
	llist_for_each_entry_safe(p, n, all, chain) {
		seen = seen * 10 + p->id;
		p->chain.next = NULL;
	}
	EXPECT_EQ(125, seen);
	EXPECT_EQ(NULL, llist_del_all(&head));
	EXPECT_EQ(NULL, llist_del_first(&head));
}

/* --- many adders, one taker: nothing is lost, and payloads are seen ------------ */

#define ADDERS	3
#define EACH	50000

struct message {
	struct llist_node node;
	int from, nr;
};

static struct message message[ADDERS][EACH];
static struct llist_head box;
static atomic_t ready;

static void *add_all(void *arg)
{
	int from = (int)(long)arg;

	atomic_inc(&ready);
	while (atomic_read(&ready) < ADDERS)
		sched_yield();
	for (int i = 0; i < EACH; i++) {
		message[from][i].from = from;
		message[from][i].nr = i;
		llist_add(&message[from][i].node, &box);
	}
	return NULL;
}

static int take(int *next, int one_at_a_time)
{
	struct llist_node *chain;
	struct message *m, *n;
	int wrong = 0;

	if (one_at_a_time)
		chain = llist_del_first_init(&box);
	else
		chain = llist_reverse_order(llist_del_all(&box));
	if (chain && one_at_a_time) {
		next[llist_entry(chain, struct message, node)->from]++;
		return 0;
	}
	llist_for_each_entry_safe(m, n, chain, node)
		wrong += m->nr != next[m->from]++;
	return wrong;
}

static int hand_over(int one_at_a_time)
{
	pthread_t adder[ADDERS];
	int next[ADDERS] = { 0 }, wrong = 0;

	for (long i = 0; i < ADDERS; i++)
		pthread_create(&adder[i], NULL, add_all, (void *)i);
	while (next[0] + next[1] + next[2] < ADDERS * EACH)
		wrong += take(next, one_at_a_time);
	for (int i = 0; i < ADDERS; i++) {
		pthread_join(adder[i], NULL);
		wrong += next[i] != EACH;
	}
	return wrong;
}

TEST(many_add_while_one_takes_all)
{
	EXPECT_EQ(0, hand_over(0));
}

TEST(many_add_while_one_takes_the_first)
{
	EXPECT_EQ(0, hand_over(1));
}

TEST_HARNESS_MAIN
