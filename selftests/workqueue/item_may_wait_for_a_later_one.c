// SPDX-License-Identifier: MIT
/*
 * Proves C100, catches B59: a function may sleep until an item that was queued later, on the same
 * queue or another, has run. The pool sends other workers, in a chain of any length, on
 * per-CPU and unbound queues; none of the items runs twice and none is lost.
 */
#include "wq_test.h"

#define CHAIN	40

struct link {
	struct work_struct work;
	struct link *next;
	struct completion done;
	int runs;	/* atomic */
};

static void wait_for_next(struct work_struct *work)
{
	struct link *link = container_of(work, struct link, work);

	ADD(link->runs, 1);
	if (link->next)
		wait_for_completion(&link->next->done);
	complete(&link->done);
}

static void check(struct __test_metadata *_metadata, struct workqueue_struct **wqs, int nr_wqs)
{
	struct link links[CHAIN];
	int i;

	for (i = 0; i < CHAIN; i++) {
		links[i].next = i < CHAIN - 1 ? &links[i + 1] : NULL;
		links[i].runs = 0;
		init_completion(&links[i].done);
		INIT_WORK(&links[i].work, wait_for_next);
	}
	for (i = 0; i < CHAIN; i++)
		ASSERT_TRUE(queue_work_on(0, wqs[i % nr_wqs], &links[i].work));
	wait_for_completion(&links[0].done);
	for (i = 0; i < CHAIN; i++) {
		flush_work(&links[i].work);
		EXPECT_EQ(1, GET(links[i].runs));
	}
}

TEST(chain_on_a_percpu_queue)
{
	struct workqueue_struct *wq = alloc_workqueue("chain", WQ_PERCPU, 0);

	ASSERT_NOT_NULL(wq);
	for (int i = 0; i < 10; i++)
		check(_metadata, &wq, 1);
	destroy_workqueue(wq);
}

TEST(chain_on_an_unbound_queue)
{
	struct workqueue_struct *wq = alloc_workqueue("chain", WQ_UNBOUND, 0);

	ASSERT_NOT_NULL(wq);
	for (int i = 0; i < 10; i++)
		check(_metadata, &wq, 1);
	destroy_workqueue(wq);
}

TEST(chain_through_several_queues)
{
	struct workqueue_struct *wqs[4] = {
		alloc_workqueue("a", WQ_PERCPU, 0),
		alloc_workqueue("b", WQ_UNBOUND, 0),
		alloc_workqueue("c", WQ_PERCPU | WQ_HIGHPRI, 0),
		alloc_workqueue("d", WQ_PERCPU | WQ_CPU_INTENSIVE, 0),
	};
	int i;

	for (i = 0; i < 10; i++)
		check(_metadata, wqs, 4);
	for (i = 0; i < 4; i++)
		destroy_workqueue(wqs[i]);
}

TEST_HARNESS_MAIN
