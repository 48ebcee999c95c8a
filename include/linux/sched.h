/* SPDX-License-Identifier: MIT */
/*
 * sched.h - tasks, their states, sleeping and waking
 *
 * A task_struct stands for one thread of this process. Threads that the library
 * starts have PF_KTHREAD, all others are "foreign" and get a task when they
 * first need one. Sleeping follows the kernel's pattern:
 *
 *	sleeper				waker
 *	set_current_state(state);	condition = true;
 *	if (!condition)			wake_up_process(task);
 *		schedule();
 *	__set_current_state(TASK_RUNNING);
 *
 * set_current_state() and wake_up_process() both have a full barrier between
 * what they store and what they read, so one of the two sees the other.
 *
 * Differs from Linux:
 * - Only the fields below exist. `mm`, `cred`, `files`, `signal` and the like do
 *   not, so code that looks into them does not build.
 * - Memory of a task is never given back to the system: a stale pointer reads
 *   another task, or a dead one, but never faults.
 * - schedule() in TASK_RUNNING gives the CPU away once (sched_yield).
 * - A task asleep on a completion, mutex or rwsem keeps the state it had;
 *   wake_up_process() changes nothing for it, where in the kernel it would look
 *   at its condition once more and sleep on.
 */
#ifndef UWQ_LINUX_SCHED_H
#define UWQ_LINUX_SCHED_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/threads.h>
#include <linux/preempt.h>
#include <linux/irqflags.h>
#include <linux/cpumask_types.h>
#include <linux/jiffies.h>
#include <linux/pid.h>
#include <linux/sched/prio.h>
#include <linux/sched/types.h>
#include <linux/spinlock_types.h>
#include <asm/barrier.h>
#include <asm/current.h>
#include <uwq/might_sleep.h>

/* task_struct.__state: what the task waits for, and how it may be woken */
#define TASK_RUNNING			0x00000000
#define TASK_INTERRUPTIBLE		0x00000001
#define TASK_UNINTERRUPTIBLE		0x00000002
#define __TASK_STOPPED			0x00000004
#define __TASK_TRACED			0x00000008
#define EXIT_DEAD			0x00000010
#define EXIT_ZOMBIE			0x00000020
#define EXIT_TRACE			(EXIT_ZOMBIE | EXIT_DEAD)
#define TASK_PARKED			0x00000040
#define TASK_DEAD			0x00000080
#define TASK_WAKEKILL			0x00000100
#define TASK_WAKING			0x00000200
#define TASK_NOLOAD			0x00000400
#define TASK_NEW			0x00000800
#define TASK_RTLOCK_WAIT		0x00001000
#define TASK_FREEZABLE			0x00002000
#define TASK_FROZEN			0x00008000
#define TASK_STATE_MAX			0x00010000

#define TASK_ANY			(TASK_STATE_MAX - 1)
#define TASK_KILLABLE			(TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_STOPPED			(TASK_WAKEKILL | __TASK_STOPPED)
#define TASK_TRACED			__TASK_TRACED
#define TASK_IDLE			(TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define TASK_NORMAL			(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/* task_struct.flags */
#define PF_IDLE				0x00000002
#define PF_EXITING			0x00000004
#define PF_WQ_WORKER			0x00000020
#define PF_MEMALLOC			0x00000800
#define PF_NOFREEZE			0x00008000
#define PF_MEMALLOC_NOFS		0x00040000
#define PF_MEMALLOC_NOIO		0x00080000
#define PF_KTHREAD			0x00200000
#define PF_NO_SETAFFINITY		0x04000000

#ifndef SCHED_NORMAL
#define SCHED_NORMAL			0
#endif
#ifndef SCHED_FIFO
#define SCHED_FIFO			1
#endif
#ifndef SCHED_RR
#define SCHED_RR			2
#endif
#ifndef SCHED_BATCH
#define SCHED_BATCH			3
#endif
#ifndef SCHED_IDLE
#define SCHED_IDLE			5
#endif

#define MAX_SCHEDULE_TIMEOUT		LONG_MAX

#define TASK_COMM_LEN			16

struct sched_hooks;
struct kthread;

/*
 * What a task waits for, so that others can tell why it does not go on. Written by the
 * task itself, but for the field that says otherwise; read with task_wait_read().
 * Pointers to anything but tasks are to be compared or printed, not followed.
 */
