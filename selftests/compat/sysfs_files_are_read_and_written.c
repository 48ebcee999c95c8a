// SPDX-License-Identifier: MIT
/*
 * U21: files that kernel code offers below /sys are found by filp_open() and behave
 * as the kernel's: one show() per reading from the start, one store() per write,
 * errors of opening by mode, -EIO without a function, -ENODEV after removal, which
 * waits for callbacks. What is not in the tree is left to the machine.
 */
#include "../kselftest_harness.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uwq/ledger.h>
#include <uwq/sysfs.h>
#include <uwq/warn.h>

#include "kernel-compat/test_points.h"
#include "log_test.h"

static char value[8192] = "first\n";
static int shows, stores;
static size_t stored;

static ssize_t value_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	(void)kobj;
	(void)attr;
	__atomic_fetch_add(&shows, 1, __ATOMIC_RELAXED);
	return sysfs_emit(buf, "%s", value);
}

static ssize_t value_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			   size_t count)
{
	(void)kobj;
	(void)attr;
	stores++;
	stored = count;
	if (!strcmp(buf, "bad"))
		return -ERANGE;
	memcpy(value, buf, count + 1);
	return (ssize_t)count;
}

static struct kobj_attribute value_attr = __ATTR_RW(value);
static struct kobj_attribute fixed_attr = __ATTR(fixed, 0444, value_show, NULL);
static struct kobj_attribute trigger_attr = __ATTR(trigger, 0200, NULL, value_store);
static struct kobj_attribute dumb_attr = __ATTR(dumb, 0644, NULL, NULL);

static struct attribute *few[] = { &value_attr.attr, &fixed_attr.attr, NULL };
static const struct attribute_group folder_group = { .name = "folder", .attrs = few };

static umode_t only_value(struct kobject *kobj, struct attribute *attr, int n)
{
	(void)kobj;
	(void)n;
	return attr == &value_attr.attr ? 0400 : 0;
}

static const struct attribute_group hidden_group = {
	.name = "hidden", .attrs = few, .is_visible = only_value,
};

FIXTURE(tree) {
	struct kobject *kobj;
	unsigned int mark;
};

FIXTURE_SETUP(tree)
{
	self->mark = uwq_ledger_mark();
	self->kobj = kobject_create_and_add("uwq_test", kernel_kobj);
	ASSERT_NOT_NULL(self->kobj);
	ASSERT_EQ(0, sysfs_create_file(self->kobj, &value_attr.attr));
	ASSERT_EQ(0, sysfs_create_file(self->kobj, &fixed_attr.attr));
	ASSERT_EQ(0, sysfs_create_file(self->kobj, &trigger_attr.attr));
	ASSERT_EQ(0, sysfs_create_file(self->kobj, &dumb_attr.attr));
}

FIXTURE_TEARDOWN(tree)
{
	kobject_put(self->kobj);
	EXPECT_EQ(0, uwq_ledger_count(self->mark, NULL, NULL).objects);
}

static struct file *open_it(const char *path, int flags)
{
	return filp_open(path, flags, 0);
}

TEST_F(tree, a_file_is_read_and_written)
{
	struct file *file = open_it("/sys/kernel/uwq_test/value", O_RDWR);
	char buf[32] = "";
	loff_t pos = 0;

	(void)self;
	ASSERT_FALSE(IS_ERR(file));
	EXPECT_TRUE(S_ISREG(file_inode(file)->i_mode));
	EXPECT_EQ(0644, file_inode(file)->i_mode & 0777);
	EXPECT_EQ(4096, i_size_read(file_inode(file)));
	EXPECT_EQ(6, kernel_read(file, buf, sizeof(buf), &pos));
	EXPECT_EQ(6, pos);
	EXPECT_EQ(0, strncmp("first\n", buf, 6));
	EXPECT_EQ(0, kernel_read(file, buf, sizeof(buf), &pos));
	EXPECT_EQ(1, shows);
	pos = 0;
	EXPECT_EQ(7, kernel_write(file, "second\n", 7, &pos));
	EXPECT_EQ(7, pos);
	EXPECT_EQ(1, stores);
	pos = 0;
	EXPECT_EQ(7, kernel_read(file, buf, sizeof(buf), &pos));
	EXPECT_EQ(2, shows);
	EXPECT_EQ(0, strncmp("second\n", buf, 7));
	EXPECT_EQ(0, vfs_fsync(file, 0));
	EXPECT_EQ(0, filp_close(file, NULL));
}

