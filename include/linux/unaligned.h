/* SPDX-License-Identifier: MIT */
/*
 * unaligned.h - numbers at any address, in any byte order
 *
 * memcpy() of a constant size, which compilers turn into one load or store.
 */
#ifndef UWQ_LINUX_UNALIGNED_H
#define UWQ_LINUX_UNALIGNED_H

#include <linux/types.h>
#include <asm/byteorder.h>

#define get_unaligned(ptr) __extension__				\
({									\
	struct { __typeof__(*(ptr)) val; } __attribute__((__packed__)) const *uwq_packed = \
		(const void *)(ptr);					\
	uwq_packed->val;						\
})
#define put_unaligned(value, ptr)					\
do {									\
	struct { __typeof__(*(ptr)) val; } __attribute__((__packed__)) *uwq_packed = \
		(void *)(ptr);						\
	uwq_packed->val = (value);					\
} while (0)

#define UWQ_DEFINE_UNALIGNED(bits, order)				\
static inline u##bits get_unaligned_##order##bits(const void *p)	\
{									\
	__##order##bits raw;						\
	__builtin_memcpy(&raw, p, sizeof(raw));				\
	return __##order##bits##_to_cpu(raw);				\
}									\
static inline void put_unaligned_##order##bits(u##bits val, void *p)	\
{									\
	__##order##bits raw = __cpu_to_##order##bits(val);		\
	__builtin_memcpy(p, &raw, sizeof(raw));				\
}

UWQ_DEFINE_UNALIGNED(16, le)
UWQ_DEFINE_UNALIGNED(32, le)
UWQ_DEFINE_UNALIGNED(64, le)
UWQ_DEFINE_UNALIGNED(16, be)
UWQ_DEFINE_UNALIGNED(32, be)
UWQ_DEFINE_UNALIGNED(64, be)
#undef UWQ_DEFINE_UNALIGNED

static inline u32 get_unaligned_le24(const void *p)
{
	const u8 *b = (const u8 *)p;

	return b[0] | b[1] << 8 | b[2] << 16;
}

static inline u32 get_unaligned_be24(const void *p)
{
	const u8 *b = (const u8 *)p;

	return b[0] << 16 | b[1] << 8 | b[2];
}

#endif
