// SPDX-License-Identifier: MIT
/*
 * sched_report.c - sleeping where it is forbidden, and showing tasks
 *
 * A sleep in atomic context is reported by WARN, once for each distinct stack
 * that led to it: the place in the library is the same for all, so the place
 * alone would hide every bug but the first.
 *
 * Locks: none; the table of stacks is filled by compare-and-swap.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/stacktrace.h>

#include "kernel-compat/sched_internal.h"

#define MAX_ATOMIC_SITES	64

/* One warning site for each stack that slept in atomic context. */
static struct atomic_site {
	u64 stack;			/* atomic: hash, 0 = free; never changes once set */
	struct uwq_warn_site warn;
} atomic_sites[MAX_ATOMIC_SITES];

static u64 hash_of_stack(void)
{
	unsigned long frames[16];
	unsigned int nr = stack_trace_save(frames, 16, 2);
	u64 hash = 0xcbf29ce484222325u;

	for (unsigned int i = 0; i < nr; i++)
		hash = (hash ^ frames[i]) * 0x100000001b3u;
	return hash ? hash : 1;
}

static struct uwq_warn_site *atomic_site_of(u64 stack)
{
	for (int i = 0; i < MAX_ATOMIC_SITES - 1; i++) {
		u64 seen = 0;

		if (__atomic_compare_exchange_n(&atomic_sites[i].stack, &seen, stack, false,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) ||
		    seen == stack)
			return &atomic_sites[i].warn;
	}
	return &atomic_sites[MAX_ATOMIC_SITES - 1].warn;
}

/* A sleep with preempt_count raised; the thread sleeps anyway. */
void sched_report_atomic(struct task_struct *task)
{
	struct uwq_warn_site *site = atomic_site_of(hash_of_stack());

	__atomic_store_n(&site->file, __FILE__, __ATOMIC_RELAXED);
	__atomic_store_n(&site->func, __func__, __ATOMIC_RELAXED);
	__atomic_store_n(&site->line, __LINE__, __ATOMIC_RELAXED);
	uwq_warn(site, "BUG: scheduling while atomic: %s/%d/0x%08x\n", task->comm,
		 task_pid_nr(task), uwq_thread.preempt_count);
}

/**
 * __might_sleep - might_sleep() found a context that must not sleep
 * @file, @line: where might_sleep() stands
 *
 * Reported once for each stack that leads here.
 *
 * Context: Any. Does not sleep.
 */
void __might_sleep(const char *file, int line)
{
	struct uwq_warn_site *site = atomic_site_of(hash_of_stack());

	__atomic_store_n(&site->file, file, __ATOMIC_RELAXED);
	__atomic_store_n(&site->func, __func__, __ATOMIC_RELAXED);
	__atomic_store_n(&site->line, line, __ATOMIC_RELAXED);
	uwq_warn(site, "BUG: sleeping function called from invalid context at %s:%d: "
		 "preempt_count 0x%08x, irqs %s, %s/%d\n", file, line,
		 uwq_thread.preempt_count, uwq_thread.irqs_off ? "off" : "on", current->comm,
		 task_pid_nr(current));
}

static unsigned int shown_state(struct task_struct *p)
{
	unsigned int state = __atomic_load_n(&p->__state, __ATOMIC_ACQUIRE);

	if (state == TASK_RUNNING && uwq_task_is_asleep(p))
		state = __atomic_load_n(&p->sleep_state, __ATOMIC_RELAXED);
	return state;
}

/**
 * task_state_to_char - one letter for what a task does
 * @p: the task; the caller keeps it alive
 *
 * Return: R running, S interruptible, D uninterruptible, I idle, P parked, X over.
 */
char task_state_to_char(struct task_struct *p)
{
	unsigned int state = shown_state(p);

	if (state & TASK_DEAD)
		return 'X';
	if (state & TASK_PARKED)
		return 'P';
	if ((state & TASK_IDLE) == TASK_IDLE)
		return 'I';
	if (state & TASK_UNINTERRUPTIBLE)
		return 'D';
	return state & TASK_INTERRUPTIBLE ? 'S' : 'R';
}

/**
 * sched_show_task - one line about a task into the log
 * @p: the task; the caller keeps it alive
 */
void sched_show_task(struct task_struct *p)
{
	char comm[TASK_COMM_LEN];

	pr_info("task:%-15s state:%c pid:%-5d tgid:%-5d flags:0x%08x\n", get_task_comm(comm, p),
		task_state_to_char(p), task_pid_nr(p), task_tgid_nr(p), READ_ONCE(p->flags));
}
EXPORT_SYMBOL_GPL(sched_show_task);
