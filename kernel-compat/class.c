// SPDX-License-Identifier: MIT
/*
 * class.c - devices of a kind, listed in /sys/class
 *
 * Users see a constant struct class; what belongs to it here is found by its
 * address. Devices without a parent live in /sys/devices/virtual/CLASS, others
 * in a folder CLASS of their parent's, made for the first of them.
 *
 * Locks: class_mutex covers all of it, and is held while nodes are added or links
 * removed; never while a callback runs or is waited for.
 * Differs from Linux: the folder in a parent's stays until the parent goes.
 */
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/slab.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/device_internal.h"

struct record {
	struct list_head   node;	/* L */
	const struct class *class;	/* I */
	struct sysfs_node *folder;	/* I: /sys/class/NAME, with a reference */
	struct sysfs_node *virtual;	/* L: /sys/devices/virtual/NAME or NULL, likewise */
	struct list_head   devices;	/* L: oldest first */
};

static DEFINE_MUTEX(class_mutex);
static LIST_HEAD(classes);		/* L */

static struct record *record_of(const struct class *class)
{
	struct record *record;

	lockdep_assert_held(&class_mutex);
	list_for_each_entry(record, &classes, node)
		if (record->class == class)
			return record;
	return NULL;
}

/* ---- files of the class itself ---- */

static ssize_t show(void *owner, const void *attr, char *buf)
{
	const struct class_attribute *cattr =
		container_of((const struct attribute *)attr, struct class_attribute, attr);

	return cattr->show ? cattr->show(owner, cattr, buf) : -EIO;
}

static ssize_t store(void *owner, const void *attr, const char *buf, size_t count)
{
	const struct class_attribute *cattr =
		container_of((const struct attribute *)attr, struct class_attribute, attr);

	return cattr->store ? cattr->store(owner, cattr, buf, count) : -EIO;
}

static const struct sysfs_file_ops file_ops = { .show = show, .store = store };

static int add_file(const struct record *record, const struct attribute *attr)
{
	return PTR_ERR_OR_ZERO(sysfs_node_add_file(record->folder, attr->name, attr->mode,
						   &file_ops, (void *)record->class, attr));
}

static int add_files(const struct record *record)
{
	const struct attribute_group **groups = record->class->class_groups;
	int err = 0;

	for (; groups && *groups && !err; groups++)
		for (struct attribute **attr = (*groups)->attrs; *attr && !err; attr++)
			err = add_file(record, *attr);
	return err;
}

static struct sysfs_node *folder_of_class(const struct class *class)
{
	struct record *record;
	struct sysfs_node *folder;

	mutex_lock(&class_mutex);
	record = record_of(class);
	folder = record ? sysfs_node_get(record->folder) : NULL;
	mutex_unlock(&class_mutex);
	return folder;
}

/**
 * class_create_file - offer one more file of a class
 * @class: registered class
 * @attr: name, mode and functions; must live as long as the file
 *
 * Context: May sleep.
 * Return: 0, -EEXIST, -ENOMEM, -EINVAL: the class is not registered.
 */
