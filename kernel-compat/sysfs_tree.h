/* SPDX-License-Identifier: MIT */
/*
 * sysfs_tree.h - folders, files and links that live in the process
 *
 * The tree stands at /sys. Folders that every machine has there (/sys/bus,
 * /sys/class ...) are "shared": what is not found below one of them is left to
 * the real file system. Everything else in the tree is ours alone.
 *
 * A node is in the tree from sysfs_node_add_*() until sysfs_node_remove(). Its
 * memory stays as long as somebody has a reference: the tree, an open file, a
 * link, a kobject. After the removal of a file none of its callbacks runs and
 * none will be called.
 */
#ifndef UWQ_KERNEL_COMPAT_SYSFS_TREE_H
#define UWQ_KERNEL_COMPAT_SYSFS_TREE_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>

/* What a file calls. @buf is a page; a missing function is -EIO. */
struct sysfs_file_ops {
	ssize_t (*show)(void *owner, const void *attr, char *buf);
	ssize_t (*store)(void *owner, const void *attr, const char *buf, size_t count);
};

/* I: fixed at birth; T: the tree's lock */
struct sysfs_node {
	struct sysfs_node *parent;	/* T: NULL for the root and after removal */
	struct list_head sibling;	/* T: parent->children */
	struct list_head children;	/* T: of a folder */
	refcount_t	 refs;
	unsigned int	 nr_inside;	/* atomic, written under T: callbacks under way */
	bool		 removed;	/* T */
	bool		 shared;	/* I: the machine has this folder too */
	umode_t		 mode;		/* I: S_IFDIR, S_IFREG or S_IFLNK, and permissions */
	unsigned long	 ino;		/* I */
	const char	 *name;		/* I */
	const struct sysfs_file_ops *ops; /* I: file */
	void		 *owner;	/* I: file; valid while the node is in the tree */
	const void	 *attr;		/* I: file; likewise */
	struct sysfs_node *target;	/* I: link, with a reference */
};

/* Folders that are always there. */
enum sysfs_place {
	SYSFS_ROOT,		/* /sys */
	SYSFS_BUS,		/* /sys/bus */
	SYSFS_CLASS,		/* /sys/class */
	SYSFS_DEVICES,		/* /sys/devices */
	SYSFS_VIRTUAL,		/* /sys/devices/virtual */
	SYSFS_KERNEL,		/* /sys/kernel */
	SYSFS_MODULE,		/* /sys/module */
	SYSFS_NR_PLACES,
};

struct sysfs_node *sysfs_place(enum sysfs_place place);

/*
 * New nodes, or ERR_PTR(-ENOMEM), -EEXIST, -ENOENT when @parent was removed, -EINVAL
 * for a name that no file can have. The tree has the only reference.
 */
struct sysfs_node *sysfs_node_add_dir(struct sysfs_node *parent, const char *name);
struct sysfs_node *sysfs_node_add_file(struct sysfs_node *parent, const char *name, umode_t mode,
				       const struct sysfs_file_ops *ops, void *owner,
				       const void *attr);
struct sysfs_node *sysfs_node_add_link(struct sysfs_node *parent, const char *name,
				       struct sysfs_node *target);

/*
 * Take a node and all below it out of the tree, and wait for callbacks that run.
 * One that was taken out before is left alone. Sleeps; not under a lock that a
 * callback takes.
 */
void sysfs_node_remove(struct sysfs_node *node);

/* The same for the child of that name. False: there is none. */
bool sysfs_node_remove_child(struct sysfs_node *parent, const char *name);

/* With a reference, or NULL. */
struct sysfs_node *sysfs_node_child(struct sysfs_node *parent, const char *name);

struct sysfs_node *sysfs_node_get(struct sysfs_node *node);
void sysfs_node_put(struct sysfs_node *node);

/*
 * What an absolute path leads to. Returns 0 and a reference in *@found; -ENOENT
 * and -ENOTDIR for paths of ours; 1 for everything that is not ours to answer.
 */
int sysfs_resolve(const char *path, struct sysfs_node **found);

/*
 * Call the file's function, which cannot be removed meanwhile. -ENODEV: it has been.
 * show: fills at most a page and returns the length. store: what it returned.
 */
ssize_t sysfs_node_show(struct sysfs_node *node, char *page);
ssize_t sysfs_node_store(struct sysfs_node *node, const char *buf, size_t count);

/* Call @fn for every file, under the tree's lock: it must not touch the tree. */
void sysfs_for_each_file(void (*fn)(const struct sysfs_node *file, const char *path, void *arg),
			 void *arg);

/* "/sys/..." into @buf; a node that was taken out of the tree is "(removed)". */
const char *sysfs_node_path(struct sysfs_node *node, char *buf, size_t size);

#endif
