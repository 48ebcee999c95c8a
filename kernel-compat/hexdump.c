// SPDX-License-Identifier: MIT
/*
 * hexdump.c - bytes as hexadecimal text, and back
 *
 * Pure functions but print_hex_dump(), which logs a line per row. Any context.
 * Differs from Linux: nothing.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include <linux/export.h>
#include <linux/printk.h>

const char hex_asc[] = "0123456789abcdef";
EXPORT_SYMBOL(hex_asc);
const char hex_asc_upper[] = "0123456789ABCDEF";
EXPORT_SYMBOL(hex_asc_upper);

/* Return: the value of one digit, -1 if it is none. */
int hex_to_bin(unsigned char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}
EXPORT_SYMBOL(hex_to_bin);

/**
 * hex2bin - read bytes from hex digits
 * @dst: @count bytes
 * @src: 2 * @count digits
 * @count: bytes
 *
 * Context: any. Return: 0, or -EINVAL when something is no digit.
 */
int hex2bin(u8 *dst, const char *src, size_t count)
{
	for (; count; count--, src += 2) {
		int high = hex_to_bin((unsigned char)src[0]);
		int low = high < 0 ? -1 : hex_to_bin((unsigned char)src[1]);

		if (low < 0)
			return -EINVAL;
		*dst++ = (u8)(high << 4 | low);
	}
	return 0;
}
EXPORT_SYMBOL(hex2bin);

/* Return: @dst behind the last of the 2 * @count digits; no NUL is written. */
char *bin2hex(char *dst, const void *src, size_t count)
{
	const unsigned char *from = src;

	for (; count; count--, from++) {
		*dst++ = hex_asc_hi(*from);
		*dst++ = hex_asc_lo(*from);
	}
	return dst;
}
EXPORT_SYMBOL(bin2hex);

static unsigned long long load_group(const unsigned char *at, int size)
{
	u16 u2;
	u32 u4;
	u64 u8_;

	switch (size) {
	case 2:
		memcpy(&u2, at, 2);
		return u2;
	case 4:
		memcpy(&u4, at, 4);
		return u4;
	case 8:
		memcpy(&u8_, at, 8);
		return u8_;
	default:
		return *at;
	}
}

/**
 * hex_dump_to_buffer - one row of a dump
 * @buf: bytes
 * @len: how many; more than a row is cut
 * @rowsize: 16 or 32 bytes in a row
 * @groupsize: 1, 2, 4 or 8 bytes to a number, in the machine's order
 * @linebuf: text with NUL
 * @linebuflen: room in @linebuf
 * @ascii: add the bytes as characters
 *
 * Context: any. Return: length of the whole row, however much fitted.
 */
int hex_dump_to_buffer(const void *buf, size_t len, int rowsize, int groupsize,
		       char *linebuf, size_t linebuflen, bool ascii)
{
	const unsigned char *bytes = buf;
	size_t column;
	int at = 0;
	/* a row of 32 single bytes with characters takes 32 * 3 + 1 + 32 */
	char row[160];

	if (rowsize != 16 && rowsize != 32)
		rowsize = 16;
	if (len > (size_t)rowsize)
		len = (size_t)rowsize;
	if (groupsize != 2 && groupsize != 4 && groupsize != 8)
		groupsize = 1;
	if (len % (size_t)groupsize)
		groupsize = 1;
	for (size_t i = 0; i < len; i += (size_t)groupsize)
		at += scnprintf(row + at, sizeof(row) - (size_t)at, "%s%0*llx", i ? " " : "",
				2 * groupsize, load_group(bytes + i, groupsize));
	if (ascii && len) {
		column = (size_t)(2 * rowsize + rowsize / groupsize + 1);
		at += scnprintf(row + at, sizeof(row) - (size_t)at, "%*s",
				(int)column - at, "");
		for (size_t i = 0; i < len; i++)
			row[at++] = (char)(isascii(bytes[i]) && isprint(bytes[i]) ? bytes[i] : '.');
	}
	row[at] = '\0';
	return snprintf(linebuf, linebuflen, "%s", row);
}
EXPORT_SYMBOL(hex_dump_to_buffer);

/**
 * print_hex_dump - log bytes, a row to a line
 * @level: level mark such as KERN_DEBUG
 * @prefix_str: in front of each line
 * @prefix_type: DUMP_PREFIX_*: what else stands there
 * @rowsize: 16 or 32
 * @groupsize: 1, 2, 4 or 8
 * @buf: bytes
 * @len: how many
 * @ascii: add the bytes as characters
 *
 * Context: any.
 */
void print_hex_dump(const char *level, const char *prefix_str, int prefix_type, int rowsize,
		    int groupsize, const void *buf, size_t len, bool ascii)
{
	const unsigned char *bytes = buf;
	char row[160];

	if (rowsize != 16 && rowsize != 32)
		rowsize = 16;
	for (size_t i = 0; i < len; i += (size_t)rowsize) {
		hex_dump_to_buffer(bytes + i, len - i, rowsize, groupsize, row, sizeof(row), ascii);
		if (prefix_type == DUMP_PREFIX_ADDRESS)
			printk("%s%s%p: %s\n", level, prefix_str, (const void *)(bytes + i), row);
		else if (prefix_type == DUMP_PREFIX_OFFSET)
			printk("%s%s%.8zx: %s\n", level, prefix_str, i, row);
		else
			printk("%s%s%s\n", level, prefix_str, row);
	}
}
EXPORT_SYMBOL(print_hex_dump);
