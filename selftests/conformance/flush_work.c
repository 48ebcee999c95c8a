// SPDX-License-Identifier: MIT
/*
 * flush_work.c - what flush_work() waits for and what it answers (C30-C37)
 */
#include "ktap.h"

#define NR_FLUSHERS	8

static void c30_idle_is_false(void)
{
	static struct count_work item;

	count_init(&item);
	CHECK(!flush_work(&item.work));		/* never queued: no pool */
	CHECK(schedule_work(&item.work));
	flush_work(&item.work);
	CHECK(!flush_work(&item.work));		/* ran, idle again */
	CHECK_EQ(1, atomic_read(&item.runs));
}

static void c31_pending_is_waited_for(void)
{
	struct workqueue_struct *one = alloc_workqueue("ktap_flush", WQ_UNBOUND, 1);
	static struct gate_work head;
	static struct count_work item;
	static struct caller flusher;

	gate_init(&head);
	count_init(&item);
	gate_block(one, &head);
	CHECK(queue_work(one, &item.work));
	caller_start(&flusher, call_flush, &item.work);
	CHECK(STAYS(!completion_done(&flusher.done), A_WHILE));
	complete(&head.go);
	caller_end(&flusher);
	CHECK_EQ(1, atomic_read(&item.runs));
	destroy_workqueue(one);
}

static DECLARE_COMPLETION(about_to_flush);

static void say_and_flush(struct caller *c)
{
	complete(&about_to_flush);
	call_flush(c);
}

static void c31_true_if_it_waited(void)
{
	static struct gate_work g;
	static struct caller flusher;

	gate_init(&g);
	gate_block(system_unbound_wq, &g);
	caller_start(&flusher, say_and_flush, &g.work);
	/* on a busy machine the thread may come late */
	WAIT(&about_to_flush);
	CHECK(STAYS(!completion_done(&flusher.done), A_WHILE));
	complete(&g.go);
	CHECK(caller_end(&flusher));
	CHECK_EQ(1, atomic_read(&g.ended));
}

static void c31_running_and_queued_again_waits_for_both(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_both", KTAP_PERCPU, 0);
	static struct gate_work g;
	static struct caller flusher;

	gate_init(&g);
	gate_block(wq, &g);
	CHECK(queue_work(wq, &g.work));
	caller_start(&flusher, call_flush, &g.work);
	CHECK(STAYS(!completion_done(&flusher.done), A_WHILE));
	complete(&g.go);
	WAIT(&g.started);			/* the second run */
	CHECK(STAYS(!completion_done(&flusher.done), A_WHILE));
	complete(&g.go);
	CHECK(caller_end(&flusher));
	CHECK_EQ(2, atomic_read(&g.ended));
	destroy_workqueue(wq);
}

static struct {
	struct work_struct work;
	struct workqueue_struct *wq;
	atomic_t stop, runs;
} loop;

static void loop_func(struct work_struct *work)
{
	atomic_inc(&loop.runs);
	usleep_range(50, 100);
	if (!atomic_read(&loop.stop))
		queue_work(loop.wq, work);
}

static void c32_requeued_forever_is_flushed(void)
{
	static struct caller flusher;
	int i, before;

	loop.wq = alloc_workqueue("ktap_loop", WQ_UNBOUND, 0);
	INIT_WORK(&loop.work, loop_func);
	atomic_set(&loop.stop, 0);
	atomic_set(&loop.runs, 0);
	CHECK(queue_work(loop.wq, &loop.work));
	for (i = 0; i < 20; i++) {
		before = atomic_read(&loop.runs);
		caller_start(&flusher, call_flush, &loop.work);
		caller_end(&flusher);
		CHECK(BECOMES(atomic_read(&loop.runs) > before));
	}
	atomic_set(&loop.stop, 1);
	destroy_workqueue(loop.wq);
}

static void c32_later_requeue_is_not_waited_for(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_later", KTAP_PERCPU, 0);
	static struct gate_work g;
	static struct caller flusher;
	int tries;

	/* The flusher must be waiting before the requeue; nothing shows that, so try again. */
	for (tries = 0; tries < 10; tries++) {
		gate_init(&g);
		gate_block(wq, &g);
		caller_start(&flusher, call_flush, &g.work);
		msleep(A_WHILE);
		CHECK(queue_work(wq, &g.work));
		complete(&g.go);
		WAIT(&g.started);
		if (BECOMES(completion_done(&flusher.done)))
			break;
		complete_all(&g.go);
		caller_end(&flusher);
	}
	CHECK(tries < 10);
	CHECK_EQ(1, atomic_read(&g.ended));
	complete_all(&g.go);
	caller_end(&flusher);
	flush_workqueue(wq);
	destroy_workqueue(wq);
}

