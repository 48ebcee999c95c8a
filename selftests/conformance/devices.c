// SPDX-License-Identifier: MIT
/*
 * Devices, their managed resources, files below /sys, and what workqueues show there:
 * the same in a kernel and under uwq (C55, U21, U22, U24).
 */
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/sysfs.h>

#include "ktap.h"

static char trail[32];

static void note(void *letter)
{
	size_t len = strlen(trail);

	trail[len] = *(char *)letter;
	trail[len + 1] = '\0';
}

static char letters[] = "abcdef";

static struct device *new_device(void)
{
	struct device *dev = root_device_register("uwq_conformance");

	trail[0] = '\0';
	return CHECK(!IS_ERR(dev)) ? dev : NULL;
}

static void actions_newest_first(void)
{
	struct device *dev = new_device();

	if (!dev)
		return;
	CHECK_EQ(0, devm_add_action(dev, note, letters));
	CHECK_EQ(0, devm_add_action(dev, note, letters + 1));
	CHECK_EQ(0, devm_add_action_or_reset(dev, note, letters + 2));
	devm_release_action(dev, note, letters + 1);
	CHECK(!strcmp(trail, "b"));
	root_device_unregister(dev);
	CHECK(!strcmp(trail, "bca"));
}

static void references_do_not_delay(void)
{
	struct device *dev = new_device();

	if (!dev)
		return;
	get_device(dev);
	CHECK_EQ(0, devm_add_action(dev, note, letters));
	root_device_unregister(dev);
	CHECK(!strcmp(trail, "a"));
	CHECK_EQ(0, devm_add_action(dev, note, letters + 1));
	CHECK(!strcmp(trail, "a"));
	put_device(dev);
	CHECK(!strcmp(trail, "ab"));
}

static void groups_nest_and_overlap(void)
{
	struct device *dev = new_device();

	if (!dev)
		return;
	CHECK(devres_open_group(dev, letters, GFP_KERNEL) == letters);
	devm_add_action(dev, note, letters);
	CHECK(devres_open_group(dev, letters + 1, GFP_KERNEL) == letters + 1);
	devm_add_action(dev, note, letters + 1);
	devres_close_group(dev, letters);
	devm_add_action(dev, note, letters + 2);
	devres_close_group(dev, letters + 1);
	devm_add_action(dev, note, letters + 3);
	CHECK_EQ(2, devres_release_group(dev, letters));
	CHECK(!strcmp(trail, "ba"));
	CHECK_EQ(1, devres_release_group(dev, letters + 1));
	CHECK(!strcmp(trail, "bac"));
	CHECK(devres_open_group(dev, NULL, GFP_KERNEL) != NULL);
	devm_add_action(dev, note, letters + 4);
	CHECK_EQ(1, devres_release_group(dev, NULL));
	CHECK(!strcmp(trail, "bace"));
	root_device_unregister(dev);
	CHECK(!strcmp(trail, "baced"));
}

/* ---- files ---- */

static int shows, stores;
static size_t stored;
static char text[16] = "first\n";

static ssize_t value_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	shows++;
	return sysfs_emit(buf, "%s", text);
}

static ssize_t value_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			   size_t count)
{
	stores++;
	stored = count;
	if (!strcmp(buf, "bad"))
		return -ERANGE;
	return count;
}

static struct kobj_attribute value_attr = __ATTR(value, 0644, value_show, value_store);
static struct kobj_attribute fixed_attr = __ATTR(fixed, 0444, value_show, NULL);
static struct kobj_attribute dumb_attr = __ATTR(dumb, 0644, NULL, NULL);

static struct kobject *new_folder(void)
{
	struct kobject *kobj = kobject_create_and_add("uwq_conformance", kernel_kobj);

	shows = stores = 0;
	if (!CHECK(kobj != NULL))
		return NULL;
	CHECK_EQ(0, sysfs_create_file(kobj, &value_attr.attr));
	CHECK_EQ(0, sysfs_create_file(kobj, &fixed_attr.attr));
	CHECK_EQ(0, sysfs_create_file(kobj, &dumb_attr.attr));
	return kobj;
}

static struct file *open_file(const char *path, int flags)
{
	struct file *file = filp_open(path, flags, 0);

	return CHECK(!IS_ERR(file)) ? file : NULL;
}

#define FOLDER "/sys/kernel/uwq_conformance/"

