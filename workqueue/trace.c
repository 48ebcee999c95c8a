// SPDX-License-Identifier: MIT
/*
 * trace.c - who wants to know about items? See trace/events/workqueue.h
 *
 * The probes of an event are a list that is walked inside RCU sections. One word says
 * which events have any; while it is zero, an item pays for four branches on it.
 *
 * Locks: probes_mutex for changes.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "workqueue/fork.h"
#include "workqueue/trace.h"
#include "workqueue/workqueue_internal.h"

typedef void (*any_probe)(void);
typedef void (*queue_probe)(void *data, int req_cpu, struct pool_workqueue *pwq,
			    struct work_struct *work);
typedef void (*work_probe)(void *data, struct work_struct *work);
typedef void (*end_probe)(void *data, struct work_struct *work, work_func_t function);

struct probe {
	struct list_head list;	/* RCU, probes_mutex */
	struct rcu_head	 rcu;
	any_probe	 func;
	void		 *data;
};

u32 wq_traced __aligned(64);
static DEFINE_MUTEX(probes_mutex);
static struct list_head probes[NR_WQ_EVENTS] = {	/* RCU, probes_mutex */
	LIST_HEAD_INIT(probes[WQ_EVENT_QUEUE]),
	LIST_HEAD_INIT(probes[WQ_EVENT_ACTIVATE]),
	LIST_HEAD_INIT(probes[WQ_EVENT_START]),
	LIST_HEAD_INIT(probes[WQ_EVENT_END]),
};

/* ---- coming and going ---- */

static struct probe *find(enum wq_event event, any_probe func, const void *data)
{
	struct probe *probe;

	lockdep_assert_held(&probes_mutex);
	list_for_each_entry(probe, &probes[event], list)
		if (probe->func == func && probe->data == data)
			return probe;
	return NULL;
}

static int add(enum wq_event event, any_probe func, void *data)
{
	struct probe *probe;

	if (find(event, func, data))
		return -EEXIST;
	probe = kmalloc(sizeof(*probe), GFP_KERNEL);
	if (!probe)
		return -ENOMEM;
	probe->func = func;
	probe->data = data;
	list_add_tail_rcu(&probe->list, &probes[event]);
	__atomic_fetch_or(&wq_traced, 1u << event, __ATOMIC_RELAXED);
	return 0;
}

static int drop(enum wq_event event, any_probe func, const void *data)
{
	struct probe *probe = find(event, func, data);

	if (!probe)
		return -ENOENT;
	list_del_rcu(&probe->list);
	if (list_empty(&probes[event]))
		__atomic_fetch_and(&wq_traced, ~(1u << event), __ATOMIC_RELAXED);
	kfree_rcu(probe, rcu);
	return 0;
}

static int probe_register(enum wq_event event, any_probe func, void *data)
{
	int err;

	if (!func)
		return -EINVAL;
	mutex_lock(&probes_mutex);
	err = add(event, func, data);
	mutex_unlock(&probes_mutex);
	return err;
}

static int probe_unregister(enum wq_event event, any_probe func, const void *data)
{
	int err;

	mutex_lock(&probes_mutex);
	err = drop(event, func, data);
	mutex_unlock(&probes_mutex);
	return err;
}

void tracepoint_synchronize_unregister(void)
{
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(tracepoint_synchronize_unregister);

/* ---- what a probe may ask ---- */

const char *uwq_pwq_name(const struct pool_workqueue *pwq)
{
	return __atomic_load_n(&pwq->wq, __ATOMIC_ACQUIRE)->name;
}
EXPORT_SYMBOL_GPL(uwq_pwq_name);

int uwq_pwq_cpu(const struct pool_workqueue *pwq)
{
	return __atomic_load_n(&pwq->pool, __ATOMIC_ACQUIRE)->cpu;
}
EXPORT_SYMBOL_GPL(uwq_pwq_cpu);

/* ---- the events ---- */

/* Call each probe of the event as a function of @type. */
#define CALL_PROBES(event, type, ...)					\
	do {								\
		const struct probe *probe;				\
									\
		rcu_read_lock();					\
		list_for_each_entry_rcu(probe, &probes[event], list)	\
			((type)probe->func)(probe->data, __VA_ARGS__);	\
		rcu_read_unlock();					\
	} while (0)

/* register_..., unregister_... and ..._enabled() of an event whose probes are of @type. */
#define DEFINE_EVENT(name, event, type)					\
	int register_trace_##name(type probe, void *data)		\
	{								\
		return probe_register(event, (any_probe)probe, data);	\
	}								\
	EXPORT_SYMBOL_GPL(register_trace_##name);			\
	int unregister_trace_##name(type probe, void *data)		\
	{								\
		return probe_unregister(event, (any_probe)probe, data);	\
	}								\
	EXPORT_SYMBOL_GPL(unregister_trace_##name);			\
	bool trace_##name##_enabled(void)				\
	{								\
		return wq_tracing(event);				\
	}								\
	EXPORT_SYMBOL_GPL(trace_##name##_enabled)

DEFINE_EVENT(workqueue_queue_work, WQ_EVENT_QUEUE, queue_probe);
DEFINE_EVENT(workqueue_activate_work, WQ_EVENT_ACTIVATE, work_probe);
DEFINE_EVENT(workqueue_execute_start, WQ_EVENT_START, work_probe);
DEFINE_EVENT(workqueue_execute_end, WQ_EVENT_END, end_probe);

void trace_workqueue_queue_work(int req_cpu, struct pool_workqueue *pwq,
				struct work_struct *work)
{
	CALL_PROBES(WQ_EVENT_QUEUE, queue_probe, req_cpu, pwq, work);
}
EXPORT_SYMBOL_GPL(trace_workqueue_queue_work);

void trace_workqueue_activate_work(struct work_struct *work)
{
	CALL_PROBES(WQ_EVENT_ACTIVATE, work_probe, work);
}
EXPORT_SYMBOL_GPL(trace_workqueue_activate_work);

void trace_workqueue_execute_start(struct work_struct *work)
{
	CALL_PROBES(WQ_EVENT_START, work_probe, work);
}
EXPORT_SYMBOL_GPL(trace_workqueue_execute_start);

void trace_workqueue_execute_end(struct work_struct *work, work_func_t function)
{
	CALL_PROBES(WQ_EVENT_END, end_probe, work, function);
}
EXPORT_SYMBOL_GPL(trace_workqueue_execute_end);

/* Its holders allocate, and wait for nothing else. */
void trace_fork(enum fork_step step)
{
	fork_step_mutex(&probes_mutex, step);
}
