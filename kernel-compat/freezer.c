// SPDX-License-Identifier: MIT
/*
 * freezer.c - kthreads stand still while the program asks for it
 *
 * Kthreads start with PF_NOFREEZE; set_freezable() takes it away. While threads are
 * frozen such a kthread stops where it says that it may: in try_to_freeze(), or in a
 * freezable wait, which it does not leave. uwq_freeze_kthreads() waits until all of them
 * stand.
 *
 * FREEZE/1 (kthread): say that one does not stand any more, then read freezing. Pairs
 * with FREEZE/2 (freezer): store freezing, then read who stands. Forbids: the freezer
 * counts it as standing AND it goes on. Test: frozen_kthreads_stand_still.c
 *
 * Locks: none of its own.
 */
#define KBUILD_MODNAME "uwq"
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <uwq/tasks.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/freezer.h"

unsigned int uwq_freeze_timeout_ms = 20 * 1000;
module_param_named(freeze_timeout_ms, uwq_freeze_timeout_ms, uint, 0644);
MODULE_PARM_DESC(freeze_timeout_ms, "how long freeze_kernel_threads() waits (default 20000)");

static u32 threads_freezing;	/* A */
static DECLARE_WAIT_QUEUE_HEAD(thawed);

/**
 * freezing - shall this task stand still now?
 * @p: task; the caller keeps it alive
 *
 * Context: any.
 * Return: true for a freezable kthread while threads are being frozen, or are.
 */
bool freezing(struct task_struct *p)
{
	return unlikely(__atomic_load_n(&threads_freezing, __ATOMIC_SEQ_CST)) &&
	       (READ_ONCE(p->flags) & (PF_KTHREAD | PF_NOFREEZE)) == PF_KTHREAD;
}
EXPORT_SYMBOL_GPL(freezing);

/**
 * frozen - does this task stand still?
 * @p: task; the caller keeps it alive
 *
 * Context: any.
 * Return: true while it is stopped by the freezer, or in a wait that it will not leave.
 */
bool frozen(struct task_struct *p)
{
	return freezing(p) && __atomic_load_n(&p->freezable_waits, __ATOMIC_SEQ_CST);
}
EXPORT_SYMBOL_GPL(frozen);

/* current may be counted as standing still until freezable_end(). Nests. */
static void freezable_begin(void)
{
	__atomic_fetch_add(&current->freezable_waits, 1, __ATOMIC_SEQ_CST);
}

/* FREEZE/1 is this and the look at freezing() that follows it. */
static void freezable_end(void)
{
	__atomic_fetch_sub(&current->freezable_waits, 1, __ATOMIC_SEQ_CST);
}

/* Stand still; @check_stop: or until kthread_stop() is called. True: it did. */
static bool refrigerate(bool check_stop)
{
	bool stood = false;

	while (freezing(current) && !(check_stop && kthread_should_stop())) {
		stood = true;
		freezable_begin();
		wait_event(thawed, !freezing(current) || (check_stop && kthread_should_stop()));
		freezable_end();
	}
	return stood;
}

/**
 * uwq_freezable_begin - a wait begins during which the caller counts as frozen
 *
 * Used by wait_event_freezable() and its kin. Does nothing for tasks that are not
 * freezable.
 *
 * Context: The thread that will wait.
 */
void uwq_freezable_begin(void)
{
	freezable_begin();
}
EXPORT_SYMBOL_GPL(uwq_freezable_begin);

/**
 * uwq_freezable_end - that wait is over; returns when nothing is frozen
 *
 * Context: May sleep.
 */
void uwq_freezable_end(void)
{
	freezable_end();
	refrigerate(false);
}
EXPORT_SYMBOL_GPL(uwq_freezable_end);

/**
 * try_to_freeze - stand still here if that is asked for
 *
 * Context: may sleep. A kthread that has called set_freezable(); nothing for others.
 * Return: true if it stood still.
 */
bool try_to_freeze(void)
{
	might_sleep();
	return likely(!freezing(current)) ? false : refrigerate(false);
}
EXPORT_SYMBOL_GPL(try_to_freeze);

/**
 * set_freezable - this kthread stands still when asked, and says where it can
 *
 * Context: may sleep; a kthread, for itself.
 * Return: true if it stood still at once.
 */
bool set_freezable(void)
{
	WRITE_ONCE(current->flags, current->flags & ~(unsigned int)PF_NOFREEZE);
	return try_to_freeze();
}
EXPORT_SYMBOL_GPL(set_freezable);

/**
 * kthread_freezable_should_stop - kthread_should_stop() for a freezable kthread
 * @was_frozen: set to whether it stood still here; may be NULL
 *
 * Stands still if asked, but not against kthread_stop().
 *
 * Context: may sleep; a kthread.
 * Return: true after kthread_stop().
 */
bool kthread_freezable_should_stop(bool *was_frozen)
{
	bool stood = false;

	might_sleep();
	if (unlikely(freezing(current)))
		stood = refrigerate(true);
	if (was_frozen)
		*was_frozen = stood;
	return kthread_should_stop();
}
EXPORT_SYMBOL_GPL(kthread_freezable_should_stop);

/* ---- for the engine's freezer.c ---- */

/* A kthread that does not stand may be asleep where it would look after waking up. */
static void call_one(const struct uwq_kthread_info *info, void *arg)
{
	unsigned int *nr = arg;

	if (!freezing(info->task) || frozen(info->task))
		return;
	++*nr;
	wake_up_process(info->task);
}

static void name_one(const struct uwq_kthread_info *info, void *arg)
{
	(void)arg;
	if (freezing(info->task) && !frozen(info->task))
		pr_err("freezer: kthread %s (%d) does not stop\n", info->comm, info->pid);
}

/* Returns 0 when all freezable kthreads stand; -EBUSY: one does not, and all go on. */
int uwq_freeze_kthreads(void)
{
	unsigned long end = jiffies + msecs_to_jiffies(uwq_freeze_timeout_ms);
	unsigned int nr;

	/* FREEZE/2 is this store and the looks that follow */
	__atomic_store_n(&threads_freezing, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		nr = 0;
		uwq_kthread_for_each_live(call_one, &nr);
		if (!nr)
			return 0;
		if (time_after(jiffies, end))
			break;
		msleep(1);
	}
	uwq_kthread_for_each_live(name_one, NULL);
	uwq_thaw_kthreads();
	return -EBUSY;
}

void uwq_thaw_kthreads(void)
{
	__atomic_store_n(&threads_freezing, 0, __ATOMIC_SEQ_CST);
	wake_up_all(&thawed);
}

/* The child keeps the state, and has none of the kthreads that stand. */
void freezer_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		init_waitqueue_head(&thawed);
}
