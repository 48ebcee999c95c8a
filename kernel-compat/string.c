// SPDX-License-Identifier: MIT
/*
 * string.c - string and memory functions that only the kernel has
 *
 * The rest is libc's; linux/string.h says which is which. Nothing here
 * allocates or locks, so all of it may be called in any context.
 */
#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/string.h>

/**
 * sized_strscpy - copy a string into a buffer; what strscpy() calls
 * @dest: the buffer, terminated afterwards unless @size is 0
 * @src: the string
 * @size: bytes in @dest
 *
 * Reads no byte of @src behind its end or behind @size.
 * Return: the length of the copy; -E2BIG when it was cut, or @size is 0 or
 * beyond INT_MAX.
 */
ssize_t sized_strscpy(char *dest, const char *src, size_t size)
{
	size_t len;

	if (size == 0 || size > INT_MAX)
		return -E2BIG;
	len = strnlen(src, size);
	if (len == size) {
		memcpy(dest, src, size - 1);
		dest[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dest, src, len);
	dest[len] = '\0';
	return len;
}
EXPORT_SYMBOL(sized_strscpy);

/* sized_strscpy(), and zeros to the end of the buffer. */
ssize_t uwq_strscpy_pad(char *dest, const char *src, size_t size)
{
	ssize_t len = sized_strscpy(dest, src, size);

	if (len >= 0)
		memset(dest + len, 0, size - len);
	return len;
}

/* Weak: where libc has these two, one definition is enough. */
__weak size_t strlcpy(char *__restrict dest, const char *__restrict src, size_t size)
{
	size_t len = strlen(src), part = len < size ? len : size - 1;

	if (size) {
		memcpy(dest, src, part);
		dest[part] = '\0';
	}
	return len;
}
EXPORT_SYMBOL(strlcpy);

__weak size_t strlcat(char *__restrict dest, const char *__restrict src, size_t size)
{
	size_t len = strnlen(dest, size);

	if (len == size)
		return size + strlen(src);
	return len + strlcpy(dest + len, src, size - len);
}
EXPORT_SYMBOL(strlcat);

char *strnchrnul(const char *s, size_t n, int c)
{
	while (n && *s && *s != (char)c) {
		s++;
		n--;
	}
	return (char *)s;
}

char *strnchr(const char *s, size_t n, int c)
{
	for (; n; n--, s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			break;
	}
	return NULL;
}
EXPORT_SYMBOL(strnchr);

char *strnstr(const char *s, const char *find, size_t n)
{
	size_t len = strlen(find);

	for (; n >= len; n--, s++) {
		if (!strncmp(s, find, len))
			return (char *)s;
		if (!*s)
			break;
	}
	return NULL;
}
EXPORT_SYMBOL(strnstr);

char *skip_spaces(const char *s)
{
	while (isspace(*s))
		s++;
	return (char *)s;
}
EXPORT_SYMBOL(skip_spaces);

/**
 * strim - cut white space at both ends
 * @s: the string; its end is cut in place
 *
 * Return: the first character that is no white space, within @s.
 */
char *strim(char *s)
{
	size_t len = strlen(s);

	while (len && isspace(s[len - 1]))
		len--;
	s[len] = '\0';
	return skip_spaces(s);
}
EXPORT_SYMBOL(strim);

char *strreplace(char *s, char from, char to)
{
	for (char *p = s; *p; p++)
		if (*p == from)
			*p = to;
	return s;
}
EXPORT_SYMBOL(strreplace);

void *memscan(void *s, int c, size_t n)
{
	void *found = memchr(s, c, n);

	return found ? found : (char *)s + n;
}
EXPORT_SYMBOL(memscan);

/**
 * memchr_inv - the first byte that is not the expected one
 * @s: the memory
 * @c: the byte expected everywhere
 * @n: bytes
 *
 * Return: that byte's address, or NULL when all @n are @c.
 */
void *memchr_inv(const void *s, int c, size_t n)
{
	const unsigned char *p = s;
	u64 wide = (u8)c * 0x0101010101010101ull, word;

	for (; n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		if (word != wide)
			break;
	}
	for (; n; p++, n--)
		if (*p != (u8)c)
			return (void *)p;
	return NULL;
}
EXPORT_SYMBOL(memchr_inv);

void *memset16(u16 *s, u16 v, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s[i] = v;
	return s;
}
EXPORT_SYMBOL(memset16);

void *memset32(u32 *s, u32 v, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s[i] = v;
	return s;
}
EXPORT_SYMBOL(memset32);

void *memset64(u64 *s, u64 v, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s[i] = v;
	return s;
}
EXPORT_SYMBOL(memset64);

void memzero_explicit(void *s, size_t count)
{
	memset(s, 0, count);
	barrier_data(s);
}
EXPORT_SYMBOL(memzero_explicit);

void memcpy_and_pad(void *dest, size_t dest_len, const void *src, size_t count, int pad)
{
	if (count >= dest_len) {
		memcpy(dest, src, dest_len);
		return;
	}
	memcpy(dest, src, count);
	memset((char *)dest + count, pad, dest_len - count);
}
EXPORT_SYMBOL(memcpy_and_pad);

/* Nothing left, but for one newline. */
static bool at_end(const char *s)
{
	return !*s || (*s == '\n' && !s[1]);
}

/**
 * sysfs_streq - compare what a person wrote into a file with a word
 * @a: one string
 * @b: the other
 *
 * Return: true when equal, if one newline at the end of either is not counted.
 */
bool sysfs_streq(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return at_end(a) && at_end(b);
}
EXPORT_SYMBOL(sysfs_streq);

int match_string(const char * const *array, size_t n, const char *string)
{
	for (size_t i = 0; i < n && array[i]; i++)
		if (!strcmp(array[i], string))
			return i;
	return -EINVAL;
}
EXPORT_SYMBOL(match_string);

int __sysfs_match_string(const char * const *array, size_t n, const char *string)
{
	for (size_t i = 0; i < n && array[i]; i++)
		if (sysfs_streq(array[i], string))
			return i;
	return -EINVAL;
}
EXPORT_SYMBOL(__sysfs_match_string);
