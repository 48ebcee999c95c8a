// SPDX-License-Identifier: MIT
/*
 * kthread.c - kernel threads: create, stop, park, bind
 *
 * A kthread is a thread of thread.c with a struct kthread next to its task. It
 * is born asleep in TASK_UNINTERRUPTIBLE, and its creator waits until it got
 * there, so that pid and name are right when kthread_create() returns.
 *
 * Stop and park are bits that the thread looks at when it likes, plus a wake-up.
 * The one who stops waits for the end of the thread, which task.c reports however
 * the thread ends.
 *
 * Who owns what: the thread has a reference to its task, and the task owns the
 * struct kthread. kthread_create() returns a pointer without a reference, as in
 * the kernel; kthread_stop() takes one for itself.
 *
 * Locks: live_lock (list of live kthreads), a leaf.
 *
 * Differs from Linux: see linux/kthread.h. A parked thread that ends instead of
 * coming back answers kthread_park() with -ENOSYS.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sprintf.h>
#include <linux/bug.h>
#include <uwq/tasks.h>

#include "kernel-compat/fork.h"
#include "kernel-compat/futex_lock.h"
#include "kernel-compat/sched_internal.h"
#include "kernel-compat/task_wait.h"
#include "kernel-compat/test_points.h"

#define FULL_NAME_LEN	64

enum {
	IS_PER_CPU	= 1,
	SHOULD_STOP	= 2,
	SHOULD_PARK	= 4,
};

struct kthread {
	unsigned int bits;		/* A: the above */
	unsigned int cpu;		/* I once the thread runs: for IS_PER_CPU */
	long result;			/* S; read after `exited` */
	int (*threadfn)(void *data);	/* I */
	void *data;			/* I */
	struct completion *created;	/* I: on the creator's stack, used once */
	struct completion parked;
	struct completion exited;
	struct task_struct *task;	/* I */
	const void *creator;		/* I: who called kthread_create() */
	struct list_head live;		/* under live_lock */
	char name[FULL_NAME_LEN];	/* I */
};

static struct list_head live_kthreads = LIST_HEAD_INIT(live_kthreads);
static struct futex_lock live_lock = FUTEX_LOCK_INIT;

static bool has_bit(struct kthread *kthread, unsigned int bit)
{
	return __atomic_load_n(&kthread->bits, __ATOMIC_SEQ_CST) & bit;
}

static void give_bit(struct kthread *kthread, unsigned int bit)
{
	__atomic_fetch_or(&kthread->bits, bit, __ATOMIC_SEQ_CST);
}

static void take_bit(struct kthread *kthread, unsigned int bit)
{
	__atomic_fetch_and(&kthread->bits, ~bit, __ATOMIC_SEQ_CST);
}

/* ---- the thread's own side ---- */