TEST_F(tree, pieces_come_from_one_state)
{
	struct file *file = open_it("/sys/kernel/uwq_test/value", O_RDONLY);
	char buf[8] = "";
	loff_t pos = 0;

	(void)self;
	ASSERT_FALSE(IS_ERR(file));
	EXPECT_EQ(2, kernel_read(file, buf, 2, &pos));
	strcpy(value, "FIRST\n");
	EXPECT_EQ(4, kernel_read(file, buf, 4, &pos));
	EXPECT_EQ(0, strncmp("rst\n", buf, 4));
	EXPECT_EQ(1, shows);
	pos = 3;	/* a jump: looked up anew */
	EXPECT_EQ(3, kernel_read(file, buf, 8, &pos));
	EXPECT_EQ(0, strncmp("ST\n", buf, 3));
	EXPECT_EQ(2, shows);
	pos = 100;
	EXPECT_EQ(0, kernel_read(file, buf, 8, &pos));
	EXPECT_EQ(3, vfs_llseek(file, 3, SEEK_SET));
	EXPECT_EQ(3, kernel_read(file, buf, 8, NULL));
	EXPECT_EQ(6, vfs_llseek(file, 0, SEEK_CUR));
	EXPECT_EQ(-EINVAL, vfs_llseek(file, -1, SEEK_SET));
	filp_close(file, NULL);
}

TEST_F(tree, one_write_is_one_store_of_a_page_at_most)
{
	struct file *file = open_it("/sys/kernel/uwq_test/value", O_WRONLY);
	static char many[5000];
	loff_t pos = 0;

	(void)self;
	memset(many, 'x', sizeof(many));
	EXPECT_EQ(4096, kernel_write(file, many, sizeof(many), &pos));
	EXPECT_EQ(4096, stored);
	EXPECT_EQ(904, kernel_write(file, many, sizeof(many) - (size_t)pos, &pos));
	EXPECT_EQ(2, stores);
	EXPECT_EQ(0, kernel_write(file, many, 0, &pos));
	EXPECT_EQ(2, stores);
	EXPECT_EQ(-ERANGE, kernel_write(file, "bad", 3, &pos));
	EXPECT_EQ(5000, pos);
	filp_close(file, NULL);
	strcpy(value, "first\n");
}

TEST_F(tree, the_mode_decides_who_opens)
{
	struct file *file;
	char byte;

	(void)self;
	EXPECT_EQ(-EACCES, PTR_ERR(open_it("/sys/kernel/uwq_test/fixed", O_WRONLY)));
	EXPECT_EQ(-EACCES, PTR_ERR(open_it("/sys/kernel/uwq_test/fixed", O_RDWR)));
	EXPECT_EQ(-EACCES, PTR_ERR(open_it("/sys/kernel/uwq_test/trigger", O_RDONLY)));
	EXPECT_EQ(-EISDIR, PTR_ERR(open_it("/sys/kernel/uwq_test", O_WRONLY)));
	EXPECT_EQ(-ENOENT, PTR_ERR(open_it("/sys/kernel/uwq_test/none", O_RDONLY)));
	EXPECT_EQ(-EACCES, PTR_ERR(open_it("/sys/kernel/uwq_test/none", O_RDWR | O_CREAT)));
	EXPECT_EQ(-ENOTDIR, PTR_ERR(open_it("/sys/kernel/uwq_test/value/x", O_RDONLY)));
	EXPECT_EQ(-ENOTDIR, PTR_ERR(open_it("/sys/kernel/uwq_test/value/", O_RDONLY)));
	EXPECT_EQ(-ENOTDIR, PTR_ERR(open_it("/sys/kernel/uwq_test/value", O_DIRECTORY)));
	EXPECT_EQ(-EEXIST, PTR_ERR(open_it("/sys/kernel/uwq_test/value", O_CREAT | O_EXCL)));
	/* a mode that promises what no function keeps */
	file = open_it("/sys/kernel/uwq_test/dumb", O_RDWR | O_TRUNC | O_CREAT);
	ASSERT_FALSE(IS_ERR(file));
	EXPECT_EQ(-EIO, kernel_read(file, &byte, 1, NULL));
	EXPECT_EQ(-EIO, kernel_write(file, "x", 1, NULL));
	filp_close(file, NULL);
	file = open_it("/sys/kernel/uwq_test", O_RDONLY);
	ASSERT_FALSE(IS_ERR(file));
	EXPECT_TRUE(S_ISDIR(file_inode(file)->i_mode));
	EXPECT_EQ(-EINVAL, kernel_read(file, &byte, 1, NULL));
	filp_close(file, NULL);
}

