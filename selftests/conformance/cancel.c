// SPDX-License-Identifier: MIT
/*
 * cancel.c - what cancelling removes, waits for and answers (C56-C63)
 */
#include "ktap.h"

#define NR_CANCELLERS	8

static void c56_five_states(void)
{
	struct workqueue_struct *one = alloc_workqueue("ktap_states", WQ_UNBOUND, 1);
	static struct gate_work head, g;
	static struct count_work item;
	static struct delayed_work d;

	count_init(&item);
	CHECK(!cancel_work(&item.work));		/* idle */

	INIT_DELAYED_WORK(&d, count_func);
	CHECK(queue_delayed_work(one, &d, 1000 * HZ));
	CHECK(cancel_delayed_work(&d));			/* armed */
	CHECK(!delayed_work_pending(&d));

	gate_init(&head);
	gate_block(one, &head);
	CHECK(queue_work(one, &item.work));
	CHECK(cancel_work(&item.work));			/* queued */
	CHECK(!work_pending(&item.work));
	CHECK(!cancel_work(&head.work));		/* running */
	complete(&head.go);
	flush_workqueue(one);
	CHECK_EQ(0, atomic_read(&item.runs));

	gate_init(&g);
	gate_block(one, &g);
	CHECK(queue_work(one, &g.work));
	CHECK(cancel_work(&g.work));			/* running and queued */
	complete(&g.go);
	flush_workqueue(one);
	CHECK_EQ(1, atomic_read(&g.runs));
	destroy_workqueue(one);
}

static void c56_work_busy_tells_the_states(void)
{
	static struct gate_work g;
	unsigned int busy;

	gate_init(&g);
	CHECK_EQ(0, work_busy(&g.work));
	gate_block(system_unbound_wq, &g);
	CHECK_EQ(WORK_BUSY_RUNNING, work_busy(&g.work));
	CHECK(queue_work(system_unbound_wq, &g.work));
	busy = work_busy(&g.work);
	CHECK(busy & WORK_BUSY_PENDING);
	complete_all(&g.go);
	flush_work(&g.work);
	CHECK_EQ(0, work_busy(&g.work));
}

static void c57_call_queue(struct caller *c)
{
	struct count_work *item = c->arg;
	int i;

	for (i = 0; i < 500; i++) {
		queue_work(system_unbound_wq, &item->work);
		queue_work(system_wq, &item->work);
		cond_resched();
	}
}

static void c57_cancel_sync_leaves_nothing(void)
{
	static struct caller producer[2];
	static struct count_work item;
	int i, round, runs;

	count_init(&item);
	for (round = 0; round < 10; round++) {
		for (i = 0; i < 2; i++)
			caller_start(&producer[i], c57_call_queue, &item);
		for (i = 0; i < 20; i++)
			cancel_work_sync(&item.work);
		for (i = 0; i < 2; i++)
			caller_end(&producer[i]);
		cancel_work_sync(&item.work);
		runs = atomic_read(&item.runs);
		CHECK_EQ(0, work_busy(&item.work));
		CHECK(STAYS(atomic_read(&item.runs) == runs, 2));
	}
}

static void c57_cancel_sync_waits_for_the_run(void)
{
	static struct gate_work g;
	static struct caller canceller;

	gate_init(&g);
	gate_block(system_unbound_wq, &g);
	caller_start(&canceller, call_cancel_sync, &g.work);
	CHECK(STAYS(!completion_done(&canceller.done), A_WHILE));
	complete(&g.go);
	CHECK(!caller_end(&canceller));
	CHECK_EQ(1, atomic_read(&g.ended));
}

/* Tries to requeue itself until refused; takes back what was accepted. */
static struct {
	struct work_struct work;
	struct completion started;
	bool refused;
	int runs;
} stubborn;

static void stubborn_func(struct work_struct *work)
{
	unsigned long end = jiffies + LONG_TIME;

	stubborn.runs++;
	complete(&stubborn.started);
	while (!stubborn.refused && time_before(jiffies, end)) {
		if (queue_work(system_unbound_wq, work))
			cancel_work(work);
		else
			stubborn.refused = true;
		usleep_range(100, 200);
	}
}

