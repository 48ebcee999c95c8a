// SPDX-License-Identifier: MIT
/*
 * device.c - devices from their first reference to their last
 *
 * A device is a kobject with a place below /sys/devices: in its parent's folder, in
 * its bus's or class's folder of /sys/devices/virtual, or there directly. When it is
 * taken out, everything that devm_*() recorded is undone, even if references are
 * left; what is recorded later is undone with the last of them, before release().
 *
 * Locks: none of its own; class.c and bus.c have one each for their lists.
 * Differs from Linux: see linux/device.h. The files of a device are gone before its
 * managed resources, so that no callback finds these undone.
 */
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "kernel-compat/device_internal.h"

/* ---- files ---- */

static ssize_t show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct device_attribute *dattr = container_of(attr, struct device_attribute, attr);

	return dattr->show ? dattr->show(kobj_to_dev(kobj), dattr, buf) : -EIO;
}

static ssize_t store(struct kobject *kobj, struct attribute *attr, const char *buf, size_t count)
{
	struct device_attribute *dattr = container_of(attr, struct device_attribute, attr);

	return dattr->store ? dattr->store(kobj_to_dev(kobj), dattr, buf, count) : -EIO;
}

static const struct sysfs_ops dev_sysfs_ops = { .show = show, .store = store };

/**
 * device_create_file - offer one more file of a device
 * @dev: device that was added; NULL: nothing happens
 * @attr: name, mode and functions; must live as long as the file
 *
 * Context: May sleep.
 * Return: 0, -EEXIST, -ENOMEM.
 */
int device_create_file(struct device *dev, const struct device_attribute *attr)
{
	if (!dev)
		return 0;
	WARN((attr->attr.mode & 0222) && !attr->store,
	     "device: file %s may be written and has no store()\n", attr->attr.name);
	WARN((attr->attr.mode & 0444) && !attr->show,
	     "device: file %s may be read and has no show()\n", attr->attr.name);
	return sysfs_create_file(&dev->kobj, &attr->attr);
}
EXPORT_SYMBOL_GPL(device_create_file);

/**
 * device_remove_file - take a file of a device away
 * @dev: device, or NULL
 * @attr: what device_create_file() got
 *
 * Context: May sleep: waits for its callbacks.
 */
void device_remove_file(struct device *dev, const struct device_attribute *attr)
{
	if (dev)
		sysfs_remove_file(&dev->kobj, &attr->attr);
}
EXPORT_SYMBOL_GPL(device_remove_file);

static ssize_t dev_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	(void)attr;
	return sysfs_emit(buf, "%u:%u\n", MAJOR(dev->devt), MINOR(dev->devt));
}
static DEVICE_ATTR_RO(dev);

/* What is made here goes with the device's folder */
static int add_files(struct device *dev)
{
	const struct attribute_group **groups[] = {
		dev->class ? dev->class->dev_groups : NULL,
		dev->bus ? dev->bus->dev_groups : NULL,
		dev->type ? dev->type->groups : NULL,
		dev->groups,
	};
	int err = MAJOR(dev->devt) ? device_create_file(dev, &dev_attr_dev) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(groups) && !err; i++)
		err = sysfs_create_groups(&dev->kobj, groups[i]);
	return err;
}

/* ---- life ---- */

static void end_of_device(struct kobject *kobj)
{
	struct device *dev = kobj_to_dev(kobj);

	devres_release_all(dev);
	if (dev->release)
		dev->release(dev);
	else if (dev->type && dev->type->release)
		dev->type->release(dev);
	else if (dev->class && dev->class->dev_release)
		dev->class->dev_release(dev);
	else
		WARN(1, "device %s has no release() function; its memory is nobody's\n",
		     dev_name(dev));
}

static const struct kobj_type device_ktype = {
	.release = end_of_device,
	.sysfs_ops = &dev_sysfs_ops,
};

/**
 * device_initialize - begin the life of a device
 * @dev: zeroed memory, or with fields of its owner's set
 *
 * The caller has the first reference. From now on put_device() ends it.
 */
void device_initialize(struct device *dev)
{
	kobject_init(&dev->kobj, &device_ktype);
	mutex_init(&dev->mutex);
	spin_lock_init(&dev->devres_lock);
	INIT_LIST_HEAD(&dev->devres_head);
	INIT_LIST_HEAD(&dev->class_node);
	INIT_LIST_HEAD(&dev->bus_node);
}
EXPORT_SYMBOL_GPL(device_initialize);

