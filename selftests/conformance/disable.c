// SPDX-License-Identifier: MIT
/*
 * disable.c - the disable depth and what it refuses (C66-C72)
 */
#include "ktap.h"

static void c66_depth_counts(void)
{
	static struct count_work item;
	int i;

	count_init(&item);
	for (i = 0; i < 3; i++)
		CHECK(!disable_work(&item.work));
	CHECK(!schedule_work(&item.work));
	CHECK(!enable_work(&item.work));
	CHECK(!schedule_work(&item.work));
	CHECK(!enable_work(&item.work));
	CHECK(!schedule_work(&item.work));
	CHECK(enable_work(&item.work));
	CHECK(schedule_work(&item.work));
	flush_work(&item.work);
	CHECK_EQ(1, atomic_read(&item.runs));
}

static void c66_depth_survives(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_depth", WQ_UNBOUND, 0);
	static struct gate_work g;

	gate_init(&g);
	gate_block(wq, &g);
	CHECK(!disable_work(&g.work));
	complete(&g.go);
	destroy_workqueue(wq);			/* the run and its queue are over */
	CHECK(!cancel_work_sync(&g.work));
	CHECK(!schedule_work(&g.work));
	CHECK(enable_work(&g.work));
	complete(&g.go);
	CHECK(schedule_work(&g.work));
	flush_work(&g.work);
	CHECK_EQ(2, atomic_read(&g.ended));
}

static void c66_disable_removes_what_is_pending(void)
{
	struct workqueue_struct *one = alloc_workqueue("ktap_pend", WQ_UNBOUND, 1);
	static struct gate_work head;
	static struct count_work item;

	gate_init(&head);
	count_init(&item);
	gate_block(one, &head);
	CHECK(queue_work(one, &item.work));
	CHECK(disable_work(&item.work));
	CHECK(!work_pending(&item.work));
	complete(&head.go);
	flush_workqueue(one);
	CHECK_EQ(0, atomic_read(&item.runs));
	CHECK(enable_work(&item.work));
	destroy_workqueue(one);
}

static void c67_depth_stops_at_its_limit(void)
{
	static struct count_work item;
	int i;

	count_init(&item);
	for (i = 0; i < 65536; i++)		/* the last one warns and is not counted */
		disable_work(&item.work);
	for (i = 0; i < 65534; i++)
		if (enable_work(&item.work))
			break;
	CHECK_EQ(65534, i);
	CHECK(!schedule_work(&item.work));
	CHECK(enable_work(&item.work));
	CHECK(schedule_work(&item.work));
	flush_work(&item.work);
}

static void c68_enable_without_disable(void)
{
	struct workqueue_struct *one = alloc_workqueue("ktap_unbal", WQ_UNBOUND, 1);
	static struct gate_work head;
	static struct count_work item;

	gate_init(&head);
	count_init(&item);
	gate_block(one, &head);
	CHECK(queue_work(one, &item.work));
	CHECK(enable_work(&item.work));		/* warns */
	complete(&head.go);
	flush_workqueue(one);
#ifdef __UWQ__
	CHECK_EQ(1, atomic_read(&item.runs));	/* U27: the pending instance is left alone */
#else
	CHECK_EQ(0, atomic_read(&item.runs));
#endif
	CHECK(!work_pending(&item.work));
	destroy_workqueue(one);
}

static void c69_refused_calls_are_not_replayed(void)
{
	static struct count_work item;

	count_init(&item);
	disable_work_sync(&item.work);
	CHECK(!schedule_work(&item.work));
	CHECK(enable_work(&item.work));
	CHECK(!work_pending(&item.work));
	CHECK(!flush_work(&item.work));
	CHECK_EQ(0, atomic_read(&item.runs));
}

static void c69_enable_and_queue(void)
{
	static struct count_work item;

	count_init(&item);
	disable_work(&item.work);
	disable_work(&item.work);
	CHECK(!enable_and_queue_work(system_unbound_wq, &item.work));
	CHECK(!work_pending(&item.work));
	CHECK(enable_and_queue_work(system_unbound_wq, &item.work));
	CHECK(BECOMES(atomic_read(&item.runs) == 1));
	flush_work(&item.work);
	CHECK_EQ(1, atomic_read(&item.runs));
}

/* Requeues itself when let go; says what it was told. */
static struct {
	struct work_struct work;
	struct completion started, go;
	bool accepted;
	int runs;
} self;

static void self_func(struct work_struct *work)
{
	self.runs++;
	complete(&self.started);
	CHECK(wait_for_completion_timeout(&self.go, LONG_TIME) > 0);
	self.accepted = queue_work(system_unbound_wq, work);
}

