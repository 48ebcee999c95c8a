// SPDX-License-Identifier: MIT
/*
 * drain_destroy.c - emptying a queue and taking it down (C4, C46-C52)
 */
#include "ktap.h"

#define NR_ITEMS	300

/* A drain that is known to be under way: outside items are refused. */
struct draining {
	struct workqueue_struct *wq;
	struct gate_work head;
	struct caller drainer;
	struct count_work probe;
};

/* Probes are accepted and run, or dropped: the first that does not run tells. */
static void drain_begin(struct draining *d, unsigned int flags, int max_active)
{
	unsigned long end = jiffies + LONG_TIME;
	bool refused = false;

	d->wq = alloc_workqueue("ktap_drain", flags, max_active);
	gate_init(&d->head);
	gate_block(d->wq, &d->head);
	count_init(&d->probe);
	caller_start(&d->drainer, call_drain, d->wq);
	while (!refused && time_before(jiffies, end)) {
		int before = atomic_read(&d->probe.runs);

		queue_work(d->wq, &d->probe.work);
		flush_work(&d->probe.work);
		refused = atomic_read(&d->probe.runs) == before;
		usleep_range(500, 1000);
	}
	CHECK(refused);
}

static void drain_end(struct draining *d)
{
	complete_all(&d->head.go);
	caller_end(&d->drainer);
}

/*
 * A dropped item is idle again in uwq, as in newer kernels. 6.12 drops it without
 * giving PENDING back: there it can only be initialised anew, and a cancel would
 * spin for ever.
 */
static void expect_dropped(struct work_struct *work)
{
#ifdef __UWQ__
	CHECK(!work_pending(work));
	CHECK(!cancel_work_sync(work));
#else
	CHECK(work_pending(work));
	INIT_WORK(work, work->func);
#endif
}

static void c4_outside_item_is_dropped(void)
{
	static struct draining d;
	static struct count_work item;

	drain_begin(&d, WQ_UNBOUND, 0);
	count_init(&item);
	CHECK(queue_work(d.wq, &item.work));	/* U28: true, as in the kernel */
	expect_dropped(&item.work);
	drain_end(&d);
	CHECK_EQ(0, atomic_read(&item.runs));
	CHECK(queue_work(d.wq, &item.work));
	flush_workqueue(d.wq);
	CHECK_EQ(1, atomic_read(&item.runs));
	destroy_workqueue(d.wq);
}

static struct {
	struct work_struct work;
	struct workqueue_struct *wq;
	struct completion go;
	int depth, runs;
} chain;

static void chain_func(struct work_struct *work)
{
	chain.runs++;
	if (chain.runs == 1)
		CHECK(wait_for_completion_timeout(&chain.go, LONG_TIME) > 0);
	if (chain.depth-- > 0)
		CHECK(queue_work(chain.wq, work));
}

static void c46_chained_items_are_drained(void)
{
	static struct draining d;

	/* The chain starts inside a drain that is known to be under way. */
	chain.wq = alloc_workqueue("ktap_chain", WQ_UNBOUND, 0);
	INIT_WORK(&chain.work, chain_func);
	init_completion(&chain.go);
	chain.depth = 5;
	chain.runs = 0;
	queue_work(chain.wq, &chain.work);
	caller_start(&d.drainer, call_drain, chain.wq);
	CHECK(STAYS(!completion_done(&d.drainer.done), A_WHILE));
	complete(&chain.go);
	caller_end(&d.drainer);
	CHECK_EQ(6, chain.runs);
	CHECK(!work_pending(&chain.work));
	destroy_workqueue(chain.wq);
}

static struct delayed_work late;
static atomic_t late_runs;

static void late_func(struct work_struct *work)
{
	atomic_inc(&late_runs);
}

static void c47_timer_during_drain_is_dropped(void)
{
	static struct draining d;

	INIT_DELAYED_WORK(&late, late_func);
	atomic_set(&late_runs, 0);
	drain_begin(&d, WQ_UNBOUND, 0);
	CHECK(queue_delayed_work(d.wq, &late, 2));	/* arming is accepted */
	CHECK(BECOMES(!timer_pending(&late.timer)));
	msleep(A_WHILE);				/* the callback is over */
	expect_dropped(&late.work);
	drain_end(&d);
	CHECK_EQ(0, atomic_read(&late_runs));
	CHECK(queue_delayed_work(d.wq, &late, 1));
	CHECK(flush_delayed_work(&late) || atomic_read(&late_runs));
	CHECK(BECOMES(atomic_read(&late_runs) == 1));
	destroy_workqueue(d.wq);
}

