// SPDX-License-Identifier: MIT
/*
 * snprintf() and friends of kernel code format as in the kernel: plain
 * conversions like libc's, %p extensions, return values.
 */
#include "../kselftest_harness.h"

#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

static char text[512];

#define EXPECT_FORMAT(expected, ...)						\
	do {									\
		int ks_len = snprintf(text, sizeof(text), __VA_ARGS__);		\
										\
		EXPECT_STREQ(expected, text);					\
		EXPECT_EQ((int)strlen(expected), ks_len);			\
	} while (0)

/* The compiler knows neither %ph nor that a blank may follow a width of zero. */
#pragma GCC diagnostic ignored "-Wformat"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wformat-invalid-specifier"
#endif

TEST(plain_conversions_are_libcs)
{
	static const char *const formats[] = {
		"%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%8.3d", "%-8.3d|", "%x", "%#x",
		"%08x", "%#010x", "%X", "%#X", "%o", "%#o", "%u", "%i", "%hd", "%hhd", "%hx", "%hhu",
		"%.0d", "%+.3d", "%-+6d|", "%#.4x", "%*d",
	};
	static const int values[] = { 0, 1, -1, 42, -42, 255, 65536, 2147483647, -2147483647 - 1 };
	const char *volatile nothing = NULL;
	char libc[128];

	for (size_t f = 0; f < ARRAY_SIZE(formats) - 1; f++)
		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
#undef snprintf
			int len = snprintf(libc, sizeof(libc), formats[f], values[v]);
#define snprintf uwq_snprintf
			EXPECT_EQ(len, snprintf(text, sizeof(text), formats[f], values[v]));
			EXPECT_STREQ(libc, text) {
				TH_LOG("format %s, value %d", formats[f], values[v]);
			}
		}
	EXPECT_FORMAT("   7|7   |", "%*d|%*d|", 4, 7, -4, 7);
	EXPECT_FORMAT("-9223372036854775808", "%lld", (long long)(-9223372036854775807LL - 1));
	EXPECT_FORMAT("18446744073709551615 ffffffffffffffff", "%llu %lx", ~0ull, ~0ul);
	EXPECT_FORMAT("1234 -5", "%zu %td", (size_t)1234, (ptrdiff_t)-5);
	EXPECT_FORMAT("a%b", "%c%%%c", 'a', 'b');
	EXPECT_FORMAT("    c|c    |", "%5c|%-5c|", 'c', 'c');
	EXPECT_FORMAT("abc|  abc|abc  |ab|   ab", "%s|%5s|%-5s|%.2s|%5.2s", "abc", "abc", "abc",
		      "abc", "abc");
	EXPECT_FORMAT("(null)", "%s", nothing);
	EXPECT_FORMAT("3.142 1.000000e+10", "%.3f %e", 3.14159, 1e10);
}

TEST(the_result_is_the_whole_length)
{
	char small[4] = "xxx";

	EXPECT_EQ(10, snprintf(small, sizeof(small), "%s", "0123456789"));
	EXPECT_STREQ("012", small);
	EXPECT_EQ(3, scnprintf(small, sizeof(small), "%s", "0123456789"));
	EXPECT_EQ(10, snprintf(NULL, 0, "%s", "0123456789"));
	EXPECT_EQ(0, scnprintf(small, 0, "%s", "0123456789"));
	EXPECT_EQ(2, scnprintf(small, sizeof(small), "ab"));
	EXPECT_EQ(5, sprintf(text, "%05d", 7));
}

TEST(addresses)
{
	EXPECT_FORMAT("0000000012345678", "%p", (void *)0x12345678);
	EXPECT_FORMAT("0000000012345678", "%px", (void *)0x12345678);
	EXPECT_FORMAT("0000000012345678", "%pK", (void *)0x12345678);
	EXPECT_FORMAT("0000000000000000", "%p", NULL);
	EXPECT_FORMAT("  12345678", "%10p", (void *)0x12345678);
}

TEST(error_pointers)
{
	EXPECT_FORMAT("-ENOMEM", "%pe", ERR_PTR(-ENOMEM));
	EXPECT_FORMAT("[-EAGAIN   ]", "[%-10pe]", ERR_PTR(-EAGAIN));
	EXPECT_FORMAT("-4000", "%pe", ERR_PTR(-4000));
	EXPECT_FORMAT("-ERESTARTSYS", "%pe", ERR_PTR(-ERESTARTSYS));
}

