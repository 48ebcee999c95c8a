// SPDX-License-Identifier: MIT
/*
 * task_wait_show.c - who waits for what, now?
 *
 * For a person at a program that does not go on, and for dumps. Whatever is shown was
 * true at some moment during the call; nobody is stopped, and no lock is held while
 * somebody is shown.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <uwq/tasks.h>

#include "kernel-compat/task_wait.h"
#include "kernel-compat/time_internal.h"

static void fill(struct uwq_wait_info *info, struct task_struct *task,
		 const struct uwq_task_wait *wait)
{
	bool is_work = wait->kind == WAITS_FOR_WORK;
	u64 now = uwq_mono_ns();

	memset(info, 0, sizeof(*info));
	info->tid = task_pid_nr(task);
	__get_task_comm(info->comm, sizeof(info->comm), task);
	info->call = wait->call;
	info->object = wait->object;
	info->ms = now > wait->since ? (now - wait->since) / NSEC_PER_MSEC : 0;
	if (is_work)
		info->func = (void (*)(struct work_struct *))wait->func;
	if (is_work || wait->kind == WAITS_FOR_QUEUE) {
		memcpy(info->wq_name, wait->name, sizeof(info->wq_name));
	} else if (wait->task) {
		info->for_tid = task_pid_nr(wait->task);
		__get_task_comm(info->for_comm, sizeof(info->for_comm), wait->task);
	}
}

/**
 * uwq_wait_for_each - call a function for each task that waits
 * @fn: gets one task; may sleep
 * @arg: for @fn
 *
 * Locks, semaphores, completions, kthreads, items and queues are known. The owner of a
 * lock is the one that the waiter saw when it last looked; of semaphores and completions
 * nobody knows who will end the wait.
 *
 * Context: any in which @fn may be called.
 * Return: how many.
 */
int uwq_wait_for_each(void (*fn)(const struct uwq_wait_info *info, void *arg), void *arg)
{
	struct uwq_wait_info info;
	struct uwq_task_wait wait;
	struct task_struct *task;
	int nr = 0;

	for (unsigned int i = 0; (task = task_by_index(i)); i++) {
		if (!task_wait_read(task, &wait))
			continue;
		fill(&info, task, &wait);
		fn(&info, arg);
		nr++;
	}
	return nr;
}
EXPORT_SYMBOL_GPL(uwq_wait_for_each);

static void show(const struct uwq_wait_info *info, void *arg)
{
	char target[64] = "", owner[48] = "";

	(void)arg;
	if (info->func)
		snprintf(target, sizeof(target), " (%ps)", (void *)info->func);
	if (info->for_tid)
		snprintf(owner, sizeof(owner), ", needs %s/%d", info->for_comm, info->for_tid);
	pr_info("  %s/%d: %s() of %px%s%s%s%s, for %lu ms\n", info->comm, info->tid, info->call,
		info->object, target, *info->wq_name ? " on wq " : "", info->wq_name, owner,
		info->ms);
}

/**
 * show_waiting_tasks - print what tasks wait for
 *
 * One line for each, see uwq_wait_for_each(); a last one if there is none.
 *
 * Context: any.
 */
void show_waiting_tasks(void)
{
	pr_info("Showing waiting tasks:\n");
	if (!uwq_wait_for_each(show, NULL))
		pr_info("  none\n");
}
EXPORT_SYMBOL_GPL(show_waiting_tasks);
