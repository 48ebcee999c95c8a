/* SPDX-License-Identifier: MIT */
/*
 * bitops.h - bits in arrays of words, and counting and turning bits in one
 *
 * set_bit() and its kind are atomic and promise no order; the test_and_ forms
 * are atomic and fully ordered; names that begin with __ are plain, for those
 * who hold a lock. test_bit() is a relaxed atomic load. *_lock acquires,
 * *_unlock releases.
 */
#ifndef UWQ_LINUX_BITOPS_H
#define UWQ_LINUX_BITOPS_H

#include <linux/types.h>
#include <linux/bits.h>
#include <linux/typecheck.h>
#include <linux/compiler.h>
#include <asm/barrier.h>

#define BITS_PER_TYPE(type)	(sizeof(type) * BITS_PER_BYTE)
#define BITS_TO_LONGS(nr)	(((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define BITS_TO_U64(nr)		(((nr) + 63) / 64)
#define BITS_TO_U32(nr)		(((nr) + 31) / 32)
#define BITS_TO_BYTES(nr)	(((nr) + 7) / 8)

static __always_inline void set_bit(unsigned long nr, volatile unsigned long *addr)
{
	__atomic_fetch_or(&addr[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline void clear_bit(unsigned long nr, volatile unsigned long *addr)
{
	__atomic_fetch_and(&addr[BIT_WORD(nr)], ~BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline void change_bit(unsigned long nr, volatile unsigned long *addr)
{
	__atomic_fetch_xor(&addr[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline bool test_and_set_bit(unsigned long nr, volatile unsigned long *addr)
{
	unsigned long old = __atomic_fetch_or(&addr[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_SEQ_CST);

	uwq_mb_after_seq_cst();
	return old & BIT_MASK(nr);
}

static __always_inline bool test_and_clear_bit(unsigned long nr, volatile unsigned long *addr)
{
	unsigned long old = __atomic_fetch_and(&addr[BIT_WORD(nr)], ~BIT_MASK(nr),
					       __ATOMIC_SEQ_CST);

	uwq_mb_after_seq_cst();
	return old & BIT_MASK(nr);
}

static __always_inline bool test_and_change_bit(unsigned long nr, volatile unsigned long *addr)
{
	unsigned long old = __atomic_fetch_xor(&addr[BIT_WORD(nr)], BIT_MASK(nr),
					       __ATOMIC_SEQ_CST);

	uwq_mb_after_seq_cst();
	return old & BIT_MASK(nr);
}

static __always_inline bool test_bit(unsigned long nr, const volatile unsigned long *addr)
{
	return __atomic_load_n(&addr[BIT_WORD(nr)], __ATOMIC_RELAXED) & BIT_MASK(nr);
}

static __always_inline bool test_bit_acquire(unsigned long nr, const volatile unsigned long *addr)
{
	return __atomic_load_n(&addr[BIT_WORD(nr)], __ATOMIC_ACQUIRE) & BIT_MASK(nr);
}

/* A bit as a lock: true when somebody else has it. */
static __always_inline bool test_and_set_bit_lock(unsigned long nr, volatile unsigned long *addr)
{
	return __atomic_fetch_or(&addr[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_ACQUIRE) &
	       BIT_MASK(nr);
}

static __always_inline void clear_bit_unlock(unsigned long nr, volatile unsigned long *addr)
{
	__atomic_fetch_and(&addr[BIT_WORD(nr)], ~BIT_MASK(nr), __ATOMIC_RELEASE);
}

/* For words whose other bits nobody changes meanwhile; atomic all the same. */
static __always_inline void __clear_bit_unlock(unsigned long nr, volatile unsigned long *addr)
{
	clear_bit_unlock(nr, addr);
}

static __always_inline void __set_bit(unsigned long nr, volatile unsigned long *addr)
{
	addr[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static __always_inline void __clear_bit(unsigned long nr, volatile unsigned long *addr)
{
	addr[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static __always_inline void __change_bit(unsigned long nr, volatile unsigned long *addr)
{
	addr[BIT_WORD(nr)] ^= BIT_MASK(nr);
}

static __always_inline bool __test_and_set_bit(unsigned long nr, volatile unsigned long *addr)
{
	bool old = addr[BIT_WORD(nr)] & BIT_MASK(nr);

	__set_bit(nr, addr);
	return old;
}

static __always_inline bool __test_and_clear_bit(unsigned long nr, volatile unsigned long *addr)
{
	bool old = addr[BIT_WORD(nr)] & BIT_MASK(nr);

	__clear_bit(nr, addr);
	return old;
}

static __always_inline bool __test_and_change_bit(unsigned long nr, volatile unsigned long *addr)
{
	bool old = addr[BIT_WORD(nr)] & BIT_MASK(nr);

	__change_bit(nr, addr);
	return old;
}

static __always_inline void assign_bit(unsigned long nr, volatile unsigned long *addr, bool value)
{
	if (value)
		set_bit(nr, addr);
	else
		clear_bit(nr, addr);
}

static __always_inline void __assign_bit(unsigned long nr, volatile unsigned long *addr,
					 bool value)
{
	if (value)
		__set_bit(nr, addr);
	else
		__clear_bit(nr, addr);
}

/* Numbered from 0; undefined for 0, as in Linux. */
static __always_inline __attribute_const__ unsigned long __ffs(unsigned long word)
{
	return __builtin_ctzl(word);
}

static __always_inline __attribute_const__ unsigned long __fls(unsigned long word)
{
	return BITS_PER_LONG - 1 - __builtin_clzl(word);
}

static __always_inline __attribute_const__ unsigned long __ffs64(u64 word)
{
	return __builtin_ctzll(word);
}

static __always_inline __attribute_const__ unsigned long ffz(unsigned long word)
{
	return __ffs(~word);
}

/* Numbered from 1; 0 for 0. */
static __always_inline __attribute_const__ int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static __always_inline __attribute_const__ int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static __always_inline __attribute_const__ unsigned int fls_long(unsigned long x)
{
	return fls64(x);
}

#ifndef __cplusplus
/* libc's, which compilers expand in place; C++ has it from <strings.h>. */
int ffs(int x);
#endif

static __always_inline __attribute_const__ unsigned int hweight8(unsigned int w)
{
	return __builtin_popcount(w & 0xff);
}

static __always_inline __attribute_const__ unsigned int hweight16(unsigned int w)
{
	return __builtin_popcount(w & 0xffff);
}

static __always_inline __attribute_const__ unsigned int hweight32(unsigned int w)
{
	return __builtin_popcount(w);
}

static __always_inline __attribute_const__ unsigned long hweight64(u64 w)
{
	return __builtin_popcountll(w);
}

static __always_inline __attribute_const__ unsigned long hweight_long(unsigned long w)
{
	return __builtin_popcountl(w);
}

/* 1 when the number of bits set is odd */
static __always_inline __attribute_const__ bool parity8(u8 val)
{
	return __builtin_parity(val);
}

/* Turning within the width of the type; any shift will do. */
#define UWQ_DEFINE_ROTATE(bits)							\
static __always_inline __attribute_const__ u##bits rol##bits(u##bits word, unsigned int shift) \
{										\
	return (u##bits)((word << (shift & (bits - 1))) | (word >> (-shift & (bits - 1)))); \
}										\
static __always_inline __attribute_const__ u##bits ror##bits(u##bits word, unsigned int shift) \
{										\
	return (u##bits)((word >> (shift & (bits - 1))) | (word << (-shift & (bits - 1)))); \
}

UWQ_DEFINE_ROTATE(8)
UWQ_DEFINE_ROTATE(16)
UWQ_DEFINE_ROTATE(32)
UWQ_DEFINE_ROTATE(64)
#undef UWQ_DEFINE_ROTATE

/* Bit @index, counted from 0, is the sign of @value. */
static __always_inline __attribute_const__ s32 sign_extend32(u32 value, int index)
{
	return (s32)(value << (31 - index)) >> (31 - index);
}

static __always_inline __attribute_const__ s64 sign_extend64(u64 value, int index)
{
	return (s64)(value << (63 - index)) >> (63 - index);
}

/* The power of two, as an exponent, that @count fits into; -1 for 0. */
static __always_inline __attribute_const__ int get_count_order(unsigned int count)
{
	return count ? fls(count - 1) : -1;
}

static __always_inline __attribute_const__ int get_count_order_long(unsigned long count)
{
	return count ? fls64(count - 1) : -1;
}

/* Number of the bit that is @n-th among those set, from 0; 64 when there are fewer. */
static __always_inline unsigned long fns(unsigned long word, unsigned int n)
{
	while (word && n--)
		word &= word - 1;
	return word ? __ffs(word) : BITS_PER_LONG;
}

#ifndef __cplusplus
/* Changes *@ptr to (old & ~@mask) | @bits at once; returns what it was. */
#define set_mask_bits(ptr, mask, bits) __extension__				\
({										\
	__typeof__(*(ptr)) uwq_mask = (mask), uwq_bits = (bits);		\
	__typeof__(*(ptr)) uwq_old = READ_ONCE(*(ptr));				\
	while (!__atomic_compare_exchange_n((ptr), &uwq_old,			\
			(uwq_old & ~uwq_mask) | uwq_bits, 0, __ATOMIC_SEQ_CST,	\
			__ATOMIC_RELAXED))					\
		;								\
	uwq_old;								\
})
#endif

#include <linux/find.h>

#endif
