/* SPDX-License-Identifier: MIT */
/*
 * notifier.h - lists of functions to call when something happens
 *
 * Four kinds by what protects the list: atomic (a spinlock, callbacks must not
 * sleep), blocking (a rwsem, they may), SRCU (a mutex for changes; walks take no
 * lock and may sleep), raw (the caller's business).
 */
#ifndef UWQ_LINUX_NOTIFIER_H
#define UWQ_LINUX_NOTIFIER_H

#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/types.h>
#include <uwq/api.h>

struct notifier_block;

typedef int (*notifier_fn_t)(struct notifier_block *nb, unsigned long action, void *data);

struct notifier_block {
	notifier_fn_t notifier_call;
	struct notifier_block *next;	/* the list's lock; read under RCU when atomic */
	int priority;			/* higher ones are called first */
};

struct atomic_notifier_head {
	spinlock_t lock;
	struct notifier_block *head;
};

struct blocking_notifier_head {
	struct rw_semaphore rwsem;
	struct notifier_block *head;
};

struct srcu_notifier_head {
	struct mutex mutex;		/* changes */
	struct srcu_struct srcu;	/* walks */
	struct notifier_block *head;
};

struct raw_notifier_head {
	struct notifier_block *head;
};

#define ATOMIC_NOTIFIER_INIT(name)	{ .lock = __SPIN_LOCK_UNLOCKED(name.lock), .head = NULL }
#define BLOCKING_NOTIFIER_INIT(name)	{ .rwsem = __RWSEM_INITIALIZER((name).rwsem), .head = NULL }
#define RAW_NOTIFIER_INIT(name)		{ .head = NULL }
#define SRCU_NOTIFIER_INIT(name, unused)				\
	{								\
		.mutex = __MUTEX_INITIALIZER((name).mutex),		\
		.srcu = __SRCU_STRUCT_INIT((name).srcu), .head = NULL,	\
	}

#define ATOMIC_NOTIFIER_HEAD(name)	\
	struct atomic_notifier_head name = ATOMIC_NOTIFIER_INIT(name)
#define BLOCKING_NOTIFIER_HEAD(name)	\
	struct blocking_notifier_head name = BLOCKING_NOTIFIER_INIT(name)
#define RAW_NOTIFIER_HEAD(name)		\
	struct raw_notifier_head name = RAW_NOTIFIER_INIT(name)

#define SRCU_NOTIFIER_HEAD(name)	\
	struct srcu_notifier_head name = SRCU_NOTIFIER_INIT(name, )
#define SRCU_NOTIFIER_HEAD_STATIC(name)	static SRCU_NOTIFIER_HEAD(name)

#define ATOMIC_INIT_NOTIFIER_HEAD(name)		\
	do { spin_lock_init(&(name)->lock); (name)->head = NULL; } while (0)
#define BLOCKING_INIT_NOTIFIER_HEAD(name)	\
	do { init_rwsem(&(name)->rwsem); (name)->head = NULL; } while (0)
#define RAW_INIT_NOTIFIER_HEAD(name)		\
	do { (name)->head = NULL; } while (0)

/* What a callback returns; STOP_MASK ends the walk */
#define NOTIFY_DONE		0x0000
#define NOTIFY_OK		0x0001
#define NOTIFY_STOP_MASK	0x8000
#define NOTIFY_BAD		(NOTIFY_STOP_MASK | 0x0002)
#define NOTIFY_STOP		(NOTIFY_STOP_MASK | NOTIFY_OK)

/* An errno travels above NOTIFY_OK */
static inline int notifier_from_errno(int err)
{
	return err ? NOTIFY_STOP_MASK | (NOTIFY_OK - err) : NOTIFY_OK;
}

static inline int notifier_to_errno(int ret)
{
	ret &= ~NOTIFY_STOP_MASK;
	return ret > NOTIFY_OK ? NOTIFY_OK - ret : 0;
}

UWQ_API_BEGIN

int atomic_notifier_chain_register(struct atomic_notifier_head *nh, struct notifier_block *nb);
int atomic_notifier_chain_unregister(struct atomic_notifier_head *nh, struct notifier_block *nb);
int atomic_notifier_call_chain(struct atomic_notifier_head *nh, unsigned long action, void *data);

int blocking_notifier_chain_register(struct blocking_notifier_head *nh,
				     struct notifier_block *nb);
int blocking_notifier_chain_unregister(struct blocking_notifier_head *nh,
				       struct notifier_block *nb);
int blocking_notifier_call_chain(struct blocking_notifier_head *nh, unsigned long action,
				 void *data);
int blocking_notifier_call_chain_robust(struct blocking_notifier_head *nh, unsigned long up,
					unsigned long down, void *data);

void srcu_init_notifier_head(struct srcu_notifier_head *nh);
int srcu_notifier_chain_register(struct srcu_notifier_head *nh, struct notifier_block *nb);
int srcu_notifier_chain_unregister(struct srcu_notifier_head *nh, struct notifier_block *nb);
int srcu_notifier_call_chain(struct srcu_notifier_head *nh, unsigned long action, void *data);

int raw_notifier_chain_register(struct raw_notifier_head *nh, struct notifier_block *nb);
int raw_notifier_chain_unregister(struct raw_notifier_head *nh, struct notifier_block *nb);
int raw_notifier_call_chain(struct raw_notifier_head *nh, unsigned long action, void *data);
int raw_notifier_call_chain_robust(struct raw_notifier_head *nh, unsigned long up,
				   unsigned long down, void *data);

UWQ_API_END

/* Nobody walks the chain any more. */
static inline void srcu_cleanup_notifier_head(struct srcu_notifier_head *nh)
{
	cleanup_srcu_struct(&nh->srcu);
}

#endif
