/* SPDX-License-Identifier: MIT */
/* hex.h - hexadecimal digits */
#ifndef UWQ_LINUX_HEX_H
#define UWQ_LINUX_HEX_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
extern const char hex_asc[];
extern const char hex_asc_upper[];

/* Value of a digit; -1 when it is none. */
int hex_to_bin(unsigned char ch);
/* @count bytes from 2 * @count digits; 0 or -EINVAL. */
int __must_check hex2bin(u8 *dst, const char *src, size_t count);
/* @count bytes to digits; returns the end of what it wrote, not terminated. */
char *bin2hex(char *dst, const void *src, size_t count);
UWQ_API_END

#define hex_asc_lo(x)		hex_asc[(x) & 0x0f]
#define hex_asc_hi(x)		hex_asc[((x) & 0xf0) >> 4]
#define hex_asc_upper_lo(x)	hex_asc_upper[(x) & 0x0f]
#define hex_asc_upper_hi(x)	hex_asc_upper[((x) & 0xf0) >> 4]

static inline char *hex_byte_pack(char *buf, u8 byte)
{
	*buf++ = hex_asc_hi(byte);
	*buf++ = hex_asc_lo(byte);
	return buf;
}

static inline char *hex_byte_pack_upper(char *buf, u8 byte)
{
	*buf++ = hex_asc_upper_hi(byte);
	*buf++ = hex_asc_upper_lo(byte);
	return buf;
}

#endif
