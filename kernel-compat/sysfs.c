// SPDX-License-Identifier: MIT
/*
 * sysfs.c - files, groups and links in the folder of a kobject
 *
 * Between kernel code, which has kobjects and attributes, and sysfs_tree.c, which
 * has nodes. A file's callbacks go through the sysfs_ops of its kobject's type.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "kernel-compat/sysfs_tree.h"

/* ---- callbacks ---- */

static const struct sysfs_ops *ops_of(const struct kobject *kobj)
{
	return kobj->ktype ? kobj->ktype->sysfs_ops : NULL;
}

static ssize_t show(void *owner, const void *attr, char *buf)
{
	struct kobject *kobj = owner;
	const struct sysfs_ops *ops = ops_of(kobj);

	return ops && ops->show ? ops->show(kobj, (struct attribute *)attr, buf) : -EIO;
}

static ssize_t store(void *owner, const void *attr, const char *buf, size_t count)
{
	struct kobject *kobj = owner;
	const struct sysfs_ops *ops = ops_of(kobj);

	return ops && ops->store ? ops->store(kobj, (struct attribute *)attr, buf, count) : -EIO;
}

static const struct sysfs_file_ops file_ops = { .show = show, .store = store };

static int add_file(struct kobject *kobj, struct sysfs_node *folder, const struct attribute *attr,
		    umode_t mode)
{
	return PTR_ERR_OR_ZERO(sysfs_node_add_file(folder, attr->name, mode, &file_ops, kobj,
						   attr));
}

/* ---- files ---- */

/**
 * sysfs_create_file - offer a file
 * @kobj: kobject that was added; the file goes with it at the latest
 * @attr: name and mode; stays the caller's and must live as long as the file
 *
 * Context: May sleep.
 * Return: 0; -EEXIST: the name is taken; -ENOMEM; -EINVAL: no folder or no attribute.
 */
int sysfs_create_file(struct kobject *kobj, const struct attribute *attr)
{
	if (WARN_ON(!kobj || !kobj->sd || !attr))
		return -EINVAL;
	return add_file(kobj, kobj->sd, attr, attr->mode);
}
EXPORT_SYMBOL_GPL(sysfs_create_file);

/**
 * sysfs_remove_file - take a file away
 * @kobj: kobject
 * @attr: what sysfs_create_file() got; nothing happens if the file is gone already
 *
 * Context: May sleep: waits until none of its callbacks runs.
 */
void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr)
{
	if (kobj->sd)
		sysfs_node_remove_child(kobj->sd, attr->name);
}
EXPORT_SYMBOL_GPL(sysfs_remove_file);

/**
 * sysfs_create_files - offer several files, all or none
 * @kobj: kobject that was added
 * @attrs: ends with NULL
 *
 * Return: as sysfs_create_file().
 */
int sysfs_create_files(struct kobject *kobj, const struct attribute *const *attrs)
{
	int err = 0, i;

	for (i = 0; attrs[i] && !err; i++)
		err = sysfs_create_file(kobj, attrs[i]);
	if (!err)
		return 0;
	for (i -= 2; i >= 0; i--)
		sysfs_remove_file(kobj, attrs[i]);
	return err;
}
EXPORT_SYMBOL_GPL(sysfs_create_files);

/**
 * sysfs_remove_files - take several files away
 * @kobj: kobject
 * @attrs: ends with NULL
 */
void sysfs_remove_files(struct kobject *kobj, const struct attribute *const *attrs)
{
	for (; *attrs; attrs++)
		sysfs_remove_file(kobj, *attrs);
}
EXPORT_SYMBOL_GPL(sysfs_remove_files);

/* ---- groups ---- */

static void remove_members(struct sysfs_node *folder, struct attribute *const *attrs, int nr)
{
	while (--nr >= 0)
		sysfs_node_remove_child(folder, attrs[nr]->name);
}

static int add_members(struct kobject *kobj, struct sysfs_node *folder,
		       const struct attribute_group *group)
{
	int err = 0, i;

	for (i = 0; group->attrs && group->attrs[i] && !err; i++) {
		struct attribute *attr = group->attrs[i];
		umode_t mode = group->is_visible ? group->is_visible(kobj, attr, i) : attr->mode;

		if (mode)
			err = add_file(kobj, folder, attr, mode);
	}
	if (err)
		remove_members(folder, group->attrs, i - 1);
	return err;
}

/**
 * sysfs_create_group - offer a group of files, all or none
 * @kobj: kobject that was added
 * @group: the group; stays the caller's
 *
 * Context: May sleep.
 * Return: 0, -EEXIST, -ENOMEM, -EINVAL.
 */
