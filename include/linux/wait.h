/* SPDX-License-Identifier: MIT */
/*
 * wait.h - wait queues: sleep until a condition holds
 *
 *	wait_event(wq, condition)	WRITE_ONCE(condition, true); wake_up(&wq);
 *
 * The sleeper enters the queue and sets its state before it looks at the
 * condition; the waker makes the condition true before it looks at the queue.
 * So either the sleeper sees the condition, or the waker sees the sleeper.
 * wake_up() takes the queue's lock; who skips it on waitqueue_active() needs a
 * full barrier first, which wq_has_sleeper() has.
 *
 * Entries call a function when they are woken; exclusive ones are woken one at
 * a time, behind the others.
 *
 * The system's header of this name is not handed on: its P_ALL is an enumerator
 * of libc's <sys/wait.h>.
 *
 * Differs from Linux: the _poll and _sync variants pass their key and hint on,
 * and the hint changes nothing.
 */
#ifndef UWQ_LINUX_WAIT_H
#define UWQ_LINUX_WAIT_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/sched.h>
#include <linux/stddef.h>
#include <asm/current.h>
#include <uwq/api.h>
#include <uwq/might_sleep.h>

struct wait_queue_entry;

typedef struct wait_queue_entry wait_queue_entry_t;
typedef int (*wait_queue_func_t)(struct wait_queue_entry *entry, unsigned int mode, int flags,
				 void *key);

#define WQ_FLAG_EXCLUSIVE	0x01
#define WQ_FLAG_WOKEN		0x02
#define WQ_FLAG_CUSTOM		0x04
#define WQ_FLAG_DONE		0x08
#define WQ_FLAG_PRIORITY	0x10

/**
 * struct wait_queue_entry - one who waits
 * @flags: WQ_FLAG_*; EXCLUSIVE before it is queued, WOKEN atomically
 * @private: for @func; the task to wake for those of this header
 * @func: called under the queue's lock; > 0: it woke somebody, < 0: stop here
 * @entry: in the queue, under its lock; empty while not queued
 */
struct wait_queue_entry {
	unsigned int		flags;
	void			*private;
	wait_queue_func_t	func;
	struct list_head	entry;
};

struct wait_queue_head {
	spinlock_t		lock;
	struct list_head	head;
};
typedef struct wait_queue_head wait_queue_head_t;

#define __WAITQUEUE_INITIALIZER(name, task)				\
	{ .private = (task), .func = default_wake_function, .entry = { NULL, NULL } }
#define DECLARE_WAITQUEUE(name, task)					\
	struct wait_queue_entry name = __WAITQUEUE_INITIALIZER(name, task)

#define __WAIT_QUEUE_HEAD_INITIALIZER(name)				\
	{ .lock = __SPIN_LOCK_UNLOCKED((name).lock), .head = LIST_HEAD_INIT((name).head) }
#define DECLARE_WAIT_QUEUE_HEAD(name)					\
	struct wait_queue_head name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name)	DECLARE_WAIT_QUEUE_HEAD(name)

#define DEFINE_WAIT_FUNC(name, function)				\
	struct wait_queue_entry name = {				\
		.private = current, .func = (function), .entry = LIST_HEAD_INIT((name).entry), \
	}
#define DEFINE_WAIT(name)	DEFINE_WAIT_FUNC(name, autoremove_wake_function)

#define init_wait_func(waitp, function)					\
	do {								\
		(waitp)->private = current;				\
		(waitp)->func = (function);				\
		INIT_LIST_HEAD(&(waitp)->entry);			\
		(waitp)->flags = 0;					\
	} while (0)
#define init_wait(waitp)	init_wait_func(waitp, autoremove_wake_function)

UWQ_API_BEGIN

int default_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key);
int autoremove_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags,
			     void *key);
int woken_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key);

void add_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);
void add_wait_queue_exclusive(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);
void add_wait_queue_priority(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);
void remove_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);

void init_wait_entry(struct wait_queue_entry *entry, int flags);
void prepare_to_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *entry, int state);
bool prepare_to_wait_exclusive(struct wait_queue_head *wq_head, struct wait_queue_entry *entry,
			       int state);
long prepare_to_wait_event(struct wait_queue_head *wq_head, struct wait_queue_entry *entry,
			   int state);
void finish_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);
long wait_woken(struct wait_queue_entry *entry, unsigned int mode, long timeout);
int do_wait_intr(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);
int do_wait_intr_irq(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);

int __wake_up(struct wait_queue_head *wq_head, unsigned int mode, int nr, void *key);
void __wake_up_sync(struct wait_queue_head *wq_head, unsigned int mode);
void __wake_up_sync_key(struct wait_queue_head *wq_head, unsigned int mode, void *key);
void __wake_up_locked(struct wait_queue_head *wq_head, unsigned int mode, int nr);
void __wake_up_locked_key(struct wait_queue_head *wq_head, unsigned int mode, void *key);

