/* SPDX-License-Identifier: MIT */
/*
 * seqlock_types.h - sequence counters, for headers that embed one
 *
 * Differs from Linux: the seqcount_LOCK_t types, which name the lock that
 * writers hold, are all the same type as seqcount_t. The kernel's differ only
 * for lockdep and for PREEMPT_RT, and we have neither.
 */
#ifndef UWQ_LINUX_SEQLOCK_TYPES_H
#define UWQ_LINUX_SEQLOCK_TYPES_H

#include <linux/spinlock_types.h>
#include <linux/mutex_types.h>

typedef struct seqcount {
	unsigned int sequence;	/* atomic: odd while somebody writes */
} seqcount_t;

typedef seqcount_t seqcount_raw_spinlock_t;
typedef seqcount_t seqcount_spinlock_t;
typedef seqcount_t seqcount_rwlock_t;
typedef seqcount_t seqcount_mutex_t;

/* Two copies of the data, of which the low bit says which one to read. */
typedef struct {
	seqcount_t seqcount;
} seqcount_latch_t;

typedef struct {
	seqcount_t seqcount;
	spinlock_t lock;	/* keeps writers apart */
} seqlock_t;

#define SEQCNT_ZERO(name)			{ 0 }
#define SEQCNT_RAW_SPINLOCK_ZERO(name, lock)	SEQCNT_ZERO(name)
#define SEQCNT_SPINLOCK_ZERO(name, lock)	SEQCNT_ZERO(name)
#define SEQCNT_RWLOCK_ZERO(name, lock)		SEQCNT_ZERO(name)
#define SEQCNT_MUTEX_ZERO(name, lock)		SEQCNT_ZERO(name)
#define SEQCNT_LATCH_ZERO(name)			{ SEQCNT_ZERO((name).seqcount) }

#define __SEQLOCK_UNLOCKED(name)	\
	{ SEQCNT_ZERO((name).seqcount), __SPIN_LOCK_INITIALIZER((name).lock) }

#define DEFINE_SEQLOCK(name)	seqlock_t name = __SEQLOCK_UNLOCKED(name)

#endif
