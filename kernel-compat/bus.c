// SPDX-License-Identifier: MIT
/*
 * bus.c - subsystems: /sys/bus/NAME and the devices that are listed there
 *
 * A subsystem has a device of its own, /sys/devices/virtual/NAME, in whose folder its
 * devices live; /sys/bus/NAME/devices has links to them.
 *
 * Locks: bus_mutex covers the list of subsystems and the links.
 * Differs from Linux: only virtual subsystems, see linux/device/bus.h.
 */
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/slab.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/device_internal.h"

struct record {
	struct list_head	node;		/* L */
	const struct bus_type	*bus;		/* I */
	struct sysfs_node	*folder;	/* I: /sys/bus/NAME, with a reference */
	struct sysfs_node	*devices;	/* I: its folder devices; goes with it */
	struct device		*root;		/* I: with a reference */
	struct list_head	members;	/* L: devices */
};

static DEFINE_MUTEX(bus_mutex);
static LIST_HEAD(buses);			/* L */

static struct record *record_of(const struct bus_type *bus)
{
	struct record *record;

	lockdep_assert_held(&bus_mutex);
	list_for_each_entry(record, &buses, node)
		if (record->bus == bus)
			return record;
	return NULL;
}

static void free_record(struct record *record)
{
	if (record->root)
		device_unregister(record->root);
	if (record->folder) {
		sysfs_node_remove(record->folder);
		sysfs_node_put(record->folder);
	}
	kfree(record);
}

static int make_folders(struct record *record)
{
	struct sysfs_node *node = sysfs_node_add_dir(sysfs_place(SYSFS_BUS), record->bus->name);

	if (IS_ERR(node))
		return (int)PTR_ERR(node);
	record->folder = sysfs_node_get(node);
	node = sysfs_node_add_dir(record->folder, "devices");
	if (IS_ERR(node))
		return (int)PTR_ERR(node);
	record->devices = node;
	return 0;
}

static int make_root(struct record *record, const struct attribute_group **groups)
{
	struct device *dev = device_new();
	struct sysfs_node *folder = sysfs_place(SYSFS_VIRTUAL);
	int err;

	if (!dev)
		return -ENOMEM;
	err = dev_set_name(dev, "%s", record->bus->name);
	if (!err)
		err = kobject_add_at(&dev->kobj, NULL, folder);
	if (!err)
		err = sysfs_create_groups(&dev->kobj, groups);
	if (err)
		put_device(dev);
	else
		record->root = dev;
	return err;
}

/**
 * subsys_virtual_register - make a subsystem of devices without hardware
 * @subsys: the subsystem; stays the caller's and must live until bus_unregister()
 * @groups: files of the subsystem itself, or NULL
 *
 * Context: May sleep.
 * Return: 0; -EEXIST: the name is taken; -ENOMEM.
 */
int subsys_virtual_register(const struct bus_type *subsys, const struct attribute_group **groups)
{
	struct record *record = kzalloc(sizeof(*record), GFP_KERNEL);
	int err;

	if (!record)
		return -ENOMEM;
	record->bus = subsys;
	INIT_LIST_HEAD(&record->members);
	err = make_folders(record);
	if (!err)
		err = make_root(record, groups);
	if (err) {
		free_record(record);
		return err;
	}
	mutex_lock(&bus_mutex);
	list_add_tail(&record->node, &buses);
	mutex_unlock(&bus_mutex);
	return 0;
}
EXPORT_SYMBOL_GPL(subsys_virtual_register);

/**
 * bus_unregister - forget a subsystem
 * @bus: registered subsystem. One that still has devices is reported and stays
 *
 * Context: May sleep.
 */
void bus_unregister(const struct bus_type *bus)
{
	struct record *record;
	bool busy;

	mutex_lock(&bus_mutex);
	record = record_of(bus);
	busy = record && !list_empty(&record->members);
	if (record && !busy)
		list_del(&record->node);
	mutex_unlock(&bus_mutex);
	if (WARN(!record, "bus %s is not registered\n", bus->name) ||
	    WARN(busy, "bus %s still has devices; it is not unregistered\n", bus->name))
		return;
	free_record(record);
}
EXPORT_SYMBOL_GPL(bus_unregister);

/**
 * bus_get_dev_root - the device of a subsystem itself
 * @bus: registered subsystem
 *
 * Context: May sleep.
 * Return: the device, with a reference for put_device(); or NULL.
 */
struct device *bus_get_dev_root(const struct bus_type *bus)
{
	struct record *record;
	struct device *root;

	mutex_lock(&bus_mutex);
	record = record_of(bus);
	root = record ? get_device(record->root) : NULL;
	mutex_unlock(&bus_mutex);
	return root;
}
EXPORT_SYMBOL_GPL(bus_get_dev_root);

/* ---- devices ---- */

struct sysfs_node *bus_folder(const struct bus_type *bus)
{
	struct device *root = bus_get_dev_root(bus);
	struct sysfs_node *folder;

	if (!root)
		return ERR_PTR(-ENODEV);
	folder = sysfs_node_get(root->kobj.sd);
	put_device(root);
	return folder;
}

int bus_enlist(struct device *dev)
{
	struct record *record;
	int err = -ENODEV;

	mutex_lock(&bus_mutex);
	record = record_of(dev->bus);
	if (record)
		err = PTR_ERR_OR_ZERO(sysfs_node_add_link(record->devices, dev_name(dev),
							  dev->kobj.sd));
	if (!err)
		list_add_tail(&dev->bus_node, &record->members);
	mutex_unlock(&bus_mutex);
	return err;
}

void bus_delist(struct device *dev)
{
	struct record *record;

	mutex_lock(&bus_mutex);
	record = list_empty(&dev->bus_node) ? NULL : record_of(dev->bus);
	if (record) {
		sysfs_node_remove_child(record->devices, dev_name(dev));
		list_del_init(&dev->bus_node);
	}
	mutex_unlock(&bus_mutex);
}

void bus_fork(enum fork_step step)
{
	fork_step_mutex(&bus_mutex, step);
}
