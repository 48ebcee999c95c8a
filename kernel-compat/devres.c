// SPDX-License-Identifier: MIT
/*
 * devres.c - what a device gives back by itself when its life ends
 *
 * A record is a block of memory with a function that undoes something. Records
 * stand in the device's list in the order of their making, and between them the
 * two ends of each group. device.c undoes all with devres_release_all().
 *
 * Locks: dev->devres_lock covers the list. Functions are called without it, after
 * their records have left the list, newest first.
 * Differs from Linux: records that a release function adds meanwhile are undone
 * as well, where the kernel may leave them. Actions are in devm_action.c,
 * memory in devm_memory.c.
 */
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/slab.h>

#include "kernel-compat/devres_internal.h"

struct group {
	struct devres_node open, close;	/* close is linked when the group is closed */
	void	     *id;
	unsigned int  seen;		/* devres_lock: ends found in a part of the list */
};

static struct group *group_of(struct devres_node *node)
{
	if (node->kind == DEVRES_OPEN)
		return container_of(node, struct group, open);
	if (node->kind == DEVRES_CLOSE)
		return container_of(node, struct group, close);
	return NULL;
}

static struct group *group_at(struct list_head *entry)
{
	return group_of(container_of(entry, struct devres_node, entry));
}

/* ---- records ---- */

void *devres_new(dr_release_t release, size_t size, gfp_t gfp, const char *name,
		 const void *caller)
{
	struct devres *dr;
	size_t bytes;

	if (check_add_overflow(sizeof(*dr), size, &bytes))
		return NULL;
	dr = kmalloc_track_caller_ip(bytes, gfp, caller);
	if (!dr)
		return NULL;
	dr->node.kind = DEVRES_RECORD;
	dr->node.release = release;
	dr->node.name = name;
	dr->node.size = size;
	INIT_LIST_HEAD(&dr->node.entry);
	return dr->data;
}

/**
 * __devres_alloc_node - a record that is not with a device yet
 * @release: undoes it; gets the device and the record's memory
 * @size: bytes of memory, zeroed
 * @gfp: how to allocate
 * @name: of @release
 *
 * Called through devres_alloc().
 *
 * Return: the memory, for devres_add() or devres_free(); NULL: there is none.
 */
