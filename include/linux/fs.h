/* SPDX-License-Identifier: MIT */
/*
 * fs.h - files of the machine, opened and read by kernel code
 *
 * A struct file here is an open file of the process, or a file below /sys that
 * the library keeps (linux/sysfs.h). Names of the kernel that stand for file
 * systems and devices of one's own are absent.
 *
 * Differs from Linux: paths are those of the process, relative ones start at
 * its working directory, and its user's permissions apply.
 */
#ifndef UWQ_LINUX_FS_H
#define UWQ_LINUX_FS_H

#include_next <linux/fs.h>
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kdev_t.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/stat.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <uwq/api.h>

/* Flags of open(), with the machine's values; the libc has the same ones in <fcntl.h> */
#ifndef O_RDONLY
#define O_ACCMODE	00000003
#define O_RDONLY	00000000
#define O_WRONLY	00000001
#define O_RDWR		00000002
#define O_CREAT		00000100
#define O_EXCL		00000200
#define O_NOCTTY	00000400
#define O_TRUNC		00001000
#define O_APPEND	00002000
#define O_NONBLOCK	00004000
#define O_DSYNC		00010000
#define O_SYNC		04010000
#define O_CLOEXEC	02000000
#if defined(__aarch64__) || defined(__powerpc64__)
#define O_DIRECTORY	00040000
#define O_NOFOLLOW	00100000
#else
#define O_DIRECTORY	00200000
#define O_NOFOLLOW	00400000
#endif
#endif
/* Offsets have 64 bits in any case */
#ifndef O_LARGEFILE
#define O_LARGEFILE	0
#endif

typedef unsigned int fmode_t;
#define FMODE_READ	(1U << 0)
#define FMODE_WRITE	(1U << 1)
#define FMODE_LSEEK	(1U << 2)

/* Differs from Linux: as the file was when it was opened; i_size_read() asks again */
struct inode {
	umode_t i_mode;
	unsigned long i_ino;
	dev_t i_rdev;		/* of a device, as in linux/kdev_t.h */
	loff_t i_size;		/* atomic: i_size_read() stores what it found */
	void *i_private;
	int uwq_fd;
};

struct uwq_virtual_ops;

struct file {
	fmode_t f_mode;
	unsigned int f_flags;
	loff_t f_pos;		/* not used by the library: callers pass positions */
	struct inode *f_inode;
	void *private_data;
	atomic_long_t f_count;
	struct inode uwq_inode;
	const struct uwq_virtual_ops *uwq_ops;	/* NULL: a file of the machine */
	void *uwq_virtual;			/* theirs */
};

UWQ_API_BEGIN

struct file *filp_open(const char *filename, int flags, umode_t mode);
int filp_close(struct file *file, void *id);
ssize_t kernel_read(struct file *file, void *buf, size_t count, loff_t *pos);
ssize_t kernel_write(struct file *file, const void *buf, size_t count, loff_t *pos);
loff_t vfs_llseek(struct file *file, loff_t offset, int whence);
int vfs_fsync(struct file *file, int datasync);
int vfs_fsync_range(struct file *file, loff_t start, loff_t end, int datasync);
loff_t i_size_read(struct inode *inode);
void fput(struct file *file);

UWQ_API_END

static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}

static inline struct file *get_file(struct file *file)
{
	atomic_long_inc(&file->f_count);
	return file;
}

static inline unsigned int iminor(const struct inode *inode)
{
	return MINOR(inode->i_rdev);
}

static inline unsigned int imajor(const struct inode *inode)
{
	return MAJOR(inode->i_rdev);
}

#endif
