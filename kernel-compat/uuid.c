// SPDX-License-Identifier: MIT
/*
 * uuid.c - making and reading universally unique identifiers
 *
 * One is 16 bytes, written as hexadecimal digits in groups of 4, 2, 2, 2 and 6
 * bytes. In a uuid_t the bytes stand as written; in a guid_t each of the first
 * three groups is a number with its lowest byte first.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/hex.h>
#include <linux/random.h>
#include <linux/uuid.h>

const uuid_t uuid_null;
const guid_t guid_null;
EXPORT_SYMBOL(uuid_null);
EXPORT_SYMBOL(guid_null);

/* Where byte i, as written, lies in each of the two. */
static const u8 uuid_place[UUID_SIZE] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
static const u8 guid_place[UUID_SIZE] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

/* RFC 4122: the version in the seventh byte, the variant in the ninth. */
static void generate(unsigned char *b, const u8 *place)
{
	get_random_bytes(b, UUID_SIZE);
	b[place[6]] = (b[place[6]] & 0x0f) | 0x40;
	b[place[8]] = (b[place[8]] & 0x3f) | 0x80;
}

void generate_random_uuid(unsigned char uuid[UUID_SIZE])
{
	generate(uuid, uuid_place);
}
EXPORT_SYMBOL(generate_random_uuid);

void generate_random_guid(unsigned char guid[UUID_SIZE])
{
	generate(guid, guid_place);
}
EXPORT_SYMBOL(generate_random_guid);

void uuid_gen(uuid_t *u)
{
	generate(u->b, uuid_place);
}
EXPORT_SYMBOL(uuid_gen);

void guid_gen(guid_t *u)
{
	generate(u->b, guid_place);
}
EXPORT_SYMBOL(guid_gen);

static bool is_hyphen_place(int i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

/**
 * uuid_is_valid - is this the text of an identifier?
 * @uuid: text; what follows the 36 characters is not looked at
 */
bool uuid_is_valid(const char *uuid)
{
	for (int i = 0; i < UUID_STRING_LEN; i++) {
		if (is_hyphen_place(i) ? uuid[i] != '-' : hex_to_bin(uuid[i]) < 0)
			return false;
	}
	return true;
}
EXPORT_SYMBOL(uuid_is_valid);

static int parse(const char *text, unsigned char *b, const u8 *place)
{
	if (!uuid_is_valid(text))
		return -EINVAL;
	for (int i = 0; i < UUID_SIZE; i++) {
		if (*text == '-')
			text++;
		b[place[i]] = hex_to_bin(text[0]) << 4 | hex_to_bin(text[1]);
		text += 2;
	}
	return 0;
}

/* 0, or -EINVAL and @u is left alone. */
int uuid_parse(const char *uuid, uuid_t *u)
{
	return parse(uuid, u->b, uuid_place);
}
EXPORT_SYMBOL(uuid_parse);

int guid_parse(const char *uuid, guid_t *u)
{
	return parse(uuid, u->b, guid_place);
}
EXPORT_SYMBOL(guid_parse);