static void c58_requeue_is_refused_meanwhile(void)
{
	static struct caller canceller;

	INIT_WORK(&stubborn.work, stubborn_func);
	init_completion(&stubborn.started);
	stubborn.refused = false;
	stubborn.runs = 0;
	queue_work(system_unbound_wq, &stubborn.work);
	WAIT(&stubborn.started);
	caller_start(&canceller, call_cancel_sync, &stubborn.work);
	caller_end(&canceller);
	CHECK(stubborn.refused);
	CHECK_EQ(1, stubborn.runs);		/* refused requests are lost */
	CHECK(queue_work(system_unbound_wq, &stubborn.work));
	WAIT(&stubborn.started);
	cancel_work_sync(&stubborn.work);
	CHECK_EQ(2, stubborn.runs);
}

static atomic_t loop_runs;

static void loop_func(struct work_struct *work)
{
	atomic_inc(&loop_runs);
	queue_work(system_unbound_wq, work);
}

static void rearm_func(struct work_struct *work)
{
	atomic_inc(&loop_runs);
	queue_delayed_work(system_unbound_wq, to_delayed_work(work), 1);
}

static void c59_self_requeueing_item_stops(void)
{
	static struct work_struct work;
	int runs;

	INIT_WORK(&work, loop_func);
	atomic_set(&loop_runs, 0);
	queue_work(system_unbound_wq, &work);
	CHECK(BECOMES(atomic_read(&loop_runs) > 20));
	cancel_work_sync(&work);
	runs = atomic_read(&loop_runs);
	CHECK_EQ(0, work_busy(&work));
	CHECK(STAYS(atomic_read(&loop_runs) == runs, A_WHILE));
}

static void c59_self_rearming_item_stops(void)
{
	static struct delayed_work d;
	int runs;

	INIT_DELAYED_WORK(&d, rearm_func);
	atomic_set(&loop_runs, 0);
	queue_delayed_work(system_unbound_wq, &d, 1);
	CHECK(BECOMES(atomic_read(&loop_runs) > 5));
	cancel_delayed_work_sync(&d);
	runs = atomic_read(&loop_runs);
	CHECK(!delayed_work_pending(&d));
	CHECK(STAYS(atomic_read(&loop_runs) == runs, A_WHILE));
}

static void c60_many_cancellers(void)
{
	static struct gate_work g;
	static struct caller canceller[NR_CANCELLERS];
	int i, removed = 0;

	gate_init(&g);
	gate_block(system_unbound_wq, &g);
	CHECK(queue_work(system_unbound_wq, &g.work));
	for (i = 0; i < NR_CANCELLERS; i++)
		caller_start(&canceller[i], call_cancel_sync, &g.work);
	for (i = 0; i < NR_CANCELLERS; i++)
		CHECK(STAYS(!completion_done(&canceller[i].done), 5));
	complete(&g.go);
	for (i = 0; i < NR_CANCELLERS; i++)
		removed += caller_end(&canceller[i]);
	CHECK_EQ(1, removed);
	CHECK_EQ(1, atomic_read(&g.ended));
	/* the depth is what it was: queueing works */
	CHECK(queue_work(system_unbound_wq, &g.work));
	complete(&g.go);
	flush_work(&g.work);
	CHECK_EQ(2, atomic_read(&g.ended));
}

static void c61_never_queued(void)
{
	static struct count_work item;
	static struct delayed_work d;

	count_init(&item);
	CHECK(!cancel_work(&item.work));
	CHECK(!cancel_work_sync(&item.work));
	INIT_DELAYED_WORK(&d, count_func);
	CHECK(!cancel_delayed_work(&d));
	CHECK(!cancel_delayed_work_sync(&d));
}

static struct gate_work mover;