static void c34_armed_counts_as_idle(void)
{
	static struct delayed_work d;

	INIT_DELAYED_WORK(&d, count_func);
	CHECK(schedule_delayed_work(&d, 1000 * HZ));
	CHECK(!flush_work(&d.work));
	CHECK(delayed_work_pending(&d));
	CHECK(cancel_delayed_work_sync(&d));
}

static void c35_cancel_releases_the_flusher(void)
{
	struct workqueue_struct *one = alloc_workqueue("ktap_c35", WQ_UNBOUND, 1);
	static struct gate_work head;
	static struct count_work item;
	static struct caller flusher;
	bool waited = false;
	int tries;

	gate_init(&head);
	count_init(&item);
	gate_block(one, &head);
	/* true = it waited; a try in which the cancel came first proves nothing */
	for (tries = 0; tries < 10 && !waited; tries++) {
		CHECK(queue_work(one, &item.work));
		caller_start(&flusher, call_flush, &item.work);
		msleep(A_WHILE);
		CHECK(cancel_work(&item.work));
		waited = caller_end(&flusher);
	}
	CHECK(waited);
	CHECK_EQ(0, atomic_read(&head.ended));
	CHECK_EQ(0, atomic_read(&item.runs));
	complete(&head.go);
	destroy_workqueue(one);
}

static void c36_many_flushers_all_return(void)
{
	static struct gate_work g;
	static struct caller flusher[NR_FLUSHERS];
	int i, waited = 0;

	gate_init(&g);
	gate_block(system_unbound_wq, &g);
	for (i = 0; i < NR_FLUSHERS; i++)
		caller_start(&flusher[i], call_flush, &g.work);
	for (i = 0; i < NR_FLUSHERS; i++)
		CHECK(STAYS(!completion_done(&flusher[i].done), 5));
	complete(&g.go);
	for (i = 0; i < NR_FLUSHERS; i++)
		waited += caller_end(&flusher[i]);
	CHECK(waited > 0);
	CHECK_EQ(1, atomic_read(&g.ended));
}

static void c37_flushers_take_no_slot(void)
{
	struct workqueue_struct *two = alloc_workqueue("ktap_slots", WQ_UNBOUND, 2);
	static struct gate_work a, b, c;
	static struct caller flusher[NR_FLUSHERS];
	int i;

	gate_init(&a);
	gate_init(&b);
	gate_init(&c);
	gate_block(two, &a);
	for (i = 0; i < NR_FLUSHERS; i++)
		caller_start(&flusher[i], call_flush, &a.work);
	msleep(A_WHILE);
	gate_block(two, &b);			/* the second slot is free */
	CHECK(queue_work(two, &c.work));
	CHECK(STAYS(atomic_read(&c.runs) == 0, A_WHILE));
	complete(&b.go);
	WAIT(&c.started);
	complete(&c.go);
	complete(&a.go);
	for (i = 0; i < NR_FLUSHERS; i++)
		caller_end(&flusher[i]);
	destroy_workqueue(two);
}

static const struct ktap_case cases[] = {
	{ "C30 an idle item: false at once", c30_idle_is_false },
	{ "C31 a pending item is waited for", c31_pending_is_waited_for },
	{ "C31 true means that it waited", c31_true_if_it_waited },
	{ "C31 running and queued again: both runs are waited for",
	  c31_running_and_queued_again_waits_for_both },
	{ "C32 an item that requeues itself for ever can be flushed",
	  c32_requeued_forever_is_flushed },
	{ "C32 a requeue after the flush began is not waited for",
	  c32_later_requeue_is_not_waited_for },
	{ "C34 an armed delayed item counts as idle", c34_armed_counts_as_idle },
	{ "C35 cancelling the item releases its flusher behind a blocked head",
	  c35_cancel_releases_the_flusher },
	{ "C36 many flushers of one item all return", c36_many_flushers_all_return },
	{ "C37 waiting flushers take no active slot", c37_flushers_take_no_slot },
};

KTAP_MODULE(cases, "flush_work");
