/* SPDX-License-Identifier: MIT */
/*
 * asm/cmpxchg.h - exchange and compare-and-exchange on plain words
 *
 * On any integer or pointer of 1, 2, 4 or 8 bytes. Without a suffix: fully
 * ordered when it succeeds; _acquire, _release and _relaxed as they say. A
 * compare that fails promises no order.
 *
 * Differs from Linux: 1 and 2 bytes work on every machine; there is no
 * cmpxchg_local(), because threads have no CPU to be local to.
 */
#ifndef UWQ_ASM_CMPXCHG_H
#define UWQ_ASM_CMPXCHG_H

#include <linux/compiler.h>
#include <asm/barrier.h>

/* A variable without the const or volatile of what it was made from. */
#ifdef __cplusplus
#define uwq_auto	auto
#else
#define uwq_auto	__auto_type
#endif

#define xchg_relaxed(ptr, new_)						\
	__atomic_exchange_n((ptr), (uwq_bare_type(ptr))(new_), __ATOMIC_RELAXED)
#define xchg_acquire(ptr, new_)						\
	__atomic_exchange_n((ptr), (uwq_bare_type(ptr))(new_), __ATOMIC_ACQUIRE)
#define xchg_release(ptr, new_)						\
	__atomic_exchange_n((ptr), (uwq_bare_type(ptr))(new_), __ATOMIC_RELEASE)
#define xchg(ptr, new_) __extension__					\
({									\
	uwq_auto uwq_xchg = __atomic_exchange_n((ptr), (uwq_bare_type(ptr))(new_), \
						__ATOMIC_SEQ_CST);	\
	uwq_mb_after_seq_cst();						\
	uwq_xchg;							\
})

/* Has the value found; it equals @old exactly when @new_ was stored. */
#define uwq_cmpxchg(ptr, old, new_, order, after) __extension__		\
({									\
	uwq_auto uwq_found = (uwq_bare_type(ptr))(old);			\
	if (__atomic_compare_exchange_n((ptr), &uwq_found, (uwq_bare_type(ptr))(new_), \
					0, (order), __ATOMIC_RELAXED))	\
		after;							\
	uwq_found;							\
})

#define cmpxchg_relaxed(ptr, old, new_)	uwq_cmpxchg(ptr, old, new_, __ATOMIC_RELAXED, (void)0)
#define cmpxchg_acquire(ptr, old, new_)	uwq_cmpxchg(ptr, old, new_, __ATOMIC_ACQUIRE, (void)0)
#define cmpxchg_release(ptr, old, new_)	uwq_cmpxchg(ptr, old, new_, __ATOMIC_RELEASE, (void)0)
#define cmpxchg(ptr, old, new_)						\
	uwq_cmpxchg(ptr, old, new_, __ATOMIC_SEQ_CST, uwq_mb_after_seq_cst())

/* True when @new_ was stored; else *@oldp becomes the value found. */
#define uwq_try_cmpxchg(ptr, oldp, new_, order, after) __extension__	\
({									\
	uwq_auto uwq_stored = __atomic_compare_exchange_n((ptr), (oldp),	\
				(uwq_bare_type(ptr))(new_), 0, (order), __ATOMIC_RELAXED); \
	if (uwq_stored)							\
		after;							\
	uwq_stored;							\
})

#define try_cmpxchg_relaxed(ptr, oldp, new_) \
	uwq_try_cmpxchg(ptr, oldp, new_, __ATOMIC_RELAXED, (void)0)
#define try_cmpxchg_acquire(ptr, oldp, new_) \
	uwq_try_cmpxchg(ptr, oldp, new_, __ATOMIC_ACQUIRE, (void)0)
#define try_cmpxchg_release(ptr, oldp, new_) \
	uwq_try_cmpxchg(ptr, oldp, new_, __ATOMIC_RELEASE, (void)0)
#define try_cmpxchg(ptr, oldp, new_) \
	uwq_try_cmpxchg(ptr, oldp, new_, __ATOMIC_SEQ_CST, uwq_mb_after_seq_cst())

/* The forms for 64-bit words; a long is one. */
#define xchg64(ptr, new_)		xchg(ptr, new_)
#define cmpxchg64(ptr, old, new_)	cmpxchg(ptr, old, new_)
#define cmpxchg64_relaxed(ptr, old, new_) cmpxchg_relaxed(ptr, old, new_)
#define try_cmpxchg64(ptr, oldp, new_)	try_cmpxchg(ptr, oldp, new_)

#endif
