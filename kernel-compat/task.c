// SPDX-License-Identifier: MIT
/*
 * task.c - task_struct: where tasks come from, `current`, names, references
 *
 * Memory of tasks is type-stable: a task whose last reference is gone returns to
 * a free list and is reused for another thread, oldest first, but never goes
 * back to the system. So a waker that is a moment late touches a task, if the
 * wrong one, and a pointer kept too long shows a dead task for a while.
 *
 * A thread finds its task in thread-local memory. Threads that the library did
 * not start get a task on first use and give it back through the destructor of
 * a pthread key, which also ends the tasks of our own threads, however they end.
 *
 * Locks: task_lock (free list) is a leaf. pi_lock of a task covers its name and
 * scheduling attributes, and that its thread still exists.
 *
 * Differs from Linux: `current` cannot fail, so a foreign thread that finds no
 * memory for its task waits until there is some. The first 64 tasks need none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/lock_order.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/task_wait.h"
#include "kernel-compat/test_points.h"

#define TASKS_AT_START	64
#define TASKS_A_TIME	32

__thread struct uwq_thread_state uwq_thread __attribute__((tls_model("initial-exec")));

struct task_chunk {
	struct task_chunk *next;	/* keeps every chunk reachable for leak checkers */
	struct task_struct tasks[TASKS_A_TIME];
};

static struct task_struct first_tasks[TASKS_AT_START];
static struct task_chunk *chunks;	/* A: stored under task_lock */
static struct list_head free_tasks = LIST_HEAD_INIT(free_tasks);	/* under task_lock */
static struct futex_lock task_lock = FUTEX_LOCK_INIT;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t task_key;
static bool have_key;			/* I: after once */

/* With task_lock held. */
static void add_free(struct task_struct *tasks, int nr)
{
	for (int i = 0; i < nr; i++)
		list_add_tail(&tasks[i].task_link, &free_tasks);
}

static void end_of_thread(void *task)
{
	task_thread_over(task);
}

/* Newest chunk first: an index means nothing for long. */
struct task_struct *task_by_index(unsigned int index)
{
	struct task_chunk *chunk = __atomic_load_n(&chunks, __ATOMIC_ACQUIRE);

	if (index < TASKS_AT_START)
		return &first_tasks[index];
	index -= TASKS_AT_START;
	for (; chunk && index >= TASKS_A_TIME; chunk = chunk->next)
		index -= TASKS_A_TIME;
	return chunk ? &chunk->tasks[index] : NULL;
}

/* A thread that is no more waits for nothing. */
static void end_wait(struct task_struct *task)
{
	unsigned long gen = task_wait_get(&task->wait, gen);

	if (gen & 1)
		task_wait_set(&task->wait, gen, gen + 1);
}

static void set_up(void)
{
	futex_lock(&task_lock);
	add_free(first_tasks, TASKS_AT_START);
	futex_unlock(&task_lock);
	have_key = pthread_key_create(&task_key, end_of_thread) == 0;
}

static struct task_struct *pop_free(void)
{
	struct task_struct *task;

	futex_lock(&task_lock);
	task = list_first_entry_or_null(&free_tasks, struct task_struct, task_link);
	if (task)
		list_del_init(&task->task_link);
	futex_unlock(&task_lock);
	return task;
}

static bool grow(void)
{
	struct task_chunk *chunk = calloc(1, sizeof(*chunk));

	if (!chunk)
		return false;
	futex_lock(&task_lock);
	chunk->next = chunks;
	__atomic_store_n(&chunks, chunk, __ATOMIC_RELEASE);
	add_free(chunk->tasks, TASKS_A_TIME);
	futex_unlock(&task_lock);
	return true;
}

/*
 * A fresh task with one reference. What late wakers may still look at is stored
 * atomically, the rest is ours alone.
 */
