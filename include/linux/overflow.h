/* SPDX-License-Identifier: MIT */
/*
 * overflow.h - arithmetic that says when the result does not fit
 *
 * check_*_overflow(a, b, &d): true when it did not fit; *d then holds what is
 * left of it. The size_* functions stick at SIZE_MAX instead, a size that no
 * allocator grants.
 */
#ifndef UWQ_LINUX_OVERFLOW_H
#define UWQ_LINUX_OVERFLOW_H

#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/const.h>
#include <linux/stddef.h>

static inline bool __must_check uwq_must_check_overflow(bool overflow)
{
	return unlikely(overflow);
}

#define check_add_overflow(a, b, d)	uwq_must_check_overflow(__builtin_add_overflow((a), (b), (d)))
#define check_sub_overflow(a, b, d)	uwq_must_check_overflow(__builtin_sub_overflow((a), (b), (d)))
#define check_mul_overflow(a, b, d)	uwq_must_check_overflow(__builtin_mul_overflow((a), (b), (d)))

/* With wrap-around meant, in @type. */
#define wrapping_add(type, a, b) __extension__		\
({							\
	type uwq_wrapped;				\
	(void)__builtin_add_overflow((a), (b), &uwq_wrapped); \
	uwq_wrapped;					\
})
#define wrapping_sub(type, a, b) __extension__		\
({							\
	type uwq_wrapped;				\
	(void)__builtin_sub_overflow((a), (b), &uwq_wrapped); \
	uwq_wrapped;					\
})
#define wrapping_mul(type, a, b) __extension__		\
({							\
	type uwq_wrapped;				\
	(void)__builtin_mul_overflow((a), (b), &uwq_wrapped); \
	uwq_wrapped;					\
})
#define wrapping_assign_add(var, offset)	((var) = wrapping_add(__typeof__(var), (var), (offset)))
#define wrapping_assign_sub(var, offset)	((var) = wrapping_sub(__typeof__(var), (var), (offset)))

#ifndef __cplusplus
/* *@d = @a << @s; true when bits are lost, the sign changes, or @s is out of range. */
#define check_shl_overflow(a, s, d) uwq_must_check_overflow(__extension__	\
({									\
	__auto_type uwq_a = (a);					\
	__auto_type uwq_s = (s);					\
	__auto_type uwq_d = (d);					\
	bool uwq_range = (s64)uwq_s >= 0 && (u64)uwq_s < 8 * sizeof(*uwq_d); \
	u64 uwq_shifted = uwq_range ? (u64)uwq_a << uwq_s : 0;		\
	*uwq_d = (__typeof__(*uwq_d))uwq_shifted;			\
	!uwq_range || uwq_is_negative(uwq_a) || uwq_is_negative(*uwq_d) || \
		(u64)*uwq_d >> uwq_s != (u64)uwq_a;			\
}))
#define uwq_is_negative(x)	(is_signed_type(__typeof__(x)) && (s64)(x) < 0)

/* Does @n, a value, lose something when it is put into @T, a type or variable? */
#define overflows_type(n, T) __extension__				\
({									\
	__typeof__(T) uwq_narrow;					\
	__builtin_add_overflow((n), 0, &uwq_narrow);			\
})
#endif

static inline size_t __must_check size_mul(size_t factor1, size_t factor2)
{
	size_t bytes;

	return check_mul_overflow(factor1, factor2, &bytes) ? SIZE_MAX : bytes;
}

static inline size_t __must_check size_add(size_t addend1, size_t addend2)
{
	size_t bytes;

	return check_add_overflow(addend1, addend2, &bytes) ? SIZE_MAX : bytes;
}

/* SIZE_MAX also when one of the two already is. */
static inline size_t __must_check size_sub(size_t minuend, size_t subtrahend)
{
	size_t bytes;

	if (minuend == SIZE_MAX || subtrahend == SIZE_MAX ||
	    check_sub_overflow(minuend, subtrahend, &bytes))
		return SIZE_MAX;
	return bytes;
}

#define array_size(a, b)	size_mul((a), (b))
#define array3_size(a, b, c)	size_mul(size_mul((a), (b)), (c))

/* Bytes of @count elements of the flexible array @member of *@p. */
#define flex_array_size(p, member, count)				\
	size_mul((count), sizeof(*(p)->member))
/* Bytes of *@p with that many elements. */
#define struct_size(p, member, count)					\
	size_add(sizeof(*(p)), flex_array_size(p, member, count))
#define struct_size_t(type, member, count)				\
	struct_size((type *)NULL, member, count)

#ifndef __cplusplus
/* A struct with a flexible array of a constant number of elements, on the stack, zeroed. */
#define DEFINE_RAW_FLEX(type, name, member, count)			\
	union {								\
		unsigned char bytes[offsetof(type, member) +		\
				    (count) * sizeof(((type *)0)->member[0]) + sizeof(type)]; \
		type obj;						\
	} name##_u = { .bytes = { 0 } };				\
	type *name = (type *)&name##_u
#endif

#endif