struct uwq_task_wait {
	unsigned long		gen;		/* odd while it waits; never goes back */
	unsigned int		kind;		/* enum task_wait_kind */
	const char		*call;		/* name of the call that waits */
	const void		*object;	/* lock, completion, item, queue ... */
	struct task_struct	*task;		/* who has to do something, if that is known */
	unsigned long		task_gen;	/* its wait when it was seen to own the lock */
	const void		*func;		/* of an item */
	const void		*place;		/* of an item: its pwq */
	const void		*mark;		/* of an item or queue: what is on the waiter's stack */
	u64			name[4];	/* of the queue, as text */
	u64			since;		/* ns */
	unsigned long		told;		/* the wait that a report was about; by the reporter */
};

/**
 * struct task_struct - one thread
 *
 * Who may touch a field: S the task itself; A anybody, atomically; P under
 * pi_lock; I set before the thread runs, then read-only; L under a private lock
 * of the library.
 */
struct task_struct {
	unsigned int		__state;	/* A: TASK_*; schedule() sleeps on this word */
	unsigned int		flags;		/* S: PF_*; others read it with READ_ONCE() */
	int			usage;		/* A: references */
	pid_t			pid;		/* A: thread id, 0 until the thread runs */
	pid_t			tgid;		/* A: process id */

	/* where the task sleeps; see schedule_on() */
	unsigned int		sleep_gen;	/* A: odd while it sleeps and hears signals */
	unsigned int		sleep_state;	/* A: TASK_* that this sleep counts as */
	const unsigned int	*sleeping_on;	/* A: futex word, NULL while awake */

	struct uwq_task_wait	wait;		/* A: what it waits for; kernel-compat/task_wait.h */

	/* signals sent by send_sig(); see signal.c */
	u64			sig_pending;	/* A: bit n - 1 = signal n */
	u64			sig_allowed;	/* A: those that are not dropped */
	u64			sig_kernel;	/* A: those taken from kernel code only */
	unsigned int		notify_signal;	/* A: kthread_stop() wants interruptible waits to end */

	const struct sched_hooks *sched_hooks;	/* S: told about each sleep; may be NULL */
	void			*worker_private;/* owner: the subsystem that made the thread */
	struct kthread		*kthread;	/* I: NULL unless kthread_create() made it */

	int			bound_cpu;	/* A: the one CPU it is on, or -1; stored under pi_lock */
	int			prio;		/* P */
	int			static_prio;	/* P: 120 + nice */
	int			normal_prio;	/* P */
	unsigned int		rt_priority;	/* P: 1 to 99 for SCHED_FIFO and SCHED_RR */
	unsigned int		policy;		/* P: SCHED_* */
	int			nr_cpus_allowed;/* P */
	int			stands_on;	/* P: CPU for which it runs a callback, or -1 */
	bool			keeps_cpus;	/* P: gets its CPUs back after all were offline */
	bool			cpus_told;	/* P: the library has placed it */
	const cpumask_t		*cpus_ptr;	/* I: &cpus_mask */
	cpumask_t		cpus_mask;	/* P */
	raw_spinlock_t		pi_lock;	/* scheduling attributes; the thread exists under it */

	int			exit_state;	/* A: EXIT_DEAD when the thread is over */
	unsigned int		exited;		/* A: futex word, 1 when the thread is over */
	unsigned int		freezable_waits;/* A: while not 0 it counts as standing still */
	long			exit_code;	/* S: of do_exit() */

	void			(*thread_fn)(void *arg);	/* I: body, for uwq_thread_start() */
	void			*thread_arg;			/* I */

	void			*journal_info;	/* S: free for the code that runs in the task */
	struct list_head	task_link;	/* L: free list or list of live tasks */

	char			comm[TASK_COMM_LEN];	/* P for writers; get_task_comm() */
};

UWQ_API_BEGIN

void schedule(void);
signed long schedule_timeout(signed long timeout);
signed long schedule_timeout_interruptible(signed long timeout);
signed long schedule_timeout_killable(signed long timeout);
signed long schedule_timeout_uninterruptible(signed long timeout);
signed long schedule_timeout_idle(signed long timeout);
long io_schedule_timeout(long timeout);
void io_schedule(void);

int wake_up_process(struct task_struct *p);
int wake_up_state(struct task_struct *p, unsigned int state);

void yield(void);
int uwq_cond_resched(void);
bool need_resched(void);

