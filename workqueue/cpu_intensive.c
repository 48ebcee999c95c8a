// SPDX-License-Identifier: MIT
/*
 * cpu_intensive.c - functions that keep a per-CPU pool's one turn for too long
 *
 * The sampler (monitor.c) finds them. Here are the threshold that makes a run too long,
 * and the count for each function, which is reported when it keeps happening (C103).
 *
 * The threshold is in microseconds of CPU time. A machine with less than 4000 BogoMIPS
 * gets proportionally more, at most a second; 0 turns the detection off.
 *
 * Locks: table_lock, innermost and short. The log is written outside of it.
 */
#include <linux/init.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workqueue/fork.h"
#include "workqueue/params.h"
#include "workqueue/workqueue_internal.h"

#undef KBUILD_MODNAME
#define KBUILD_MODNAME "workqueue"
#include <linux/moduleparam.h>

#define DEFAULT_THRESH_US	10000
#define FULL_SPEED_BOGOMIPS	4000
#define NR_FUNCS		128

/* ---- the threshold ---- */

static unsigned long bogomips(void)
{
	unsigned long found = 0;
	char line[256], *colon;
	FILE *file = fopen("/proc/cpuinfo", "re");

	while (file && !found && fgets(line, sizeof(line), file)) {
		colon = strchr(line, ':');
		if (colon && !strncasecmp(line, "bogomips", 8))
			found = strtoul(colon + 1, NULL, 10);
	}
	if (file)
		fclose(file);
	return found;
}

/* What a machine of that speed gets; 0 = speed not known. */
unsigned long cpu_intensive_default_us(unsigned long speed)
{
	if (!speed || speed >= FULL_SPEED_BOGOMIPS)
		return DEFAULT_THRESH_US;
	return min(DEFAULT_THRESH_US * (unsigned long)FULL_SPEED_BOGOMIPS / speed,
		   (unsigned long)USEC_PER_SEC);
}

/* The threshold in force; the default is found out when it is first needed. */
unsigned long cpu_intensive_thresh_us(void)
{
	unsigned long us = __atomic_load_n(&wq_params.cpu_intensive_thresh_us, __ATOMIC_RELAXED);
	unsigned long unset = CPU_INTENSIVE_UNSET;

	if (likely(us != CPU_INTENSIVE_UNSET))
		return us;
	us = cpu_intensive_default_us(bogomips());
	if (__atomic_compare_exchange_n(&wq_params.cpu_intensive_thresh_us, &unset, us, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return us;
	return unset;
}

static int get_thresh(char *buffer, const struct kernel_param *kp)
{
	cpu_intensive_thresh_us();
	return param_get_ulong(buffer, kp);
}

static const struct kernel_param_ops thresh_ops = {
	.set = param_set_ulong,
	.get = get_thresh,
};

module_param_cb(cpu_intensive_thresh_us, &thresh_ops, &wq_params.cpu_intensive_thresh_us, 0644);
__MODULE_PARM_TYPE(cpu_intensive_thresh_us, "ulong");
MODULE_PARM_DESC(cpu_intensive_thresh_us,
		 "CPU time after which a per-CPU item no longer holds others up, 0 = never");
module_param_named(cpu_intensive_warning_thresh, wq_params.cpu_intensive_warning_thresh, uint,
		   0644);
MODULE_PARM_DESC(cpu_intensive_warning_thresh,
		 "how often that happens to a function before it is reported, 0 = no report");

/* ---- reports ---- */

static struct {
	work_func_t func;
	unsigned long hogs;
} funcs[NR_FUNCS];			/* table_lock: filled from the front */
static struct futex_lock table_lock = FUTEX_LOCK_INIT;

/* How often has it happened to @func, this time included? 0 = the table is full. */
static unsigned long count_hog(work_func_t func)
{
	unsigned long hogs = 0;
	int i;

	futex_lock(&table_lock);
	for (i = 0; i < NR_FUNCS; i++) {
		if (funcs[i].func && funcs[i].func != func)
			continue;
		funcs[i].func = func;
		hogs = ++funcs[i].hogs;
		break;
	}
	futex_unlock(&table_lock);
	return hogs;
}

/*
 * A run of @func was counted out. Reported at the warning threshold, and then at
 * distances that double. No lock held.
 */
void cpu_intensive_report(work_func_t func)
{
	unsigned long hogs = count_hog(func);
	unsigned int first = READ_ONCE(wq_params.cpu_intensive_warning_thresh);

	if (!first || hogs < first || !is_power_of_2(hogs + 1 - first))
		return;
	pr_warn("workqueue: %ps kept a CPU for more than %lu us, %lu times by now; a queue with WQ_UNBOUND would suit it better\n",
		(void *)func, cpu_intensive_thresh_us(), hogs);
}

void cpu_intensive_fork(enum fork_step step)
{
	fork_step_lock(&table_lock, step);
}
