// SPDX-License-Identifier: MIT
/*
 * pointer_format.c - what the letters after %p mean
 *
 *	%p %px %pK		the address, 16 hex digits
 *	%ps %pS %pSR %pB	symbol; with offset; likewise; of a return address
 *	%pe			an error pointer as "-ENOMEM"
 *	%pV			a struct va_format: format and arguments in one
 *	%pI4 %pi4 %pI6 %pi6 %pI6c   IP addresses in network order (%pI4h: host,
 *				%pI4l: little endian)
 *	%pM %pMR %pMF %pm %pmR	MAC address; reversed; with '-'; without ':'
 *	%pUb %pUB %pUl %pUL	UUID, big or little endian, lower or upper case
 *	%*ph %*phC %*phD %*phN	bytes in hex, between blanks, ':', '-', nothing
 *	%*pb %*pbl		bitmap of so many bits, as hex words or as ranges
 *	%pa %pap %pad		physical or DMA address, given by reference
 *
 * All letters and digits after %p are taken, known or not.
 *
 * Differs from Linux: %p is not hashed. Hashing keeps the kernel's addresses
 * from user space; a process has no secrets from its own log, and an address
 * that can be compared with a debugger's is worth more. Letters for objects
 * that do not exist here (dentries, resources, clocks) print the address.
 */
#define UWQ_KEEP_LIBC_PRINTF
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include <linux/err.h>
#include <linux/errname.h>
#include <linux/kallsyms.h>
#include <linux/printk.h>
#include <linux/sprintf.h>

#include "kernel-compat/format.h"

#define ADDRESS_DIGITS	((int)(2 * sizeof(void *)))

const char *bad_pointer_text(const void *ptr)
{
	if ((unsigned long)ptr < 4096)
		return "(null)";
	return IS_ERR(ptr) ? "(efault)" : NULL;
}

static void out_address(struct out *out, const struct spec *spec, unsigned long value)
{
	struct spec hex = *spec;

	hex.base = 16;
	if (!hex.width) {
		hex.width = ADDRESS_DIGITS + (hex.flags & SPEC_ALTERNATE ? 2 : 0);
		hex.flags |= SPEC_ZERO;
	}
	out_number(out, &hex, value, false);
}

/* @digits digits of hex or, base 10, as many as it takes. */
static void out_digits(struct out *out, unsigned long long value, unsigned int base, int digits,
		       unsigned int flags)
{
	struct spec spec = { .flags = flags, .precision = digits, .base = base };

	out_number(out, &spec, value, false);
}

static void out_text(struct out *out, const char *text)
{
	while (*text)
		out_char(out, *text++);
}

static void out_symbol(struct out *out, const struct spec *spec, const char *fmt, const void *ptr)
{
	char name[KSYM_SYMBOL_LEN];

	if (*fmt == 's')
		sprint_symbol_no_offset(name, (unsigned long)ptr);
	else if (*fmt == 'B')
		sprint_backtrace(name, (unsigned long)ptr);
	else
		sprint_symbol(name, (unsigned long)ptr);
	out_string(out, spec, name);
}

static void out_error(struct out *out, const struct spec *spec, const void *ptr)
{
	const char *name = IS_ERR(ptr) ? errname((int)PTR_ERR(ptr)) : NULL;
	struct spec decimal = *spec;

	if (name) {
		out_string(out, spec, name);
	} else if (IS_ERR(ptr)) {
		decimal.base = 10;
		out_number(out, &decimal, (unsigned long)-PTR_ERR(ptr), true);
	} else {
		out_address(out, spec, (unsigned long)ptr);
	}
}

static void out_va_format(struct out *out, const struct va_format *vaf)
{
	va_list copy;

	va_copy(copy, *vaf->va);
	out_format(out, vaf->fmt, &copy);
	va_end(copy);
}

static void out_ip4(struct out *out, const unsigned char *addr, bool padded, bool reversed)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			out_char(out, '.');
		out_digits(out, addr[reversed ? 3 - i : i], 10, padded ? 3 : -1, 0);
	}
}

/* The longest run of two or more zero groups: its start, and its length in *len. */
static int longest_zero_run(const unsigned short *group, int groups, int *len)
{
	int best = -1;

	*len = 1;
	for (int i = 0; i < groups; i++) {
		int end = i;

		while (end < groups && !group[end])
			end++;
		if (end - i > *len) {
			best = i;
			*len = end - i;
		}
		if (end > i)
			i = end - 1;
	}
	return best;
}

/* The short form of RFC 5952; the last 32 bits of a mapped address as IPv4. */
static void out_ip6_short(struct out *out, const unsigned char *addr)
{
	unsigned short group[8];
	int groups = 8, run, len;

	for (int i = 0; i < 8; i++)
		group[i] = (unsigned short)(addr[2 * i] << 8 | addr[2 * i + 1]);
	if (!memcmp(addr, "\0\0\0\0\0\0\0\0\0\0\377\377", 12))
		groups = 6;
	run = longest_zero_run(group, groups, &len);
	for (int i = 0; i < groups; i++) {
		if (i == run) {
			out_text(out, "::");
			i += len - 1;
			continue;
		}
		if (i && i != run + len)
			out_char(out, ':');
		out_digits(out, group[i], 16, -1, 0);
	}
	if (groups == 6) {
		out_char(out, ':');
		out_ip4(out, addr + 12, false, false);
	}
}

