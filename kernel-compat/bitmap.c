// SPDX-License-Identifier: MIT
/*
 * bitmap.c - arrays of bits as values
 *
 * The functions of linux/bitmap.h that are not worth inlining, and the two
 * text forms that Linux prints and parses:
 *
 *   hexadecimal  ff,0000000f     groups of 32 bits, highest first
 *   list	  0-3,8,16-31:2/4 ranges; "used/group" takes from each group of
 *				  that many bits the first so many; "all"; "N"
 *
 * Nothing here locks. Words are read with relaxed atomic loads where somebody
 * may be using set_bit() at the same time.
 */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/gfp_types.h>
#include <linux/slab.h>
#include <asm/page.h>

static inline unsigned long word_of(const unsigned long *map, unsigned int index)
{
	return __atomic_load_n(&map[index], __ATOMIC_RELAXED);
}

/* The bits of word @index that count in a bitmap of @nbits. */
static inline unsigned long word_mask(unsigned int index, unsigned int nbits)
{
	return (index + 1) * BITS_PER_LONG <= nbits ? ~0UL : BITMAP_LAST_WORD_MASK(nbits);
}

void bitmap_zero(unsigned long *dst, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = 0;
}
EXPORT_SYMBOL(bitmap_zero);

void bitmap_fill(unsigned long *dst, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = word_mask(i, nbits);
}
EXPORT_SYMBOL(bitmap_fill);

void bitmap_copy(unsigned long *dst, const unsigned long *src, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = word_of(src, i);
}
EXPORT_SYMBOL(bitmap_copy);

void bitmap_copy_clear_tail(unsigned long *dst, const unsigned long *src, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = word_of(src, i) & word_mask(i, nbits);
}
EXPORT_SYMBOL(bitmap_copy_clear_tail);

bool bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		unsigned int nbits)
{
	unsigned long any = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		any |= dst[i] = word_of(a, i) & word_of(b, i) & word_mask(i, nbits);
	return any;
}
EXPORT_SYMBOL(bitmap_and);

bool bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		   unsigned int nbits)
{
	unsigned long any = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		any |= dst[i] = word_of(a, i) & ~word_of(b, i) & word_mask(i, nbits);
	return any;
}
EXPORT_SYMBOL(bitmap_andnot);

void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b,
	       unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = word_of(a, i) | word_of(b, i);
}
EXPORT_SYMBOL(bitmap_or);

void bitmap_xor(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = word_of(a, i) ^ word_of(b, i);
}
EXPORT_SYMBOL(bitmap_xor);

void bitmap_complement(unsigned long *dst, const unsigned long *src, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = ~word_of(src, i) & word_mask(i, nbits);
}
EXPORT_SYMBOL(bitmap_complement);

void bitmap_replace(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		    const unsigned long *mask, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = (word_of(a, i) & ~word_of(mask, i)) | (word_of(b, i) & word_of(mask, i));
}
EXPORT_SYMBOL(bitmap_replace);

/* 64 bits of @src from bit @pos on; zeros behind @nbits. */
static unsigned long bits_at(const unsigned long *src, unsigned long pos, unsigned int nbits)
{
	unsigned int index = BIT_WORD(pos), shift = pos % BITS_PER_LONG;
	unsigned long word = 0;

	if (pos >= nbits)
		return 0;
	word = (word_of(src, index) & word_mask(index, nbits)) >> shift;
	if (shift && index + 1 < BITS_TO_LONGS(nbits))
		word |= (word_of(src, index + 1) & word_mask(index + 1, nbits)) <<
			(BITS_PER_LONG - shift);
	return word;
}

/* Ascending, so that @dst may be @src. */
void bitmap_shift_right(unsigned long *dst, const unsigned long *src, unsigned int shift,
			unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = bits_at(src, (unsigned long)i * BITS_PER_LONG + shift, nbits);
}
EXPORT_SYMBOL(bitmap_shift_right);

/* Descending, for the same reason. */
void bitmap_shift_left(unsigned long *dst, const unsigned long *src, unsigned int shift,
		       unsigned int nbits)
{
	unsigned int skip = shift / BITS_PER_LONG, rest = shift % BITS_PER_LONG;
	unsigned long word;

	for (unsigned int i = BITS_TO_LONGS(nbits); i-- > 0; ) {
		word = 0;
		if (i >= skip)
			word = word_of(src, i - skip) << rest;
		if (rest && i >= skip + 1)
			word |= word_of(src, i - skip - 1) >> (BITS_PER_LONG - rest);
		dst[i] = word & word_mask(i, nbits);
	}
}
EXPORT_SYMBOL(bitmap_shift_left);

bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		if ((word_of(a, i) ^ word_of(b, i)) & word_mask(i, nbits))
			return false;
	return true;
}
EXPORT_SYMBOL(bitmap_equal);

bool bitmap_or_equal(const unsigned long *a, const unsigned long *b, const unsigned long *sum,
		     unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		if (((word_of(a, i) | word_of(b, i)) ^ word_of(sum, i)) & word_mask(i, nbits))
			return false;
	return true;
}
EXPORT_SYMBOL(bitmap_or_equal);

bool bitmap_intersects(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	return find_first_and_bit(a, b, nbits) < nbits;
}
EXPORT_SYMBOL(bitmap_intersects);

bool bitmap_subset(const unsigned long *sub, const unsigned long *super, unsigned int nbits)
{
	return find_first_andnot_bit(sub, super, nbits) >= nbits;
}
EXPORT_SYMBOL(bitmap_subset);

