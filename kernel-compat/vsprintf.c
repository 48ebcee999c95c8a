// SPDX-License-Identifier: MIT
/*
 * vsprintf.c - formatting: flags, width, precision, numbers and strings
 *
 * The kernel's snprintf() family under names of its own (uwq_snprintf() and so
 * on; linux/sprintf.h maps the usual names in kernel-style code). What follows
 * %p is in pointer_format.c. Called by everybody, the log included, in any
 * context: takes no lock, allocates nothing, keeps errno.
 *
 * Differs from Linux: floating point works, through libc. %n stores nothing,
 * as there. Scanning is libc's, but never returns less than 0.
 */
#define UWQ_KEEP_LIBC_PRINTF
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/err.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include "kernel-compat/format.h"

void out_char(struct out *out, char c)
{
	if (out->len + 1 < out->size)
		out->buf[out->len] = c;
	out->len++;
}

static void out_repeat(struct out *out, char c, int count)
{
	while (count-- > 0)
		out_char(out, c);
}

static void out_mem(struct out *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out_char(out, text[i]);
}

/* @len bytes in a field of spec->width, blanks on the side that the flags say. */
static void out_field(struct out *out, const struct spec *spec, const char *text, size_t len)
{
	int pad = spec->width > 0 && (size_t)spec->width > len ? spec->width - (int)len : 0;

	if (!(spec->flags & SPEC_LEFT))
		out_repeat(out, ' ', pad);
	out_mem(out, text, len);
	if (spec->flags & SPEC_LEFT)
		out_repeat(out, ' ', pad);
}

void out_string(struct out *out, const struct spec *spec, const char *text)
{
	const char *bad = bad_pointer_text(text);

	if (bad)
		text = bad;
	out_field(out, spec, text,
		  spec->precision >= 0 ? strnlen(text, (size_t)spec->precision) : strlen(text));
}

/* Digits of @value in reverse; returns how many. Room for 64 binary digits. */
static int reverse_digits(char *digits, unsigned long long value, unsigned int base, bool upper)
{
	const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int n = 0;

	for (; value; value /= base)
		digits[n++] = alphabet[value % base];
	return n;
}

/* The sign or "0x" in front of the digits. */
static const char *number_prefix(const struct spec *spec, bool negative, bool nonzero)
{
	if (negative)
		return "-";
	if ((spec->flags & SPEC_ALTERNATE) && spec->base == 16 && nonzero)
		return spec->flags & SPEC_UPPER ? "0X" : "0x";
	if (!(spec->flags & SPEC_SIGNED))
		return "";
	return spec->flags & SPEC_PLUS ? "+" : spec->flags & SPEC_SPACE ? " " : "";
}

void out_number(struct out *out, const struct spec *spec, unsigned long long value, bool negative)
{
	char digits[64];
	const char *prefix = number_prefix(spec, negative, value != 0);
	int n = reverse_digits(digits, value, spec->base, spec->flags & SPEC_UPPER);
	int zeros = spec->precision < 0 ? !n : spec->precision - n;
	int pad;

	if (zeros < 0)
		zeros = 0;
	if ((spec->flags & SPEC_ALTERNATE) && spec->base == 8 && !zeros)
		zeros = 1;
	pad = spec->width - (int)strlen(prefix) - zeros - n;
	if ((spec->flags & SPEC_ZERO) && !(spec->flags & SPEC_LEFT) && spec->precision < 0 &&
	    pad > 0) {
		zeros += pad;
		pad = 0;
	}
	if (!(spec->flags & SPEC_LEFT))
		out_repeat(out, ' ', pad);
	out_mem(out, prefix, strlen(prefix));
	out_repeat(out, '0', zeros);
	while (n)
		out_char(out, digits[--n]);
	if (spec->flags & SPEC_LEFT)
		out_repeat(out, ' ', pad);
}

static int parse_int(const char **fmt)
{
	int value = 0;

	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		value = value < INT_MAX / 10 - 1 ? value * 10 + (**fmt - '0') : value;
	return value;
}

static void parse_flags(struct spec *spec, const char **fmt)
{
	for (;; (*fmt)++) {
		switch (**fmt) {
		case '-':
			spec->flags |= SPEC_LEFT;
			break;
		case '+':
			spec->flags |= SPEC_PLUS;
			break;
		case ' ':
			spec->flags |= SPEC_SPACE;
			break;
		case '#':
			spec->flags |= SPEC_ALTERNATE;
			break;
		case '0':
			spec->flags |= SPEC_ZERO;
			break;
		default:
			return;
		}
	}
}

