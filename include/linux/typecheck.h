/* SPDX-License-Identifier: MIT */
/*
 * typecheck.h - no build when a value has another type than meant
 *
 * Differs from Linux: the wrong type is an error, not a warning.
 */
#ifndef UWQ_LINUX_TYPECHECK_H
#define UWQ_LINUX_TYPECHECK_H

#include <linux/compiler.h>

#ifndef __cplusplus
/* 1; type qualifiers of @x do not count. */
#define typecheck(type, x) __extension__				\
({									\
	_Static_assert(__same_type(type, x), "typecheck: " #x " is not of type " #type); \
	1;								\
})
#define typecheck_fn(type, function) __extension__			\
({									\
	__typeof__(type) uwq_fn = (function);				\
	(void)uwq_fn;							\
})
/* 1, or no build when @x is not a pointer. */
#define typecheck_pointer(x)	(sizeof(*(x)) > 0 || 1)
#endif

#endif