/**
 * dev_set_name - name a device before it is added
 * @dev: device
 * @fmt: format of the name; a slash in it becomes '!'
 *
 * Return: 0, -ENOMEM, or -EINVAL for an empty name.
 */
int dev_set_name(struct device *dev, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = kobject_set_name_vargs(&dev->kobj, fmt, args);
	va_end(args);
	return ret;
}
EXPORT_SYMBOL_GPL(dev_set_name);

static int settle_name(struct device *dev)
{
	int err = 0;

	if (dev->init_name)
		err = dev_set_name(dev, "%s", dev->init_name);
	else if (!dev->kobj.name && dev->bus && dev->bus->dev_name)
		err = dev_set_name(dev, "%s%u", dev->bus->dev_name, dev->id);
	dev->init_name = NULL;
	if (err)
		return err;
	return dev->kobj.name && *dev->kobj.name ? 0 : -EINVAL;
}

/* With a reference */
static struct sysfs_node *folder_of(struct device *dev)
{
	if (dev->class)
		return class_folder(dev->class, dev->parent);
	if (dev->parent)
		return dev->parent->kobj.sd ? sysfs_node_get(dev->parent->kobj.sd) :
		       ERR_PTR(-ENOENT);
	if (dev->bus)
		return bus_folder(dev->bus);
	return sysfs_node_get(sysfs_place(SYSFS_DEVICES));
}

static int enlist(struct device *dev)
{
	int err = dev->class ? class_enlist(dev) : 0;

	if (err || !dev->bus)
		return err;
	err = bus_enlist(dev);
	if (err)
		class_delist(dev);
	return err;
}

/**
 * device_add - put a device below /sys, and into the lists of its class and bus
 * @dev: initialised and named; stays the caller's, also after a failure
 *
 * Context: May sleep.
 * Return: 0; -EEXIST: the name is taken; -ENOENT: its parent was not added;
 * -ENODEV: its class or bus is not registered; -EINVAL: no name; -ENOMEM.
 */
int device_add(struct device *dev)
{
	struct sysfs_node *folder;
	int err;

	if (!dev)
		return -EINVAL;
	err = settle_name(dev);
	if (err)
		return err;
	folder = folder_of(dev);
	if (IS_ERR(folder))
		return (int)PTR_ERR(folder);
	err = kobject_add_at(&dev->kobj, dev->parent ? &dev->parent->kobj : NULL, folder);
	sysfs_node_put(folder);
	if (err)
		return err;
	err = add_files(dev);
	if (!err)
		err = enlist(dev);
	if (err)
		kobject_del(&dev->kobj);
	return err;
}
EXPORT_SYMBOL_GPL(device_add);

/**
 * device_register - device_initialize() and device_add()
 * @dev: zeroed, with fields of its owner's set; after a failure too put_device() is
 *	 the way to get rid of it
 *
 * Context: May sleep.
 * Return: as device_add().
 */
int device_register(struct device *dev)
{
	device_initialize(dev);
	return device_add(dev);
}
EXPORT_SYMBOL_GPL(device_register);

/**
 * device_del - take a device out of /sys and all lists
 * @dev: device that was added; its references stay
 *
 * What devm_*() recorded is undone, newest first.
 *
 * Context: May sleep: waits for callbacks of its files.
 */
void device_del(struct device *dev)
{
	class_delist(dev);
	bus_delist(dev);
	kobject_del(&dev->kobj);
	devres_release_all(dev);
}
EXPORT_SYMBOL_GPL(device_del);

/**
 * device_unregister - device_del() and put_device()
 * @dev: device that was registered
 *
 * Context: May sleep.
 */
void device_unregister(struct device *dev)
{
	device_del(dev);
	put_device(dev);
}
EXPORT_SYMBOL_GPL(device_unregister);

/**
 * get_device - one more reference
 * @dev: device or NULL
 *
 * Return: @dev.
 */
struct device *get_device(struct device *dev)
{
	return dev ? kobj_to_dev(kobject_get(&dev->kobj)) : NULL;
}
EXPORT_SYMBOL_GPL(get_device);

/**
 * put_device - give a reference back
 * @dev: device or NULL; may be gone afterwards
 *
 * Context: May sleep if it may be the last one.
 */