int class_create_file(const struct class *class, const struct class_attribute *attr)
{
	struct record *record;
	int err;

	mutex_lock(&class_mutex);
	record = record_of(class);
	err = record ? add_file(record, &attr->attr) : -EINVAL;
	mutex_unlock(&class_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(class_create_file);

/**
 * class_remove_file - take a file of a class away
 * @class: class
 * @attr: what class_create_file() got
 *
 * Context: May sleep: waits for its callbacks.
 */
void class_remove_file(const struct class *class, const struct class_attribute *attr)
{
	struct sysfs_node *folder = folder_of_class(class);

	if (!folder)
		return;
	sysfs_node_remove_child(folder, attr->attr.name);
	sysfs_node_put(folder);
}
EXPORT_SYMBOL_GPL(class_remove_file);

/* ---- life ---- */

static void drop_folder(struct sysfs_node *folder)
{
	if (!folder)
		return;
	sysfs_node_remove(folder);
	sysfs_node_put(folder);
}

static void free_record(struct record *record)
{
	drop_folder(record->folder);
	drop_folder(record->virtual);
	kfree(record);
}

/**
 * class_register - make a class known
 * @class: the class; stays the caller's and must live until class_unregister()
 *
 * Context: May sleep.
 * Return: 0; -EEXIST: the name is taken; -ENOMEM.
 */
int class_register(const struct class *class)
{
	struct record *record = kzalloc(sizeof(*record), GFP_KERNEL);
	struct sysfs_node *folder;
	int err;

	if (!record)
		return -ENOMEM;
	folder = sysfs_node_add_dir(sysfs_place(SYSFS_CLASS), class->name);
	if (IS_ERR(folder)) {
		kfree(record);
		return (int)PTR_ERR(folder);
	}
	record->class = class;
	record->folder = sysfs_node_get(folder);
	INIT_LIST_HEAD(&record->devices);
	err = add_files(record);
	if (err) {
		free_record(record);
		return err;
	}
	mutex_lock(&class_mutex);
	list_add_tail(&record->node, &classes);
	mutex_unlock(&class_mutex);
	return 0;
}
EXPORT_SYMBOL_GPL(class_register);

/**
 * class_unregister - forget a class
 * @class: registered class. One that still has devices is reported and stays
 *
 * Context: May sleep.
 */
void class_unregister(const struct class *class)
{
	struct record *record;
	bool busy;

	mutex_lock(&class_mutex);
	record = record_of(class);
	busy = record && !list_empty(&record->devices);
	if (record && !busy)
		list_del(&record->node);
	mutex_unlock(&class_mutex);
	if (WARN(!record, "class %s is not registered\n", class->name) ||
	    WARN(busy, "class %s still has devices; it is not unregistered\n", class->name))
		return;
	free_record(record);
	if (class->class_release)
		class->class_release(class);
}
EXPORT_SYMBOL_GPL(class_unregister);

static void free_class(const struct class *class)
{
	kfree(class);
}

/**
 * uwq_class_create - a class that is nothing but a name
 * @name: its name; must live as long as the class
 *
 * Called through class_create().
 *
 * Context: May sleep.
 * Return: the class, for class_destroy(); ERR_PTR(-ENOMEM), -EEXIST.
 */
struct class *uwq_class_create(const char *name)
{
	struct class *class = kzalloc(sizeof(*class), GFP_KERNEL);
	int err;

	if (!class)
		return ERR_PTR(-ENOMEM);
	class->name = name;
	class->class_release = free_class;
	err = class_register(class);
	if (!err)
		return class;
	kfree(class);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(uwq_class_create);

/**
 * class_destroy - undo class_create()
 * @class: class, or NULL, or ERR_PTR()
 *
 * Context: May sleep.
 */
void class_destroy(const struct class *class)
{
	if (!IS_ERR_OR_NULL(class))
		class_unregister(class);
}
EXPORT_SYMBOL_GPL(class_destroy);

/* ---- devices ---- */

/* A folder that is there, or made now; with a reference */
static struct sysfs_node *folder_in(struct sysfs_node *parent, const char *name)
{
	struct sysfs_node *folder = sysfs_node_child(parent, name);

	if (folder)
		return folder;
	folder = sysfs_node_add_dir(parent, name);
	return IS_ERR(folder) ? folder : sysfs_node_get(folder);
}

static struct sysfs_node *virtual_folder(struct record *record)
{
	struct sysfs_node *folder = record->virtual;

	if (folder)
		return sysfs_node_get(folder);
	folder = folder_in(sysfs_place(SYSFS_VIRTUAL), record->class->name);
	if (!IS_ERR(folder))
		record->virtual = sysfs_node_get(folder);
	return folder;
}

struct sysfs_node *class_folder(const struct class *class, struct device *parent)
{
	struct sysfs_node *folder;
	struct record *record;

	mutex_lock(&class_mutex);
	record = record_of(class);
	if (!record)
		folder = ERR_PTR(-ENODEV);
	else if (!parent)
		folder = virtual_folder(record);
	else if (!parent->kobj.sd)
		folder = ERR_PTR(-ENOENT);
	else if (parent->class)
		folder = sysfs_node_get(parent->kobj.sd);
	else
		folder = folder_in(parent->kobj.sd, class->name);
	mutex_unlock(&class_mutex);
	return folder;
}

int class_enlist(struct device *dev)
{
	struct record *record;
	int err = -ENODEV;

	mutex_lock(&class_mutex);
	record = record_of(dev->class);
	if (record)
		err = PTR_ERR_OR_ZERO(sysfs_node_add_link(record->folder, dev_name(dev),
							  dev->kobj.sd));
	if (!err)
		list_add_tail(&dev->class_node, &record->devices);
	mutex_unlock(&class_mutex);
	return err;
}

void class_delist(struct device *dev)
{
	struct record *record;

	mutex_lock(&class_mutex);
	record = list_empty(&dev->class_node) ? NULL : record_of(dev->class);
	if (record) {
		sysfs_node_remove_child(record->folder, dev_name(dev));
		list_del_init(&dev->class_node);
	}
	mutex_unlock(&class_mutex);
}

/**
 * class_find_device_by_devt - a device by its number
 * @class: its class
 * @devt: its number
 *
 * Context: May sleep.
 * Return: the device, with a reference for put_device(); or NULL.
 */
struct device *class_find_device_by_devt(const struct class *class, dev_t devt)
{
	struct device *dev, *found = NULL;
	struct record *record;

	mutex_lock(&class_mutex);
	record = record_of(class);
	if (record) {
		list_for_each_entry(dev, &record->devices, class_node) {
			if (dev->devt == devt) {
				found = get_device(dev);
				break;
			}
		}
	}
	mutex_unlock(&class_mutex);
	return found;
}
EXPORT_SYMBOL_GPL(class_find_device_by_devt);

void class_fork(enum fork_step step)
{
	fork_step_mutex(&class_mutex, step);
}