TEST_F(tree, paths_are_walked)
{
	struct kobject *child = kobject_create_and_add("child", self->kobj);
	char buf[16];

	ASSERT_NOT_NULL(child);
	ASSERT_EQ(0, sysfs_create_link(child, self->kobj, "up"));
	EXPECT_EQ(6, uwq_sysfs_read("/sys/kernel/uwq_test/child/up/value", buf, sizeof(buf)));
	EXPECT_EQ(6, uwq_sysfs_read("//sys//kernel/./uwq_test/child/../value", buf, sizeof(buf)));
	EXPECT_EQ(6, uwq_sysfs_read("/sys/../sys/kernel/uwq_test/value", buf, sizeof(buf)));
	EXPECT_EQ(-ENOENT, uwq_sysfs_read("sys/kernel/uwq_test/value", buf, sizeof(buf)));
	EXPECT_EQ(-EEXIST, sysfs_create_link(self->kobj, child, "child"));
	sysfs_remove_link(child, "up");
	EXPECT_EQ(-ENOENT, uwq_sysfs_read("/sys/kernel/uwq_test/child/up/value", buf, 16));
	kobject_put(child);
	EXPECT_EQ(-ENOENT, uwq_sysfs_read("/sys/kernel/uwq_test/child/up/value", buf, 16));
}

TEST(what_is_not_ours_is_the_machines)
{
	struct file *file = filp_open("/sys/kernel/no_such_file", O_RDONLY, 0);
	char buf[16];

	EXPECT_EQ(-ENOENT, PTR_ERR(file));
	/* /sys itself, and what only the machine has in it */
	file = filp_open("/sys/devices", O_RDONLY, 0);
	if (!IS_ERR(file)) {
		EXPECT_LE(0, file_inode(file)->uwq_fd);
		filp_close(file, NULL);
	}
	EXPECT_EQ(-ENOENT, uwq_sysfs_read("/sys/devices/system/cpu/online", buf, sizeof(buf)));
	EXPECT_EQ(-ENOENT, uwq_sysfs_read("/etc/passwd", buf, sizeof(buf)));
	EXPECT_EQ(-ENOENT, uwq_sysfs_write("/sys/nothing", "x", 1));
	if (access("/sys/devices/system/cpu/online", R_OK))
		SKIP(return, "no /sys here");
	file = filp_open("/sys/devices/system/cpu/online", O_RDONLY, 0);
	ASSERT_FALSE(IS_ERR(file));
	EXPECT_LT(0, kernel_read(file, buf, sizeof(buf), NULL));
	filp_close(file, NULL);
}

TEST_F(tree, programs_need_no_struct_file)
{
	char buf[4];

	(void)self;
	EXPECT_EQ(6, uwq_sysfs_read("/sys/kernel/uwq_test/value", buf, sizeof(buf)));
	EXPECT_STREQ("fir", buf);
	EXPECT_EQ(2, uwq_sysfs_write("/sys/kernel/uwq_test/value", "ab", 2));
	EXPECT_EQ(2, uwq_sysfs_read("/sys/kernel/uwq_test/value", buf, sizeof(buf)));
	EXPECT_STREQ("ab", buf);
	EXPECT_EQ(-EACCES, uwq_sysfs_write("/sys/kernel/uwq_test/fixed", "x", 1));
	EXPECT_EQ(-EACCES, uwq_sysfs_read("/sys/kernel/uwq_test/trigger", buf, sizeof(buf)));
	EXPECT_STREQ("", buf);
	strcpy(value, "first\n");
}