static void init_task(struct task_struct *task)
{
	__atomic_store_n(&task->__state, TASK_RUNNING, __ATOMIC_RELEASE);
	__atomic_store_n(&task->sleeping_on, NULL, __ATOMIC_RELEASE);
	__atomic_store_n(&task->sleep_state, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&task->pid, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&task->tgid, getpid(), __ATOMIC_RELAXED);
	__atomic_store_n(&task->sig_pending, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&task->sig_allowed, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&task->sig_kernel, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&task->notify_signal, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&task->exit_state, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&task->exited, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&task->bound_cpu, -1, __ATOMIC_RELAXED);
	WRITE_ONCE(task->flags, 0);
	__atomic_store_n(&task->freezable_waits, 0, __ATOMIC_RELAXED);
	task->sched_hooks = NULL;
	task->worker_private = NULL;
	task->kthread = NULL;
	WRITE_ONCE(task->prio, DEFAULT_PRIO);
	task->static_prio = DEFAULT_PRIO;
	task->normal_prio = DEFAULT_PRIO;
	task->rt_priority = 0;
	task->policy = SCHED_NORMAL;
	task->cpus_ptr = &task->cpus_mask;
	cpumask_copy(&task->cpus_mask, cpu_possible_mask);
	task->nr_cpus_allowed = (int)cpumask_weight(&task->cpus_mask);
	task->stands_on = -1;
	task->keeps_cpus = false;
	task->cpus_told = false;
	raw_spin_lock_init(&task->pi_lock);
	task->exit_code = 0;
	task->thread_fn = NULL;
	task->thread_arg = NULL;
	task->journal_info = NULL;
	/* last: from here on task_for_each() shows it to others */
	__atomic_store_n(&task->usage, 1, __ATOMIC_RELEASE);
}

static void store_comm(struct task_struct *task, const char *name)
{
	size_t len = strnlen(name, TASK_COMM_LEN - 1);

	memcpy(task->comm, name, len);
	memset(task->comm + len, 0, TASK_COMM_LEN - len);
}

/* A task for a thread that does not run yet, see sched_internal.h. */
struct task_struct *uwq_task_alloc(const char *name)
{
	struct task_struct *task;

	pthread_once(&once, set_up);
	if (test_alloc_fails())
		return NULL;
	while (!(task = pop_free()))
		if (!grow())
			return NULL;
	init_task(task);
	store_comm(task, name);
	return task;
}

/* False: the end of the thread has to be told by task_thread_over(). */
bool task_bind_thread(struct task_struct *task)
{
	uwq_thread.task = task;
	__atomic_store_n(&task->pid, gettid(), __ATOMIC_RELEASE);
	return have_key && pthread_setspecific(task_key, task) == 0;
}

/* Signals that a process ignores unless it asked for them: CHLD, CONT, URG, WINCH */
#define IGNORED_BY_DEFAULT	(1ULL << 16 | 1ULL << 17 | 1ULL << 22 | 1ULL << 27)

static void describe_foreign(struct task_struct *task)
{
	char name[TASK_COMM_LEN] = "";
	struct sched_param param = { 0 };
	int nice;

	prctl(PR_GET_NAME, name, 0, 0, 0);
	store_comm(task, name);
	nice = getpriority(PRIO_PROCESS, (id_t)gettid());
	task->static_prio = NICE_TO_PRIO(nice);
	task->normal_prio = task->static_prio;
	task->policy = (unsigned int)sched_getscheduler(0);
	if (task->policy == SCHED_FIFO || task->policy == SCHED_RR) {
		sched_getparam(0, &param);
		task->rt_priority = (unsigned int)param.sched_priority;
		task->normal_prio = MAX_RT_PRIO - 1 - param.sched_priority;
	}
	WRITE_ONCE(task->prio, task->normal_prio);
	__atomic_store_n(&task->sig_allowed, ~IGNORED_BY_DEFAULT, __ATOMIC_RELAXED);
	__atomic_store_n(&task->sig_kernel, ~IGNORED_BY_DEFAULT, __ATOMIC_RELAXED);
}

/**
 * uwq_adopt_current - give the calling thread a task, the slow half of `current`
 *
 * Context: any thread, also one that is about to end. Keeps errno.
 * Return: the task; never NULL.
 */
struct task_struct *uwq_adopt_current(void)
{
	struct task_struct *task;
	int saved = errno;

