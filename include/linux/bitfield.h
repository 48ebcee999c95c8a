/* SPDX-License-Identifier: MIT */
/*
 * bitfield.h - fields of a register, each described by a constant mask
 *
 * FIELD_PREP(mask, val) moves a value to the mask's place, FIELD_GET(mask, reg)
 * brings it back. A mask that is not constant, or has a gap, does not build,
 * nor does a constant value that does not fit.
 */
#ifndef UWQ_LINUX_BITFIELD_H
#define UWQ_LINUX_BITFIELD_H

#include <linux/build_bug.h>
#include <linux/types.h>

#ifndef __cplusplus

#define uwq_field_shift(mask)	__builtin_ctzll(mask)
/* A run of ones plus its lowest bit is a power of two, or wraps to zero. */
#define uwq_field_is_run(mask)							\
	((mask) && (((u64)(mask) + ((u64)(mask) & -(u64)(mask))) &		\
		    ((u64)(mask) + ((u64)(mask) & -(u64)(mask)) - 1)) == 0)
#define uwq_field_check(mask)							\
	_Static_assert(uwq_field_is_run(mask), "the mask has a gap or is zero: " #mask)

#define FIELD_MAX(mask)								\
	((__typeof__(mask))((u64)(mask) >> uwq_field_shift(mask)))
#define FIELD_FIT(mask, val)							\
	(!((((u64)(val)) << uwq_field_shift(mask)) & ~(u64)(mask)))
#define FIELD_PREP(mask, val) __extension__					\
({										\
	uwq_field_check(mask);							\
	compiletime_assert(!__builtin_constant_p(val) || FIELD_FIT(mask, val),	\
			   "FIELD_PREP: the value does not fit: " #mask);	\
	(__typeof__(mask))(((u64)(val) << uwq_field_shift(mask)) & (mask));	\
})
#define FIELD_PREP_CONST(mask, val)						\
	((__typeof__(mask))(((u64)(val) << uwq_field_shift(mask)) & (mask)))
#define FIELD_GET(mask, reg) __extension__					\
({										\
	uwq_field_check(mask);							\
	(__typeof__(mask))(((u64)(reg) & (mask)) >> uwq_field_shift(mask));	\
})
#define FIELD_MODIFY(mask, reg_p, val)						\
	((void)(*(reg_p) = (*(reg_p) & ~(mask)) | FIELD_PREP(mask, val)))

#endif
#endif
