// SPDX-License-Identifier: MIT
/*
 * bitmap_text.c - bitmaps to text and back
 *
 * Two forms, those of Linux's sysfs files and module parameters:
 *
 *   hexadecimal  ff,0000000f     32 bits a group, highest first; what is read
 *				  may have shorter groups
 *   list	  0-3,8,16-31:2/4 numbers and ranges; "a-b:used/group" takes, of
 *				  each group of so many bits, the first used; "N"
 *				  is the last bit, "all" every bit
 *
 * A newline ends the text. Nothing is written behind the last bit.
 */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/hex.h>
#include <asm/page.h>

/* Text that is cut at the end of a buffer, as scnprintf() would. */
struct text {
	char *buf;
	size_t size;
	size_t len;
};

static void put_char(struct text *t, char c)
{
	if (t->len + 1 < t->size)
		t->buf[t->len++] = c;
}

static void put_number(struct text *t, unsigned long val)
{
	char digits[20];
	int n = 0;

	do {
		digits[n++] = '0' + val % 10;
		val /= 10;
	} while (val);
	while (n)
		put_char(t, digits[--n]);
}

static void put_list(struct text *t, const unsigned long *map, unsigned int nbits)
{
	unsigned int first, last, pos = 0;
	bool comma = false;

	while ((first = find_next_bit(map, nbits, pos)) < nbits) {
		pos = find_next_zero_bit(map, nbits, first);
		last = pos - 1;
		if (comma)
			put_char(t, ',');
		comma = true;
		put_number(t, first);
		if (last > first) {
			put_char(t, '-');
			put_number(t, last);
		}
	}
}

static void put_hex(struct text *t, const unsigned long *map, unsigned int nbits)
{
	unsigned int digit = (nbits + 3) / 4;
	unsigned long word;

	while (digit--) {
		word = __atomic_load_n(&map[digit / 16], __ATOMIC_RELAXED);
		if (digit / 16 == BIT_WORD(nbits))
			word &= BITMAP_LAST_WORD_MASK(nbits);
		put_char(t, hex_asc_lo(word >> (digit % 16 * 4)));
		if (digit && digit % 8 == 0)
			put_char(t, ',');
	}
}

/**
 * uwq_bitmap_format - a bitmap as text
 * @list: in list form, else hexadecimal
 * @buf: where to; always terminated when @size > 0
 * @size: bytes there
 * @map: the bitmap
 * @nbits: its size
 *
 * Return: the length of the text in @buf.
 */
int uwq_bitmap_format(bool list, char *buf, size_t size, const unsigned long *map, int nbits)
{
	struct text t = { .buf = buf, .size = size };

	if (!size)
		return 0;
	if (nbits > 0 && list)
		put_list(&t, map, nbits);
	else if (nbits > 0)
		put_hex(&t, map, nbits);
	buf[t.len] = '\0';
	return t.len;
}

/**
 * bitmap_print_to_pagebuf - a bitmap as the text of a sysfs file
 * @list: in list form, else hexadecimal
 * @buf: inside a page; text and newline go up to the page's end
 * @map: the bitmap
 * @nbits: its size
 *
 * Return: bytes written, without the terminating zero.
 */
int bitmap_print_to_pagebuf(bool list, char *buf, const unsigned long *map, int nbits)
{
	size_t room = PAGE_SIZE - offset_in_page(buf);
	int len;

	if (room < 2)
		return 0;
	len = uwq_bitmap_format(list, buf, room - 1, map, nbits);
	buf[len++] = '\n';
	buf[len] = '\0';
	return len;
}
EXPORT_SYMBOL(bitmap_print_to_pagebuf);

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What ends a number or group: a comma, white space. */
static bool is_separator(char c)
{
	return c == ',' || is_space(c);
}

/* Length of the text: up to a newline, a zero, or @len. */
static size_t text_length(const char *buf, size_t len)
{
	size_t n = 0;

	while (n < len && buf[n] && buf[n] != '\n')
		n++;
	return n;
}

/* The group of digits that ends at @end, read towards the front. */
static int take_group(const char *buf, size_t *end, u32 *group)
{
	int digit, shift = 0;

	*group = 0;
	while (*end && !is_separator(buf[*end - 1])) {
		digit = hex_to_bin(buf[*end - 1]);
		if (digit < 0)
			return -EINVAL;
		if (shift == 32)
			return -EOVERFLOW;
		*group |= (u32)digit << shift;
		shift += 4;
		--*end;
	}
	return 0;
}

