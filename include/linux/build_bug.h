/* SPDX-License-Identifier: MIT */
/*
 * build_bug.h - conditions that must hold while compiling
 *
 * BUILD_BUG_ON() takes what the optimiser can prove, as in Linux; without
 * optimisation, and under AddressSanitizer, which stands in the optimiser's way,
 * only constant expressions are looked at.
 */
#ifndef UWQ_LINUX_BUILD_BUG_H
#define UWQ_LINUX_BUILD_BUG_H

#include <linux/compiler.h>

#ifndef __cplusplus

/* A call that survives to the object file is an error with @msg. */
#define uwq_compiletime_assert(cond, msg, id)				\
do {									\
	__attribute__((__noreturn__)) extern void			\
	__PASTE(uwq_compiletime_assert_, id)(void) __attribute__((__error__(msg))); \
	if (!(cond))							\
		__PASTE(uwq_compiletime_assert_, id)();			\
} while (0)

#if defined(__OPTIMIZE__) && !defined(UWQ_HAVE_ASAN)
#define compiletime_assert(cond, msg)	uwq_compiletime_assert(cond, msg, __COUNTER__)
#else
#define compiletime_assert(cond, msg)					\
	_Static_assert(__builtin_choose_expr(__is_constexpr(cond), (cond), 1), msg)
#endif

#define BUILD_BUG_ON_MSG(cond, msg)	compiletime_assert(!(cond), msg)
#define BUILD_BUG_ON(cond)		BUILD_BUG_ON_MSG(cond, "BUILD_BUG_ON failed: " #cond)
#define BUILD_BUG()			BUILD_BUG_ON_MSG(1, "BUILD_BUG failed")
#define BUILD_BUG_ON_NOT_POWER_OF_2(n)	BUILD_BUG_ON((n) == 0 || (((n) & ((n) - 1)) != 0))

/* 0, usable inside an expression; the condition must be constant. */
#define BUILD_BUG_ON_ZERO(e)						\
	((int)(sizeof(struct { int build_bug_on_zero : (e) ? -1 : 1; }) * 0))
#define BUILD_BUG_ON_INVALID(e)		((void)sizeof((long)(e)))

#define compiletime_assert_atomic_type(t) \
	compiletime_assert(__native_word(t), "this type cannot be accessed in one piece")

/* libc's assert.h takes the name over when it comes later; it means the same. */
#undef static_assert
#define static_assert(expr, ...)	uwq_static_assert(expr, ##__VA_ARGS__, #expr)
#define uwq_static_assert(expr, msg, ...)	_Static_assert(expr, msg)

#endif
#endif
