// SPDX-License-Identifier: MIT
/*
 * Proves C21: on an ordered queue the order alone keeps runs of an item apart, also when
 * the attributes change while it runs and is queued again: the second run comes
 * after the first, and after everything that was queued in between, in the new pool.
 */
#include "wq_test.h"

struct step {
	struct work_struct work;
	int *order, place;	/* of the latest run */
};

static int inside, overlaps;	/* atomic */

static void take_place(struct work_struct *work)
{
	struct step *step = container_of(work, struct step, work);

	if (ADD(inside, 1) > 1)
		ADD(overlaps, 1);
	SET(step->place, ADD(*step->order, 1));
	ADD(inside, -1);
}

static struct gate entered, leave;

static void take_place_and_wait(struct work_struct *work)
{
	take_place(work);
	ADD(inside, 1);
	gate_open(&entered);
	gate_wait(&leave);
	ADD(inside, -1);
}

static void check(struct __test_metadata *_metadata, struct workqueue_struct *wq,
		  struct workqueue_attrs *attrs, int nice)
{
	struct step again, between[10];
	int order = 0, i;

	gate_close(&entered);
	gate_close(&leave);
	again.order = &order;
	INIT_WORK(&again.work, take_place_and_wait);
	ASSERT_TRUE(queue_work(wq, &again.work));
	gate_wait(&entered);
	/* the limit of the old pool does not say what happens in the new one */
	for (i = 0; i < 10; i++) {
		between[i].order = &order;
		INIT_WORK(&between[i].work, take_place);
		if (i == 3 || i == 6) {
			attrs->nice = nice + i;
			ASSERT_EQ(0, apply_workqueue_attrs(wq, attrs));
		}
		ASSERT_TRUE(queue_work(wq, &between[i].work));
	}
	ASSERT_TRUE(queue_work(wq, &again.work));
	EXPECT_EQ(1, GET(order));
	gate_open(&leave);
	flush_work(&again.work);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(i + 2, GET(between[i].place));
	EXPECT_EQ(12, GET(again.place));
	EXPECT_EQ(0, GET(overlaps));
}

TEST(attributes_change_while_an_item_runs_and_is_queued_again)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered", 0);
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int round;

	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(attrs);
	for (round = 0; round < 20; round++)
		check(_metadata, wq, attrs, round % 3);
	free_workqueue_attrs(attrs);
	destroy_workqueue(wq);
}

/* The same with a thread that changes attributes all the time. */
static int stop;	/* atomic */

static void *change_attrs(void *arg)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int n = 0;

	while (attrs && !GET(stop)) {
		attrs->nice = n++ % 4;
		apply_workqueue_attrs(arg, attrs);
	}
	free_workqueue_attrs(attrs);
	return NULL;
}

struct requeuer {
	struct work_struct work;
	struct workqueue_struct *wq;
	int left;
	struct completion done;
};

static void queue_again(struct work_struct *work)
{
	struct requeuer *item = container_of(work, struct requeuer, work);

	if (ADD(inside, 1) > 1)
		ADD(overlaps, 1);
	for (int i = 0; i < 100; i++)
		cpu_relax();
	if (item->left-- > 0)
		queue_work(item->wq, work);
	else
		complete(&item->done);
	ADD(inside, -1);
}

TEST(items_queue_themselves_while_attributes_change)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered", 0);
	struct requeuer items[3];
	pthread_t thread;
	int i;

	ASSERT_NOT_NULL(wq);
	thread = start_thread(change_attrs, wq);
	for (i = 0; i < 3; i++) {
		items[i].wq = wq;
		items[i].left = ROUNDS(1000);
		init_completion(&items[i].done);
		INIT_WORK(&items[i].work, queue_again);
		ASSERT_TRUE(queue_work(wq, &items[i].work));
	}
	for (i = 0; i < 3; i++)
		wait_for_completion(&items[i].done);
	SET(stop, 1);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, GET(overlaps));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
