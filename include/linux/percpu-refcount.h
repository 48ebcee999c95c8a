/* SPDX-License-Identifier: MIT */
/*
 * percpu-refcount.h - a reference count with an owner who can close it
 *
 * The count starts with one reference, the owner's. percpu_ref_kill() gives that
 * back and lets no percpu_ref_tryget_live() succeed any more; whoever gives back the
 * last reference calls the release function, which may free the structure.
 *
 * Differs from Linux: the count is one word for all CPUs, so gets and puts of many
 * threads meet there, and it is exact at any time. There are no modes to switch
 * between, so what switches them is absent.
 */
#ifndef UWQ_LINUX_PERCPU_REFCOUNT_H
#define UWQ_LINUX_PERCPU_REFCOUNT_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <uwq/api.h>

struct percpu_ref;
typedef void (percpu_ref_func_t)(struct percpu_ref *ref);

/* For percpu_ref_init(): start exact, start dead, may live again. The first changes nothing. */
#define PERCPU_REF_INIT_ATOMIC		1
#define PERCPU_REF_INIT_DEAD		2
#define PERCPU_REF_ALLOW_REINIT		4

struct percpu_ref {
	atomic_long_t		count;
	bool			dead;		/* atomic */
	unsigned int		flags;		/* PERCPU_REF_*, from init on */
	percpu_ref_func_t	*release;	/* from init on */
	percpu_ref_func_t	*confirm;	/* atomic: to be called by @rcu; NULL: @rcu is free */
	struct rcu_head		rcu;
};

UWQ_API_BEGIN
int __must_check percpu_ref_init(struct percpu_ref *ref, percpu_ref_func_t *release,
				 unsigned int flags, gfp_t gfp);
void percpu_ref_exit(struct percpu_ref *ref);
void percpu_ref_kill_and_confirm(struct percpu_ref *ref, percpu_ref_func_t *confirm_kill);
void percpu_ref_resurrect(struct percpu_ref *ref);
void percpu_ref_reinit(struct percpu_ref *ref);
UWQ_API_END

static inline void percpu_ref_kill(struct percpu_ref *ref)
{
	percpu_ref_kill_and_confirm(ref, NULL);
}

/* For callers that hold a reference. */
static inline void percpu_ref_get_many(struct percpu_ref *ref, unsigned long nr)
{
	atomic_long_add((long)nr, &ref->count);
}

static inline void percpu_ref_get(struct percpu_ref *ref)
{
	percpu_ref_get_many(ref, 1);
}

/* False once the last reference is gone. The memory must outlast the call. */
static inline bool percpu_ref_tryget_many(struct percpu_ref *ref, unsigned long nr)
{
	return atomic_long_add_unless(&ref->count, (long)nr, 0);
}

static inline bool percpu_ref_tryget(struct percpu_ref *ref)
{
	return percpu_ref_tryget_many(ref, 1);
}

static inline bool percpu_ref_is_dying(struct percpu_ref *ref)
{
	return __atomic_load_n(&ref->dead, __ATOMIC_ACQUIRE);
}

/* For callers inside rcu_read_lock(): false once the reference was killed. */
static inline bool percpu_ref_tryget_live_rcu(struct percpu_ref *ref)
{
	return !percpu_ref_is_dying(ref) && percpu_ref_tryget(ref);
}

/* The reader makes the confirmation of a kill wait for who has just looked. */
static inline bool percpu_ref_tryget_live(struct percpu_ref *ref)
{
	bool ret;

	rcu_read_lock();
	ret = percpu_ref_tryget_live_rcu(ref);
	rcu_read_unlock();
	return ret;
}

/* @ref may be gone afterwards. */
static inline void percpu_ref_put_many(struct percpu_ref *ref, unsigned long nr)
{
	if (unlikely(atomic_long_sub_and_test((long)nr, &ref->count)))
		ref->release(ref);
}

static inline void percpu_ref_put(struct percpu_ref *ref)
{
	percpu_ref_put_many(ref, 1);
}

static inline bool percpu_ref_is_zero(struct percpu_ref *ref)
{
	return atomic_long_read_acquire(&ref->count) == 0;
}

#endif