UWQ_API_END

static inline void init_waitqueue_head(struct wait_queue_head *wq_head)
{
	spin_lock_init(&wq_head->lock);
	INIT_LIST_HEAD(&wq_head->head);
}

static inline void init_waitqueue_entry(struct wait_queue_entry *entry, struct task_struct *p)
{
	entry->flags = 0;
	entry->private = p;
	entry->func = default_wake_function;
}

static inline void init_waitqueue_func_entry(struct wait_queue_entry *entry,
					     wait_queue_func_t func)
{
	entry->flags = 0;
	entry->private = NULL;
	entry->func = func;
}

/*
 * Is somebody queued? Without the lock, and without a barrier: the caller has
 * made its condition true and passed a full barrier, or does not mind.
 */
static inline int waitqueue_active(struct wait_queue_head *wq_head)
{
	struct list_head *first = __atomic_load_n(&wq_head->head.next, __ATOMIC_RELAXED);

	return first != &wq_head->head;
}

/*
 * WAIT/1: the caller stored its condition; a full barrier; read the queue.
 * Pairs with WAIT/2 in prepare_to_wait(): queue, full barrier in
 * set_current_state(), and only then the sleeper reads the condition.
 * Forbids: we see nobody queued AND the sleeper does not see the condition.
 */
static inline bool wq_has_sleeper(struct wait_queue_head *wq_head)
{
	smp_mb();
	return waitqueue_active(wq_head);
}

/* A hint: two looks at a queue that others change. */
static inline bool wq_has_single_sleeper(struct wait_queue_head *wq_head)
{
	return data_race(list_is_singular(&wq_head->head));
}

/* Under the lock: the plain list operations behind add and remove. */
static inline void __add_wait_queue(struct wait_queue_head *wq_head,
				    struct wait_queue_entry *entry)
{
	list_add(&entry->entry, &wq_head->head);
}

static inline void __add_wait_queue_exclusive(struct wait_queue_head *wq_head,
					      struct wait_queue_entry *entry)
{
	entry->flags |= WQ_FLAG_EXCLUSIVE;
	__add_wait_queue(wq_head, entry);
}

static inline void __add_wait_queue_entry_tail(struct wait_queue_head *wq_head,
					       struct wait_queue_entry *entry)
{
	list_add_tail(&entry->entry, &wq_head->head);
}

static inline void __add_wait_queue_entry_tail_exclusive(struct wait_queue_head *wq_head,
							 struct wait_queue_entry *entry)
{
	entry->flags |= WQ_FLAG_EXCLUSIVE;
	__add_wait_queue_entry_tail(wq_head, entry);
}

static inline void __remove_wait_queue(struct wait_queue_head *wq_head,
				       struct wait_queue_entry *entry)
{
	(void)wq_head;
	list_del(&entry->entry);
}

#define wake_up(x)			__wake_up(x, TASK_NORMAL, 1, NULL)
#define wake_up_nr(x, nr)		__wake_up(x, TASK_NORMAL, nr, NULL)
#define wake_up_all(x)			__wake_up(x, TASK_NORMAL, 0, NULL)
#define wake_up_locked(x)		__wake_up_locked((x), TASK_NORMAL, 1)
#define wake_up_all_locked(x)		__wake_up_locked((x), TASK_NORMAL, 0)
#define wake_up_sync(x)			__wake_up_sync(x, TASK_NORMAL)
#define wake_up_interruptible(x)	__wake_up(x, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_nr(x, nr)	__wake_up(x, TASK_INTERRUPTIBLE, nr, NULL)
#define wake_up_interruptible_all(x)	__wake_up(x, TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_interruptible_sync(x)	__wake_up_sync((x), TASK_INTERRUPTIBLE)

/* The key of a poll wake-up is the set of events */
#define poll_to_key(m)			((void *)(__UINTPTR_TYPE__)(m))
#define key_to_poll(m)			((unsigned int)(__UINTPTR_TYPE__)(m))
#define wake_up_poll(x, m)		__wake_up(x, TASK_NORMAL, 1, poll_to_key(m))
#define wake_up_locked_poll(x, m)	__wake_up_locked_key((x), TASK_NORMAL, poll_to_key(m))
#define wake_up_interruptible_poll(x, m)	\
	__wake_up(x, TASK_INTERRUPTIBLE, 1, poll_to_key(m))
#define wake_up_interruptible_sync_poll(x, m)	\
	__wake_up_sync_key((x), TASK_INTERRUPTIBLE, poll_to_key(m))

#include <uwq/wait_event.h>

#endif
