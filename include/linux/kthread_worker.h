/* SPDX-License-Identifier: MIT */
/*
 * kthread_worker.h - one thread of one's own that runs queued functions in order
 *
 * The smaller sibling of workqueues: a kthread_worker is a kthread with a list;
 * its items run one after the other, in the order of queueing. linux/kthread.h
 * includes this file, as the names live there in the kernel.
 *
 * An item is queued at most once, may queue itself again and may free itself in
 * its function. It belongs to one worker at a time; after it has been cancelled
 * or flushed and before it is given to another worker it is initialised again.
 *
 * Differs from Linux:
 * - KTW_FREEZABLE is accepted and means nothing: nothing is ever frozen here.
 * - A flush or a cancel that could only wait for itself, called in the worker's
 *   own thread, warns and returns where the kernel would hang.
 * - kthread_flush_work() of a delayed item whose timer still runs does not wait:
 *   nothing is queued yet. In the kernel it would never return.
 */
#ifndef UWQ_LINUX_KTHREAD_WORKER_H
#define UWQ_LINUX_KTHREAD_WORKER_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/spinlock_types.h>
#include <linux/timer.h>
#include <uwq/api.h>

struct task_struct;
struct kthread_work;

typedef void (*kthread_work_func_t)(struct kthread_work *work);

enum {
	KTW_FREEZABLE = 1 << 0,
};

struct kthread_worker {
	unsigned int flags;
	raw_spinlock_t lock;			/* for all below, and for its items */
	struct list_head work_list;		/* oldest first */
	struct list_head delayed_work_list;	/* items whose timer runs */
	struct task_struct *task;		/* who runs them; NULL = nobody yet or any more */
	struct kthread_work *current_work;	/* address of what runs; may be gone */
};

struct kthread_work {
	struct list_head node;		/* in one of the worker's lists, or alone */
	kthread_work_func_t func;
	struct kthread_worker *worker;	/* last one it was given to */
	int canceling;			/* how many are cancelling: it cannot be queued */
	bool armed;			/* node is in delayed_work_list */
};

struct kthread_delayed_work {
	struct kthread_work work;
	struct timer_list timer;
};

#define KTHREAD_WORKER_INIT(worker)					\
	{ 0, __RAW_SPIN_LOCK_INITIALIZER((worker).lock),		\
	  LIST_HEAD_INIT((worker).work_list),				\
	  LIST_HEAD_INIT((worker).delayed_work_list), NULL, NULL }

#define KTHREAD_WORK_INIT(work, fn)					\
	{ LIST_HEAD_INIT((work).node), (fn), NULL, 0, false }

#define KTHREAD_DELAYED_WORK_INIT(dwork, fn)				\
	{ KTHREAD_WORK_INIT((dwork).work, (fn)),			\
	  __TIMER_INITIALIZER(kthread_delayed_work_timer_fn, TIMER_IRQSAFE) }

#define DEFINE_KTHREAD_WORKER(worker)	\
	struct kthread_worker worker = KTHREAD_WORKER_INIT(worker)
#define DEFINE_KTHREAD_WORK(work, fn)	\
	struct kthread_work work = KTHREAD_WORK_INIT(work, fn)
#define DEFINE_KTHREAD_DELAYED_WORK(dwork, fn)	\
	struct kthread_delayed_work dwork = KTHREAD_DELAYED_WORK_INIT(dwork, fn)

/* The stack needs no other initialiser: lock classes do not exist */
#define KTHREAD_WORKER_INIT_ONSTACK(worker)	KTHREAD_WORKER_INIT(worker)
#define DEFINE_KTHREAD_WORKER_ONSTACK(worker)	DEFINE_KTHREAD_WORKER(worker)

UWQ_API_BEGIN

void __kthread_init_worker(struct kthread_worker *worker, const char *name,
			   struct lock_class_key *key);
int kthread_worker_fn(void *worker_ptr);
void kthread_delayed_work_timer_fn(struct timer_list *t);

__printf(2, 3)
struct kthread_worker *kthread_create_worker(unsigned int flags, const char namefmt[], ...);
__printf(3, 4)
struct kthread_worker *kthread_create_worker_on_cpu(int cpu, unsigned int flags,
						    const char namefmt[], ...);
void kthread_destroy_worker(struct kthread_worker *worker);

bool kthread_queue_work(struct kthread_worker *worker, struct kthread_work *work);
bool kthread_queue_delayed_work(struct kthread_worker *worker,
				struct kthread_delayed_work *dwork, unsigned long delay);
bool kthread_mod_delayed_work(struct kthread_worker *worker,
			      struct kthread_delayed_work *dwork, unsigned long delay);

void kthread_flush_work(struct kthread_work *work);
void kthread_flush_worker(struct kthread_worker *worker);
bool kthread_cancel_work_sync(struct kthread_work *work);
bool kthread_cancel_delayed_work_sync(struct kthread_delayed_work *dwork);

UWQ_API_END

#define kthread_init_worker(worker)	__kthread_init_worker(worker, #worker, NULL)

static inline void kthread_init_work(struct kthread_work *work, kthread_work_func_t fn)
{
	INIT_LIST_HEAD(&work->node);
	work->func = fn;
	work->worker = NULL;
	work->canceling = 0;
	work->armed = false;
}

static inline void kthread_init_delayed_work(struct kthread_delayed_work *dwork,
					     kthread_work_func_t fn)
{
	kthread_init_work(&dwork->work, fn);
	timer_setup(&dwork->timer, kthread_delayed_work_timer_fn, TIMER_IRQSAFE);
}

/* Names of later kernels, where "create" leaves the start to the caller; here it never does */
#define kthread_run_worker(flags, namefmt, ...)	\
	kthread_create_worker(flags, namefmt, ##__VA_ARGS__)
#define kthread_run_worker_on_cpu(cpu, flags, namefmt)	\
	kthread_create_worker_on_cpu(cpu, flags, namefmt, cpu)

#endif
