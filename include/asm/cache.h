/* SPDX-License-Identifier: MIT */
/* asm/cache.h - the cache line under its other name */
#ifndef UWQ_ASM_CACHE_H
#define UWQ_ASM_CACHE_H

#include <linux/cache.h>

#endif