	pthread_once(&once, set_up);
	while (!(task = pop_free())) {
		if (!grow()) {
			pr_err_once("no memory for the task of a thread, waiting for some\n");
			usleep(1000);
		}
	}
	init_task(task);
	describe_foreign(task);
	task_bind_thread(task);
	errno = saved;
	return task;
}

/*
 * The thread of @task ends, by whatever way, and this is its last use of it.
 * Sleepers in uwq_task_wait_exit() and kthread_stop() go on.
 */
void task_thread_over(struct task_struct *task)
{
	if (uwq_thread.preempt_count) {
		pr_err("%s[%d] ended with preempt_count %#x\n", task->comm, task->pid,
		       uwq_thread.preempt_count);
		uwq_thread.preempt_count = 0;
	}
	WRITE_ONCE(task->flags, READ_ONCE(task->flags) | PF_EXITING);
	task->sched_hooks = NULL;
	end_wait(task);

	raw_spin_lock(&task->pi_lock);
	__atomic_store_n(&task->exit_state, EXIT_DEAD, __ATOMIC_RELEASE);
	__atomic_store_n(&task->__state, TASK_DEAD, __ATOMIC_RELEASE);
	raw_spin_unlock(&task->pi_lock);

	if (task->kthread)
		kthread_thread_over(task->kthread);
	uwq_thread.task = NULL;
	__atomic_store_n(&task->exited, 1, __ATOMIC_RELEASE);
	futex_wake(&task->exited, INT_MAX);
	put_task_struct(task);
}

void uwq_task_wait_exit(struct task_struct *p)
{
	while (!__atomic_load_n(&p->exited, __ATOMIC_ACQUIRE))
		schedule_on(&p->exited, 0, NULL);
}

/**
 * put_task_struct - drop a reference to a task
 * @p: the task; not the caller's any more
 *
 * Context: any.
 */
void put_task_struct(struct task_struct *p)
{
	if (__atomic_sub_fetch(&p->usage, 1, __ATOMIC_ACQ_REL))
		return;
	if (p->kthread) {
		kthread_release(p->kthread);
		p->kthread = NULL;
	}
	futex_lock(&task_lock);
	list_add_tail(&p->task_link, &free_tasks);
	futex_unlock(&task_lock);
}
EXPORT_SYMBOL(put_task_struct);

/**
 * tryget_task_struct - take a reference unless the task is gone
 * @p: a task, possibly on the free list
 *
 * Return: @p with a reference, or NULL.
 */
struct task_struct *tryget_task_struct(struct task_struct *p)
{
	int usage = __atomic_load_n(&p->usage, __ATOMIC_RELAXED);

