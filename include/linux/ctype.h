/* SPDX-License-Identifier: MIT */
/*
 * linux/ctype.h - kinds of characters, whatever the locale
 *
 * libc's functions of these names follow the locale. Its header is included
 * first, so that it cannot come later and meet our macros; they then take its
 * place, with the kernel's table: ASCII and the upper half of Latin-1.
 *
 * Differs from Linux: in C++ the names stay libc's.
 */
#ifndef UWQ_LINUX_CTYPE_H
#define UWQ_LINUX_CTYPE_H

#include <ctype.h>
#include <linux/compiler.h>
#include <linux/types.h>

#ifndef __cplusplus

static inline bool uwq_isdigit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static inline bool uwq_isupper(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7);
}

static inline bool uwq_islower(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7);
}

static inline bool uwq_isspace(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
}

static inline bool uwq_iscntrl(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

static inline bool uwq_isalnum(unsigned char c)
{
	return uwq_isdigit(c) || uwq_isupper(c) || uwq_islower(c);
}

static inline bool uwq_isxdigit(unsigned char c)
{
	return uwq_isdigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static inline bool uwq_ispunct(unsigned char c)
{
	return (c > ' ' && c < 0x7f && !uwq_isalnum(c)) || (c > 0xa0 && c < 0xc0) ||
	       c == 0xd7 || c == 0xf7;
}

static inline unsigned char uwq_tolower(unsigned char c)
{
	return uwq_isupper(c) ? c + 0x20 : c;
}

static inline unsigned char uwq_toupper(unsigned char c)
{
	return uwq_islower(c) && c != 0xdf && c != 0xff ? c - 0x20 : c;
}

#undef isalnum
#undef isalpha
#undef iscntrl
#undef isdigit
#undef isgraph
#undef islower
#undef isprint
#undef ispunct
#undef isspace
#undef isupper
#undef isxdigit
#undef isascii
#undef toascii
#undef tolower
#undef toupper
#undef _tolower

#define isalnum(c)	uwq_isalnum(c)
#define isalpha(c)	(uwq_isupper(c) || uwq_islower(c))
#define iscntrl(c)	uwq_iscntrl(c)
#define isdigit(c)	uwq_isdigit(c)
#define isgraph(c)	(uwq_isalnum(c) || uwq_ispunct(c))
#define islower(c)	uwq_islower(c)
#define isprint(c)	(uwq_isalnum(c) || uwq_ispunct(c) || (c) == ' ' || (unsigned char)(c) == 0xa0)
#define ispunct(c)	uwq_ispunct(c)
#define isspace(c)	uwq_isspace(c)
#define isupper(c)	uwq_isupper(c)
#define isxdigit(c)	uwq_isxdigit(c)
#define isascii(c)	(((unsigned char)(c)) <= 0x7f)
#define toascii(c)	(((unsigned char)(c)) & 0x7f)
#define tolower(c)	uwq_tolower(c)
#define toupper(c)	uwq_toupper(c)

/* For letters only: quick, wrong for other characters. */
#define _tolower(c)	((char)((c) | 0x20))

static inline int isodigit(const char c)
{
	return c >= '0' && c <= '7';
}

#endif
#endif
