/* SPDX-License-Identifier: MIT */
/*
 * kobject.h - a name, a place below /sys and a count of references
 *
 * Embedded in what it stands for. The last kobject_put() calls the type's
 * release(), which frees the whole.
 *
 * Differs from Linux: there are no ksets and nobody listens to events, so what
 * belongs to these is absent.
 */
#ifndef UWQ_LINUX_KOBJECT_H
#define UWQ_LINUX_KOBJECT_H

#include <linux/container_of.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/stdarg.h>
#include <linux/sysfs.h>
#include <linux/types.h>
#include <uwq/api.h>

struct sysfs_node;

struct kobj_type {
	void (*release)(struct kobject *kobj);
	const struct sysfs_ops *sysfs_ops;
	const struct attribute_group **default_groups;
};

/* O: the owner's, who adds, renames and deletes from one thread at a time */
struct kobject {
	const char		*name;		/* O */
	struct kobject		*parent;	/* O: with a reference while added */
	const struct kobj_type	*ktype;		/* O: set by kobject_init() */
	struct sysfs_node	*sd;		/* O: its folder; NULL = not below /sys */
	struct kref		 kref;
	unsigned int		 state_initialized : 1;
	unsigned int		 state_in_sysfs : 1;
};

struct kobj_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *kobj, struct kobj_attribute *attr, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			 size_t count);
};

UWQ_API_BEGIN

extern const struct sysfs_ops kobj_sysfs_ops;
extern struct kobject *kernel_kobj;	/* /sys/kernel */

int kobject_set_name(struct kobject *kobj, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));
int kobject_set_name_vargs(struct kobject *kobj, const char *fmt, va_list args)
	__attribute__((__format__(__printf__, 2, 0)));
void kobject_init(struct kobject *kobj, const struct kobj_type *ktype);
int kobject_add(struct kobject *kobj, struct kobject *parent, const char *fmt, ...)
	__must_check __attribute__((__format__(__printf__, 3, 4)));
int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *ktype,
			 struct kobject *parent, const char *fmt, ...)
	__must_check __attribute__((__format__(__printf__, 4, 5)));
struct kobject *kobject_create_and_add(const char *name, struct kobject *parent) __must_check;
void kobject_del(struct kobject *kobj);
struct kobject *kobject_get(struct kobject *kobj);
struct kobject *kobject_get_unless_zero(struct kobject *kobj) __must_check;
void kobject_put(struct kobject *kobj);
char *kobject_get_path(const struct kobject *kobj, gfp_t gfp);

UWQ_API_END

static inline const char *kobject_name(const struct kobject *kobj)
{
	return kobj->name;
}

#endif
