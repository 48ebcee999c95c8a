// SPDX-License-Identifier: MIT
/*
 * file.c - reading and writing the machine's files from kernel code
 *
 * A struct file holds one descriptor of the process and a count of references.
 * Calls that may wait for a disk or a peer are announced to the scheduler, so
 * that a per-CPU pool puts another worker to work meanwhile.
 *
 * A path below /sys that names something in the library's own tree opens that
 * (sysfs_file.c); such a file has functions in place of a descriptor.
 *
 * Differs from Linux: filp_close() has no table of owners to leave, @id is not
 * looked at. A directory opens, as there, and cannot be read, as there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/bug.h>
#include <linux/file.h>
#include <linux/fs.h>

#include <uwq/blocking.h>

#include "kernel-compat/file_internal.h"

/* What one call moves at most, as in Linux: a result must fit into an int */
#define MAX_RW_COUNT	0x7ffff000UL

static struct file *file_of(int fd, int flags)
{
	int access = flags & O_ACCMODE;
	struct stat st;
	struct file *file;

	if (fstat(fd, &st))
		return ERR_PTR(-errno);
	/* malloc(), not kmalloc(): what a module leaves open is no memory of its own */
	file = calloc(1, sizeof(*file));
	if (!file)
		return ERR_PTR(-ENOMEM);
	file->f_flags = (unsigned int)flags;
	if (access == O_RDONLY || access == O_RDWR)
		file->f_mode |= FMODE_READ;
	if (access == O_WRONLY || access == O_RDWR)
		file->f_mode |= FMODE_WRITE;
	if (lseek(fd, 0, SEEK_CUR) >= 0)
		file->f_mode |= FMODE_LSEEK;
	file->uwq_inode.i_mode = (umode_t)st.st_mode;
	file->uwq_inode.i_ino = st.st_ino;
	file->uwq_inode.i_rdev = MKDEV(major(st.st_rdev), minor(st.st_rdev));
	file->uwq_inode.i_size = st.st_size;
	file->uwq_inode.uwq_fd = fd;
	file->f_inode = &file->uwq_inode;
	atomic_long_set(&file->f_count, 1);
	return file;
}

/**
 * filp_open - open a file by its path
 * @filename: absolute, or relative to the working directory
 * @flags: O_RDONLY, O_WRONLY or O_RDWR, and O_CREAT, O_TRUNC ...
 * @mode: permissions of a file that is created, less the umask
 *
 * Context: May sleep.
 * Return: the file, to be given to filp_close(); or ERR_PTR() of what open(2)
 * says: -ENOENT, -EACCES, -EISDIR for writing to a directory ...
 */
struct file *filp_open(const char *filename, int flags, umode_t mode)
{
	struct file *file = sysfs_file_open(filename, flags);
	int fd, err;

	if (file)
		return file;
	uwq_blocking_begin();
	do
		fd = open(filename, flags | O_CLOEXEC | O_NOCTTY, mode);
	while (fd < 0 && errno == EINTR);
	err = errno;
	uwq_blocking_end();
	if (fd < 0)
		return ERR_PTR(-err);
	file = file_of(fd, flags);
	if (IS_ERR(file))
		close(fd);
	return file;
}

/**
 * fget - a file for a descriptor of the process
 * @fd: descriptor
 *
 * Return: the file, with a descriptor of its own, to be given to fput(); NULL
 * if @fd is not open.
 */
struct file *fget(unsigned int fd)
{
	int own = fcntl((int)fd, F_DUPFD_CLOEXEC, 0);
	struct file *file;

	if (own < 0)
		return NULL;
	file = file_of(own, fcntl(own, F_GETFL));
	if (!IS_ERR(file))
		return file;
	close(own);
	return NULL;
}

static int put(struct file *file)
{
	int ret;

	if (!atomic_long_dec_and_test(&file->f_count))
		return 0;
	if (file->uwq_ops) {
		file->uwq_ops->release(file);
		return 0;
	}
	ret = close(file->f_inode->uwq_fd) ? -errno : 0;
	free(file);
	return ret;
}

/**
 * fput - drop a reference to a file
 * @file: file; closed and gone if this was the last one
 */
void fput(struct file *file)
{
	put(file);
}

/**
 * filp_close - close what filp_open() opened
 * @file: file; the caller must not use it again
 * @id: ignored, usually NULL
 *
 * Context: May sleep.
 * Return: 0, or the error of a write that failed late.
 */
int filp_close(struct file *file, void *id)
{
	(void)id;
	return put(file);
}

/**
 * kernel_read - read from a file
 * @file: opened for reading
 * @buf: destination
 * @count: bytes wanted; one call reads less than 2 GiB
 * @pos: where to read, moved on by what was read; NULL, or a pipe or socket:
 *	the next bytes
 *
 * Context: May sleep; counts as blocking. Any number of threads may read one
 * file at positions of their own.
 * Return: bytes read, fewer than @count only at the end of the file or from a
 * pipe; 0 at the end; -EINVAL for a directory or a file not opened for
 * reading; -EIO and others.
 */
