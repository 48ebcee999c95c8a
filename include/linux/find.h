/* SPDX-License-Identifier: MIT */
/*
 * find.h - looking for bits in arrays of words
 *
 * Every function returns @size when there is no such bit. Words are read with
 * relaxed atomic loads, because others may set bits meanwhile; the answer is
 * then one that was true of each word at some moment.
 */
#ifndef UWQ_LINUX_FIND_H
#define UWQ_LINUX_FIND_H

#include <linux/bitops.h>

/*
 * Word @index of a bitmap combined with a second one: both, the first without
 * the second, either. @flip turns zeros into ones.
 */
enum uwq_find { UWQ_FIND_ONE, UWQ_FIND_AND, UWQ_FIND_ANDNOT, UWQ_FIND_OR };

static __always_inline unsigned long
uwq_find_word(const unsigned long *a, const unsigned long *b, enum uwq_find how,
	      unsigned long flip, unsigned long index)
{
	unsigned long word = __atomic_load_n(&a[index], __ATOMIC_RELAXED);

	if (how == UWQ_FIND_AND)
		word &= __atomic_load_n(&b[index], __ATOMIC_RELAXED);
	else if (how == UWQ_FIND_ANDNOT)
		word &= ~__atomic_load_n(&b[index], __ATOMIC_RELAXED);
	else if (how == UWQ_FIND_OR)
		word |= __atomic_load_n(&b[index], __ATOMIC_RELAXED);
	return word ^ flip;
}

static __always_inline unsigned long
uwq_find_next(const unsigned long *a, const unsigned long *b, enum uwq_find how,
	      unsigned long flip, unsigned long size, unsigned long start)
{
	unsigned long index, word, found;

	if (unlikely(start >= size))
		return size;
	index = BIT_WORD(start);
	word = uwq_find_word(a, b, how, flip, index) & (~0UL << (start % BITS_PER_LONG));
	while (!word) {
		index++;
		if (index * BITS_PER_LONG >= size)
			return size;
		word = uwq_find_word(a, b, how, flip, index);
	}
	found = index * BITS_PER_LONG + __ffs(word);
	return found < size ? found : size;
}

static inline unsigned long find_next_bit(const unsigned long *addr, unsigned long size,
					  unsigned long offset)
{
	return uwq_find_next(addr, NULL, UWQ_FIND_ONE, 0, size, offset);
}

static inline unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size,
					       unsigned long offset)
{
	return uwq_find_next(addr, NULL, UWQ_FIND_ONE, ~0UL, size, offset);
}

static inline unsigned long find_next_and_bit(const unsigned long *a, const unsigned long *b,
					      unsigned long size, unsigned long offset)
{
	return uwq_find_next(a, b, UWQ_FIND_AND, 0, size, offset);
}

static inline unsigned long find_next_andnot_bit(const unsigned long *a, const unsigned long *b,
						 unsigned long size, unsigned long offset)
{
	return uwq_find_next(a, b, UWQ_FIND_ANDNOT, 0, size, offset);
}

static inline unsigned long find_next_or_bit(const unsigned long *a, const unsigned long *b,
					     unsigned long size, unsigned long offset)
{
	return uwq_find_next(a, b, UWQ_FIND_OR, 0, size, offset);
}

static inline unsigned long find_first_bit(const unsigned long *addr, unsigned long size)
{
	return find_next_bit(addr, size, 0);
}

static inline unsigned long find_first_zero_bit(const unsigned long *addr, unsigned long size)
{
	return find_next_zero_bit(addr, size, 0);
}

static inline unsigned long find_first_and_bit(const unsigned long *a, const unsigned long *b,
					       unsigned long size)
{
	return find_next_and_bit(a, b, size, 0);
}

static inline unsigned long find_first_andnot_bit(const unsigned long *a, const unsigned long *b,
						  unsigned long size)
{
	return find_next_andnot_bit(a, b, size, 0);
}

