/* SPDX-License-Identifier: MIT */
/*
 * uapi/linux/stat.h - modes of files; the kernel's name for what userspace includes
 */
#ifndef UWQ_UAPI_LINUX_STAT_H
#define UWQ_UAPI_LINUX_STAT_H

#include <linux/stat.h>

#endif