ssize_t kernel_read(struct file *file, void *buf, size_t count, loff_t *pos)
{
	int fd = file->f_inode->uwq_fd;
	bool seeks = pos && (file->f_mode & FMODE_LSEEK);
	ssize_t got;
	int err;

	if (WARN_ON_ONCE(!(file->f_mode & FMODE_READ)) || S_ISDIR(file->f_inode->i_mode))
		return -EINVAL;
	if (file->uwq_ops)
		return file->uwq_ops->read(file, buf, count, pos ? pos : &file->f_pos);
	if (count > MAX_RW_COUNT)
		count = MAX_RW_COUNT;
	uwq_blocking_begin();
	do
		got = seeks ? pread(fd, buf, count, *pos) : read(fd, buf, count);
	while (got < 0 && errno == EINTR);
	err = errno;
	uwq_blocking_end();
	if (got < 0)
		return -err;
	if (pos)
		*pos += got;
	return got;
}

/**
 * kernel_write - write to a file
 * @file: opened for writing
 * @buf: source
 * @count: bytes to write; one call writes less than 2 GiB
 * @pos: where to write, moved on; O_APPEND writes at the end whatever it says.
 *	NULL, or a pipe or socket: the next bytes
 *
 * Context: May sleep; counts as blocking.
 * Return: bytes written, or -EBADF for a file not opened for writing, -ENOSPC,
 * -EPIPE and others.
 */
ssize_t kernel_write(struct file *file, const void *buf, size_t count, loff_t *pos)
{
	int fd = file->f_inode->uwq_fd;
	bool seeks = pos && (file->f_mode & FMODE_LSEEK);
	ssize_t done;
	int err;

	if (WARN_ON_ONCE(!(file->f_mode & FMODE_WRITE)))
		return -EBADF;
	if (file->uwq_ops)
		return file->uwq_ops->write(file, buf, count, pos ? pos : &file->f_pos);
	if (count > MAX_RW_COUNT)
		count = MAX_RW_COUNT;
	uwq_blocking_begin();
	do
		done = seeks ? pwrite(fd, buf, count, *pos) : write(fd, buf, count);
	while (done < 0 && errno == EINTR);
	err = errno;
	uwq_blocking_end();
	if (done < 0)
		return -err;
	if (pos && (file->f_flags & O_APPEND))
		*pos = i_size_read(file->f_inode);
	else if (pos)
		*pos += done;
	return done;
}

/**
 * vfs_llseek - move the file's own position
 * @file: file
 * @offset: distance
 * @whence: SEEK_SET, SEEK_CUR, SEEK_END
 *
 * Return: the new position, or -ESPIPE, -EINVAL.
 */
loff_t vfs_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t ret;

	if (file->uwq_ops)
		return file->uwq_ops->llseek(file, offset, whence);
	ret = lseek(file->f_inode->uwq_fd, offset, whence);

	if (ret < 0)
		return -errno;
	file->f_pos = ret;
	return ret;
}

/**
 * vfs_fsync_range - bring a file to its disk
 * @file: file
 * @start: first byte; the whole file is written, which includes it
 * @end: last byte
 * @datasync: leave out what is not needed to find the data
 *
 * Context: May sleep; counts as blocking.
 * Return: 0 or a negative errno.
 */
int vfs_fsync_range(struct file *file, loff_t start, loff_t end, int datasync)
{
	int fd = file->f_inode->uwq_fd;
	int ret;

	(void)start;
	(void)end;
	if (file->uwq_ops)
		return 0;	/* what was written has been taken in by the write */
	uwq_blocking_begin();
	ret = (datasync ? fdatasync(fd) : fsync(fd)) ? -errno : 0;
	uwq_blocking_end();
	return ret;
}

/**
 * vfs_fsync - bring a whole file to its disk
 * @file: file
 * @datasync: leave out what is not needed to find the data
 *
 * Context: May sleep; counts as blocking.
 * Return: 0 or a negative errno.
 */
int vfs_fsync(struct file *file, int datasync)
{
	return vfs_fsync_range(file, 0, LLONG_MAX, datasync);
}

/**
 * i_size_read - how long a file is now
 * @inode: of an open file
 *
 * Return: its length in bytes; if the system cannot say, the last one known.
 */
loff_t i_size_read(struct inode *inode)
{
	struct stat st;

	if (inode->uwq_fd >= 0 && !fstat(inode->uwq_fd, &st))
		__atomic_store_n(&inode->i_size, (loff_t)st.st_size, __ATOMIC_RELAXED);
	return __atomic_load_n(&inode->i_size, __ATOMIC_RELAXED);
}