static void c48_nothing_is_left_after_drain(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_left", KTAP_PERCPU, 1);
	struct count_work *item = kcalloc(NR_ITEMS, sizeof(*item), GFP_KERNEL);
	int i, wrong = 0;

	for (i = 0; i < NR_ITEMS; i++) {
		count_init(&item[i]);
		queue_work_on(i % num_online_cpus(), wq, &item[i].work);
	}
	drain_workqueue(wq);
	for (i = 0; i < NR_ITEMS; i++)
		wrong += atomic_read(&item[i].runs) != 1 || work_busy(&item[i].work);
	CHECK_EQ(0, wrong);
	destroy_workqueue(wq);
	kfree(item);
}

static void c49_two_drainers(void)
{
	static struct draining d;
	static struct caller second;
	static struct count_work item;

	drain_begin(&d, WQ_UNBOUND, 0);
	caller_start(&second, call_drain, d.wq);
	CHECK(STAYS(!completion_done(&second.done), A_WHILE));
	drain_end(&d);
	caller_end(&second);
	count_init(&item);
	CHECK(queue_work(d.wq, &item.work));
	flush_workqueue(d.wq);
	CHECK_EQ(1, atomic_read(&item.runs));
	destroy_workqueue(d.wq);
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

static void c50_drain_lasts_as_long_as_the_requeueing(void)
{
	static struct caller drainer;

	loop.wq = alloc_workqueue("ktap_forever", WQ_UNBOUND, 0);
	INIT_WORK(&loop.work, loop_func);
	atomic_set(&loop.stop, 0);
	atomic_set(&loop.runs, 0);
	queue_work(loop.wq, &loop.work);
	caller_start(&drainer, call_drain, loop.wq);
	CHECK(BECOMES(atomic_read(&loop.runs) > 100));
	CHECK(!completion_done(&drainer.done));
	atomic_set(&loop.stop, 1);
	caller_end(&drainer);
	CHECK(!work_busy(&loop.work));
	destroy_workqueue(loop.wq);
}

static void destroy_runs_all(unsigned int flags, int max_active)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_destroy", flags, max_active);
	struct count_work *item = kcalloc(NR_ITEMS, sizeof(*item), GFP_KERNEL);
	int i, wrong = 0;

	for (i = 0; i < NR_ITEMS; i++) {
		count_init(&item[i]);
		queue_work(wq, &item[i].work);
	}
	destroy_workqueue(wq);
	for (i = 0; i < NR_ITEMS; i++)
		wrong += atomic_read(&item[i].runs) != 1;
	CHECK_EQ(0, wrong);
	kfree(item);
}

static void c51_active(void)
{
	destroy_runs_all(WQ_UNBOUND, 0);
}

static void c51_inactive(void)
{
	destroy_runs_all(KTAP_PERCPU, 1);
}

static void c52_chained_items_run_during_destroy(void)
{
	static struct caller destroyer;

	chain.wq = alloc_workqueue("ktap_chain_d", WQ_UNBOUND, 0);
	INIT_WORK(&chain.work, chain_func);
	init_completion(&chain.go);
	chain.depth = 5;
	chain.runs = 0;
	queue_work(chain.wq, &chain.work);
	caller_start(&destroyer, call_destroy, chain.wq);
	CHECK(STAYS(!completion_done(&destroyer.done), A_WHILE));
	complete(&chain.go);
	caller_end(&destroyer);
	CHECK_EQ(6, chain.runs);
}

static const struct ktap_case cases[] = {
	{ "C4 an outside item is dropped during drain, and works after",
	  c4_outside_item_is_dropped },
	{ "C46 chained items are drained too", c46_chained_items_are_drained },
	{ "C47 a delayed item that fires during drain is dropped and idle",
	  c47_timer_during_drain_is_dropped },
	{ "C48 nothing is left after drain, inactive items neither",
	  c48_nothing_is_left_after_drain },
	{ "C49 drains overlap, queueing works after the last", c49_two_drainers },
	{ "C50 drain lasts as long as an item requeues itself",
	  c50_drain_lasts_as_long_as_the_requeueing },
	{ "C51 destroy runs everything pending", c51_active },
	{ "C51 destroy runs inactive items", c51_inactive },
	{ "C52 chained items run during destroy", c52_chained_items_run_during_destroy },
};

KTAP_MODULE(cases, "drain and destroy");