unsigned int bitmap_weight(const unsigned long *src, unsigned int nbits)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		sum += hweight_long(word_of(src, i) & word_mask(i, nbits));
	return sum;
}
EXPORT_SYMBOL(bitmap_weight);

unsigned int bitmap_weight_and(const unsigned long *a, const unsigned long *b,
			       unsigned int nbits)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		sum += hweight_long(word_of(a, i) & word_of(b, i) & word_mask(i, nbits));
	return sum;
}
EXPORT_SYMBOL(bitmap_weight_and);

unsigned int bitmap_weight_andnot(const unsigned long *a, const unsigned long *b,
				  unsigned int nbits)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)
		sum += hweight_long(word_of(a, i) & ~word_of(b, i) & word_mask(i, nbits));
	return sum;
}
EXPORT_SYMBOL(bitmap_weight_andnot);

/* The bits of word @index that lie in [start, end). */
static unsigned long range_mask(unsigned long index, unsigned long start, unsigned long end)
{
	unsigned long mask = ~0UL;

	if (index == BIT_WORD(start))
		mask &= BITMAP_FIRST_WORD_MASK(start);
	if ((index + 1) * BITS_PER_LONG > end)
		mask &= BITMAP_LAST_WORD_MASK(end);
	return mask;
}

void bitmap_set(unsigned long *map, unsigned int start, unsigned int nbits)
{
	unsigned long end = (unsigned long)start + nbits;

	for (unsigned long i = BIT_WORD(start); i * BITS_PER_LONG < end; i++)
		map[i] |= range_mask(i, start, end);
}
EXPORT_SYMBOL(bitmap_set);

void bitmap_clear(unsigned long *map, unsigned int start, unsigned int nbits)
{
	unsigned long end = (unsigned long)start + nbits;

	for (unsigned long i = BIT_WORD(start); i * BITS_PER_LONG < end; i++)
		map[i] &= ~range_mask(i, start, end);
}
EXPORT_SYMBOL(bitmap_clear);

unsigned long bitmap_find_next_zero_area_off(unsigned long *map, unsigned long size,
					     unsigned long start, unsigned int nr,
					     unsigned long align_mask, unsigned long align_offset)
{
	unsigned long place, used;

	for (;;) {
		place = find_next_zero_bit(map, size, start);
		place = ((place + align_offset + align_mask) & ~align_mask) - align_offset;
		if (place + nr > size)
			return place + nr;
		used = find_next_bit(map, place + nr, place);
		if (used >= place + nr)
			return place;
		start = used + 1;
	}
}
EXPORT_SYMBOL(bitmap_find_next_zero_area_off);

int bitmap_allocate_region(unsigned long *bitmap, unsigned int pos, int order)
{
	unsigned int len = 1U << order;

	if (find_next_bit(bitmap, pos + len, pos) < pos + len)
		return -EBUSY;
	bitmap_set(bitmap, pos, len);
	return 0;
}
EXPORT_SYMBOL(bitmap_allocate_region);

int bitmap_find_free_region(unsigned long *bitmap, unsigned int bits, int order)
{
	unsigned int len = 1U << order;

	for (unsigned int pos = 0; pos + len <= bits; pos += len)
		if (!bitmap_allocate_region(bitmap, pos, order))
			return pos;
	return -ENOMEM;
}
EXPORT_SYMBOL(bitmap_find_free_region);

void bitmap_release_region(unsigned long *bitmap, unsigned int pos, int order)
{
	bitmap_clear(bitmap, pos, 1U << order);
}
EXPORT_SYMBOL(bitmap_release_region);

/**
 * bitmap_alloc - memory for a bitmap
 * @nbits: its size
 * @flags: as for kmalloc()
 *
 * Return: memory that bitmap_free() gives back, not cleared; NULL when there
 * is none.
 */
unsigned long *bitmap_alloc(unsigned int nbits, gfp_t flags)
{
	return kmalloc(bitmap_size(nbits), flags);
}
EXPORT_SYMBOL(bitmap_alloc);

/* bitmap_alloc(), all bits 0. */
unsigned long *bitmap_zalloc(unsigned int nbits, gfp_t flags)
{
	return bitmap_alloc(nbits, flags | __GFP_ZERO);
}
EXPORT_SYMBOL(bitmap_zalloc);

void bitmap_free(const unsigned long *bitmap)
{
	kfree(bitmap);
}
EXPORT_SYMBOL(bitmap_free);

void bitmap_from_arr32(unsigned long *bitmap, const u32 *buf, unsigned int nbits)
{
	bitmap_zero(bitmap, nbits);
	for (unsigned int i = 0; i < BITS_TO_U32(nbits); i++)
		bitmap[i / 2] |= (unsigned long)buf[i] << (i % 2 * 32);
	if (nbits)
		bitmap[BITS_TO_LONGS(nbits) - 1] &= BITMAP_LAST_WORD_MASK(nbits);
}
EXPORT_SYMBOL(bitmap_from_arr32);

void bitmap_to_arr32(u32 *buf, const unsigned long *bitmap, unsigned int nbits)
{
	for (unsigned int i = 0; i < BITS_TO_U32(nbits); i++)
		buf[i] = bits_at(bitmap, i * 32UL, nbits);
}
EXPORT_SYMBOL(bitmap_to_arr32);
