/* SPDX-License-Identifier: MIT */
/*
 * changes.h - what the stress program changes while its items run: limits, attributes, masks,
 * files, frozen queues, refused threads, batches and CPUs
 */
#ifndef UWQ_SELFTESTS_STRESS_CHANGES_H
#define UWQ_SELFTESTS_STRESS_CHANGES_H

#include "items.h"

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/mutex.h>

#include "kernel-compat/test_points.h"
#include "workqueue/workqueue_internal.h"

static void random_cpus(struct cpumask *cpus, unsigned int *seed)
{
	unsigned int cpu;

	cpumask_clear(cpus);
	for_each_possible_cpu(cpu)
		if (rnd(seed) % 2)
			cpumask_set_cpu(cpu, cpus);
	if (cpumask_empty(cpus))
		cpumask_set_cpu(0, cpus);
}

/* Few different ones: a queue keeps what it has ever had. */
static void change_attrs(unsigned int *seed)
{
	static const enum queue_kind kinds[] = { CHANGING, ORDERED, RECLAIM, FROZEN,
						 FROZEN_ORDERED, NARROW };
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();
	int err;

	if (!attrs)
		return;
	attrs->nice = rnd(seed) % 3;
	attrs->affn_scope = WQ_AFFN_CPU + rnd(seed) % (WQ_AFFN_SYSTEM - WQ_AFFN_CPU + 1);
	attrs->affn_strict = rnd(seed) % 2;
	if (rnd(seed) % 2)
		random_cpus(attrs->cpumask, seed);
	err = apply_workqueue_attrs(queues[kinds[rnd(seed) % ARRAY_SIZE(kinds)]], attrs);
	/* more pools than there can be, on a machine with many CPUs */
	if (err && err != -ENOMEM)
		FAIL("apply_workqueue_attrs: %d", err);
	free_workqueue_attrs(attrs);
}

static DEFINE_MUTEX(freeze_lock);

/* Frozen and found not busy, a queue runs nothing. */
static void freeze_and_thaw(unsigned int *seed)
{
	int tries;

	mutex_lock(&freeze_lock);
	freeze_workqueues_begin();
	if (rnd(seed) % 2)
		workqueue_set_max_active(queues[FROZEN], 1 + rnd(seed) % 4);
	if (rnd(seed) % 2)
		change_attrs(seed);
	for (tries = 0; tries < 100 && freeze_workqueues_busy(); tries++)
		usleep(100);
	if (tries < 100 && (__atomic_load_n(&running[FROZEN], __ATOMIC_ACQUIRE) ||
			    __atomic_load_n(&running[FROZEN_ORDERED], __ATOMIC_ACQUIRE)))
		FAIL("a frozen queue runs something");
	thaw_workqueues();
	mutex_unlock(&freeze_lock);
}

static DEFINE_MUTEX(mask_lock);

static void change_unbound_mask(unsigned int *seed)
{
	struct cpumask cpus;
	int err;

	mutex_lock(&mask_lock);
	random_cpus(&cpus, seed);
	err = workqueue_set_unbound_cpumask(&cpus);
	if (err && err != -ENOMEM)
		FAIL("workqueue_set_unbound_cpumask: %d", err);
	usleep(rnd(seed) % 1000);
	workqueue_set_unbound_cpumask(cpu_possible_mask);
	mutex_unlock(&mask_lock);
}

/* Write a file of the queue "changing", by the name that it has in sysfs. */
static void write_file(unsigned int *seed)
{
	static const char *const stores[][2] = {
		{ "nice", "1" }, { "affinity_scope", "cpu" }, { "affinity_scope", "system" },
		{ "affinity_strict", "1" }, { "affinity_strict", "0" }, { "max_active", "3" },
	};
	const char *const *store = stores[rnd(seed) % ARRAY_SIZE(stores)];
	char path[100];
	struct file *file;
	loff_t pos = 0;

	snprintf(path, sizeof(path), "/sys/devices/virtual/workqueue/changing/%s", store[0]);
	file = filp_open(path, O_WRONLY, 0);
	if (IS_ERR(file)) {
		FAIL("%s: error %ld", path, PTR_ERR(file));
		return;
	}
	if (kernel_write(file, store[1], strlen(store[1]), &pos) != (ssize_t)strlen(store[1]))
		FAIL("%s: not written", path);
	filp_close(file, NULL);
}

static void change_queue(unsigned int *seed)
{
	switch (rnd(seed) % 9) {
	case 0:
		workqueue_set_max_active(queues[CHANGING], 1 + rnd(seed) % 8);
		break;
	case 1:
		workqueue_set_min_active(queues[CHANGING], rnd(seed) % 4);
		break;
	case 2:
		freeze_and_thaw(seed);
		break;
	case 3:
		change_unbound_mask(seed);
		break;
	case 4:
		write_file(seed);
		break;
	case 5:
		/* a private queue with a rescuer may be refused then: nobody checks that */
		uwq_test_fail_thread(1, 1 + rnd(seed) % 8);
		usleep(rnd(seed) % 20000);
		uwq_test_fail_thread(0, 0);
		break;
	case 6:
		uwq_test_force_batches(rnd(seed) % 4);
		break;
	default:
		change_attrs(seed);
		break;
	}
}

static unsigned long cpu_changes;	/* atomic */

/* Take a CPU away for a moment; other threads may have others away meanwhile. */
static void change_cpus(unsigned int *seed)
{
	unsigned int cpu = rnd(seed) % nr_cpu_ids;
	int ret = remove_cpu(cpu);

	/* 1: another thread has it away; -EBUSY: it is the last one */
	if (ret && ret != 1 && ret != -EBUSY)
		FAIL("remove_cpu(%u): %d", cpu, ret);
	if (ret)
		return;
	add(&cpu_changes, 1);
	usleep(rnd(seed) % 2000);
	ret = add_cpu(cpu);
	if (ret)
		FAIL("add_cpu(%u): %d", cpu, ret);
}

#endif
