// SPDX-License-Identifier: MIT
/*
 * sysfs.c - queues as folders of files
 *
 * A queue made with WQ_SYSFS, or registered later, is the device
 * /sys/devices/virtual/workqueue/NAME, with a link in /sys/bus/workqueue/devices.
 * Its files show and change its limit and, if it is unbound, its attributes. Three
 * files beside these folders have the masks of all unbound queues. The paths are
 * served inside the process (linux/sysfs.h); names, texts and errors are the kernel's.
 *
 * Locks: a store takes wq_pool_mutex, then wq->mutex, as apply_workqueue_attrs() does,
 * and holds both from reading the old attributes to applying the new ones, so that
 * two writers of different files both have their way. Removing the files waits for
 * callbacks, so it is done under no lock.
 * Differs from Linux: the three masks can also be reached through /sys/bus/workqueue.
 */
#include <linux/bug.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "kernel-compat/sysfs_tree.h"
#include "workqueue/fork.h"
#include "workqueue/pod.h"
#include "workqueue/workqueue_internal.h"

struct wq_device {
	struct workqueue_struct *wq;	/* I: lives as long as the files do */
	struct device		 dev;
};

static struct workqueue_struct *wq_of(struct device *dev)
{
	return container_of(dev, struct wq_device, dev)->wq;
}

/* ---- files of every queue ---- */

static ssize_t per_cpu_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	(void)attr;
	return sysfs_emit(buf, "%d\n", !(wq_of(dev)->flags & WQ_UNBOUND));
}
static DEVICE_ATTR_RO(per_cpu);

static ssize_t max_active_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct workqueue_struct *wq = wq_of(dev);
	int max_active;

	(void)attr;
	mutex_lock(&wq->mutex);
	max_active = wq->saved_max_active;
	mutex_unlock(&wq->mutex);
	return sysfs_emit(buf, "%d\n", max_active);
}

static ssize_t max_active_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t count)
{
	int max_active;

	(void)attr;
	if (kstrtoint(buf, 0, &max_active) || max_active <= 0)
		return -EINVAL;
	workqueue_set_max_active(wq_of(dev), max_active);
	return (ssize_t)count;
}
static DEVICE_ATTR_RW(max_active);

/* ---- files of unbound queues ---- */

/* A copy of the attributes, to be changed; NULL: no memory. Both locks are held. */
static struct workqueue_attrs *begin_change(struct workqueue_struct *wq)
{
	struct workqueue_attrs *attrs = alloc_workqueue_attrs();

	if (!attrs)
		return NULL;
	wq_need_topology();
	mutex_lock(&wq_pool_mutex);
	mutex_lock(&wq->mutex);
	copy_workqueue_attrs(attrs, wq->attrs);
	TEST_POINT("sysfs_attrs_copied");
	return attrs;
}

/* What store() returns; @err: there is nothing to apply */
static ssize_t end_change(struct workqueue_struct *wq, struct workqueue_attrs *attrs, int err,
			  size_t count)
{
	if (!err)
		err = wq_apply_attrs(wq, attrs);
	mutex_unlock(&wq->mutex);
	mutex_unlock(&wq_pool_mutex);
	free_workqueue_attrs(attrs);
	return err ? err : (ssize_t)count;
}

static ssize_t nice_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct workqueue_struct *wq = wq_of(dev);
	int nice;

	(void)attr;
	mutex_lock(&wq->mutex);
	nice = wq->attrs->nice;
	mutex_unlock(&wq->mutex);
	return sysfs_emit(buf, "%d\n", nice);
}

static ssize_t nice_store(struct device *dev, struct device_attribute *attr, const char *buf,
			  size_t count)
{
	struct workqueue_struct *wq = wq_of(dev);
	struct workqueue_attrs *attrs = begin_change(wq);
	int err = 0;

	(void)attr;
	if (!attrs)
		return -ENOMEM;
	if (sscanf(buf, "%d", &attrs->nice) != 1 || attrs->nice < MIN_NICE ||
	    attrs->nice > MAX_NICE)
		err = -EINVAL;
	return end_change(wq, attrs, err, count);
}
static DEVICE_ATTR_RW(nice);

static ssize_t cpumask_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct workqueue_struct *wq = wq_of(dev);
	ssize_t len;

	(void)attr;
	mutex_lock(&wq->mutex);
	len = sysfs_emit(buf, "%*pb\n", cpumask_pr_args(wq->attrs->cpumask));
	mutex_unlock(&wq->mutex);
	return len;
}

