// SPDX-License-Identifier: MIT
/*
 * The kernel's string functions: what they return, where they cut, and that
 * they touch nothing outside (run with the address sanitizer, that is checked
 * to the byte).
 */
#include "../kselftest_harness.h"

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/hex.h>
#include <linux/string.h>

TEST(strscpy_terminates_and_tells)
{
	char buf[6] = "zzzzz", *exact = malloc(3);

	EXPECT_EQ(3, strscpy(buf, "abc"));
	EXPECT_STREQ("abc", buf);
	EXPECT_EQ('z', buf[4]);
	EXPECT_EQ(5, strscpy(buf, "abcde"));
	EXPECT_EQ(-E2BIG, strscpy(buf, "abcdef"));
	EXPECT_STREQ("abcde", buf);
	EXPECT_EQ(-E2BIG, strscpy(buf, "xyz", 3));
	EXPECT_STREQ("xy", buf);
	EXPECT_EQ(-E2BIG, strscpy(buf, "q", 0));
	EXPECT_STREQ("xy", buf);
	memset(buf, 'z', sizeof(buf));
	EXPECT_EQ(1, strscpy_pad(buf, "a"));
	EXPECT_TRUE(mem_is_zero(buf + 1, 5));
	EXPECT_EQ(1, strscpy_pad(buf, "b", sizeof(buf)));
	/* the source need not be terminated behind the size */
	memcpy(exact, "abc", 3);
	EXPECT_EQ(-E2BIG, strscpy(buf, exact, 3));
	EXPECT_STREQ("ab", buf);
	free(exact);
}

TEST(strlcpy_and_strlcat_return_the_length_wanted)
{
	char buf[6] = "";

	EXPECT_EQ(3, strlcpy(buf, "abc", sizeof(buf)));
	EXPECT_EQ(7, strlcat(buf, "defg", sizeof(buf)));
	EXPECT_STREQ("abcde", buf);
	EXPECT_EQ(9, strlcpy(buf, "123456789", sizeof(buf)));
	EXPECT_STREQ("12345", buf);
	EXPECT_EQ(2, strlcpy(NULL, "ab", 0));
	EXPECT_EQ(5, strlcat(buf, "abc", 2));
}

TEST(searching)
{
	const char *s = "hello world";
	char text[] = "a-b-c", spaces[] = " \t x y \n";

	EXPECT_STREQ("world", strnstr(s, "world", 11));
	EXPECT_EQ(NULL, strnstr(s, "world", 10));
	EXPECT_STREQ("hello world", strnstr(s, "", 3));
	EXPECT_STREQ("o world", strnchr(s, 5, 'o'));
	EXPECT_EQ(NULL, strnchr(s, 4, 'o'));
	EXPECT_EQ(s + 4, strnchrnul(s, 4, 'o'));
	EXPECT_EQ(s + 11, strnchr(s, 20, '\0'));
	EXPECT_STREQ("a_b_c", strreplace(text, '-', '_'));
	EXPECT_STREQ("x y", strim(spaces));
	EXPECT_STREQ("", strim(strcpy(spaces, "   ")));
	EXPECT_STREQ("b ", skip_spaces("  b "));
	EXPECT_STREQ("c", kbasename("/a/b/c"));
	EXPECT_STREQ("c", kbasename("c"));
	EXPECT_STREQ("", kbasename("a/"));
	EXPECT_TRUE(strstarts(s, "hell"));
	EXPECT_FALSE(strstarts("he", "hell"));
	EXPECT_EQ(4, str_has_prefix(s, "hell"));
	EXPECT_EQ(0, str_has_prefix(s, "world"));
}

TEST(memory)
{
	unsigned char buf[100];
	u16 w[3];
	u32 d[3];
	u64 q[3];

	memset(buf, 7, sizeof(buf));
	for (int at = 0; at < 100; at++) {
		buf[at] = 8;
		for (int from = 0; from <= at; from += 5) {
			ASSERT_EQ(buf + at, memchr_inv(buf + from, 7, 100 - from));
			ASSERT_EQ(NULL, memchr_inv(buf + from, 7, at - from));
		}
		buf[at] = 7;
	}
	EXPECT_EQ(buf + 100, memscan(buf, 9, 100));
	memzero_explicit(buf, 50);
	EXPECT_TRUE(mem_is_zero(buf, 50));
	EXPECT_FALSE(mem_is_zero(buf, 51));
	memset16(w, 0x1234, 3);
	memset32(d, 0x12345678, 3);
	memset64(q, 0x123456789abcdefULL, 3);
	EXPECT_TRUE(w[2] == 0x1234 && d[2] == 0x12345678 && q[2] == 0x123456789abcdefULL);
	memcpy_and_pad(buf, 4, "ab", 2, '.');
	EXPECT_EQ(0, memcmp(buf, "ab..", 4));
	memcpy_and_pad(buf, 2, "xyz", 3, '.');
	EXPECT_EQ(0, memcmp(buf, "xy..", 4));
}

TEST(words_as_people_write_them)
{
	static const char * const words[] = { "off", "on", "auto", NULL, "hidden" };

	EXPECT_TRUE(sysfs_streq("on", "on\n"));
	EXPECT_TRUE(sysfs_streq("on\n", "on"));
	EXPECT_TRUE(sysfs_streq("on\n", "on\n"));
	EXPECT_FALSE(sysfs_streq("on\n\n", "on"));
	EXPECT_FALSE(sysfs_streq("on", "one"));
	EXPECT_FALSE(sysfs_streq("on ", "on"));
	EXPECT_EQ(2, match_string(words, ARRAY_SIZE(words), "auto"));
	EXPECT_EQ(-EINVAL, match_string(words, ARRAY_SIZE(words), "auto\n"));
	EXPECT_EQ(-EINVAL, match_string(words, ARRAY_SIZE(words), "hidden"));
	EXPECT_EQ(1, sysfs_match_string(words, "on\n"));
	EXPECT_EQ(-EINVAL, match_string(words, 1, "on"));
}

TEST(kinds_of_characters_do_not_depend_on_the_locale)
{
	int letters = 0, spaces = 0, printable = 0;

	for (int c = 0; c < 256; c++) {
		letters += isalpha(c);
		spaces += isspace(c);
		printable += isprint(c);
		ASSERT_EQ(isalpha(c) || isdigit(c), isalnum(c));
		ASSERT_EQ(1, iscntrl(c) + (isprint(c) && c != 0xa0) +
			  (c >= 0x80 && c <= 0xa0));
		ASSERT_TRUE(tolower(toupper(c)) == tolower(c));
	}
	/* 52 in ASCII, 62 in Latin-1 */
	EXPECT_EQ(114, letters);
	EXPECT_EQ(7, spaces);
	EXPECT_EQ(95 + 96, printable);
	EXPECT_EQ('a', tolower('A'));
	EXPECT_EQ(0xe4, tolower(0xc4));
	EXPECT_TRUE(isxdigit('f') && !isxdigit('g') && isodigit('7') && !isodigit('8'));
}

TEST(hexadecimal_digits)
{
	u8 bytes[3];
	char text[7] = "";

	EXPECT_EQ(0, hex2bin(bytes, "00fFa5", 3));
	EXPECT_TRUE(bytes[0] == 0 && bytes[1] == 0xff && bytes[2] == 0xa5);
	EXPECT_EQ(text + 6, bin2hex(text, bytes, 3));
	EXPECT_STREQ("00ffa5", text);
	EXPECT_EQ(-EINVAL, hex2bin(bytes, "0g", 1));
	EXPECT_EQ(-1, hex_to_bin('x'));
}

TEST_HARNESS_MAIN
