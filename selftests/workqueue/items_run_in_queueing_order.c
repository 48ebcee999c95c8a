// SPDX-License-Identifier: MIT
/*
 * Proves C7: the workers take the items of one pwq in queueing order, and none
 * overtakes one that the limit holds back, while the limit goes up and down. The order
 * is read where an item is chosen, under the pool lock, so it is exact even when
 * the functions run side by side.
 */
#include "cm_test.h"

#include "workqueue/workqueue_internal.h"

#define NR_ITEMS	1000
#define NR_MANY		5000	/* several times what the inbox holds */
#define FULL_ONCE	(INBOX_SIZE + INBOX_MAKE_ROOM / 4)

static struct work_struct items[NR_MANY];
static int next_taken, out_of_order;	/* atomic: under the pool lock, but read by the test */
static int nr_runs;			/* atomic */

static void count_run(struct work_struct *work)
{
	(void)work;
	ADD(nr_runs, 1);
}

static void watch_order(const char *point)
{
	struct work_struct *work;

	if (strcmp(point, "worker_begin"))
		return;
	work = this_worker->current_work;
	if (work < items || work >= items + NR_MANY)
		return;
	if (work - items != GET(next_taken))
		ADD(out_of_order, 1);
	SET(next_taken, work - items + 1);
}

FIXTURE(queue) {
	struct workqueue_struct *wq;
	int stop;	/* atomic */
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, cpu_intensive) { .flags = WQ_PERCPU | WQ_CPU_INTENSIVE };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };

FIXTURE_SETUP(queue)
{
	int i;

	self->wq = alloc_workqueue("in_order", variant->flags, 1);
	ASSERT_NOT_NULL(self->wq);
	for (i = 0; i < NR_MANY; i++)
		INIT_WORK(&items[i], count_run);
	SET(uwq_test_point_hook, watch_order);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

static void queue_all(struct workqueue_struct *wq, int from, int to)
{
	for (int i = from; i < to; i++)
		queue_work_on(0, wq, &items[i]);
}

static void begin_round(void)
{
	SET(next_taken, 0);
	SET(nr_runs, 0);
}

TEST_F(queue, one_at_a_time)
{
	queue_all(self->wq, 0, NR_ITEMS);
	flush_workqueue(self->wq);
	EXPECT_EQ(NR_ITEMS, GET(nr_runs));
	EXPECT_EQ(NR_ITEMS, GET(next_taken));
	EXPECT_EQ(0, GET(out_of_order));
}

/* Up with items waiting, some of them inactive, some still in the inbox; then down. */
TEST_F(queue, limit_changes_while_items_wait)
{
	struct blocker blocker;

	blocker_start_on(&blocker, 0, self->wq);
	queue_all(self->wq, 0, 300);
	workqueue_set_max_active(self->wq, 3);
	queue_all(self->wq, 300, 600);
	workqueue_set_max_active(self->wq, 100);
	workqueue_set_max_active(self->wq, 1);
	queue_all(self->wq, 600, NR_ITEMS);
	blocker_release(&blocker);
	flush_workqueue(self->wq);
	EXPECT_EQ(NR_ITEMS, GET(nr_runs));
	EXPECT_EQ(NR_ITEMS, GET(next_taken));
	EXPECT_EQ(0, GET(out_of_order));
}

static unsigned long nr_in_inbox(struct worker_pool *pool)
{
	return READ_ONCE(pool->inbox.hint) - pool->inbox.next;
}

static void *change_limit(void *arg)
{
	FIXTURE_DATA(queue) *self = arg;
	int n = 0;

	while (!GET(self->stop)) {
		workqueue_set_max_active(self->wq, n++ % 2 ? 1 : 2 + n % 50);
		sched_yield();
	}
	return NULL;
}

TEST_F(queue, limit_changes_all_the_time)
{
	pthread_t thread = start_thread(change_limit, self);
	int round;

	for (round = 0; round < ROUNDS(200); round++) {
		begin_round();
		queue_all(self->wq, 0, NR_ITEMS);
		flush_workqueue(self->wq);
		ASSERT_EQ(NR_ITEMS, GET(nr_runs));
		ASSERT_EQ(NR_ITEMS, GET(next_taken));
		ASSERT_EQ(0, GET(out_of_order));
	}
	SET(self->stop, 1);
	pthread_join(thread, NULL);
}

static int may_end;	/* atomic */

static void compute_func(struct work_struct *work)
{
	long until = now_ms() + 10000;

	(void)work;
	while (!GET(may_end) && now_ms() < until)
		sched_yield();
}

/* The lock is not held as long as it takes to empty the inbox, and the order is kept. */
TEST(full_inbox_is_moved_in_portions)
{
	struct workqueue_struct *wq = alloc_workqueue("full", WQ_PERCPU, 1);
	struct worker_pool *pool = pool_of_cpu(0, false);
	struct work_struct computes;

	ASSERT_NOT_NULL(wq);
	/* nobody else comes for the items */
	WRITE_ONCE(wq_params.liveness_ms, 1000000);
	WRITE_ONCE(wq_params.cpu_intensive_thresh_us, 0);
	for (int i = 0; i < NR_MANY; i++)
		INIT_WORK(&items[i], count_run);
	INIT_WORK(&computes, compute_func);
	SET(uwq_test_point_hook, watch_order);
	queue_work_on(0, wq, &computes);
	ASSERT_TRUE(COMES_TRUE(UNDER_POOL_LOCK(pool, pool->nr_started && !nr_in_inbox(pool))));
	queue_all(wq, 0, INBOX_SIZE / 2);
	EXPECT_EQ(INBOX_SIZE / 2, UNDER_POOL_LOCK(pool, nr_in_inbox(pool)));
	/* full once; where nobody comes, the second time is another matter */
	queue_all(wq, INBOX_SIZE / 2, FULL_ONCE);
	EXPECT_GE(UNDER_POOL_LOCK(pool, nr_in_inbox(pool)), INBOX_SIZE - INBOX_MAKE_ROOM -
		  INBOX_RETURN_EVERY);
	queue_all(wq, FULL_ONCE, NR_MANY);
	SET(may_end, 1);
	flush_workqueue(wq);
	EXPECT_EQ(NR_MANY, GET(nr_runs));
	EXPECT_EQ(0, GET(out_of_order));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
