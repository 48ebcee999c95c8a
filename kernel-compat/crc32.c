// SPDX-License-Identifier: MIT
/*
 * crc32.c - cyclic redundancy checks of 32 bits
 *
 * A checksum is linear: that of a byte is the exclusive or of those of its
 * bits. So each table below is written as the eight checksums of single bits,
 * and the compiler makes the 256 entries of it.
 *
 * Sixteen bytes are done at a time: table k says what a byte does to the
 * checksum when k more bytes come behind it, so sixteen lookups that do not
 * wait for each other replace sixteen that do.
 *
 * Bits are numbered so that the lowest bit of a byte comes first (reflected),
 * but in crc32_be().
 */
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/crc32.h>
#include <linux/export.h>
#include <asm/byteorder.h>

#define CRC32_POLY	0xedb88320u	/* IEEE 802.3, reflected */
#define CRC32C_POLY	0x82f63b78u	/* Castagnoli, reflected */
#define SLICES		16

#define BIT_OF(i, b, val)	(((i) >> (b) & 1) * (val))
#define ENTRY(i, b0, b1, b2, b3, b4, b5, b6, b7)			\
	(BIT_OF(i, 0, b0) ^ BIT_OF(i, 1, b1) ^ BIT_OF(i, 2, b2) ^ BIT_OF(i, 3, b3) ^ \
	 BIT_OF(i, 4, b4) ^ BIT_OF(i, 5, b5) ^ BIT_OF(i, 6, b6) ^ BIT_OF(i, 7, b7))
#define ENTRIES4(i, ...)						\
	ENTRY(i, __VA_ARGS__), ENTRY((i) + 1, __VA_ARGS__),		\
	ENTRY((i) + 2, __VA_ARGS__), ENTRY((i) + 3, __VA_ARGS__)
#define ENTRIES16(i, ...)						\
	ENTRIES4(i, __VA_ARGS__), ENTRIES4((i) + 4, __VA_ARGS__),	\
	ENTRIES4((i) + 8, __VA_ARGS__), ENTRIES4((i) + 12, __VA_ARGS__)
#define ENTRIES64(i, ...)						\
	ENTRIES16(i, __VA_ARGS__), ENTRIES16((i) + 16, __VA_ARGS__),	\
	ENTRIES16((i) + 32, __VA_ARGS__), ENTRIES16((i) + 48, __VA_ARGS__)
#define TABLE(...)							\
	{ ENTRIES64(0, __VA_ARGS__), ENTRIES64(64, __VA_ARGS__),	\
	  ENTRIES64(128, __VA_ARGS__), ENTRIES64(192, __VA_ARGS__) }

