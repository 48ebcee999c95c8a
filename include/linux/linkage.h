/* SPDX-License-Identifier: MIT */
/* linkage.h - calling convention words; here every function is called alike */
#ifndef UWQ_LINUX_LINKAGE_H
#define UWQ_LINUX_LINKAGE_H

#include <linux/compiler_types.h>
#include <linux/export.h>
#include <linux/stringify.h>

#ifdef __cplusplus
#define asmlinkage	extern "C"
#else
#define asmlinkage
#endif

#endif
