// SPDX-License-Identifier: MIT
/*
 * kobject.c - a name, a place below /sys and a count of references
 *
 * Used by device.c and by kernel code directly. Adding makes the folder with the
 * type's default files; deleting removes it with everything in it; the last
 * reference frees, and deletes first what is still there.
 *
 * Locks: none of its own, see sysfs_tree.c. A kobject is added and deleted by its
 * owner, one thread at a time; references may be taken and given back by anyone.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kobject.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "kernel-compat/device_internal.h"

static ssize_t kobj_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct kobj_attribute *kattr = container_of(attr, struct kobj_attribute, attr);

	return kattr->show ? kattr->show(kobj, kattr, buf) : -EIO;
}

static ssize_t kobj_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			       size_t count)
{
	struct kobj_attribute *kattr = container_of(attr, struct kobj_attribute, attr);

	return kattr->store ? kattr->store(kobj, kattr, buf, count) : -EIO;
}

const struct sysfs_ops kobj_sysfs_ops = {
	.show = kobj_attr_show,
	.store = kobj_attr_store,
};
EXPORT_SYMBOL_GPL(kobj_sysfs_ops);

/* ---- names ---- */

/**
 * kobject_set_name_vargs - name a kobject that is not added yet
 * @kobj: kobject
 * @fmt: format of the name; a slash in it becomes '!'
 * @args: arguments
 *
 * Return: 0, -ENOMEM, or -EINVAL for an empty name.
 */
int kobject_set_name_vargs(struct kobject *kobj, const char *fmt, va_list args)
{
	char *name;

	if (kobj->name && !fmt)
		return 0;
	name = kvasprintf(GFP_KERNEL, fmt, args);
	if (!name)
		return -ENOMEM;
	strreplace(name, '/', '!');
	kfree(kobj->name);
	kobj->name = name;
	return *name ? 0 : -EINVAL;
}
EXPORT_SYMBOL(kobject_set_name_vargs);

/**
 * kobject_set_name - name a kobject that is not added yet
 * @kobj: kobject
 * @fmt: format of the name
 *
 * Return: as kobject_set_name_vargs().
 */
int kobject_set_name(struct kobject *kobj, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = kobject_set_name_vargs(kobj, fmt, args);
	va_end(args);
	return ret;
}
EXPORT_SYMBOL(kobject_set_name);

/**
 * kobject_get_path - where a kobject is
 * @kobj: kobject that was added
 * @gfp: how to allocate
 *
 * Return: its path below /sys, "/devices/virtual/x" say, for kfree(); or NULL.
 */
char *kobject_get_path(const struct kobject *kobj, gfp_t gfp)
{
	char buf[1024];

	if (!kobj->sd)
		return NULL;
	return kstrdup(sysfs_node_path(kobj->sd, buf, sizeof(buf)) + strlen("/sys"), gfp);
}
EXPORT_SYMBOL_GPL(kobject_get_path);

/* ---- life ---- */

/**
 * kobject_init - begin the life of a kobject
 * @kobj: zeroed memory, or a kobject that has only a name
 * @ktype: what it is; its release() ends the life
 *
 * The caller has the first reference, and from now on kobject_put() is the only way
 * to get rid of it.
 */
void kobject_init(struct kobject *kobj, const struct kobj_type *ktype)
{
	WARN(kobj->state_initialized, "kobject: %s (%p) is initialised a second time\n",
	     kobj->name ? kobj->name : "", kobj);
	kref_init(&kobj->kref);
	kobj->state_in_sysfs = 0;
	kobj->state_initialized = 1;
	kobj->parent = NULL;
	kobj->sd = NULL;
	kobj->ktype = ktype;
}
EXPORT_SYMBOL(kobject_init);

int kobject_add_at(struct kobject *kobj, struct kobject *parent, struct sysfs_node *folder)
{
	struct sysfs_node *node;
	int err;

	if (!folder)
		return -ENOENT;
	node = sysfs_node_add_dir(folder, kobj->name);
	if (IS_ERR(node))
		return (int)PTR_ERR(node);
	kobj->sd = sysfs_node_get(node);
	kobj->parent = kobject_get(parent);
	kobj->state_in_sysfs = 1;
	err = kobj->ktype && kobj->ktype->default_groups ?
	      sysfs_create_groups(kobj, kobj->ktype->default_groups) : 0;
	if (err)
		kobject_del(kobj);
	return err;
}

static int add_vargs(struct kobject *kobj, struct kobject *parent, const char *fmt, va_list args)
{
	int err = kobject_set_name_vargs(kobj, fmt, args);

	if (err) {
		pr_err("kobject: %p cannot get the name of format \"%s\"\n", kobj, fmt);
		return err;
	}
	return kobject_add_at(kobj, parent, parent ? parent->sd : sysfs_place(SYSFS_ROOT));
}

/**
 * kobject_add - give a kobject its folder
 * @kobj: initialised; stays the caller's, also after a failure
 * @parent: in whose folder, or NULL for /sys itself
 * @fmt: format of the name; NULL: it has one
 *
 * Context: May sleep.
 * Return: 0; -EEXIST: the name is taken; -ENOENT: @parent has no folder; -ENOMEM;
 * -EINVAL: not initialised, or no name.
 */
