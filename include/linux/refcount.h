/* SPDX-License-Identifier: MIT */
/*
 * refcount.h - counting references without ever wrapping
 *
 * A count that would wrap, or that is used after it reached zero, is set to
 * REFCOUNT_SATURATED and stays about there: the object is never freed, which is
 * a leak and not a use after free. Each misuse warns (kernel-compat/refcount.c).
 *
 * Order: taking a reference promises none; giving one back releases, and the
 * last one acquires too, so whoever frees sees all stores of the others.
 */
#ifndef UWQ_LINUX_REFCOUNT_H
#define UWQ_LINUX_REFCOUNT_H

#include <linux/atomic.h>
#include <linux/limits.h>
#include <linux/mutex_types.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>
#include <uwq/api.h>

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

#define REFCOUNT_INIT(n)	{ .refs = ATOMIC_INIT(n) }
#define REFCOUNT_MAX		INT_MAX
#define REFCOUNT_SATURATED	(INT_MIN / 2)

enum refcount_saturation_type {
	REFCOUNT_ADD_NOT_ZERO_OVF,
	REFCOUNT_ADD_OVF,
	REFCOUNT_ADD_UAF,
	REFCOUNT_SUB_UAF,
	REFCOUNT_DEC_LEAK,
};

UWQ_API_BEGIN
void refcount_warn_saturate(refcount_t *r, enum refcount_saturation_type t);

bool __must_check refcount_dec_if_one(refcount_t *r);
bool __must_check refcount_dec_not_one(refcount_t *r);
bool __must_check refcount_dec_and_mutex_lock(refcount_t *r, struct mutex *lock);
bool __must_check refcount_dec_and_lock(refcount_t *r, spinlock_t *lock);
bool __must_check refcount_dec_and_lock_irqsave(refcount_t *r, spinlock_t *lock,
						unsigned long *flags);
UWQ_API_END

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return atomic_read(&r->refs);
}

/* Adds @i unless the count is zero; *@oldp, if given, is what it was. */
static inline bool __must_check __refcount_add_not_zero(int i, refcount_t *r, int *oldp)
{
	int old = refcount_read(r), sum;

	do {
		if (!old)
			break;
		(void)__builtin_add_overflow(old, i, &sum);
	} while (!atomic_try_cmpxchg_relaxed(&r->refs, &old, sum));

	if (oldp)
		*oldp = old;
	if (unlikely(old < 0 || (old && sum < 0)))
		refcount_warn_saturate(r, REFCOUNT_ADD_NOT_ZERO_OVF);
	return old;
}

static inline bool __must_check refcount_add_not_zero(int i, refcount_t *r)
{
	return __refcount_add_not_zero(i, r, NULL);
}

static inline bool __must_check __refcount_inc_not_zero(refcount_t *r, int *oldp)
{
	return __refcount_add_not_zero(1, r, oldp);
}

/* For an object found without a reference of one's own: false, it is going. */
static inline bool __must_check refcount_inc_not_zero(refcount_t *r)
{
	return __refcount_add_not_zero(1, r, NULL);
}

static inline void __refcount_add(int i, refcount_t *r, int *oldp)
{
	int old = atomic_fetch_add_relaxed(i, &r->refs), sum;

	if (oldp)
		*oldp = old;
	if (unlikely(!old))
		refcount_warn_saturate(r, REFCOUNT_ADD_UAF);
	else if (unlikely(old < 0 || __builtin_add_overflow(old, i, &sum) || sum < 0))
		refcount_warn_saturate(r, REFCOUNT_ADD_OVF);
}

static inline void refcount_add(int i, refcount_t *r)
{
	__refcount_add(i, r, NULL);
}

static inline void __refcount_inc(refcount_t *r, int *oldp)
{
	__refcount_add(1, r, oldp);
}

/* For a holder of a reference. */
static inline void refcount_inc(refcount_t *r)
{
	__refcount_add(1, r, NULL);
}

/* True when the count is zero now: the object is the caller's to free. */
static inline bool __must_check __refcount_sub_and_test(int i, refcount_t *r, int *oldp)
{
	/* Releases our stores; acquires those of the others for the last one. */
	int old = __atomic_fetch_sub(&r->refs.counter, i, __ATOMIC_ACQ_REL);

	if (oldp)
		*oldp = old;
	if (old > 0 && old == i)
		return true;
	if (unlikely(old <= 0 || old < i))
		refcount_warn_saturate(r, REFCOUNT_SUB_UAF);
	return false;
}

static inline bool __must_check refcount_sub_and_test(int i, refcount_t *r)
{
	return __refcount_sub_and_test(i, r, NULL);
}

static inline bool __must_check __refcount_dec_and_test(refcount_t *r, int *oldp)
{
	return __refcount_sub_and_test(1, r, oldp);
}

static inline bool __must_check refcount_dec_and_test(refcount_t *r)
{
	return __refcount_sub_and_test(1, r, NULL);
}

static inline void __refcount_dec(refcount_t *r, int *oldp)
{
	int old = atomic_fetch_sub_release(1, &r->refs);

	if (oldp)
		*oldp = old;
	if (unlikely(old <= 1))
		refcount_warn_saturate(r, REFCOUNT_DEC_LEAK);
}

/* For one who knows that another reference is left; warns when not. */
static inline void refcount_dec(refcount_t *r)
{
	__refcount_dec(r, NULL);
}

#endif
