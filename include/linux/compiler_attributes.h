/* SPDX-License-Identifier: MIT */
/*
 * compiler_attributes.h - short names for compiler attributes
 *
 * Spelled with the reserved __name__ forms, so that a macro called `noinline`
 * or `packed` somewhere else cannot break them.
 *
 * Differs from Linux: `noinline` and `fallthrough` are C only, because C++
 * spells attributes with the very same words ([[fallthrough]]).
 */
#ifndef UWQ_LINUX_COMPILER_ATTRIBUTES_H
#define UWQ_LINUX_COMPILER_ATTRIBUTES_H

/* libc has these two as well, with the same meaning. */
#ifndef __always_inline
#define __always_inline		__inline__ __attribute__((__always_inline__))
#endif
#ifndef __attribute_const__
#define __attribute_const__	__attribute__((__const__))
#endif

#define __alias(symbol)		__attribute__((__alias__(#symbol)))
#define __aligned(x)		__attribute__((__aligned__(x)))
#define __aligned_largest	__attribute__((__aligned__))
#define __always_unused		__attribute__((__unused__))
#define __assume_aligned(a, ...) __attribute__((__assume_aligned__(a, ##__VA_ARGS__)))
#define __cleanup(func)		__attribute__((__cleanup__(func)))
#define __cold			__attribute__((__cold__))
#define __flatten		__attribute__((__flatten__))
#define __gnu_inline		__attribute__((__gnu_inline__))
#define __malloc		__attribute__((__malloc__))
#define __maybe_unused		__attribute__((__unused__))
#define __mode(x)		__attribute__((__mode__(x)))
#define __must_check		__attribute__((__warn_unused_result__))
#define __noreturn		__attribute__((__noreturn__))
#define __packed		__attribute__((__packed__))
#define __printf(a, b)		__attribute__((__format__(printf, a, b)))
#define __pure			__attribute__((__pure__))
#define __scanf(a, b)		__attribute__((__format__(scanf, a, b)))
#define __section(section)	__attribute__((__section__(section)))
#define __used			__attribute__((__used__))
#define __visible		__attribute__((__visibility__("default")))
#define __weak			__attribute__((__weak__))

/*
 * Says something to Linux's own checkers or to newer compilers only. Newer headers of the
 * system have an empty __counted_by() as well, with another name for what it is given.
 */
#undef __counted_by
#define __counted_by(member)
#define __deprecated

#ifdef __clang__
#define __alloc_size(x, ...)	__attribute__((__alloc_size__(x, ##__VA_ARGS__)))
#define __copy(symbol)
#define __designated_init
#define __noclone
#define __nonstring
#define __no_sanitize_address	__attribute__((__no_sanitize__("address")))
#define __no_sanitize_thread	__attribute__((__no_sanitize__("thread")))
#else
#define __alloc_size(x, ...)	__attribute__((__alloc_size__(x, ##__VA_ARGS__)))
#define __copy(symbol)		__attribute__((__copy__(symbol)))
#define __designated_init	__attribute__((__designated_init__))
#define __noclone		__attribute__((__noclone__))
#define __nonstring		__attribute__((__nonstring__))
#define __no_sanitize_address	__attribute__((__no_sanitize_address__))
#define __no_sanitize_thread	__attribute__((__no_sanitize_thread__))
#endif

/* Linux's detector of races is KCSAN; here it is ThreadSanitizer. */
#define __no_kcsan		__no_sanitize_thread
#define __no_kasan_or_inline	__no_sanitize_address

#ifndef __cplusplus
#define noinline		__attribute__((__noinline__))
#define noinline_for_stack	noinline
#define fallthrough		__attribute__((__fallthrough__))
#endif
/* Nothing here traces functions. */
#define notrace			__attribute__((__no_instrument_function__))

#endif
