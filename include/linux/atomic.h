/* SPDX-License-Identifier: MIT */
/*
 * atomic.h - atomic_t, atomic64_t and atomic_long_t
 *
 * The functions are written once in uwq/atomic_ops.h, with their ordering
 * rules, and made here for the three types. All are __atomic builtins on the
 * plain integer inside, which compilers and race detectors understand.
 *
 * Differs from Linux: atomic_read() of a variable that another thread changes
 * with a plain store to .counter is a race, here as there.
 */
#ifndef UWQ_LINUX_ATOMIC_H
#define UWQ_LINUX_ATOMIC_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <asm/barrier.h>
#include <asm/cmpxchg.h>

#define UWQ_ATOMIC(op)		atomic_##op
#define UWQ_ATOMIC_T		atomic_t
#define UWQ_ATOMIC_INT		int
#include <uwq/atomic_ops.h>

#define UWQ_ATOMIC(op)		atomic64_##op
#define UWQ_ATOMIC_T		atomic64_t
#define UWQ_ATOMIC_INT		s64
#include <uwq/atomic_ops.h>

/* The same struct as atomic64_t, spoken to in long, which prints with %ld. */
typedef atomic64_t atomic_long_t;
#define ATOMIC_LONG_INIT(i)	ATOMIC64_INIT(i)

#define UWQ_ATOMIC(op)		atomic_long_##op
#define UWQ_ATOMIC_T		atomic_long_t
#define UWQ_ATOMIC_INT		long
#include <uwq/atomic_ops.h>

/* Spin until @c, in which VAL is the value just read; has that value. */
#define atomic_cond_read_acquire(v, c)	  smp_cond_load_acquire(&(v)->counter, (c))
#define atomic_cond_read_relaxed(v, c)	  smp_cond_load_relaxed(&(v)->counter, (c))
#define atomic64_cond_read_acquire(v, c)  smp_cond_load_acquire(&(v)->counter, (c))
#define atomic64_cond_read_relaxed(v, c)  smp_cond_load_relaxed(&(v)->counter, (c))
#define atomic_long_cond_read_acquire(v, c) smp_cond_load_acquire(&(v)->counter, (c))
#define atomic_long_cond_read_relaxed(v, c) smp_cond_load_relaxed(&(v)->counter, (c))

#endif
