// SPDX-License-Identifier: MIT
/*
 * Proves C10 and C78: who meets an item that another thread is just handing to a queue
 * sees everything that was done to it before, though no lock connects the two: the item
 * was taken off the list of one pool, armed, and its timer is about to publish it in
 * another pool. Reading its links there must be neither a race nor old news. The thread
 * sanitizer is the judge; the test itself orders its threads with relaxed atomics only,
 * of which that one takes no notice.
 */
#include "wq_test.h"

static struct delayed_work dwork;
static struct blocker in_from, in_to;	/* so that the item stays where it is */
static int runs;	/* atomic */
static int published;	/* relaxed: the timer's function is at the point */
static int go;		/* relaxed: it may go on */

static void note_run(struct work_struct *work)
{
	(void)work;
	ADD(runs, 1);
}

static void relaxed_hook(const char *name)
{
	if (!strcmp(name, "grab_backoff"))
		__atomic_store_n(&go, 1, __ATOMIC_RELAXED);
	if (strcmp(name, "queue_owned"))
		return;
	__atomic_store_n(&published, 1, __ATOMIC_RELAXED);
	while (!__atomic_load_n(&go, __ATOMIC_RELAXED))
		nap_us(100);
}

static void *take_off_and_arm(void *to)
{
	return (void *)(long)mod_delayed_work(to, &dwork, 1);
}

static void *cancel_as_a_rival(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&published, __ATOMIC_RELAXED))
		nap_us(100);
	return (void *)(long)cancel_delayed_work(&dwork);
}

static bool one_round(struct workqueue_struct *from, struct workqueue_struct *to)
{
	pthread_t owner, rival;
	void *moved, *taken;

	published = 0;
	go = 0;
	queue_delayed_work_on(0, from, &dwork, 0);
	SET(uwq_test_point_hook, relaxed_hook);
	pthread_create(&rival, NULL, cancel_as_a_rival, NULL);
	pthread_create(&owner, NULL, take_off_and_arm, to);
	pthread_join(rival, &taken);
	pthread_join(owner, &moved);
	SET(uwq_test_point_hook, NULL);
	return moved && taken && !delayed_work_pending(&dwork);
}

TEST(links_are_read_as_they_were_left)
{
	struct workqueue_struct *from = alloc_workqueue("from", WQ_PERCPU, 1);
	struct workqueue_struct *to = alloc_workqueue("to", WQ_UNBOUND, 1);

	INIT_DELAYED_WORK(&dwork, note_run);
	blocker_start_on(&in_from, 0, from);
	blocker_start(&in_to, to);
	for (int round = 0; round < 30; round++)
		ASSERT_TRUE(one_round(from, to));
	blocker_release(&in_from);
	blocker_release(&in_to);
	flush_workqueue(from);
	flush_workqueue(to);
	EXPECT_EQ(0, GET(runs));
	destroy_workqueue(from);
	destroy_workqueue(to);
}

TEST_HARNESS_MAIN
