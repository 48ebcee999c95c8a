/* SPDX-License-Identifier: MIT */
/*
 * rcupdate.h - read-copy-update
 *
 * Built on liburcu's "bp" flavour, which no header of ours needs: threads are
 * never registered, any thread may read.
 *
 * Differs from Linux: only rcu_read_lock() and its _bh and _sched forms make a
 * reader. A region with preemption, bottom halves or interrupts off, or a held
 * spinlock, is none by itself. A reader that sleeps delays grace periods but
 * breaks nothing. Callbacks run one after another, in the order queued, in one
 * thread that counts as softirq.
 */
#ifndef UWQ_LINUX_RCUPDATE_H
#define UWQ_LINUX_RCUPDATE_H

#include <linux/bug.h>
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/bottom_half.h>
#include <linux/preempt.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <uwq/api.h>

/* Which of two counters is ahead, also when one has wrapped. */
#define ULONG_CMP_GE(a, b)	((long)((unsigned long)(a) - (unsigned long)(b)) >= 0)
#define ULONG_CMP_LT(a, b)	((long)((unsigned long)(a) - (unsigned long)(b)) < 0)

UWQ_API_BEGIN
void __rcu_read_lock(void);
void __rcu_read_unlock(void);

/* Is the calling thread inside rcu_read_lock()? Always the truth. */
int rcu_read_lock_held(void);
int rcu_read_lock_bh_held(void);
int rcu_read_lock_sched_held(void);
int rcu_read_lock_any_held(void);

/* Returns when every reader that was running at the call has ended. Sleeps. */
void synchronize_rcu(void);

/* @func(@head) after a grace period. Any context. Allocates nothing. */
void call_rcu(struct rcu_head *head, rcu_callback_t func);

/* Returns when every callback queued before the call has run. Sleeps. */
void rcu_barrier(void);

/* A moment, to be asked later whether a grace period has passed since. */
unsigned long get_state_synchronize_rcu(void);
unsigned long start_poll_synchronize_rcu(void);
bool poll_state_synchronize_rcu(unsigned long oldstate);
void cond_synchronize_rcu(unsigned long oldstate);

/* Behind kfree_rcu(); @head NULL: may sleep. */
void kvfree_call_rcu(struct rcu_head *head, void *ptr);
UWQ_API_END

static inline void rcu_read_lock(void)
{
	__rcu_read_lock();
}

static inline void rcu_read_unlock(void)
{
	__rcu_read_unlock();
}

static inline void rcu_read_lock_bh(void)
{
	local_bh_disable();
	__rcu_read_lock();
}

static inline void rcu_read_unlock_bh(void)
{
	__rcu_read_unlock();
	local_bh_enable();
}

static inline void rcu_read_lock_sched(void)
{
	preempt_disable();
	__rcu_read_lock();
}

static inline void rcu_read_unlock_sched(void)
{
	__rcu_read_unlock();
	preempt_enable();
}
#define rcu_read_lock_sched_notrace	rcu_read_lock_sched
#define rcu_read_unlock_sched_notrace	rcu_read_unlock_sched

/* Grace periods are as fast as they can be without being asked. */
#define synchronize_rcu_expedited()	synchronize_rcu()
#define synchronize_net()		synchronize_rcu()
#define call_rcu_hurry(head, func)	call_rcu(head, func)
#define cond_synchronize_rcu_expedited(state)	cond_synchronize_rcu(state)

/* What get_state_synchronize_rcu() returns for "has long passed". */
#define get_completed_synchronize_rcu()	0UL

/* A head on the stack is like any other: nobody tracks them. */
static inline void init_rcu_head(struct rcu_head *head) { (void)head; }
static inline void destroy_rcu_head(struct rcu_head *head) { (void)head; }
static inline void init_rcu_head_on_stack(struct rcu_head *head) { (void)head; }
static inline void destroy_rcu_head_on_stack(struct rcu_head *head) { (void)head; }
static inline void rcu_head_init(struct rcu_head *head)
{
	head->func = (rcu_callback_t)~0UL;
}

/* Was @head, after rcu_head_init(), given to call_rcu() with @func? */
static inline bool rcu_head_after_call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	rcu_callback_t seen = __atomic_load_n(&head->func, __ATOMIC_RELAXED);

	if (seen == func)
		return true;
	WARN_ON_ONCE(seen != (rcu_callback_t)~0UL);
	return false;
}

#ifdef UWQ_DEBUG
#define RCU_LOCKDEP_WARN(condition, text)	((void)WARN(condition, "%s", text))
#else
#define RCU_LOCKDEP_WARN(condition, text)	((void)sizeof(!(condition)))
#endif

