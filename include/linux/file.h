/* SPDX-License-Identifier: MIT */
/*
 * file.h - from the process's file descriptors to struct file
 */
#ifndef UWQ_LINUX_FILE_H
#define UWQ_LINUX_FILE_H

#include <linux/errno.h>
#include <linux/types.h>
#include <uwq/api.h>

struct file;

UWQ_API_BEGIN

struct file *fget(unsigned int fd);
void fput(struct file *file);

UWQ_API_END

#endif
