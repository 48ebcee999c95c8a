// SPDX-License-Identifier: MIT
/*
 * describe.c - what a worker says of itself
 *
 * A worker is described by the name of the queue that it serves, or served last, until
 * the function says something better with set_worker_desc(), which holds for that item.
 * Nothing is copied when an item starts: the text carries the number of the run that it
 * belongs to, and with any other run the queue is asked for its name. When a queue goes,
 * its name is left with the workers that served it last (workers_forget_pwq()).
 *
 * Everything is copied under the lock of the worker's pool, and printed after it.
 *
 * Differs from Linux: print_worker_info() takes that lock; a bottom half has no
 * description.
 */
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "workqueue/workqueue_internal.h"

/**
 * set_worker_desc - say what the present item is about
 * @fmt: printf format; 31 characters are kept
 *
 * Shown by print_worker_info() and wq_worker_comm() until the worker starts another
 * item. Does nothing outside a work function, and in bottom halves.
 *
 * Context: Any.
 */
void set_worker_desc(const char *fmt, ...)
{
	struct worker *worker = this_worker;
	char desc[WORKER_DESC_LEN];
	va_list args;

	if (!current_work())
		return;
	va_start(args, fmt);
	vsnprintf(desc, sizeof(desc), fmt, args);
	va_end(args);
	pool_lock(worker->pool);
	memcpy(worker->desc, desc, sizeof(worker->desc));
	worker->desc_run = worker_run(worker);
	pool_unlock(worker->pool);
}
EXPORT_SYMBOL_GPL(set_worker_desc);

/*
 * An idle worker will not find its latest queue any more: it takes the name. Lock of its
 * pool held.
 */
void worker_keep_desc(struct worker *worker)
{
	struct pool_workqueue *pwq = worker->current_pwq;

	assert_pool_locked(worker->pool);
	if (!pwq)
		return;
	if (worker->desc_run != worker_run(worker)) {
		strscpy(worker->desc, pwq->wq->name, sizeof(worker->desc));
		worker->desc_run = worker_run(worker);
	}
	__atomic_store_n(&worker->current_pwq, NULL, __ATOMIC_RELAXED);
}

/* @pwq will serve another queue, or none. Lock of its pool held. */
void workers_forget_pwq(struct pool_workqueue *pwq)
{
	struct worker *worker;

	list_for_each_entry(worker, &pwq->pool->workers, pool_node)
		if (worker->current_pwq == pwq)
			worker_keep_desc(worker);
}

struct about {
	bool		running;
	work_func_t	func;			/* if running */
	char		wq_name[WQ_NAME_LEN];	/* if running */
	char		desc[WORKER_DESC_LEN];	/* "": it has not run anything */
	char		id[WORKER_ID_LEN];
};

/* The lock of the pool that the worker is in; NULL: in none. */
static struct worker_pool *lock_pool_of(struct worker *worker)
{
	for (;;) {
		struct worker_pool *pool = __atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE);

		if (!pool)
			return NULL;
		pool_lock(pool);
		if (__atomic_load_n(&worker->pool, __ATOMIC_ACQUIRE) == pool)
			return pool;
		pool_unlock(pool);
	}
}

/* False: @task is not a worker. */
static bool ask(struct task_struct *task, struct about *about)
{
	struct pool_workqueue *pwq;
	struct workqueue_struct *wq;
	struct worker_pool *pool;
	struct worker *worker;
	bool own_desc;

	if (!(READ_ONCE(task->flags) & PF_WQ_WORKER))
		return false;
	worker = __atomic_load_n(&task->worker_private, __ATOMIC_ACQUIRE);
	pool = worker ? lock_pool_of(worker) : NULL;
	if (!pool)
		return false;
	pwq = __atomic_load_n(&worker->current_pwq, __ATOMIC_RELAXED);
	own_desc = __atomic_load_n(&worker->desc_run, __ATOMIC_RELAXED) == worker_run(worker);
	wq = pwq ? pwq_wq(pwq) : NULL;
	TEST_POINT("worker_asked");
	about->running = worker_item(worker);
	about->func = about->running ? worker->current_func : NULL;
	strscpy(about->wq_name, about->running ? wq->name : "", sizeof(about->wq_name));
	strscpy(about->desc, own_desc ? worker->desc :
			     wq ? wq->name : "", sizeof(about->desc));
	worker_name(worker, about->id, sizeof(about->id));
	pool_unlock(pool);
	return true;
}

/**
 * print_worker_info - log which item a worker runs
 * @log_lvl: level mark such as KERN_INFO
 * @task: thread; the caller keeps it alive
 *
 * One line with queue, function and, if there is a better one, description; of an idle
 * worker, the latest description. Nothing if @task is no worker or has not run anything.
 *
 * Context: Any; no pool lock held.
 */
void print_worker_info(const char *log_lvl, struct task_struct *task)
{
	struct about about;

	if (!ask(task, &about) || (!about.running && !about.desc[0]))
		return;
	if (strcmp(about.wq_name, about.desc))
		printk("%sWorkqueue: %s %ps (%s)\n", log_lvl, about.wq_name, (void *)about.func,
		       about.desc);
	else
		printk("%sWorkqueue: %s %ps\n", log_lvl, about.wq_name, (void *)about.func);
}
EXPORT_SYMBOL_GPL(print_worker_info);

/**
 * wq_worker_comm - the name of a thread, with what it does if it is a worker
 * @buf: where to
 * @size: of @buf; what does not fit is cut off
 * @task: thread; the caller keeps it alive
 *
 * "kworker/0:1+desc" while it runs an item, "kworker/0:1-desc" afterwards, for the
 * latest item. The name is whole even if the system keeps fewer characters (U8). Other
 * threads: their name.
 *
 * Context: Any; no pool lock held.
 */
void wq_worker_comm(char *buf, size_t size, struct task_struct *task)
{
	char comm[TASK_COMM_LEN];
	struct about about;

	if (!ask(task, &about))
		strscpy(buf, get_task_comm(comm, task), size);
	else if (about.desc[0])
		scnprintf(buf, size, "%s%c%s", about.id, about.running ? '+' : '-', about.desc);
	else
		strscpy(buf, about.id, size);
}
EXPORT_SYMBOL_GPL(wq_worker_comm);