static ssize_t cpumask_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	struct workqueue_struct *wq = wq_of(dev);
	struct workqueue_attrs *attrs = begin_change(wq);

	(void)attr;
	if (!attrs)
		return -ENOMEM;
	return end_change(wq, attrs, cpumask_parse(buf, attrs->cpumask), count);
}
static DEVICE_ATTR_RW(cpumask);

static ssize_t affinity_scope_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct workqueue_struct *wq = wq_of(dev);
	ssize_t len;

	(void)attr;
	mutex_lock(&wq_pool_mutex);
	mutex_lock(&wq->mutex);
	if (wq->attrs->affn_scope == WQ_AFFN_DFL)
		len = sysfs_emit(buf, "%s (%s)\n", affn_scope_name(WQ_AFFN_DFL),
				 affn_scope_name(wq_default_scope()));
	else
		len = sysfs_emit(buf, "%s\n", affn_scope_name(wq->attrs->affn_scope));
	mutex_unlock(&wq->mutex);
	mutex_unlock(&wq_pool_mutex);
	return len;
}

static ssize_t affinity_scope_store(struct device *dev, struct device_attribute *attr,
				    const char *buf, size_t count)
{
	struct workqueue_struct *wq = wq_of(dev);
	struct workqueue_attrs *attrs;
	int scope = parse_affn_scope(buf);

	(void)attr;
	if (scope < 0)
		return scope;
	attrs = begin_change(wq);
	if (!attrs)
		return -ENOMEM;
	attrs->affn_scope = scope;
	return end_change(wq, attrs, 0, count);
}
static DEVICE_ATTR_RW(affinity_scope);

static ssize_t affinity_strict_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct workqueue_struct *wq = wq_of(dev);
	bool strict;

	(void)attr;
	mutex_lock(&wq->mutex);
	strict = wq->attrs->affn_strict;
	mutex_unlock(&wq->mutex);
	return sysfs_emit(buf, "%d\n", strict);
}

static ssize_t affinity_strict_store(struct device *dev, struct device_attribute *attr,
				     const char *buf, size_t count)
{
	struct workqueue_struct *wq = wq_of(dev);
	struct workqueue_attrs *attrs;
	int strict;

	(void)attr;
	if (sscanf(buf, "%d", &strict) != 1)
		return -EINVAL;
	attrs = begin_change(wq);
	if (!attrs)
		return -ENOMEM;
	attrs->affn_strict = strict != 0;
	return end_change(wq, attrs, 0, count);
}
static DEVICE_ATTR_RW(affinity_strict);

static struct attribute *queue_attrs[] = {
	&dev_attr_per_cpu.attr,
	&dev_attr_max_active.attr,
	&dev_attr_nice.attr,
	&dev_attr_cpumask.attr,
	&dev_attr_affinity_scope.attr,
	&dev_attr_affinity_strict.attr,
	NULL,
};

/* Two files are for every queue; the limit of ordered and BH queues is fixed (C87). */
static umode_t file_mode(struct kobject *kobj, struct attribute *attr, int n)
{
	unsigned int flags = wq_of(kobj_to_dev(kobj))->flags;

	(void)n;
	if (attr == &dev_attr_per_cpu.attr)
		return attr->mode;
	if (attr == &dev_attr_max_active.attr)
		return flags & (WQ_BH | __WQ_ORDERED) ? 0444 : attr->mode;
	return flags & WQ_UNBOUND ? attr->mode : 0;
}

static const struct attribute_group queue_group = {
	.attrs = queue_attrs,
	.is_visible = file_mode,
};
__ATTRIBUTE_GROUPS(queue);

/* ---- masks of all unbound queues ---- */

static ssize_t show_mask(const struct cpumask *mask, char *buf)
{
	ssize_t len;

	mutex_lock(&wq_pool_mutex);
	len = sysfs_emit(buf, "%*pb\n", cpumask_pr_args(mask));
	mutex_unlock(&wq_pool_mutex);
	return len;
}

static ssize_t unbound_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	(void)dev;
	(void)attr;
	return show_mask(&wq_unbound_cpumask, buf);
}

static ssize_t unbound_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	cpumask_var_t mask;
	int err;

	(void)dev;
	(void)attr;
	if (!zalloc_cpumask_var(&mask, GFP_KERNEL))
		return -ENOMEM;
	err = cpumask_parse(buf, mask);
	if (!err)
		err = workqueue_set_unbound_cpumask(mask);
	free_cpumask_var(mask);
	return err ? err : (ssize_t)count;
}

