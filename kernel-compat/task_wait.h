/* SPDX-License-Identifier: MIT */
/*
 * task_wait.h - what does this task wait for?
 *
 * Whoever is about to sleep for a lock, a completion, a thread or an item says so in
 * its task, and takes it back afterwards. Nothing is said on a path that does not
 * block. The records answer show_waiting_tasks(), and whether a wait can end at all
 * (workqueue/deadlock.c).
 *
 * A record has a number that is odd while the task waits and grows with each wait, so
 * two looks that find the same number have looked at the same wait. Waits nest: while
 * one is recorded, those inside it are not.
 *
 * The owner of a lock is a harder question, because a lock can change hands while a
 * sleeper is on its way out. Who waits for a lock therefore notes, at first and again
 * with each look, which wait its owner was in when it was still the owner: the owner's
 * number is read first, then, once more, that it is the owner (OWNER/1). Had it given
 * the lock back before that wait, the second look would have shown it. A task that
 * waits gives nothing back, so it owns the lock until its number changes.
 */
#ifndef UWQ_KERNEL_COMPAT_TASK_WAIT_H
#define UWQ_KERNEL_COMPAT_TASK_WAIT_H

#include <stdbool.h>
#include <time.h>

#include <linux/sched.h>

enum task_wait_kind {
	WAITS_FOR_MUTEX,
	WAITS_FOR_READING,	/* of a rw_semaphore */
	WAITS_FOR_WRITING,
	WAITS_FOR_SEMAPHORE,	/* nobody knows who will give */
	WAITS_FOR_COMPLETION,	/* nobody knows who will complete */
	WAITS_FOR_KTHREAD,	/* that it stops, parks, or works off its items */
	WAITS_FOR_WORK,		/* workqueue/: an item */
	WAITS_FOR_QUEUE,	/* workqueue/: all items that a queue had */
};

/* One wait, on the waiter's stack. */
struct task_wait_watch {
	bool recorded;			/* not inside another one */
	u64 next;			/* ns: when the next look is due, 0 = never */
	struct timespec until;		/* the same */
};

/* uwq.deadlock_check and uwq.deadlock_after_ms */
extern bool deadlock_check;
extern unsigned int deadlock_after_ms;

/*
 * Begin a record: open, set fields with task_wait_set(), publish. NULL: inside another
 * wait, there is nothing to fill, but publish and end are called all the same.
 */
struct uwq_task_wait *task_wait_open(struct task_wait_watch *watch);
void task_wait_publish(struct task_wait_watch *watch);

#define task_wait_set(wait, field, value)	\
	__atomic_store_n(&(wait)->field, (value), __ATOMIC_RELEASE)
#define task_wait_get(wait, field)		\
	__atomic_load_n(&(wait)->field, __ATOMIC_ACQUIRE)

/* Copy a queue's name, which has room for 32 bytes, into an open record. */
void task_wait_set_name(struct uwq_task_wait *wait, const char *name);

/* All three at once. @task may be NULL. */
void task_wait_begin(struct task_wait_watch *watch, enum task_wait_kind kind, const char *call,
		     const void *object, struct task_struct *task);
void task_wait_end(struct task_wait_watch *watch);

/* Note who owns the lock; *ownerp is read by the rules above. Before each sleep for it. */
void task_wait_see_owner(struct task_wait_watch *watch, struct task_struct *const *ownerp);

/* Deadline of the next sleep; NULL = none. */
static inline const struct timespec *task_wait_until(const struct task_wait_watch *watch)
{
	return watch->next ? &watch->until : NULL;
}

/* The deadline has passed: find out whether this wait can end, and set the next one. */
void task_wait_look(struct task_wait_watch *watch);

/* What looks; set by the engine. NULL = nobody does. */
extern void (*task_wait_looker)(void);

/* A copy of what @task waits for; false: for nothing that was recorded. Any task ever made. */
bool task_wait_read(struct task_struct *task, struct uwq_task_wait *wait);

/* wait_for_completion() for an event that @task has to bring about. */
struct completion;
void task_wait_for_completion(struct completion *x, enum task_wait_kind kind, const char *call,
			      const void *object, struct task_struct *task);

/* task.c: the tasks that were ever made, dead ones too; NULL behind the last */
struct task_struct *task_by_index(unsigned int index);

#endif
