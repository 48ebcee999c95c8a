/* SPDX-License-Identifier: MIT */
/*
 * format.h - between the parts of the formatter: vsprintf.c (plain conversions)
 * and pointer_format.c (what follows %p)
 */
#ifndef UWQ_KERNEL_COMPAT_FORMAT_H
#define UWQ_KERNEL_COMPAT_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Where text goes. @len counts on when @size, which has room for the NUL, is full. */
struct out {
	char	*buf;
	size_t	 size;
	size_t	 len;
};

/* The first five in the order of "-+ #0" */
#define SPEC_LEFT	0x01u
#define SPEC_PLUS	0x02u
#define SPEC_SPACE	0x04u
#define SPEC_ALTERNATE	0x08u
#define SPEC_ZERO	0x10u
#define SPEC_SIGNED	0x20u
#define SPEC_UPPER	0x40u

/* One conversion, between its '%' and its letter. */
struct spec {
	unsigned int flags;
	int	     width;	/* 0 = none given */
	int	     precision;	/* -1 = none given */
	unsigned int base;
	char	     qualifier;	/* h, H for hh, l, L for ll, z, t, j; 0 = none */
};

void out_char(struct out *out, char c);
void out_string(struct out *out, const struct spec *spec, const char *text);
void out_number(struct out *out, const struct spec *spec, unsigned long long value, bool negative);
void out_format(struct out *out, const char *fmt, va_list *args);

/* @fmt stands after the 'p'; returns where the format goes on. */
const char *out_pointer(struct out *out, const struct spec *spec, const char *fmt,
			const void *ptr);

/* What to print instead of following a pointer that leads nowhere; else NULL. */
const char *bad_pointer_text(const void *ptr);

#endif
