// SPDX-License-Identifier: MIT
/*
 * refcount.c - the seldom half of reference counts
 *
 * What linux/refcount.h does not inline: the warning and saturation after a
 * misuse, and dropping a reference only if it is, or is not, the last one.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/refcount.h>

/**
 * refcount_warn_saturate - a count was misused: keep the object for ever
 * @r: the count
 * @t: what was done
 *
 * Sets the count to REFCOUNT_SATURATED and warns, once for each kind.
 * Context: any.
 */
void refcount_warn_saturate(refcount_t *r, enum refcount_saturation_type t)
{
	refcount_set(r, REFCOUNT_SATURATED);

	switch (t) {
	case REFCOUNT_ADD_NOT_ZERO_OVF:
	case REFCOUNT_ADD_OVF:
		WARN_ONCE(1, "refcount_t: saturated; leaking memory.\n");
		break;
	case REFCOUNT_ADD_UAF:
		WARN_ONCE(1, "refcount_t: addition on 0; use-after-free.\n");
		break;
	case REFCOUNT_SUB_UAF:
		WARN_ONCE(1, "refcount_t: underflow; use-after-free.\n");
		break;
	case REFCOUNT_DEC_LEAK:
		WARN_ONCE(1, "refcount_t: decrement hit 0; leaking memory.\n");
		break;
	}
}
EXPORT_SYMBOL(refcount_warn_saturate);

/**
 * refcount_dec_if_one - drop the reference if it is the last
 * @r: the count
 *
 * Return: true when the count was one and is zero now. Ordering: releases and
 * acquires, then.
 */
bool refcount_dec_if_one(refcount_t *r)
{
	return atomic_cmpxchg(&r->refs, 1, 0) == 1;
}
EXPORT_SYMBOL(refcount_dec_if_one);

/**
 * refcount_dec_not_one - drop the reference unless it is the last
 * @r: the count
 *
 * Return: true when dropped, or when the count is saturated and does not
 * matter; false when it is one. Ordering: releases.
 */
bool refcount_dec_not_one(refcount_t *r)
{
	int old = atomic_read(&r->refs);

	do {
		if (old == REFCOUNT_SATURATED)
			return true;
		if (old == 1)
			return false;
		if (old == 0) {
			WARN_ONCE(1, "refcount_t: underflow; use-after-free.\n");
			return true;
		}
	} while (!atomic_try_cmpxchg_release(&r->refs, &old, old - 1));
	return true;
}
EXPORT_SYMBOL(refcount_dec_not_one);
