/* SPDX-License-Identifier: MIT */
/*
 * linux/swab.h - turning the bytes of a number around
 *
 * The __swab names are the system's; the kernel's own have no underscores.
 *
 * Differs from Linux: swab() of a long is there for kernel code (__KERNEL__)
 * only, because unistd.h declares another function of that name.
 */
#ifndef UWQ_LINUX_SWAB_H
#define UWQ_LINUX_SWAB_H

#include_next <linux/swab.h>

#define swab16(x)	__swab16(x)
#define swab32(x)	__swab32(x)
#define swab64(x)	__swab64(x)
#define swahw32(x)	__swahw32(x)
#define swahb32(x)	__swahb32(x)
#define swab16p(p)	__swab16p(p)
#define swab32p(p)	__swab32p(p)
#define swab64p(p)	__swab64p(p)
#define swahw32p(p)	__swahw32p(p)
#define swahb32p(p)	__swahb32p(p)
#define swab16s(p)	__swab16s(p)
#define swab32s(p)	__swab32s(p)
#define swab64s(p)	__swab64s(p)
#define swahw32s(p)	__swahw32s(p)
#define swahb32s(p)	__swahb32s(p)

#if defined(__KERNEL__) && !defined(UWQ_BUILD)
#define swab(x)		__swab(x)
#endif

#endif