TEST_F(tree, groups_come_and_go_as_one)
{
	char buf[16];

	ASSERT_EQ(0, sysfs_create_group(self->kobj, &folder_group));
	EXPECT_EQ(6, uwq_sysfs_read("/sys/kernel/uwq_test/folder/fixed", buf, sizeof(buf)));
	ASSERT_EQ(0, sysfs_create_group(self->kobj, &hidden_group));
	EXPECT_EQ(6, uwq_sysfs_read("/sys/kernel/uwq_test/hidden/value", buf, sizeof(buf)));
	EXPECT_EQ(-EACCES, uwq_sysfs_write("/sys/kernel/uwq_test/hidden/value", "x", 1));
	EXPECT_EQ(-ENOENT, uwq_sysfs_read("/sys/kernel/uwq_test/hidden/fixed", buf, sizeof(buf)));
	sysfs_remove_group(self->kobj, &folder_group);
	EXPECT_EQ(-ENOENT, uwq_sysfs_read("/sys/kernel/uwq_test/folder/fixed", buf, sizeof(buf)));
	EXPECT_EQ(0, uwq_warn_count());
	capture_start();
	sysfs_remove_group(self->kobj, &folder_group);
	EXPECT_EQ(1, uwq_warn_count());
	EXPECT_EQ(-EEXIST, sysfs_create_file(self->kobj, &value_attr.attr));
	EXPECT_NOT_NULL(strstr(captured.text, "/sys/kernel/uwq_test has a file value already"));
	capture_end();
}

TEST_F(tree, failure_leaves_nothing)
{
	static const struct attribute_group *groups[] = { &folder_group, &hidden_group, NULL };
	unsigned int mark = uwq_ledger_mark();
	char buf[16];
	long k;
	int err = 1;

	capture_start();
	for (k = 1; err; k++) {
		uwq_test_fail_alloc(k, 1);
		err = sysfs_create_groups(self->kobj, groups);
		uwq_test_fail_alloc(0, 0);
		ASSERT_GE(30, k);
		if (err) {
			EXPECT_EQ(-ENOMEM, err);
			EXPECT_EQ(0, uwq_ledger_count(mark, NULL, NULL).objects);
		}
	}
	EXPECT_LT(8, k);
	sysfs_remove_groups(self->kobj, groups);
	for (k = 1; k <= 2; k++) {
		uwq_test_fail_alloc(k, 1);
		EXPECT_EQ(-ENOMEM, uwq_sysfs_read("/sys/kernel/uwq_test/value", buf, 16));
		uwq_test_fail_alloc(0, 0);
	}
	uwq_test_fail_alloc(2, 1);
	EXPECT_EQ(-ENOMEM, uwq_sysfs_write("/sys/kernel/uwq_test/value", "x", 1));
	uwq_test_fail_alloc(0, 0);
	for (k = 1; k <= 4; k++) {
		struct kobject *kobj;

		uwq_test_fail_alloc(k, 1);
		kobj = kobject_create_and_add("more", kernel_kobj);
		uwq_test_fail_alloc(0, 0);
		EXPECT_NULL(kobj);
	}
	capture_end();
	EXPECT_EQ(0, uwq_ledger_count(mark, NULL, NULL).objects);
}

/* ---- removal ---- */

static struct completion entered, go_on;

static ssize_t slow_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	(void)kobj;
	(void)attr;
	complete(&entered);
	wait_for_completion(&go_on);
	return sysfs_emit(buf, "slow\n");
}

static struct kobj_attribute slow_attr = __ATTR(slow, 0444, slow_show, NULL);

static void *read_slow(void *arg)
{
	char buf[16];

	*(ssize_t *)arg = uwq_sysfs_read("/sys/kernel/uwq_test/slow", buf, sizeof(buf));
	return NULL;
}

/* Without reading it */
static bool sysfs_knows(const char *path)
{
	struct file *file = open_it(path, O_RDONLY);

	if (IS_ERR(file))
		return false;
	filp_close(file, NULL);
	return true;
}

static int removed;	/* atomic */