static void a_file_is_read(void)
{
	struct kobject *kobj = new_folder();
	struct file *file = kobj ? open_file(FOLDER "value", O_RDONLY) : NULL;
	char buf[16] = "";
	loff_t pos = 0;

	if (file) {
		CHECK_EQ(4096, i_size_read(file_inode(file)));
		CHECK_EQ(2, kernel_read(file, buf, 2, &pos));
		strcpy(text, "FIRST\n");
		CHECK_EQ(4, kernel_read(file, buf, 8, &pos));
		CHECK(!strncmp(buf, "rst\n", 4));
		CHECK_EQ(0, kernel_read(file, buf, 8, &pos));
		CHECK_EQ(1, shows);
		pos = 3;
		CHECK_EQ(3, kernel_read(file, buf, 8, &pos));
		CHECK(!strncmp(buf, "ST\n", 3));
		pos = 100;
		CHECK_EQ(0, kernel_read(file, buf, 8, &pos));
		pos = 0;
		CHECK_EQ(6, kernel_read(file, buf, 8, &pos));
		filp_close(file, NULL);
		strcpy(text, "first\n");
	}
	kobject_put(kobj);
}

static void a_file_is_written(void)
{
	struct kobject *kobj = new_folder();
	struct file *file = kobj ? open_file(FOLDER "value", O_WRONLY) : NULL;
	char *many = kzalloc(5000, GFP_KERNEL);
	loff_t pos = 0;

	if (file && many) {
		CHECK_EQ(3, kernel_write(file, "abc", 3, &pos));
		CHECK_EQ(3, pos);
		CHECK_EQ(-ERANGE, kernel_write(file, "bad", 3, &pos));
		CHECK_EQ(3, pos);
		CHECK_EQ(2, stores);
		CHECK_EQ(0, kernel_write(file, "", 0, &pos));
		CHECK_EQ(2, stores);
		memset(many, 'x', 5000);
		CHECK_EQ(4096, kernel_write(file, many, 5000, &pos));
		CHECK_EQ(4096, stored);
		filp_close(file, NULL);
	}
	kfree(many);
	kobject_put(kobj);
}

static void opening_answers_by_mode(void)
{
	struct kobject *kobj = new_folder();
	struct file *file;
	char byte;
	loff_t pos = 0;

	if (!kobj)
		return;
	CHECK_EQ(-EACCES, PTR_ERR(filp_open(FOLDER "fixed", O_WRONLY, 0)));
	CHECK_EQ(-ENOENT, PTR_ERR(filp_open(FOLDER "none", O_RDONLY, 0)));
	CHECK_EQ(-EACCES, PTR_ERR(filp_open(FOLDER "none", O_WRONLY | O_CREAT, 0600)));
	CHECK_EQ(-ENOTDIR, PTR_ERR(filp_open(FOLDER "value/x", O_RDONLY, 0)));
	CHECK_EQ(-EISDIR, PTR_ERR(filp_open("/sys/kernel/uwq_conformance", O_WRONLY, 0)));
	CHECK_EQ(-EEXIST, PTR_ERR(filp_open(FOLDER "value", O_RDWR | O_CREAT | O_EXCL, 0600)));
	file = open_file(FOLDER "dumb", O_RDWR);
	if (file) {
		CHECK_EQ(-EIO, kernel_read(file, &byte, 1, &pos));
		CHECK_EQ(-EIO, kernel_write(file, "x", 1, &pos));
		filp_close(file, NULL);
	}
	kobject_put(kobj);
}

static void open_files_outlive_removal(void)
{
	struct kobject *kobj = new_folder();
	struct file *file = kobj ? open_file(FOLDER "value", O_RDWR) : NULL;
	char byte;
	loff_t pos = 0;

	kobject_put(kobj);
	if (!file)
		return;
	CHECK_EQ(-ENODEV, kernel_read(file, &byte, 1, &pos));
	CHECK_EQ(-ENODEV, kernel_write(file, "x", 1, &pos));
	CHECK_EQ(0, shows + stores);
	filp_close(file, NULL);
}

/* ---- what workqueues show ---- */

#define QUEUE "/sys/bus/workqueue/devices/uwq_conf/"

/* Content of a file, or "error -N" */
static const char *says(const char *path)
{
	static char buf[64];
	struct file *file = filp_open(path, O_RDONLY, 0);
	loff_t pos = 0;
	ssize_t len;

	if (IS_ERR(file)) {
		snprintf(buf, sizeof(buf), "error %ld", PTR_ERR(file));
		return buf;
	}
	len = kernel_read(file, buf, sizeof(buf) - 1, &pos);
	buf[len < 0 ? 0 : len] = '\0';
	filp_close(file, NULL);
	return buf;
}

