// SPDX-License-Identifier: MIT
/*
 * lifetime.c - when an item, or its queue, may go away (C23-C28)
 */
#include "ktap.h"

#define NR_FREED	500

struct mortal {
	struct work_struct work;
	char payload[64];
};

static atomic_t nr_freed;

static void mortal_func(struct work_struct *work)
{
	struct mortal *m = container_of(work, struct mortal, work);

	memset(m, 0x6b, sizeof(*m));
	kfree(m);
	atomic_inc(&nr_freed);
}

static void free_in_function(unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_mortal", flags, 0);
	int i;

	atomic_set(&nr_freed, 0);
	for (i = 0; i < NR_FREED; i++) {
		struct mortal *m = kmalloc(sizeof(*m), GFP_KERNEL);

		INIT_WORK(&m->work, mortal_func);
		CHECK(queue_work(wq, &m->work));
	}
	flush_workqueue(wq);
	CHECK_EQ(NR_FREED, atomic_read(&nr_freed));
	destroy_workqueue(wq);
}

static void c23_percpu(void)
{
	free_in_function(KTAP_PERCPU);
}

static void c23_unbound(void)
{
	free_in_function(WQ_UNBOUND);
}

/* An item whose function says nothing about itself: it may be another by then. */
static struct {
	struct work_struct work;
	struct completion started, go;
	atomic_t runs, others;
} site;

static void site_func(struct work_struct *work)
{
	atomic_inc(&site.runs);
	complete(&site.started);
	CHECK(wait_for_completion_timeout(&site.go, 2 * LONG_TIME) > 0);
}

static void other_func(struct work_struct *work)
{
	atomic_inc(&site.others);
	complete(&site.started);
}

static void site_block(struct workqueue_struct *wq)
{
	INIT_WORK(&site.work, site_func);
	init_completion(&site.started);
	init_completion(&site.go);
	atomic_set(&site.runs, 0);
	atomic_set(&site.others, 0);
	CHECK(queue_work_on(0, wq, &site.work));
	WAIT(&site.started);
}

/*
 * The kernel knows a running item by its address and function, so it takes the new
 * item for the old one. uwq deviates: an item that was initialised is a new item.
 */
static void c24_same_function(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_reuse", KTAP_PERCPU, 0);

	site_block(wq);
	INIT_WORK(&site.work, site_func);	/* a new item in the old one's memory */
	CHECK(queue_work_on(0, wq, &site.work));
#ifdef __UWQ__
	WAIT(&site.started);
	CHECK_EQ(2, atomic_read(&site.runs));
#else
	CHECK(STAYS(atomic_read(&site.runs) == 1, A_WHILE));
#endif
	complete_all(&site.go);
	flush_workqueue(wq);
	CHECK_EQ(2, atomic_read(&site.runs));
	destroy_workqueue(wq);
}

static void c24_different_function_does_not_wait(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_reuse", KTAP_PERCPU, 0);

	site_block(wq);
	INIT_WORK(&site.work, other_func);
	CHECK(queue_work_on(0, wq, &site.work));
	WAIT(&site.started);
	CHECK_EQ(1, atomic_read(&site.others));
	complete_all(&site.go);
	flush_workqueue(wq);
	destroy_workqueue(wq);
}

static void c25_initialised_while_running_forgets(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_forget", KTAP_PERCPU, 0);

	site_block(wq);
	INIT_WORK(&site.work, site_func);
	CHECK(!flush_work(&site.work));
	CHECK(!cancel_work_sync(&site.work));	/* both back while it runs */
	CHECK_EQ(1, atomic_read(&site.runs));
	complete_all(&site.go);
	flush_workqueue(wq);
	destroy_workqueue(wq);
}

static void c26_initialising_resets_the_disable_depth(void)
{
	static struct count_work item;

	count_init(&item);
	CHECK(!disable_work_sync(&item.work));
	CHECK(!disable_work_sync(&item.work));
	CHECK(!schedule_work(&item.work));
	count_init(&item);
	CHECK(schedule_work(&item.work));
	CHECK(flush_work(&item.work) || atomic_read(&item.runs) == 1);
	CHECK_EQ(1, atomic_read(&item.runs));
}

/* Its own frame, gone and overwritten by the next call. */
static noinline int stack_round(struct workqueue_struct *wq, int depth)
{
	struct count_work item;
	int runs;

	INIT_WORK_ONSTACK(&item.work, count_func);
	atomic_set(&item.runs, 0);
	CHECK(queue_work(wq, &item.work));
	runs = depth ? stack_round(wq, depth - 1) : 0;
	if (depth & 1)
		flush_work(&item.work);
	else if (cancel_work_sync(&item.work))
		atomic_inc(&item.runs);
	runs += atomic_read(&item.runs);
	destroy_work_on_stack(&item.work);
	memset(&item, 0x6b, sizeof(item));
	return runs;
}

static void c27_items_on_the_stack(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_stack", WQ_UNBOUND, 0);
	int i;

	for (i = 0; i < 100; i++)
		CHECK_EQ(8, stack_round(wq, 7));
	destroy_workqueue(wq);
}

static void c28_idle_item_outlives_its_queue(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_gone", WQ_UNBOUND, 0);
	static struct count_work item;

	count_init(&item);
	CHECK(queue_work(wq, &item.work));
	destroy_workqueue(wq);
	CHECK_EQ(1, atomic_read(&item.runs));
	CHECK(!flush_work(&item.work));
	CHECK(!cancel_work(&item.work));
	CHECK(!cancel_work_sync(&item.work));
	CHECK(schedule_work(&item.work));
	flush_work(&item.work);
	CHECK_EQ(2, atomic_read(&item.runs));
}

static const struct ktap_case cases[] = {
	{ "C23 a function frees its own item, per-CPU", c23_percpu },
	{ "C23 a function frees its own item, unbound", c23_unbound },
	{ "C24 a new item in reused memory with the same function", c24_same_function },
	{ "C24 with a different function it does not wait",
	  c24_different_function_does_not_wait },
	{ "C25 an item initialised while it runs is not waited for",
	  c25_initialised_while_running_forgets },
	{ "C26 initialising resets the disable depth",
	  c26_initialising_resets_the_disable_depth },
	{ "C27 items on the stack, flushed or cancelled before return", c27_items_on_the_stack },
	{ "C28 an idle item outlives the queue it last ran on",
	  c28_idle_item_outlives_its_queue },
};

KTAP_MODULE(cases, "when things may go away");
