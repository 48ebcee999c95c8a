/* SPDX-License-Identifier: MIT */
/*
 * class.h - devices of a kind, listed in /sys/class
 *
 * Differs from Linux: devnode() and what it decides, nodes in /dev, are absent.
 */
#ifndef UWQ_LINUX_DEVICE_CLASS_H
#define UWQ_LINUX_DEVICE_CLASS_H

#include <linux/compiler.h>
#include <linux/sysfs.h>
#include <linux/types.h>
#include <uwq/api.h>

struct device;

/**
 * struct class - devices of a kind
 * @name: of the folder in /sys/class
 * @class_groups: files in that folder, struct class_attribute
 * @dev_groups: files of each device
 * @class_release: the last reference is gone; NULL: nothing to free
 * @dev_release: frees devices that have no release() of their own
 */
struct class {
	const char *name;
	const struct attribute_group **class_groups;
	const struct attribute_group **dev_groups;
	void (*class_release)(const struct class *class);
	void (*dev_release)(struct device *dev);
};

struct class_attribute {
	struct attribute attr;
	ssize_t (*show)(const struct class *class, const struct class_attribute *attr, char *buf);
	ssize_t (*store)(const struct class *class, const struct class_attribute *attr,
			 const char *buf, size_t count);
};

#define CLASS_ATTR_RW(name_)	struct class_attribute class_attr_##name_ = __ATTR_RW(name_)
#define CLASS_ATTR_RO(name_)	struct class_attribute class_attr_##name_ = __ATTR_RO(name_)
#define CLASS_ATTR_WO(name_)	struct class_attribute class_attr_##name_ = __ATTR_WO(name_)

UWQ_API_BEGIN
int class_register(const struct class *class) __must_check;
void class_unregister(const struct class *class);
struct class *uwq_class_create(const char *name) __must_check;
void class_destroy(const struct class *class);
int class_create_file(const struct class *class, const struct class_attribute *attr);
void class_remove_file(const struct class *class, const struct class_attribute *attr);
struct device *class_find_device_by_devt(const struct class *class, dev_t devt);
UWQ_API_END

/* class_create(name), and before 6.4 class_create(THIS_MODULE, name) */
#define class_create(...)	\
	UWQ_CLASS_PICK(__VA_ARGS__, uwq_class_create2, uwq_class_create)(__VA_ARGS__)
#define UWQ_CLASS_PICK(first, second, pick, ...)	pick
#define uwq_class_create2(owner, name)	uwq_class_create(((void)(owner), (name)))

#endif