static void park_while_asked(struct kthread *self)
{
	for (;;) {
		/*
		 * PARK/1: state, full barrier, bit. Pairs with PARK/2 in
		 * kthread_unpark(): bit off, full barrier in the wake-up, state.
		 * Forbids: we sleep AND nobody wakes us.
		 */
		set_current_state(TASK_PARKED);
		if (!has_bit(self, SHOULD_PARK))
			break;
		complete(&self->parked);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static void kthread_main(void *arg)
{
	struct kthread *self = arg;

	set_current_state(TASK_UNINTERRUPTIBLE);
	complete(self->created);
	/* *self->created may be gone from here on */
	schedule();

	self->result = -EINTR;
	if (!has_bit(self, SHOULD_STOP)) {
		park_while_asked(self);
		self->result = self->threadfn(self->data);
	}
}

/* Task.c: the thread of @kthread ends, by return or otherwise. */
void kthread_thread_over(struct kthread *kthread)
{
	futex_lock(&live_lock);
	list_del_init(&kthread->live);
	futex_unlock(&live_lock);
	complete_all(&kthread->parked);
	complete_all(&kthread->exited);
}

void kthread_release(struct kthread *kthread)
{
	free(kthread);
}

static struct kthread *own(void)
{
	return current->kthread;
}

/**
 * kthread_should_stop - shall the calling kthread return?
 *
 * Return: true after kthread_stop(); false for threads that are no kthreads.
 */
bool kthread_should_stop(void)
{
	return own() && has_bit(own(), SHOULD_STOP);
}
EXPORT_SYMBOL(kthread_should_stop);

bool __kthread_should_park(struct task_struct *k)
{
	return k->kthread && has_bit(k->kthread, SHOULD_PARK);
}
EXPORT_SYMBOL_GPL(__kthread_should_park);

/* Shall the calling kthread call kthread_parkme()? */
bool kthread_should_park(void)
{
	return __kthread_should_park(current);
}
EXPORT_SYMBOL_GPL(kthread_should_park);

bool kthread_should_stop_or_park(void)
{
	return own() && has_bit(own(), SHOULD_STOP | SHOULD_PARK);
}

/**
 * kthread_parkme - sleep as long as kthread_park() wants it
 *
 * Context: a kthread; may sleep. Returns at once if nobody asked.
 */
void kthread_parkme(void)
{
	if (!WARN_ON_ONCE(!own()))
		park_while_asked(own());
}
EXPORT_SYMBOL_GPL(kthread_parkme);

/**
 * kthread_exit - end the calling kthread
 * @result: what kthread_stop() returns
 *
 * Does not return.
 */
void kthread_exit(long result)
{
	if (own())
		own()->result = result;
	pthread_exit(NULL);
}
EXPORT_SYMBOL(kthread_exit);

/**
 * kthread_complete_and_exit - complete() and then kthread_exit()
 * @comp: completed first, may be NULL
 * @code: result
 */
void kthread_complete_and_exit(struct completion *comp, long code)
{
	if (comp)
		complete(comp);
	kthread_exit(code);
}
EXPORT_SYMBOL(kthread_complete_and_exit);

/* ---- creation ---- */

__attribute__((__format__(__printf__, 5, 0)))
static struct task_struct *create(int (*threadfn)(void *data), void *data, const void *creator,
				  int *error, const char *namefmt, va_list args)
{
	DECLARE_COMPLETION_ONSTACK(created);
	struct kthread *kthread = test_alloc_fails() ? NULL : calloc(1, sizeof(*kthread));
	struct task_struct *task, *started;

	*error = -ENOMEM;
	if (!kthread)
		return NULL;
	vsnprintf(kthread->name, sizeof(kthread->name), namefmt, args);
	task = uwq_task_alloc(kthread->name);
	if (!task) {
		free(kthread);
		return NULL;
	}
	kthread->threadfn = threadfn;
	kthread->data = data;
	kthread->creator = creator;
	kthread->created = &created;
	kthread->task = task;
	init_completion(&kthread->parked);
	init_completion(&kthread->exited);
	task->kthread = kthread;

	futex_lock(&live_lock);
	list_add_tail(&kthread->live, &live_kthreads);
	futex_unlock(&live_lock);

	started = uwq_thread_start(task, kthread->name, kthread_main, kthread, 0, NULL, -1);
	if (IS_ERR(started)) {
		*error = (int)PTR_ERR(started);
		kthread_thread_over(kthread);
		put_task_struct(task);
		return NULL;
	}
	wait_for_completion(&created);
	/* It waits for us to wake it, so it cannot be over: its own reference is enough. */
	put_task_struct(task);
	return task;
}

/**
 * kthread_create_on_node - make a kthread, asleep; behind kthread_create()
 * @threadfn: what it runs once woken; its value is what kthread_stop() returns
 * @data: for @threadfn
 * @node: where its memory would best be; a wish that is not followed
 * @namefmt: printf format of its name; TASK_COMM_LEN - 1 bytes are shown
 *
 * Context: may sleep.
 * Return: the task, without a reference (linux/kthread.h); ERR_PTR(-ENOMEM), or
 * ERR_PTR(-EAGAIN) if the system starts no more threads.
 */
struct task_struct *kthread_create_on_node(int (*threadfn)(void *data), void *data, int node,
					   const char namefmt[], ...)
{
	struct task_struct *task;
	va_list args;
	int error;

	(void)node;
	va_start(args, namefmt);
	task = create(threadfn, data, __builtin_return_address(0), &error, namefmt, args);
	va_end(args);
	return task ? task : (struct task_struct *)ERR_PTR(error);
}
EXPORT_SYMBOL(kthread_create_on_node);

/* The name's format has the CPU as its argument, and only that. */
__attribute__((__format__(__printf__, 5, 6)))
static struct task_struct *create_named(int (*threadfn)(void *data), void *data,
					const void *creator, int *error, const char *namefmt, ...)
{
	struct task_struct *task;
	va_list args;

	va_start(args, namefmt);
	task = create(threadfn, data, creator, error, namefmt, args);
	va_end(args);
	return task;
}

/**
 * kthread_create_on_cpu - make a kthread that is bound to a CPU, asleep
 * @threadfn, @data: as above
 * @cpu: the CPU
 * @namefmt: printf format of its name, with one %u or %d for @cpu
 *
 * kthread_unpark() binds it again, if it is per-CPU (kthread_set_per_cpu()).
 *
 * Context, Return: as kthread_create_on_node().
 */
struct task_struct *kthread_create_on_cpu(int (*threadfn)(void *data), void *data,
					  unsigned int cpu, const char *namefmt)
{
	const void *creator = __builtin_return_address(0);
	struct task_struct *task;
	int error;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	task = create_named(threadfn, data, creator, &error, namefmt, cpu);
#pragma GCC diagnostic pop
	if (!task)
		return (struct task_struct *)ERR_PTR(error);
	kthread_bind(task, cpu);
	task->kthread->cpu = cpu;
	return task;
}
EXPORT_SYMBOL(kthread_create_on_cpu);

/* ---- binding ---- */

static bool may_bind(struct task_struct *k, const char *call)
{
	unsigned int state = READ_ONCE(k->__state);

	return !WARN(!(state & (TASK_UNINTERRUPTIBLE | TASK_PARKED)),
		     "%s: thread %s[%d] runs already\n", call, k->comm, task_pid_nr(k));
}

static void bind(struct task_struct *k, const struct cpumask *mask)
{
	WRITE_ONCE(k->flags, READ_ONCE(k->flags) | PF_NO_SETAFFINITY);
	task_bind(k, mask);
}

/**
 * kthread_bind - say which CPU a kthread shall run on
 * @k: a kthread that was not woken yet, or is parked
 * @cpu: the CPU; smp_processor_id() of the thread is @cpu while that is online
 *
 * Context: any.
 */
void kthread_bind(struct task_struct *k, unsigned int cpu)
{
	if (may_bind(k, "kthread_bind"))
		bind(k, cpumask_of(cpu));
}
EXPORT_SYMBOL(kthread_bind);

/* The same for a set of CPUs. */
void kthread_bind_mask(struct task_struct *k, const struct cpumask *mask)
{
	if (may_bind(k, "kthread_bind_mask"))
		bind(k, mask);
}
EXPORT_SYMBOL_GPL(kthread_bind_mask);

/* @cpu < 0: it is not per-CPU any more. */
void kthread_set_per_cpu(struct task_struct *k, int cpu)
{
	if (WARN_ON_ONCE(!k->kthread))
		return;
	if (cpu < 0) {
		take_bit(k->kthread, IS_PER_CPU);
		task_keep_cpus(k, false);
		return;
	}
	k->kthread->cpu = (unsigned int)cpu;
	give_bit(k->kthread, IS_PER_CPU);
	task_keep_cpus(k, true);
}

bool kthread_is_per_cpu(struct task_struct *k)
{
	return k->kthread && has_bit(k->kthread, IS_PER_CPU);
}

/* ---- the others' side ---- */

/**
 * kthread_park - make a kthread sleep in kthread_parkme()
 * @k: the kthread, alive
 *
 * Waits until it is there; a thread that never looks keeps the caller waiting.
 *
 * Context: may sleep, unless @k is the caller, which then has to call
 * kthread_parkme() itself.
 * Return: 0; -EBUSY if it was asked to park already; -ENOSYS if it ends or ended.
 */
int kthread_park(struct task_struct *k)
{
	struct kthread *kthread = k->kthread;

	if (WARN_ON(!kthread || READ_ONCE(k->flags) & PF_EXITING))
		return -ENOSYS;
	if (WARN_ON_ONCE(has_bit(kthread, SHOULD_PARK)))
		return -EBUSY;
	give_bit(kthread, SHOULD_PARK);
	if (k == current)
		return 0;
	get_task_struct(k);
	wake_up_process(k);
	task_wait_for_completion(&kthread->parked, WAITS_FOR_KTHREAD, "kthread_park", k, k);
	if (READ_ONCE(k->flags) & PF_EXITING) {
		put_task_struct(k);
		return -ENOSYS;
	}
	put_task_struct(k);
	return 0;
}
EXPORT_SYMBOL_GPL(kthread_park);

/**
 * kthread_unpark - let a parked kthread go on
 * @k: the kthread; nothing happens if it was not asked to park
 *
 * Context: any.
 */
void kthread_unpark(struct task_struct *k)
{
	struct kthread *kthread = k->kthread;

	if (!kthread || !has_bit(kthread, SHOULD_PARK))
		return;
	if (has_bit(kthread, IS_PER_CPU))
		bind(k, cpumask_of(kthread->cpu));
	reinit_completion(&kthread->parked);
	take_bit(kthread, SHOULD_PARK);
	/* PARK/2: pairs with PARK/1 in park_while_asked() */
	wake_up_state(k, TASK_PARKED);
}
EXPORT_SYMBOL_GPL(kthread_unpark);

/**
 * kthread_stop - ask a kthread to return, and wait until its thread is over
 * @k: the kthread. It must not have ended, unless the caller has a reference
 *
 * A thread that was never woken does not run its function. Interruptible sleeps
 * of the thread end as by a signal; a parked thread is unparked.
 *
 * Context: may sleep; not from @k itself, nor while holding what it waits for.
 * Return: what the function returned or kthread_exit() was given; -EINTR if
 * it never ran; -ESRCH, with a warning, for a task that is gone.
 */
int kthread_stop(struct task_struct *k)
{
	struct kthread *kthread;
	int ret;

	if (WARN(!tryget_task_struct(k), "kthread_stop: task %px has ended; hold a reference "
		 "(get_task_struct) on a thread that may return by itself\n", (void *)k))
		return -ESRCH;
	kthread = k->kthread;
	if (WARN(!kthread, "kthread_stop: task %px was not made by kthread_create()\n",
		 (void *)k)) {
		put_task_struct(k);
		return -ESRCH;
	}
	if (WARN(k == current, "kthread_stop: %s[%d] would wait for itself\n", k->comm,
		 task_pid_nr(k))) {
		put_task_struct(k);
		return -EDEADLK;
	}
	give_bit(kthread, SHOULD_STOP);
	kthread_unpark(k);
	__atomic_store_n(&k->notify_signal, 1, __ATOMIC_SEQ_CST);
	wake_up_process(k);
	task_signal_wake(k, TASK_INTERRUPTIBLE);
	task_wait_for_completion(&kthread->exited, WAITS_FOR_KTHREAD, "kthread_stop", k, k);
	ret = (int)kthread->result;
	put_task_struct(k);
	return ret;
}
EXPORT_SYMBOL(kthread_stop);

/**
 * kthread_stop_put - kthread_stop(), and drop the caller's reference
 * @k: the kthread
 *
 * Return: as kthread_stop().
 */
int kthread_stop_put(struct task_struct *k)
{
	int ret = kthread_stop(k);

	put_task_struct(k);
	return ret;
}
EXPORT_SYMBOL(kthread_stop_put);

/* The function of a kthread; NULL for others. */
void *kthread_func(struct task_struct *k)
{
	return k->kthread ? (void *)k->kthread->threadfn : NULL;
}
EXPORT_SYMBOL_GPL(kthread_func);

/* What its function was given; NULL for others. */
void *kthread_data(struct task_struct *k)
{
	return k->kthread ? k->kthread->data : NULL;
}
EXPORT_SYMBOL_GPL(kthread_data);

void *kthread_probe_data(struct task_struct *k)
{
	return kthread_data(k);
}

/**
 * uwq_kthread_for_each_live - show the kthreads that were made and have not ended
 * @fn: called for each, oldest first, under a lock: it must not make or stop any
 * @arg: for @fn
 *
 * Threads of the library's own (workers, timers) are not among them.
 *
 * Context: Any thread.
 * Return: how many there are.
 */
int uwq_kthread_for_each_live(void (*fn)(const struct uwq_kthread_info *info, void *arg),
			      void *arg)
{
	struct kthread *kthread;
	int nr = 0;

	futex_lock(&live_lock);
	list_for_each_entry(kthread, &live_kthreads, live) {
		struct uwq_kthread_info info = {
			.task = kthread->task,
			.pid = task_pid_nr(kthread->task),
			.comm = kthread->name,
			.threadfn = kthread->threadfn,
			.creator = kthread->creator,
			.should_stop = has_bit(kthread, SHOULD_STOP),
		};

		fn(&info, arg);
		nr++;
	}
	futex_unlock(&live_lock);
	return nr;
}

/* In a forked child. It answers kthread_stop() as one that has ended by itself. */
void kthread_bury(struct kthread *kthread)
{
	if (list_empty(&kthread->live))
		return;
	list_del_init(&kthread->live);
	kthread->result = -EINTR;
	init_completion(&kthread->parked);
	complete_all(&kthread->parked);
	init_completion(&kthread->exited);
	complete_all(&kthread->exited);
}

/* The child's half is kthread_bury(), before live_lock is given back: see task_fork(). */
void kthread_fork(enum fork_step step)
{
	fork_step_lock(&live_lock, step);
}
