// SPDX-License-Identifier: MIT
/*
 * names_flags.c - making queues and items, the system queues, small calls
 *
 * C145 and the parts of the interface that the other modules take for granted.
 */
#include <linux/preempt.h>
#include <linux/timer.h>

#include "ktap.h"

static void size_of_an_item(void)
{
	CHECK_EQ(32, sizeof(struct work_struct));
	CHECK_EQ(0, offsetof(struct work_struct, data));
	CHECK_EQ(8, offsetof(struct work_struct, entry));
	CHECK_EQ(24, offsetof(struct work_struct, func));
}

static void runs_one_item(struct workqueue_struct *wq)
{
	static struct count_work item;

	if (!CHECK(wq != NULL))
		return;
	count_init(&item);
	CHECK(queue_work(wq, &item.work));
	flush_work(&item.work);
	CHECK_EQ(1, atomic_read(&item.runs));
}

static void system_queues_run(void)
{
	runs_one_item(system_wq);
	runs_one_item(system_highpri_wq);
	runs_one_item(system_long_wq);
	runs_one_item(system_unbound_wq);
	runs_one_item(system_freezable_wq);
	runs_one_item(system_power_efficient_wq);
	runs_one_item(system_freezable_power_efficient_wq);
}

static int bh_softirq;

static void bh_func(struct work_struct *work)
{
	bh_softirq = in_serving_softirq() && !in_task();
}

static void bh_queues_run_in_softirq_context(void)
{
	static struct work_struct work;

	INIT_WORK(&work, bh_func);
	bh_softirq = 0;
	CHECK(queue_work(system_bh_wq, &work));
	flush_work(&work);
	CHECK(bh_softirq);
	bh_softirq = 0;
	CHECK(queue_work(system_bh_highpri_wq, &work));
	flush_work(&work);
	CHECK(bh_softirq);
}

static void alloc_run_destroy(struct workqueue_struct *wq)
{
	runs_one_item(wq);
	if (wq)
		destroy_workqueue(wq);
}

static void c145_long_names_are_cut(void)
{
	alloc_run_destroy(alloc_workqueue("ktap_%s_%d", WQ_UNBOUND, 0,
					  "a_name_that_is_far_longer_than_a_queue_can_keep", 7));
}

static void every_kind_of_queue(void)
{
	alloc_run_destroy(alloc_workqueue("ktap_%d", KTAP_PERCPU, 0, 1));
	alloc_run_destroy(alloc_workqueue("ktap_%d", WQ_HIGHPRI | KTAP_PERCPU, 0, 2));
	alloc_run_destroy(alloc_workqueue("ktap_%d", WQ_CPU_INTENSIVE | KTAP_PERCPU, 0, 3));
	alloc_run_destroy(alloc_workqueue("ktap_%d", WQ_UNBOUND | WQ_HIGHPRI, 0, 4));
	alloc_run_destroy(alloc_workqueue("ktap_%d", WQ_MEM_RECLAIM | KTAP_PERCPU, 0, 5));
	alloc_run_destroy(alloc_workqueue("ktap_%d", WQ_MEM_RECLAIM | WQ_UNBOUND, 0, 6));
	alloc_run_destroy(alloc_workqueue("ktap_%d", WQ_FREEZABLE | KTAP_PERCPU, 0, 7));
	alloc_run_destroy(alloc_workqueue("ktap_%d", WQ_POWER_EFFICIENT | KTAP_PERCPU, 0, 8));
	alloc_run_destroy(create_workqueue("ktap_legacy"));
	alloc_run_destroy(create_freezable_workqueue("ktap_freeze"));
	alloc_run_destroy(create_singlethread_workqueue("ktap_single"));
}

static void limits_are_clamped(void)
{
	alloc_run_destroy(alloc_workqueue("ktap_many", WQ_UNBOUND, 1 << 20));	/* warns */
	alloc_run_destroy(alloc_workqueue("ktap_minus", WQ_UNBOUND, -3));	/* warns */
}