int kobject_add(struct kobject *kobj, struct kobject *parent, const char *fmt, ...)
{
	va_list args;
	int ret;

	if (!kobj)
		return -EINVAL;
	if (WARN(!kobj->state_initialized, "kobject: %s (%p) is added before kobject_init()\n",
		 kobj->name ? kobj->name : "", kobj))
		return -EINVAL;
	va_start(args, fmt);
	ret = add_vargs(kobj, parent, fmt, args);
	va_end(args);
	return ret;
}
EXPORT_SYMBOL(kobject_add);

/**
 * kobject_init_and_add - kobject_init() and kobject_add()
 * @kobj: zeroed; after a failure too kobject_put() is needed
 * @ktype: what it is
 * @parent: in whose folder, or NULL
 * @fmt: format of the name
 *
 * Context: May sleep.
 * Return: as kobject_add().
 */
int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *ktype,
			 struct kobject *parent, const char *fmt, ...)
{
	va_list args;
	int ret;

	kobject_init(kobj, ktype);
	va_start(args, fmt);
	ret = add_vargs(kobj, parent, fmt, args);
	va_end(args);
	return ret;
}
EXPORT_SYMBOL_GPL(kobject_init_and_add);

static void free_plain(struct kobject *kobj)
{
	kfree(kobj);
}

static const struct kobj_type plain_type = {
	.release = free_plain,
	.sysfs_ops = &kobj_sysfs_ops,
};

/**
 * kobject_create_and_add - a folder that is nothing but a folder
 * @name: its name
 * @parent: in whose folder, kernel_kobj for /sys/kernel, or NULL
 *
 * Its files are struct kobj_attribute.
 *
 * Context: May sleep.
 * Return: the kobject, for kobject_put(); NULL if that failed, which was reported.
 */
struct kobject *kobject_create_and_add(const char *name, struct kobject *parent)
{
	struct kobject *kobj = kzalloc(sizeof(*kobj), GFP_KERNEL);
	int err;

	if (!kobj)
		return NULL;
	err = kobject_init_and_add(kobj, &plain_type, parent, "%s", name);
	if (!err)
		return kobj;
	pr_warn("kobject: %s could not be added: %pe\n", name, ERR_PTR(err));
	kobject_put(kobj);
	return NULL;
}
EXPORT_SYMBOL_GPL(kobject_create_and_add);

/**
 * kobject_del - remove a kobject's folder and all that is in it
 * @kobj: kobject, or NULL; its references stay. Once removed nothing happens
 *
 * Context: May sleep: waits for show() and store() calls of its files.
 */
void kobject_del(struct kobject *kobj)
{
	struct sysfs_node *node;

	if (!kobj || !kobj->state_in_sysfs)
		return;
	node = kobj->sd;
	sysfs_node_remove(node);
	kobj->sd = NULL;
	kobj->state_in_sysfs = 0;
	sysfs_node_put(node);
	kobject_put(kobj->parent);
	kobj->parent = NULL;
}
EXPORT_SYMBOL(kobject_del);

static bool is_initialised(const struct kobject *kobj, const char *call)
{
	return !WARN(!kobj->state_initialized, "kobject: %s() of %p before kobject_init()\n",
		     call, kobj);
}

/**
 * kobject_get - one more reference
 * @kobj: kobject that the caller has a reference to, or NULL
 *
 * Return: @kobj.
 */
struct kobject *kobject_get(struct kobject *kobj)
{
	if (kobj && is_initialised(kobj, __func__))
		kref_get(&kobj->kref);
	return kobj;
}
EXPORT_SYMBOL(kobject_get);

/**
 * kobject_get_unless_zero - a reference, if there still is one
 * @kobj: kobject whose memory is known to be there, or NULL
 *
 * Return: @kobj, or NULL when its life is over.
 */
struct kobject *kobject_get_unless_zero(struct kobject *kobj)
{
	return kobj && kref_get_unless_zero(&kobj->kref) ? kobj : NULL;
}
EXPORT_SYMBOL(kobject_get_unless_zero);

static void end_of_life(struct kref *kref)
{
	struct kobject *kobj = container_of(kref, struct kobject, kref);
	const struct kobj_type *ktype = kobj->ktype;
	const char *name = kobj->name;

	kobject_del(kobj);
	if (ktype && ktype->release)
		ktype->release(kobj);
	else
		pr_debug("kobject: %s (%p) has no release() function\n", name, kobj);
	/* *kobj may be gone, the name was never its owner's */
	kfree(name);
}

/**
 * kobject_put - give a reference back
 * @kobj: kobject or NULL; the last reference deletes and releases it
 *
 * Context: May sleep if it may be the last one.
 */
void kobject_put(struct kobject *kobj)
{
	if (kobj && is_initialised(kobj, __func__))
		kref_put(&kobj->kref, end_of_life);
}
EXPORT_SYMBOL(kobject_put);

/* ---- /sys/kernel ---- */

static struct kobject kernel_folder = {
	.name = "kernel",
	.kref = KREF_INIT(1),
	.state_initialized = 1,
};
struct kobject *kernel_kobj = &kernel_folder;
EXPORT_SYMBOL_GPL(kernel_kobj);

/* Before constructors of users, after nothing: the place is there from the beginning */
__attribute__((constructor(103))) static void kernel_folder_init(void)
{
	kernel_folder.sd = sysfs_place(SYSFS_KERNEL);
}