/*
 * Ordering: rcu_assign_pointer() releases, rcu_dereference() acquires. Linux
 * leans on data dependencies instead; acquire costs the same on x86 and is what
 * compilers and race detectors understand.
 */
#define RCU_INITIALIZER(v)	(v)
#define RCU_INIT_POINTER(p, v)	\
	__atomic_store_n(&(p), (__typeof__(p))(v), __ATOMIC_RELAXED)
#define RCU_POINTER_INITIALIZER(p, v)	.p = RCU_INITIALIZER(v)
#define rcu_assign_pointer(p, v)	\
	__atomic_store_n(&(p), (__typeof__(p))(v), __ATOMIC_RELEASE)

/* The value alone, not to be followed. */
#define rcu_access_pointer(p)		__atomic_load_n(&(p), __ATOMIC_RELAXED)
#define rcu_dereference_raw(p)		__atomic_load_n(&(p), __ATOMIC_ACQUIRE)
#define rcu_dereference_raw_check(p)	rcu_dereference_raw(p)

#define UWQ_RCU_CHECK(held, c)		\
	RCU_LOCKDEP_WARN(!((c) || (held)), "RCU pointer followed outside a reader")
#define rcu_dereference_check(p, c)	\
	(UWQ_RCU_CHECK(rcu_read_lock_held(), c), rcu_dereference_raw(p))
#define rcu_dereference_bh_check(p, c)	\
	(UWQ_RCU_CHECK(rcu_read_lock_bh_held(), c), rcu_dereference_raw(p))
#define rcu_dereference_sched_check(p, c)	\
	(UWQ_RCU_CHECK(rcu_read_lock_sched_held(), c), rcu_dereference_raw(p))
/* For updaters: what keeps the pointer from changing is @c. */
#define rcu_dereference_protected(p, c)	\
	(UWQ_RCU_CHECK(0, c), __atomic_load_n(&(p), __ATOMIC_RELAXED))

#define rcu_dereference(p)		rcu_dereference_check(p, 0)
#define rcu_dereference_bh(p)		rcu_dereference_bh_check(p, 0)
#define rcu_dereference_sched(p)	rcu_dereference_sched_check(p, 0)
#define rcu_pointer_handoff(p)		(p)
#define unrcu_pointer(p)		(p)

/* Has the old value. */
#define rcu_replace_pointer(p, v, c) __extension__			\
({									\
	__typeof__(p) uwq_old = rcu_dereference_protected(p, c);	\
									\
	rcu_assign_pointer(p, v);					\
	uwq_old;							\
})

/*
 * kfree_rcu(ptr, field): frees the object that holds the rcu_head @field after
 * a grace period, any context; kmalloc()ed, from a cache or vmalloc()ed.
 * kfree_rcu(ptr), in new code kfree_rcu_mightsleep(ptr): needs no head, sleeps
 * if it must.
 */
#define UWQ_KFREE_RCU_2(ptr, field)					\
do {									\
	__typeof__(ptr) uwq_ptr = (ptr);				\
									\
	_Static_assert(__builtin_offsetof(__typeof__(*(ptr)), field) < 4096, \
		       "kfree_rcu: the rcu_head is too far from the start"); \
	if (uwq_ptr)							\
		kvfree_call_rcu(&uwq_ptr->field, (void *)uwq_ptr);	\
} while (0)
#define UWQ_KFREE_RCU_1(ptr)						\
do {									\
	__typeof__(ptr) uwq_ptr = (ptr);				\
									\
	if (uwq_ptr)							\
		kvfree_call_rcu(NULL, (void *)uwq_ptr);			\
} while (0)
#define UWQ_KFREE_RCU_PICK(a, b, name, ...)	name
#define kfree_rcu(...)	\
	UWQ_KFREE_RCU_PICK(__VA_ARGS__, UWQ_KFREE_RCU_2, UWQ_KFREE_RCU_1, 0)(__VA_ARGS__)
#define kvfree_rcu(...)			kfree_rcu(__VA_ARGS__)
#define kfree_rcu_mightsleep(ptr)	UWQ_KFREE_RCU_1(ptr)
#define kvfree_rcu_mightsleep(ptr)	UWQ_KFREE_RCU_1(ptr)

/* Readers here are never waited for by scheduling: there is nothing to tell RCU. */
#define rcu_all_qs()			do { } while (0)

/* Locks acquire and release; who needs more after an unlock+lock says so. */
#define smp_mb__after_unlock_lock()	smp_mb()

#ifndef __cplusplus
DEFINE_LOCK_GUARD_0(rcu, rcu_read_lock(), rcu_read_unlock())
#endif

#endif
