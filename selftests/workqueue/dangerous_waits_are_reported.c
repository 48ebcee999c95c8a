// SPDX-License-Identifier: MIT
/*
 * Proves C44, C45, U26 and catches B17, B40: an item of a queue with MEM_RECLAIM, or a task that
 * frees memory, should not flush what may need memory, and is told once; cancelling is
 * fine. Somebody who waits for a function while he holds the mutex that it needs is told
 * within seconds. Flushing the queue that one runs on is refused.
 */
#include "wq_test.h"

#include <linux/mutex.h>

static struct workqueue_struct *plain, *reclaim;
static struct counter target;

struct waiter {
	struct work_struct work;
	void (*wait)(void);
};

static void waiter_func(struct work_struct *work)
{
	container_of(work, struct waiter, work)->wait();
}

/* Let the item go when the flush has put its barrier behind it. */
static void *release_when_flushed(void *blocker)
{
	COMES_TRUE(items_in_flight(plain) == 2);
	blocker_release(blocker);
	return NULL;
}

static void *release_when_queue_flushed(void *blocker)
{
	COMES_TRUE(UNDER_MUTEX(plain, plain->flush_color != plain->work_color));
	blocker_release(blocker);
	return NULL;
}

static void flush_item(void)
{
	struct blocker blocker;
	pthread_t releaser;

	blocker_start(&blocker, plain);
	releaser = start_thread(release_when_flushed, &blocker);
	flush_work(&blocker.work);
	pthread_join(releaser, NULL);
}

static void flush_queue(void)
{
	struct blocker blocker;
	pthread_t releaser;

	blocker_start(&blocker, plain);
	releaser = start_thread(release_when_queue_flushed, &blocker);
	flush_workqueue(plain);
	pthread_join(releaser, NULL);
}

static void flush_idle_queue(void)
{
	flush_workqueue(plain);
}

static void cancel_item(void)
{
	queue_work(plain, &target.work);
	cancel_work_sync(&target.work);
}

static unsigned long warnings_of(unsigned int flags, void (*wait)(void))
{
	unsigned long before = uwq_warn_count();
	struct waiter waiter = { .wait = wait };

	reclaim = alloc_workqueue("reclaim", WQ_UNBOUND | flags, 0);
	INIT_WORK(&waiter.work, waiter_func);
	queue_work(reclaim, &waiter.work);
	flush_work(&waiter.work);
	destroy_workqueue(reclaim);
	return uwq_warn_count() - before;
}

FIXTURE(queues) {
};

FIXTURE_SETUP(queues)
{
	log_count("reclaims memory");
	plain = alloc_workqueue("plain", WQ_UNBOUND, 0);
	counter_init(&target);
}

FIXTURE_TEARDOWN(queues)
{
	destroy_workqueue(plain);
}

TEST_F(queues, a_reclaiming_item_that_flushes_is_told)
{
	EXPECT_EQ(1, warnings_of(WQ_MEM_RECLAIM, flush_item));
	EXPECT_EQ(1, warnings_of(WQ_MEM_RECLAIM, flush_queue));
	EXPECT_EQ(1, GET(log_hits));	/* counted each time, said once */
}

TEST_F(queues, cancelling_and_harmless_queues_are_not)
{
	EXPECT_EQ(0, warnings_of(WQ_MEM_RECLAIM, cancel_item));
	EXPECT_EQ(0, warnings_of(WQ_MEM_RECLAIM, flush_idle_queue));
	EXPECT_EQ(0, warnings_of(WQ_MEM_RECLAIM | __WQ_LEGACY, flush_item));
	EXPECT_EQ(0, warnings_of(0, flush_item));
	EXPECT_EQ(0, warnings_of(0, flush_queue));
	EXPECT_EQ(0, GET(log_hits));
}

TEST_F(queues, a_task_that_frees_memory_is_told)
{
	unsigned long before = uwq_warn_count();

	current->flags |= PF_MEMALLOC;
	flush_queue();
	cancel_item();
	flush_idle_queue();
	current->flags &= ~PF_MEMALLOC;
	EXPECT_EQ(before + 1, uwq_warn_count());
	EXPECT_EQ(1, GET(log_hits));
}

/* The two have a place of their own, so that one does not hide the other. */
TEST_F(queues, items_and_tasks_are_told_apart)
{
	EXPECT_EQ(1, warnings_of(WQ_MEM_RECLAIM, flush_queue));
	current->flags |= PF_MEMALLOC;
	flush_queue();
	current->flags &= ~PF_MEMALLOC;
	EXPECT_EQ(2, GET(log_hits));
}

static DEFINE_MUTEX(lock);
static struct completion inside;

static void locking_func(struct work_struct *work)
{
	(void)work;
	complete(&inside);
	mutex_lock(&lock);
	mutex_unlock(&lock);
}

static void *cancel_with_lock_held(void *work)
{
	mutex_lock(&lock);
	queue_work(plain, work);
	wait_for_completion(&inside);
	cancel_work_sync(work);
	return NULL;
}

TEST(waiting_with_the_lock_that_the_function_needs_is_told)
{
	static struct work_struct work;

	plain = alloc_workqueue("plain", WQ_UNBOUND, 0);
	log_count("deadlock");
	init_completion(&inside);
	INIT_WORK(&work, locking_func);
	start_thread(cancel_with_lock_held, &work);
	EXPECT_TRUE(COMES_TRUE(GET(log_hits) > 0));
	/* nothing can free the two: they stay until the process ends */
}

static void flush_own_queue(void)
{
	flush_workqueue(reclaim);
}

TEST_F(queues, flushing_the_queue_one_runs_on_is_refused)
{
	EXPECT_EQ(1, warnings_of(0, flush_own_queue));
}

TEST_HARNESS_MAIN
