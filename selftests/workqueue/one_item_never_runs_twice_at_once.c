// SPDX-License-Identifier: MIT
/*
 * Proves C17, C18 and C22, and C19 as far as it promises something; catches B59: an
 * item that is queued again while it runs waits for that run, in the pool in which it
 * runs, whatever CPU was asked for and though the queue's attributes changed; two
 * queues of one pool do not make it overlap; other items are not held up by it. Through
 * queues of different pools runs may overlap, and nothing hangs.
 */
#include "wq_test.h"

struct slow {
	struct work_struct work;
	struct completion started, release;
	int runs, inside, overlaps;	/* atomic */
	int cpu[2];			/* atomic: of the first two runs */
};

static void slow_func(struct work_struct *work)
{
	struct slow *slow = container_of(work, struct slow, work);
	int run = ADD(slow->runs, 1);

	if (ADD(slow->inside, 1) > 1)
		ADD(slow->overlaps, 1);
	if (run <= 2)
		SET(slow->cpu[run - 1], smp_processor_id());
	if (run == 1) {
		complete(&slow->started);
		wait_for_completion(&slow->release);
	}
	ADD(slow->inside, -1);
}

static void slow_start(struct slow *slow, int cpu, struct workqueue_struct *wq)
{
	memset(slow, 0, sizeof(*slow));
	INIT_WORK(&slow->work, slow_func);
	init_completion(&slow->started);
	init_completion(&slow->release);
	queue_work_on(cpu, wq, &slow->work);
	wait_for_completion(&slow->started);
}

static void run_counter(struct workqueue_struct *wq, int cpu)
{
	struct counter other;

	counter_init(&other);
	queue_work_on(cpu, wq, &other.work);
	flush_work(&other.work);
}

TEST(second_run_waits_in_the_pool_of_the_first)
{
	struct workqueue_struct *wq = alloc_workqueue("percpu", WQ_PERCPU, 0);
	struct slow slow;

	ASSERT_NOT_NULL(wq);
	slow_start(&slow, 0, wq);
	EXPECT_TRUE(queue_work_on(1, wq, &slow.work));
	/* both pools have served what came after it */
	run_counter(wq, 0);
	run_counter(wq, 1);
	EXPECT_EQ(1, GET(slow.runs));
	EXPECT_TRUE(work_pending(&slow.work));
	complete(&slow.release);
	flush_work(&slow.work);
	EXPECT_EQ(2, GET(slow.runs));
	EXPECT_EQ(0, GET(slow.overlaps));
	EXPECT_EQ(0, GET(slow.cpu[0]));
	EXPECT_EQ(0, GET(slow.cpu[1]));
	destroy_workqueue(wq);
}

TEST(second_run_waits_after_a_change_of_attributes)
{
	struct workqueue_struct *wq = alloc_workqueue("unbound", WQ_UNBOUND, 0);
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	struct slow slow;

	ASSERT_NOT_NULL(wq);
	ASSERT_NOT_NULL(attrs);
	slow_start(&slow, WORK_CPU_UNBOUND, wq);
	attrs->nice = 5;
	ASSERT_EQ(0, apply_workqueue_attrs(wq, attrs));
	EXPECT_TRUE(queue_work(wq, &slow.work));
	run_counter(wq, WORK_CPU_UNBOUND);
	EXPECT_EQ(1, GET(slow.runs));
	complete(&slow.release);
	flush_work(&slow.work);
	EXPECT_EQ(2, GET(slow.runs));
	EXPECT_EQ(0, GET(slow.overlaps));
	free_workqueue_attrs(attrs);
	destroy_workqueue(wq);
}

/* C18, C22: on the same CPU, through another queue; others pass. */
TEST(queues_of_one_pool_do_not_overlap)
{
	struct workqueue_struct *a = alloc_workqueue("a", WQ_PERCPU, 0);
	struct workqueue_struct *b = alloc_workqueue("b", WQ_PERCPU, 0);
	struct slow slow;

	ASSERT_NOT_NULL(a);
	ASSERT_NOT_NULL(b);
	slow_start(&slow, 2, a);
	EXPECT_TRUE(queue_work_on(2, b, &slow.work));
	run_counter(a, 2);
	run_counter(b, 2);
	EXPECT_EQ(1, GET(slow.runs));
	EXPECT_TRUE(work_pending(&slow.work));
	complete(&slow.release);
	flush_work(&slow.work);
	EXPECT_EQ(2, GET(slow.runs));
	EXPECT_EQ(0, GET(slow.overlaps));
	destroy_workqueue(a);
	destroy_workqueue(b);
}

