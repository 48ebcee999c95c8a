/* SPDX-License-Identifier: MIT */
/*
 * linux/uuid.h - universally unique identifiers
 *
 * A uuid_t has its bytes as they are written; a guid_t has the first three
 * groups with the lowest byte first.
 */
#ifndef UWQ_LINUX_UUID_H
#define UWQ_LINUX_UUID_H

#if __has_include_next(<linux/uuid.h>)
#include_next <linux/uuid.h>
#endif
#include <linux/string.h>
#include <linux/types.h>
#include <uwq/api.h>

#define UUID_SIZE		16
#define UUID_STRING_LEN		36

typedef struct {
	__u8 b[UUID_SIZE];
} uuid_t;

#define UUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)			\
((uuid_t) {{ ((a) >> 24) & 0xff, ((a) >> 16) & 0xff, ((a) >> 8) & 0xff, (a) & 0xff, \
	     ((b) >> 8) & 0xff, (b) & 0xff, ((c) >> 8) & 0xff, (c) & 0xff,	\
	     (d0), (d1), (d2), (d3), (d4), (d5), (d6), (d7) }})

UWQ_API_BEGIN
extern const uuid_t uuid_null;
extern const guid_t guid_null;

/* A random one (version 4). */
void uuid_gen(uuid_t *u);
void guid_gen(guid_t *u);
void generate_random_uuid(unsigned char uuid[UUID_SIZE]);
void generate_random_guid(unsigned char guid[UUID_SIZE]);

/* From xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx; what follows is not looked at. */
bool __must_check uuid_is_valid(const char *uuid);
int uuid_parse(const char *uuid, uuid_t *u);
int guid_parse(const char *uuid, guid_t *u);
UWQ_API_END

static inline bool uuid_equal(const uuid_t *a, const uuid_t *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline void uuid_copy(uuid_t *dst, const uuid_t *src)
{
	*dst = *src;
}

static inline bool uuid_is_null(const uuid_t *u)
{
	return uuid_equal(u, &uuid_null);
}

static inline bool guid_equal(const guid_t *a, const guid_t *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline void guid_copy(guid_t *dst, const guid_t *src)
{
	*dst = *src;
}

static inline bool guid_is_null(const guid_t *u)
{
	return guid_equal(u, &guid_null);
}

#endif
