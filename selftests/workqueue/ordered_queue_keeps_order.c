// SPDX-License-Identifier: MIT
/*
 * Proves C21, C85, C86, C87, U29, B12, B13, B14: an ordered queue runs one item at a
 * time in the exact order of queueing, from all CPUs, while its attributes change all the
 * time; after a change everything that waited goes on; its limit cannot be changed, and it
 * cannot be made unordered.
 */
#include "wq_test.h"

#include <linux/mutex.h>
#include <linux/slab.h>

#define NR_PRODUCERS	16

static struct workqueue_struct *wq;
static DEFINE_MUTEX(stamp_lock);
static long next_stamp;		/* stamp_lock */
static long last_run;		/* the queue's own order protects it */
static int wrong, inside;	/* atomic */
static int stop;		/* atomic */

struct stamped {
	struct work_struct work;
	long stamp;
};

static void stamped_func(struct work_struct *work)
{
	struct stamped *stamped = container_of(work, struct stamped, work);

	if (ADD(inside, 1) != 1 || stamped->stamp != last_run + 1)
		ADD(wrong, 1);
	last_run = stamped->stamp;
	ADD(inside, -1);
	kfree(stamped);
}

static void queue_stamped(void)
{
	struct stamped *stamped = kmalloc(sizeof(*stamped), GFP_KERNEL);

	INIT_WORK(&stamped->work, stamped_func);
	mutex_lock(&stamp_lock);
	stamped->stamp = ++next_stamp;
	queue_work(wq, &stamped->work);
	mutex_unlock(&stamp_lock);
}

static void *produce(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(2000); i++)
		queue_stamped();
	return NULL;
}

static void change_attrs(int i, bool ordered)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	attrs->nice = i % 5;
	attrs->ordered = ordered;
	if (i % 3 == 0)
		cpumask_copy(attrs->cpumask, cpumask_of(i % 2 % nr_cpu_ids));
	if (apply_workqueue_attrs(wq, attrs))
		ADD(wrong, 1);
	free_workqueue_attrs(attrs);
}

static void *change(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS(1000) || !GET(stop); i++)
		change_attrs(i, i % 2);
	return NULL;
}

TEST(one_at_a_time_in_the_order_of_queueing)
{
	wq = alloc_ordered_workqueue("ordered", 0);
	run_threads(NR_PRODUCERS, produce, NULL);
	flush_workqueue(wq);
	EXPECT_EQ(NR_PRODUCERS * ROUNDS(2000), last_run);
	EXPECT_EQ(0, GET(wrong));
	destroy_workqueue(wq);
}

TEST_TIMEOUT(also_while_the_attributes_change, 60)
{
	pthread_t changer;

	wq = alloc_ordered_workqueue("ordered", 0);
	changer = start_thread(change, NULL);
	run_threads(NR_PRODUCERS, produce, NULL);
	SET(stop, 1);
	pthread_join(changer, NULL);
	flush_workqueue(wq);
	EXPECT_EQ(NR_PRODUCERS * ROUNDS(2000), last_run);
	EXPECT_EQ(0, GET(wrong));
	destroy_workqueue(wq);
}

TEST(everything_that_waited_goes_on_after_a_change)
{
	struct counter counters[10];
	struct blocker blocker;

	wq = alloc_ordered_workqueue("ordered", 0);
	blocker_start(&blocker, wq);
	change_attrs(1, true);
	for (int i = 0; i < 10; i++) {
		counter_init(&counters[i]);
		queue_work(wq, &counters[i].work);
	}
	/* a second change, with items in two pwqs */
	change_attrs(2, true);
	EXPECT_EQ(0, GET(counters[0].runs));
	blocker_release(&blocker);
	/* no event but the end of the first item */
	for (int i = 0; i < 10; i++)
		ASSERT_TRUE(COMES_TRUE(GET(counters[i].runs) == 1));
	destroy_workqueue(wq);
}

/* C21: queued again while it runs, and the pool has changed meanwhile. */
TEST(an_item_queued_again_during_a_change_does_not_overlap_itself)
{
	struct blocker blocker;

	wq = alloc_ordered_workqueue("ordered", 0);
	blocker_start(&blocker, wq);
	change_attrs(1, true);
	EXPECT_TRUE(queue_work(wq, &blocker.work));
	/* the new pwq is plugged; whoever could start the item has looked by now */
	EXPECT_TRUE(wq->dfl_pwq->plugged);
	__flush_workqueue(system_dfl_wq);
	EXPECT_FALSE(completion_done(&blocker.started));
	blocker_release(&blocker);
	wait_for_completion(&blocker.started);
	EXPECT_EQ(1, GET(blocker.runs));
	blocker_release(&blocker);
	destroy_workqueue(wq);
	EXPECT_EQ(2, GET(blocker.runs));
}

TEST(its_limit_cannot_be_changed)
{
	unsigned long warned = uwq_warn_count();

	log_count("WARNING");
	wq = alloc_ordered_workqueue("ordered", 0);
	workqueue_set_max_active(wq, 4);
	EXPECT_EQ(warned + 1, uwq_warn_count());
	EXPECT_EQ(1, wq->max_active);
	EXPECT_EQ(1, wq->dfl_pwq->max_active);
	destroy_workqueue(wq);
}

/* U29 */
TEST(it_cannot_be_made_unordered)
{
	struct counter counter;
	struct blocker blocker;

	wq = alloc_ordered_workqueue("ordered", 0);
	change_attrs(1, false);
	blocker_start(&blocker, wq);
	change_attrs(2, false);
	counter_init(&counter);
	queue_work(wq, &counter.work);
	EXPECT_TRUE(wq->dfl_pwq->plugged);
	EXPECT_EQ(0, GET(counter.runs));
	blocker_release(&blocker);
	flush_work(&counter.work);
	EXPECT_EQ(1, GET(counter.runs));
	destroy_workqueue(wq);
}

TEST(attributes_are_checked)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	struct workqueue_struct *percpu = alloc_workqueue("percpu", WQ_PERCPU, 0);
	unsigned long warned = uwq_warn_count();

	log_count("WARNING");
	wq = alloc_workqueue("unbound", WQ_UNBOUND, 0);
	EXPECT_EQ(-EINVAL, apply_workqueue_attrs(percpu, attrs));
	attrs->affn_scope = WQ_AFFN_NR_TYPES;
	EXPECT_EQ(-EINVAL, apply_workqueue_attrs(wq, attrs));
	EXPECT_EQ(warned + 2, uwq_warn_count());
	/* no CPU that exists: all are taken */
	attrs->affn_scope = WQ_AFFN_DFL;
	cpumask_clear(attrs->cpumask);
	EXPECT_EQ(0, apply_workqueue_attrs(wq, attrs));
	free_workqueue_attrs(attrs);
	free_workqueue_attrs(NULL);
	destroy_workqueue(wq);
	destroy_workqueue(percpu);
}

TEST_HARNESS_MAIN