/* C22, with a limit that leaves room for one more: the second instance takes the slot. */
TEST(blocked_item_holds_up_only_itself)
{
	unsigned int flags[] = { WQ_PERCPU, WQ_UNBOUND };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct workqueue_struct *wq = alloc_workqueue("wq%u", flags[i], 8, i);
		struct counter others[50];
		struct slow slow;
		int n;

		ASSERT_NOT_NULL(wq);
		slow_start(&slow, 0, wq);
		EXPECT_TRUE(queue_work_on(0, wq, &slow.work));
		for (n = 0; n < 50; n++) {
			counter_init(&others[n]);
			ASSERT_TRUE(queue_work_on(0, wq, &others[n].work));
		}
		for (n = 0; n < 50; n++) {
			flush_work(&others[n].work);
			EXPECT_EQ(1, GET(others[n].runs));
		}
		EXPECT_EQ(1, GET(slow.runs));
		complete(&slow.release);
		flush_work(&slow.work);
		EXPECT_EQ(2, GET(slow.runs));
		EXPECT_EQ(0, GET(slow.overlaps));
		destroy_workqueue(wq);
	}
}

/* C19: pools that do not know of each other. The overlap is allowed, hanging is not. */
TEST(queues_of_different_pools_do_not_hang)
{
	unsigned int flags[] = { WQ_PERCPU | WQ_HIGHPRI, WQ_UNBOUND };
	struct workqueue_struct *a = alloc_workqueue("a", WQ_PERCPU, 0);
	unsigned int i;

	ASSERT_NOT_NULL(a);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct workqueue_struct *b = alloc_workqueue("b", flags[i], 0);
		struct slow slow;

		ASSERT_NOT_NULL(b);
		slow_start(&slow, 0, a);
		EXPECT_TRUE(queue_work_on(0, b, &slow.work));
		run_counter(b, 0);
		complete(&slow.release);
		flush_work(&slow.work);
		EXPECT_EQ(2, GET(slow.runs));
		EXPECT_FALSE(cancel_work_sync(&slow.work));
		EXPECT_EQ(0, GET(slow.inside));
		destroy_workqueue(b);
	}
	destroy_workqueue(a);
}

/* ---- the same at random ---- */

struct jumper {
	struct work_struct work;
	struct workqueue_struct *wq;
	unsigned long plain;	/* plain: a race detector sees an overlap too */
	int inside, overlaps, accepted, runs;	/* atomic */
};

static void jump(struct work_struct *work)
{
	struct jumper *jumper = container_of(work, struct jumper, work);

	if (ADD(jumper->inside, 1) > 1)
		ADD(jumper->overlaps, 1);
	jumper->plain++;
	if (ADD(jumper->runs, 1) % 16 == 0)
		nap_us(20);
	ADD(jumper->inside, -1);
}

static void *queue_everywhere(void *arg)
{
	struct jumper *jumper = arg;
	static int seed;
	unsigned int n = ADD(seed, 1);

	for (int i = 0; i < ROUNDS(20000); i++) {
		n = n * 1664525u + 1013904223u;
		ADD(jumper->accepted, queue_work_on((n >> 16) % nr_cpu_ids, jumper->wq,
						    &jumper->work));
		if (n >> 29 == 0)
			sched_yield();
	}
	return NULL;
}

static void check_jumper(struct __test_metadata *_metadata, unsigned int flags)
{
	struct jumper jumper = { .wq = alloc_workqueue("jump", flags, 0) };

	ASSERT_NOT_NULL(jumper.wq);
	INIT_WORK(&jumper.work, jump);
	run_threads(4, queue_everywhere, &jumper);
	flush_work(&jumper.work);
	EXPECT_EQ(0, GET(jumper.overlaps));
	EXPECT_EQ(GET(jumper.accepted), GET(jumper.runs));
	EXPECT_EQ((unsigned long)GET(jumper.runs), jumper.plain);
	EXPECT_LT(0, GET(jumper.runs));
	destroy_workqueue(jumper.wq);
}

TEST(one_item_on_all_cpus)
{
	check_jumper(_metadata, WQ_PERCPU);
}

TEST(one_item_on_an_unbound_queue)
{
	check_jumper(_metadata, WQ_UNBOUND);
}

TEST(one_item_on_bottom_halves)
{
	check_jumper(_metadata, WQ_PERCPU | WQ_BH);
}

TEST_HARNESS_MAIN_CPUS(4)
