/* SPDX-License-Identifier: MIT */
/*
 * sysfs.h - the library's /sys for plain programs
 *
 * Kernel code opens such files with filp_open(). Programs need no struct file:
 *
 *	char text[64];
 *
 *	uwq_sysfs_read("/sys/bus/workqueue/devices/myqueue/nice", text, sizeof(text));
 *	uwq_sysfs_write("/sys/bus/workqueue/devices/myqueue/nice", "5", 1);
 */
#ifndef UWQ_SYSFS_H
#define UWQ_SYSFS_H

#include <stddef.h>
#include <sys/types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
ssize_t uwq_sysfs_read(const char *path, char *buf, size_t size);
ssize_t uwq_sysfs_write(const char *path, const char *buf, size_t len);
UWQ_API_END

#endif