TEST(bytes_and_addresses_of_networks)
{
	static const unsigned char mac[6] = { 0, 1, 2, 0xab, 0xcd, 0xef };
	static const unsigned char ip4[4] = { 192, 168, 0, 7 };
	static const unsigned char ip6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	static const unsigned char mapped[16] = { [10] = 0xff, [11] = 0xff, 10, 0, 0, 1 };
	static const unsigned char one_zero[16] = {
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1
	};
	static const unsigned char zero[16];

	EXPECT_FORMAT("00:01:02:ab:cd:ef", "%pM", mac);
	EXPECT_FORMAT("ef:cd:ab:02:01:00", "%pMR", mac);
	EXPECT_FORMAT("00-01-02-ab-cd-ef", "%pMF", mac);
	EXPECT_FORMAT("000102abcdef", "%pm", mac);
	EXPECT_FORMAT("00 01 02", "%*ph", 3, mac);
	EXPECT_FORMAT("00:01:02", "%*phC", 3, mac);
	EXPECT_FORMAT("00-01-02", "%*phD", 3, mac);
	EXPECT_FORMAT("000102abcdef", "%6phN", mac);
	EXPECT_FORMAT("192.168.0.7", "%pI4", ip4);
	EXPECT_FORMAT("192.168.000.007", "%pi4", ip4);
	EXPECT_FORMAT("2001:0db8:0000:0000:0000:0000:0000:0001", "%pI6", ip6);
	EXPECT_FORMAT("20010db8000000000000000000000001", "%pi6", ip6);
	EXPECT_FORMAT("2001:db8::1", "%pI6c", ip6);
	EXPECT_FORMAT("2001:db8:0:1:1:1:1:1", "%pI6c", one_zero);
	EXPECT_FORMAT("::ffff:10.0.0.1", "%pI6c", mapped);
	EXPECT_FORMAT("::", "%pI6c", zero);
}

TEST(uuids)
{
	static const unsigned char id[16] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf
	};

	EXPECT_FORMAT("00010203-0405-0607-0809-0a0b0c0d0e0f", "%pUb", id);
	EXPECT_FORMAT("00010203-0405-0607-0809-0A0B0C0D0E0F", "%pUB", id);
	EXPECT_FORMAT("03020100-0504-0706-0809-0a0b0c0d0e0f", "%pUl", id);
	EXPECT_FORMAT("03020100-0504-0706-0809-0A0B0C0D0E0F", "%pUL", id);
	EXPECT_FORMAT("00010203-0405-0607-0809-0a0b0c0d0e0f", "%pU", id);
}

TEST(bitmaps)
{
	unsigned long bits[2] = { 0xf00000000000000dul, 0x3ul };

	EXPECT_FORMAT("0,2-3,60-65", "%*pbl", 128, bits);
	EXPECT_FORMAT("0d", "%*pb", 8, bits);
	EXPECT_FORMAT("00000000,00000003,f0000000,0000000d", "%*pb", 128, bits);
	EXPECT_FORMAT("3,f0000000,0000000d", "%*pb", 66, bits);
	EXPECT_FORMAT("", "%*pbl", 1, (unsigned long[]){ 0 });
}

TEST(physical_addresses_come_by_reference)
{
	phys_addr_t phys = 0xfee00000;
	dma_addr_t dma = 0x1234;

	EXPECT_FORMAT("0x00000000fee00000", "%pap", &phys);
	EXPECT_FORMAT("0x0000000000001234", "%pad", &dma);
}

static __attribute__((__noinline__)) int a_static_function(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x;
}

TEST(symbols_of_static_functions)
{
	EXPECT_FORMAT("a_static_function", "%ps", (void *)a_static_function);
	snprintf(text, sizeof(text), "%pS", (void *)((char *)a_static_function + 1));
	EXPECT_EQ(0, strncmp("a_static_function+0x1/0x", text, 24));
	EXPECT_FORMAT("[   a_static_function]", "[%20ps]", (void *)a_static_function);
	EXPECT_EQ(3, a_static_function(3));
}

static int format_through(const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;
	int len;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	len = snprintf(text, sizeof(text), "<%pV|%pV>", &vaf, &vaf);
	va_end(args);
	return len;
}

TEST(formats_in_formats)
{
	EXPECT_EQ(15, format_through("%d %s", 42, "x%s"));
	EXPECT_STREQ("<42 x%s|42 x%s>", text);
}

TEST(allocated_text)
{
	char *name = kasprintf(GFP_KERNEL, "%s-%d", "wq", 7);

	ASSERT_NOT_NULL(name);
	EXPECT_STREQ("wq-7", name);
	EXPECT_EQ(5, (int)ksize(name));
	kfree(name);
}

TEST(scanning)
{
	int a = 0;
	unsigned long b = 0;
	char word[8];

	EXPECT_EQ(3, sscanf("12 0xff hello", "%d %lx %7s", &a, &b, word));
	EXPECT_EQ(12, a);
	EXPECT_EQ(255, (int)b);
	EXPECT_STREQ("hello", word);
	EXPECT_EQ(0, sscanf("", "%d", &a));
}

TEST(hex_dumps)
{
	static const unsigned char bytes[] = "ABCDEFGHIJKLMNOP\x01\x02";

	EXPECT_EQ(65, hex_dump_to_buffer(bytes, 18, 16, 1, text, sizeof(text), true));
	EXPECT_STREQ("41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP", text);
	hex_dump_to_buffer(bytes + 16, 2, 16, 1, text, sizeof(text), true);
	EXPECT_STREQ("01 02                                            ..", text);
	hex_dump_to_buffer(bytes, 8, 16, 4, text, sizeof(text), false);
	EXPECT_STREQ("44434241 48474645", text);
}

TEST_HARNESS_MAIN
