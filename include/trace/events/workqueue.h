/* SPDX-License-Identifier: MIT */
/*
 * workqueue.h - events in the life of a work item
 *
 *	queue_work	it was given to a queue; a delayed one when its timer has fired
 *	activate_work	it got an active slot, often at once
 *	execute_start	its function is about to be called
 *	execute_end	its function has returned; the item may be gone
 *
 * In this order for each time that an item is queued. One that is cancelled does not
 * start. Barriers, which flush_work() puts behind an item, start and end like items.
 *
 * For each event: register_trace_workqueue_EVENT(probe, data) returns 0, -EINVAL without
 * a probe, -EEXIST if probe and data are registered already, or -ENOMEM; unregister_...()
 * returns 0 or -ENOENT; both may sleep. trace_workqueue_EVENT_enabled() tells whether
 * somebody listens. trace_workqueue_EVENT() calls the probes; the engine does.
 *
 * What a probe may do: nothing that sleeps. It is called for activate_work under a lock of
 * the engine: that probe must neither queue, cancel, flush nor look at items or queues.
 * A queue_work probe runs before the item can start.
 */
#ifndef UWQ_TRACE_EVENTS_WORKQUEUE_H
#define UWQ_TRACE_EVENTS_WORKQUEUE_H

#include <linux/tracepoint.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <uwq/api.h>

struct pool_workqueue;

UWQ_API_BEGIN

/* For probes of queue_work: the name of the queue; the pool's CPU, -1 if it is unbound. */
const char *uwq_pwq_name(const struct pool_workqueue *pwq);
int uwq_pwq_cpu(const struct pool_workqueue *pwq);

/* @req_cpu: as the caller gave it, WORK_CPU_UNBOUND if none */
int register_trace_workqueue_queue_work(void (*probe)(void *data, int req_cpu,
						      struct pool_workqueue *pwq,
						      struct work_struct *work), void *data);
int unregister_trace_workqueue_queue_work(void (*probe)(void *data, int req_cpu,
							struct pool_workqueue *pwq,
							struct work_struct *work), void *data);
bool trace_workqueue_queue_work_enabled(void);
void trace_workqueue_queue_work(int req_cpu, struct pool_workqueue *pwq,
				struct work_struct *work);

int register_trace_workqueue_activate_work(void (*probe)(void *data, struct work_struct *work),
					   void *data);
int unregister_trace_workqueue_activate_work(void (*probe)(void *data, struct work_struct *work),
					     void *data);
bool trace_workqueue_activate_work_enabled(void);
void trace_workqueue_activate_work(struct work_struct *work);

int register_trace_workqueue_execute_start(void (*probe)(void *data, struct work_struct *work),
					   void *data);
int unregister_trace_workqueue_execute_start(void (*probe)(void *data, struct work_struct *work),
					     void *data);
bool trace_workqueue_execute_start_enabled(void);
void trace_workqueue_execute_start(struct work_struct *work);

/* @work: its address, not to be followed */
int register_trace_workqueue_execute_end(void (*probe)(void *data, struct work_struct *work,
						       work_func_t function), void *data);
int unregister_trace_workqueue_execute_end(void (*probe)(void *data, struct work_struct *work,
							 work_func_t function), void *data);
bool trace_workqueue_execute_end_enabled(void);
void trace_workqueue_execute_end(struct work_struct *work, work_func_t function);

UWQ_API_END

#endif
