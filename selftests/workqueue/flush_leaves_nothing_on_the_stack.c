// SPDX-License-Identifier: MIT
/*
 * Proves C27 and catches B38 and B76: an item may live on the stack of a function that
 * flushes or cancels it before it returns, and what flush keeps on the waiter's stack
 * is not touched any more when the waiter goes on. The waiter overwrites the stack
 * that it has just left and looks, after the worker has gone on to the next item,
 * whether the pattern is still there. A completion that was found done by a look, without
 * sleeping, may go away at once: its page is unmapped.
 */
#include "wq_test.h"

#define USED_STACK	3000
#define PATTERN		0xa5

static struct workqueue_struct *wq;

/* Take the stack that the call before has used, and watch it while the worker goes on. */
static noinline bool stack_stays_quiet(struct counter *next)
{
	volatile unsigned char stack[USED_STACK];
	bool quiet = true;
	int i;

	for (i = 0; i < USED_STACK; i++)
		stack[i] = PATTERN;
	for (i = 0; i < 3; i++) {
		queue_work_on(0, wq, &next->work);
		flush_work(&next->work);
	}
	for (i = 0; i < USED_STACK; i++)
		quiet = quiet && stack[i] == PATTERN;
	return quiet;
}

/* An item of our own on the stack; deep, so that much is left behind. */
static noinline bool queue_and_wait(int depth, bool cancel)
{
	struct counter item;
	bool ran;

	if (depth)
		return queue_and_wait(depth - 1, cancel);
	INIT_WORK_ONSTACK(&item.work, counter_func);
	item.runs = item.inside = item.overlaps = 0;
	queue_work_on(0, wq, &item.work);
	if (cancel)
		ran = !cancel_work_sync(&item.work);
	else
		ran = flush_work(&item.work) || GET(item.runs);
	ran = ran == (GET(item.runs) == 1);
	destroy_work_on_stack(&item.work);
	return ran;
}

static void check(struct __test_metadata *_metadata, unsigned int flags)
{
	long until = now_ms() + 1500;
	struct counter next;
	int i;

	wq = alloc_workqueue("on_stack", flags, 0);
	ASSERT_NOT_NULL(wq);
	counter_init(&next);
	for (i = 0; go_on(i, ROUNDS(5000), until); i++) {
		ASSERT_TRUE(queue_and_wait(i % 4, i % 3 == 0));
		ASSERT_TRUE(stack_stays_quiet(&next));
	}
	destroy_workqueue(wq);
}

TEST(percpu)
{
	check(_metadata, WQ_PERCPU);
}

TEST(unbound)
{
	check(_metadata, WQ_UNBOUND);
}

/* Many waiters of one running item, each with a stack of its own that goes away. */
static struct blocker blocker;

static void *flush_and_look(void *arg)
{
	struct counter next;

	counter_init(&next);
	flush_work(&blocker.work);
	if (!stack_stays_quiet(&next))
		ADD(*(int *)arg, 1);
	return NULL;
}

TEST(many_waiters)
{
	pthread_t threads[16];
	int touched = 0, round, i;

	wq = alloc_workqueue("on_stack", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(wq);
	for (round = 0; round < 20; round++) {
		blocker_start_on(&blocker, 0, wq);
		for (i = 0; i < 16; i++)
			threads[i] = start_thread(flush_and_look, &touched);
		ASSERT_TRUE(COMES_TRUE(items_in_flight(wq) == 17));
		blocker_release(&blocker);
		for (i = 0; i < 16; i++)
			pthread_join(threads[i], NULL);
		ASSERT_EQ(0, GET(touched));
	}
	destroy_workqueue(wq);
}

/* B76 */
#define PAGE	4096

struct paged {
	struct work_struct work;	/* stays */
	struct completion *done;	/* in a page that goes away */
};

static void say_done(struct work_struct *work)
{
	complete(container_of(work, struct paged, work)->done);
}

TEST(completion_that_was_found_done_may_go_away)
{
	long until = now_ms() + 1500;
	struct paged item;
	int i;

	wq = alloc_workqueue("polled", WQ_PERCPU, 0);
	ASSERT_NOT_NULL(wq);
	INIT_WORK(&item.work, say_done);
	for (i = 0; go_on(i, ROUNDS(20000), until); i++) {
		item.done = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				 -1, 0);
		ASSERT_NE(MAP_FAILED, (void *)item.done);
		init_completion(item.done);
		queue_work_on((raw_smp_processor_id() + 1) % nr_cpu_ids, wq, &item.work);
		if (i % 2)
			while (!try_wait_for_completion(item.done))
				sched_yield();
		else
			wait_for_completion(item.done);
		munmap(item.done, PAGE);
		flush_work(&item.work);
	}
	TH_LOG("%d rounds", i);
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN_CPUS(2)
