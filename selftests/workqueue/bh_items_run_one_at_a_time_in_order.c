// SPDX-License-Identifier: MIT
/*
 * Proves C127, C129, U19: the bottom halves of a CPU, of both priorities and of all
 * queues, never run two at a time. Those of one priority run in the order of queueing.
 * Highpri goes first in every round, a round is 10 items or 2 ms, and what is left of a
 * priority waits for the next round, so that neither starves the other.
 */
#include "wq_test.h"

#include <linux/delay.h>

#include "workqueue/params.h"

#define ITEMS	100

/* What ran, in order; only CPU 0's bottom halves write. */
static struct entry {
	int number;
	bool highpri;
} ran[4 * ITEMS];
static int nr_ran;		/* atomic */
static int inside, overlaps;	/* atomic */

struct item {
	struct work_struct work;
	int number;
	bool highpri;
	unsigned int spin_us;
};

static struct item normal[ITEMS], high[ITEMS];

static void note(struct work_struct *work)
{
	struct item *item = container_of(work, struct item, work);
	int at;

	if (ADD(inside, 1) > 1)
		ADD(overlaps, 1);
	if (item->spin_us)
		udelay(item->spin_us);
	at = ADD(nr_ran, 1) - 1;
	ran[at].number = item->number;
	ran[at].highpri = item->highpri;
	ADD(inside, -1);
}

static void items_init(unsigned int spin_us)
{
	SET(nr_ran, 0);
	SET(inside, 0);
	SET(overlaps, 0);
	for (int i = 0; i < ITEMS; i++) {
		normal[i] = (struct item){ .number = i, .spin_us = spin_us };
		high[i] = (struct item){ .number = i, .highpri = true, .spin_us = spin_us };
		INIT_WORK(&normal[i].work, note);
		INIT_WORK(&high[i].work, note);
	}
}

/* A bottom half that keeps its CPU busy until released. */
struct holder {
	struct work_struct work;
	struct gate begun, go;
};

static void hold(struct work_struct *work)
{
	struct holder *holder = container_of(work, struct holder, work);

	gate_open(&holder->begun);
	gate_wait(&holder->go);
}

static void hold_cpu(struct holder *holder, int cpu, struct workqueue_struct *wq)
{
	INIT_WORK(&holder->work, hold);
	gate_close(&holder->begun);
	gate_close(&holder->go);
	queue_work_on(cpu, wq, &holder->work);
	gate_wait(&holder->begun);
}

static void queue_all(struct workqueue_struct *wq, struct item *items, int from, int to)
{
	for (int i = from; i < to; i++)
		queue_work_on(0, wq, &items[i].work);
}

static void flush_both(void)
{
	flush_work(&normal[ITEMS - 1].work);
	flush_work(&high[ITEMS - 1].work);
}

/* Each priority in its own order? */
static bool in_order(void)
{
	int next[2] = { 0, 0 };

	for (int i = 0; i < GET(nr_ran); i++)
		if (ran[i].number != next[ran[i].highpri]++)
			return false;
	return true;
}

/* The longest chain of one priority while items of the other were still to come. */
static int longest_chain(bool highpri)
{
	int chain = 0, longest = 0, others = 0;

	for (int i = 0; i < 2 * ITEMS; i++) {
		chain = ran[i].highpri == highpri ? chain + 1 : 0;
		others += ran[i].highpri != highpri;
		if (others < ITEMS && chain > longest)
			longest = chain;
	}
	return longest;
}

TEST(order_and_shares_while_both_wait)
{
	struct holder holder;

	items_init(0);
	hold_cpu(&holder, 0, system_bh_wq);
	queue_all(system_bh_wq, normal, 0, ITEMS);
	queue_all(system_bh_highpri_wq, high, 0, ITEMS);
	nap_us(3000);	/* the holder's round is over its time */
	gate_open(&holder.go);
	flush_both();
	ASSERT_EQ(2 * ITEMS, GET(nr_ran));
	EXPECT_TRUE(in_order());
	EXPECT_EQ(0, GET(overlaps));
	/* the round of the holder ended with it: highpri begins */
	EXPECT_TRUE(ran[0].highpri);
	EXPECT_LE(longest_chain(true), 10);
	EXPECT_LE(longest_chain(false), 10);
}

