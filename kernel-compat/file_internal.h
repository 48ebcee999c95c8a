/* SPDX-License-Identifier: MIT */
/*
 * file_internal.h - files that are not the machine's, between file.c and their owners
 */
#ifndef UWQ_KERNEL_COMPAT_FILE_INTERNAL_H
#define UWQ_KERNEL_COMPAT_FILE_INTERNAL_H

#include <linux/fs.h>

/* @pos is never NULL. release() frees the struct file. */
struct uwq_virtual_ops {
	ssize_t (*read)(struct file *file, void *buf, size_t count, loff_t *pos);
	ssize_t (*write)(struct file *file, const void *buf, size_t count, loff_t *pos);
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	void (*release)(struct file *file);
};

/* A file of the tree of sysfs_tree.h; NULL: the path is not ours to answer. */
struct file *sysfs_file_open(const char *path, int flags);

#endif