static const u32 le_tables[SLICES][256] = {
	TABLE(0x77073096, 0xee0e612c, 0x076dc419, 0x0edb8832,
	      0x1db71064, 0x3b6e20c8, 0x76dc4190, 0xedb88320),
	TABLE(0x191b3141, 0x32366282, 0x646cc504, 0xc8d98a08,
	      0x4ac21251, 0x958424a2, 0xf0794f05, 0x3b83984b),
	TABLE(0x01c26a37, 0x0384d46e, 0x0709a8dc, 0x0e1351b8,
	      0x1c26a370, 0x384d46e0, 0x709a8dc0, 0xe1351b80),
	TABLE(0xb8bc6765, 0xaa09c88b, 0x8f629757, 0xc5b428ef,
	      0x5019579f, 0xa032af3e, 0x9b14583d, 0xed59b63b),
	TABLE(0x3d6029b0, 0x7ac05360, 0xf580a6c0, 0x30704bc1,
	      0x60e09782, 0xc1c12f04, 0x58f35849, 0xb1e6b092),
	TABLE(0xcb5cd3a5, 0x4dc8a10b, 0x9b914216, 0xec53826d,
	      0x03d6029b, 0x07ac0536, 0x0f580a6c, 0x1eb014d8),
	TABLE(0xa6770bb4, 0x979f1129, 0xf44f2413, 0x33ef4e67,
	      0x67de9cce, 0xcfbd399c, 0x440b7579, 0x8816eaf2),
	TABLE(0xccaa009e, 0x4225077d, 0x844a0efa, 0xd3e51bb5,
	      0x7cbb312b, 0xf9766256, 0x299dc2ed, 0x533b85da),
	TABLE(0x177b1443, 0x2ef62886, 0x5dec510c, 0xbbd8a218,
	      0xacc04271, 0x82f182a3, 0xde920307, 0x6655004f),
	TABLE(0xefc26b3e, 0x04f5d03d, 0x09eba07a, 0x13d740f4,
	      0x27ae81e8, 0x4f5d03d0, 0x9eba07a0, 0xe6050901),
	TABLE(0xc18edfc0, 0x586cb9c1, 0xb0d97382, 0xbac3e145,
	      0xaef6c4cb, 0x869c8fd7, 0xd64819ef, 0x77e1359f),
	TABLE(0x9ba54c6f, 0xec3b9e9f, 0x03063b7f, 0x060c76fe,
	      0x0c18edfc, 0x1831dbf8, 0x3063b7f0, 0x60c76fe0),
	TABLE(0xdd96d985, 0x605cb54b, 0xc0b96a96, 0x5a03d36d,
	      0xb407a6da, 0xb37e4bf5, 0xbd8d91ab, 0xa06a2517),
	TABLE(0x9d0fe176, 0xe16ec4ad, 0x19ac8f1b, 0x33591e36,
	      0x66b23c6c, 0xcd6478d8, 0x41b9f7f1, 0x8373efe2),
	TABLE(0xb9fbdbe8, 0xa886b191, 0x8a7c6563, 0xcf89cc87,
	      0x44629f4f, 0x88c53e9e, 0xcafb7b7d, 0x4e87f0bb),
	TABLE(0xae689191, 0x87a02563, 0xd4314c87, 0x73139f4f,
	      0xe6273e9e, 0x173f7b7d, 0x2e7ef6fa, 0x5cfdedf4),
};

static const u32 c_tables[SLICES][256] = {
	TABLE(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf,
	      0x105ec76f, 0x20bd8ede, 0x417b1dbc, 0x82f63b78),
	TABLE(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8,
	      0x3fc5f181, 0x7f8be302, 0xff17c604, 0xfbc3faf9),
	TABLE(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5,
	      0x70a27d8a, 0xe144fb14, 0xc76580d9, 0x8b277743),
	TABLE(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6,
	      0xe964b13d, 0xd725148b, 0xaba65fe7, 0x52a0c93f),
	TABLE(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91,
	      0x8f2261d3, 0x1ba8b557, 0x37516aae, 0x6ea2d55c),
	TABLE(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f,
	      0xc00c303e, 0x85f4168d, 0x0e045beb, 0x1c08b7d6),
	TABLE(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53,
	      0x9c5bfaa6, 0x3d5b83bd, 0x7ab7077a, 0xf56e0ef4),
	TABLE(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da,
	      0x847609b4, 0x0d006599, 0x1a00cb32, 0x34019664),
	TABLE(0xf43ed648, 0xed91da61, 0xdecfc233, 0xb873f297,
	      0x750b93df, 0xea1727be, 0xd1c2398d, 0xa66805eb),
	TABLE(0xcb567ba5, 0x934081bb, 0x236d7587, 0x46daeb0e,
	      0x8db5d61c, 0x1e87dac9, 0x3d0fb592, 0x7a1f6b24),
	TABLE(0x9771f7c1, 0x2b0f9973, 0x561f32e6, 0xac3e65cc,
	      0x5d90bd69, 0xbb217ad2, 0x73ae8355, 0xe75d06aa),
	TABLE(0x3171d430, 0x62e3a860, 0xc5c750c0, 0x8e62d771,
	      0x1929d813, 0x3253b026, 0x64a7604c, 0xc94ec098),
	TABLE(0x30d23865, 0x61a470ca, 0xc348e194, 0x837db5d9,
	      0x03171d43, 0x062e3a86, 0x0c5c750c, 0x18b8ea18),
	TABLE(0x54075546, 0xa80eaa8c, 0x55f123e9, 0xabe247d2,
	      0x5228f955, 0xa451f2aa, 0x4d4f93a5, 0x9a9f274a),
	TABLE(0x678efd01, 0xcf1dfa02, 0x9bd782f5, 0x3243731b,
	      0x6486e636, 0xc90dcc6c, 0x97f7ee29, 0x2a03aaa3),
	TABLE(0xf20c0dfe, 0xe1f46d0d, 0xc604aceb, 0x89e52f27,
	      0x162628bf, 0x2c4c517e, 0x5898a2fc, 0xb13145f8),
};

