// SPDX-License-Identifier: MIT
/*
 * pending.c - who holds PENDING, and what a queue call answers (C1-C9)
 */
#include <linux/timer.h>

#include "ktap.h"

#define NR_RIVALS	4
#define ROUNDS		2000

static struct workqueue_struct *wq;

/* --- C1: of rivals one wins, and each win is one run ---------------------------- */

struct rivals {
	struct count_work item;
	struct completion start;
	atomic_t trues;
};

static void rival_call(struct caller *c)
{
	struct rivals *r = c->arg;
	int i;

	wait_for_completion(&r->start);
	for (i = 0; i < ROUNDS; i++) {
		if (queue_work(wq, &r->item.work))
			atomic_inc(&r->trues);
		cond_resched();
	}
}

static void c1_every_true_is_one_run(void)
{
	static struct rivals r;
	static struct caller rival[NR_RIVALS];
	int i;

	count_init(&r.item);
	init_completion(&r.start);
	atomic_set(&r.trues, 0);
	for (i = 0; i < NR_RIVALS; i++)
		caller_start(&rival[i], rival_call, &r);
	complete_all(&r.start);
	for (i = 0; i < NR_RIVALS; i++)
		caller_end(&rival[i]);
	flush_workqueue(wq);
	CHECK(atomic_read(&r.trues) > 0);
	CHECK_EQ(atomic_read(&r.trues), atomic_read(&r.item.runs));
}

static void c1_second_call_is_refused(void)
{
	static struct gate_work head;
	static struct count_work item;
	struct workqueue_struct *one = alloc_workqueue("ktap_one", WQ_UNBOUND, 1);

	gate_init(&head);
	count_init(&item);
	gate_block(one, &head);
	CHECK(queue_work(one, &item.work));
	CHECK(work_pending(&item.work));
	CHECK(!queue_work(one, &item.work));
	complete(&head.go);
	flush_workqueue(one);
	CHECK_EQ(1, atomic_read(&item.runs));
	CHECK(!work_pending(&item.work));
	destroy_workqueue(one);
}

/* --- C2: the bit is clear when the function is entered --------------------------- */

struct requeue {
	struct work_struct work;
	int runs, trues;
	bool pending_on_entry;
};

static void requeue_func(struct work_struct *work)
{
	struct requeue *r = container_of(work, struct requeue, work);
	int i;

	r->pending_on_entry |= work_pending(work);
	if (r->runs++)
		return;
	for (i = 0; i < 5; i++)
		r->trues += queue_work(wq, work);
}

static void c2_pending_is_clear_on_entry(void)
{
	static struct requeue r;

	INIT_WORK(&r.work, requeue_func);
	r.runs = r.trues = 0;
	r.pending_on_entry = false;
	queue_work(wq, &r.work);
	flush_workqueue(wq);
	flush_work(&r.work);
	CHECK(!r.pending_on_entry);
	CHECK_EQ(1, r.trues);
	CHECK_EQ(2, r.runs);
}

static void c2_requeue_from_outside_while_running(void)
{
	static struct gate_work g;
	int i, trues = 0;

	gate_init(&g);
	gate_block(wq, &g);
	for (i = 0; i < 5; i++)
		trues += queue_work(wq, &g.work);
	CHECK_EQ(1, trues);
	complete_all(&g.go);
	flush_work(&g.work);
	CHECK_EQ(2, atomic_read(&g.runs));
}

/* --- C3: never a run without a true ---------------------------------------------- */

struct canceller {
	struct count_work item;
	atomic_t trues, cancelled;
	struct completion start;
};

static void c3_queue_call(struct caller *c)
{
	struct canceller *x = c->arg;
	int i;

	wait_for_completion(&x->start);
	for (i = 0; i < ROUNDS; i++) {
		if (queue_work(wq, &x->item.work))
			atomic_inc(&x->trues);
		cond_resched();
	}
}

