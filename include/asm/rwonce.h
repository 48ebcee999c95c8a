/* SPDX-License-Identifier: MIT */
/*
 * rwonce.h - READ_ONCE() and WRITE_ONCE(): one access, whole, never repeated
 *
 * A relaxed atomic load or store through a volatile pointer: the compiler may
 * neither split, repeat nor drop it, and ThreadSanitizer takes it for what it
 * is. Any type of 1, 2, 4 or 8 bytes will do, small structs included.
 *
 * Differs from Linux: other sizes do not build (Linux lets them through as
 * accesses that may tear). A struct is read whole only when it is aligned to its
 * size.
 */
#ifndef UWQ_ASM_RWONCE_H
#define UWQ_ASM_RWONCE_H

#include <linux/compiler_types.h>

#ifdef __cplusplus

extern "C++" {

/* The integer as wide as an object; it may alias whatever the object is. */
template <unsigned long size> struct uwq_word;
template <> struct uwq_word<1> { typedef __UINT8_TYPE__ type __attribute__((__may_alias__)); };
template <> struct uwq_word<2> { typedef __UINT16_TYPE__ type __attribute__((__may_alias__)); };
template <> struct uwq_word<4> { typedef __UINT32_TYPE__ type __attribute__((__may_alias__)); };
template <> struct uwq_word<8> { typedef __UINT64_TYPE__ type __attribute__((__may_alias__)); };

template <typename T> static inline T uwq_read_once(const volatile T *p)
{
	typedef typename uwq_word<sizeof(T)>::type word;
	T val;
	word w = __atomic_load_n((const volatile word *)(__UINTPTR_TYPE__)p, __ATOMIC_RELAXED);

	__builtin_memcpy((void *)&val, &w, sizeof(w));
	return val;
}

template <typename T> static inline void uwq_write_once(volatile T *p, T val)
{
	typedef typename uwq_word<sizeof(T)>::type word;
	word w;

	__builtin_memcpy(&w, (const void *)&val, sizeof(w));
	__atomic_store_n((volatile word *)(__UINTPTR_TYPE__)p, w, __ATOMIC_RELAXED);
}

/* For decltype() only: what @p points to, without const and volatile. */
template <typename T> T uwq_unqualified(const volatile T *p);

}

#define uwq_bare_type(ptr)	decltype(uwq_unqualified(ptr))

#define READ_ONCE(x)		uwq_read_once(&(x))
#define WRITE_ONCE(x, value)					\
do {								\
	uwq_bare_type(&(x)) uwq_once = (value);			\
	uwq_write_once(&(x), uwq_once);				\
} while (0)

#else

#define uwq_bare_type(ptr)	__typeof__(*(ptr))

/* The caller's object has a type of its own, so these may alias it. */
typedef __UINT8_TYPE__ __attribute__((__may_alias__)) uwq_word8;
typedef __UINT16_TYPE__ __attribute__((__may_alias__)) uwq_word16;
typedef __UINT32_TYPE__ __attribute__((__may_alias__)) uwq_word32;
typedef __UINT64_TYPE__ __attribute__((__may_alias__)) uwq_word64;

/* Pointer to the word as wide as @x, as a type. */
#define uwq_word_ptr(x)								\
	__typeof__(__builtin_choose_expr(sizeof(x) == 1, (volatile uwq_word8 *)0,	\
		   __builtin_choose_expr(sizeof(x) == 2, (volatile uwq_word16 *)0,	\
		   __builtin_choose_expr(sizeof(x) == 4, (volatile uwq_word32 *)0,	\
					 (volatile uwq_word64 *)0))))
#define uwq_word(x)								\
	__typeof__(__builtin_choose_expr(sizeof(x) == 1, (uwq_word8)0,		\
		   __builtin_choose_expr(sizeof(x) == 2, (uwq_word16)0,		\
		   __builtin_choose_expr(sizeof(x) == 4, (uwq_word32)0, (uwq_word64)0))))

/*
 * Through an integer, or clang goes by the alignment of the struct's type and
 * calls a library. The union lets a const object be read into something that
 * can be written.
 */
#define READ_ONCE(x) __extension__						\
({										\
	union { uwq_word(x) word; __typeof__(x) val; } uwq_once;		\
	_Static_assert(__native_word(x), "READ_ONCE: type of 1, 2, 4 or 8 bytes needed"); \
	uwq_once.word = __atomic_load_n((uwq_word_ptr(x))(__UINTPTR_TYPE__)&(x), __ATOMIC_RELAXED); \
	uwq_once.val;								\
})

#define WRITE_ONCE(x, value)							\
do {										\
	union { __typeof__(x) val; uwq_word(x) word; } uwq_once = { .val = (value) }; \
	_Static_assert(__native_word(x), "WRITE_ONCE: type of 1, 2, 4 or 8 bytes needed"); \
	__atomic_store_n((uwq_word_ptr(x))(__UINTPTR_TYPE__)&(x), uwq_once.word, __ATOMIC_RELAXED); \
} while (0)

#endif /* __cplusplus */

#define __READ_ONCE(x)		READ_ONCE(x)
#define __WRITE_ONCE(x, val)	WRITE_ONCE(x, val)

#endif
