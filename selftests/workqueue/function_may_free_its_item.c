// SPDX-License-Identifier: MIT
/*
 * Proves C23 and catches B66, B67 and B42: a function may free its own item, and the
 * library touches it neither in the worker after the call nor in the thread that
 * queued it after it was published. Each item has a page to itself that the function
 * unmaps, so any later access is a fault, with or without an address checker. After
 * the cancel that does not wait the function may still run; only the waiting one
 * makes it safe to free.
 */
#include "wq_test.h"

#include <linux/slab.h>

#define PAGE	4096

struct paged {
	struct work_struct work;
	int *gone;	/* atomic: how many were freed */
};

static struct paged *paged_new(int *gone)
{
	struct paged *item = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (item == MAP_FAILED)
		return NULL;
	item->gone = gone;
	return item;
}

static void unmap_item(struct work_struct *work)
{
	struct paged *item = container_of(work, struct paged, work);
	int *gone = item->gone;

	munmap(item, PAGE);
	ADD(*gone, 1);
}

FIXTURE(queue) {
	struct workqueue_struct *wq;
	int gone;	/* atomic */
};

FIXTURE_VARIANT(queue) {
	unsigned int flags;
	int max_active;
};

FIXTURE_VARIANT_ADD(queue, percpu) { .flags = WQ_PERCPU };
FIXTURE_VARIANT_ADD(queue, one_slot) { .flags = WQ_PERCPU, .max_active = 1 };
FIXTURE_VARIANT_ADD(queue, cpu_intensive) { .flags = WQ_PERCPU | WQ_CPU_INTENSIVE };
FIXTURE_VARIANT_ADD(queue, unbound) { .flags = WQ_UNBOUND };
FIXTURE_VARIANT_ADD(queue, ordered) { .flags = WQ_UNBOUND | __WQ_ORDERED, .max_active = 1 };
FIXTURE_VARIANT_ADD(queue, bottom_half) { .flags = WQ_PERCPU | WQ_BH };

FIXTURE_SETUP(queue)
{
	self->wq = alloc_workqueue("frees", variant->flags, variant->max_active);
	ASSERT_NOT_NULL(self->wq);
}

FIXTURE_TEARDOWN(queue)
{
	destroy_workqueue(self->wq);
}

TEST_F(queue, item_goes_away_in_its_function)
{
	int nr = ROUNDS(10000), i;

	for (i = 0; i < nr; i++) {
		struct paged *item = paged_new(&self->gone);

		ASSERT_NOT_NULL(item);
		INIT_WORK(&item->work, unmap_item);
		/* the other CPU executes it while this call is still at work */
		queue_work_on((raw_smp_processor_id() + 1) % nr_cpu_ids, self->wq, &item->work);
		if (i % 8 == 7)
			while (GET(self->gone) < i - 64)
				sched_yield();
	}
	flush_workqueue(self->wq);
	EXPECT_EQ(nr, GET(self->gone));
}

/* With waiters attached: their barriers hang on the item. */
static void *flush_item(void *work)
{
	return (void *)(long)flush_work(work);
}

static struct gate freeing;

static void unmap_when_told(struct work_struct *work)
{
	gate_wait(&freeing);
	unmap_item(work);
}

TEST_F(queue, item_goes_away_while_it_is_flushed)
{
	int i;

	for (i = 0; i < 50; i++) {
		struct paged *item = paged_new(&self->gone);
		pthread_t flusher;

		ASSERT_NOT_NULL(item);
		gate_close(&freeing);
		INIT_WORK(&item->work, unmap_when_told);
		queue_work(self->wq, &item->work);
		flusher = start_thread(flush_item, &item->work);
		ASSERT_TRUE(COMES_TRUE(items_in_flight(self->wq) == 2));
		gate_open(&freeing);
		pthread_join(flusher, NULL);
		flush_workqueue(self->wq);
	}
	EXPECT_EQ(50, GET(self->gone));
}

static void wait_to_be_told(struct work_struct *work)
{
	struct paged *item = container_of(work, struct paged, work);

	gate_wait(&freeing);
	ADD(*item->gone, 1);
}

/* B42 */
TEST_F(queue, cancel_that_does_not_wait_leaves_the_run)
{
	struct paged *item = paged_new(&self->gone);

	ASSERT_NOT_NULL(item);
	gate_close(&freeing);
	INIT_WORK(&item->work, wait_to_be_told);
	ASSERT_TRUE(queue_work(self->wq, &item->work));
	ASSERT_TRUE(COMES_TRUE(work_busy(&item->work) == WORK_BUSY_RUNNING));
	EXPECT_FALSE(cancel_work(&item->work));
	EXPECT_EQ(WORK_BUSY_RUNNING, work_busy(&item->work));
	EXPECT_EQ(0, GET(self->gone));
	gate_open(&freeing);
	EXPECT_FALSE(cancel_work_sync(&item->work));
	EXPECT_EQ(1, GET(self->gone));
	EXPECT_EQ(0u, work_busy(&item->work));
	munmap(item, PAGE);
}

/* The ordinary way to free, by kfree() in the function and poisoned first. */
struct pooled {
	struct work_struct work;
	int *gone;
	char rest[64];
};

static void poison_and_free(struct work_struct *work)
{
	struct pooled *item = container_of(work, struct pooled, work);
	int *gone = item->gone;

	memset(item, 0x6b, sizeof(*item));
	kfree(item);
	ADD(*gone, 1);
}

TEST_F(queue, item_is_poisoned_and_freed)
{
	int nr = ROUNDS(100000), i;

	for (i = 0; i < nr; i++) {
		struct pooled *item = kmalloc(sizeof(*item), GFP_KERNEL);

		ASSERT_NOT_NULL(item);
		item->gone = &self->gone;
		INIT_WORK(&item->work, poison_and_free);
		ASSERT_TRUE(queue_work(self->wq, &item->work));
	}
	flush_workqueue(self->wq);
	EXPECT_EQ(nr, GET(self->gone));
}

TEST_HARNESS_MAIN_CPUS(2)