/**
 * bitmap_parse - a bitmap from hexadecimal text
 * @buf: the text
 * @buflen: bytes that may be looked at
 * @dst: where to; all of it is written, unless the text is wrong
 * @nbits: its size
 *
 * Return: 0; -EINVAL for what is not a digit; -EOVERFLOW for a group of more
 * than eight digits or a bit behind the last.
 */
int bitmap_parse(const char *buf, unsigned int buflen, unsigned long *dst, int nbits)
{
	size_t end = text_length(buf, buflen);
	unsigned int bit = 0, size = nbits;
	u32 group;
	int err;

	bitmap_zero(dst, size);
	for (;; bit += 32) {
		while (end && is_separator(buf[end - 1]))
			end--;
		if (!end)
			return 0;
		err = take_group(buf, &end, &group);
		if (err)
			return err;
		if (bit >= size || (size - bit < 32 && group >> (size - bit)))
			return -EOVERFLOW;
		dst[bit / BITS_PER_LONG] |= (unsigned long)group << (bit % BITS_PER_LONG);
	}
}
EXPORT_SYMBOL(bitmap_parse);

/* One element of a list: first to last, of each group the first used. */
struct range {
	unsigned int first, last, used, group;
};

/* A number, or N for the last bit. */
static int take_number(const char **p, unsigned int *val, unsigned int nbits)
{
	const char *s = *p;
	unsigned long n = 0;

	if (*s == 'N') {
		*val = nbits - 1;
		*p = s + 1;
		return 0;
	}
	if (*s < '0' || *s > '9')
		return -EINVAL;
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (*s - '0');
		if (n > INT_MAX)
			return -EOVERFLOW;
	}
	*val = n;
	*p = s;
	return 0;
}

static bool ends_element(char c)
{
	return !c || is_separator(c);
}

/* "a", "a-b" or "a-b:used/group", with "all" for the whole range. */
static int take_range(const char **p, struct range *r, unsigned int nbits)
{
	const char *s = *p;
	int err;

	if ((s[0] | 0x20) == 'a' && (s[1] | 0x20) == 'l' && (s[2] | 0x20) == 'l') {
		r->first = 0;
		r->last = nbits - 1;
		s += 3;
	} else {
		err = take_number(&s, &r->first, nbits);
		if (err)
			return err;
		r->last = r->first;
		if (*s == '-') {
			s++;
			err = take_number(&s, &r->last, nbits);
			if (err)
				return err;
		}
	}
	r->used = r->group = r->last - r->first + 1;
	if (*s == ':') {
		s++;
		err = take_number(&s, &r->used, nbits);
		if (err)
			return err;
		if (*s++ != '/')
			return -EINVAL;
		err = take_number(&s, &r->group, nbits);
		if (err)
			return err;
	}
	*p = s;
	return ends_element(*s) ? 0 : -EINVAL;
}

static int set_range(unsigned long *dst, const struct range *r, unsigned int nbits)
{
	if (r->first > r->last || r->group == 0 || r->used > r->group)
		return -EINVAL;
	if (r->last >= nbits)
		return -ERANGE;
	for (unsigned long pos = r->first; pos <= r->last; pos += r->group)
		bitmap_set(dst, pos, r->used < r->last - pos + 1 ? r->used : r->last - pos + 1);
	return 0;
}

/**
 * bitmap_parselist - a bitmap from a list of numbers and ranges
 * @buf: the text, ended by a zero or a newline
 * @dst: where to; all of it is written, in part when the text is wrong
 * @nbits: its size
 *
 * Return: 0; -EINVAL for text that is no list, or a range that runs backwards;
 * -ERANGE for a bit behind the last; -EOVERFLOW for a number beyond int.
 */
int bitmap_parselist(const char *buf, unsigned long *dst, int nbits)
{
	struct range r;
	int err;

	bitmap_zero(dst, nbits);
	for (;;) {
		while (*buf != '\n' && is_separator(*buf))
			buf++;
		if (!*buf || *buf == '\n')
			return 0;
		err = take_range(&buf, &r, nbits);
		if (!err)
			err = set_range(dst, &r, nbits);
		if (err)
			return err;
	}
}
EXPORT_SYMBOL(bitmap_parselist);
