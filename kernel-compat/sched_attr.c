// SPDX-License-Identifier: MIT
/*
 * sched_attr.c - nice values and policies of tasks
 *
 * What was asked for is kept in the task and passed on to the system. The
 * system may refuse: negative nice and real-time policies need privilege. A refused
 * nice value or sched_set_*() is not an error, the kernel's have none either; the
 * errno of a refused policy goes to the caller that can hear it.
 *
 * Locks: pi_lock of the task, which also keeps its thread from ending, so that
 * its thread id cannot be another's.
 *
 * Differs from Linux: policies are SCHED_NORMAL, _BATCH, _IDLE, _FIFO and _RR;
 * deadlines are absent.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/sched.h>
#include <linux/sched/rt.h>
#include <linux/spinlock.h>
#include <uwq/cpu.h>

#include "kernel-compat/sched_internal.h"

#define RT_PRIO_MIDDLE	(MAX_RT_PRIO / 2)

/**
 * set_user_nice - change a task's nice value
 * @p: the task; the caller keeps it alive
 * @nice: -20 to 19; others are ignored
 *
 * Kept as asked for, also if the system refuses it.
 *
 * Context: any.
 */
void set_user_nice(struct task_struct *p, long nice)
{
	int saved = errno;
	unsigned long flags;

	if (nice < MIN_NICE || nice > MAX_NICE)
		return;
	raw_spin_lock_irqsave(&p->pi_lock, flags);
	p->static_prio = NICE_TO_PRIO((int)nice);
	if (!rt_prio(p->prio)) {
		p->normal_prio = p->static_prio;
		WRITE_ONCE(p->prio, p->static_prio);
	}
	if (task_has_thread(p))
		setpriority(PRIO_PROCESS, (id_t)task_pid_nr(p), (int)nice);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	errno = saved;
}
EXPORT_SYMBOL(set_user_nice);

/* The value that was asked for, -20 to 19. */
int task_nice(const struct task_struct *p)
{
	return PRIO_TO_NICE(READ_ONCE(p->static_prio));
}

/* As in /proc: 0 to 39 for nice -20 to 19, below 0 for real-time. */
int task_prio(const struct task_struct *p)
{
	return READ_ONCE(p->prio) - MAX_RT_PRIO;
}

/**
 * can_nice - may the task have that nice value?
 * @p: the task
 * @nice: -20 to 19
 *
 * Return: 1 if it is no better than what it has, or within RLIMIT_NICE, or the
 * process has every privilege.
 */
int can_nice(const struct task_struct *p, const int nice)
{
	struct rlimit limit;

	if (nice >= task_nice(p) || geteuid() == 0)
		return 1;
	return getrlimit(RLIMIT_NICE, &limit) == 0 && (rlim_t)(MAX_NICE + 1 - nice) <= limit.rlim_cur;
}
EXPORT_SYMBOL(can_nice);

static bool policy_known(int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE ||
	       policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool policy_is_rt(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

/**
 * uwq_sched_setscheduler - change a task's policy; modules call it sched_setscheduler()
 * @p: the task; the caller keeps it alive
 * @policy: SCHED_*
 * @param: priority, 1 to 99 for SCHED_FIFO and SCHED_RR, else 0
 *
 * Context: any.
 * Return: 0, -EINVAL, or what the system answered (-EPERM without privilege);
 * nothing is changed then.
 */
int uwq_sched_setscheduler(struct task_struct *p, int policy, const struct sched_param *param)
{
	int saved = errno;
	unsigned long flags;
	int ret = 0;

	if (!policy_known(policy) || param->sched_priority < 0 ||
	    param->sched_priority >= MAX_RT_PRIO ||
	    policy_is_rt(policy) != (param->sched_priority != 0))
		return -EINVAL;
	raw_spin_lock_irqsave(&p->pi_lock, flags);
	if (task_has_thread(p) && sched_setscheduler(task_pid_nr(p), policy, param) < 0)
		ret = -errno;
	if (!ret) {
		p->policy = (unsigned int)policy;
		p->rt_priority = (unsigned int)param->sched_priority;
		p->normal_prio = policy_is_rt(policy) ? MAX_RT_PRIO - 1 - param->sched_priority :
							p->static_prio;
		WRITE_ONCE(p->prio, p->normal_prio);
	}
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	errno = saved;
	return ret;
}

/* The kernel's own right to do so is no right here: the system decides, as above. */
int sched_setscheduler_nocheck(struct task_struct *p, int policy, const struct sched_param *param)
{
	return uwq_sched_setscheduler(p, policy, param);
}

/**
 * sched_set_fifo - SCHED_FIFO in the middle of the range; a refusal changes nothing
 * @p: the task; the caller keeps it alive
 */
void sched_set_fifo(struct task_struct *p)
{
	struct sched_param param = { .sched_priority = RT_PRIO_MIDDLE };

	uwq_sched_setscheduler(p, SCHED_FIFO, &param);
}
EXPORT_SYMBOL_GPL(sched_set_fifo);

/* The same at the low end of the range. */
void sched_set_fifo_low(struct task_struct *p)
{
	struct sched_param param = { .sched_priority = 1 };

	uwq_sched_setscheduler(p, SCHED_FIFO, &param);
}
EXPORT_SYMBOL_GPL(sched_set_fifo_low);

/* Back to SCHED_NORMAL, with that nice value. */
void sched_set_normal(struct task_struct *p, int nice)
{
	struct sched_param param = { .sched_priority = 0 };

	uwq_sched_setscheduler(p, SCHED_NORMAL, &param);
	set_user_nice(p, nice);
}
EXPORT_SYMBOL_GPL(sched_set_normal);
