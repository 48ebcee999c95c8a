// SPDX-License-Identifier: MIT
/*
 * bh.c - bottom halves: order, place, context, budget, and the calls on them (C127-C130)
 *
 * A bottom half that is held keeps its CPU busy, so every check runs in a worker of CPU 0
 * and holds CPU 1 only.
 */
#include <linux/preempt.h>
#include <linux/spinlock.h>

#include "ktap.h"

struct bh_item {
	struct work_struct work;
	atomic_t runs;
	int cpu, number;
	int hold;	/* stay in the function while set */
	int begun;
	int stop;	/* end of a flood */
};

static int order[64];
static atomic_t nr_ran, inside[2], overlaps;

static void bh_func(struct work_struct *work)
{
	struct bh_item *item = container_of(work, struct bh_item, work);
	unsigned long end = jiffies + LONG_TIME;
	int at;

	item->cpu = smp_processor_id();
	if (atomic_inc_return(&inside[item->cpu & 1]) > 1)
		atomic_inc(&overlaps);
	smp_store_release(&item->begun, 1);
	while (smp_load_acquire(&item->hold) && time_before(jiffies, end))
		cpu_relax();
	at = atomic_inc_return(&nr_ran) - 1;
	if (at >= 0 && at < ARRAY_SIZE(order))
		order[at] = item->number;
	atomic_dec(&inside[item->cpu & 1]);
	atomic_inc(&item->runs);
}

static void bh_init(struct bh_item *item, int number)
{
	memset(item, 0, sizeof(*item));
	INIT_WORK(&item->work, bh_func);
	item->number = number;
	item->cpu = -1;
}

static void hold_cpu_1(struct bh_item *item, struct workqueue_struct *wq)
{
	bh_init(item, -1);
	item->hold = 1;
	CHECK(queue_work_on(1, wq, &item->work));
	CHECK(BECOMES(smp_load_acquire(&item->begun)));
}

static void let_go(struct bh_item *item)
{
	smp_store_release(&item->hold, 0);
}

static long c127_order_and_no_overlap(void *unused)
{
	static struct bh_item held, items[32];
	int i, next[2] = { 0, 0 };

	atomic_set(&overlaps, 0);
	hold_cpu_1(&held, system_bh_wq);
	atomic_set(&nr_ran, -1);	/* the one that is held is not in the list */
	for (i = 0; i < 32; i++) {
		bh_init(&items[i], i);
		CHECK(queue_work_on(1, i & 1 ? system_bh_highpri_wq : system_bh_wq,
				    &items[i].work));
	}
	let_go(&held);
	for (i = 0; i < 32; i++)
		flush_work(&items[i].work);
	flush_work(&held.work);
	CHECK_EQ(32, atomic_read(&nr_ran));
	CHECK_EQ(0, atomic_read(&overlaps));
	for (i = 0; i < 32; i++) {
		CHECK_EQ(2 * next[order[i] & 1] + (order[i] & 1), order[i]);
		next[order[i] & 1]++;
	}
	return 0;
}

static long c128_runs_on_the_cpu_asked_for(void *unused)
{
	static struct bh_item item;
	int i;

	for (i = 0; i < 20; i++) {
		bh_init(&item, 0);
		CHECK(queue_work_on(i & 1, i & 2 ? system_bh_highpri_wq : system_bh_wq,
				    &item.work));
		CHECK(BECOMES(atomic_read(&item.runs) == 1));
		flush_work(&item.work);
		CHECK_EQ(i & 1, item.cpu);
	}
	return 0;
}

static int context_word, context_current;

static void context_func(struct work_struct *work)
{
	context_word = in_softirq() && in_serving_softirq() && in_interrupt() && in_atomic() &&
		       !in_task() && !in_hardirq() && !irqs_disabled();
	context_current = current_work() != NULL;
}

static long c127_context(void *unused)
{
	static struct work_struct work;

	INIT_WORK(&work, context_func);
	context_word = 0;
	context_current = 1;
	CHECK(queue_work_on(1, system_bh_wq, &work));
	flush_work(&work);
	CHECK(context_word);
	CHECK(!context_current);
	return 0;
}

static void flood_func(struct work_struct *work)
{
	struct bh_item *item = container_of(work, struct bh_item, work);

	atomic_inc(&item->runs);
	if (!smp_load_acquire(&item->stop))
		queue_work_on(1, system_bh_highpri_wq, work);
}

static long c129_flood_starves_nobody(void *unused)
{
	static struct bh_item flood, item;
	static struct count_work task;

	bh_init(&flood, 0);
	INIT_WORK(&flood.work, flood_func);
	bh_init(&item, 0);
	count_init(&task);
	CHECK(queue_work_on(1, system_bh_highpri_wq, &flood.work));
	CHECK(BECOMES(atomic_read(&flood.runs) > 50));
	CHECK(queue_work_on(1, system_bh_wq, &item.work));
	CHECK(BECOMES(atomic_read(&item.runs) == 1));
	CHECK(schedule_work_on(1, &task.work));	/* a thread there */
	CHECK(BECOMES(atomic_read(&task.runs) == 1));
	smp_store_release(&flood.stop, 1);
	cancel_work_sync(&flood.work);
	flush_work(&item.work);
	flush_work(&task.work);
	return 0;
}

static long c130_queued_ones_are_cancelled(void *unused)
{
	static struct bh_item held, a, b;

	hold_cpu_1(&held, system_bh_wq);
	bh_init(&a, 0);
	bh_init(&b, 1);
	CHECK(queue_work_on(1, system_bh_wq, &a.work));
	CHECK(queue_work_on(1, system_bh_wq, &b.work));
	CHECK(work_pending(&a.work));
	CHECK(cancel_work_sync(&a.work));
	CHECK(disable_work_sync(&b.work));
	CHECK(!queue_work_on(1, system_bh_wq, &b.work));
	let_go(&held);
	flush_work(&held.work);
	CHECK(enable_work(&b.work));
	CHECK(queue_work_on(1, system_bh_wq, &b.work));
	flush_work(&b.work);
	CHECK_EQ(0, atomic_read(&a.runs));
	CHECK_EQ(1, atomic_read(&b.runs));
	return 0;
}