static void *remove_slow(void *kobj)
{
	sysfs_remove_file(kobj, &slow_attr.attr);
	__atomic_store_n(&removed, 1, __ATOMIC_RELEASE);
	return NULL;
}

TEST_F(tree, removal_waits_for_callbacks)
{
	pthread_t reader, remover;
	ssize_t got = 0;

	init_completion(&entered);
	init_completion(&go_on);
	ASSERT_EQ(0, sysfs_create_file(self->kobj, &slow_attr.attr));
	pthread_create(&reader, NULL, read_slow, &got);
	wait_for_completion(&entered);
	pthread_create(&remover, NULL, remove_slow, self->kobj);
	while (sysfs_knows("/sys/kernel/uwq_test/slow"))
		sched_yield();
	usleep(20000);
	EXPECT_EQ(0, __atomic_load_n(&removed, __ATOMIC_ACQUIRE));
	complete(&go_on);
	pthread_join(remover, NULL);
	pthread_join(reader, NULL);
	EXPECT_EQ(5, got);
}

TEST_F(tree, an_open_file_outlives_its_removal)
{
	struct file *file = open_it("/sys/kernel/uwq_test/value", O_RDWR);
	char byte;

	ASSERT_FALSE(IS_ERR(file));
	sysfs_remove_file(self->kobj, &value_attr.attr);
	EXPECT_EQ(-ENODEV, kernel_read(file, &byte, 1, NULL));
	EXPECT_EQ(-ENODEV, kernel_write(file, "x", 1, NULL));
	EXPECT_EQ(0, shows + stores);
	filp_close(file, NULL);
}

static ssize_t suicide_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			     size_t count)
{
	(void)buf;
	sysfs_remove_file(kobj, &attr->attr);
	return (ssize_t)count;
}

static struct kobj_attribute suicide_attr = __ATTR(suicide, 0200, NULL, suicide_store);

/* The kernel would wait for ever */
TEST_F(tree, a_callback_that_removes_its_file_is_reported)
{
	ASSERT_EQ(0, sysfs_create_file(self->kobj, &suicide_attr.attr));
	capture_start();
	EXPECT_EQ(1, uwq_sysfs_write("/sys/kernel/uwq_test/suicide", "x", 1));
	EXPECT_EQ(1, uwq_warn_count());
	EXPECT_NOT_NULL(strstr(captured.text, "suicide"));
	capture_end();
	EXPECT_EQ(-ENOENT, uwq_sysfs_write("/sys/kernel/uwq_test/suicide", "x", 1));
}

static void *hammer(void *arg)
{
	char buf[16];

	for (int i = 0; i < 300; i++) {
		ssize_t got = uwq_sysfs_read("/sys/kernel/uwq_test/more/fixed", buf, sizeof(buf));

		if (got != 6 && got != -ENOENT && got != -ENODEV)
			*(long *)arg = got;
	}
	return NULL;
}

TEST_F(tree, folders_vanish_under_readers)
{
	pthread_t threads[3];
	long odd = 0;

	strcpy(value, "first\n");
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, hammer, &odd);
	for (int i = 0; i < 100; i++) {
		struct kobject *kobj = kobject_create_and_add("more", self->kobj);

		ASSERT_NOT_NULL(kobj);
		ASSERT_EQ(0, sysfs_create_file(kobj, &fixed_attr.attr));
		sched_yield();
		kobject_put(kobj);
	}
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, odd);
}

TEST(emit_stays_within_its_page)
{
	char *page = (char *)get_zeroed_page(GFP_KERNEL);

	EXPECT_EQ(3, sysfs_emit(page, "%d", 123));
	EXPECT_EQ(2, sysfs_emit_at(page, 3, "%d", 45));
	EXPECT_STREQ("12345", page);
	EXPECT_EQ(4095, sysfs_emit(page, "%5000d", 1));
	EXPECT_EQ(1, sysfs_emit_at(page, 4094, "xyz"));
	capture_start();
	EXPECT_EQ(0, sysfs_emit(page + 1, "x"));
	EXPECT_EQ(0, sysfs_emit_at(page, 4096, "x"));
	EXPECT_EQ(2, uwq_warn_count());
	capture_end();
	free_page((unsigned long)page);
}

TEST_HARNESS_MAIN
