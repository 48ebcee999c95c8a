// SPDX-License-Identifier: MIT
/*
 * Proves C7: the workers take the items of one pwq in queueing order, and none
 * overtakes one that the limit holds back, while the limit goes up and down. The order
 * is read where items are taken, under the pool lock, so it is exact even when
 * the functions run side by side; that they begin in this order, too, is shown where only one
 * runs at a time.
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

static bool one_runs;			/* atomic: so the order of taking is that of beginning */

static int index_of(const struct work_struct *work)
{
	return work >= items && work < items + NR_MANY ? (int)(work - items) : -1;
}

/* For the holder of the lock of @pool: the first of @items on @list; NR_MANY = there is none. */
static int first_on(const struct list_head *list)
{
	struct work_struct *work;

	list_for_each_entry(work, list, entry)
		if (index_of(work) >= 0)
			return index_of(work);
	return NR_MANY;
}

/* @taken was taken, the last of its batch: nothing that was queued before it waits any more. */
static void nothing_older_waits(int taken)
{
	struct worker_pool *pool = this_worker->pool;
	struct pool_workqueue *pwq = this_worker->current_pwq;

	if (first_on(&pool->worklist) < taken || first_on(&pwq->inactive_works) < taken)
		ADD(out_of_order, 1);
	if (!inbox_empty_locked(&pool->inbox) && index_of(inbox_first(&pool->inbox)) >= 0 &&
	    index_of(inbox_first(&pool->inbox)) < taken)
		ADD(out_of_order, 1);
}

static void watch_taking(void)
{
	const struct batch *batch = &this_worker->batch;
	int last = index_of(this_worker->current_work);

	if (last < 0)
		return;
	for (unsigned int i = 0; i < batch->nr; i++) {
		if (index_of(batch->items[i].work) <= last)
			ADD(out_of_order, 1);
		last = index_of(batch->items[i].work);
	}
	nothing_older_waits(last);
}

static void watch_beginning(void)
{
	int index = index_of(this_worker->current_work);

	if (index < 0)
		return;
	if (index != GET(next_taken) && GET(one_runs))
		ADD(out_of_order, 1);
	SET(next_taken, index + 1);
}

static void watch_order(const char *point)
{
	if (!strcmp(point, "worker_chose") && index_of(this_worker->current_work) >= 0)
		nothing_older_waits(index_of(this_worker->current_work));
	if (!strcmp(point, "batch_taken"))
		watch_taking();
	if (!strcmp(point, "worker_begin"))
		watch_beginning();
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
	SET(one_runs, true);
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

	SET(one_runs, !(variant->flags & WQ_UNBOUND));
	for (round = 0; round < ROUNDS(200); round++) {
		begin_round();
		queue_all(self->wq, 0, NR_ITEMS);
		flush_workqueue(self->wq);
		ASSERT_EQ(NR_ITEMS, GET(nr_runs));
		if (GET(one_runs))
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

	if (KS_DELAYS)
		SKIP(return, "who computes sleeps, and others come");
	ASSERT_NOT_NULL(wq);
	/* nobody else comes for the items */
	WRITE_ONCE(wq_params.liveness_ms, 1000000);
	WRITE_ONCE(wq_params.cpu_intensive_thresh_us, 0);
	for (int i = 0; i < NR_MANY; i++)
		INIT_WORK(&items[i], count_run);
	INIT_WORK(&computes, compute_func);
	SET(one_runs, true);
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
