/* SPDX-License-Identifier: MIT */
/*
 * byteorder/generic.h - cpu_to_le32() and all its kin
 *
 * Reached through asm/byteorder.h. The __cpu_to_le32 forms are the system's.
 * htonl() and the three like it are libc's functions.
 */
#ifndef UWQ_LINUX_BYTEORDER_GENERIC_H
#define UWQ_LINUX_BYTEORDER_GENERIC_H

#include <linux/types.h>
#include <asm/byteorder.h>

#define cpu_to_le64(x)	__cpu_to_le64(x)
#define le64_to_cpu(x)	__le64_to_cpu(x)
#define cpu_to_le32(x)	__cpu_to_le32(x)
#define le32_to_cpu(x)	__le32_to_cpu(x)
#define cpu_to_le16(x)	__cpu_to_le16(x)
#define le16_to_cpu(x)	__le16_to_cpu(x)
#define cpu_to_be64(x)	__cpu_to_be64(x)
#define be64_to_cpu(x)	__be64_to_cpu(x)
#define cpu_to_be32(x)	__cpu_to_be32(x)
#define be32_to_cpu(x)	__be32_to_cpu(x)
#define cpu_to_be16(x)	__cpu_to_be16(x)
#define be16_to_cpu(x)	__be16_to_cpu(x)

/* of what a pointer points to */
#define cpu_to_le64p(p)	__cpu_to_le64p(p)
#define le64_to_cpup(p)	__le64_to_cpup(p)
#define cpu_to_le32p(p)	__cpu_to_le32p(p)
#define le32_to_cpup(p)	__le32_to_cpup(p)
#define cpu_to_le16p(p)	__cpu_to_le16p(p)
#define le16_to_cpup(p)	__le16_to_cpup(p)
#define cpu_to_be64p(p)	__cpu_to_be64p(p)
#define be64_to_cpup(p)	__be64_to_cpup(p)
#define cpu_to_be32p(p)	__cpu_to_be32p(p)
#define be32_to_cpup(p)	__be32_to_cpup(p)
#define cpu_to_be16p(p)	__cpu_to_be16p(p)
#define be16_to_cpup(p)	__be16_to_cpup(p)

/* in place */
#define cpu_to_le64s(p)	__cpu_to_le64s(p)
#define le64_to_cpus(p)	__le64_to_cpus(p)
#define cpu_to_le32s(p)	__cpu_to_le32s(p)
#define le32_to_cpus(p)	__le32_to_cpus(p)
#define cpu_to_le16s(p)	__cpu_to_le16s(p)
#define le16_to_cpus(p)	__le16_to_cpus(p)
#define cpu_to_be64s(p)	__cpu_to_be64s(p)
#define be64_to_cpus(p)	__be64_to_cpus(p)
#define cpu_to_be32s(p)	__cpu_to_be32s(p)
#define be32_to_cpus(p)	__be32_to_cpus(p)
#define cpu_to_be16s(p)	__cpu_to_be16s(p)
#define be16_to_cpus(p)	__be16_to_cpus(p)

#ifndef __cplusplus
#ifndef htonl
uint32_t htonl(uint32_t hostlong);
uint32_t ntohl(uint32_t netlong);
uint16_t htons(uint16_t hostshort);
uint16_t ntohs(uint16_t netshort);
#endif

static inline void le16_add_cpu(__le16 *var, u16 val)
{
	*var = cpu_to_le16(le16_to_cpu(*var) + val);
}

static inline void le32_add_cpu(__le32 *var, u32 val)
{
	*var = cpu_to_le32(le32_to_cpu(*var) + val);
}

static inline void le64_add_cpu(__le64 *var, u64 val)
{
	*var = cpu_to_le64(le64_to_cpu(*var) + val);
}

static inline void be16_add_cpu(__be16 *var, u16 val)
{
	*var = cpu_to_be16(be16_to_cpu(*var) + val);
}

static inline void be32_add_cpu(__be32 *var, u32 val)
{
	*var = cpu_to_be32(be32_to_cpu(*var) + val);
}

static inline void be64_add_cpu(__be64 *var, u64 val)
{
	*var = cpu_to_be64(be64_to_cpu(*var) + val);
}
#endif

#endif