static void out_ip6(struct out *out, const unsigned char *addr, bool colons)
{
	for (int i = 0; i < 8; i++) {
		if (i && colons)
			out_char(out, ':');
		out_digits(out, (unsigned int)(addr[2 * i] << 8 | addr[2 * i + 1]), 16, 4, 0);
	}
}

/* False: not an IP form that is known here. */
static bool out_ip(struct out *out, const char *fmt, const unsigned char *addr)
{
	bool padded = fmt[0] == 'i';

	if (fmt[1] == '4') {
		bool host = fmt[2] == 'h' && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

		out_ip4(out, addr, padded, host || fmt[2] == 'l');
	} else if (fmt[1] == '6' && fmt[2] == 'c' && !padded) {
		out_ip6_short(out, addr);
	} else if (fmt[1] == '6') {
		out_ip6(out, addr, !padded);
	} else {
		return false;
	}
	return true;
}

static void out_mac(struct out *out, const char *fmt, const unsigned char *addr)
{
	char between = fmt[1] == 'F' ? '-' : ':';

	for (int i = 0; i < 6; i++) {
		if (i && fmt[0] == 'M')
			out_char(out, between);
		out_digits(out, addr[fmt[1] == 'R' ? 5 - i : i], 16, 2, 0);
	}
}

static void out_uuid(struct out *out, const char *fmt, const unsigned char *uuid)
{
	static const unsigned char little[16] = {
		3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
	};
	unsigned int flags = fmt[1] == 'B' || fmt[1] == 'L' ? SPEC_UPPER : 0;
	bool swapped = fmt[1] == 'l' || fmt[1] == 'L';

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out_char(out, '-');
		out_digits(out, uuid[swapped ? little[i] : i], 16, 2, flags);
	}
}

/* The width counts bytes, 64 at most. */
static void out_hex_bytes(struct out *out, const struct spec *spec, const char *fmt,
			  const unsigned char *bytes)
{
	char between = fmt[1] == 'C' ? ':' : fmt[1] == 'D' ? '-' : fmt[1] == 'N' ? 0 : ' ';
	int len = spec->width > 64 ? 64 : spec->width ? spec->width : 1;

	for (int i = 0; i < len; i++) {
		if (i && between)
			out_char(out, between);
		out_digits(out, bytes[i], 16, 2, 0);
	}
}

static bool bit_at(const unsigned long *bits, int i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

/* The width counts bits. Words of 32 bits, highest first, the first as short as it is. */
static void out_bitmap(struct out *out, int nbits, const unsigned long *bits)
{
	int chunk = nbits % 32 ? nbits % 32 : 32;
	bool first = true;

	for (int low = (nbits - 1) / 32 * 32; low >= 0; low -= 32, chunk = 32, first = false) {
		unsigned long word = bits[low / 64] >> (low % 64);

		if (!first)
			out_char(out, ',');
		out_digits(out, word & (chunk == 64 ? ~0UL : (1UL << chunk) - 1), 16,
			   (chunk + 3) / 4, 0);
	}
}

static void out_bitmap_list(struct out *out, int nbits, const unsigned long *bits)
{
	bool first = true;

	for (int i = 0; i < nbits; i++) {
		int start = i;

		if (!bit_at(bits, i))
			continue;
		while (i + 1 < nbits && bit_at(bits, i + 1))
			i++;
		if (!first)
			out_char(out, ',');
		first = false;
		out_digits(out, (unsigned int)start, 10, -1, 0);
		if (i == start)
			continue;
		out_char(out, '-');
		out_digits(out, (unsigned int)i, 10, -1, 0);
	}
}

/* Forms that follow the pointer. False: no such form. */
static bool out_pointed_to(struct out *out, const struct spec *spec, const char *fmt,
			   const void *ptr)
{
	switch (*fmt) {
	case 'V':
		out_va_format(out, ptr);
		return true;
	case 'I': case 'i':
		return out_ip(out, fmt, ptr);
	case 'M': case 'm':
		out_mac(out, fmt, ptr);
		return true;
	case 'U':
		out_uuid(out, fmt, ptr);
		return true;
	case 'h':
		out_hex_bytes(out, spec, fmt, ptr);
		return true;
	case 'b':
		if (fmt[1] == 'l')
			out_bitmap_list(out, spec->width, ptr);
		else
			out_bitmap(out, spec->width, ptr);
		return true;
	case 'a':
		out_text(out, "0x");
		out_digits(out, *(const unsigned long long *)ptr, 16, ADDRESS_DIGITS, 0);
		return true;
	default:
		return false;
	}
}

const char *out_pointer(struct out *out, const struct spec *spec, const char *fmt,
			const void *ptr)
{
	const char *bad = bad_pointer_text(ptr);

	if (*fmt && strchr("sSB", *fmt))
		out_symbol(out, spec, fmt, ptr);
	else if (*fmt == 'e')
		out_error(out, spec, ptr);
	else if (*fmt && strchr("VIiMmUhba", *fmt) && bad)
		out_text(out, bad);
	else if (!out_pointed_to(out, spec, fmt, ptr))
		out_address(out, spec, (unsigned long)ptr);
	while (isalnum((unsigned char)*fmt))
		fmt++;
	return fmt;
}
