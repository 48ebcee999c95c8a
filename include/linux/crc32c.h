/* SPDX-License-Identifier: MIT */
/* crc32c.h - Castagnoli's CRC of 32 bits; neither seed nor result is inverted */
#ifndef UWQ_LINUX_CRC32C_H
#define UWQ_LINUX_CRC32C_H

#include <linux/crc32.h>

static inline u32 crc32c(u32 crc, const void *address, unsigned int length)
{
	return __crc32c_le(crc, (const unsigned char *)address, length);
}

#endif