void *__devres_alloc_node(dr_release_t release, size_t size, gfp_t gfp, const char *name)
{
	return devres_new(release, size, gfp | __GFP_ZERO, name, __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(__devres_alloc_node);

/**
 * devres_free - free a record that is not with a device
 * @res: from devres_alloc(), or NULL; its release function is not called
 */
void devres_free(void *res)
{
	struct devres *dr;

	if (!res)
		return;
	dr = devres_of(res);
	if (!WARN(!list_empty(&dr->node.entry), "devres_free: %p (%s) belongs to a device\n", res,
		  dr->node.name))
		kfree(dr);
}
EXPORT_SYMBOL_GPL(devres_free);

/**
 * devres_add - give a record to a device
 * @dev: initialised device
 * @res: from devres_alloc(); the device's from now on
 *
 * Context: any.
 */
void devres_add(struct device *dev, void *res)
{
	struct devres *dr = devres_of(res);
	unsigned long flags;

	spin_lock_irqsave(&dev->devres_lock, flags);
	list_add_tail(&dr->node.entry, &dev->devres_head);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
}
EXPORT_SYMBOL_GPL(devres_add);

struct devres *devres_find_locked(struct device *dev, dr_release_t release, dr_match_t match,
				  void *match_data)
{
	struct devres_node *node;

	lockdep_assert_held(&dev->devres_lock);
	list_for_each_entry_reverse(node, &dev->devres_head, entry) {
		struct devres *dr = container_of(node, struct devres, node);

		if (node->kind == DEVRES_RECORD && node->release == release &&
		    (!match || match(dev, dr->data, match_data)))
			return dr;
	}
	return NULL;
}

/**
 * devres_find - the newest record of a kind
 * @dev: device
 * @release: function that records of this kind have
 * @match: true for the one that is meant; NULL: any. Runs under a spinlock
 * @match_data: for @match
 *
 * Return: its memory, or NULL.
 */
void *devres_find(struct device *dev, dr_release_t release, dr_match_t match, void *match_data)
{
	struct devres *dr;
	unsigned long flags;

	spin_lock_irqsave(&dev->devres_lock, flags);
	dr = devres_find_locked(dev, release, match, match_data);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
	return dr ? dr->data : NULL;
}
EXPORT_SYMBOL_GPL(devres_find);

/**
 * devres_get - the record that is there, or else a new one
 * @dev: device
 * @new_res: from devres_alloc(); added if there is none that matches, else freed
 * @match: as for devres_find()
 * @match_data: for @match
 *
 * Return: memory of the record that the device has now.
 */
void *devres_get(struct device *dev, void *new_res, dr_match_t match, void *match_data)
{
	struct devres *fresh = devres_of(new_res);
	struct devres *dr;
	unsigned long flags;

	spin_lock_irqsave(&dev->devres_lock, flags);
	dr = devres_find_locked(dev, fresh->node.release, match, match_data);
	if (!dr)
		list_add_tail(&fresh->node.entry, &dev->devres_head);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
	if (dr)
		devres_free(new_res);
	return dr ? dr->data : new_res;
}
EXPORT_SYMBOL_GPL(devres_get);

/**
 * devres_remove - take a record back from a device
 * @dev: device
 * @release: as for devres_find()
 * @match: likewise
 * @match_data: likewise
 *
 * Return: its memory, for devres_free() or devres_add(); NULL: there is none.
 */
void *devres_remove(struct device *dev, dr_release_t release, dr_match_t match, void *match_data)
{
	struct devres *dr;
	unsigned long flags;

	spin_lock_irqsave(&dev->devres_lock, flags);
	dr = devres_find_locked(dev, release, match, match_data);
	if (dr)
		list_del_init(&dr->node.entry);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
	return dr ? dr->data : NULL;
}
EXPORT_SYMBOL_GPL(devres_remove);

/**
 * devres_destroy - forget a record without undoing it
 * @dev: device
 * @release: as for devres_find()
 * @match: likewise
 * @match_data: likewise
 *
 * Return: 0, or -ENOENT.
 */
int devres_destroy(struct device *dev, dr_release_t release, dr_match_t match, void *match_data)
{
	void *res = devres_remove(dev, release, match, match_data);

	devres_free(res);
	return res ? 0 : -ENOENT;
}
EXPORT_SYMBOL_GPL(devres_destroy);

/**
 * devres_release - undo a record now
 * @dev: device
 * @release: as for devres_find()
 * @match: likewise
 * @match_data: likewise
 *
 * Context: that of @release.
 * Return: 0, or -ENOENT.
 */
int devres_release(struct device *dev, dr_release_t release, dr_match_t match, void *match_data)
{
	void *res = devres_remove(dev, release, match, match_data);

	if (!res)
		return -ENOENT;
	release(dev, res);
	devres_free(res);
	return 0;
}
EXPORT_SYMBOL_GPL(devres_release);

/* ---- undoing many ---- */

/* Undo @todo, newest first; groups in it are only freed. Returns how many records there were. */
static int undo(struct device *dev, struct list_head *todo)
{
	int nr = 0;

	while (!list_empty(todo)) {
		struct devres_node *node = list_last_entry(todo, struct devres_node, entry);
		struct devres *dr = container_of(node, struct devres, node);

		list_del_init(&node->entry);
		if (node->kind == DEVRES_RECORD) {
			node->release(dev, dr->data);
			kfree(dr);
			nr++;
		} else if (node->kind == DEVRES_OPEN) {
			kfree(group_of(node));
		}
	}
	return nr;
}

/**
 * devres_release_all - undo everything, newest first
 * @dev: device
 *
 * device.c calls it when the device is taken out and when the last reference goes.
 *
 * Context: that of the release functions, which mostly sleep.
 * Return: how many records there were; -ENODEV for a device that was never initialised.
 */
int devres_release_all(struct device *dev)
{
	unsigned long flags;
	int nr = 0, more;

	if (WARN_ON(!dev->devres_head.next))
		return -ENODEV;
	do {
		LIST_HEAD(todo);

		spin_lock_irqsave(&dev->devres_lock, flags);
		list_splice_init(&dev->devres_head, &todo);
		spin_unlock_irqrestore(&dev->devres_lock, flags);
		more = undo(dev, &todo);
		nr += more;
	} while (more);
	return nr;
}
EXPORT_SYMBOL_GPL(devres_release_all);

/* ---- groups ---- */

/* @id NULL: the newest that is still open */
static struct group *find_group(struct device *dev, void *id)
{
	struct devres_node *node;

	lockdep_assert_held(&dev->devres_lock);
	list_for_each_entry_reverse(node, &dev->devres_head, entry) {
		struct group *group = group_of(node);

		if (node->kind != DEVRES_OPEN)
			continue;
		if (id ? group->id == id : list_empty(&group->close.entry))
			return group;
	}
	return NULL;
}

/**
 * devres_open_group - records made from now on belong to a group
 * @dev: device
 * @id: name of the group, any address; NULL: the group names itself
 * @gfp: how to allocate
 *
 * Groups may lie within each other.
 *
 * Return: its name, or NULL: no memory.
 */
void *devres_open_group(struct device *dev, void *id, gfp_t gfp)
{
	struct group *group = kmalloc_track_caller_ip(sizeof(*group), gfp | __GFP_ZERO,
						      __builtin_return_address(0));
	unsigned long flags;

	if (!group)
		return NULL;
	group->open.kind = DEVRES_OPEN;
	group->close.kind = DEVRES_CLOSE;
	INIT_LIST_HEAD(&group->close.entry);
	group->id = id ? id : group;
	spin_lock_irqsave(&dev->devres_lock, flags);
	list_add_tail(&group->open.entry, &dev->devres_head);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
	return group->id;
}
EXPORT_SYMBOL_GPL(devres_open_group);

/**
 * devres_close_group - later records do not belong to the group
 * @dev: device
 * @id: its name; NULL: the newest that is open
 */
void devres_close_group(struct device *dev, void *id)
{
	struct group *group;
	unsigned long flags;
	bool good;

	spin_lock_irqsave(&dev->devres_lock, flags);
	group = find_group(dev, id);
	good = group && list_empty(&group->close.entry);
	if (good)
		list_add_tail(&group->close.entry, &dev->devres_head);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
	WARN(!good, "devres_close_group: %s has no open group %p\n", dev_name(dev), id);
}
EXPORT_SYMBOL_GPL(devres_close_group);

/**
 * devres_remove_group - forget a group, keep its records
 * @dev: device
 * @id: its name; NULL: the newest that is open
 */
void devres_remove_group(struct device *dev, void *id)
{
	struct group *group;
	unsigned long flags;

	spin_lock_irqsave(&dev->devres_lock, flags);
	group = find_group(dev, id);
	if (group) {
		list_del(&group->open.entry);
		list_del_init(&group->close.entry);
	}
	spin_unlock_irqrestore(&dev->devres_lock, flags);
	WARN(!group, "devres_remove_group: %s has no group %p\n", dev_name(dev), id);
	kfree(group);
}
EXPORT_SYMBOL_GPL(devres_remove_group);

/*
 * Move the records of @group, and the groups that lie wholly within it, to @todo. A
 * group that has only one end inside loses its records there and stays.
 */
static void cut_group(struct device *dev, struct group *group, struct list_head *todo)
{
	struct list_head *end = list_empty(&group->close.entry) ? &dev->devres_head :
				group->close.entry.next;
	struct list_head *at, *next;
	struct group *other;

	lockdep_assert_held(&dev->devres_lock);
	for (at = &group->open.entry; at != end; at = at->next)
		if ((other = group_at(at)))
			other->seen = 0;
	for (at = &group->open.entry; at != end; at = at->next)
		if ((other = group_at(at)))
			other->seen++;
	for (at = &group->open.entry; at != end; at = next) {
		next = at->next;
		other = group_at(at);
		if (other && other->seen < 2 && !list_empty(&other->close.entry))
			continue;
		if (!other || at == &other->open.entry)
			list_move_tail(at, todo);
		else
			list_del_init(at);
	}
}

/**
 * devres_release_group - undo the records of a group, newest first
 * @dev: device
 * @id: its name; NULL: the newest that is open
 *
 * Context: that of the release functions.
 * Return: how many records there were.
 */
int devres_release_group(struct device *dev, void *id)
{
	struct group *group;
	unsigned long flags;
	LIST_HEAD(todo);
	bool empty;

	spin_lock_irqsave(&dev->devres_lock, flags);
	group = find_group(dev, id);
	if (group)
		cut_group(dev, group, &todo);
	empty = list_empty(&dev->devres_head);
	spin_unlock_irqrestore(&dev->devres_lock, flags);
	/* a release function of a device at its end may ask for a group that is going too */
	WARN(!group && !empty, "devres_release_group: %s has no group %p\n", dev_name(dev), id);
	return undo(dev, &todo);
}
EXPORT_SYMBOL_GPL(devres_release_group);