static void bh_queues_refuse_other_flags(void)
{
	CHECK(!alloc_workqueue("ktap_bh", WQ_BH | WQ_UNBOUND, 0));		/* warns */
	CHECK(!alloc_workqueue("ktap_bh", WQ_BH | WQ_MEM_RECLAIM, 0));
	CHECK(!alloc_workqueue("ktap_bh", WQ_BH, 4));				/* warns */
	alloc_run_destroy(alloc_workqueue("ktap_bh", WQ_BH, 0));
}

static struct work_struct *current_seen;

static void current_func(struct work_struct *work)
{
	current_seen = current_work();
}

static DECLARE_WORK(declared, current_func);

static void current_work_is_the_item(void)
{
	CHECK(current_work() == NULL);
	current_seen = NULL;
	CHECK(schedule_work(&declared));
	flush_work(&declared);
	CHECK(current_seen == &declared);
}

static struct completion declared_ran;

static void declared_delayed_func(struct work_struct *work)
{
	complete(&declared_ran);
}

static DECLARE_DELAYED_WORK(declared_delayed, declared_delayed_func);
static DECLARE_DEFERRABLE_WORK(declared_deferrable, declared_delayed_func);

static void declared_items_run(void)
{
	init_completion(&declared_ran);
	CHECK(schedule_delayed_work(&declared_delayed, 1));
	WAIT(&declared_ran);
	CHECK(schedule_delayed_work(&declared_deferrable, 1));
	flush_delayed_work(&declared_deferrable);	/* its timer may wait for others */
	WAIT(&declared_ran);
	flush_delayed_work(&declared_delayed);
}

static long on_cpu(void *arg)
{
	*(int *)arg = raw_smp_processor_id();
	return 1000 + *(int *)arg;
}

static void work_on_cpu_runs_there(void)
{
	int cpu, seen;

	for_each_online_cpu(cpu) {
		seen = -1;
		CHECK_EQ(1000 + cpu, work_on_cpu(cpu, on_cpu, &seen));
		CHECK_EQ(cpu, seen);
	}
}

static struct {
	struct execute_work ew;
	struct timer_list timer;
	struct completion ran;
	int answer;
	bool in_task;
} context;

static void context_func(struct work_struct *work)
{
	context.in_task = in_task();
	complete(&context.ran);
}

static void context_timer(struct timer_list *timer)
{
	context.answer = execute_in_process_context(context_func, &context.ew);
}

static void execute_in_process_context_asks_where_it_is(void)
{
	init_completion(&context.ran);
	CHECK_EQ(0, execute_in_process_context(context_func, &context.ew));
	CHECK(completion_done(&context.ran));		/* called at once */
	init_completion(&context.ran);
	context.answer = -1;
	timer_setup(&context.timer, context_timer, 0);
	mod_timer(&context.timer, jiffies + 1);
	WAIT(&context.ran);
	timer_delete_sync(&context.timer);
	CHECK_EQ(1, context.answer);			/* left to a worker */
	CHECK(context.in_task);
	flush_work(&context.ew.work);
}

static const struct ktap_case cases[] = {
	{ "an item is four words", size_of_an_item },
	{ "the system queues run items", system_queues_run },
	{ "BH queues run items in softirq context", bh_queues_run_in_softirq_context },
	{ "C145 a name that is too long is cut", c145_long_names_are_cut },
	{ "every kind of queue runs items", every_kind_of_queue },
	{ "limits out of range are clamped", limits_are_clamped },
	{ "BH queues refuse other flags and limits", bh_queues_refuse_other_flags },
	{ "current_work is the item that runs", current_work_is_the_item },
	{ "declared items run", declared_items_run },
	{ "work_on_cpu runs there and gives the result back", work_on_cpu_runs_there },
	{ "execute_in_process_context calls at once, or leaves it to a worker",
	  execute_in_process_context_asks_where_it_is },
};

KTAP_MODULE(cases, "queues, items, small calls");