static inline unsigned long find_last_bit(const unsigned long *addr, unsigned long size)
{
	unsigned long index = BITS_TO_LONGS(size), word, last = size;

	while (index--) {
		word = __atomic_load_n(&addr[index], __ATOMIC_RELAXED);
		if (last % BITS_PER_LONG)
			word &= ~0UL >> (BITS_PER_LONG - last % BITS_PER_LONG);
		if (word)
			return index * BITS_PER_LONG + __fls(word);
		last = index * BITS_PER_LONG;
	}
	return size;
}

/* The @n-th bit set, counted from 0. */
static inline unsigned long find_nth_bit(const unsigned long *addr, unsigned long size,
					 unsigned long n)
{
	unsigned long bit = find_first_bit(addr, size);

	while (bit < size && n--)
		bit = find_next_bit(addr, size, bit + 1);
	return bit;
}

static inline unsigned long find_nth_and_bit(const unsigned long *a, const unsigned long *b,
					     unsigned long size, unsigned long n)
{
	unsigned long bit = find_first_and_bit(a, b, size);

	while (bit < size && n--)
		bit = find_next_and_bit(a, b, size, bit + 1);
	return bit;
}

/* From @offset on, and at the end once more from the start. */
static inline unsigned long find_next_bit_wrap(const unsigned long *addr, unsigned long size,
					       unsigned long offset)
{
	unsigned long bit = find_next_bit(addr, size, offset);

	if (bit < size || !offset)
		return bit;
	bit = find_first_bit(addr, offset);
	return bit < offset ? bit : size;
}

static inline unsigned long find_next_and_bit_wrap(const unsigned long *a, const unsigned long *b,
						   unsigned long size, unsigned long offset)
{
	unsigned long bit = find_next_and_bit(a, b, size, offset);

	if (bit < size || !offset)
		return bit;
	bit = find_first_and_bit(a, b, offset);
	return bit < offset ? bit : size;
}

/*
 * One step of a walk that begins at @start, wraps, and ends before @start:
 * @n is where to look next, already wrapped when it is less than @start.
 */
static inline unsigned long __for_each_wrap(const unsigned long *addr, unsigned long size,
					    unsigned long start, unsigned long n)
{
	unsigned long bit;

	if (n > start) {
		bit = find_next_bit(addr, size, n);
		if (bit < size)
			return bit;
		n = 0;
	}
	bit = find_next_bit(addr, start, n);
	return bit < start ? bit : size;
}

/* The walker may be an int, as CPU numbers often are. */
#define uwq_bit_within(bit, size)	((unsigned long)(bit) < (unsigned long)(size))

#define for_each_set_bit(bit, addr, size)					\
	for ((bit) = 0; uwq_bit_within((bit) = find_next_bit((addr), (size), (bit)), size); (bit)++)
#define for_each_set_bit_from(bit, addr, size)					\
	for (; uwq_bit_within((bit) = find_next_bit((addr), (size), (bit)), size); (bit)++)
#define for_each_clear_bit(bit, addr, size)					\
	for ((bit) = 0; uwq_bit_within((bit) = find_next_zero_bit((addr), (size), (bit)), size); (bit)++)
#define for_each_clear_bit_from(bit, addr, size)				\
	for (; uwq_bit_within((bit) = find_next_zero_bit((addr), (size), (bit)), size); (bit)++)
#define for_each_and_bit(bit, a, b, size)					\
	for ((bit) = 0; uwq_bit_within((bit) = find_next_and_bit((a), (b), (size), (bit)), size); (bit)++)
#define for_each_andnot_bit(bit, a, b, size)					\
	for ((bit) = 0; uwq_bit_within((bit) = find_next_andnot_bit((a), (b), (size), (bit)), size); \
	     (bit)++)
#define for_each_or_bit(bit, a, b, size)					\
	for ((bit) = 0; uwq_bit_within((bit) = find_next_or_bit((a), (b), (size), (bit)), size); (bit)++)
#define for_each_set_bit_wrap(bit, addr, size, start)				\
	for ((bit) = find_next_bit_wrap((addr), (size), (start)); uwq_bit_within(bit, size); \
	     (bit) = __for_each_wrap((addr), (size), (start), (bit) + 1))

#endif
