// SPDX-License-Identifier: MIT
/*
 * sysfs_file.c - open files of the tree below /sys
 *
 * filp_open() asks here first. A read from the start calls the file's show()
 * and keeps the text, so that a reader who takes it in pieces gets one state; a
 * write calls store() once with what it was given, at most a page, as text with
 * a zero behind it.
 *
 * Locks: the text of an open file is covered by a mutex of its own, which is
 * held while show() runs.
 * Differs from Linux: permissions are looked at as for the owner of the file, so
 * that only a file nobody may write (0444) refuses to be opened for writing.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/err.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/stat.h>
#include <linux/string.h>

#include <uwq/sysfs.h>

#include "kernel-compat/file_internal.h"
#include "kernel-compat/sysfs_tree.h"
#include "kernel-compat/test_points.h"

struct open_file {
	struct file	 file;
	struct sysfs_node *node;	/* I: with a reference */
	struct mutex	 mutex;
	char		 *page;		/* M: the text, NULL before the first read */
	size_t		 len;		/* M */
	loff_t		 next;		/* M: where the last read ended */
};

static struct open_file *open_of(struct file *file)
{
	return container_of(file, struct open_file, file);
}

static unsigned long new_page(void)
{
	return get_zeroed_page(GFP_KERNEL);
}

/* ---- reading ---- */

/* The text is made anew at the start, and for readers who jump */
static ssize_t refresh(struct open_file *open, loff_t pos)
{
	ssize_t ret;

	if (open->page && pos && pos == open->next)
		return 0;
	if (!open->page)
		open->page = (char *)new_page();
	if (!open->page)
		return -ENOMEM;
	memset(open->page, 0, PAGE_SIZE);
	ret = sysfs_node_show(open->node, open->page);
	open->len = ret < 0 ? 0 : (size_t)ret;
	return ret < 0 ? ret : 0;
}

static ssize_t read_text(struct file *file, void *buf, size_t count, loff_t *pos)
{
	struct open_file *open = open_of(file);
	size_t left;
	ssize_t ret;

	if (*pos < 0)
		return -EINVAL;
	mutex_lock(&open->mutex);
	ret = refresh(open, *pos);
	if (!ret) {
		left = *pos < (loff_t)open->len ? open->len - (size_t)*pos : 0;
		ret = (ssize_t)min(left, count);
		memcpy(buf, open->page + (left ? *pos : 0), (size_t)ret);
		*pos += ret;
		open->next = *pos;
	}
	mutex_unlock(&open->mutex);
	return ret;
}

/* ---- writing ---- */

static ssize_t write_text(struct file *file, const void *buf, size_t count, loff_t *pos)
{
	struct open_file *open = open_of(file);
	char *text;
	ssize_t ret;

	if (!count)
		return 0;
	count = min(count, (size_t)PAGE_SIZE);
	text = test_alloc_fails() ? NULL : malloc(count + 1);
	if (!text)
		return -ENOMEM;
	memcpy(text, buf, count);
	text[count] = '\0';
	ret = sysfs_node_store(open->node, text, count);
	free(text);
	if (ret > 0)
		*pos += ret;
	return ret;
}

static loff_t seek(struct file *file, loff_t offset, int whence)
{
	loff_t base = 0;

	if (whence == SEEK_CUR)
		base = file->f_pos;
	else if (whence == SEEK_END)
		base = PAGE_SIZE;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (base + offset < 0)
		return -EINVAL;
	file->f_pos = base + offset;
	return file->f_pos;
}

static void release(struct file *file)
{
	struct open_file *open = open_of(file);

	sysfs_node_put(open->node);
	if (open->page)
		free_page((unsigned long)open->page);
	mutex_destroy(&open->mutex);
	free(open);
}

static const struct uwq_virtual_ops sysfs_ops = {
	.read = read_text,
	.write = write_text,
	.llseek = seek,
	.release = release,
};

/* ---- opening ---- */

