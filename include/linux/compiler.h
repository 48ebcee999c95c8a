/* SPDX-License-Identifier: MIT */
/*
 * compiler.h - what kernel code tells the compiler and asks of it
 *
 * Attributes come from compiler_attributes.h, checker words from
 * compiler_types.h, READ_ONCE()/WRITE_ONCE() from asm/rwonce.h.
 */
#ifndef UWQ_LINUX_COMPILER_H
#define UWQ_LINUX_COMPILER_H

#include <linux/compiler_types.h>
#include <uwq/annotate.h>
#include <asm/rwonce.h>

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

/* Stops the compiler, not the processor: no access moves across it. */
#define barrier()		__asm__ __volatile__("" : : : "memory")
/* As barrier(), and what @ptr points to counts as used. */
#define barrier_data(ptr)	__asm__ __volatile__("" : : "r"(ptr) : "memory")

#define OPTIMIZER_HIDE_VAR(var)	__asm__("" : "=r"(var) : "0"(var))

#ifndef unreachable
#define unreachable()		__builtin_unreachable()
#endif

/*
 * A race that is meant: under ThreadSanitizer the accesses of @expr are not
 * looked at. Has the value of @expr.
 */
#ifndef __cplusplus
#define data_race(expr) __extension__			\
({							\
	UWQ_TSAN_IGNORE_BEGIN();			\
	__auto_type uwq_racy = (expr);			\
	UWQ_TSAN_IGNORE_END();				\
	uwq_racy;					\
})

#define is_signed_type(type)	(((type)(-1)) < (__typeof__((type)1))1)
#define is_unsigned_type(type)	(!is_signed_type(type))

/* 1 for an integer constant expression, and itself one. */
#define __is_constexpr(x)						\
	_Generic((1 ? (void *)((__INTPTR_TYPE__)(x) * 0) : (int *)0), int *: 1, default: 0)
/* True only where the compiler knows it to be. */
#define statically_true(x)	(__builtin_constant_p(x) && (x))

/* 0, or no build when @a is a pointer. */
#define __must_be_array(a)						\
	(sizeof(struct { int not_an_array : __same_type((a), &(a)[0]) ? -1 : 1; }) * 0)
#endif

#endif
