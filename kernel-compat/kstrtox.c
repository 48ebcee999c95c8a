// SPDX-License-Identifier: MIT
/*
 * kstrtox.c - numbers from text
 *
 * The strict family (kstrto*) and the lenient one (simple_strto*), on one
 * reader of digits. Nothing is written through @res unless the text is a
 * number that fits.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/hex.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>

static bool is_hex_prefix(const char *s)
{
	return s[0] == '0' && (s[1] | 0x20) == 'x' && hex_to_bin(s[2]) >= 0;
}

/* Settles a base of 0 and steps over a 0x that belongs to it. */
static const char *skip_prefix(const char *s, unsigned int *base)
{
	if (*base == 0) {
		if (is_hex_prefix(s))
			*base = 16;
		else
			*base = *s == '0' ? 8 : 10;
	}
	if (*base == 16 && s[0] == '0' && (s[1] | 0x20) == 'x')
		s += 2;
	return s;
}

/* Reads digits; returns how many. The value wraps, and *overflow says that it did. */
static size_t read_digits(const char *s, unsigned int base, unsigned long long *val,
			  bool *overflow)
{
	size_t n = 0;

	*val = 0;
	*overflow = false;
	for (;; n++) {
		int digit = hex_to_bin(s[n]);

		if (digit < 0 || (unsigned int)digit >= base)
			return n;
		if (*val > (ULLONG_MAX - digit) / base)
			*overflow = true;
		*val = *val * base + digit;
	}
}

/* The text behind the sign. */
static int read_whole(const char *s, unsigned int base, unsigned long long *val)
{
	bool overflow;
	size_t n;

	s = skip_prefix(s, &base);
	n = read_digits(s, base, val, &overflow);
	if (n == 0)
		return -EINVAL;
	if (overflow)
		return -ERANGE;
	s += n;
	if (*s == '\n')
		s++;
	return *s ? -EINVAL : 0;
}

/**
 * kstrtoull - an unsigned long long from text
 * @s: the text: + or nothing, digits, a newline or nothing
 * @base: 2 to 16; 0 to go by the prefix: 0x means 16, 0 means 8
 * @res: where to
 *
 * Return: 0, -EINVAL, -ERANGE. @res is left alone in the last two cases.
 */
int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	unsigned long long val;
	int err = read_whole(*s == '+' ? s + 1 : s, base, &val);

	if (!err)
		*res = val;
	return err;
}
EXPORT_SYMBOL(kstrtoull);

/**
 * kstrtoll - a long long from text
 * @s: as for kstrtoull(), or with - in front
 * @base: as for kstrtoull()
 * @res: where to
 *
 * Return: 0, -EINVAL, -ERANGE.
 */
int kstrtoll(const char *s, unsigned int base, long long *res)
{
	unsigned long long val;
	int err;

	if (*s == '-') {
		err = read_whole(s + 1, base, &val);
		if (err)
			return err;
		if (val > (unsigned long long)LLONG_MAX + 1)
			return -ERANGE;
		*res = (long long)-val;
		return 0;
	}
	err = kstrtoull(s, base, &val);
	if (err)
		return err;
	if (val > LLONG_MAX)
		return -ERANGE;
	*res = val;
	return 0;
}
EXPORT_SYMBOL(kstrtoll);

/* The narrower types: read the widest, see whether it survives. */
#define DEFINE_NARROW(name, type, wide, read)				\
int name(const char *s, unsigned int base, type *res)			\
{									\
	wide val;							\
	int err = read(s, base, &val);					\
									\
	if (err)							\
		return err;						\
	if (val != (wide)(type)val)					\
		return -ERANGE;						\
	*res = val;							\
	return 0;							\
}									\
EXPORT_SYMBOL(name)

DEFINE_NARROW(kstrtoul, unsigned long, unsigned long long, kstrtoull);
DEFINE_NARROW(kstrtol, long, long long, kstrtoll);
DEFINE_NARROW(kstrtouint, unsigned int, unsigned long long, kstrtoull);
DEFINE_NARROW(kstrtoint, int, long long, kstrtoll);
DEFINE_NARROW(kstrtou16, u16, unsigned long long, kstrtoull);
DEFINE_NARROW(kstrtos16, s16, long long, kstrtoll);
DEFINE_NARROW(kstrtou8, u8, unsigned long long, kstrtoull);
DEFINE_NARROW(kstrtos8, s8, long long, kstrtoll);

/**
 * kstrtobool - yes or no from text
 * @s: text; what follows the letters that decide is not looked at
 * @res: where to
 *
 * Return: 0 or -EINVAL.
 */
int kstrtobool(const char *s, bool *res)
{
	if (!s)
		return -EINVAL;
	switch (*s) {
	case 'y': case 'Y': case 't': case 'T': case '1':
		*res = true;
		return 0;
	case 'n': case 'N': case 'f': case 'F': case '0':
		*res = false;
		return 0;
	case 'o': case 'O':
		if ((s[1] | 0x20) == 'n')
			*res = true;
		else if ((s[1] | 0x20) == 'f')
			*res = false;
		else
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}
EXPORT_SYMBOL(kstrtobool);

/**
 * simple_strtoull - a number from the start of a text
 * @cp: the text
 * @endp: if given, becomes what follows the number
 * @base: as for kstrtoull()
 *
 * Return: the number, 0 if there are no digits; it wraps when too large.
 */
unsigned long long simple_strtoull(const char *cp, char **endp, unsigned int base)
{
	unsigned long long val;
	bool overflow;

	cp = skip_prefix(cp, &base);
	cp += read_digits(cp, base, &val, &overflow);
	if (endp)
		*endp = (char *)cp;
	return val;
}
EXPORT_SYMBOL(simple_strtoull);

long long simple_strtoll(const char *cp, char **endp, unsigned int base)
{
	if (*cp == '-')
		return -simple_strtoull(cp + 1, endp, base);
	return simple_strtoull(cp, endp, base);
}
EXPORT_SYMBOL(simple_strtoll);

unsigned long simple_strtoul(const char *cp, char **endp, unsigned int base)
{
	return simple_strtoull(cp, endp, base);
}
EXPORT_SYMBOL(simple_strtoul);

long simple_strtol(const char *cp, char **endp, unsigned int base)
{
	return simple_strtoll(cp, endp, base);
}
EXPORT_SYMBOL(simple_strtol);
