// SPDX-License-Identifier: MIT
/*
 * sysfs.c - the files of a queue that was made with WQ_SYSFS
 *
 * What they show, what they accept and what a refused store answers: per_cpu, max_active,
 * nice, cpumask, affinity_scope, affinity_strict, and that a name can be used again after
 * the queue is gone (C55, C87).
 */
#include <linux/fs.h>
#include <linux/string.h>

#include "ktap.h"

#define DIR	"/sys/bus/workqueue/devices/"

static char text[256];

/* The content of a file without its newline, in @text; an error number below zero. */
static ssize_t show(const char *path)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	loff_t pos = 0;
	ssize_t len;

	text[0] = 0;
	if (IS_ERR(file))
		return PTR_ERR(file);
	len = kernel_read(file, text, sizeof(text) - 1, &pos);
	filp_close(file, NULL);
	if (len > 0) {
		text[len] = 0;
		strim(text);
	}
	return len;
}

static ssize_t store(const char *path, const char *value)
{
	struct file *file = filp_open(path, O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t len;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = kernel_write(file, value, strlen(value), &pos);
	filp_close(file, NULL);
	return len;
}

static bool shows(const char *path, const char *want)
{
	show(path);
	if (!strcmp(text, want))
		return true;
	printk(KERN_INFO "# %s: \"%s\", not \"%s\"\n", path, text, want);
	return false;
}

static void percpu_queues_show_two_files(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_pc", KTAP_PERCPU | WQ_SYSFS, 7);

	if (!CHECK(wq != NULL))
		return;
	CHECK(shows(DIR "ktap_pc/per_cpu", "1"));
	CHECK(shows(DIR "ktap_pc/max_active", "7"));
	CHECK_EQ(-ENOENT, show(DIR "ktap_pc/nice"));
	CHECK_EQ(-ENOENT, show(DIR "ktap_pc/affinity_scope"));
	CHECK_EQ(3, store(DIR "ktap_pc/max_active", "12\n"));
	CHECK(shows(DIR "ktap_pc/max_active", "12"));
	CHECK_EQ(-EINVAL, store(DIR "ktap_pc/max_active", "0"));
	CHECK_EQ(-EINVAL, store(DIR "ktap_pc/max_active", "-4"));
	CHECK_EQ(-EINVAL, store(DIR "ktap_pc/max_active", "many"));
	CHECK(shows(DIR "ktap_pc/max_active", "12"));
	destroy_workqueue(wq);
	CHECK_EQ(-ENOENT, show(DIR "ktap_pc/per_cpu"));
}

static void unbound_queues_show_their_attributes(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_ub", WQ_UNBOUND | WQ_SYSFS, 0);

	if (!CHECK(wq != NULL))
		return;
	CHECK(shows(DIR "ktap_ub/per_cpu", "0"));
	CHECK(shows(DIR "ktap_ub/nice", "0"));
	CHECK(shows(DIR "ktap_ub/affinity_strict", "0"));
	show(DIR "ktap_ub/affinity_scope");
	CHECK(!strncmp(text, "default (cache", 14));
	CHECK(show(DIR "ktap_ub/cpumask") > 0);
	destroy_workqueue(wq);
}

static void attributes_are_stored_and_checked(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_ub", WQ_UNBOUND | WQ_SYSFS, 0);
	char all[64];

	if (!CHECK(wq != NULL))
		return;
	CHECK_EQ(2, store(DIR "ktap_ub/nice", "5\n"));
	CHECK(shows(DIR "ktap_ub/nice", "5"));
	CHECK_EQ(-EINVAL, store(DIR "ktap_ub/nice", "20"));
	CHECK_EQ(-EINVAL, store(DIR "ktap_ub/nice", "x"));
	CHECK(shows(DIR "ktap_ub/nice", "5"));
	CHECK_EQ(5, store(DIR "ktap_ub/affinity_scope", "numa\n"));
	CHECK(shows(DIR "ktap_ub/affinity_scope", "numa"));
	CHECK_EQ(-EINVAL, store(DIR "ktap_ub/affinity_scope", "galaxy"));
	CHECK(shows(DIR "ktap_ub/affinity_scope", "numa"));
	CHECK_EQ(1, store(DIR "ktap_ub/affinity_strict", "3"));
	CHECK(shows(DIR "ktap_ub/affinity_strict", "1"));
	CHECK_EQ(-EINVAL, store(DIR "ktap_ub/affinity_strict", "yes"));
	CHECK_EQ(1, store(DIR "ktap_ub/cpumask", "1"));
	show(DIR "ktap_ub/cpumask");
	CHECK_EQ('1', text[strlen(text) - 1]);
	CHECK_EQ(-EINVAL, store(DIR "ktap_ub/cpumask", "zz"));
	/* an empty mask is accepted, and shown as it was asked for */
	CHECK_EQ(1, store(DIR "ktap_ub/cpumask", "0"));
	show(DIR "ktap_ub/cpumask");
	CHECK_EQ('0', text[strlen(text) - 1]);
	snprintf(all, sizeof(all), "%x", (1u << num_possible_cpus()) - 1);
	CHECK_EQ(strlen(all), store(DIR "ktap_ub/cpumask", all));
	destroy_workqueue(wq);
}

static void read_only_files_stay_as_they_are(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_ro", WQ_UNBOUND | WQ_SYSFS, 0);

	if (!CHECK(wq != NULL))
		return;
	CHECK(store(DIR "ktap_ro/per_cpu", "1") < 0);
	CHECK(shows(DIR "ktap_ro/per_cpu", "0"));
	CHECK_EQ(-ENOENT, store(DIR "ktap_ro/colour", "1"));
	destroy_workqueue(wq);
}

static void a_name_is_taken_once(void)
{
	struct workqueue_struct *wq = alloc_workqueue("ktap_dup", WQ_UNBOUND | WQ_SYSFS, 0);
	int i;

	if (!CHECK(wq != NULL))
		return;
	CHECK(!alloc_workqueue("ktap_dup", WQ_UNBOUND | WQ_SYSFS, 0));
	CHECK(shows(DIR "ktap_dup/per_cpu", "0"));
	destroy_workqueue(wq);
	for (i = 0; i < 20; i++) {
		wq = alloc_workqueue("ktap_dup", WQ_UNBOUND | WQ_SYSFS, 0);
		if (CHECK(wq != NULL))
			destroy_workqueue(wq);
	}
}

static void the_bus_has_a_mask_for_all(void)
{
	CHECK(show("/sys/devices/virtual/workqueue/cpumask") > 0);
	CHECK_EQ(-EINVAL, store("/sys/devices/virtual/workqueue/cpumask", "0"));
	CHECK(show("/sys/devices/virtual/workqueue/cpumask_requested") > 0);
	CHECK(show("/sys/devices/virtual/workqueue/cpumask_isolated") >= 0);
}

static const struct ktap_case cases[] = {
	{ "a per-CPU queue shows per_cpu and max_active", percpu_queues_show_two_files },
	{ "an unbound queue shows its attributes", unbound_queues_show_their_attributes },
	{ "attributes are stored and checked", attributes_are_stored_and_checked },
	{ "read-only files stay as they are", read_only_files_stay_as_they_are },
	{ "C55 a name is taken once, and free when its queue is gone", a_name_is_taken_once },
	{ "the bus has a mask for all unbound queues", the_bus_has_a_mask_for_all },
};

KTAP_MODULE(cases, "files of queues");