static void parse_width(struct spec *spec, const char **fmt, va_list *args)
{
	if (**fmt != '*') {
		spec->width = parse_int(fmt);
		return;
	}
	(*fmt)++;
	spec->width = va_arg(*args, int);
	if (spec->width < 0) {
		spec->flags |= SPEC_LEFT;
		spec->width = spec->width == INT_MIN ? INT_MAX : -spec->width;
	}
}

static void parse_precision(struct spec *spec, const char **fmt, va_list *args)
{
	spec->precision = -1;
	if (**fmt != '.')
		return;
	(*fmt)++;
	if (**fmt == '*') {
		(*fmt)++;
		spec->precision = va_arg(*args, int);
		if (spec->precision < 0)
			spec->precision = -1;
	} else {
		spec->precision = parse_int(fmt);
	}
}

static void parse_qualifier(struct spec *spec, const char **fmt)
{
	char c = **fmt;

	spec->qualifier = 0;
	if (!c || !strchr("hlLqzZtj", c))
		return;
	(*fmt)++;
	spec->qualifier = c == 'q' ? 'L' : c == 'Z' ? 'z' : c;
	if ((c == 'h' || c == 'l') && **fmt == c) {
		(*fmt)++;
		spec->qualifier = c == 'h' ? 'H' : 'L';
	}
}

static unsigned long long signed_arg(const struct spec *spec, va_list *args, bool *negative)
{
	long long value;

	switch (spec->qualifier) {
	case 'L': case 'j':
		value = va_arg(*args, long long);
		break;
	case 'l': case 'z': case 't':
		value = va_arg(*args, long);
		break;
	case 'h':
		value = (short)va_arg(*args, int);
		break;
	case 'H':
		value = (signed char)va_arg(*args, int);
		break;
	default:
		value = va_arg(*args, int);
	}
	*negative = value < 0;
	return *negative ? 0 - (unsigned long long)value : (unsigned long long)value;
}

static unsigned long long unsigned_arg(const struct spec *spec, va_list *args)
{
	switch (spec->qualifier) {
	case 'L': case 'j':
		return va_arg(*args, unsigned long long);
	case 'l': case 'z': case 't':
		return va_arg(*args, unsigned long);
	case 'h':
		return (unsigned short)va_arg(*args, unsigned int);
	case 'H':
		return (unsigned char)va_arg(*args, unsigned int);
	default:
		return va_arg(*args, unsigned int);
	}
}

static void out_integer(struct out *out, struct spec *spec, char conversion, va_list *args)
{
	bool negative = false;
	unsigned long long value;

	spec->base = conversion == 'o' ? 8 : (conversion | 0x20) == 'x' ? 16 : 10;
	if (conversion == 'X')
		spec->flags |= SPEC_UPPER;
	if (conversion == 'd' || conversion == 'i') {
		spec->flags |= SPEC_SIGNED;
		value = signed_arg(spec, args, &negative);
	} else {
		value = unsigned_arg(spec, args);
	}
	out_number(out, spec, value, negative);
}

/* Floating point: libc does it, with the conversion put together again. */
static void out_float(struct out *out, const struct spec *spec, char conversion, va_list *args)
{
	char fmt[16] = "%";
	char *at = fmt + 1;
	size_t room = out->len < out->size ? out->size - out->len : 0;
	char *to = room ? out->buf + out->len : NULL;
	int n;

	for (int i = 0; i < 5; i++)
		if (spec->flags & (1u << i))
			*at++ = "-+ #0"[i];
	*at++ = '*';
	*at++ = '.';
	*at++ = '*';
	if (spec->qualifier == 'L')
		*at++ = 'L';
	*at = conversion;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (spec->qualifier == 'L')
		n = snprintf(to, room, fmt, spec->width, spec->precision,
			     va_arg(*args, long double));
	else
		n = snprintf(to, room, fmt, spec->width, spec->precision, va_arg(*args, double));
#pragma GCC diagnostic pop
	out->len += n > 0 ? (size_t)n : 0;
}