TEST(highpri_is_first_when_both_wait)
{
	struct counter counter;

	/* the manager and a worker are there; the thread of the CPU cannot be made yet */
	counter_init(&counter);
	queue_work_on(0, system_percpu_wq, &counter.work);
	flush_work(&counter.work);
	WRITE_ONCE(wq_params.create_retry_ms, 1);
	uwq_test_fail_thread(1, -1);
	items_init(0);
	queue_all(system_bh_wq, normal, 0, ITEMS);
	queue_all(system_bh_highpri_wq, high, 0, ITEMS);
	EXPECT_EQ(0, GET(nr_ran));
	uwq_test_fail_thread(0, 0);
	flush_both();
	ASSERT_EQ(2 * ITEMS, GET(nr_ran));
	EXPECT_TRUE(ran[0].highpri);
	EXPECT_TRUE(in_order());
}

TEST(long_items_end_a_round_early)
{
	struct holder holder;

	items_init(1000);
	hold_cpu(&holder, 0, system_bh_wq);
	queue_all(system_bh_wq, normal, 0, ITEMS);
	queue_all(system_bh_highpri_wq, high, 0, ITEMS);
	gate_open(&holder.go);
	flush_both();
	ASSERT_EQ(2 * ITEMS, GET(nr_ran));
	EXPECT_TRUE(in_order());
	/* 1 ms each: the second or third is over the 2 ms */
	EXPECT_LE(longest_chain(true), 3);
	EXPECT_LE(longest_chain(false), 3);
}

TEST(queues_share_the_context_of_the_cpu)
{
	struct workqueue_struct *a = alloc_workqueue("bh_a", WQ_BH | WQ_PERCPU, 0);
	struct workqueue_struct *b = alloc_workqueue("bh_b", WQ_BH | WQ_PERCPU | WQ_HIGHPRI, 0);

	items_init(20);
	for (int i = 0; i < ITEMS; i++) {
		queue_work_on(0, i % 2 ? a : system_bh_wq, &normal[i].work);
		queue_work_on(0, i % 3 ? b : system_bh_highpri_wq, &high[i].work);
	}
	flush_both();
	destroy_workqueue(a);
	destroy_workqueue(b);
	EXPECT_EQ(2 * ITEMS, GET(nr_ran));
	EXPECT_EQ(0, GET(overlaps));
	EXPECT_TRUE(in_order());
}

static void *queue_mine(void *arg)
{
	bool highpri = arg;

	queue_all(highpri ? system_bh_highpri_wq : system_bh_wq, highpri ? high : normal, 0, ITEMS);
	return NULL;
}

TEST(never_two_at_once_from_several_threads)
{
	for (int round = 0; round < ROUNDS(100); round++) {
		pthread_t other;

		items_init(0);
		other = start_thread(queue_mine, (void *)true);
		queue_mine(NULL);
		pthread_join(other, NULL);
		flush_both();
		ASSERT_EQ(2 * ITEMS, GET(nr_ran));
		ASSERT_EQ(0, GET(overlaps));
		ASSERT_TRUE(in_order());
	}
}

TEST(other_cpus_are_independent)
{
	struct holder holder;
	struct counter counter;

	hold_cpu(&holder, 0, system_bh_wq);
	counter_init(&counter);
	queue_work_on(1, system_bh_wq, &counter.work);
	EXPECT_TRUE(flush_work(&counter.work) || GET(counter.runs));
	EXPECT_EQ(1, GET(counter.runs));
	gate_open(&holder.go);
	flush_work(&holder.work);
}

/* An item that queues itself until told to stop. */
struct flood {
	struct work_struct work;
	struct workqueue_struct *wq;
	int stop, runs;	/* atomic */
};

static void flood(struct work_struct *work)
{
	struct flood *item = container_of(work, struct flood, work);

	ADD(item->runs, 1);
	if (!GET(item->stop))
		queue_work_on(0, item->wq, work);
}

static void *count_on(void *arg)
{
	long *count = arg;

	pin_to_real_cpu(0);
	for (int i = 0; i < 1000; i++)
		ADD(*count, 1);
	return NULL;
}

TEST(flood_starves_nobody)
{
	struct flood item = { .wq = system_bh_highpri_wq };
	struct counter counter;
	long count = 0;

	INIT_WORK(&item.work, flood);
	counter_init(&counter);
	queue_work_on(0, item.wq, &item.work);
	EXPECT_TRUE(COMES_TRUE(GET(item.runs) > 100));
	/* the other priority, and a thread on that CPU */
	queue_work_on(0, system_bh_wq, &counter.work);
	EXPECT_TRUE(COMES_TRUE(GET(counter.runs) == 1));
	run_threads(1, count_on, &count);
	EXPECT_EQ(1000, GET(count));
	EXPECT_FALSE(GET(item.stop));
	SET(item.stop, 1);
	flush_work(&item.work);
	cancel_work_sync(&item.work);
}

TEST_HARNESS_MAIN_CPUS(2)