	do {
		if (usage <= 0)
			return NULL;
	} while (!__atomic_compare_exchange_n(&p->usage, &usage, usage + 1, true,
					      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return p;
}

static void visit(struct task_struct *tasks, int nr,
		  void (*fn)(struct task_struct *p, void *arg), void *arg)
{
	for (int i = 0; i < nr; i++) {
		if (!tryget_task_struct(&tasks[i]))
			continue;
		fn(&tasks[i], arg);
		put_task_struct(&tasks[i]);
	}
}

/*
 * Call @fn for every task that exists during the whole call, and some that do not; the
 * task cannot go away meanwhile. No lock is held.
 */
void task_for_each(void (*fn)(struct task_struct *p, void *arg), void *arg)
{
	struct task_chunk *chunk;

	futex_lock(&task_lock);
	chunk = chunks;
	futex_unlock(&task_lock);
	visit(first_tasks, TASKS_AT_START, fn, arg);
	/* chunks are added in front, and stay */
	for (; chunk; chunk = chunk->next)
		visit(chunk->tasks, TASKS_A_TIME, fn, arg);
}

/* The system shows 15 bytes; PR_SET_NAME cuts by itself. */
void task_apply_comm(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* The name of another thread is a file. */
static void show_comm_of(pid_t tid, const char *name)
{
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", tid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, name, strlen(name)) < 0)
		pr_debug("name of thread %d not changed\n", tid);
	close(fd);
}

/**
 * __set_task_comm - name a task, behind set_task_comm()
 * @p: the task; the caller keeps it alive
 * @from: name, cut to TASK_COMM_LEN - 1 bytes
 * @exec: of no use here
 *
 * The system learns the name too, if it can be told.
 *
 * Context: any.
 */
void __set_task_comm(struct task_struct *p, const char *from, bool exec)
{
	int saved = errno;
	unsigned long flags;

	(void)exec;
	raw_spin_lock_irqsave(&p->pi_lock, flags);
	store_comm(p, from);
	if (p == uwq_thread.task)
		task_apply_comm(p->comm);
	else if (task_pid_nr(p) && !__atomic_load_n(&p->exit_state, __ATOMIC_RELAXED))
		show_comm_of(task_pid_nr(p), p->comm);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	errno = saved;
}
EXPORT_SYMBOL_GPL(__set_task_comm);

/**
 * __get_task_comm - copy a task's name, behind get_task_comm()
 * @buf: where to
 * @size: its size, more than 0; the name is cut to fit and the rest zeroed
 * @p: the task; the caller keeps it alive
 *
 * Return: @buf.
 */
char *__get_task_comm(char *buf, size_t size, struct task_struct *p)
{
	size_t len = size - 1 < TASK_COMM_LEN ? size - 1 : TASK_COMM_LEN;
	unsigned long flags;

	memset(buf, 0, size);
	raw_spin_lock_irqsave(&p->pi_lock, flags);
	memcpy(buf, p->comm, len);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	return buf;
}
EXPORT_SYMBOL_GPL(__get_task_comm);

/* ---- fork ---- */

/*
 * In the child: the thread of @task does not exist. Its own reference goes, but not a
 * kthread's, so that kthread_stop() finds one that has ended.
 */
static void bury(struct task_struct *task)
{
	bool begun = __atomic_load_n(&task->pid, __ATOMIC_RELAXED);

	WRITE_ONCE(task->flags, READ_ONCE(task->flags) | PF_EXITING);
	task->sched_hooks = NULL;
	raw_spin_lock_init(&task->pi_lock);
	__atomic_store_n(&task->sleeping_on, NULL, __ATOMIC_RELAXED);
	end_wait(task);
	__atomic_store_n(&task->sleep_gen, (task->sleep_gen + 1) & ~1u, __ATOMIC_RELAXED);
	__atomic_store_n(&task->exit_state, EXIT_DEAD, __ATOMIC_RELAXED);
	__atomic_store_n(&task->__state, TASK_DEAD, __ATOMIC_RELAXED);
	__atomic_store_n(&task->exited, 1, __ATOMIC_RELAXED);
	if (task->kthread) {
		kthread_bury(task->kthread);
		return;
	}
	/* who started one that had not begun is gone as well */
	__atomic_store_n(&task->usage, begun ? task->usage - 1 : 0, __ATOMIC_RELAXED);
	if (!task->usage)
		list_add_tail(&task->task_link, &free_tasks);
}

static void bury_others(struct task_struct *tasks, int nr)
{
	for (int i = 0; i < nr; i++)
		if (&tasks[i] != uwq_thread.task && tasks[i].usage > 0 && !tasks[i].exited)
			bury(&tasks[i]);
}

/* One thread is left, with new numbers. */
static void task_fork_child(void)
{
	struct task_struct *task = uwq_thread.task;
	struct task_chunk *chunk;

	lock_order_fork_child();
	bury_others(first_tasks, TASKS_AT_START);
	for (chunk = chunks; chunk; chunk = chunk->next)
		bury_others(chunk->tasks, TASKS_A_TIME);
	if (!task)
		return;
	raw_spin_lock_init(&task->pi_lock);
	__atomic_store_n(&task->pid, gettid(), __ATOMIC_RELAXED);
	__atomic_store_n(&task->tgid, getpid(), __ATOMIC_RELAXED);
}

void task_fork(enum fork_step step)
{
	if (step == FORK_CHILD)
		task_fork_child();
	fork_step_lock(&task_lock, step);
}
