/* SPDX-License-Identifier: MIT */
/*
 * asm/barrier.h - memory barriers
 *
 * smp_mb(), smp_rmb() and smp_wmb() are fences; the acquire and release forms
 * order one access and should be preferred: they say which variable hands over
 * what, and ThreadSanitizer follows them. It does not follow fences, so under
 * it each fence is an exchange with one word shared by the whole program: all
 * who pass it synchronise, which hides a race now and then but invents none.
 *
 * Differs from Linux: mb(), rmb() and wmb() are the smp_ forms, because no
 * device is on the other side.
 */
#ifndef UWQ_ASM_BARRIER_H
#define UWQ_ASM_BARRIER_H

#include <linux/compiler.h>
#include <asm/processor.h>

#ifdef UWQ_HAVE_TSAN

static __always_inline void uwq_fence(int order)
{
	(void)order;
	(void)__atomic_fetch_add(&uwq_tsan_fence_word, 1, __ATOMIC_SEQ_CST);
}

#define smp_mb()	uwq_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()	uwq_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()	uwq_fence(__ATOMIC_RELEASE)

#else

static __always_inline void smp_mb(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* An acquire fence orders loads before it against all after it: enough. */
static __always_inline void smp_rmb(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	barrier();
}

/* A release fence orders all before it against stores after it: enough. */
static __always_inline void smp_wmb(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
	barrier();
}

#endif

#define mb()		smp_mb()
#define rmb()		smp_rmb()
#define wmb()		smp_wmb()
#define dma_rmb()	smp_rmb()
#define dma_wmb()	smp_wmb()

/*
 * Next to an atomic operation that promises no order of its own. On x86 every
 * locked instruction is a full barrier already.
 */
#if defined(__x86_64__) && !defined(UWQ_HAVE_TSAN)
#define smp_mb__before_atomic()	barrier()
#define smp_mb__after_atomic()	barrier()
#else
#define smp_mb__before_atomic()	smp_mb()
#define smp_mb__after_atomic()	smp_mb()
#endif

/* A lock's release and the next acquire of one make a full barrier with it. */
#define smp_mb__after_spinlock()	smp_mb()
#define smp_mb__after_unlock_lock()	smp_mb()

/*
 * What a fully ordered operation still lacks behind __ATOMIC_SEQ_CST. On x86
 * nothing. Elsewhere a later load may pass the store half of the operation.
 */
#if defined(__x86_64__)
#define uwq_mb_after_seq_cst()	barrier()
#else
#define uwq_mb_after_seq_cst()	smp_mb()
#endif

#define smp_load_acquire(p)		__atomic_load_n((p), __ATOMIC_ACQUIRE)
#ifdef __cplusplus
#define smp_store_release(p, v)		\
	__atomic_store_n((p), (uwq_bare_type(p))(v), __ATOMIC_RELEASE)
#else
#define smp_store_release(p, v)						\
do {									\
	uwq_bare_type(p) uwq_released = (v);				\
	__atomic_store_n((p), uwq_released, __ATOMIC_RELEASE);		\
} while (0)
#endif

/* Store, then a full barrier: one exchange, which the race detector follows. */
#define smp_store_mb(var, value)					\
do {									\
	(void)__atomic_exchange_n(&(var), (uwq_bare_type(&(var)))(value), __ATOMIC_SEQ_CST); \
	uwq_mb_after_seq_cst();						\
} while (0)

/* Spin until @cond, in which VAL is the value just loaded; has that value. */
#define smp_cond_load_relaxed(ptr, cond) __extension__			\
({									\
	__typeof__(ptr) uwq_cond_ptr = (ptr);				\
	uwq_bare_type(uwq_cond_ptr) VAL;					\
	while (VAL = READ_ONCE(*uwq_cond_ptr), !(cond))			\
		cpu_relax();						\
	VAL;								\
})

#define smp_cond_load_acquire(ptr, cond) __extension__			\
({									\
	__typeof__(ptr) uwq_cond_ptr = (ptr);				\
	uwq_bare_type(uwq_cond_ptr) VAL;					\
	while (VAL = smp_load_acquire(uwq_cond_ptr), !(cond))		\
		cpu_relax();						\
	VAL;								\
})

/* After a loop that ended on a plain or relaxed load of its condition. */
#define smp_acquire__after_ctrl_dep()	smp_rmb()

#endif
