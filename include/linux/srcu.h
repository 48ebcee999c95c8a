/* SPDX-License-Identifier: MIT */
/*
 * srcu.h - RCU whose readers may sleep, one domain per struct srcu_struct
 *
 * Readers of one domain never delay another's. Grace periods are found by
 * looking at counters: a millisecond or so when a reader is in the way.
 *
 * Differs from Linux: callbacks of a domain run in a thread that exists while
 * there are any. srcu_read_lock_nmisafe(), start_poll_synchronize_srcu() and the
 * fast and lite flavours are absent. In a forked child a domain has the readers of the
 * thread that forked, and the callbacks that had not run.
 */
#ifndef UWQ_LINUX_SRCU_H
#define UWQ_LINUX_SRCU_H

#include <linux/cleanup.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <uwq/api.h>
#include <uwq/futex_lock.h>

#define UWQ_SRCU_SHARDS	8

/* Readers count in and out, each in the shard of its thread; sums matter only. */
struct uwq_srcu_shard {
	unsigned long in[2], out[2];	/* atomic */
	unsigned long pad[4];
};

struct srcu_struct {
	unsigned int		idx;		/* atomic: which half new readers use */
	struct futex_lock	gp_lock;	/* one grace period at a time */
	unsigned long		gp_started;	/* atomic: as in rcu.c */
	unsigned long		gp_done;	/* atomic */
	struct rcu_head		*callbacks;	/* atomic: newest first; see srcu_callbacks.c */
	struct rcu_head		*batch;		/* whoever serves them: taken, oldest first */
	bool			want_thread;	/* atomic: there are some and no thread could be made */
	unsigned int		generation;	/* atomic: how often forked when last used */
	struct uwq_srcu_shard	shard[UWQ_SRCU_SHARDS];
};

#define __SRCU_STRUCT_INIT(name)	{ 0, FUTEX_LOCK_INIT, 0, 0, NULL, NULL, false, 0, {} }
#define DEFINE_SRCU(name)		struct srcu_struct name = __SRCU_STRUCT_INIT(name)
#define DEFINE_STATIC_SRCU(name)	static struct srcu_struct name = __SRCU_STRUCT_INIT(name)

UWQ_API_BEGIN
/* 0; cannot fail. Never for one made by DEFINE_SRCU(). */
int init_srcu_struct(struct srcu_struct *ssp);
/* No readers are left; waits for callbacks. */
void cleanup_srcu_struct(struct srcu_struct *ssp);

/* The number goes to the srcu_read_unlock() of the same reader. Any context. */
int __srcu_read_lock(struct srcu_struct *ssp);
void __srcu_read_unlock(struct srcu_struct *ssp, int idx);
/* The same for a reader that another thread may end. */
int srcu_down_read(struct srcu_struct *ssp);
void srcu_up_read(struct srcu_struct *ssp, int idx);

/* Returns when every reader of @ssp that was running at the call has ended. Sleeps. */
void synchronize_srcu(struct srcu_struct *ssp);
/* @func(@head) after a grace period of @ssp. Any context. */
void call_srcu(struct srcu_struct *ssp, struct rcu_head *head, rcu_callback_t func);
/* Returns when every callback queued for @ssp before has run. Sleeps. */
void srcu_barrier(struct srcu_struct *ssp);

unsigned long get_state_synchronize_srcu(struct srcu_struct *ssp);
bool poll_state_synchronize_srcu(struct srcu_struct *ssp, unsigned long cookie);
UWQ_API_END

static inline int srcu_read_lock(struct srcu_struct *ssp)
{
	return __srcu_read_lock(ssp);
}

static inline void srcu_read_unlock(struct srcu_struct *ssp, int idx)
{
	__srcu_read_unlock(ssp, idx);
}

#define srcu_read_lock_notrace(ssp)		srcu_read_lock(ssp)
#define srcu_read_unlock_notrace(ssp, idx)	srcu_read_unlock(ssp, idx)
#define synchronize_srcu_expedited(ssp)		synchronize_srcu(ssp)
#define cleanup_srcu_struct_quiesced(ssp)	cleanup_srcu_struct(ssp)

/* As in a Linux without lock checking: nobody records who reads, the answer is yes. */
static inline int srcu_read_lock_held(const struct srcu_struct *ssp)
{
	(void)ssp;
	return 1;
}

#define srcu_dereference_check(p, ssp, c)	((void)(ssp), rcu_dereference_raw(p))
#define srcu_dereference(p, ssp)		srcu_dereference_check(p, ssp, 0)
#define srcu_dereference_notrace(p, ssp)	srcu_dereference_check(p, ssp, 1)

#ifndef __cplusplus
DEFINE_LOCK_GUARD_1(srcu, struct srcu_struct, _T->idx = srcu_read_lock(_T->lock),
		    srcu_read_unlock(_T->lock, _T->idx), int idx)
#endif

#endif
