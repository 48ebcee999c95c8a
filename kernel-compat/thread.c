// SPDX-License-Identifier: MIT
/*
 * thread.c - the only place where the library starts threads, and their end
 *
 * A thread inherits much from its creator, which may be any thread of any
 * program. Ours shall be alike whoever makes them, so everything is set:
 * signals blocked but the synchronous faults and that of thread_stack.c, default
 * policy, nice value, affinity, timer slack, name, no cancellation. Threads are
 * detached; their end is seen through their task (task.c), however it comes about: return,
 * do_exit(), pthread_exit().
 *
 * Locks: none of its own.
 *
 * Differs from Linux: do_exit() of a foreign thread is pthread_exit().
 */
#define _GNU_SOURCE
#define KBUILD_MODNAME "uwq"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kthread.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <uwq/annotate.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/test_points.h"
#include "kernel-compat/thread_stack.h"

#define DEFAULT_SLACK_NS	50000UL

static unsigned int stack_kb = 256;	/* I */
module_param(stack_kb, uint, 0444);
MODULE_PARM_DESC(stack_kb, "stack of the library's threads in KiB (default 256)");

/* Sanitizers put more on the stack than the code does. */
static size_t stack_size(void)
{
	size_t size = (size_t)stack_kb << 10;

#if defined(UWQ_HAVE_ASAN) || defined(UWQ_HAVE_TSAN)
	size *= 4;
#endif
	return size < (size_t)PTHREAD_STACK_MIN ? (size_t)PTHREAD_STACK_MIN : size;
}

/* U9: a better value than the process may have is asked for all the same, and told once. */
static void take_nice(struct task_struct *task, int nice)
{
	if (setpriority(PRIO_PROCESS, (id_t)task_pid_nr(task), nice) && nice < 0)
		pr_notice_once("%s asks for nice %d and has no right to it: it runs with %d\n",
			       task->comm, nice, getpriority(PRIO_PROCESS, 0));
}

/* What cannot be said in thread attributes; the thread says it for itself. */
static void shed_inheritance(struct task_struct *task)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	prctl(PR_SET_TIMERSLACK, DEFAULT_SLACK_NS, 0, 0, 0);
	task_apply_comm(task->comm);
	/* EXPLICIT_SCHED was refused: the creator's policy is a real-time one or idle */
	if (sched_getscheduler(0) != SCHED_OTHER) {
		struct sched_param param = { 0 };

		sched_setscheduler(0, SCHED_OTHER, &param);
	}
	take_nice(task, PRIO_TO_NICE(task->static_prio));
	task_take_place(task);
}

static void *thread_main(void *arg)
{
	struct task_struct *task = arg;
	bool end_is_seen = task_bind_thread(task);
	uint32_t generation = uwq_fork_generation;

	shed_inheritance(task);
	task->thread_fn(task->thread_arg);
	/* a function of the user's has forked, and this is the child */
	if (unlikely(uwq_fork_generation != generation))
		fork_end_child();
	if (!end_is_seen)
		task_thread_over(task);
	return NULL;
}

static void block_signals(sigset_t *old)
{
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGSEGV);
	sigdelset(&set, SIGBUS);
	sigdelset(&set, SIGFPE);
	sigdelset(&set, SIGILL);
	sigdelset(&set, SIGTRAP);
	if (thread_stack_signal())
		sigdelset(&set, thread_stack_signal());
	pthread_sigmask(SIG_SETMASK, &set, old);
}

/* @reset_policy: the system may refuse that to an unprivileged SCHED_IDLE creator. */
static int try_create(struct task_struct *task, bool reset_policy, bool own_size)
{
	struct sched_param param = { 0 };
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	err = pthread_attr_init(&attr);
	if (err)
		return err;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (own_size)
		pthread_attr_setstacksize(&attr, stack_size());
	if (reset_policy) {
		pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
		pthread_attr_setschedpolicy(&attr, SCHED_OTHER);
		pthread_attr_setschedparam(&attr, &param);
	}
	err = pthread_create(&thread, &attr, thread_main, task);
	pthread_attr_destroy(&attr);
	return err;
}

static int create(struct task_struct *task)
{
	sigset_t old;
	int err;

	if (test_thread_fails())
		return EAGAIN;
	/* the mask is what a new thread cannot be given but by inheritance */
	block_signals(&old);
	err = try_create(task, true, true);
	if (err == EPERM)
		err = try_create(task, false, true);
	/* thread-local variables of the program may need more than our stack */
	if (err == EINVAL)
		err = try_create(task, false, false);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

/* See sched_internal.h. */
struct task_struct *uwq_thread_start(struct task_struct *task, const char *name,
				     void (*fn)(void *arg), void *arg, int nice,
				     const struct cpumask *cpus, int bound_cpu)
{
	struct task_struct *made = NULL;
	int saved = errno;
	int err;

	if (!task)
		task = made = uwq_task_alloc(name);
	if (!task)
		return (struct task_struct *)ERR_PTR(-ENOMEM);

	set_task_comm(task, name);
	set_user_nice(task, nice);
	task_give_cpus(task, bound_cpu < 0 ? cpus : cpumask_of((unsigned int)bound_cpu));
	WRITE_ONCE(task->flags, READ_ONCE(task->flags) | PF_KTHREAD | PF_NOFREEZE);
	task->thread_fn = fn;
	task->thread_arg = arg;

	get_task_struct(task);	/* the thread's, dropped at its end */
	err = create(task);
	errno = saved;
	if (!err)
		return task;
	put_task_struct(task);
	if (made)
		put_task_struct(made);
	return (struct task_struct *)ERR_PTR(err == ENOMEM ? -ENOMEM : -EAGAIN);
}

/**
 * do_exit - end the calling thread
 * @code: what kthread_stop() returns for a kthread; else of no use
 *
 * Context: a thread that may end; not the engine's. Does not return.
 */
void do_exit(long code)
{
	struct task_struct *task = current;

	task->exit_code = code;
	if (task->kthread)
		kthread_exit(code);
	pthread_exit(NULL);
}
EXPORT_SYMBOL_GPL(do_exit);