int sysfs_create_group(struct kobject *kobj, const struct attribute_group *group)
{
	struct sysfs_node *folder;
	int err;

	if (WARN_ON(!kobj || !kobj->sd))
		return -EINVAL;
	if (!group->name)
		return add_members(kobj, kobj->sd, group);
	folder = sysfs_node_add_dir(kobj->sd, group->name);
	if (IS_ERR(folder))
		return (int)PTR_ERR(folder);
	err = add_members(kobj, folder, group);
	if (err)
		sysfs_node_remove(folder);
	return err;
}
EXPORT_SYMBOL_GPL(sysfs_create_group);

/**
 * sysfs_remove_group - take a group of files away
 * @kobj: kobject
 * @group: what sysfs_create_group() got
 *
 * Context: May sleep: waits until none of their callbacks runs.
 */
void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *group)
{
	int nr = 0;

	if (!kobj->sd)
		return;
	if (group->name) {
		WARN(!sysfs_node_remove_child(kobj->sd, group->name),
		     "sysfs: %s has no group %s to remove\n", kobj->name, group->name);
		return;
	}
	while (group->attrs && group->attrs[nr])
		nr++;
	remove_members(kobj->sd, group->attrs, nr);
}
EXPORT_SYMBOL_GPL(sysfs_remove_group);

/**
 * sysfs_create_groups - offer several groups, all or none
 * @kobj: kobject that was added
 * @groups: ends with NULL; may be NULL
 *
 * Return: as sysfs_create_group().
 */
int sysfs_create_groups(struct kobject *kobj, const struct attribute_group **groups)
{
	int err = 0, i;

	for (i = 0; groups && groups[i] && !err; i++)
		err = sysfs_create_group(kobj, groups[i]);
	if (!err)
		return 0;
	for (i -= 2; i >= 0; i--)
		sysfs_remove_group(kobj, groups[i]);
	return err;
}
EXPORT_SYMBOL_GPL(sysfs_create_groups);

/**
 * sysfs_remove_groups - take several groups away
 * @kobj: kobject
 * @groups: ends with NULL; may be NULL
 */
void sysfs_remove_groups(struct kobject *kobj, const struct attribute_group **groups)
{
	for (int i = 0; groups && groups[i]; i++)
		sysfs_remove_group(kobj, groups[i]);
}
EXPORT_SYMBOL_GPL(sysfs_remove_groups);

/* ---- links ---- */

/**
 * sysfs_create_link - another name for a folder
 * @kobj: in whose folder; NULL: in /sys itself
 * @target: whose folder it leads to, while that is there
 * @name: name of the link
 *
 * Return: 0, -EEXIST, -ENOMEM; -ENOENT: @target has no folder; -EFAULT: @kobj has none.
 */
int sysfs_create_link(struct kobject *kobj, struct kobject *target, const char *name)
{
	struct sysfs_node *folder = kobj ? kobj->sd : sysfs_place(SYSFS_ROOT);

	if (!folder)
		return -EFAULT;
	if (!target->sd)
		return -ENOENT;
	return PTR_ERR_OR_ZERO(sysfs_node_add_link(folder, name, target->sd));
}
EXPORT_SYMBOL_GPL(sysfs_create_link);

/**
 * sysfs_remove_link - remove what sysfs_create_link() made
 * @kobj: in whose folder; NULL: in /sys itself
 * @name: name of the link
 */
void sysfs_remove_link(struct kobject *kobj, const char *name)
{
	struct sysfs_node *folder = kobj ? kobj->sd : sysfs_place(SYSFS_ROOT);

	if (folder)
		sysfs_node_remove_child(folder, name);
}
EXPORT_SYMBOL_GPL(sysfs_remove_link);

/* ---- printing ---- */

/**
 * sysfs_emit - print what a file says
 * @buf: the page that show() got
 * @fmt: format
 *
 * Return: length, at most a page with the zero; 0 after a warning if @buf is no page.
 */
int sysfs_emit(char *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	if (WARN(!buf || offset_in_page(buf), "sysfs_emit: %p is not the start of a page\n", buf))
		return 0;
	va_start(args, fmt);
	len = vscnprintf(buf, PAGE_SIZE, fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL_GPL(sysfs_emit);

/**
 * sysfs_emit_at - print more of what a file says
 * @buf: the page that show() got
 * @at: how much is in it
 * @fmt: format
 *
 * Return: length of what was added.
 */
int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
{
	va_list args;
	int len;

	if (WARN(!buf || offset_in_page(buf) || at < 0 || at >= (int)PAGE_SIZE,
		 "sysfs_emit_at: %p + %d is not within a page\n", buf, at))
		return 0;
	va_start(args, fmt);
	len = vscnprintf(buf + at, PAGE_SIZE - (size_t)at, fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL_GPL(sysfs_emit_at);