static void c3_cancel_call(struct caller *c)
{
	struct canceller *x = c->arg;
	int i;

	wait_for_completion(&x->start);
	for (i = 0; i < ROUNDS; i++) {
		if (cancel_work(&x->item.work))
			atomic_inc(&x->cancelled);
		cond_resched();
	}
}

static void c3_trues_are_runs_or_cancels(void)
{
	static struct canceller x;
	static struct caller queuer[2], canceller;

	count_init(&x.item);
	atomic_set(&x.trues, 0);
	atomic_set(&x.cancelled, 0);
	init_completion(&x.start);
	caller_start(&queuer[0], c3_queue_call, &x);
	caller_start(&queuer[1], c3_queue_call, &x);
	caller_start(&canceller, c3_cancel_call, &x);
	complete_all(&x.start);
	caller_end(&queuer[0]);
	caller_end(&queuer[1]);
	caller_end(&canceller);
	flush_workqueue(wq);
	CHECK_EQ(atomic_read(&x.trues), atomic_read(&x.item.runs) + atomic_read(&x.cancelled));
}

/* --- C5: one pending instance in the whole system ---------------------------------- */

static void c5_pending_on_one_queue_only(void)
{
	static struct gate_work head;
	static struct count_work item;
	struct workqueue_struct *a = alloc_workqueue("ktap_a", WQ_UNBOUND, 1);
	struct workqueue_struct *b = alloc_workqueue("ktap_b", WQ_UNBOUND, 1);

	gate_init(&head);
	count_init(&item);
	gate_block(a, &head);
	CHECK(queue_work(a, &item.work));
	CHECK(!queue_work(b, &item.work));
	flush_workqueue(b);
	CHECK_EQ(0, atomic_read(&item.runs));
	complete(&head.go);
	flush_workqueue(a);
	CHECK_EQ(1, atomic_read(&item.runs));
	destroy_workqueue(a);
	destroy_workqueue(b);
}

/* --- C7: one pwq, one order ---------------------------------------------------------- */

#define NR_ORDER	500

struct numbered {
	struct work_struct work;
	int nr;
};

static atomic_t next_nr, out_of_order;

static void numbered_func(struct work_struct *work)
{
	struct numbered *n = container_of(work, struct numbered, work);

	if (atomic_inc_return(&next_nr) - 1 != n->nr)
		atomic_inc(&out_of_order);
}

static void c7_one_at_a_time_in_queueing_order(void)
{
	struct numbered *item = kcalloc(NR_ORDER, sizeof(*item), GFP_KERNEL);
	struct workqueue_struct *one = alloc_workqueue("ktap_fifo", KTAP_PERCPU, 1);
	int i;

	atomic_set(&next_nr, 0);
	atomic_set(&out_of_order, 0);
	for (i = 0; i < NR_ORDER; i++) {
		INIT_WORK(&item[i].work, numbered_func);
		item[i].nr = i;
		queue_work_on(0, one, &item[i].work);
	}
	flush_workqueue(one);
	CHECK_EQ(NR_ORDER, atomic_read(&next_nr));
	CHECK_EQ(0, atomic_read(&out_of_order));
	destroy_workqueue(one);
	kfree(item);
}

/* --- C8: where a per-CPU queue serves -------------------------------------------------- */

struct where {
	struct work_struct work;
	int cpu;
};

static void where_func(struct work_struct *work)
{
	container_of(work, struct where, work)->cpu = raw_smp_processor_id();
}

static void c8_queue_work_on_runs_on_that_cpu(void)
{
	static struct where w;
	int cpu;

	for_each_online_cpu(cpu) {
		INIT_WORK(&w.work, where_func);
		w.cpu = -1;
		CHECK(queue_work_on(cpu, wq, &w.work));
		flush_work(&w.work);
		CHECK_EQ(cpu, w.cpu);
		CHECK(schedule_work_on(cpu, &w.work));
		flush_work(&w.work);
		CHECK_EQ(cpu, w.cpu);
	}
}

/* --- C9: from a timer callback ------------------------------------------------------------ */

