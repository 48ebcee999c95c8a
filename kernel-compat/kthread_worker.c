// SPDX-License-Identifier: MIT
/*
 * kthread_worker.c - a kthread that runs queued functions one after the other
 *
 * The worker thread takes the oldest item off its list, notes its address in
 * current_work, and calls it without the lock. From then on the item may be
 * queued again or freed; the address is only compared, never followed. What
 * can be done with items is in kthread_work.c.
 *
 * Locks: worker->lock, for the lists and for what runs.
 * Differs from Linux: see linux/kthread_worker.h.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kthread.h>
#include <linux/kthread_worker.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sprintf.h>
#include <linux/stdarg.h>

#include "kernel-compat/test_points.h"

#define NAME_LEN	64

/**
 * __kthread_init_worker - make an empty worker, the function behind kthread_init_worker()
 * @worker: memory that nobody uses as a worker; kthread_worker_fn() then makes it run
 * @name: its name, @key: its lock class; neither is kept
 */
void __kthread_init_worker(struct kthread_worker *worker, const char *name,
			   struct lock_class_key *key)
{
	(void)name;
	(void)key;
	*worker = (struct kthread_worker)KTHREAD_WORKER_INIT(*worker);
}
EXPORT_SYMBOL_GPL(__kthread_init_worker);

static struct kthread_work *take_oldest(struct kthread_worker *worker)
{
	struct kthread_work *work = NULL;

	raw_spin_lock_irq(&worker->lock);
	if (!list_empty(&worker->work_list)) {
		work = list_first_entry(&worker->work_list, struct kthread_work, node);
		list_del_init(&work->node);
	}
	worker->current_work = work;
	raw_spin_unlock_irq(&worker->lock);
	return work;
}

/**
 * kthread_worker_fn - the body of a worker's thread
 * @worker_ptr: the worker, as kthread_run()'s data
 *
 * Runs items until kthread_stop(), which leaves what is still queued where it
 * is; kthread_destroy_worker() flushes before.
 *
 * Return: 0.
 */
int kthread_worker_fn(void *worker_ptr)
{
	struct kthread_worker *worker = worker_ptr;

	raw_spin_lock_irq(&worker->lock);
	WARN_ON(worker->task && worker->task != current);
	/* not written twice: who created the worker may look without the lock */
	if (!worker->task)
		worker->task = current;
	raw_spin_unlock_irq(&worker->lock);

	for (;;) {
		struct kthread_work *work;

		/* before the looks: a wake-up between them and schedule() is not lost */
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		work = take_oldest(worker);
		if (!work) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		TEST_POINT("kthread_worker:taken");
		work->func(work);
		/* *work may be gone from here on */
		cond_resched();
	}
	__set_current_state(TASK_RUNNING);
	raw_spin_lock_irq(&worker->lock);
	worker->task = NULL;
	worker->current_work = NULL;
	raw_spin_unlock_irq(&worker->lock);
	return 0;
}
EXPORT_SYMBOL_GPL(kthread_worker_fn);

/* @cpu: to be bound to, -1 = none */
static struct kthread_worker *create_worker(int cpu, unsigned int flags, const char *namefmt,
					    va_list args)
{
	struct kthread_worker *worker = kzalloc(sizeof(*worker), GFP_KERNEL);
	struct task_struct *task;
	char name[NAME_LEN];

	if (!worker)
		return ERR_PTR(-ENOMEM);
	kthread_init_worker(worker);
	vsnprintf(name, sizeof(name), namefmt, args);
	task = kthread_create(kthread_worker_fn, worker, "%s", name);
	if (IS_ERR(task)) {
		kfree(worker);
		return ERR_CAST(task);
	}
	if (cpu >= 0)
		kthread_bind(task, cpu);
	worker->flags = flags;
	worker->task = task;
	wake_up_process(task);
	return worker;
}

/**
 * kthread_create_worker - make a worker with a thread that runs
 * @flags: KTW_FREEZABLE or 0
 * @namefmt: printf-style name of the thread
 *
 * Context: may sleep.
 * Return: the worker, for kthread_destroy_worker(); ERR_PTR(-ENOMEM, -EAGAIN,
 * -EINTR) when there is no memory or no thread to be had.
 */
struct kthread_worker *kthread_create_worker(unsigned int flags, const char namefmt[], ...)
{
	struct kthread_worker *worker;
	va_list args;

	va_start(args, namefmt);
	worker = create_worker(-1, flags, namefmt, args);
	va_end(args);
	return worker;
}
EXPORT_SYMBOL(kthread_create_worker);

/**
 * kthread_create_worker_on_cpu - make a worker whose thread is bound to a CPU
 * @cpu: number of the CPU
 * @flags: KTW_FREEZABLE or 0
 * @namefmt: printf-style name of the thread
 *
 * Return: as kthread_create_worker().
 */
struct kthread_worker *kthread_create_worker_on_cpu(int cpu, unsigned int flags,
						    const char namefmt[], ...)
{
	struct kthread_worker *worker;
	va_list args;

	va_start(args, namefmt);
	worker = create_worker(cpu, flags, namefmt, args);
	va_end(args);
	return worker;
}
EXPORT_SYMBOL(kthread_create_worker_on_cpu);

/**
 * kthread_destroy_worker - run what is queued, end the thread, free the worker
 * @worker: from kthread_create_worker(); gone when this returns
 *
 * The caller sees to it that nobody queues any more and that no timer of a
 * delayed item runs. Context: may sleep; not from an item of the worker.
 */
void kthread_destroy_worker(struct kthread_worker *worker)
{
	struct task_struct *task = READ_ONCE(worker->task);

	if (WARN_ON(!task))
		return;
	if (WARN(task == current, "%s called in the worker's own thread\n", __func__))
		return;
	kthread_flush_worker(worker);
	kthread_stop(task);
	WARN_ON(!list_empty(&worker->delayed_work_list));
	WARN_ON(!list_empty(&worker->work_list));
	kfree(worker);
}
EXPORT_SYMBOL(kthread_destroy_worker);
