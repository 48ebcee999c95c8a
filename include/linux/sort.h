/* SPDX-License-Identifier: MIT */
/*
 * sort.h - sorting arrays in place
 *
 * Heapsort: n log n comparisons whatever the input, no memory, not stable.
 * @swap_func may be NULL: then the elements are exchanged byte by byte.
 */
#ifndef UWQ_LINUX_SORT_H
#define UWQ_LINUX_SORT_H

#include <linux/types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
void sort_r(void *base, size_t num, size_t size, cmp_r_func_t cmp_func,
	    swap_r_func_t swap_func, const void *priv);
void sort(void *base, size_t num, size_t size, cmp_func_t cmp_func, swap_func_t swap_func);
UWQ_API_END

#endif