static ssize_t cpumask_requested_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	(void)dev;
	(void)attr;
	return show_mask(&wq_requested_unbound_cpumask, buf);
}
static DEVICE_ATTR_RO(cpumask_requested);

static ssize_t cpumask_isolated_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	(void)dev;
	(void)attr;
	return show_mask(&wq_isolated_cpumask, buf);
}
static DEVICE_ATTR_RO(cpumask_isolated);

static struct device_attribute dev_attr_unbound =
	__ATTR(cpumask, 0644, unbound_show, unbound_store);

static struct attribute *masks_attrs[] = {
	&dev_attr_unbound.attr,
	&dev_attr_cpumask_requested.attr,
	&dev_attr_cpumask_isolated.attr,
	NULL,
};
ATTRIBUTE_GROUPS(masks);

/* ---- the subsystem ---- */

static const struct bus_type wq_subsys = {
	.name = "workqueue",
	.dev_groups = queue_groups,
};

static DEFINE_MUTEX(subsys_mutex);
static bool subsys_ready;	/* subsys_mutex */

/* The masks under the bus's folder too; nothing depends on these links. */
static void link_masks(void)
{
	struct sysfs_node *bus = sysfs_node_child(sysfs_place(SYSFS_BUS), wq_subsys.name);
	struct device *root = bus_get_dev_root(&wq_subsys);
	int i;

	for (i = 0; masks_attrs[i]; i++) {
		const char *name = masks_attrs[i]->name;
		struct sysfs_node *file = sysfs_node_child(root->kobj.sd, name);

		if (IS_ERR(sysfs_node_add_link(bus, name, file)))
			pr_warn("workqueue: no memory for /sys/bus/workqueue/%s\n", name);
		sysfs_node_put(file);
	}
	put_device(root);
	sysfs_node_put(bus);
}

static int need_subsys(void)
{
	int err = 0;

	mutex_lock(&subsys_mutex);
	if (!subsys_ready) {
		err = subsys_virtual_register(&wq_subsys, masks_groups);
		subsys_ready = !err;
		if (!err)
			link_masks();
	}
	mutex_unlock(&subsys_mutex);
	return err;
}

/* The masks can be looked at before the first queue is registered. */
__attribute__((constructor(105))) static void subsys_init(void)
{
	if (need_subsys())
		pr_warn("workqueue: no memory for /sys/bus/workqueue; trying again later\n");
}

/* ---- queues ---- */

static void free_wq_device(struct device *dev)
{
	kfree(container_of(dev, struct wq_device, dev));
}

/**
 * workqueue_sysfs_register - give a queue its files below /sys
 * @wq: queue, which nobody is destroying
 *
 * alloc_workqueue() does it for WQ_SYSFS. For callers that apply attributes before
 * they let others see the queue.
 *
 * Context: May sleep.
 * Return: 0; -EEXIST: there is a queue of that name already, or this one is
 * registered; -EINVAL: the name is empty; -ENOMEM.
 */
int workqueue_sysfs_register(struct workqueue_struct *wq)
{
	struct wq_device *wq_dev;
	int err = need_subsys();

	if (err)
		return err;
	wq_dev = kzalloc(sizeof(*wq_dev), GFP_KERNEL);
	if (!wq_dev)
		return -ENOMEM;
	wq_dev->wq = wq;
	wq_dev->dev.bus = &wq_subsys;
	wq_dev->dev.release = free_wq_device;
	device_initialize(&wq_dev->dev);
	err = dev_set_name(&wq_dev->dev, "%s", wq->name);
	if (!err)
		err = device_add(&wq_dev->dev);
	if (err)
		put_device(&wq_dev->dev);
	else
		wq->wq_dev = wq_dev;
	return err;
}
EXPORT_SYMBOL_GPL(workqueue_sysfs_register);

/* Take the files away, if there are any; waits for those who use them. */
void wq_sysfs_unregister(struct workqueue_struct *wq)
{
	struct wq_device *wq_dev = wq->wq_dev;

	if (!wq_dev)
		return;
	wq->wq_dev = NULL;
	device_unregister(&wq_dev->dev);
}

void sysfs_fork_child(void)
{
	mutex_fork_child(&subsys_mutex);
}