void __set_task_comm(struct task_struct *p, const char *from, bool exec);
char *__get_task_comm(char *buf, size_t size, struct task_struct *p);

void set_user_nice(struct task_struct *p, long nice);
int task_nice(const struct task_struct *p);
int task_prio(const struct task_struct *p);
int can_nice(const struct task_struct *p, const int nice);
int set_cpus_allowed_ptr(struct task_struct *p, const struct cpumask *new_mask);

int uwq_sched_setscheduler(struct task_struct *p, int policy, const struct sched_param *param);
int sched_setscheduler_nocheck(struct task_struct *p, int policy,
			       const struct sched_param *param);
void sched_set_fifo(struct task_struct *p);
void sched_set_fifo_low(struct task_struct *p);
void sched_set_normal(struct task_struct *p, int nice);

void put_task_struct(struct task_struct *p);

UWQ_API_END

/*
 * libc has a function of that name with another prototype, and programs need
 * libc's. Modules get the kernel's; they do not include <sched.h> behind this.
 */
#ifdef MODULE
#define sched_setscheduler(p, policy, param)	uwq_sched_setscheduler(p, policy, param)
#endif

static inline struct task_struct *get_task_struct(struct task_struct *p)
{
	__atomic_fetch_add(&p->usage, 1, __ATOMIC_RELAXED);
	return p;
}

#define set_current_state(state_value)	smp_store_mb(current->__state, (unsigned int)(state_value))
#define __set_current_state(state_value)	\
	__atomic_store_n(&current->__state, (unsigned int)(state_value), __ATOMIC_RELEASE)
#define get_current_state()		READ_ONCE(current->__state)
#define __set_task_state(p, state_value)	\
	__atomic_store_n(&(p)->__state, (unsigned int)(state_value), __ATOMIC_RELEASE)

#define task_is_running(p)		(READ_ONCE((p)->__state) == TASK_RUNNING)
#define task_is_stopped(p)		((READ_ONCE((p)->__state) & __TASK_STOPPED) != 0)

/* 'R', 'S', 'D', 'I', 'P', 'X' as in ps(1); a task asleep on a lock counts as 'D' or 'S' */
UWQ_API_BEGIN
char task_state_to_char(struct task_struct *p);
UWQ_API_END

static inline pid_t task_pid_nr(struct task_struct *p)
{
	return __atomic_load_n(&p->pid, __ATOMIC_RELAXED);
}

static inline pid_t task_tgid_nr(struct task_struct *p)
{
	return __atomic_load_n(&p->tgid, __ATOMIC_RELAXED);
}

/* One namespace: the numbers are those that the process sees. */
#define task_pid_vnr(p)		task_pid_nr(p)
#define task_tgid_vnr(p)	task_tgid_nr(p)

static inline bool is_global_init(struct task_struct *p)
{
	return task_tgid_nr(p) == 1;
}

/* Cut at TASK_COMM_LEN - 1 bytes */
#define set_task_comm(p, from)	__set_task_comm(p, from, false)
/* @buf must be an array of TASK_COMM_LEN bytes or more; has the value of @buf */
#define get_task_comm(buf, p)	__get_task_comm(buf, sizeof(buf), p)

/*
 * Let others run if this thread had the CPU for a clock tick or longer; true if
 * it gave the CPU away. The system preempts long loops anyway; what this adds is
 * that threads of the same real-time priority get their turn.
 */
#define cond_resched()		(uwq_check_may_sleep(), uwq_cond_resched())
#define cond_resched_rcu_qs()	cond_resched()
#define cond_resched_tasks_rcu_qs()	((void)cond_resched())

#define cond_resched_lock(lock) __extension__		\
({							\
	int uwq_gave_way = 0;				\
							\
	if (need_resched() || spin_needbreak(lock)) {	\
		spin_unlock(lock);			\
		uwq_cond_resched();			\
		uwq_gave_way = 1;			\
		spin_lock(lock);			\
	}						\
	uwq_gave_way;					\
})

static inline bool is_idle_task(const struct task_struct *p)
{
	return (READ_ONCE(p->flags) & PF_IDLE) != 0;
}

/* Is the task's thread on a real-time policy? */
static inline int rt_task(struct task_struct *p)
{
	return READ_ONCE(p->prio) < MAX_RT_PRIO;
}

#include <linux/sched/task.h>
#include <linux/sched/signal.h>

#endif