/* Limit of the kernel: only within one pool is every run waited for. */
static void c62_item_that_moves_between_queues(void)
{
	struct workqueue_struct *q[3];
	int i, round;

	for (i = 0; i < 3; i++)
		q[i] = alloc_workqueue("ktap_move%d", KTAP_PERCPU, 0, i);
	for (round = 0; round < 200; round++) {
		gate_init(&mover);
		complete_all(&mover.go);
		for (i = 0; i < 3; i++)
			queue_work_on(0, q[(round + i) % 3], &mover.work);
		cancel_work_sync(&mover.work);
		CHECK_EQ(0, work_busy(&mover.work));
		CHECK_EQ(atomic_read(&mover.runs), atomic_read(&mover.ended));
	}
	for (i = 0; i < 3; i++)
		destroy_workqueue(q[i]);
}

static void c63_slots_after_cancel(void)
{
	struct workqueue_struct *two = alloc_workqueue("ktap_two", WQ_UNBOUND, 2);
	static struct gate_work g[6];
	int i, running = 0;

	for (i = 0; i < 6; i++)
		gate_init(&g[i]);
	gate_block(two, &g[0]);
	gate_block(two, &g[1]);
	for (i = 2; i < 6; i++)
		CHECK(queue_work(two, &g[i].work));
	CHECK(cancel_work_sync(&g[2].work));		/* inactive: takes no slot */
	CHECK(cancel_work_sync(&g[4].work));
	CHECK(STAYS(!atomic_read(&g[3].runs) && !atomic_read(&g[5].runs), A_WHILE));
	complete(&g[0].go);
	WAIT(&g[3].started);				/* the first that is left */
	CHECK(STAYS(!atomic_read(&g[5].runs), A_WHILE));
	for (i = 0; i < 6; i++)
		running += atomic_read(&g[i].runs) - atomic_read(&g[i].ended);
	CHECK_EQ(2, running);
	for (i = 0; i < 6; i++)
		complete_all(&g[i].go);
	flush_workqueue(two);
	CHECK_EQ(1, atomic_read(&g[5].ended));
	CHECK_EQ(0, atomic_read(&g[2].runs) + atomic_read(&g[4].runs));
	destroy_workqueue(two);
}

static void c63_flush_after_cancel(void)
{
	struct workqueue_struct *one = alloc_workqueue("ktap_color", WQ_UNBOUND, 1);
	static struct gate_work head;
	static struct count_work item[8];
	static struct caller flusher;
	int i, runs = 0;

	gate_init(&head);
	gate_block(one, &head);
	for (i = 0; i < 8; i++) {
		count_init(&item[i]);
		CHECK(queue_work(one, &item[i].work));
	}
	caller_start(&flusher, call_flush_queue, one);
	for (i = 0; i < 8; i += 2)
		CHECK(cancel_work(&item[i].work));
	complete(&head.go);
	caller_end(&flusher);
	for (i = 0; i < 8; i++)
		runs += atomic_read(&item[i].runs);
	CHECK_EQ(4, runs);
	destroy_workqueue(one);
}

static const struct ktap_case cases[] = {
	{ "C56 true only if a pending instance was removed, in five states", c56_five_states },
	{ "C56 work_busy tells pending from running", c56_work_busy_tells_the_states },
	{ "C57 after cancel_sync the item is neither pending nor running",
	  c57_cancel_sync_leaves_nothing },
	{ "C57 cancel_sync waits for the run and answers false",
	  c57_cancel_sync_waits_for_the_run },
	{ "C58 while cancel_sync waits, requeueing is refused and lost",
	  c58_requeue_is_refused_meanwhile },
	{ "C59 a self-requeueing item is stopped by one cancel_sync",
	  c59_self_requeueing_item_stops },
	{ "C59 a self-rearming delayed item is stopped by one cancel_sync",
	  c59_self_rearming_item_stops },
	{ "C60 many cancellers: one gets true, all return after the run", c60_many_cancellers },
	{ "C61 cancelling what was never queued is false", c61_never_queued },
	{ "C62 an item that moves between queues is cancelled for good",
	  c62_item_that_moves_between_queues },
	{ "C63 cancelling keeps the count of active items right", c63_slots_after_cancel },
	{ "C63 cancelling keeps a flush in progress right", c63_flush_after_cancel },
};

KTAP_MODULE(cases, "cancelling");
