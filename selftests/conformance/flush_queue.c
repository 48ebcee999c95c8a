// SPDX-License-Identifier: MIT
/*
 * flush_queue.c - what flush_workqueue() waits for, and what not (C39-C43)
 */
#include "ktap.h"

#define NR_ITEMS	2000
#define NR_FLUSHERS	20

static void every_item_has_run(unsigned int flags, int max_active)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_all", flags, max_active);
	struct count_work *item = kcalloc(NR_ITEMS, sizeof(*item), GFP_KERNEL);
	int i, missing = 0;

	for (i = 0; i < NR_ITEMS; i++) {
		count_init(&item[i]);
		queue_work_on(i % num_online_cpus(), wq, &item[i].work);
	}
	flush_workqueue(wq);
	for (i = 0; i < NR_ITEMS; i++)
		missing += atomic_read(&item[i].runs) != 1;
	CHECK_EQ(0, missing);
	destroy_workqueue(wq);
	kfree(item);
}

static void c39_percpu(void)
{
	every_item_has_run(KTAP_PERCPU, 0);
}

static void c39_unbound(void)
{
	every_item_has_run(WQ_UNBOUND, 0);
}

static void c39_inactive(void)
{
	every_item_has_run(KTAP_PERCPU, 1);
}

static void c39_waits_for_a_running_item(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_wait", WQ_UNBOUND, 0);
	static struct gate_work g;
	static struct caller flusher;

	gate_init(&g);
	gate_block(wq, &g);
	caller_start(&flusher, call_flush_queue, wq);
	CHECK(STAYS(!completion_done(&flusher.done), A_WHILE));
	complete(&g.go);
	caller_end(&flusher);
	CHECK_EQ(1, atomic_read(&g.ended));
	destroy_workqueue(wq);
}

static struct {
	struct workqueue_struct *wq;
	struct work_struct work;
	atomic_t stop, runs;
} loop;

static void loop_func(struct work_struct *work)
{
	atomic_inc(&loop.runs);
	if (!atomic_read(&loop.stop))
		queue_work(loop.wq, work);
	cond_resched();
}

static void c40_no_livelock(void)
{
	static struct caller flusher;
	int i;

	loop.wq = alloc_workqueue("ktap_endless", WQ_UNBOUND, 0);
	INIT_WORK(&loop.work, loop_func);
	atomic_set(&loop.stop, 0);
	atomic_set(&loop.runs, 0);
	queue_work(loop.wq, &loop.work);
	for (i = 0; i < 10; i++) {
		caller_start(&flusher, call_flush_queue, loop.wq);
		caller_end(&flusher);
	}
	CHECK(atomic_read(&loop.runs) >= 10);
	atomic_set(&loop.stop, 1);
	destroy_workqueue(loop.wq);
}

static void c40_later_items_are_not_waited_for(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_later", WQ_UNBOUND, 0);
	static struct gate_work early, late;
	static struct caller flusher;
	int tries;

	/* Whether the flusher is waiting already cannot be seen: try again if it was not. */
	for (tries = 0; tries < 10; tries++) {
		gate_init(&early);
		gate_init(&late);
		gate_block(wq, &early);
		caller_start(&flusher, call_flush_queue, wq);
		msleep(A_WHILE);
		gate_block(wq, &late);
		complete(&early.go);
		if (BECOMES(completion_done(&flusher.done)))
			break;
		complete(&late.go);
		caller_end(&flusher);
	}
	CHECK(tries < 10);
	CHECK_EQ(0, atomic_read(&late.ended));
	complete(&late.go);
	caller_end(&flusher);
	destroy_workqueue(wq);
}

static void c41_call(struct caller *c)
{
	struct count_work item;
	int i, wrong = 0;

	for (i = 0; i < 20; i++) {
		INIT_WORK_ONSTACK(&item.work, count_func);
		atomic_set(&item.runs, 0);
		queue_work(c->wq, &item.work);
		flush_workqueue(c->wq);
		wrong += atomic_read(&item.runs) != 1;
		destroy_work_on_stack(&item.work);
	}
	CHECK_EQ(0, wrong);
}

static void c41_many_flushers_each_see_their_own_items_done(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_colors", WQ_UNBOUND, 0);
	static struct caller flusher[NR_FLUSHERS];
	int i;

	for (i = 0; i < NR_FLUSHERS; i++) {
		flusher[i].wq = wq;
		caller_start(&flusher[i], c41_call, NULL);
	}
	for (i = 0; i < NR_FLUSHERS; i++)
		caller_end(&flusher[i]);
	destroy_workqueue(wq);
}

/* More flushers than colours, all of them waiting at once. */
static void c41_more_flushers_than_colours(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_overflow", WQ_UNBOUND, 0);
	static struct gate_work g;
	static struct count_work item[NR_FLUSHERS];
	static struct caller flusher[NR_FLUSHERS];
	int i, missing = 0;

	gate_init(&g);
	gate_block(wq, &g);
	for (i = 0; i < NR_FLUSHERS; i++) {
		count_init(&item[i]);
		queue_work(wq, &item[i].work);
		caller_start(&flusher[i], call_flush_queue, wq);
		usleep_range(500, 1000);
	}
	for (i = 0; i < NR_FLUSHERS; i++)
		CHECK(!completion_done(&flusher[i].done));
	complete(&g.go);
	for (i = 0; i < NR_FLUSHERS; i++) {
		caller_end(&flusher[i]);
		missing += atomic_read(&item[i].runs) != 1;
	}
	CHECK_EQ(0, missing);
	destroy_workqueue(wq);
}

static void c42_empty_queue(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_empty", WQ_UNBOUND, 0);
	static struct caller flusher;
	int i;

	for (i = 0; i < 10000; i++)
		flush_workqueue(wq);
	caller_start(&flusher, call_flush_queue, wq);
	caller_end(&flusher);
	destroy_workqueue(wq);
}

static void c43_armed_items_are_not_seen(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_armed", WQ_UNBOUND, 0);
	static struct delayed_work d;

	INIT_DELAYED_WORK(&d, count_func);
	CHECK(queue_delayed_work(wq, &d, 1000 * HZ));
	flush_workqueue(wq);
	CHECK(delayed_work_pending(&d));
	CHECK(cancel_delayed_work_sync(&d));
	destroy_workqueue(wq);
}

static const struct ktap_case cases[] = {
	{ "C39 every item queued before has run, per-CPU", c39_percpu },
	{ "C39 every item queued before has run, unbound", c39_unbound },
	{ "C39 every item queued before has run, most of them inactive", c39_inactive },
	{ "C39 a running item is waited for", c39_waits_for_a_running_item },
	{ "C40 an item that requeues itself for ever does not hold it", c40_no_livelock },
	{ "C40 items queued after the call began are not waited for",
	  c40_later_items_are_not_waited_for },
	{ "C41 many flushers, each sees its own items done",
	  c41_many_flushers_each_see_their_own_items_done },
	{ "C41 more flushers at once than there are colours", c41_more_flushers_than_colours },
	{ "C42 an empty queue is flushed at once", c42_empty_queue },
	{ "C43 armed delayed items are not seen", c43_armed_items_are_not_seen },
};

KTAP_MODULE(cases, "flush_workqueue");
