// SPDX-License-Identifier: MIT
/*
 * percpu_refcount.c - the life of a percpu_ref: made, killed, brought back
 *
 * Gets and puts are inline (linux/percpu-refcount.h); here is what its owner does.
 * Owners call one at a time: the kernel leaves that to them too.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/percpu-refcount.h>
#include <linux/wait_bit.h>

static void set_dead(struct percpu_ref *ref, bool dead)
{
	__atomic_store_n(&ref->dead, dead, __ATOMIC_RELEASE);
}

static bool is_confirming(struct percpu_ref *ref)
{
	return __atomic_load_n(&ref->confirm, __ATOMIC_ACQUIRE);
}

/**
 * percpu_ref_init - make a count with one reference, the caller's
 * @ref: count
 * @release: called by whoever gives back the last reference, in his context; may free @ref
 * @flags: PERCPU_REF_INIT_DEAD: no reference yet, percpu_ref_reinit() gives the first one;
 *	PERCPU_REF_ALLOW_REINIT: it may be brought back
 * @gfp: unused: nothing is allocated
 *
 * Return: 0.
 */
int percpu_ref_init(struct percpu_ref *ref, percpu_ref_func_t *release, unsigned int flags,
		    gfp_t gfp)
{
	bool dead = flags & PERCPU_REF_INIT_DEAD;

	(void)gfp;
	atomic_long_set(&ref->count, dead ? 0 : 1);
	ref->flags = dead ? flags | PERCPU_REF_ALLOW_REINIT : flags;
	ref->release = release;
	ref->confirm = NULL;
	set_dead(ref, dead);
	return 0;
}
EXPORT_SYMBOL_GPL(percpu_ref_init);

/**
 * percpu_ref_exit - the end of a count, whatever it counts
 * @ref: count that nobody uses any more, or memory that was never one but zeroed
 *
 * Context: May be called by the release function. Its kill must have been confirmed.
 */
void percpu_ref_exit(struct percpu_ref *ref)
{
	WARN_ON_ONCE(is_confirming(ref));
	set_dead(ref, true);
}
EXPORT_SYMBOL_GPL(percpu_ref_exit);

/* A grace period after the kill: nobody who saw the count alive is still at it. */
static void confirm_kill_rcu(struct rcu_head *rcu)
{
	struct percpu_ref *ref = container_of(rcu, struct percpu_ref, rcu);

	ref->confirm(ref);
	__atomic_store_n(&ref->confirm, NULL, __ATOMIC_RELEASE);
	wake_up_var(&ref->confirm);
	percpu_ref_put(ref);
}

/**
 * percpu_ref_kill_and_confirm - give back the owner's reference and close the count
 * @ref: count; once for each life
 * @confirm_kill: called later, from a callback of RCU, when no percpu_ref_tryget_live()
 *	can succeed any more; NULL: nobody wants to know
 *
 * Context: Any, but sleeps if the confirmation of an earlier kill is still to come.
 */
void percpu_ref_kill_and_confirm(struct percpu_ref *ref, percpu_ref_func_t *confirm_kill)
{
	if (WARN_ONCE(percpu_ref_is_dying(ref), "percpu_ref of %ps killed twice\n", ref->release))
		return;
	if (confirm_kill) {
		if (is_confirming(ref))
			wait_var_event(&ref->confirm, !is_confirming(ref));
		__atomic_store_n(&ref->confirm, confirm_kill, __ATOMIC_RELEASE);
		percpu_ref_get(ref);	/* confirm_kill_rcu() */
	}
	set_dead(ref, true);
	if (confirm_kill)
		call_rcu(&ref->rcu, confirm_kill_rcu);
	percpu_ref_put(ref);
}
EXPORT_SYMBOL_GPL(percpu_ref_kill_and_confirm);

/**
 * percpu_ref_resurrect - take back a kill before the last reference is gone
 * @ref: killed count, made with PERCPU_REF_ALLOW_REINIT; the caller knows that it
 *	cannot be released meanwhile
 *
 * The caller has the owner's reference again.
 */
void percpu_ref_resurrect(struct percpu_ref *ref)
{
	WARN_ON_ONCE(!percpu_ref_is_dying(ref));
	WARN_ON_ONCE(!(ref->flags & PERCPU_REF_ALLOW_REINIT));
	percpu_ref_get(ref);
	set_dead(ref, false);
}
EXPORT_SYMBOL_GPL(percpu_ref_resurrect);

/**
 * percpu_ref_reinit - begin another life after the last reference is gone
 * @ref: count that was released but is still there
 */
void percpu_ref_reinit(struct percpu_ref *ref)
{
	WARN_ON_ONCE(!percpu_ref_is_zero(ref));
	percpu_ref_resurrect(ref);
}
EXPORT_SYMBOL_GPL(percpu_ref_reinit);