/* What the kernel says of @flags; 0: go ahead */
static int check_flags(const struct sysfs_node *node, int flags)
{
	int access = flags & O_ACCMODE;
	bool writes = access != O_RDONLY, reads = access != O_WRONLY;

	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if (S_ISDIR(node->mode))
		return writes || (flags & O_CREAT) ? -EISDIR : 0;
	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	if ((writes && !(node->mode & 0222)) || (reads && !(node->mode & 0444)))
		return -EACCES;
	return 0;
}

static struct file *new_file(struct sysfs_node *node, int flags)
{
	/* not in the ledger: what a module leaves open is no memory of its own */
	struct open_file *open = test_alloc_fails() ? NULL : calloc(1, sizeof(*open));
	int access = flags & O_ACCMODE;
	struct file *file;

	if (!open)
		return ERR_PTR(-ENOMEM);
	open->node = node;
	mutex_init(&open->mutex);
	file = &open->file;
	file->f_flags = (unsigned int)flags;
	file->f_mode = FMODE_LSEEK | (access != O_WRONLY ? FMODE_READ : 0) |
		       (access != O_RDONLY ? FMODE_WRITE : 0);
	file->f_inode = &file->uwq_inode;
	file->uwq_inode.i_mode = node->mode;
	file->uwq_inode.i_ino = node->ino;
	file->uwq_inode.i_size = S_ISDIR(node->mode) ? 0 : PAGE_SIZE;
	file->uwq_inode.uwq_fd = -1;
	file->uwq_ops = &sysfs_ops;
	atomic_long_set(&file->f_count, 1);
	return file;
}

struct file *sysfs_file_open(const char *path, int flags)
{
	struct sysfs_node *node = NULL;
	struct file *file;
	int err = sysfs_resolve(path, &node);

	if (err > 0)
		return NULL;
	/* files do not come to be by being opened */
	if (err == -ENOENT && (flags & O_CREAT))
		err = -EACCES;
	if (!err)
		err = check_flags(node, flags);
	file = err ? ERR_PTR(err) : new_file(node, flags);
	if (IS_ERR(file))
		sysfs_node_put(node);
	return file;
}

/* ---- for plain programs ---- */

static struct file *open_ours(const char *path, int flags)
{
	struct file *file = sysfs_file_open(path, flags);

	return file ? file : ERR_PTR(-ENOENT);
}

/**
 * uwq_sysfs_read - what a file of the library's /sys says
 * @path: absolute, /sys/bus/workqueue/devices/NAME/max_active for example
 * @buf: becomes the text, always with a zero at its end
 * @size: bytes in @buf, at least 1
 *
 * Files of the machine are not looked at.
 *
 * Context: May sleep.
 * Return: length of the whole text, of which @size - 1 bytes fit; -ENOENT: no such
 * file of ours; -EACCES: nobody may read it; what the file's own function returned.
 */
ssize_t uwq_sysfs_read(const char *path, char *buf, size_t size)
{
	struct file *file = open_ours(path, O_RDONLY);
	struct open_file *open;
	loff_t pos = 0;
	ssize_t ret;

	buf[0] = '\0';
	if (IS_ERR(file))
		return PTR_ERR(file);
	open = open_of(file);
	ret = kernel_read(file, buf, size - 1, &pos);
	if (ret >= 0) {
		buf[ret] = '\0';
		ret = (ssize_t)open->len;
	}
	filp_close(file, NULL);
	return ret;
}
EXPORT_SYMBOL_GPL(uwq_sysfs_read);

/**
 * uwq_sysfs_write - write to a file of the library's /sys
 * @path: absolute
 * @buf: text; needs no zero and no newline at its end
 * @len: its length
 *
 * Context: May sleep.
 * Return: bytes taken, at most a page; -ENOENT: no such file of ours; -EACCES:
 * nobody may write it; -EINVAL and others of the file's own function.
 */
ssize_t uwq_sysfs_write(const char *path, const char *buf, size_t len)
{
	struct file *file = open_ours(path, O_WRONLY);
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_write(file, buf, len, &pos);
	filp_close(file, NULL);
	return ret;
}
EXPORT_SYMBOL_GPL(uwq_sysfs_write);
