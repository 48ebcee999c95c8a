// SPDX-License-Identifier: MIT
/*
 * Proves: an inbox that is full gets some room by whoever finds it so. If nothing has been begun
 * since the last time, nobody comes for its items, and it is emptied. The items keep their
 * order through all of this (C7).
 */
#include "wq_test.h"

#define MOST	1500	/* it is full twice before that */

struct numbered {
	struct work_struct work;
	int number;
};

static struct numbered items[MOST];
static int order[MOST], nr_ran;	/* atomic */
static struct gate inside, go;

static void note(struct work_struct *work)
{
	SET(order[ADD(nr_ran, 1) - 1], container_of(work, struct numbered, work)->number);
}

/* Its thread sleeps, and nobody sees it. */
static void stand(struct work_struct *work)
{
	(void)work;
	gate_open(&inside);
	gate_wait(&go);
}

static unsigned int nr_in_inbox(struct worker_pool *pool)
{
	unsigned int nr;

	pool_lock_quick(pool);
	for (nr = 0; nr < INBOX_SIZE && inbox_has(&pool->inbox, pool->inbox.next + nr); nr++)
		;
	pool_unlock(pool);
	return nr;
}

/* Queue until that takes items out of the inbox; how many are left there? @nr: queued so far. */
static unsigned int fill(struct workqueue_struct *wq, int *nr)
{
	struct worker_pool *pool = wq->cpu_pwq[0]->pool;
	unsigned int before, after = nr_in_inbox(pool);

	do {
		before = after;
		queue_work_on(0, wq, &items[(*nr)++].work);
		after = nr_in_inbox(pool);
	} while (after > before && *nr < MOST);
	return after;
}

FIXTURE(inbox)
{
	struct workqueue_struct *wq;
	struct worker_pool *pool;
	struct work_struct standing;
};

FIXTURE_SETUP(inbox)
{
	self->wq = alloc_workqueue("full", WQ_PERCPU, 2048);
	ASSERT_NOT_NULL(self->wq);
	self->pool = self->wq->cpu_pwq[0]->pool;
	INIT_WORK(&self->standing, stand);
	for (int i = 0; i < MOST; i++) {
		items[i].number = i;
		INIT_WORK(&items[i].work, note);
	}
	stop_looks();
}

FIXTURE_TEARDOWN(inbox)
{
	start_looks();
	destroy_workqueue(self->wq);
}

/* The worker of the pool stands in a function from now on. */
static void hold(struct workqueue_struct *wq, struct work_struct *standing)
{
	SET(nr_ran, 0);
	gate_close(&inside);
	gate_close(&go);
	queue_work_on(0, wq, standing);
	gate_wait(&inside);
}

static void finish(struct __test_metadata *_metadata, struct workqueue_struct *wq, int nr)
{
	gate_open(&go);
	flush_workqueue(wq);
	ASSERT_EQ(nr, GET(nr_ran));
	for (int i = 0; i < nr; i++)
		ASSERT_EQ(i, GET(order[i]));
}

TEST_F(inbox, is_emptied_if_nobody_comes)
{
	int nr = 0;

	hold(self->wq, &self->standing);
	EXPECT_LT(INBOX_SIZE / 2, fill(self->wq, &nr));
	EXPECT_LT(INBOX_SIZE / 2, nr);
	EXPECT_EQ(0, fill(self->wq, &nr));
	EXPECT_GT(MOST, nr);
	finish(_metadata, self->wq, nr);
}

TEST_F(inbox, gets_some_room_if_items_are_begun)
{
	for (int round = 0; round < 3; round++) {
		int nr = 0;

		hold(self->wq, &self->standing);
		EXPECT_LT(INBOX_SIZE / 2, fill(self->wq, &nr));
		finish(_metadata, self->wq, nr);
	}
}

TEST_HARNESS_MAIN
