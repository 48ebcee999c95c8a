// SPDX-License-Identifier: MIT
/*
 * Proves C46, C48, C49, C50, B54, B61: while a queue is drained its own functions may
 * queue on it, nobody else may; on return nothing is left; drains nest; and one that
 * cannot end says so.
 */
#include "wq_test.h"

struct chain {
	struct work_struct work;
	struct workqueue_struct *wq;
	int links;	/* atomic: still to run */
	int runs;	/* atomic */
};

static void chain_func(struct work_struct *work)
{
	struct chain *chain = container_of(work, struct chain, work);

	ADD(chain->runs, 1);
	if (ADD(chain->links, -1) > 0)
		queue_work(chain->wq, work);
}

static void chain_init(struct chain *chain, struct workqueue_struct *wq, int links)
{
	INIT_WORK(&chain->work, chain_func);
	chain->wq = wq;
	SET(chain->links, links);
	SET(chain->runs, 0);
}

TEST(chains_are_drained_to_their_end)
{
	struct workqueue_struct *wq = alloc_workqueue("drained", WQ_UNBOUND, 0);
	struct chain chains[16];

	for (int i = 0; i < 16; i++) {
		chain_init(&chains[i], wq, 5);
		queue_work(wq, &chains[i].work);
	}
	drain_workqueue(wq);
	for (int i = 0; i < 16; i++)
		EXPECT_EQ(5, GET(chains[i].runs));
	EXPECT_EQ(0, items_in_flight(wq));
	destroy_workqueue(wq);
}

static void *drain_thread(void *wq)
{
	drain_workqueue((struct workqueue_struct *)wq);
	return NULL;
}

TEST(outsiders_are_refused_until_the_last_drain_ends)
{
	struct workqueue_struct *wq = alloc_workqueue("drained", WQ_UNBOUND, 0);
	struct workqueue_struct *other = alloc_workqueue("other", WQ_UNBOUND, 0);
	struct blocker blocker;
	struct counter outsider;
	struct chain foreign;
	pthread_t drainers[3];

	log_count("being drained");
	blocker_start(&blocker, wq);
	for (int i = 0; i < 3; i++)
		drainers[i] = start_thread(drain_thread, wq);
	ASSERT_TRUE(COMES_TRUE(UNDER_MUTEX(wq, wq->nr_drainers) == 3));

	counter_init(&outsider);
	/* U28: the kernel says true, and so do we; the item is idle at once */
	EXPECT_TRUE(queue_work(wq, &outsider.work));
	EXPECT_FALSE(work_pending(&outsider.work));
	EXPECT_LT(0, GET(log_hits));

	/* the function of another queue is an outsider too */
	chain_init(&foreign, wq, 2);
	queue_work(other, &foreign.work);
	flush_workqueue(other);
	EXPECT_EQ(1, GET(foreign.runs));
	EXPECT_FALSE(work_pending(&foreign.work));

	blocker_release(&blocker);
	for (int i = 0; i < 3; i++)
		pthread_join(drainers[i], NULL);
	EXPECT_EQ(0, GET(outsider.runs));
	EXPECT_TRUE(queue_work(wq, &outsider.work));
	flush_work(&outsider.work);
	EXPECT_EQ(1, GET(outsider.runs));
	destroy_workqueue(wq);
	destroy_workqueue(other);
}

TEST(a_drain_that_does_not_end_says_so)
{
	struct workqueue_struct *wq = alloc_workqueue("endless", WQ_UNBOUND, 0);
	struct chain chain;
	pthread_t drainer;

	log_count("rounds of draining");
	chain_init(&chain, wq, INT_MAX);
	queue_work(wq, &chain.work);
	drainer = start_thread(drain_thread, wq);
	/* at rounds 10 and 100 */
	ASSERT_TRUE(COMES_TRUE(GET(log_hits) >= 2));
	SET(chain.links, 0);
	pthread_join(drainer, NULL);
	EXPECT_EQ(0, items_in_flight(wq));
	destroy_workqueue(wq);
}

TEST(a_queue_with_many_workers_is_empty_after_drain)
{
	struct workqueue_struct *wq = alloc_workqueue("drained", WQ_UNBOUND, 0);
	struct blocker blockers[32];
	pthread_t drainer;

	for (int i = 0; i < 32; i++)
		blocker_start(&blockers[i], wq);
	drainer = start_thread(drain_thread, wq);
	for (int i = 31; i >= 0; i--) {
		EXPECT_EQ(EBUSY, pthread_tryjoin_np(drainer, NULL));
		blocker_release(&blockers[i]);
	}
	pthread_join(drainer, NULL);
	for (int i = 0; i < 32; i++)
		EXPECT_EQ(1, GET(blockers[i].runs));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
