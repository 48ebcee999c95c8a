/* SPDX-License-Identifier: MIT */
/*
 * bitmap.h - arrays of bits as values: copy, combine, compare, print, parse
 *
 * @nbits is the number of bits that mean something. Functions that write a
 * whole bitmap write whole words, with zeros behind the last bit (except where
 * said); functions that read never look at the bits behind it.
 * Not atomic, but words are read with relaxed atomic loads where a bitmap may
 * be changing under set_bit() meanwhile (find.h, weight, empty, copy).
 */
#ifndef UWQ_LINUX_BITMAP_H
#define UWQ_LINUX_BITMAP_H

#include <linux/types.h>
#include <linux/bitops.h>
#include <linux/cpumask_types.h>
#include <linux/find.h>
#include <linux/limits.h>
#include <uwq/api.h>

/* The bits of a bitmap's first and last word that count. */
#define BITMAP_FIRST_WORD_MASK(start)	(~0UL << ((start) & (BITS_PER_LONG - 1)))
#define BITMAP_LAST_WORD_MASK(nbits)	(~0UL >> (-(nbits) & (BITS_PER_LONG - 1)))
#define bitmap_size(nbits)		(BITS_TO_LONGS(nbits) * sizeof(unsigned long))

UWQ_API_BEGIN

void bitmap_zero(unsigned long *dst, unsigned int nbits);
void bitmap_fill(unsigned long *dst, unsigned int nbits);
void bitmap_copy(unsigned long *dst, const unsigned long *src, unsigned int nbits);
void bitmap_copy_clear_tail(unsigned long *dst, const unsigned long *src, unsigned int nbits);

/* and, andnot: true when the result has a bit set */
bool bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		unsigned int nbits);
bool bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		   unsigned int nbits);
void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b,
	       unsigned int nbits);
void bitmap_xor(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		unsigned int nbits);
void bitmap_complement(unsigned long *dst, const unsigned long *src, unsigned int nbits);
/* bits of @a where @mask is 0, of @b where it is 1 */
void bitmap_replace(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		    const unsigned long *mask, unsigned int nbits);
void bitmap_shift_right(unsigned long *dst, const unsigned long *src, unsigned int shift,
			unsigned int nbits);
void bitmap_shift_left(unsigned long *dst, const unsigned long *src, unsigned int shift,
		       unsigned int nbits);

bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned int nbits);
bool bitmap_or_equal(const unsigned long *a, const unsigned long *b, const unsigned long *sum,
		     unsigned int nbits);
bool bitmap_intersects(const unsigned long *a, const unsigned long *b, unsigned int nbits);
bool bitmap_subset(const unsigned long *sub, const unsigned long *super, unsigned int nbits);
unsigned int bitmap_weight(const unsigned long *src, unsigned int nbits);
unsigned int bitmap_weight_and(const unsigned long *a, const unsigned long *b,
			       unsigned int nbits);
unsigned int bitmap_weight_andnot(const unsigned long *a, const unsigned long *b,
				  unsigned int nbits);

void bitmap_set(unsigned long *map, unsigned int start, unsigned int nbits);
void bitmap_clear(unsigned long *map, unsigned int start, unsigned int nbits);

/*
 * Where @nr zeros begin that lie together, at @start or later, at a place p
 * with ((p + @align_offset) & @align_mask) == 0; more than @size if nowhere.
 */
unsigned long bitmap_find_next_zero_area_off(unsigned long *map, unsigned long size,
					     unsigned long start, unsigned int nr,
					     unsigned long align_mask, unsigned long align_offset);

/* Regions of 2^@order bits at a multiple of their size. -ENOMEM / -EBUSY: none free. */
int bitmap_find_free_region(unsigned long *bitmap, unsigned int bits, int order);
void bitmap_release_region(unsigned long *bitmap, unsigned int pos, int order);
int bitmap_allocate_region(unsigned long *bitmap, unsigned int pos, int order);

/* Hexadecimal, in groups of up to eight digits with commas between; see bitmap.c. */
int bitmap_parse(const char *buf, unsigned int buflen, unsigned long *dst, int nbits);
/* Decimal numbers and ranges: "0-3,8,16-31:2/4", "all", "N" for the last bit. */
int bitmap_parselist(const char *buf, unsigned long *dst, int nbits);
/* Into a page: as a list ("0-3,8\n") or hexadecimal. Returns the length. */
int bitmap_print_to_pagebuf(bool list, char *buf, const unsigned long *map, int nbits);
/* The same into @size bytes and without newline, as %*pbl and %*pb have it; like scnprintf(). */
int uwq_bitmap_format(bool list, char *buf, size_t size, const unsigned long *map, int nbits);

unsigned long *bitmap_alloc(unsigned int nbits, gfp_t flags);
unsigned long *bitmap_zalloc(unsigned int nbits, gfp_t flags);
void bitmap_free(const unsigned long *bitmap);

void bitmap_from_arr32(unsigned long *bitmap, const u32 *buf, unsigned int nbits);
void bitmap_to_arr32(u32 *buf, const unsigned long *bitmap, unsigned int nbits);

UWQ_API_END

static inline bool bitmap_empty(const unsigned long *src, unsigned int nbits)
{
	return find_first_bit(src, nbits) >= nbits;
}

static inline bool bitmap_full(const unsigned long *src, unsigned int nbits)
{
	return find_first_zero_bit(src, nbits) >= nbits;
}

static inline unsigned long bitmap_find_next_zero_area(unsigned long *map, unsigned long size,
						       unsigned long start, unsigned int nr,
						       unsigned long align_mask)
{
	return bitmap_find_next_zero_area_off(map, size, start, nr, align_mask, 0);
}

static inline void bitmap_from_u64(unsigned long *dst, u64 mask)
{
	dst[0] = mask;
}

#endif
