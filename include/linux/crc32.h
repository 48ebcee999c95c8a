/* SPDX-License-Identifier: MIT */
/*
 * crc32.h - the CRC of 32 bits that Ethernet, gzip and zlib use, and Castagnoli's
 *
 * As in Linux neither the seed nor the result is inverted: gzip's checksum is
 * ~crc32_le(~0, data, len).
 */
#ifndef UWQ_LINUX_CRC32_H
#define UWQ_LINUX_CRC32_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
u32 __pure crc32_le(u32 crc, unsigned char const *p, size_t len);
u32 __pure crc32_be(u32 crc, unsigned char const *p, size_t len);
u32 __pure __crc32c_le(u32 crc, unsigned char const *p, size_t len);

/* The checksum after @len more bytes of zeros. */
u32 __attribute_const__ crc32_le_shift(u32 crc, size_t len);
u32 __attribute_const__ __crc32c_le_shift(u32 crc, size_t len);
UWQ_API_END

/*
 * The checksum of two pieces one behind the other: @crc1 of the first, with any
 * seed; @crc2 of the second, @len2 bytes long, with seed 0.
 */
static inline u32 crc32_le_combine(u32 crc1, u32 crc2, size_t len2)
{
	return crc32_le_shift(crc1, len2) ^ crc2;
}

static inline u32 __crc32c_le_combine(u32 crc1, u32 crc2, size_t len2)
{
	return __crc32c_le_shift(crc1, len2) ^ crc2;
}

#define crc32(seed, data, length)	crc32_le((seed), (const unsigned char *)(data), (length))

/* For Ethernet multicast filters: the bits of the result the other way round. */
#define ether_crc_le(length, data)	crc32_le(~0, (const unsigned char *)(data), (length))
#define ether_crc(length, data)		uwq_bitrev32(crc32_le(~0, (const unsigned char *)(data), (length)))

static inline u32 uwq_bitrev32(u32 x)
{
	x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
	x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
	x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
	return __builtin_bswap32(x);
}

#endif