/* x^32 + ... + 1 with the highest bit first: 0x04c11db7 */
static const u32 be_table[256] =
	TABLE(0x04c11db7, 0x09823b6e, 0x130476dc, 0x2608edb8,
	      0x4c11db70, 0x9823b6e0, 0x34867077, 0x690ce0ee);

static inline u64 load_le64(const unsigned char *p)
{
	u64 word;

	__builtin_memcpy(&word, p, sizeof(word));
	return __le64_to_cpu((__force __le64)word);
}

/* What the eight bytes of @word do, with @behind bytes to come after them. */
static __always_inline u32 slice8(const u32 (*tables)[256], u64 word, unsigned int behind)
{
	const u32 (*t)[256] = tables + behind;

	return t[7][word & 0xff] ^ t[6][word >> 8 & 0xff] ^
	       t[5][word >> 16 & 0xff] ^ t[4][word >> 24 & 0xff] ^
	       t[3][word >> 32 & 0xff] ^ t[2][word >> 40 & 0xff] ^
	       t[1][word >> 48 & 0xff] ^ t[0][word >> 56];
}

static __always_inline u32 checksum(const u32 (*tables)[256], u32 crc, const unsigned char *p,
				    size_t len)
{
	for (; len >= SLICES; len -= SLICES, p += SLICES)
		crc = slice8(tables, load_le64(p) ^ crc, 8) ^ slice8(tables, load_le64(p + 8), 0);
	while (len--)
		crc = crc >> 8 ^ tables[0][(crc ^ *p++) & 0xff];
	return crc;
}

/**
 * crc32_le - CRC-32 as used by Ethernet, gzip, zlib, PNG
 * @crc: seed: ~0 to begin, or the result for the bytes before
 * @p: the bytes
 * @len: how many
 *
 * Context: any; no locks, no allocation.
 * Return: the checksum, not inverted.
 */
u32 crc32_le(u32 crc, unsigned char const *p, size_t len)
{
	return checksum(le_tables, crc, p, len);
}
EXPORT_SYMBOL(crc32_le);

/* crc32_le() with Castagnoli's polynomial, as in iSCSI and ext4. */
u32 __crc32c_le(u32 crc, unsigned char const *p, size_t len)
{
	return checksum(c_tables, crc, p, len);
}
EXPORT_SYMBOL(__crc32c_le);

/* CRC-32 with the highest bit of a byte first, as in bzip2 and MPEG. */
u32 crc32_be(u32 crc, unsigned char const *p, size_t len)
{
	while (len--)
		crc = crc << 8 ^ be_table[(crc >> 24 ^ *p++) & 0xff];
	return crc;
}
EXPORT_SYMBOL(crc32_be);

/*
 * Product of two polynomials modulo @poly, all reflected: bit 31 is x^0.
 * Works off @b from x^0 up, while @a is multiplied by x each time.
 */
static u32 multiply(u32 a, u32 b, u32 poly)
{
	u32 product = 0;

	for (; b; b <<= 1) {
		if (b & 0x80000000u)
			product ^= a;
		a = a >> 1 ^ (a & 1 ? poly : 0);
	}
	return product;
}

/* A byte of zeros multiplies by x^8; @len of them by its @len-th power. */
static u32 append_zeros(u32 crc, size_t len, u32 poly)
{
	u32 power = 0x80000000u >> 8;

	for (; len; len >>= 1) {
		if (len & 1)
			crc = multiply(crc, power, poly);
		power = multiply(power, power, poly);
	}
	return crc;
}

/**
 * crc32_le_shift - the checksum after more bytes of zeros
 * @crc: the checksum of what came before
 * @len: how many zeros
 *
 * Takes time in the order of log @len.
 * Return: the same as crc32_le() of @len zeros with seed @crc.
 */
u32 crc32_le_shift(u32 crc, size_t len)
{
	return append_zeros(crc, len, CRC32_POLY);
}
EXPORT_SYMBOL(crc32_le_shift);

u32 __crc32c_le_shift(u32 crc, size_t len)
{
	return append_zeros(crc, len, CRC32C_POLY);
}
EXPORT_SYMBOL(__crc32c_le_shift);
