/* SPDX-License-Identifier: MIT */
/*
 * linux/stddef.h - offsetof() and its relatives, grouped struct members
 */
#ifndef UWQ_LINUX_STDDEF_H
#define UWQ_LINUX_STDDEF_H

#include_next <linux/stddef.h>
#include <stddef.h>
#ifndef __cplusplus
#include <stdbool.h>
#endif

#define sizeof_field(type, member)	sizeof(((type *)0)->member)
/* Offset of the first byte behind @member. */
#define offsetofend(type, member)	(offsetof(type, member) + sizeof_field(type, member))

/* Members that can be reached by themselves and, as a whole, through @name. */
#define struct_group(name, ...)			__struct_group(, name, , __VA_ARGS__)
#define struct_group_attr(name, attrs, ...)	__struct_group(, name, attrs, __VA_ARGS__)
#define struct_group_tagged(tag, name, ...)	__struct_group(tag, name, , __VA_ARGS__)

/* A flexible array where C allows none: alone in a struct, or in a union. */
#define DECLARE_FLEX_ARRAY(type, name)		__DECLARE_FLEX_ARRAY(type, name)

#endif
