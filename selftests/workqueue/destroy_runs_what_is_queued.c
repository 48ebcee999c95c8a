// SPDX-License-Identifier: MIT
/*
 * Proves C51, C52, C53, C55, B44, B61, B77: destroying a queue first runs what is pending,
 * active or not, and what the items queue themselves; it may follow a burst that is
 * still making workers; and a queue that something holds on to is reported and kept.
 */
#include "wq_test.h"

#define NR_ITEMS	10000

static int runs;	/* atomic */

static void count_run(struct work_struct *work)
{
	(void)work;
	ADD(runs, 1);
}

static struct work_struct items[NR_ITEMS];

static void destroy_with_items(struct __test_metadata *_metadata, unsigned int flags,
			       int max_active)
{
	struct workqueue_struct *wq = alloc_workqueue("destroyed", flags, max_active);

	ASSERT_NOT_NULL(wq);
	SET(runs, 0);
	for (int i = 0; i < NR_ITEMS; i++) {
		INIT_WORK(&items[i], count_run);
		queue_work_on(i % nr_cpu_ids, wq, &items[i]);
	}
	destroy_workqueue(wq);
	EXPECT_EQ(NR_ITEMS, GET(runs));
}

TEST(percpu)
{
	destroy_with_items(_metadata, WQ_PERCPU, 0);
}

TEST(unbound)
{
	destroy_with_items(_metadata, WQ_UNBOUND, 0);
}

TEST(held_back_by_the_limit)
{
	destroy_with_items(_metadata, WQ_UNBOUND, 1);
}

TEST(bottom_half)
{
	destroy_with_items(_metadata, WQ_BH | WQ_PERCPU, 0);
}

/* Sleeps, so that workers are being made while the queue is destroyed. */
static void nap_func(struct work_struct *work)
{
	(void)work;
	nap_us(100);
	ADD(runs, 1);
}

TEST(right_after_a_burst_that_makes_workers)
{
	struct work_struct burst[20];

	SET(runs, 0);
	for (int round = 0; round < 50; round++) {
		struct workqueue_struct *wq = alloc_workqueue("burst", WQ_UNBOUND, 0);

		for (int i = 0; i < 20; i++) {
			INIT_WORK(&burst[i], nap_func);
			queue_work(wq, &burst[i]);
		}
		destroy_workqueue(wq);
		ASSERT_EQ(20 * (round + 1), GET(runs));
	}
}

TEST(a_name_is_free_again_at_once)
{
	for (int i = 0; i < 200; i++) {
		struct workqueue_struct *wq = alloc_workqueue("same_name", WQ_UNBOUND, 0);

		ASSERT_NOT_NULL(wq);
		destroy_workqueue(wq);
	}
}

static void *destroy_thread(void *wq)
{
	destroy_workqueue((struct workqueue_struct *)wq);
	return NULL;
}

/* What no user can bring about: after the drain a flush is still open. */
TEST(a_queue_that_is_held_is_not_freed)
{
	struct workqueue_struct *wq = alloc_workqueue("held", WQ_UNBOUND, 0);
	unsigned long warned = uwq_warn_count();
	struct counter outsider;
	pthread_t destroyer;

	log_count("busy after it was drained");
	hold_next("destroy_drained");
	destroyer = start_thread(destroy_thread, wq);
	hold_wait();
	wq->flush_color = next_color(wq->work_color);
	hold_release();
	pthread_join(destroyer, NULL);
	EXPECT_EQ(warned + 1, uwq_warn_count());
	EXPECT_LT(0, GET(log_hits));
	/* still there, and it refuses outsiders */
	counter_init(&outsider);
	EXPECT_TRUE(queue_work(wq, &outsider.work));
	EXPECT_FALSE(work_pending(&outsider.work));
	EXPECT_EQ(0, GET(outsider.runs));
	wq->flush_color = wq->work_color;
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
