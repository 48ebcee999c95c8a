// SPDX-License-Identifier: MIT
/*
 * Proves C7, C35 and C63 for the item that waits longest for an active slot, right after the one
 * before it got one: it can be cancelled, with or without somebody who flushes it, and starts
 * in its turn if somebody does. Those behind it keep their order.
 */
#include "wq_test.h"

#define NR_WAITING	4

struct numbered {
	struct work_struct work;
	int turn;	/* atomic: the how-manieth it was; 0 = it has not run */
};

static int turns;	/* atomic */

static void numbered_func(struct work_struct *work)
{
	SET(container_of(work, struct numbered, work)->turn, ADD(turns, 1));
}

static void *flush(void *work)
{
	flush_work(work);
	return NULL;
}

/* One is over and has left its slot to @next, @holding has the other one; the rest waits. */
struct scene {
	struct workqueue_struct *wq;
	struct blocker over, holding, next;
	struct numbered waiting[NR_WAITING];
};

static void set_up(struct __test_metadata *_metadata, struct scene *scene, unsigned int flags)
{
	int i;

	SET(turns, 0);
	scene->wq = alloc_workqueue("waiting", flags, 2);
	ASSERT_NOT_NULL(scene->wq);
	blocker_start_on(&scene->over, 0, scene->wq);
	blocker_start_on(&scene->holding, 0, scene->wq);
	blocker_init(&scene->next);
	ASSERT_TRUE(queue_work_on(0, scene->wq, &scene->next.work));
	for (i = 0; i < NR_WAITING; i++) {
		INIT_WORK(&scene->waiting[i].work, numbered_func);
		SET(scene->waiting[i].turn, 0);
		ASSERT_TRUE(queue_work_on(0, scene->wq, &scene->waiting[i].work));
	}
	/* a look under the lock: they are on lists */
	ASSERT_EQ(NR_WAITING + 3, items_in_flight(scene->wq));
	blocker_release(&scene->over);
	wait_for_completion(&scene->next.started);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(scene->wq) == NR_WAITING + 2));
}

/* Those from @first on run in their order, and nothing else did or does. */
static void finish(struct __test_metadata *_metadata, struct scene *scene, int first)
{
	int i;

	/* one slot is left to them, so each ends before the next one begins */
	blocker_release(&scene->holding);
	ASSERT_TRUE(COMES_TRUE(GET(turns) == NR_WAITING - first));
	blocker_release(&scene->next);
	flush_workqueue(scene->wq);
	for (i = 0; i < NR_WAITING; i++)
		EXPECT_EQ(i < first ? 0 : i - first + 1, GET(scene->waiting[i].turn));
	EXPECT_EQ(0, items_in_flight(scene->wq));
	destroy_workqueue(scene->wq);
}

static void check_cancelled(struct __test_metadata *_metadata, unsigned int flags, bool sync)
{
	struct work_struct *work;
	struct scene scene;

	set_up(_metadata, &scene, flags);
	work = &scene.waiting[0].work;
	EXPECT_TRUE(sync ? cancel_work_sync(work) : cancel_work(work));
	EXPECT_EQ(NR_WAITING + 1, items_in_flight(scene.wq));
	/* the memory may be used for something else */
	memset(&scene.waiting[0], 0, sizeof(scene.waiting[0]));
	finish(_metadata, &scene, 1);
}

TEST(cancelled)
{
	check_cancelled(_metadata, WQ_UNBOUND, false);
	check_cancelled(_metadata, WQ_PERCPU, false);
}

TEST(cancelled_and_waited_for)
{
	check_cancelled(_metadata, WQ_UNBOUND, true);
	check_cancelled(_metadata, WQ_PERCPU, true);
}

TEST(cancelled_while_flushed)
{
	struct scene scene;
	pthread_t flusher;

	set_up(_metadata, &scene, WQ_UNBOUND);
	flusher = start_thread(flush, &scene.waiting[0].work);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(scene.wq) == NR_WAITING + 3));
	EXPECT_TRUE(cancel_work(&scene.waiting[0].work));
	/* no slot is free, and it needs none */
	pthread_join(flusher, NULL);
	EXPECT_EQ(0, GET(turns));
	finish(_metadata, &scene, 1);
}

TEST(started_while_flushed)
{
	struct scene scene;
	pthread_t flusher;

	set_up(_metadata, &scene, WQ_UNBOUND);
	flusher = start_thread(flush, &scene.waiting[0].work);
	ASSERT_TRUE(COMES_TRUE(items_in_flight(scene.wq) == NR_WAITING + 3));
	blocker_release(&scene.holding);
	pthread_join(flusher, NULL);
	EXPECT_LE(1, GET(scene.waiting[0].turn));
	finish(_metadata, &scene, 0);
}

/* All of them, each the first when its turn comes. */
TEST(cancelled_one_after_the_other)
{
	struct scene scene;
	int i;

	set_up(_metadata, &scene, WQ_UNBOUND);
	for (i = 0; i < NR_WAITING; i++)
		EXPECT_TRUE(cancel_work(&scene.waiting[i].work));
	EXPECT_EQ(2, items_in_flight(scene.wq));
	finish(_metadata, &scene, NR_WAITING);
}

TEST_HARNESS_MAIN
