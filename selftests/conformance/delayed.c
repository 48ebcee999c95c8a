// SPDX-License-Identifier: MIT
/*
 * delayed.c - delayed items: when, where and how often they run (C73-C82)
 */
#include "ktap.h"

/* A delayed item that notes when and where it ran. */
struct timed {
	struct delayed_work dwork;
	struct completion ran;
	atomic_t runs;
	unsigned long at;
	int cpu;
	bool pending_on_entry;
};

static void timed_func(struct work_struct *work)
{
	struct timed *t = container_of(to_delayed_work(work), struct timed, dwork);

	t->at = jiffies;
	t->cpu = raw_smp_processor_id();
	t->pending_on_entry = delayed_work_pending(&t->dwork);
	atomic_inc(&t->runs);
	complete(&t->ran);
}

static struct timed t;

static void timed_init(struct timed *timed)
{
	INIT_DELAYED_WORK(&timed->dwork, timed_func);
	init_completion(&timed->ran);
	atomic_set(&timed->runs, 0);
	timed->cpu = -1;
}

static void c73_no_delay_no_timer(void)
{
	int i;

	timed_init(&t);
	for (i = 0; i < 500; i++) {
		CHECK(schedule_delayed_work(&t.dwork, 0));
		CHECK(!timer_pending(&t.dwork.timer));
		flush_work(&t.dwork.work);
		CHECK(!mod_delayed_work(system_wq, &t.dwork, 0));
		CHECK(!timer_pending(&t.dwork.timer));
		flush_work(&t.dwork.work);
	}
	CHECK_EQ(1000, atomic_read(&t.runs));
}

static void c74_never_early(void)
{
	static const unsigned long delays[] = { 1, 2, 3, 7, 20, 64 };
	int i;

	timed_init(&t);
	for (i = 0; i < ARRAY_SIZE(delays); i++) {
		unsigned long armed = jiffies;

		CHECK(schedule_delayed_work(&t.dwork, delays[i]));
		WAIT(&t.ran);
		CHECK(!time_before(t.at, armed + delays[i]));
		flush_work(&t.dwork.work);
	}
}

static void c74_long_delays_are_not_now(void)
{
	static const unsigned long delays[] = { 1000UL * HZ, 1UL << 31, 1UL << 40, LONG_MAX / 2 };
	int i;

	timed_init(&t);
	for (i = 0; i < ARRAY_SIZE(delays); i++) {
		CHECK(schedule_delayed_work(&t.dwork, delays[i]));
		msleep(5);
		CHECK(delayed_work_pending(&t.dwork));
		CHECK(cancel_delayed_work_sync(&t.dwork));
	}
	CHECK_EQ(0, atomic_read(&t.runs));
}

static void c75_second_call_changes_nothing(void)
{
	struct workqueue_struct *other = alloc_workqueue("ktap_other", WQ_UNBOUND, 1);
	static struct gate_work head;

	gate_init(&head);
	gate_block(other, &head);		/* nothing can run there */
	timed_init(&t);
	CHECK(schedule_delayed_work(&t.dwork, 10000 * HZ));
	CHECK(!queue_delayed_work(other, &t.dwork, 1));
	CHECK(!queue_delayed_work(other, &t.dwork, 0));
	CHECK(STAYS(!atomic_read(&t.runs), A_WHILE));
	/* and it goes where the first call has sent it */
	flush_delayed_work(&t.dwork);
	CHECK_EQ(1, atomic_read(&t.runs));
	complete(&head.go);
	destroy_workqueue(other);
}

static void c76_mod_replaces_the_time(void)
{
	unsigned long from;

	timed_init(&t);
	CHECK(schedule_delayed_work(&t.dwork, 10000 * HZ));
	from = jiffies;
	CHECK(mod_delayed_work(system_wq, &t.dwork, 5));
	WAIT(&t.ran);
	CHECK(!time_before(t.at, from + 5));
	CHECK(schedule_delayed_work(&t.dwork, 1000 * HZ));
	CHECK(mod_delayed_work(system_wq, &t.dwork, 2000 * HZ));
	CHECK(delayed_work_pending(&t.dwork));
	CHECK(cancel_delayed_work_sync(&t.dwork));
	CHECK_EQ(1, atomic_read(&t.runs));
}

