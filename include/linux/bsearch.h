/* SPDX-License-Identifier: MIT */
/* bsearch.h - looking up in a sorted array; the function is libc's */
#ifndef UWQ_LINUX_BSEARCH_H
#define UWQ_LINUX_BSEARCH_H

#include <linux/types.h>

#ifdef __cplusplus
#include <stdlib.h>
#else
/* @cmp gets @key first, then an element. NULL when nothing equals @key. */
void *bsearch(const void *key, const void *base, size_t num, size_t size, cmp_func_t cmp);
#endif

#endif
