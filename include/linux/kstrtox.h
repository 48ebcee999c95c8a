/* SPDX-License-Identifier: MIT */
/*
 * kstrtox.h - numbers from text
 *
 * kstrto*() take the whole text, which may end in one newline, and nothing
 * else: no white space, no letters behind. 0; -EINVAL for what is no number;
 * -ERANGE for one that does not fit; *@res is written only on success. @base is
 * 2 to 16, or 0 to tell by 0x and 0. A sign + is allowed, - for signed types.
 *
 * simple_strto*() read as far as there are digits and never fail; overflow wraps.
 *
 * Differs from Linux: no *_from_user forms.
 */
#ifndef UWQ_LINUX_KSTRTOX_H
#define UWQ_LINUX_KSTRTOX_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <uwq/api.h>

UWQ_API_BEGIN
int __must_check kstrtoull(const char *s, unsigned int base, unsigned long long *res);
int __must_check kstrtoll(const char *s, unsigned int base, long long *res);
int __must_check kstrtoul(const char *s, unsigned int base, unsigned long *res);
int __must_check kstrtol(const char *s, unsigned int base, long *res);
int __must_check kstrtouint(const char *s, unsigned int base, unsigned int *res);
int __must_check kstrtoint(const char *s, unsigned int base, int *res);
int __must_check kstrtou16(const char *s, unsigned int base, u16 *res);
int __must_check kstrtos16(const char *s, unsigned int base, s16 *res);
int __must_check kstrtou8(const char *s, unsigned int base, u8 *res);
int __must_check kstrtos8(const char *s, unsigned int base, s8 *res);
/* y, Y, t, T, 1, on; n, N, f, F, 0, off. Only the first letters are looked at. */
int __must_check kstrtobool(const char *s, bool *res);

unsigned long long simple_strtoull(const char *cp, char **endp, unsigned int base);
long long simple_strtoll(const char *cp, char **endp, unsigned int base);
unsigned long simple_strtoul(const char *cp, char **endp, unsigned int base);
long simple_strtol(const char *cp, char **endp, unsigned int base);
UWQ_API_END

static inline int __must_check kstrtou64(const char *s, unsigned int base, u64 *res)
{
	return kstrtoull(s, base, res);
}

static inline int __must_check kstrtos64(const char *s, unsigned int base, s64 *res)
{
	return kstrtoll(s, base, res);
}

static inline int __must_check kstrtou32(const char *s, unsigned int base, u32 *res)
{
	return kstrtouint(s, base, res);
}

static inline int __must_check kstrtos32(const char *s, unsigned int base, s32 *res)
{
	return kstrtoint(s, base, res);
}

#endif