static void c76_mod_takes_a_queued_item_back(void)
{
	struct workqueue_struct *one = alloc_workqueue("ktap_back", WQ_UNBOUND, 1);
	static struct gate_work head;

	gate_init(&head);
	gate_block(one, &head);
	timed_init(&t);
	CHECK(queue_delayed_work(one, &t.dwork, 0));	/* on the worklist */
	CHECK(mod_delayed_work(one, &t.dwork, 1000 * HZ));
	complete(&head.go);
	flush_workqueue(one);
	CHECK_EQ(0, atomic_read(&t.runs));
	CHECK(delayed_work_pending(&t.dwork));
	CHECK(mod_delayed_work(one, &t.dwork, 0));
	flush_work(&t.dwork.work);
	CHECK_EQ(1, atomic_read(&t.runs));
	destroy_workqueue(one);
}

static void c76_storm_call(struct caller *c)
{
	int i;

	for (i = 0; i < 300; i++) {
		mod_delayed_work(system_wq, &t.dwork, 1000 * HZ);
		cond_resched();
	}
}

static void c76_many_mods_one_run(void)
{
	static struct caller caller[4];
	int i;

	timed_init(&t);
	for (i = 0; i < 4; i++)
		caller_start(&caller[i], c76_storm_call, NULL);
	for (i = 0; i < 4; i++)
		caller_end(&caller[i]);
	CHECK_EQ(0, atomic_read(&t.runs));
	CHECK(mod_delayed_work(system_wq, &t.dwork, 2));
	WAIT(&t.ran);
	flush_work(&t.dwork.work);
	CHECK(!delayed_work_pending(&t.dwork));
	CHECK_EQ(1, atomic_read(&t.runs));
}

static struct {
	struct delayed_work dwork;
	struct completion started, go;
	atomic_t runs;
} slow;

static void slow_func(struct work_struct *work)
{
	atomic_inc(&slow.runs);
	complete(&slow.started);
	CHECK(wait_for_completion_timeout(&slow.go, LONG_TIME) > 0);
}

static void c77_mod_of_a_running_item(void)
{
	INIT_DELAYED_WORK(&slow.dwork, slow_func);
	init_completion(&slow.started);
	init_completion(&slow.go);
	atomic_set(&slow.runs, 0);
	CHECK(schedule_delayed_work(&slow.dwork, 0));
	WAIT(&slow.started);
	CHECK(!mod_delayed_work(system_wq, &slow.dwork, 1));	/* it was not pending */
	CHECK(delayed_work_pending(&slow.dwork));
	complete_all(&slow.go);
	WAIT(&slow.started);
	flush_delayed_work(&slow.dwork);
	CHECK_EQ(2, atomic_read(&slow.runs));
}

static void c78_cancel_against_expiry(void)
{
	int i, both = 0, neither = 0, runs = 0;

	timed_init(&t);
	for (i = 0; i < 200; i++) {
		bool cancelled;

		CHECK(schedule_delayed_work(&t.dwork, 1));
		usleep_range(500 * (i % 17), 500 * (i % 17) + 100);
		cancelled = cancel_delayed_work(&t.dwork);
		flush_work(&t.dwork.work);
		if (cancelled && atomic_read(&t.runs) != runs)
			both++;
		if (!cancelled && atomic_read(&t.runs) != runs + 1)
			neither++;
		runs = atomic_read(&t.runs);
	}
	CHECK_EQ(0, both);
	CHECK_EQ(0, neither);
}

static void c79_flush_runs_an_armed_item_now(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_now", KTAP_PERCPU, 0);
	int cpu;

	for_each_online_cpu(cpu) {
		timed_init(&t);
		CHECK(queue_delayed_work_on(cpu, wq, &t.dwork, 3600UL * HZ));
		flush_delayed_work(&t.dwork);
		CHECK_EQ(1, atomic_read(&t.runs));
		CHECK_EQ(cpu, t.cpu);
		CHECK(!delayed_work_pending(&t.dwork));
	}
	CHECK(!flush_delayed_work(&t.dwork));		/* idle */
	destroy_workqueue(wq);
}