static ssize_t tell(const char *path, const char *what)
{
	struct file *file = filp_open(path, O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_write(file, what, strlen(what), &pos);
	filp_close(file, NULL);
	return ret;
}

static bool reads(const char *path, const char *want)
{
	const char *got = says(path);

	if (!strcmp(got, want))
		return true;
	printk(KERN_INFO "# %s: \"%s\", not \"%s\"\n", path, got, want);
	return false;
}

static void percpu_queue_files(void)
{
	struct workqueue_struct *wq = alloc_workqueue("uwq_conf", WQ_SYSFS | KTAP_PERCPU, 7);

	if (!CHECK(wq != NULL))
		return;
	CHECK(reads(QUEUE "per_cpu", "1\n"));
	CHECK(reads(QUEUE "max_active", "7\n"));
	CHECK(reads(QUEUE "nice", "error -2"));
	CHECK(reads(QUEUE "cpumask", "error -2"));
	CHECK(reads("/sys/devices/virtual/workqueue/uwq_conf/max_active", "7\n"));
	CHECK_EQ(3, tell(QUEUE "max_active", "12\n"));
	CHECK(reads(QUEUE "max_active", "12\n"));
	CHECK_EQ(-EINVAL, tell(QUEUE "max_active", "0"));
	CHECK_EQ(-EINVAL, tell(QUEUE "max_active", "-3"));
	CHECK_EQ(-EINVAL, tell(QUEUE "max_active", "many"));
	CHECK_EQ(-EACCES, tell(QUEUE "per_cpu", "0"));
	CHECK(reads(QUEUE "max_active", "12\n"));
	destroy_workqueue(wq);
	CHECK(reads(QUEUE "per_cpu", "error -2"));
}

static void unbound_queue_files(void)
{
	struct workqueue_struct *wq = alloc_workqueue("uwq_conf", WQ_SYSFS | WQ_UNBOUND, 0);

	if (!CHECK(wq != NULL))
		return;
	CHECK(reads(QUEUE "per_cpu", "0\n"));
	CHECK(reads(QUEUE "nice", "0\n"));
	CHECK_EQ(2, tell(QUEUE "nice", "5\n"));
	CHECK(reads(QUEUE "nice", "5\n"));
	CHECK_EQ(-EINVAL, tell(QUEUE "nice", "20"));
	CHECK_EQ(-EINVAL, tell(QUEUE "nice", "-21"));
	CHECK_EQ(-EINVAL, tell(QUEUE "nice", "x"));
	CHECK(reads(QUEUE "nice", "5\n"));
	CHECK_EQ(1, tell(QUEUE "cpumask", "1"));
	CHECK(!strncmp(says(QUEUE "cpumask") + strlen(says(QUEUE "cpumask")) - 2, "1\n", 2));
	CHECK_EQ(-EINVAL, tell(QUEUE "cpumask", "xyz"));
	CHECK_EQ(1, tell(QUEUE "cpumask", "0"));
	CHECK_EQ('0', says(QUEUE "cpumask")[strlen(says(QUEUE "cpumask")) - 2]);
	CHECK(reads(QUEUE "affinity_strict", "0\n"));
	CHECK_EQ(1, tell(QUEUE "affinity_strict", "7"));
	CHECK(reads(QUEUE "affinity_strict", "1\n"));
	CHECK_EQ(-EINVAL, tell(QUEUE "affinity_strict", "yes"));
	CHECK(!strncmp(says(QUEUE "affinity_scope"), "default (", 9));
	CHECK_EQ(5, tell(QUEUE "affinity_scope", "numa\n"));
	CHECK(reads(QUEUE "affinity_scope", "numa\n"));
	CHECK_EQ(3, tell(QUEUE "affinity_scope", "cpu"));
	CHECK(reads(QUEUE "affinity_scope", "cpu\n"));
	CHECK_EQ(-EINVAL, tell(QUEUE "affinity_scope", "galaxy"));
	CHECK(reads(QUEUE "affinity_scope", "cpu\n"));
	CHECK_EQ(7, tell(QUEUE "affinity_scope", "default"));
	CHECK(!strncmp(says(QUEUE "affinity_scope"), "default (", 9));
	destroy_workqueue(wq);
}

static void names_are_unique(void)
{
	struct workqueue_struct *one = alloc_workqueue("uwq_conf", WQ_SYSFS | WQ_UNBOUND, 0);
	struct workqueue_struct *two = alloc_workqueue("uwq_conf", WQ_SYSFS | WQ_UNBOUND, 0);

	CHECK(one != NULL);
	CHECK(two == NULL);
	CHECK(reads(QUEUE "per_cpu", "0\n"));
	if (one)
		destroy_workqueue(one);
	two = alloc_workqueue("uwq_conf", WQ_SYSFS | WQ_UNBOUND, 0);
	if (CHECK(two != NULL))
		destroy_workqueue(two);
}

static void global_masks(void)
{
	CHECK(strncmp(says("/sys/devices/virtual/workqueue/cpumask"), "error", 5));
	CHECK(strncmp(says("/sys/devices/virtual/workqueue/cpumask_requested"), "error", 5));
	CHECK(strncmp(says("/sys/devices/virtual/workqueue/cpumask_isolated"), "error", 5));
	CHECK_EQ(-EINVAL, tell("/sys/devices/virtual/workqueue/cpumask", "0"));
	CHECK_EQ(-EACCES, tell("/sys/devices/virtual/workqueue/cpumask_isolated", "0"));
}

/* ---- parameters ---- */

#define PARAM "/sys/module/workqueue/parameters/"

static int mode_of(const char *path)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	int mode;

	if (IS_ERR(file))
		return PTR_ERR(file);
	mode = file_inode(file)->i_mode & 0777;
	filp_close(file, NULL);
	return mode;
}

