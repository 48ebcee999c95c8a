// SPDX-License-Identifier: MIT
/*
 * cmdline.c - values as people write them on a command line
 *
 * Sizes with a letter behind them, and lists of numbers with ranges.
 */
#include <linux/export.h>
#include <linux/kernel.h>

/* The power of 1024 that a letter stands for; 0 for another letter. */
static unsigned int unit_power(char c)
{
	switch (c | 0x20) {
	case 'k': return 1;
	case 'm': return 2;
	case 'g': return 3;
	case 't': return 4;
	case 'p': return 5;
	case 'e': return 6;
	}
	return 0;
}

/**
 * memparse - a size such as 64k or 0x10M
 * @ptr: the text
 * @retptr: if given, becomes what follows the size
 *
 * Return: the size in bytes; it wraps when too large.
 */
unsigned long long memparse(const char *ptr, char **retptr)
{
	char *end;
	unsigned long long size = simple_strtoull(ptr, &end, 0);
	unsigned int power = unit_power(*end);

	if (power)
		end++;
	if (retptr)
		*retptr = end;
	return size << (10 * power);
}
EXPORT_SYMBOL(memparse);

/**
 * get_option - one number of a list
 * @str: the text; moved behind the number, and behind a comma after it
 * @pint: where to; NULL to only look
 *
 * Return: 0 when there is no number, 1 for a number, 2 for a number with a
 * comma behind it, 3 for one with a hyphen (left where it is) behind it.
 */
int get_option(char **str, int *pint)
{
	char *start = *str;
	long val;

	if (!start || !*start)
		return 0;
	val = simple_strtol(start, str, 0);
	if (pint)
		*pint = val;
	if (*str == start)
		return 0;
	if (**str == ',') {
		(*str)++;
		return 2;
	}
	return **str == '-' ? 3 : 1;
}
EXPORT_SYMBOL(get_option);

/**
 * get_options - a list of numbers and ranges
 * @str: the text, 1,4-6,9 for example
 * @nints: elements in @ints; 0 to only count
 * @ints: where to; ints[0] becomes how many numbers were read
 *
 * Return: what follows the list, or where it did not fit.
 */
char *get_options(const char *str, int nints, int *ints)
{
	int nr = 1, kind = 2, val, last;
	bool count_only = nints == 0;

	while ((kind == 2 || kind == 3) && (count_only || nr < nints)) {
		kind = get_option((char **)&str, &val);
		if (!kind)
			break;
		last = val;
		if (kind == 3) {
			str++;
			kind = get_option((char **)&str, &last);
			if (!kind || last < val)
				break;
		}
		for (; val <= last && (count_only || nr < nints); val++) {
			if (!count_only)
				ints[nr] = val;
			nr++;
		}
	}
	ints[0] = nr - 1;
	return (char *)str;
}
EXPORT_SYMBOL(get_options);
