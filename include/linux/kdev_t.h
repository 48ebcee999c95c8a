/* SPDX-License-Identifier: MIT */
/*
 * kdev_t.h - device numbers: 12 bits of major, 20 bits of minor
 *
 * The layout is the kernel's own, not that of the libc's makedev(). The
 * system's header of this name has a third one, from long ago, and is not used.
 */
#ifndef UWQ_LINUX_KDEV_T_H
#define UWQ_LINUX_KDEV_T_H

#include <linux/types.h>

#define MINORBITS	20
#define MINORMASK	((1U << MINORBITS) - 1)

#define MAJOR(dev)	((unsigned int)((dev) >> MINORBITS))
#define MINOR(dev)	((unsigned int)((dev) & MINORMASK))
#define MKDEV(ma, mi)	(((dev_t)(ma) << MINORBITS) | (mi))

#endif
