// SPDX-License-Identifier: MIT
/*
 * Proves C6: queueing allocates nothing and cannot fail for lack of memory. A million
 * items are queued while every allocation of the library is made to fail, and the
 * calls of malloc() and its kin by the queueing thread are counted, which is what an
 * allocation behind the library's back would show in. All items run. The items are
 * queued to workers that keep up, and to a queue that is blocked, so that the
 * inbox overflows into the lists.
 */
#include "wq_test.h"

#include <linux/jiffies.h>

/* ---- malloc() and its kin, counted; a sanitizer has its own, which stay ---- */

static __thread bool count_allocations;
static int nr_allocations;	/* atomic */

#ifndef UWQ_SANITIZE
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t align, size_t size);

static void note_allocation(void)
{
	if (count_allocations)
		ADD(nr_allocations, 1);
}

void *malloc(size_t size)
{
	note_allocation();
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	note_allocation();
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	note_allocation();
	return __libc_realloc(p, size);
}

void *memalign(size_t align, size_t size)
{
	note_allocation();
	return __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	note_allocation();
	return __libc_memalign(align, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
	note_allocation();
	*p = __libc_memalign(align, size);
	return *p ? 0 : ENOMEM;
}
#define CAN_COUNT	1
#else
#define CAN_COUNT	0
#endif

/* ---- */

#define NR_ITEMS	ROUNDS(1000000)

static struct work_struct *items;
static int nr_runs;	/* atomic */

static void count_run(struct work_struct *work)
{
	(void)work;
	ADD(nr_runs, 1);
}

FIXTURE(queue) {
	struct workqueue_struct *wq;
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };

FIXTURE_SETUP(queue)
{
	struct counter first;
	int i;

	self->wq = alloc_workqueue("no_memory", variant->flags, 1);
	ASSERT_NOT_NULL(self->wq);
	items = calloc(NR_ITEMS, sizeof(*items));
	ASSERT_NOT_NULL(items);
	for (i = 0; i < NR_ITEMS; i++)
		INIT_WORK(&items[i], count_run);
	/* workers are made when they are first needed, which takes memory */
	counter_init(&first);
	for_each_online_cpu(i) {
		queue_work_on(i, self->wq, &first.work);
		flush_work(&first.work);
	}
}

FIXTURE_TEARDOWN(queue)
{
	uwq_test_fail_alloc(0, 0);
	destroy_workqueue(self->wq);
	free(items);
}

static void no_memory_from_here(void)
{
	uwq_test_fail_alloc(1, -1);
	SET(nr_allocations, 0);
	count_allocations = true;
}

TEST_F_TIMEOUT(queue, million_items_without_memory, 60)
{
	int i, accepted = 0;

	no_memory_from_here();
	for (i = 0; i < NR_ITEMS; i++)
		accepted += queue_work(self->wq, &items[i]);
	count_allocations = false;
	EXPECT_EQ(NR_ITEMS, accepted);
	EXPECT_EQ(0, GET(nr_allocations));
	flush_workqueue(self->wq);
	EXPECT_EQ(NR_ITEMS, GET(nr_runs));
}

TEST_F_TIMEOUT(queue, million_items_wait_without_memory, 60)
{
	int cpu = cpumask_first(cpu_online_mask);
	struct blocker blocker;
	int i, accepted = 0;

	blocker_start_on(&blocker, cpu, self->wq);
	no_memory_from_here();
	for (i = 0; i < NR_ITEMS; i++)
		accepted += queue_work_on(cpu, self->wq, &items[i]);
	for (i = 0; i < NR_ITEMS; i += 2)
		accepted -= cancel_work(&items[i]);
	count_allocations = false;
	EXPECT_EQ(NR_ITEMS / 2, accepted);
	EXPECT_EQ(0, GET(nr_allocations));
	EXPECT_EQ(0, GET(nr_runs));
	blocker_release(&blocker);
	flush_workqueue(self->wq);
	EXPECT_EQ(NR_ITEMS / 2, GET(nr_runs));
}

#define NR_DELAYED	1000

TEST_F(queue, delayed_items_without_memory)
{
	struct delayed_work *dworks = calloc(NR_DELAYED, sizeof(*dworks));
	int i, accepted = 0, modified = 0;

	ASSERT_NOT_NULL(dworks);
	for (i = 0; i < NR_DELAYED; i++)
		INIT_DELAYED_WORK(&dworks[i], count_run);
	/* the timer thread comes with the first timer */
	queue_delayed_work(self->wq, &dworks[0], 1);
	flush_delayed_work(&dworks[0]);
	SET(nr_runs, 0);

	no_memory_from_here();
	for (i = 0; i < NR_DELAYED; i++)
		accepted += queue_delayed_work(self->wq, &dworks[i], 10 * HZ + i);
	for (i = 0; i < NR_DELAYED; i++)
		modified += mod_delayed_work(self->wq, &dworks[i], i % 20);
	count_allocations = false;
	EXPECT_EQ(NR_DELAYED, accepted);
	/* the ten seconds are not over: each was found in its timer */
	EXPECT_EQ(NR_DELAYED, modified);
	EXPECT_EQ(0, GET(nr_allocations));
	EXPECT_TRUE(COMES_TRUE(GET(nr_runs) == NR_DELAYED));
	for (i = 0; i < NR_DELAYED; i++)
		cancel_delayed_work_sync(&dworks[i]);
	free(dworks);
}

/* The counting itself: a library call that does allocate is seen both ways. */
TEST(counting_sees_allocations)
{
	struct workqueue_struct *wq;

	no_memory_from_here();
	wq = alloc_workqueue("fails", WQ_PERCPU, 0);
	count_allocations = false;
	EXPECT_NULL(wq);
	EXPECT_LT(0, uwq_test_alloc_calls());

	uwq_test_fail_alloc(0, 0);
	count_allocations = true;
	wq = alloc_workqueue("works", WQ_PERCPU, 0);
	count_allocations = false;
	ASSERT_NOT_NULL(wq);
	if (CAN_COUNT)
		EXPECT_LT(0, GET(nr_allocations));
	destroy_workqueue(wq);
}

TEST_HARNESS_MAIN