static void c80_target_of_the_last_arming(void)
{
	struct workqueue_struct *a = alloc_workqueue("ktap_from", WQ_UNBOUND, 1);
	struct workqueue_struct *b = alloc_workqueue("ktap_to", WQ_UNBOUND, 1);
	static struct gate_work head;
	static struct timed fresh;			/* never armed before */

	gate_init(&head);
	gate_block(a, &head);				/* nothing can run there */
	timed_init(&fresh);
	CHECK(queue_delayed_work(a, &fresh.dwork, 1000 * HZ));
	CHECK(mod_delayed_work(b, &fresh.dwork, 1));
	WAIT(&fresh.ran);
	complete(&head.go);
	flush_work(&fresh.dwork.work);
	destroy_workqueue(a);
	destroy_workqueue(b);
}

static void c80_cpu_of_the_arming(void)
{
	int cpu;

	for_each_online_cpu(cpu) {
		timed_init(&t);
		CHECK(schedule_delayed_work_on(cpu, &t.dwork, 2));
		WAIT(&t.ran);
		CHECK_EQ(cpu, t.cpu);
		flush_work(&t.dwork.work);
	}
}

static void c81_pending_from_arming_to_entry(void)
{
	timed_init(&t);
	CHECK(!delayed_work_pending(&t.dwork));
	CHECK(schedule_delayed_work(&t.dwork, 10000 * HZ));
	CHECK(delayed_work_pending(&t.dwork));
	CHECK(mod_delayed_work(system_wq, &t.dwork, 3));
	WAIT(&t.ran);
	CHECK(!t.pending_on_entry);
	flush_work(&t.dwork.work);
	CHECK(!delayed_work_pending(&t.dwork));
}

#define PERIODS	30

static struct {
	struct delayed_work dwork;
	struct completion enough;
	atomic_t runs;
} periodic;

static void periodic_func(struct work_struct *work)
{
	if (atomic_inc_return(&periodic.runs) == PERIODS)
		complete(&periodic.enough);
	schedule_delayed_work(&periodic.dwork, 1);
}

static void c82_rearming_itself(void)
{
	unsigned long from = jiffies;
	int runs;

	INIT_DELAYED_WORK(&periodic.dwork, periodic_func);
	init_completion(&periodic.enough);
	atomic_set(&periodic.runs, 0);
	schedule_delayed_work(&periodic.dwork, 1);
	WAIT(&periodic.enough);
	CHECK(!time_before(jiffies, from + PERIODS));
	cancel_delayed_work_sync(&periodic.dwork);
	runs = atomic_read(&periodic.runs);
	CHECK(runs >= PERIODS);
	CHECK(STAYS(atomic_read(&periodic.runs) == runs, A_WHILE));
}

static const struct ktap_case cases[] = {
	{ "C73 without a delay no timer is used", c73_no_delay_no_timer },
	{ "C74 never earlier than the delay", c74_never_early },
	{ "C74 very long delays do not become now", c74_long_delays_are_not_now },
	{ "C75 queueing a pending item changes neither time nor queue",
	  c75_second_call_changes_nothing },
	{ "C76 mod_delayed_work replaces the time", c76_mod_replaces_the_time },
	{ "C76 mod_delayed_work takes a queued item back to its timer",
	  c76_mod_takes_a_queued_item_back },
	{ "C76 any number of mods give one run", c76_many_mods_one_run },
	{ "C77 mod of a running item: false, and one more run", c77_mod_of_a_running_item },
	{ "C78 cancel against the expiry: true or a run, never both, never neither",
	  c78_cancel_against_expiry },
	{ "C79 flush_delayed_work runs an armed item now, on its CPU",
	  c79_flush_runs_an_armed_item_now },
	{ "C80 the queue is that of the last arming", c80_target_of_the_last_arming },
	{ "C80 the CPU is that of the arming", c80_cpu_of_the_arming },
	{ "C81 pending from arming to entry", c81_pending_from_arming_to_entry },
	{ "C82 an item rearms itself and is stopped by one cancel", c82_rearming_itself },
};

KTAP_MODULE(cases, "delayed items");
