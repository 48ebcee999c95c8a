/* SPDX-License-Identifier: MIT */
/*
 * device.h - devices: a name, a place below /sys, references, managed resources
 *
 * A struct device is embedded in what it stands for and lives until the last
 * put_device(), which calls release(). device_unregister() undoes what devm_*()
 * recorded, newest first. Files (DEVICE_ATTR) are the files of linux/sysfs.h.
 *
 * Differs from Linux: there is no hardware and no hot plugging. Nothing matches
 * drivers to devices, nobody gets events, and device_create() makes no node in
 * /dev: its number is only shown, in the file dev.
 */
#ifndef UWQ_LINUX_DEVICE_H
#define UWQ_LINUX_DEVICE_H

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/dev_printk.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kdev_t.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include <linux/types.h>
#include <linux/device/bus.h>
#include <linux/device/class.h>
#include <linux/device/devres.h>
#include <linux/device/driver.h>
#include <uwq/api.h>

struct device;

struct device_type {
	const char *name;
	const struct attribute_group **groups;
	void (*release)(struct device *dev);
};

/* O: the owner's, set before device_add(); I: device_add() to device_del() */
struct device {
	struct kobject		 kobj;
	struct device		*parent;	/* O: kept by a reference while added */
	const char		*init_name;	/* O: becomes the name */
	const struct device_type *type;		/* O */
	const struct bus_type	*bus;		/* O */
	struct device_driver	*driver;	/* O: only shown in messages */
	const struct class	*class;		/* O */
	const struct attribute_group **groups;	/* O */
	void			(*release)(struct device *dev);	/* O: ends the memory */
	dev_t			 devt;		/* O */
	u32			 id;		/* O: of its name on a bus */
	void			*platform_data;	/* O */
	void			*driver_data;	/* O */
	struct mutex		 mutex;		/* device_lock() */

	spinlock_t		 devres_lock;
	struct list_head	 devres_head;	/* devres_lock: oldest first */
	struct list_head	 class_node;	/* class.c: devices of the class */
	struct list_head	 bus_node;	/* bus.c: devices of the bus */
};

#define kobj_to_dev(kobj_)	container_of(kobj_, struct device, kobj)

/* ---- files ---- */

struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr, char *buf);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr, const char *buf,
			 size_t count);
};

#define DEVICE_ATTR(name_, mode_, show_, store_)	\
	struct device_attribute dev_attr_##name_ = __ATTR(name_, mode_, show_, store_)
#define DEVICE_ATTR_RW(name_)	struct device_attribute dev_attr_##name_ = __ATTR_RW(name_)
#define DEVICE_ATTR_RO(name_)	struct device_attribute dev_attr_##name_ = __ATTR_RO(name_)
#define DEVICE_ATTR_WO(name_)	struct device_attribute dev_attr_##name_ = __ATTR_WO(name_)
#define DEVICE_ATTR_ADMIN_RW(name_)	\
	struct device_attribute dev_attr_##name_ = __ATTR_RW_MODE(name_, 0600)
#define DEVICE_ATTR_ADMIN_RO(name_)	\
	struct device_attribute dev_attr_##name_ = __ATTR_RO_MODE(name_, 0400)

UWQ_API_BEGIN

int device_create_file(struct device *dev, const struct device_attribute *attr);
void device_remove_file(struct device *dev, const struct device_attribute *attr);

/* ---- life ---- */

void device_initialize(struct device *dev);
int device_add(struct device *dev) __must_check;
int device_register(struct device *dev) __must_check;
void device_del(struct device *dev);
void device_unregister(struct device *dev);
struct device *get_device(struct device *dev);
void put_device(struct device *dev);
int dev_set_name(struct device *dev, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));
const char *dev_driver_string(const struct device *dev);

struct device *__root_device_register(const char *name, struct module *owner);
void root_device_unregister(struct device *dev);

struct device *device_create(const struct class *class, struct device *parent, dev_t devt,
			     void *drvdata, const char *fmt, ...)
	__attribute__((__format__(__printf__, 5, 6)));
struct device *device_create_with_groups(const struct class *class, struct device *parent,
					 dev_t devt, void *drvdata,
					 const struct attribute_group **groups,
					 const char *fmt, ...)
	__attribute__((__format__(__printf__, 6, 7)));
void device_destroy(const struct class *class, dev_t devt);

UWQ_API_END

#define root_device_register(name)	__root_device_register((name), THIS_MODULE)

static inline const char *dev_name(const struct device *dev)
{
	return dev->init_name ? dev->init_name : kobject_name(&dev->kobj);
}

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

static inline void *dev_get_platdata(const struct device *dev)
{
	return dev->platform_data;
}

static inline bool device_is_registered(struct device *dev)
{
	return dev->kobj.state_in_sysfs;
}

static inline void device_lock(struct device *dev)
{
	mutex_lock(&dev->mutex);
}

static inline int device_trylock(struct device *dev)
{
	return mutex_trylock(&dev->mutex);
}

static inline void device_unlock(struct device *dev)
{
	mutex_unlock(&dev->mutex);
}

#ifndef __cplusplus
DEFINE_FREE(put_device, struct device *, if (_T) put_device(_T))
#endif

#endif