void put_device(struct device *dev)
{
	if (dev)
		kobject_put(&dev->kobj);
}
EXPORT_SYMBOL_GPL(put_device);

/* ---- devices made here ---- */

static void free_device(struct device *dev)
{
	mutex_destroy(&dev->mutex);
	kfree(dev);
}

struct device *device_new(void)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	device_initialize(dev);
	dev->release = free_device;
	return dev;
}

static struct device *add_new(struct device *dev, int err)
{
	if (!err)
		err = device_add(dev);
	if (!err)
		return dev;
	put_device(dev);
	return ERR_PTR(err);
}

/**
 * __root_device_register - a device that is only a folder, /sys/devices/NAME
 * @name: its name
 * @owner: whose; not looked at
 *
 * Called through root_device_register().
 *
 * Context: May sleep.
 * Return: the device, for root_device_unregister(); ERR_PTR(-ENOMEM), -EEXIST ...
 */
struct device *__root_device_register(const char *name, struct module *owner)
{
	struct device *dev = device_new();

	(void)owner;
	if (!dev)
		return ERR_PTR(-ENOMEM);
	return add_new(dev, dev_set_name(dev, "%s", name));
}
EXPORT_SYMBOL_GPL(__root_device_register);

/**
 * root_device_unregister - undo root_device_register()
 * @dev: device
 *
 * Context: May sleep.
 */
void root_device_unregister(struct device *dev)
{
	device_unregister(dev);
}
EXPORT_SYMBOL_GPL(root_device_unregister);

static struct device *create(const struct class *class, struct device *parent, dev_t devt,
			     void *drvdata, const struct attribute_group **groups,
			     const char *fmt, va_list args)
	__attribute__((__format__(__printf__, 6, 0)));

static struct device *create(const struct class *class, struct device *parent, dev_t devt,
			     void *drvdata, const struct attribute_group **groups,
			     const char *fmt, va_list args)
{
	struct device *dev;

	if (IS_ERR_OR_NULL(class))
		return ERR_PTR(-ENODEV);
	dev = device_new();
	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev->class = class;
	dev->parent = parent;
	dev->devt = devt;
	dev->groups = groups;
	dev_set_drvdata(dev, drvdata);
	return add_new(dev, kobject_set_name_vargs(&dev->kobj, fmt, args));
}

/**
 * device_create_with_groups - a device of a class, with files
 * @class: its class
 * @parent: device in whose folder it shall be, or NULL
 * @devt: its number, for device_destroy(); MKDEV(0, 0): none. There is no node in /dev
 * @drvdata: for dev_get_drvdata()
 * @groups: its files, or NULL
 * @fmt: format of its name
 *
 * Context: May sleep.
 * Return: the device, for device_destroy() or device_unregister(); ERR_PTR(-ENOMEM),
 * -EEXIST, -ENODEV ...
 */
struct device *device_create_with_groups(const struct class *class, struct device *parent,
					 dev_t devt, void *drvdata,
					 const struct attribute_group **groups,
					 const char *fmt, ...)
{
	struct device *dev;
	va_list args;

	va_start(args, fmt);
	dev = create(class, parent, devt, drvdata, groups, fmt, args);
	va_end(args);
	return dev;
}
EXPORT_SYMBOL_GPL(device_create_with_groups);

/**
 * device_create - a device of a class
 * @class: its class
 * @parent: device in whose folder it shall be, or NULL
 * @devt: its number; there is no node in /dev
 * @drvdata: for dev_get_drvdata()
 * @fmt: format of its name
 *
 * Context: May sleep.
 * Return: as device_create_with_groups().
 */
struct device *device_create(const struct class *class, struct device *parent, dev_t devt,
			     void *drvdata, const char *fmt, ...)
{
	struct device *dev;
	va_list args;

	va_start(args, fmt);
	dev = create(class, parent, devt, drvdata, NULL, fmt, args);
	va_end(args);
	return dev;
}
EXPORT_SYMBOL_GPL(device_create);

/**
 * device_destroy - unregister what device_create() made
 * @class: its class
 * @devt: its number; nothing happens if no device of the class has it
 *
 * Context: May sleep.
 */
void device_destroy(const struct class *class, dev_t devt)
{
	struct device *dev = class_find_device_by_devt(class, devt);

	if (!dev)
		return;
	put_device(dev);
	device_unregister(dev);
}
EXPORT_SYMBOL_GPL(device_destroy);
