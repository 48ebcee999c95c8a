/* SPDX-License-Identifier: MIT */
/*
 * linux/string.h - strings and memory
 *
 * What libc has under the same name is libc's function, declared here as it
 * declares it, so that string.h may come before or after, or not at all: it
 * also has names (index, basename) that a kernel file may use for its own.
 * What only the kernel has is in kernel-compat/string.c.
 *
 * Copying into a buffer: strscpy(), which always terminates and tells when the
 * text did not fit.
 */
#ifndef UWQ_LINUX_STRING_H
#define UWQ_LINUX_STRING_H

#include <linux/array_size.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/stdarg.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <uwq/api.h>

#ifdef __cplusplus
#include <string.h>
#else
void *memcpy(void *__restrict dest, const void *__restrict src, size_t n);
void *memmove(void *dest, const void *src, size_t n);
void *memset(void *s, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
char *strcpy(char *__restrict dest, const char *__restrict src);
char *strncpy(char *__restrict dest, const char *__restrict src, size_t n);
char *strcat(char *__restrict dest, const char *__restrict src);
char *strncat(char *__restrict dest, const char *__restrict src, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strpbrk(const char *s, const char *accept);
char *strstr(const char *s, const char *find);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
char *stpcpy(char *__restrict dest, const char *__restrict src);
char *strsep(char **__restrict s, const char *__restrict delim);
char *strchrnul(const char *s, int c);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t n);
#endif

UWQ_API_BEGIN

/* Newer libcs have these two as well, and mean the same. */
size_t strlcpy(char *__restrict dest, const char *__restrict src, size_t size);
size_t strlcat(char *__restrict dest, const char *__restrict src, size_t size);

ssize_t sized_strscpy(char *dest, const char *src, size_t size);
ssize_t uwq_strscpy_pad(char *dest, const char *src, size_t size);

/* As strchr() and strstr(), within the first @n bytes. */
char *strnchr(const char *s, size_t n, int c);
char *strnstr(const char *s, const char *find, size_t n);
/* As strnchr(), with the end of the text instead of NULL. */
char *strnchrnul(const char *s, size_t n, int c);

/* The first character that is no white space. */
char * __must_check skip_spaces(const char *s);
/* Cuts white space at the end and steps over it at the start. */
char *strim(char *s);
/* Puts @to for each @from; returns @s. */
char *strreplace(char *s, char from, char to);

/* The first of @n bytes that is @c; like memchr(), but the end when there is none. */
void *memscan(void *s, int c, size_t n);
/* The first of @n bytes that is not @c; NULL when all are. */
void *memchr_inv(const void *s, int c, size_t n);

void *memset16(u16 *s, u16 v, size_t count);
void *memset32(u32 *s, u32 v, size_t count);
void *memset64(u64 *s, u64 v, size_t count);
/* memset() to zero that the compiler does not leave out. */
void memzero_explicit(void *s, size_t count);
/* @count bytes to the end of @dest, the rest of its @dest_len bytes @pad. */
void memcpy_and_pad(void *dest, size_t dest_len, const void *src, size_t count, int pad);

/* Equal, but for one newline at the end of either. */
bool sysfs_streq(const char *a, const char *b);
/* The index of @string in an array that ends with NULL or after @n; -EINVAL. */
int match_string(const char * const *array, size_t n, const char *string);
/* The same with sysfs_streq(). */
int __sysfs_match_string(const char * const *array, size_t n, const char *string);

/* Copies from kernel-compat/slab_strings.c; the caller frees with kfree(). */
char *kstrdup(const char *s, gfp_t gfp) __malloc;
const char *kstrdup_const(const char *s, gfp_t gfp);
void kfree_const(const void *x);
char *kstrndup(const char *s, size_t len, gfp_t gfp) __malloc;
void *kmemdup(const void *src, size_t len, gfp_t gfp) __malloc;
void *kvmemdup(const void *src, size_t len, gfp_t gfp) __malloc;
char *kmemdup_nul(const char *s, size_t len, gfp_t gfp) __malloc;
void *kmemdup_array(const void *src, size_t count, size_t element_size, gfp_t gfp) __malloc;

UWQ_API_END

#define sysfs_match_string(array, string)	\
	__sysfs_match_string((array), ARRAY_SIZE(array), (string))

#ifndef __cplusplus
/*
 * strscpy(dest, src) for an array, strscpy(dest, src, size) for anything:
 * length of the copy, or -E2BIG when it was cut (and terminated all the same).
 * strscpy_pad() fills the rest of the buffer with zeros.
 */
#define strscpy(dest, ...)	\
	UWQ_STRSCPY_PICK(__VA_ARGS__, uwq_strscpy3, uwq_strscpy2)(sized_strscpy, dest, __VA_ARGS__)
#define strscpy_pad(dest, ...)	\
	UWQ_STRSCPY_PICK(__VA_ARGS__, uwq_strscpy3, uwq_strscpy2)(uwq_strscpy_pad, dest, __VA_ARGS__)
#define UWQ_STRSCPY_PICK(src, size, pick, ...)	pick
#define uwq_strscpy3(copy, dest, src, size)	copy((dest), (src), (size))
#define uwq_strscpy2(copy, dest, src)		\
	copy((dest), (src), sizeof(dest) + __must_be_array(dest))
#endif

static inline void *memset_l(unsigned long *s, unsigned long v, size_t n)
{
	return memset64((u64 *)s, v, n);
}

static inline void *memset_p(void **s, void *v, size_t n)
{
	return memset64((u64 *)s, (unsigned long)v, n);
}

/* What follows the last slash. */
static inline const char *kbasename(const char *path)
{
	const char *tail = strrchr(path, '/');

	return tail ? tail + 1 : path;
}

static inline bool strstarts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* The length of @prefix when @s begins with it, else 0. */
static __always_inline size_t str_has_prefix(const char *s, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(s, prefix, len) == 0 ? len : 0;
}

static inline bool mem_is_zero(const void *s, size_t n)
{
	return !memchr_inv(s, 0, n);
}

#endif
