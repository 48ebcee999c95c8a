/* SPDX-License-Identifier: MIT */
/*
 * stat.h - file types and permission bits
 *
 * The values are the system's own; its header gives them to kernel code only,
 * so that for programs they follow here.
 */
#include_next <linux/stat.h>
#ifndef UWQ_LINUX_STAT_H
#define UWQ_LINUX_STAT_H

#ifndef S_IFMT
#define S_IFMT		0170000
#define S_IFSOCK	0140000
#define S_IFLNK		0120000
#define S_IFREG		0100000
#define S_IFBLK		0060000
#define S_IFDIR		0040000
#define S_IFCHR		0020000
#define S_IFIFO		0010000
#endif
#ifndef S_ISREG
#define S_ISLNK(m)	(((m) & S_IFMT) == S_IFLNK)
#define S_ISREG(m)	(((m) & S_IFMT) == S_IFREG)
#define S_ISDIR(m)	(((m) & S_IFMT) == S_IFDIR)
#define S_ISCHR(m)	(((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK(m)	(((m) & S_IFMT) == S_IFBLK)
#define S_ISFIFO(m)	(((m) & S_IFMT) == S_IFIFO)
#define S_ISSOCK(m)	(((m) & S_IFMT) == S_IFSOCK)
#endif
#ifndef S_ISUID
#define S_ISUID		04000
#define S_ISGID		02000
#endif
#ifndef S_ISVTX
#define S_ISVTX		01000
#endif
#ifndef S_IRUSR
#define S_IRUSR		0400
#define S_IWUSR		0200
#define S_IXUSR		0100
#endif
#ifndef S_IRWXU
#define S_IRWXU		0700
#endif
#ifndef S_IRGRP
#define S_IRGRP		0040
#define S_IWGRP		0020
#define S_IXGRP		0010
#endif
#ifndef S_IRWXG
#define S_IRWXG		0070
#endif
#ifndef S_IROTH
#define S_IROTH		0004
#define S_IWOTH		0002
#define S_IXOTH		0001
#endif
#ifndef S_IRWXO
#define S_IRWXO		0007
#endif

#define S_IRWXUGO	(S_IRWXU | S_IRWXG | S_IRWXO)
#define S_IALLUGO	(S_ISUID | S_ISGID | S_ISVTX | S_IRWXUGO)
#define S_IRUGO		(S_IRUSR | S_IRGRP | S_IROTH)
#define S_IWUGO		(S_IWUSR | S_IWGRP | S_IWOTH)
#define S_IXUGO		(S_IXUSR | S_IXGRP | S_IXOTH)

#endif