static struct delayed_bh {
	struct delayed_work dwork;
	atomic_t runs;
	int softirq;
} delayed;

static void delayed_func(struct work_struct *work)
{
	WRITE_ONCE(delayed.softirq, !!in_serving_softirq());
	atomic_inc(&delayed.runs);
}

static long c130_delayed_ones_come(void *unused)
{
	INIT_DELAYED_WORK(&delayed.dwork, delayed_func);
	atomic_set(&delayed.runs, 0);
	CHECK(queue_delayed_work(system_bh_wq, &delayed.dwork, 2));
	CHECK(BECOMES(atomic_read(&delayed.runs) == 1));
	CHECK(READ_ONCE(delayed.softirq));
	CHECK(queue_delayed_work(system_bh_wq, &delayed.dwork, 3600 * HZ));
	CHECK(mod_delayed_work(system_bh_wq, &delayed.dwork, 1));
	CHECK(BECOMES(atomic_read(&delayed.runs) == 2));
	CHECK(queue_delayed_work(system_bh_wq, &delayed.dwork, 3600 * HZ));
	CHECK(cancel_delayed_work_sync(&delayed.dwork));
	CHECK_EQ(2, atomic_read(&delayed.runs));
	return 0;
}

static void slow_func(struct work_struct *work)
{
	struct bh_item *item = container_of(work, struct bh_item, work);

	smp_store_release(&item->begun, 1);
	mdelay(20);
	atomic_inc(&item->runs);
}

static DEFINE_SPINLOCK(lock);

static long c64_cancel_waits_in_atomic_context(void *unused)
{
	static struct bh_item item;
	int i;

	for (i = 0; i < 3; i++) {
		bh_init(&item, 0);
		INIT_WORK(&item.work, slow_func);
		CHECK(queue_work_on(1, system_bh_wq, &item.work));
		CHECK(BECOMES(smp_load_acquire(&item.begun)));
		if (i == 0)
			spin_lock(&lock);
		else
			local_bh_disable();
		if (i == 2)
			disable_work_sync(&item.work);
		else
			cancel_work_sync(&item.work);
		CHECK_EQ(1, atomic_read(&item.runs));
		CHECK(!work_busy(&item.work));
		if (i == 0)
			spin_unlock(&lock);
		else
			local_bh_enable();
	}
	return 0;
}

/* The run may be over before the flush looks, if this thread gets no CPU for so long. */
static long flush_waits_for_the_run(void *unused)
{
	static struct bh_item item;
	bool waited = false;
	int i;

	for (i = 0; i < 100 && !waited; i++) {
		bh_init(&item, 0);
		INIT_WORK(&item.work, slow_func);
		CHECK(queue_work_on(1, system_bh_highpri_wq, &item.work));
		waited = flush_work(&item.work);
		CHECK_EQ(1, atomic_read(&item.runs));
		CHECK(!flush_work(&item.work));
	}
	CHECK(waited);
	return 0;
}

static long own_queue_is_drained_and_destroyed(void *unused)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_bh", WQ_BH | KTAP_PERCPU, 0);
	static struct bh_item items[40];
	int i, runs = 0;

	if (!CHECK(wq != NULL))
		return 0;
	for (i = 0; i < 40; i++) {
		bh_init(&items[i], i);
		CHECK(queue_work_on(i & 1, wq, &items[i].work));
	}
	drain_workqueue(wq);
	for (i = 0; i < 40; i++)
		runs += atomic_read(&items[i].runs);
	CHECK_EQ(40, runs);
	CHECK(queue_work(wq, &items[0].work));
	destroy_workqueue(wq);
	CHECK_EQ(2, atomic_read(&items[0].runs));
	return 0;
}

#define ON_CPU_0(fn) static void fn##_0(void) { work_on_cpu(0, fn, NULL); }
ON_CPU_0(c127_order_and_no_overlap)
ON_CPU_0(c128_runs_on_the_cpu_asked_for)
ON_CPU_0(c127_context)
ON_CPU_0(c129_flood_starves_nobody)
ON_CPU_0(c130_queued_ones_are_cancelled)
ON_CPU_0(c130_delayed_ones_come)
ON_CPU_0(c64_cancel_waits_in_atomic_context)
ON_CPU_0(flush_waits_for_the_run)
ON_CPU_0(own_queue_is_drained_and_destroyed)

static const struct ktap_case cases[] = {
	{ "C127 bottom halves of a CPU run in order, one at a time", c127_order_and_no_overlap_0 },
	{ "C127 their context is softirq, and current_work is nothing", c127_context_0 },
	{ "C128 queue_work_on runs them on that CPU", c128_runs_on_the_cpu_asked_for_0 },
	{ "C129 a flood of highpri ones starves nobody", c129_flood_starves_nobody_0 },
	{ "C130 queued ones are cancelled and disabled", c130_queued_ones_are_cancelled_0 },
	{ "C130 delayed ones come", c130_delayed_ones_come_0 },
	{ "C130 flush waits for the run", flush_waits_for_the_run_0 },
	{ "C64 cancel_work_sync waits in atomic context", c64_cancel_waits_in_atomic_context_0 },
	{ "C51 a queue of them is drained and destroyed", own_queue_is_drained_and_destroyed_0 },
};

KTAP_MODULE(cases, "bottom halves");
