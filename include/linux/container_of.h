/* SPDX-License-Identifier: MIT */
/*
 * container_of.h - from a member to the struct around it
 *
 * Differs from Linux: in C++ the member's type is not checked.
 */
#ifndef UWQ_LINUX_CONTAINER_OF_H
#define UWQ_LINUX_CONTAINER_OF_H

#include <linux/compiler.h>
#include <linux/stddef.h>

#ifdef __cplusplus

#define container_of(ptr, type, member)					\
	(reinterpret_cast<type *>(					\
		const_cast<char *>(reinterpret_cast<const volatile char *>(ptr)) - \
		__builtin_offsetof(type, member)))
#define container_of_const(ptr, type, member)	container_of(ptr, type, member)

#else

/*
 * @ptr must point to the type of @member, or to void. A const @ptr loses its
 * const, as in Linux; container_of_const() keeps it.
 */
#define container_of(ptr, type, member) __extension__			\
({									\
	void *uwq_member = (void *)(ptr);				\
	_Static_assert(__same_type(*(ptr), ((type *)0)->member) ||	\
		       __same_type(*(ptr), void),			\
		       "container_of: pointer does not fit the member"); \
	(type *)((char *)uwq_member - offsetof(type, member));		\
})

#define container_of_const(ptr, type, member)				\
	_Generic((ptr),							\
		 const __typeof__(*(ptr)) *:				\
			(const type *)container_of(ptr, type, member),	\
		 default: container_of(ptr, type, member))

#endif
#endif