static struct {
	struct timer_list timer;
	struct count_work item, doomed;
	struct delayed_work later;
	struct completion fired;
	bool queued, cancelled, disabled, refused, enabled, armed, modified, disarmed;
} in_timer;

static void c9_timer_func(struct timer_list *timer)
{
	in_timer.queued = queue_work(wq, &in_timer.item.work);
	in_timer.cancelled = cancel_work(&in_timer.doomed.work);
	in_timer.disabled = disable_work(&in_timer.doomed.work);
	in_timer.refused = !queue_work(wq, &in_timer.doomed.work);
	in_timer.enabled = enable_work(&in_timer.doomed.work);
	in_timer.armed = queue_delayed_work(wq, &in_timer.later, 1000 * HZ);
	in_timer.modified = mod_delayed_work(wq, &in_timer.later, 2000 * HZ);
	in_timer.disarmed = cancel_delayed_work(&in_timer.later);
	complete(&in_timer.fired);
}

static void c9_calls_from_a_timer(void)
{
	static struct gate_work head;
	struct workqueue_struct *one = alloc_workqueue("ktap_timer", WQ_UNBOUND, 1);

	gate_init(&head);
	count_init(&in_timer.item);
	count_init(&in_timer.doomed);
	INIT_DELAYED_WORK(&in_timer.later, count_func);
	init_completion(&in_timer.fired);
	gate_block(one, &head);
	queue_work(one, &in_timer.doomed.work);
	timer_setup(&in_timer.timer, c9_timer_func, 0);
	mod_timer(&in_timer.timer, jiffies + 1);
	WAIT(&in_timer.fired);
	CHECK(in_timer.queued);
	CHECK(in_timer.cancelled);
	CHECK(!in_timer.disabled);	/* nothing was pending any more */
	CHECK(in_timer.refused);
	CHECK(in_timer.enabled);
	CHECK(in_timer.armed);
	CHECK(in_timer.modified);
	CHECK(in_timer.disarmed);
	complete(&head.go);
	destroy_workqueue(one);
	flush_workqueue(wq);
	CHECK_EQ(1, atomic_read(&in_timer.item.runs));
	CHECK_EQ(0, atomic_read(&in_timer.doomed.runs));
	timer_delete_sync(&in_timer.timer);
}

static void with_queue(void (*check)(void))
{
	wq = alloc_workqueue("ktap_pending", KTAP_PERCPU, 0);
	if (CHECK(wq != NULL)) {
		check();
		destroy_workqueue(wq);
	}
}

#define WITH_QUEUE(check) static void on_##check(void) { with_queue(check); }
WITH_QUEUE(c1_every_true_is_one_run)
WITH_QUEUE(c2_pending_is_clear_on_entry)
WITH_QUEUE(c2_requeue_from_outside_while_running)
WITH_QUEUE(c3_trues_are_runs_or_cancels)
WITH_QUEUE(c8_queue_work_on_runs_on_that_cpu)
WITH_QUEUE(c9_calls_from_a_timer)

static const struct ktap_case cases[] = {
	{ "C1 each true of many rivals is exactly one run", on_c1_every_true_is_one_run },
	{ "C1 queueing a pending item is refused and changes nothing", c1_second_call_is_refused },
	{ "C2 pending is clear on entry, five requeues are one run",
	  on_c2_pending_is_clear_on_entry },
	{ "C2 requeueing a running item from outside is one more run",
	  on_c2_requeue_from_outside_while_running },
	{ "C3 every true is a run or a cancel that won", on_c3_trues_are_runs_or_cancels },
	{ "C5 an item is pending on one queue only", c5_pending_on_one_queue_only },
	{ "C7 items of one pwq start in queueing order", c7_one_at_a_time_in_queueing_order },
	{ "C8 queue_work_on and schedule_work_on run on that CPU",
	  on_c8_queue_work_on_runs_on_that_cpu },
	{ "C9 queue, cancel, disable, arm and modify from a timer callback",
	  on_c9_calls_from_a_timer },
};

KTAP_MODULE(cases, "who holds PENDING");
