/* SPDX-License-Identifier: MIT */
/*
 * sysfs.h - files below /sys that kernel code offers
 *
 * A file is a struct attribute inside a larger structure that knows two
 * functions: show() prints into a page, store() takes text. Files belong to a
 * kobject, most often to a device, and are gone with it.
 *
 * Differs from Linux: the files exist inside the process. filp_open() finds them
 * under the kernel's paths, and so do uwq_sysfs_read() and uwq_sysfs_write()
 * (uwq/sysfs.h); other processes do not. There are no binary attributes and
 * nothing to poll, so sysfs_notify() is absent.
 */
#ifndef UWQ_LINUX_SYSFS_H
#define UWQ_LINUX_SYSFS_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <linux/stat.h>
#include <linux/stringify.h>
#include <linux/types.h>
#include <uwq/api.h>

struct kobject;

struct attribute {
	const char	*name;
	umode_t		 mode;
};

/**
 * struct attribute_group - files that come and go together
 * @name: folder that they are in; NULL: directly in the kobject's
 * @is_visible: mode of the @n-th file, 0 = leave it out; NULL: all, as they say
 * @attrs: ends with NULL
 */
struct attribute_group {
	const char	*name;
	umode_t		(*is_visible)(struct kobject *kobj, struct attribute *attr, int n);
	struct attribute **attrs;
};

struct sysfs_ops {
	ssize_t (*show)(struct kobject *kobj, struct attribute *attr, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct attribute *attr, const char *buf,
			 size_t size);
};


#define __ATTR(name_, mode_, show_, store_)				\
	{								\
		.attr = { .name = __stringify(name_),			\
			  .mode = VERIFY_OCTAL_PERMISSIONS(mode_) },	\
		.show = show_, .store = store_,				\
	}
#define __ATTR_RO_MODE(name_, mode_)	__ATTR(name_, mode_, name_##_show, NULL)
#define __ATTR_RW_MODE(name_, mode_)	__ATTR(name_, mode_, name_##_show, name_##_store)
#define __ATTR_RO(name_)		__ATTR_RO_MODE(name_, 0444)
#define __ATTR_RW(name_)		__ATTR_RW_MODE(name_, 0644)
#define __ATTR_WO(name_)		__ATTR(name_, 0200, NULL, name_##_store)
#define __ATTR_NULL			{ .attr = { .name = NULL } }

/* foo_attrs[] becomes foo_group, and foo_groups[] that holds nothing else */
#define __ATTRIBUTE_GROUPS(name_)					\
	static const struct attribute_group *name_##_groups[] = { &name_##_group, NULL }
#define ATTRIBUTE_GROUPS(name_)						\
	static const struct attribute_group name_##_group = { .attrs = name_##_attrs }; \
	__ATTRIBUTE_GROUPS(name_)

#define sysfs_attr_init(attr)	do { (void)(attr); } while (0)

UWQ_API_BEGIN

int sysfs_create_file(struct kobject *kobj, const struct attribute *attr);
int sysfs_create_files(struct kobject *kobj, const struct attribute *const *attrs);
void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr);
void sysfs_remove_files(struct kobject *kobj, const struct attribute *const *attrs);
int sysfs_create_group(struct kobject *kobj, const struct attribute_group *group);
int sysfs_create_groups(struct kobject *kobj, const struct attribute_group **groups);
void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *group);
void sysfs_remove_groups(struct kobject *kobj, const struct attribute_group **groups);
int sysfs_create_link(struct kobject *kobj, struct kobject *target, const char *name);
void sysfs_remove_link(struct kobject *kobj, const char *name);

int sysfs_emit(char *buf, const char *fmt, ...) __attribute__((__format__(__printf__, 2, 3)));
int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
	__attribute__((__format__(__printf__, 3, 4)));

UWQ_API_END

#endif
