/* SPDX-License-Identifier: MIT */
/*
 * compiler_types.h - address-space and context annotations, type questions
 *
 * Linux checks __user, __iomem, __rcu, __acquires() and the like with sparse.
 * No compiler looks at them, so here they are words for the reader: one
 * address space, and locks are checked at run time (linux/lockdep.h).
 */
#ifndef UWQ_LINUX_COMPILER_TYPES_H
#define UWQ_LINUX_COMPILER_TYPES_H

#include <linux/kconfig.h>
#include <linux/compiler_attributes.h>

#define __kernel
#define __user
#define __iomem
#define __percpu
#define __rcu
#define __force
#define __nocast
#define __safe
#define __private
#define ACCESS_PRIVATE(p, member)	((p)->member)
#define __chk_user_ptr(x)		((void)0)
#define __chk_io_ptr(x)			((void)0)

#define __must_hold(x)
#define __acquires(x)
#define __cond_acquires(x)
#define __releases(x)
#define __acquire(x)			((void)0)
#define __release(x)			((void)0)
#define __cond_lock(x, c)		(c)

/* Structure layouts are as written, and there is no entropy to gather. */
#define __randomize_layout		__designated_init
#define __no_randomize_layout
#define randomized_struct_fields_start
#define randomized_struct_fields_end
#define __latent_entropy

#define ___PASTE(a, b)			a##b
#define __PASTE(a, b)			___PASTE(a, b)

#ifndef __cplusplus
#define __same_type(a, b)		__builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define __unqual_scalar_typeof(x)	__typeof__((__typeof__(x))(x))
#endif
#define __native_word(t)						\
	(sizeof(t) == 1 || sizeof(t) == 2 || sizeof(t) == 4 || sizeof(t) == 8)

#define asm_inline			asm

#endif