static void parameters_are_files(void)
{
	char before[32];

	CHECK_EQ(0444, mode_of(PARAM "power_efficient"));
	CHECK(reads(PARAM "power_efficient", "N\n"));
	CHECK_EQ(-EACCES, tell(PARAM "power_efficient", "1"));
	CHECK_EQ(0644, mode_of(PARAM "debug_force_rr_cpu"));
	CHECK(reads(PARAM "debug_force_rr_cpu", "N\n"));
	CHECK_EQ(2, tell(PARAM "debug_force_rr_cpu", "1\n"));
	CHECK(reads(PARAM "debug_force_rr_cpu", "Y\n"));
	CHECK_EQ(-EINVAL, tell(PARAM "debug_force_rr_cpu", "maybe"));
	CHECK(reads(PARAM "debug_force_rr_cpu", "Y\n"));
	CHECK_EQ(1, tell(PARAM "debug_force_rr_cpu", "n"));
	CHECK_EQ(0644, mode_of(PARAM "cpu_intensive_thresh_us"));
	strscpy(before, says(PARAM "cpu_intensive_thresh_us"), sizeof(before));
	CHECK_EQ(-EINVAL, tell(PARAM "cpu_intensive_thresh_us", "-1"));
	CHECK_EQ(-ERANGE, tell(PARAM "cpu_intensive_thresh_us", "99999999999999999999"));
	CHECK(reads(PARAM "cpu_intensive_thresh_us", before));
	CHECK_EQ(5, tell(PARAM "cpu_intensive_thresh_us", "20000"));
	CHECK(reads(PARAM "cpu_intensive_thresh_us", "20000\n"));
	tell(PARAM "cpu_intensive_thresh_us", before);
}

static void default_scope_is_followed(void)
{
	struct workqueue_struct *wq = alloc_workqueue("uwq_conf", WQ_SYSFS | WQ_UNBOUND, 0);
	char before[32];

	if (!CHECK(wq != NULL))
		return;
	CHECK_EQ(0644, mode_of(PARAM "default_affinity_scope"));
	strscpy(before, says(PARAM "default_affinity_scope"), sizeof(before));
	CHECK_EQ(-EINVAL, tell(PARAM "default_affinity_scope", "galaxy"));
	CHECK_EQ(-EINVAL, tell(PARAM "default_affinity_scope", "default"));
	CHECK(reads(PARAM "default_affinity_scope", before));
	CHECK_EQ(5, tell(PARAM "default_affinity_scope", "numa\n"));
	CHECK(reads(PARAM "default_affinity_scope", "numa\n"));
	CHECK(reads(QUEUE "affinity_scope", "default (numa)\n"));
	tell(PARAM "default_affinity_scope", before);
	destroy_workqueue(wq);
}

static const struct ktap_case cases[] = {
	{ "U24 actions run newest first", actions_newest_first },
	{ "U24 references do not delay them", references_do_not_delay },
	{ "U24 groups nest and overlap", groups_nest_and_overlap },
	{ "U21 a file is read", a_file_is_read },
	{ "U21 a file is written", a_file_is_written },
	{ "U21 opening answers by mode", opening_answers_by_mode },
	{ "U21 open files outlive removal", open_files_outlive_removal },
	{ "U21 files of a per-CPU queue", percpu_queue_files },
	{ "U21 files of an unbound queue", unbound_queue_files },
	{ "C55 names in sysfs are unique while a queue lives", names_are_unique },
	{ "U21 global masks", global_masks },
	{ "U22 parameters are files", parameters_are_files },
	{ "U22 queues follow the default scope", default_scope_is_followed },
};
KTAP_MODULE(cases, "devices and their files");