static void self_start(void)
{
	INIT_WORK(&self.work, self_func);
	init_completion(&self.started);
	init_completion(&self.go);
	self.accepted = true;
	self.runs = 0;
	CHECK(queue_work(system_unbound_wq, &self.work));
	WAIT(&self.started);
}

static void c70_disable_returns_while_it_runs(void)
{
	self_start();
	CHECK(!disable_work(&self.work));
	CHECK(work_busy(&self.work) & WORK_BUSY_RUNNING);
	complete_all(&self.go);
	flush_work(&self.work);
	CHECK(!self.accepted);
	CHECK_EQ(1, self.runs);
	CHECK(enable_work(&self.work));
}

static void c70_disable_sync_waits_for_the_run(void)
{
	static struct caller disabler;

	self_start();
	caller_start(&disabler, call_disable_sync, &self.work);
	CHECK(STAYS(!completion_done(&disabler.done), A_WHILE));
	complete_all(&self.go);
	CHECK(!caller_end(&disabler));
	CHECK(!self.accepted);
	CHECK_EQ(0, work_busy(&self.work));
	CHECK_EQ(1, self.runs);
	CHECK(enable_work(&self.work));
}

static atomic_t later_runs;

static void later_func(struct work_struct *work)
{
	atomic_inc(&later_runs);
}

static void c71_disabled_delayed_item(void)
{
	static struct delayed_work d;

	INIT_DELAYED_WORK(&d, later_func);
	atomic_set(&later_runs, 0);
	CHECK(!disable_delayed_work(&d));
	CHECK(!schedule_delayed_work(&d, 1));
	CHECK(!mod_delayed_work(system_wq, &d, 1));
	CHECK(!mod_delayed_work(system_wq, &d, 0));
	CHECK(!delayed_work_pending(&d));
	CHECK(!timer_pending(&d.timer));
	CHECK(enable_delayed_work(&d));
	CHECK(!delayed_work_pending(&d));
	CHECK(schedule_delayed_work(&d, 1000 * HZ));
	CHECK(disable_delayed_work_sync(&d));		/* takes the timer away */
	CHECK(!timer_pending(&d.timer));
	CHECK(enable_delayed_work(&d));
	CHECK_EQ(0, atomic_read(&later_runs));
}

static void c71_disabled_rcu_item(void)
{
	static struct rcu_work r;

	INIT_RCU_WORK(&r, later_func);
	atomic_set(&later_runs, 0);
	CHECK(!disable_work(&r.work));
	CHECK(!queue_rcu_work(system_wq, &r));		/* warns */
	rcu_barrier();
	CHECK(!work_pending(&r.work));
	CHECK_EQ(0, atomic_read(&later_runs));
	CHECK(enable_work(&r.work));
	CHECK(queue_rcu_work(system_wq, &r));
	flush_rcu_work(&r);
	CHECK_EQ(1, atomic_read(&later_runs));
}

static void c72_disable_against_the_timer(void)
{
	static struct delayed_work d;
	int i, runs, late = 0;

	INIT_DELAYED_WORK(&d, later_func);
	atomic_set(&later_runs, 0);
	for (i = 0; i < 150; i++) {
		CHECK(schedule_delayed_work(&d, 1));
		usleep_range(1000 * (i % 8), 1000 * (i % 8) + 200);
		disable_delayed_work_sync(&d);
		runs = atomic_read(&later_runs);
		CHECK(!delayed_work_pending(&d));
		usleep_range(200, 400);
		late += atomic_read(&later_runs) != runs;
		CHECK(enable_delayed_work(&d));
	}
	CHECK_EQ(0, late);
}

static const struct ktap_case cases[] = {
	{ "C66 queueable only at depth 0", c66_depth_counts },
	{ "C66 the depth survives the run and the queue", c66_depth_survives },
	{ "C66 disabling removes a pending instance", c66_disable_removes_what_is_pending },
	{ "C67 the depth stops at 65535", c67_depth_stops_at_its_limit },
	{ "C68 enable without disable", c68_enable_without_disable },
	{ "C69 refused calls are not replayed", c69_refused_calls_are_not_replayed },
	{ "C69 enable_and_queue_work queues when the depth reaches 0", c69_enable_and_queue },
	{ "C70 disable returns while it runs, its requeue is refused",
	  c70_disable_returns_while_it_runs },
	{ "C70 disable_sync waits for the run", c70_disable_sync_waits_for_the_run },
	{ "C71 a disabled delayed item is not armed", c71_disabled_delayed_item },
	{ "C71 a disabled rcu item is not queued", c71_disabled_rcu_item },
	{ "C72 disable against a firing timer: no run while disabled",
	  c72_disable_against_the_timer },
};

KTAP_MODULE(cases, "disabling and enabling");
