/* SPDX-License-Identifier: MIT */
/*
 * device_internal.h - where devices are put, between device.c, class.c and bus.c
 */
#ifndef UWQ_KERNEL_COMPAT_DEVICE_INTERNAL_H
#define UWQ_KERNEL_COMPAT_DEVICE_INTERNAL_H

#include <linux/device.h>

#include "kernel-compat/sysfs_tree.h"

/* kobject_add() of a named kobject into a folder that need not be @parent's. */
int kobject_add_at(struct kobject *kobj, struct kobject *parent, struct sysfs_node *folder);

/*
 * The folder for devices of a class, made if need be, with a reference; or an
 * ERR_PTR(), -ENODEV if the class is not registered.
 */
struct sysfs_node *class_folder(const struct class *class, struct device *parent);

/* List a device with its class (its bus), and in its folder. Undone by the second. */
int class_enlist(struct device *dev);
void class_delist(struct device *dev);

/* The same for a bus. */
struct sysfs_node *bus_folder(const struct bus_type *bus);
int bus_enlist(struct device *dev);
void bus_delist(struct device *dev);

/* A device that is freed by its last reference. NULL: no memory. */
struct device *device_new(void);

#endif
