/* SPDX-License-Identifier: MIT */
/* list_sort.h - sorting a linked list: stable, no memory, n log n comparisons */
#ifndef UWQ_LINUX_LIST_SORT_H
#define UWQ_LINUX_LIST_SORT_H

#include <linux/types.h>
#include <uwq/api.h>

/* > 0 when @a belongs behind @b; 0 and less keep their order */
typedef int (*list_cmp_func_t)(void *priv, const struct list_head *a, const struct list_head *b);

UWQ_API_BEGIN
void list_sort(void *priv, struct list_head *head, list_cmp_func_t cmp);
UWQ_API_END

#endif