/* One conversion; @fmt stands after the '%' and comes back after the conversion. */
static const char *out_conversion(struct out *out, const char *fmt, va_list *args)
{
	const char *start = fmt;
	struct spec spec = { .base = 10 };
	char c;

	parse_flags(&spec, &fmt);
	parse_width(&spec, &fmt, args);
	parse_precision(&spec, &fmt, args);
	parse_qualifier(&spec, &fmt);
	switch (*fmt) {
	case 'd': case 'i': case 'u': case 'o': case 'x': case 'X':
		out_integer(out, &spec, *fmt, args);
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		out_field(out, &spec, &c, 1);
		break;
	case 's':
		out_string(out, &spec, va_arg(*args, const char *));
		break;
	case 'p':
		return out_pointer(out, &spec, fmt + 1, va_arg(*args, const void *));
	case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'a': case 'A':
		out_float(out, &spec, *fmt, args);
		break;
	case 'n':
		(void)va_arg(*args, void *);
		break;
	case '%':
		out_char(out, '%');
		break;
	default:
		/* not a conversion: shown as it stands, no argument is taken */
		out_char(out, '%');
		return start;
	}
	return fmt + 1;
}

void out_format(struct out *out, const char *fmt, va_list *args)
{
	while (*fmt) {
		if (*fmt == '%')
			fmt = out_conversion(out, fmt + 1, args);
		else
			out_char(out, *fmt++);
	}
}

/**
 * uwq_vsnprintf - vsnprintf() of kernel code
 * @buf: where to, may be NULL if @size is 0
 * @size: room in @buf with the final NUL; above INT_MAX counts as a mistake: nothing is done
 * @fmt: format with the kernel's extensions
 * @args: arguments; used up
 *
 * Context: any. Return: the length of the whole text, however much fitted.
 */
int uwq_vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out out = { .buf = buf, .size = size };
	int saved = errno;
	va_list copy;

	if (size > INT_MAX)
		return 0;
	va_copy(copy, args);
	out_format(&out, fmt, &copy);
	va_end(copy);
	if (size)
		buf[out.len < size ? out.len : size - 1] = '\0';
	errno = saved;
	return (int)out.len;
}
EXPORT_SYMBOL(uwq_vsnprintf);

int uwq_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = uwq_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL(uwq_snprintf);

/**
 * vscnprintf - as vsnprintf(), but says how much was stored
 * @buf: where to
 * @size: room in @buf with the final NUL
 * @fmt: format
 * @args: arguments
 *
 * Context: any. Return: characters in @buf without the NUL; 0 if @size is 0.
 */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = uwq_vsnprintf(buf, size, fmt, args);

	if ((size_t)len < size)
		return len;
	return size ? (int)size - 1 : 0;
}
EXPORT_SYMBOL(vscnprintf);

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL(scnprintf);

int uwq_vsprintf(char *buf, const char *fmt, va_list args)
{
	return uwq_vsnprintf(buf, INT_MAX, fmt, args);
}
EXPORT_SYMBOL(uwq_vsprintf);

int uwq_sprintf(char *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = uwq_vsnprintf(buf, INT_MAX, fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL(uwq_sprintf);

/* Return: conversions stored; 0, not EOF, when the text ends before the first. */
int uwq_vsscanf(const char *buf, const char *fmt, va_list args)
{
	int saved = errno;
	int n = vsscanf(buf, fmt, args);

	errno = saved;
	return n < 0 ? 0 : n;
}
EXPORT_SYMBOL(uwq_vsscanf);

int uwq_sscanf(const char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = uwq_vsscanf(buf, fmt, args);
	va_end(args);
	return n;
}
EXPORT_SYMBOL(uwq_sscanf);

static char *kvasprintf_from(gfp_t gfp, const char *fmt, va_list args, const void *caller)
{
	int len = uwq_vsnprintf(NULL, 0, fmt, args);
	char *text = kmalloc_track_caller_ip((size_t)len + 1, gfp, caller);

	if (text)
		uwq_vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

/**
 * kvasprintf - format into memory of the right size
 * @gfp: how to allocate
 * @fmt: format
 * @args: arguments, which must not change meanwhile
 *
 * Context: as kmalloc() with @gfp. Return: text for kfree(), or NULL.
 */
char *kvasprintf(gfp_t gfp, const char *fmt, va_list args)
{
	return kvasprintf_from(gfp, fmt, args, __builtin_return_address(0));
}
EXPORT_SYMBOL(kvasprintf);

char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = kvasprintf_from(gfp, fmt, args, __builtin_return_address(0));
	va_end(args);
	return text;
}
EXPORT_SYMBOL(kasprintf);
