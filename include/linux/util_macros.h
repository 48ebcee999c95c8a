/* SPDX-License-Identifier: MIT */
/* util_macros.h - the nearest element of a sorted array */
#ifndef UWQ_LINUX_UTIL_MACROS_H
#define UWQ_LINUX_UTIL_MACROS_H

#include <linux/math.h>

/* Index of the element nearest to @x; @op is <= for ascending arrays. */
#define uwq_find_closest(x, a, as, op) __extension__			\
({									\
	__typeof__(as) uwq_i = 0, uwq_end = (as) - 1;			\
	__typeof__(x) uwq_x = (x);					\
	__typeof__(*(a)) const *uwq_array = (a);			\
	while (uwq_i < uwq_end &&					\
	       !(uwq_x op DIV_ROUND_CLOSEST(uwq_array[uwq_i] + uwq_array[uwq_i + 1], 2))) \
		uwq_i++;						\
	uwq_i;								\
})
#define find_closest(x, a, as)			uwq_find_closest(x, a, as, <=)
#define find_closest_descending(x, a, as)	uwq_find_closest(x, a, as, >=)

#endif
