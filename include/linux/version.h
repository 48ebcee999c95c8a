/* SPDX-License-Identifier: MIT */
/*
 * version.h - which Linux these headers claim to be
 *
 * 7.2, unless whoever compiles says otherwise with UWQ_KERNEL_VERSION_MAJOR
 * and UWQ_KERNEL_VERSION_MINOR. Headers that have an API in an old and a new
 * form look at LINUX_VERSION_CODE.
 *
 * The system's header of this name is not included: it speaks of the machine's
 * own headers.
 */
#ifndef UWQ_LINUX_VERSION_H
#define UWQ_LINUX_VERSION_H

#ifndef UWQ_KERNEL_VERSION_MAJOR
#define UWQ_KERNEL_VERSION_MAJOR	7
#define UWQ_KERNEL_VERSION_MINOR	2
#endif

#undef LINUX_VERSION_CODE
#undef KERNEL_VERSION
#undef LINUX_VERSION_MAJOR
#undef LINUX_VERSION_PATCHLEVEL
#undef LINUX_VERSION_SUBLEVEL

#define KERNEL_VERSION(a, b, c)		(((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#define LINUX_VERSION_MAJOR		UWQ_KERNEL_VERSION_MAJOR
#define LINUX_VERSION_PATCHLEVEL	UWQ_KERNEL_VERSION_MINOR
#define LINUX_VERSION_SUBLEVEL		0
#define LINUX_VERSION_CODE		\
	KERNEL_VERSION(LINUX_VERSION_MAJOR, LINUX_VERSION_PATCHLEVEL, LINUX_VERSION_SUBLEVEL)

#endif
