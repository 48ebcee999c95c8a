// SPDX-License-Identifier: MIT
/*
 * process_context.c - run a function somewhere: each CPU, one CPU, or here
 */
#include <linux/bug.h>
#include <linux/cpu.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "workqueue/workqueue_internal.h"

/**
 * schedule_on_each_cpu - run a function once on every online CPU and wait
 * @func: gets a different item on each CPU; must not wait for CPUs to come or go
 *
 * No CPU comes or goes meanwhile.
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM; then nothing has run.
 */
int schedule_on_each_cpu(work_func_t func)
{
	struct work_struct *works = kcalloc(nr_cpu_ids, sizeof(*works), GFP_KERNEL);
	int cpu;

	if (!works)
		return -ENOMEM;
	cpus_read_lock();
	for_each_online_cpu(cpu) {
		INIT_WORK(&works[cpu], func);
		schedule_work_on(cpu, &works[cpu]);
	}
	for_each_online_cpu(cpu)
		flush_work(&works[cpu]);
	cpus_read_unlock();
	kfree(works);
	return 0;
}
EXPORT_SYMBOL(schedule_on_each_cpu);

/**
 * execute_in_process_context - call now if that is allowed, else in a worker
 * @fn: function
 * @ew: storage, the caller's until @fn has run
 *
 * Context: Any.
 * Return: 0 if @fn was called, 1 if it was queued.
 */
int execute_in_process_context(work_func_t fn, struct execute_work *ew)
{
	if (!in_interrupt()) {
		fn(&ew->work);
		return 0;
	}
	INIT_WORK(&ew->work, fn);
	schedule_work(&ew->work);
	return 1;
}
EXPORT_SYMBOL_GPL(execute_in_process_context);

struct work_for_cpu {
	struct work_struct work;
	long (*fn)(void *arg);
	void *arg;
	long result;
};

static void work_for_cpu_fn(struct work_struct *work)
{
	struct work_for_cpu *wfc = container_of(work, struct work_for_cpu, work);

	wfc->result = wfc->fn(wfc->arg);
}

/**
 * work_on_cpu_key - call a function on a CPU and wait for its value
 * @cpu: CPU; if it goes away, @fn runs on another
 * @fn: function
 * @arg: its argument
 * @key: for lock checkers; unused
 *
 * Context: May sleep.
 * Return: what @fn returned.
 */
long work_on_cpu_key(int cpu, long (*fn)(void *), void *arg, struct lock_class_key *key)
{
	struct work_for_cpu wfc = { .fn = fn, .arg = arg };

	(void)key;
	INIT_WORK_ONSTACK(&wfc.work, work_for_cpu_fn);
	schedule_work_on(cpu, &wfc.work);
	flush_work(&wfc.work);
	destroy_work_on_stack(&wfc.work);
	return wfc.result;
}
EXPORT_SYMBOL_GPL(work_on_cpu_key);

/**
 * work_on_cpu_safe - the same, for a CPU that may go away
 * @cpu: CPU
 * @fn: function; must not wait for CPUs to come or go
 * @arg: its argument
 *
 * No CPU comes or goes meanwhile.
 *
 * Context: May sleep.
 * Return: what @fn returned; -ENODEV: the CPU is not online.
 */
long work_on_cpu_safe(int cpu, long (*fn)(void *), void *arg)
{
	long ret = -ENODEV;

	cpus_read_lock();
	if (cpu >= 0 && cpu_online((unsigned int)cpu))
		ret = work_on_cpu(cpu, fn, arg);
	cpus_read_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(work_on_cpu_safe);
